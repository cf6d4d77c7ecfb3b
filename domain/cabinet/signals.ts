import { GATEWAY } from '../event.ts';
import { nextDoor } from './door.ts';
import { type CabinetInput, type Decision, decided, type Effect, NOTHING } from './inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf } from './state.ts';

type InputOf<Name extends CabinetInput['input']> = Extract<CabinetInput, { input: Name }>;

/** A sensor's word about a door. */
export function decideDoor(state: CabinetState, input: InputOf<'door'>): Decision {
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
      return decided({ type: 'door-closed', actor: GATEWAY, data: { compartment: number } }, [
        { effect: 'door-closed', compartment: number },
      ]);
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
  return decided(
    { type: 'doors-found', actor: GATEWAY, data: { board, open, closed } },
    open.map((number) => watch(state, number)),
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
 * A grant ends unused. If no pulse was sent, nobody can have put anything in, and an allocation that came with
 * the grant ends too. After a restart nobody knows whether the pulse had gone out, so the person keeps it.
 */
export function decideGrantEnd(
  state: CabinetState,
  { input, compartment, grant }: InputOf<'grant-expired'> | InputOf<'grant-orphaned'>,
): Decision {
  const opening = openingOf(state, compartment, grant);
  if (!opening) return NOTHING;
  const expired = input === 'grant-expired';
  return decided({
    type: 'grant-lapsed',
    actor: GATEWAY,
    data: {
      compartment,
      grant,
      cause: expired ? 'expired' : 'restart',
      freed: expired && opening.allocation === 'new',
    },
  });
}

/**
 * Compartments that may fail one after the other for one person. More than that is no fault of theirs but of the
 * supply of the locks or the line of the sensors, and would put a whole cabinet out of order for one card.
 */
const MOST_IN_A_ROW = 3;

/**
 * Every pulse failed. The compartment goes out of order. A compartment that the person was only now being given
 * is taken back and the next free one is asked for; one that they held before stays theirs, since what they
 * left is inside.
 */
export function decideLockFailed(state: CabinetState, input: InputOf<'lock-failed'>): Decision {
  const { compartment, grant, cause, attempts } = input;
  const opening = openingOf(state, compartment, grant);
  if (!opening) return NOTHING;
  const freed = opening.allocation === 'new';
  const replaced = (opening.replaced ?? 0) + 1;
  const effects: Effect[] =
    freed && opening.user && replaced < MOST_IN_A_ROW
      ? [{ effect: 'ask-again', user: opening.user, insteadOf: compartment, replaced }]
      : [];
  return decided(
    {
      type: 'unlock-failed',
      actor: GATEWAY,
      data: { compartment, grant, cause, attempts, outOfOrder: true, freed },
    },
    effects,
  );
}

function openingOf(state: CabinetState, compartment: number, grant: string): CompartmentState['opening'] {
  const opening = compartmentOf(state, compartment)?.opening;
  return opening?.grant === grant ? opening : undefined;
}

function watch(state: CabinetState, compartment: number): Effect {
  return { effect: 'watch-open-door', compartment, for: state.setting.doors.leftOpenAfter };
}
