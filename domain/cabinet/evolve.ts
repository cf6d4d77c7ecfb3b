import type { CabinetSetting, CompartmentNumber, Milliseconds, UserId } from '../site.ts';
import { isOpen } from './door.ts';
import type { CabinetEvent, CabinetEvents } from './events.ts';
import { type CabinetState, type CompartmentState, compartmentOf, type Opening, placeOf } from './state.ts';

/** A cabinet before its first event. */
export const UNCONFIGURED: CabinetState = {
  setting: {
    id: '',
    kind: 'multi',
    schema: '',
    compartments: [],
    groups: [],
    userGroups: [],
    doors: { opensWithin: 0, attempts: 1, leftOpenAfter: 0, grantValidFor: 0 },
  },
  compartments: [],
  lostBoards: new Set(),
  wrongTries: new Map(),
};

/** The state after an event: the one place where events become state. Pure, and total over every event. */
export function evolve(state: CabinetState, event: CabinetEvent, at: Milliseconds): CabinetState {
  switch (event.type) {
    case 'cabinet-configured':
      return configured(state, event.data.cabinet);
    case 'access-refused':
      return event.data.kind === 'pin' && event.data.reason === 'unknown-credential' && event.data.reader
        ? withWrongTry(state, event.data.reader, at)
        : state;
    case 'compartment-granted': {
      const { compartment, grant, allocation, user, insteadOf, replaced, reader } = event.data;
      const opening: Opening = {
        grant,
        allocation,
        since: at,
        ...(user !== undefined && { user }),
        ...(insteadOf !== undefined && { insteadOf }),
        ...(replaced !== undefined && { replaced }),
      };
      const granted = change(state, compartment, (known) => ({
        ...(allocation === 'new' && user ? heldBy(known, [...known.holders, user], at) : known),
        opening,
      }));
      return reader && granted.wrongTries.has(reader) ? withoutWrongTries(granted, reader) : granted;
    }
    case 'grant-lapsed':
    case 'unlock-failed': {
      const outOfOrder =
        event.type === 'unlock-failed' && event.data.outOfOrder ? event.data.cause : undefined;
      const { freed } = event.data;
      return change(state, event.data.compartment, (known) => {
        const user = known.opening?.user;
        const kept = freed && user ? withoutHolders(known, [user]) : known;
        return { ...kept, opening: undefined, outOfOrder: outOfOrder ?? known.outOfOrder };
      });
    }
    case 'doors-found':
      return doorsFound(state, event.data, at);
    case 'door-opened':
      return change(state, event.data.compartment, (known) => ({
        ...known,
        door: 'open',
        doorSince: isOpen(known.door) ? known.doorSince : at,
        opening: undefined,
      }));
    case 'door-closed':
      return change(state, event.data.compartment, (known) => ({ ...known, door: 'closed', doorSince: at }));
    case 'door-forced':
      return change(state, event.data.compartment, (known) => ({ ...known, door: 'forced', doorSince: at }));
    case 'door-left-open':
      return change(state, event.data.compartment, (known) => ({ ...known, door: 'left-open' }));
    case 'compartment-assigned':
      return change(state, event.data.compartment, (known) =>
        heldBy(known, [...known.holders, event.data.user], at),
      );
    case 'compartment-released':
      return change(state, event.data.compartment, (known) => withoutHolders(known, event.data.users));
    case 'compartment-blocked':
      return change(state, event.data.compartment, (known) => ({ ...known, blocked: event.data.reason }));
    case 'compartment-unblocked':
      return change(state, event.data.compartment, (known) => ({ ...known, blocked: undefined }));
    case 'compartment-returned-to-service':
      return change(state, event.data.compartment, (known) => ({ ...known, outOfOrder: undefined }));
    case 'board-lost':
      return { ...state, lostBoards: new Set([...state.lostBoards, event.data.board]) };
    case 'board-found':
      return boardFound(state, event.data.board);
  }
}

function change(
  state: CabinetState,
  number: CompartmentNumber,
  how: (known: CompartmentState) => CompartmentState,
): CabinetState {
  const place = placeOf(state.compartments, number);
  const known = state.compartments[place];
  return known ? { ...state, compartments: state.compartments.with(place, how(known)) } : state;
}

function heldBy(known: CompartmentState, holders: readonly UserId[], at: Milliseconds): CompartmentState {
  return { ...known, holders, occupiedSince: known.occupiedSince ?? at };
}

function withoutHolders(known: CompartmentState, users: readonly UserId[]): CompartmentState {
  const holders = known.holders.filter((holder) => !users.includes(holder));
  return { ...known, holders, occupiedSince: holders.length > 0 ? known.occupiedSince : undefined };
}

function withWrongTry(state: CabinetState, reader: string, at: Milliseconds): CabinetState {
  const count = (state.wrongTries.get(reader)?.count ?? 0) + 1;
  return { ...state, wrongTries: new Map(state.wrongTries).set(reader, { count, last: at }) };
}

function withoutWrongTries(state: CabinetState, reader: string): CabinetState {
  const wrongTries = new Map(state.wrongTries);
  wrongTries.delete(reader);
  return { ...state, wrongTries };
}

/** Takes over a configuration; what is known of compartments that stay is kept. */
function configured(state: CabinetState, setting: CabinetSetting): CabinetState {
  const compartments = setting.compartments
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, board }): CompartmentState => {
      const known = compartmentOf(state, number);
      return known
        ? { ...known, board }
        : {
            number,
            board,
            door: 'unknown',
            doorSince: undefined,
            holders: [],
            occupiedSince: undefined,
            opening: undefined,
            blocked: undefined,
            outOfOrder: undefined,
          };
    });
  const boards = new Set(setting.compartments.map((compartment) => compartment.board));
  const lostBoards = new Set([...state.lostBoards].filter((board) => boards.has(board)));
  return { setting, compartments, lostBoards, wrongTries: state.wrongTries };
}

function doorsFound(
  state: CabinetState,
  found: CabinetEvents['doors-found'],
  at: Milliseconds,
): CabinetState {
  const open = new Set(found.open);
  const closed = new Set(found.closed);
  const compartments = state.compartments.map((known): CompartmentState => {
    if (open.has(known.number)) return { ...known, door: 'open', doorSince: at };
    return closed.has(known.number) ? { ...known, door: 'closed', doorSince: at } : known;
  });
  return { ...state, compartments };
}

/** A board that answers again puts back what was out of order only because it had not answered. */
function boardFound(state: CabinetState, board: string): CabinetState {
  const lostBoards = new Set(state.lostBoards);
  lostBoards.delete(board);
  const compartments = state.compartments.map((known) =>
    known.board === board && known.outOfOrder === 'no-answer' ? { ...known, outOfOrder: undefined } : known,
  );
  return { ...state, lostBoards, compartments };
}
