import { GUESSABLE } from '../attempts.ts';
import { sessionAt } from '../session/prompt.ts';
import { awaitsAnswer } from '../session/session.ts';
import { CABINET_DEFAULTS, type CabinetSetting, type Milliseconds } from '../site.ts';
import {
  change,
  changeAll,
  givenUp,
  withoutDeposit,
  withoutHolders,
  withoutSession,
  withoutSessionsAbout,
} from './change.ts';
import type { CabinetEvent, CabinetEvents } from './events.ts';
import { evolveDeposit } from './evolve-deposit.ts';
import { evolveItem } from './evolve-item.ts';
import { doorClosed, doorOpened, granted, openingEnded } from './evolve-opening.ts';
import { type CabinetState, type CompartmentState, compartmentOf, WITHOUT_ANYTHING } from './state.ts';

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
    ...CABINET_DEFAULTS,
  },
  compartments: [],
  lostBoards: new Set(),
  wrongTries: new Map(),
  sessions: new Map(),
  loans: [],
  lastUses: new Map(),
  schemaOfFile: '',
};

/** The state after an event: the one place where events become state. Pure, and total over every event. */
export function evolve(state: CabinetState, event: CabinetEvent, at: Milliseconds): CabinetState {
  return askedInTurn(state, evolved(state, event, at), at);
}

/** Who waited at a panel until somebody else had answered has all of their time from when they are asked. */
function askedInTurn(before: CabinetState, after: CabinetState, at: Milliseconds): CabinetState {
  if (after.sessions === before.sessions) return after;
  const sessions = new Map(after.sessions);
  for (const panel of new Set([...before.sessions.values()].map((session) => session.panel))) {
    const next = sessionAt(after, panel);
    if (!next || !awaitsAnswer(next) || sessionAt(before, panel)?.id === next.id) continue;
    sessions.set(next.id, { ...next, since: at });
  }
  return { ...after, sessions };
}

function evolved(state: CabinetState, event: CabinetEvent, at: Milliseconds): CabinetState {
  switch (event.type) {
    case 'cabinet-configured':
      return configured(state, event.data);
    case 'mode-changed':
      return modeChanged(state, event.data, at);
    case 'access-refused':
      return refused(state, event.data, at);
    case 'compartment-granted':
      return granted(state, event.data, at);
    case 'grant-lapsed':
    case 'unlock-failed':
      return openingEnded(state, event, at);
    case 'doors-found':
      return doorsFound(state, event.data, at);
    case 'door-opened':
      return doorOpened(state, event.data, at);
    case 'door-closed':
      return doorClosed(state, event.data, at);
    case 'door-forced':
      return change(state, event.data.compartment, at, (known) => ({
        ...known,
        door: 'forced',
        doorSince: at,
      }));
    case 'door-left-open':
      return change(state, event.data.compartment, at, (known) => ({ ...known, door: 'left-open' }));
    case 'compartment-assigned':
      return change(state, event.data.compartment, at, (known) => ({
        ...known,
        holders: [...known.holders, event.data.user],
      }));
    case 'code-assigned':
      return change(state, event.data.compartment, at, (known) => ({
        ...known,
        codes: [event.data.code],
        wrongCodes: undefined,
      }));
    case 'compartment-released':
      return released(state, event.data, at);
    case 'compartment-blocked':
      return change(state, event.data.compartment, at, (known) => ({ ...known, blocked: event.data.reason }));
    case 'compartment-unblocked':
      return change(state, event.data.compartment, at, (known) => ({ ...known, blocked: undefined }));
    case 'compartment-returned-to-service':
      return change(state, event.data.compartment, at, (known) => ({ ...known, outOfOrder: undefined }));
    case 'board-lost':
      return { ...state, lostBoards: new Set([...state.lostBoards, event.data.board]) };
    case 'board-found':
      return boardFound(state, event.data.board);
    case 'session-started':
    case 'session-moved':
    case 'session-ended':
    case 'deposit-stored':
    case 'deposit-abandoned':
    case 'deposit-mail':
      return evolveDeposit(state, event, at);
    case 'compartment-stocked':
    case 'compartment-emptied':
    case 'item-placed':
    case 'item-removed':
    case 'use-settled':
    case 'overdue':
      return evolveItem(state, event, at);
    case 'fault-reported':
      return state;
  }
}

/** What was guessed wrong counts at the reader, wrong codes at the compartment as well; a session ends with a refusal. */
function refused(state: CabinetState, data: CabinetEvents['access-refused'], at: Milliseconds): CabinetState {
  const { kind, reason, reader, compartment, session } = data;
  const ended = withoutSession(state, session);
  const wrongPin = kind !== undefined && GUESSABLE.has(kind) && reason === 'unknown-credential';
  const wrongCode = reason === 'wrong-code';
  if (!wrongPin && !wrongCode) return ended;
  const counted = reader === undefined ? ended : withWrongTry(ended, reader, at);
  if (!wrongCode || compartment === undefined) return counted;
  return change(counted, compartment, at, (known) => ({
    ...known,
    wrongCodes: { count: (known.wrongCodes?.count ?? 0) + 1, last: at },
  }));
}

function withWrongTry(state: CabinetState, reader: string, at: Milliseconds): CabinetState {
  const count = (state.wrongTries.get(reader)?.count ?? 0) + 1;
  return { ...state, wrongTries: new Map(state.wrongTries).set(reader, { count, last: at }) };
}

/** An administrator ended rights to a compartment, and gave up the deposit in it where there was one. */
function released(
  state: CabinetState,
  { compartment, users, deposit }: CabinetEvents['compartment-released'],
  at: Milliseconds,
): CabinetState {
  const freed = change(state, compartment, at, (known) => {
    const left = withoutHolders(known, users);
    return deposit === undefined ? left : { ...withoutDeposit(left), use: givenUp(left.use) };
  });
  return deposit === undefined ? freed : withoutSessionsAbout(freed, compartment);
}

/** Takes over a configuration; what is known of compartments that stay is kept. */
function configured(
  state: CabinetState,
  { cabinet, schemaOfFile = cabinet.schema }: CabinetEvents['cabinet-configured'],
): CabinetState {
  // Events that are older than a rule do not have it.
  const setting: CabinetSetting = { ...CABINET_DEFAULTS, ...cabinet };
  const compartments = setting.compartments
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, board }): CompartmentState => {
      const known = compartmentOf(state, number);
      return known ? { ...known, board } : { number, board, ...WITHOUT_ANYTHING };
    });
  const boards = new Set(setting.compartments.map((compartment) => compartment.board));
  const lostBoards = new Set([...state.lostBoards].filter((board) => boards.has(board)));
  // What was asked under another schema is not asked any more; nothing lies inside on account of it.
  const sessions = setting.schema === state.setting.schema ? state.sessions : new Map();
  return { ...state, setting, compartments, lostBoards, sessions, schemaOfFile };
}

/** Another schema begins with an empty cabinet; what may still lie inside is not given to anybody unseen. */
function modeChanged(
  state: CabinetState,
  { to, inspect, reason }: CabinetEvents['mode-changed'],
  at: Milliseconds,
): CabinetState {
  const cleared = changeAll(state, at, (known) => ({
    ...withoutDeposit(known),
    holders: [],
    contents: [],
    unsettled: undefined,
    use: givenUp(known.use),
    blocked: inspect.includes(known.number) ? (known.blocked ?? reason) : known.blocked,
  }));
  return {
    ...cleared,
    setting: { ...state.setting, schema: to },
    sessions: new Map(),
    loans: [],
    lastUses: new Map(),
  };
}

function doorsFound(
  state: CabinetState,
  found: CabinetEvents['doors-found'],
  at: Milliseconds,
): CabinetState {
  const open = new Set(found.open);
  const closed = new Set(found.closed);
  return changeAll(state, at, (known) => {
    if (open.has(known.number)) return { ...known, door: 'open', doorSince: at };
    return closed.has(known.number) ? { ...known, door: 'closed', doorSince: at } : known;
  });
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
