import { refusal } from '../refusals.ts';
import { held, type Schema } from './schema.ts';

/**
 * B5: an administrator assigned one compartment to several users, who use it in turn. Each keeps their right
 * until it is withdrawn from them; the compartment stays occupied while anybody has one.
 */
export const schema: Schema = {
  block: 'B5',
  assignment: 'several-users',
  choose: (cabinet, person) =>
    held(cabinet, person) ?? refusal('no-compartment-assigned', { cabinet: cabinet.setting.id }),
};
