import { assignedForGood, type Schema } from './schema.ts';

/** B9: the rule of B1, as a flow of mode 4. */
export const schema: Schema = { block: 'B9', assignment: 'one-user', choose: assignedForGood };
