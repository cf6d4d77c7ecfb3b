import { refusal } from '../refusals.ts';
import { anyFree, DEPOSIT, GUEST_DEPOSITS, type Schema } from './schema.ts';

/**
 * B10: an undefined user picks a free compartment and leaves something. After closing they set a PIN, which opens it
 * once; the closing after the pick-up expires the PIN and frees the compartment.
 */
export const schema: Schema = {
  block: 'B10',
  assignment: 'none',
  deposits: GUEST_DEPOSITS,
  choose: () => refusal('guests-only'),
  offer: (cabinet) => anyFree(cabinet, undefined, DEPOSIT),
};
