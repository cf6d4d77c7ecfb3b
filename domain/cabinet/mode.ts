import { refusal } from '../refusals.ts';
import type { Loss } from './events.ts';
import { type Decision, decided, type InputOf, refused } from './inputs.ts';
import { type CabinetState, isTaken } from './state.ts';

/** Everything that a change of mode would give up, compartment by compartment. */
export function lossesOf(state: CabinetState): Loss[] {
  const inside = state.compartments.flatMap(
    ({ number: compartment, holders, deposit, codes, contents }): Loss[] => [
      ...holders.map((user) => ({ lost: 'right', compartment, user }) as const),
      ...(deposit ? [{ lost: 'deposit', compartment, deposit: deposit.id } as const] : []),
      ...codes.map(({ id }) => ({ lost: 'code', compartment, code: id }) as const),
      ...contents.map(({ item }) => ({ lost: 'content', compartment, ...(item && { item }) }) as const),
    ],
  );
  const outside = state.loans.map(
    ({ user, item, compartment }) => ({ lost: 'loan', compartment, user, ...(item && { item }) }) as const,
  );
  const sessions = [...state.sessions.values()].map(
    ({ id, panel }) => ({ lost: 'session', session: id, panel }) as const,
  );
  return [...inside, ...outside, ...sessions];
}

/**
 * An administrator chooses another schema: refused while the cabinet holds anything, unless they force it. What was
 * in compartments lies there still, so they are blocked until somebody has looked.
 */
export function decideModeChange(
  state: CabinetState,
  { actor, schema, force, reason: given }: InputOf<'change-mode'>,
): Decision {
  const reason = given.trim();
  const cabinet = state.setting.id;
  if (reason === '') return refused(refusal('reason-required'));
  if (schema === state.setting.schema) return refused(refusal('mode-unchanged', { cabinet, schema }));
  const opening = state.compartments.find((compartment) => compartment.opening);
  if (opening) return refused(refusal('compartment-in-use', { compartment: opening.number }));
  const lost = lossesOf(state);
  if (lost.length > 0 && !force)
    return refused(refusal('cabinet-not-empty', { cabinet, count: lost.length }));
  const inspect = state.compartments.filter(isTaken).map(({ number }) => number);
  return decided({
    type: 'mode-changed',
    actor,
    data: { from: state.setting.schema, to: schema, reason, lost, inspect },
  });
}
