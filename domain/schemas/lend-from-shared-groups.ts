import { lendFromGroups, type Schema } from './schema.ts';

/** B8: the rule of B7, with groups that several users share. */
export const schema: Schema = { block: 'B8', assignment: 'none', lends: true, choose: lendFromGroups };
