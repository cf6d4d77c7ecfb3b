import { anyFree, asMaster, DEPOSIT, MAILED_DEPOSITS, type Schema } from './schema.ts';

/** B16: as B15, but the master picks the compartment. */
export const schema: Schema = {
  block: 'B16',
  assignment: 'none',
  deposits: MAILED_DEPOSITS,
  choose: (cabinet, person) => asMaster(person) ?? anyFree(cabinet, person.among, DEPOSIT),
};
