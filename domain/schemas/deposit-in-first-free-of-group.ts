import { refusal } from '../refusals.ts';
import { DEPOSIT, firstFree, GUEST_DEPOSITS, type Schema } from './schema.ts';

/**
 * B12: as B11, within the compartment groups that an administrator set aside for undefined users: those that name no
 * user group.
 */
export const schema: Schema = {
  block: 'B12',
  assignment: 'none',
  deposits: GUEST_DEPOSITS,
  choose: () => refusal('guests-only'),
  offer(cabinet) {
    const groups = cabinet.setting.groups.filter(({ userGroups }) => userGroups.length === 0);
    if (groups.length === 0) return refusal('no-group-given', { cabinet: cabinet.setting.id });
    return firstFree(cabinet, new Set(groups.flatMap(({ compartments }) => compartments)), DEPOSIT);
  },
};
