import { countAfterRight } from '../attempts.ts';
import type { Purpose, Session, SessionPerson } from '../session/session.ts';
import type { Milliseconds, UserId } from '../site.ts';
import {
  change,
  withNextStep,
  withoutDeposit,
  withoutHolders,
  withoutSession,
  withoutSessionsAbout,
  withSession,
} from './change.ts';
import { isOpen } from './door.ts';
import type { CabinetEvent, CabinetEvents } from './events.ts';
import { returned, taken } from './evolve-item.ts';
import type { CabinetState, CompartmentState, Opening, Use } from './state.ts';

type Granted = CabinetEvents['compartment-granted'];

/** What a grant is for; grants that are older than purposes were a person's own or an administrator's look inside. */
function purposeOf({ purpose, allocation }: Granted): Purpose {
  return purpose ?? (allocation === 'none' ? 'service' : 'own');
}

/** A compartment may be opened once: what that takes for the person, and where their session goes on. */
export function granted(state: CabinetState, data: Granted, at: Milliseconds): CabinetState {
  const { compartment, grant, allocation, user, insteadOf, replaced, panel, session, picked } = data;
  const purpose = purposeOf(data);
  const opening: Opening = {
    grant,
    allocation,
    purpose,
    since: at,
    ...(user !== undefined && { user }),
    ...(panel !== undefined && { panel }),
    ...(session !== undefined && { session }),
    ...(picked && { picked }),
    ...(insteadOf !== undefined && { insteadOf }),
    ...(replaced !== undefined && { replaced }),
  };
  const opened = change(state, compartment, at, (known) => ({
    ...known,
    opening,
    holders: allocation === 'new' && user ? [...known.holders, user] : known.holders,
    wrongCodes: data.code === undefined ? known.wrongCodes : undefined,
    ...(purpose === 'deposit' &&
      data.deposit !== undefined && {
        deposit: { id: data.deposit, stage: 'open', since: at, ...(user !== undefined && { by: user }) },
        codes: data.newCode ? [data.newCode] : [],
        wrongCodes: undefined,
      }),
  }));
  const seated = seat(withoutSession(opened, data.replaces), data, purpose, at);
  return withRightTry(seated, data.reader);
}

/** A session that leaves or takes back a deposit waits for the door; any other has reached its end. */
function seat(state: CabinetState, data: Granted, purpose: Purpose, at: Milliseconds): CabinetState {
  const { session: id, panel, compartment, user, credential, reader } = data;
  if (id === undefined || panel === undefined) return state;
  if (purpose !== 'deposit' && purpose !== 'collect') return withoutSession(state, id);
  const known = state.sessions.get(id);
  const identified: SessionPerson | undefined =
    known?.person ?? (user && credential && reader ? { user, credential, reader } : undefined);
  const session: Session = {
    id,
    panel,
    ...(identified && { person: identified }),
    step: { step: 'deposit', compartment },
    since: at,
  };
  return withSession(state, session);
}

function withRightTry(state: CabinetState, reader: string | undefined): CabinetState {
  const tries = reader === undefined ? undefined : state.wrongTries.get(reader);
  if (reader === undefined || !tries) return state;
  const wrongTries = new Map(state.wrongTries);
  const count = countAfterRight(tries.count);
  if (count === 0) wrongTries.delete(reader);
  else wrongTries.set(reader, { ...tries, count });
  return { ...state, wrongTries };
}

/** Kept only while it matters, so that it stays as small as the people of some minutes. */
function withLastUse(state: CabinetState, user: UserId | undefined, at: Milliseconds): CabinetState {
  const { waitFor } = state.setting.antiPassback;
  if (waitFor === 0 || user === undefined) return state;
  const recent = [...state.lastUses].filter(([, last]) => last <= at && at - last < waitFor);
  return { ...state, lastUses: new Map(recent).set(user, at) };
}

/** A grant came to nothing: what was taken with it is given back where nobody can have used it. */
export function openingEnded(
  state: CabinetState,
  event: Extract<CabinetEvent, { type: 'grant-lapsed' | 'unlock-failed' }>,
  at: Milliseconds,
): CabinetState {
  const outOfOrder = event.type === 'unlock-failed' && event.data.outOfOrder ? event.data.cause : undefined;
  const { compartment, freed, next, session } = event.data;
  const ended = change(state, compartment, at, (known) => ({
    ...givenBack(known, freed, next !== undefined),
    opening: undefined,
    outOfOrder: outOfOrder ?? known.outOfOrder,
  }));
  return withNextStep(ended, session, next, at);
}

function givenBack(known: CompartmentState, freed: boolean, goesOn: boolean): CompartmentState {
  const { opening, deposit } = known;
  if (opening?.purpose === 'deposit' && deposit?.stage === 'open') {
    return freed
      ? withoutDeposit(known)
      : { ...known, deposit: { ...deposit, stage: goesOn ? 'unfinished' : 'stored' } };
  }
  return freed && opening?.user ? withoutHolders(known, [opening.user]) : known;
}

/** The door is open: from now on its closing means what it was opened for. */
export function doorOpened(
  state: CabinetState,
  { compartment, user }: CabinetEvents['door-opened'],
  at: Milliseconds,
): CabinetState {
  return change(withLastUse(state, user, at), compartment, at, (known) => ({
    ...known,
    door: 'open',
    doorSince: isOpen(known.door) ? known.doorSince : at,
    opening: undefined,
    use: useAfter(state, known, at),
  }));
}

/** Purposes whose end must not be lost because somebody opens the same open door once more. */
const ENDED_BY_CLOSING: ReadonlySet<Purpose> = new Set(['once', 'take', 'return', 'deposit', 'collect']);

function useAfter(state: CabinetState, known: CompartmentState, at: Milliseconds): Use | undefined {
  const { opening, use } = known;
  if (!opening) return use;
  if (use && ENDED_BY_CLOSING.has(use.purpose)) return use;
  const { grant, purpose, user, panel, session } = opening;
  const owed = state.loans.filter((loan) => loan.user === user).length;
  return {
    grant,
    purpose,
    ...(user !== undefined && { user }),
    ...(panel !== undefined && { panel }),
    ...(session !== undefined && { session }),
    since: at,
    found: known.contents.flatMap(({ item }) => (item === undefined ? [] : [item])),
    ...(owed > 0 && { owed }),
  };
}

/** The door is closed: what its closing ended, and where the session of a deposit goes on. */
export function doorClosed(
  state: CabinetState,
  data: CabinetEvents['door-closed'],
  at: Milliseconds,
): CabinetState {
  const { compartment, outcome, next, session, user, item } = data;
  const closed = change(state, compartment, at, (known) => ({
    ...ended(known, data),
    door: 'closed',
    doorSince: at,
    use: undefined,
  }));
  const seated = withNextStep(closed, session, next, at);
  // Whoever it was that collected it, nobody has anything to say about it any more.
  if (outcome === 'collected') return withoutSessionsAbout(seated, compartment);
  if (outcome === 'taken' && user) return taken(seated, compartment, { user, item }, at);
  if (outcome === 'returned' && user) return returned(seated, compartment, { user, item }, at);
  return seated;
}

function ended(
  known: CompartmentState,
  { outcome, next, users }: CabinetEvents['door-closed'],
): CompartmentState {
  switch (outcome) {
    case 'deposited':
      return known.deposit
        ? { ...known, deposit: { ...known.deposit, stage: next ? 'unfinished' : 'stored' } }
        : known;
    case 'collected':
      return withoutDeposit(known);
    case 'ended':
      return withoutHolders(known, users ?? []);
    case 'unsettled':
      return { ...known, unsettled: known.use };
    case 'taken':
    case 'returned':
    case undefined:
      break;
  }
  return known;
}
