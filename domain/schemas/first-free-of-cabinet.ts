import { anyFree, firstFree, held, type Schema } from './schema.ts';

const OWN = { allocation: 'new', purpose: 'own' } as const;

/**
 * B3: the first identification gives the user the first free compartment of the cabinet; from then on it is
 * theirs, each time, until the right is withdrawn. Who has the individual right to pick is asked instead.
 */
export const schema: Schema = {
  block: 'B3',
  assignment: 'none',
  choose: (cabinet, person) =>
    held(cabinet, person) ?? (person.picks ? anyFree : firstFree)(cabinet, person.among, OWN),
};
