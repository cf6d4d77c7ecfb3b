import { assignedForGood, type Schema } from './schema.ts';

/**
 * B1: an administrator assigned one compartment to the user for good. It counts as occupied from then on, and
 * the user opens it as often as they like, until the right is withdrawn.
 */
export const schema: Schema = { block: 'B1', assignment: 'one-user', choose: assignedForGood };
