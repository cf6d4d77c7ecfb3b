import type { Identification } from '../../../domain/cabinet/inputs.ts';
import type { Role } from '../../../domain/identification.ts';
import type { Right } from '../../../domain/rights.ts';
import type { CabinetSetting } from '../../../domain/site.ts';
import { setting } from '../support/cabinet.ts';

/** Everybody who is defined: who they are and which user groups they are in. */
export const PEOPLE: Readonly<
  Record<string, { readonly roles: readonly Role[]; readonly groups: readonly string[] }>
> = {
  anna: { roles: ['defined'], groups: ['staff', 'night'] },
  bert: { roles: ['defined'], groups: ['night'] },
  carl: { roles: ['defined', 'master'], groups: ['staff'] },
  dora: { roles: ['master'], groups: ['night', 'staff'] },
  emma: { roles: ['defined'], groups: [] },
};
export const NAMES: readonly string[] = Object.keys(PEOPLE);
export const PANELS = ['hall', 'yard'] as const;
export const NUMBERS = [1, 2, 3, 4, 5, 6] as const;
export const BOARDS = ['left', 'right'] as const;
export const ITEMS = ['drill', 'camera', 'tablet'] as const;

/** What differs from one history to the next before it begins. */
export interface Premises {
  /** Compartments with an item reader. */
  readonly watched: readonly number[];
  readonly twoPersons: 'no' | 'anybody' | 'night';
  readonly closeFirst: boolean;
  /** Milliseconds. */
  readonly waitFor: number;
  readonly overdue: boolean;
  /** People with the right to pick their compartment. */
  readonly pickers: readonly string[];
  /** Whether the doors of the right board are known from the beginning. */
  readonly allHeard: boolean;
}

/** A cabinet of six compartments on two boards. `late` was given to the night shift, `street` is for anybody. */
export function cabinetOf(schema: string, premises: Premises): CabinetSetting {
  const { twoPersons, closeFirst, waitFor, overdue, watched } = premises;
  return setting(schema, {
    compartments: NUMBERS.map((number) => ({
      number,
      board: number <= 3 ? 'left' : 'right',
      ...(watched.includes(number) && { itemReader: true }),
    })),
    groups: [
      { id: 'late', compartments: [3, 4, 5], userGroups: ['night'] },
      { id: 'street', compartments: [2, 5, 6], userGroups: [] },
    ],
    antiPassback: { closeFirst, waitFor },
    ...(twoPersons !== 'no' && { twoPersons: { userGroups: twoPersons === 'night' ? ['night'] : [] } }),
    ...(overdue && { overdueAfter: 3_600_000 }),
  });
}

/** The right that each person begins with. */
export function rightOf(user: string, pick: boolean): Right {
  return { id: `right-of-${user}`, cabinet: 'A', user, ...(pick && { pick }) };
}

/** A person at a reader, as the directory knows them now. */
export function at(reader: string, user: string, right: Right, duress: boolean): Identification {
  const { roles, groups } = PEOPLE[user] ?? { roles: [], groups: [] };
  const known = { user, roles, groups, rights: [right], credential: `card-of-${user}`, reader };
  return duress ? { ...known, duress } : known;
}
