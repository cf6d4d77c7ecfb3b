import { awaitsAnswer, type Session, type SessionStep } from '../session/session.ts';
import type { CompartmentNumber, Milliseconds, UserId } from '../site.ts';
import { type CabinetState, type CompartmentState, isTaken, placeOf, type Use } from './state.ts';

/**
 * The cabinet with one compartment changed; the same cabinet where it has none of that number. Since when a
 * compartment is taken follows from whether it is.
 */
export function change(
  state: CabinetState,
  number: CompartmentNumber,
  at: Milliseconds,
  how: (known: CompartmentState) => CompartmentState,
): CabinetState {
  const place = placeOf(state.compartments, number);
  const known = state.compartments[place];
  return known ? { ...state, compartments: state.compartments.with(place, timed(how(known), at)) } : state;
}

/** The same for every compartment. */
export function changeAll(
  state: CabinetState,
  at: Milliseconds,
  how: (known: CompartmentState) => CompartmentState,
): CabinetState {
  return { ...state, compartments: state.compartments.map((known) => timed(how(known), at)) };
}

function timed(known: CompartmentState, at: Milliseconds): CompartmentState {
  const occupiedSince = isTaken(known) ? (known.occupiedSince ?? at) : undefined;
  return occupiedSince === known.occupiedSince ? known : { ...known, occupiedSince };
}

/** The compartment without the right of some users; a common code goes with the last of them. */
export function withoutHolders(known: CompartmentState, users: readonly UserId[]): CompartmentState {
  const holders = known.holders.filter((holder) => !users.includes(holder));
  return { ...known, holders, codes: holders.length > 0 ? known.codes : [] };
}

/** The compartment without its deposit and the codes that opened it. */
export function withoutDeposit(known: CompartmentState): CompartmentState {
  return { ...known, deposit: undefined, codes: [] };
}

/** A use that was given up while the door stands open: its closing ends nothing any more. */
export function givenUp(use: Use | undefined): Use | undefined {
  return use && { grant: use.grant, purpose: 'service', since: use.since };
}

/**
 * The cabinet with a session as given, in place of the one of that id if there is one. Sessions stand in the order in
 * which they began to wait for an answer, or for a door, so that people at one panel are asked in turn.
 */
export function withSession(state: CabinetState, session: Session): CabinetState {
  const sessions = new Map(state.sessions);
  const known = sessions.get(session.id);
  if (known && awaitsAnswer(known) !== awaitsAnswer(session)) sessions.delete(session.id);
  return { ...state, sessions: sessions.set(session.id, session) };
}

/** The cabinet without the sessions about a compartment. */
export function withoutSessionsAbout(state: CabinetState, compartment: CompartmentNumber): CabinetState {
  const sessions = [...state.sessions].filter(
    ([, { step }]) => !('compartment' in step && step.compartment === compartment),
  );
  return sessions.length === state.sessions.size ? state : { ...state, sessions: new Map(sessions) };
}

/** The cabinet without a session. */
export function withoutSession(state: CabinetState, id: string | undefined): CabinetState {
  if (id === undefined || !state.sessions.has(id)) return state;
  const sessions = new Map(state.sessions);
  sessions.delete(id);
  return { ...state, sessions };
}

/** The cabinet with a session at its next step; without it where there is no next step. */
export function withNextStep(
  state: CabinetState,
  id: string | undefined,
  next: SessionStep | undefined,
  at: Milliseconds,
): CabinetState {
  const session = id === undefined ? undefined : state.sessions.get(id);
  if (!session) return state;
  return next ? withSession(state, { ...session, step: next, since: at }) : withoutSession(state, id);
}
