import { refusal } from '../refusals.ts';
import { anyFree, firstFree, held, type Schema, within } from './schema.ts';

const OWN = { allocation: 'new', purpose: 'own' } as const;

/**
 * B4: as B3, but the first free compartment is sought in the compartment groups that an administrator gave to
 * the user or to their groups.
 */
export const schema: Schema = {
  block: 'B4',
  assignment: 'none',
  choose(cabinet, person) {
    const mine = held(cabinet, person);
    if (mine) return mine;
    if (person.given.size === 0) return refusal('no-group-given', { cabinet: cabinet.setting.id });
    return (person.picks ? anyFree : firstFree)(cabinet, within(person.among, person.given), OWN);
  },
};
