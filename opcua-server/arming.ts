/** The arming state machine of a cassette as its views tell it. Pure: nodes are written elsewhere. */
import type { CassetteView } from '../domain/cassette/view.ts';
import type { Milliseconds } from '../domain/site.ts';
import { ARMING_MOVES, ARMING_STATE_MACHINE_TYPE, transitionOf } from './design/cassette-arming.ts';
import { pascalCase } from './design/cassette-enumerations.ts';
import { designId, transitionName, type Words } from './design/design.ts';

/** A state or transition of the machine. */
export interface ArmingStep {
  /** Node id in the namespace of the types, e.g. `s=type/ArmingStateMachineType/Rest`. */
  readonly id: string;
  readonly number: number;
  readonly text: Words;
}

export interface ArmingTransition extends ArmingStep {
  readonly time: Date;
}

/** Each state as the model has it: the very words, so that they are known where they are put into a client's language. */
const STATES = new Map(ARMING_STATE_MACHINE_TYPE.states?.map((state) => [state.browse, state]));

/** The state that a cassette is in. */
export function armingState({ phase }: Pick<CassetteView, 'phase'>): ArmingStep {
  const state = STATES.get(pascalCase(phase));
  if (!state) throw new Error(`The arming of cassettes has no state for "${phase}".`);
  return { id: stepId(state.browse), number: state.number, text: state.name };
}

/**
 * What led from one view of a cassette to a later one. `unchanged`: it is in the same state. `unknown`: no single
 * transition of its mode leads there, so that there were several; views that follow each other too fast are left out.
 *
 * @param at when the later view was taken
 */
export function armingTransition(
  before: Pick<CassetteView, 'phase'>,
  after: Pick<CassetteView, 'phase' | 'mode'>,
  at: Milliseconds,
): ArmingTransition | 'unchanged' | 'unknown' {
  if (before.phase === after.phase) return 'unchanged';
  const move = ARMING_MOVES.find(
    ({ from, to, modes }) => from === before.phase && to === after.phase && modes.includes(after.mode),
  );
  if (!move) return 'unknown';
  const { number, name } = move;
  return { id: stepId(transitionName(transitionOf(move))), number, text: name, time: new Date(at) };
}

function stepId(browse: string): string {
  return designId(ARMING_STATE_MACHINE_TYPE.browse, browse);
}
