import { assignedForGood, type Schema } from './schema.ts';

/** B13: the rule of B1, as a flow of mode 5. */
export const schema: Schema = { block: 'B13', assignment: 'one-user', choose: assignedForGood };
