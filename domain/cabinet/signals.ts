import { GATEWAY } from '../event.ts';
import { awaitsAnswer, type SessionStep } from '../session/session.ts';
import { afterDeposit, decideClosed } from './closing.ts';
import { nextDoor } from './door.ts';
import {
  type Decision,
  type DecisionContext,
  decided,
  type Effect,
  type InputOf,
  NOTHING,
  type Replacing,
} from './inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf, type Opening } from './state.ts';

/** A sensor's word about a door. */
export function decideDoor(state: CabinetState, input: InputOf<'door'>, context: DecisionContext): Decision {
  const compartment = compartmentOf(state, input.compartment);
  if (!compartment) return NOTHING;
  const step = nextDoor(
    compartment.door,
    input.open
      ? { input: 'sensor-open', expected: input.expected && compartment.opening !== undefined }
      : { input: 'sensor-closed' },
  );
  if (!step) return NOTHING;
  const { number } = compartment;
  switch (step.outcome) {
    case 'opened': {
      const { opening } = compartment;
      if (!opening) return NOTHING;
      const { grant, user } = opening;
      return decided(
        {
          type: 'door-opened',
          actor: user ? { kind: 'user', id: user } : GATEWAY,
          data: { compartment: number, grant, ...(user && { user }) },
        },
        [watch(state, number)],
      );
    }
    case 'closed':
      return decideClosed(state, compartment, context);
    case 'forced':
      return decided({
        type: 'door-forced',
        actor: GATEWAY,
        data: { compartment: number, whileAway: input.afterAbsence },
      });
    case 'found':
      return decideDoorsFound(state, {
        input: 'doors-found',
        board: compartment.board,
        open: input.open ? [number] : [],
        closed: input.open ? [] : [number],
      });
    case 'left-open':
      return NOTHING;
  }
}

/**
 * The first word about doors of which nothing was known. Open ones are no alarm, since nobody knows since when; from
 * now on they are watched.
 */
export function decideDoorsFound(
  state: CabinetState,
  { board, open, closed }: InputOf<'doors-found'>,
): Decision {
  const isUnknown = (number: number): boolean => compartmentOf(state, number)?.door === 'unknown';
  const data = { board, open: open.filter(isUnknown), closed: closed.filter(isUnknown) };
  if (data.open.length + data.closed.length === 0) return NOTHING;
  return decided(
    { type: 'doors-found', actor: GATEWAY, data },
    data.open.map((number) => watch(state, number)),
  );
}

/** A door has stood open for too long. */
export function decideOpenTooLong(state: CabinetState, { compartment }: InputOf<'open-too-long'>): Decision {
  const known = compartmentOf(state, compartment);
  if (!known || !nextDoor(known.door, { input: 'open-too-long' })) return NOTHING;
  return decided({ type: 'door-left-open', actor: GATEWAY, data: { compartment } });
}

/** A board fell silent, or answers again. */
export function decideBoard(state: CabinetState, { board, answers }: InputOf<'board'>): Decision {
  const lost = state.lostBoards.has(board);
  if (!answers) {
    return lost ? NOTHING : decided({ type: 'board-lost', actor: GATEWAY, data: { board } });
  }
  const suspected = state.compartments.some(
    (compartment) => compartment.board === board && compartment.outOfOrder === 'no-answer',
  );
  return lost || suspected ? decided({ type: 'board-found', actor: GATEWAY, data: { board } }) : NOTHING;
}

/**
 * A grant ends unused. If no pulse was sent, nobody can have put anything in, and what came with the grant ends too.
 * After a restart nobody knows whether the pulse had gone out, so the person keeps it, and a deposit may lie inside.
 */
export function decideGrantEnd(
  state: CabinetState,
  { input, compartment, grant }: InputOf<'grant-expired'> | InputOf<'grant-orphaned'>,
  { schema }: DecisionContext,
): Decision {
  const opening = openingOf(state, compartment, grant);
  if (!opening) return NOTHING;
  const expired = input === 'grant-expired';
  const mayLieInside = opening.purpose === 'deposit' && !expired;
  const next = mayLieInside
    ? afterDeposit(schema.deposits, compartment)
    : stepAgain(state, compartment, opening, schema);
  return decided({
    type: 'grant-lapsed',
    actor: GATEWAY,
    data: {
      compartment,
      grant,
      cause: expired ? 'expired' : 'restart',
      freed: expired && comesWithGrant(opening),
      ...sessionOf(opening, next),
    },
  });
}

/** Whether the compartment was taken only with this grant, so that it is free again where nobody can have used it. */
function comesWithGrant({ allocation, purpose }: Opening): boolean {
  return allocation === 'new' || purpose === 'deposit';
}

/** Where a session goes on whose compartment did not open: to another pick, or back to what was asked before. */
function stepAgain(
  state: CabinetState,
  number: number,
  opening: Opening,
  schema: DecisionContext['schema'],
): SessionStep | undefined {
  const { purpose, picked } = opening;
  const compartment = compartmentOf(state, number);
  if (purpose === 'collect' && compartment?.deposit?.stage === 'unfinished') {
    return afterDeposit(schema.deposits, number);
  }
  if (purpose !== 'deposit' || !picked || isAskedAnother(state, opening)) return undefined;
  const [code] = compartment?.codes ?? [];
  return { step: 'choose-compartment', purpose, ...(code && { code }) };
}

/** Whether the panel asks somebody else by now, who is not to be interrupted. */
function isAskedAnother({ sessions }: CabinetState, { panel }: Opening): boolean {
  return [...sessions.values()].some((other) => other.panel === panel && awaitsAnswer(other));
}

function sessionOf(
  { session }: Opening,
  next: SessionStep | undefined,
): { readonly session?: string; readonly next?: SessionStep } {
  return session === undefined ? {} : { session, ...(next && { next }) };
}

/**
 * Compartments that may fail one after the other for one person. More than that is no fault of theirs but of the
 * supply of the locks or the line of the sensors, and would put a whole cabinet out of order for one card.
 */
const MOST_IN_A_ROW = 3;

/**
 * Every pulse failed. The compartment goes out of order. Where the schema chose it, the next one that fits is asked
 * for; where the person picked it, they pick again. What somebody held or left before stays theirs.
 */
export function decideLockFailed(
  state: CabinetState,
  input: InputOf<'lock-failed'>,
  { schema }: DecisionContext,
): Decision {
  const { compartment, grant, cause, attempts } = input;
  const opening = openingOf(state, compartment, grant);
  if (!opening) return NOTHING;
  const replacing = replacementFor(state, compartment, opening);
  // A session that is given another compartment waits where it is.
  const waits: SessionStep | undefined =
    opening.purpose === 'deposit' ? { step: 'deposit', compartment } : undefined;
  const next = replacing ? waits : stepAgain(state, compartment, opening, schema);
  return decided(
    {
      type: 'unlock-failed',
      actor: GATEWAY,
      data: {
        compartment,
        grant,
        cause,
        attempts,
        outOfOrder: true,
        freed: comesWithGrant(opening),
        ...sessionOf(opening, next),
      },
    },
    replacing ? [{ effect: 'ask-again', replacing }] : [],
  );
}

/** Another compartment in place of one that failed; undefined where there is to be none. */
function replacementFor(state: CabinetState, compartment: number, opening: Opening): Replacing | undefined {
  const { purpose, picked, user, panel, session } = opening;
  const chosenBySchema = comesWithGrant(opening) || purpose === 'take' || purpose === 'return';
  const replaced = (opening.replaced ?? 0) + 1;
  if (!chosenBySchema || picked || replaced >= MOST_IN_A_ROW) return undefined;
  const [newCode] = compartmentOf(state, compartment)?.codes ?? [];
  return {
    compartment,
    replaced,
    ...(user !== undefined && { user }),
    ...(panel !== undefined && { panel }),
    ...(session !== undefined && { session }),
    ...(newCode && purpose === 'deposit' && { newCode }),
  };
}

function openingOf(state: CabinetState, compartment: number, grant: string): CompartmentState['opening'] {
  const opening = compartmentOf(state, compartment)?.opening;
  return opening?.grant === grant ? opening : undefined;
}

function watch(state: CabinetState, compartment: number): Effect {
  return { effect: 'watch-open-door', compartment, for: state.setting.doors.leftOpenAfter };
}
