import { refusal } from '../refusals.ts';
import { firstFree, held, type Schema } from './schema.ts';

/**
 * B4: as B3, but the first free compartment is sought in the compartment groups that an administrator gave to
 * the user's groups.
 */
export const schema: Schema = {
  block: 'B4',
  assignment: 'none',
  choose(cabinet, person) {
    const mine = held(cabinet, person);
    if (mine) return mine;
    const given = cabinet.setting.groups.filter((group) =>
      group.userGroups.some((userGroup) => person.groups.includes(userGroup)),
    );
    if (given.length === 0) return refusal('no-group-given', { cabinet: cabinet.setting.id });
    return firstFree(cabinet, new Set(given.flatMap((group) => group.compartments)));
  },
};
