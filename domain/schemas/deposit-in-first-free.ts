import { refusal } from '../refusals.ts';
import { DEPOSIT, firstFree, GUEST_DEPOSITS, type Schema } from './schema.ts';

/** B11: as B10, but the system picks the first free compartment. */
export const schema: Schema = {
  block: 'B11',
  assignment: 'none',
  deposits: GUEST_DEPOSITS,
  choose: () => refusal('guests-only'),
  offer: (cabinet) => firstFree(cabinet, undefined, DEPOSIT),
};
