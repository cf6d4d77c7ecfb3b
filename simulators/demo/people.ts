import type { NewUser } from '../../gateway/administration/users.ts';
import type { Scan } from '../../gateway/ports.ts';

/** Somebody of the demo site. Who they are known by is told in `docs/demo.md`: none of it is a secret. */
export interface DemoPerson extends NewUser {
  readonly login: string;
  readonly card?: string;
  readonly pin?: string;
}

/** The people of the demo site, by their logins. */
export const DEMO_PEOPLE = {
  anna: {
    name: 'Anna Nowak',
    login: 'anna',
    email: 'anna.nowak@example.com',
    language: 'pl',
    roles: ['defined'],
    groups: ['staff'],
    card: '62E3086CED',
    pin: '4711',
  },
  marek: {
    name: 'Marek Zieliński',
    login: 'marek',
    email: 'marek.zielinski@example.com',
    language: 'pl',
    roles: ['defined'],
    groups: ['staff', 'workshop'],
    card: '3A00C4517B',
    pin: '258012',
  },
  giulia: {
    name: 'Giulia Rossi',
    login: 'giulia',
    email: 'giulia.rossi@example.com',
    language: 'it',
    roles: ['defined'],
    groups: ['staff', 'workshop'],
    card: '0D00A9E31F',
    pin: '913746',
  },
  olga: {
    name: 'Olga Lis',
    login: 'olga',
    email: 'olga.lis@example.com',
    language: 'en',
    roles: ['master'],
    groups: ['staff', 'reception'],
    card: '5500F02B86',
    pin: '604482',
  },
  // Two who look after cassettes. They have no card and no PIN: whoever knows this file must not become one of them.
  ewa: {
    name: 'Ewa Król',
    login: 'ewa',
    email: 'ewa.krol@example.com',
    language: 'pl',
    roles: ['administrator'],
    groups: [],
  },
  paolo: {
    name: 'Paolo Conti',
    login: 'paolo',
    email: 'paolo.conti@example.com',
    language: 'it',
    roles: ['administrator'],
    groups: [],
  },
} as const satisfies Readonly<Record<string, DemoPerson>>;

/** What a person of the demo site identifies with. */
export function credentialsOf({ card, pin }: DemoPerson): Scan[] {
  return [
    ...(card === undefined ? [] : [{ kind: 'card', value: card } as const]),
    ...(pin === undefined ? [] : [{ kind: 'pin', value: pin } as const]),
  ];
}

/** The names of those who came with the demo: whoever reads the documentation knows their cards and PINs. */
export function demoPeopleAmong(
  users: readonly {
    readonly login?: string | undefined;
    readonly email?: string | undefined;
    readonly name?: string | undefined;
  }[],
): string[] {
  const known = Object.values(DEMO_PEOPLE);
  return users.flatMap(({ login, email, name }) =>
    known.some((person) => person.login === login && person.email === email) ? [name ?? ''] : [],
  );
}
