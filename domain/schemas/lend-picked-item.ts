import { lendFromGroups, type Schema } from './schema.ts';

/**
 * B7: the user picks a compartment of the groups that were given to them, and takes the item. The return goes to the
 * first free one of those groups.
 */
export const schema: Schema = { block: 'B7', assignment: 'none', lends: true, choose: lendFromGroups };
