import { firstFree, firstWithItem, hasLoan, type Schema } from './schema.ts';

/**
 * B6: the first compartment that holds an item opens, and the user takes it. At their next identification the first
 * free one opens for its return.
 */
export const schema: Schema = {
  block: 'B6',
  assignment: 'none',
  lends: true,
  choose: (cabinet, person) =>
    hasLoan(cabinet, person)
      ? firstFree(cabinet, person.among, { allocation: 'none', purpose: 'return' })
      : firstWithItem(cabinet, person.among),
};
