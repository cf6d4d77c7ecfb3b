import { assignedForGood, type Schema } from './schema.ts';

/**
 * B5: an administrator assigned one compartment to several users, who use it in turn. Each keeps their right
 * until it is withdrawn from them; the compartment stays occupied while anybody has one.
 */
export const schema: Schema = { block: 'B5', assignment: 'several-users', choose: assignedForGood };
