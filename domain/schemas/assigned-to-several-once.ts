import { refusal } from '../refusals.ts';
import { held, type Schema } from './schema.ts';

/**
 * B14: an administrator assigned one compartment to several users, by a common code, a code each, or cards. It opens
 * once, for the first of them who identifies; its closing frees it and withdraws every right to it.
 */
export const schema: Schema = {
  block: 'B14',
  assignment: 'several-users',
  once: true,
  choose: (cabinet, person) =>
    held(cabinet, person, 'once') ?? refusal('no-compartment-assigned', { cabinet: cabinet.setting.id }),
};
