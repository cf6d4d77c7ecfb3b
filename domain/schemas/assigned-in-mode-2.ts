import { assignedForGood, type Schema } from './schema.ts';

/** B2: the rule of B1, as a flow of mode 2. */
export const schema: Schema = { block: 'B2', assignment: 'one-user', choose: assignedForGood };
