import { firstFree, held, type Schema } from './schema.ts';

/**
 * B3: the first identification gives the user the first free compartment of the cabinet; from then on it is
 * theirs, each time, until the right is withdrawn.
 */
export const schema: Schema = {
  block: 'B3',
  assignment: 'none',
  choose: (cabinet, person) => held(cabinet, person) ?? firstFree(cabinet),
};
