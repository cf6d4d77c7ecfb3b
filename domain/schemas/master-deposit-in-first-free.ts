import { asMaster, DEPOSIT, firstFree, MAILED_DEPOSITS, type Schema } from './schema.ts';

/**
 * B15: a master leaves something in the first free compartment, picks the recipient from the defined users and sets a
 * PIN, which the system sends to the recipient by e-mail. It opens once; the closing after the pick-up expires it and
 * frees the compartment.
 */
export const schema: Schema = {
  block: 'B15',
  assignment: 'none',
  deposits: MAILED_DEPOSITS,
  choose: (cabinet, person) => asMaster(person) ?? firstFree(cabinet, person.among, DEPOSIT),
};
