import type { Actor } from '../../domain/event.ts';
import { ROLES, type Role } from '../../domain/identification.ts';
import type { WeeklyWindow } from '../../domain/rights.ts';
import { LANGUAGES, type Language } from '../../domain/texts/texts.ts';
import type { RightFilter } from '../administration/rights.ts';
import type { UserPatch } from '../administration/users.ts';
import { type Administration, AdministrationError } from '../administration.ts';
import { SCAN_KINDS } from '../credential-kinds.ts';
import { beginningOf, endOf } from '../import/days.ts';
import type { ImportProgress } from '../import/people-import.ts';
import type { LineClient } from '../line-socket.ts';
import type { ScanKind } from '../ports.ts';
import { shape, TEXT, TEXTS } from './shapes.ts';

/** When something is valid: a day, `2026-12-31`, on the clocks of the site, or a time with its offset. */
interface Validity {
  readonly validFrom?: string;
  /** A day is valid to its end. */
  readonly validUntil?: string;
}

/** What the command line asks about people, their credentials and their rights. */
export type PeopleCommand =
  | { readonly do: 'list-users' }
  | ({
      readonly do: 'add-user';
      readonly name: string;
      readonly login?: string;
      readonly email?: string;
      readonly language?: Language;
      readonly roles: readonly Role[];
      readonly groups: readonly string[];
    } & Validity)
  /** Null takes an optional field away. */
  | {
      readonly do: 'change-user';
      readonly user: string;
      readonly name?: string;
      readonly email?: string | null;
      readonly language?: Language | null;
      readonly roles?: readonly Role[];
      readonly groups?: readonly string[];
      readonly validFrom?: string | null;
      readonly validUntil?: string | null;
    }
  | {
      readonly do: 'block-user' | 'unblock-user' | 'erase-user' | 'list-credentials';
      readonly user: string;
    }
  | ({
      readonly do: 'add-credential';
      readonly user: string;
      readonly kind: ScanKind;
      readonly value: string;
      readonly duress?: boolean;
    } & Validity)
  | {
      readonly do: 'block-credential' | 'unblock-credential' | 'remove-credential';
      readonly credential: string;
    }
  | { readonly do: 'one-time-password'; readonly login: string }
  | ({
      readonly do: 'add-right';
      readonly cabinet: string;
      readonly user?: string;
      readonly userGroup?: string;
      readonly compartmentGroups?: readonly string[];
      readonly readers?: readonly string[];
      readonly pick?: boolean;
      readonly weekly?: readonly WeeklyWindow[];
    } & Validity)
  | { readonly do: 'remove-right'; readonly right: string }
  | ({ readonly do: 'list-rights' } & RightFilter)
  | {
      readonly do: 'phone-access';
      readonly user: string;
      readonly cabinet: string;
      readonly panel?: string;
      readonly minutes: number;
    }
  /** In place of the password that they have, be it a one-time one. */
  | {
      readonly do: 'change-password';
      readonly login: string;
      readonly current: string;
      readonly next: string;
    }
  | { readonly do: 'rotate-key' }
  /** Tells an `ImportMessage` for each line before the answer. */
  | { readonly do: 'import'; readonly file: string; readonly dryRun: boolean };

/** What is told while an import goes on. */
export interface ImportMessage {
  readonly progress: ImportProgress;
}

const TEXT_OR_NULL = { type: ['string', 'null'], minLength: 1, maxLength: 512 } as const;
const ROLE_LIST = { type: 'array', maxItems: ROLES.length, items: { enum: ROLES } } as const;
const VALIDITY = { validFrom: TEXT, validUntil: TEXT } as const;

/** JSON schemas of the commands; rights are looked at more closely by whoever takes them. */
export const PEOPLE_SHAPES: readonly object[] = [
  shape(['list-users', 'rotate-key'], {}),
  shape(
    ['add-user'],
    {
      name: TEXT,
      login: TEXT,
      email: TEXT,
      language: { enum: LANGUAGES },
      roles: ROLE_LIST,
      groups: TEXTS,
      ...VALIDITY,
    },
    ['login', 'email', 'language', 'validFrom', 'validUntil'],
  ),
  shape(
    ['change-user'],
    {
      user: TEXT,
      name: TEXT,
      email: TEXT_OR_NULL,
      language: { enum: [...LANGUAGES, null] },
      roles: ROLE_LIST,
      groups: TEXTS,
      validFrom: TEXT_OR_NULL,
      validUntil: TEXT_OR_NULL,
    },
    ['name', 'email', 'language', 'roles', 'groups', 'validFrom', 'validUntil'],
  ),
  shape(['block-user', 'unblock-user', 'erase-user', 'list-credentials'], { user: TEXT }),
  shape(
    ['add-credential'],
    {
      user: TEXT,
      kind: { enum: SCAN_KINDS },
      value: TEXT,
      duress: { type: 'boolean' },
      ...VALIDITY,
    },
    ['duress', 'validFrom', 'validUntil'],
  ),
  shape(['block-credential', 'unblock-credential', 'remove-credential'], { credential: TEXT }),
  shape(['one-time-password'], { login: TEXT }),
  shape(['change-password'], { login: TEXT, current: TEXT, next: TEXT }),
  shape(
    ['add-right'],
    {
      cabinet: TEXT,
      user: TEXT,
      userGroup: TEXT,
      compartmentGroups: TEXTS,
      readers: TEXTS,
      pick: { type: 'boolean' },
      weekly: { type: 'array' },
      ...VALIDITY,
    },
    ['user', 'userGroup', 'compartmentGroups', 'readers', 'pick', 'weekly', 'validFrom', 'validUntil'],
  ),
  shape(['remove-right'], { right: TEXT }),
  shape(['list-rights'], { cabinet: TEXT, user: TEXT, userGroup: TEXT }, ['cabinet', 'user', 'userGroup']),
  shape(
    ['phone-access'],
    { user: TEXT, cabinet: TEXT, panel: TEXT, minutes: { type: 'integer', minimum: 1, maximum: 60 } },
    ['panel'],
  ),
  shape(['import'], { file: TEXT, dryRun: { type: 'boolean' } }),
];

/** Carries out what was asked about people. What cannot be done rejects with an `AdministrationError`. */
export async function carryOutForPeople(
  command: PeopleCommand,
  administration: Administration,
  actor: Actor,
  client: LineClient,
): Promise<unknown> {
  switch (command.do) {
    case 'list-users':
      return (await administration.users()).map(
        ({ _id: id, name, login, email, language, roles, groups, blocked, validFrom, validUntil }) => ({
          id,
          name,
          login,
          email,
          language,
          roles,
          groups,
          blocked,
          validFrom,
          validUntil,
        }),
      );
    case 'add-user': {
      const { do: _, validFrom, validUntil, ...user } = command;
      const valid = validityOf({ validFrom, validUntil }, administration.timeZone);
      return { user: await administration.addUser({ ...user, ...valid }, actor) };
    }
    case 'change-user': {
      const { do: _, user, ...patch } = command;
      return administration.changeUser(user, patchOf(patch, administration.timeZone), actor);
    }
    case 'block-user':
    case 'unblock-user':
      return administration.setUserBlocked(command.user, command.do === 'block-user', actor);
    case 'erase-user':
      return administration.eraseUser(command.user, actor);
    case 'list-credentials':
      return administration.credentialsOf(command.user);
    case 'add-credential': {
      const { do: _, user, validFrom, validUntil, ...credential } = command;
      const valid = validityOf({ validFrom, validUntil }, administration.timeZone);
      return { credential: await administration.addCredential(user, { ...credential, ...valid }, actor) };
    }
    case 'block-credential':
    case 'unblock-credential': {
      const blocked = command.do === 'block-credential';
      return administration.setCredentialBlocked(command.credential, blocked, actor);
    }
    case 'remove-credential':
      return administration.removeCredential(command.credential, actor);
    case 'one-time-password': {
      const { login } = command;
      const user = await administration.userByLogin(login);
      if (!user) throw new AdministrationError('user-unknown', `There is no user with the login "${login}".`);
      return { password: await administration.issueOneTimePassword(user._id, actor) };
    }
    case 'change-password':
      return administration.changePassword(command.login, command.current, command.next);
    case 'add-right': {
      const { do: _, validFrom, validUntil, ...right } = command;
      const valid = validityOf({ validFrom, validUntil }, administration.timeZone);
      return administration.addRight({ ...right, ...valid }, actor);
    }
    case 'remove-right':
      return administration.removeRight(command.right, actor);
    case 'list-rights': {
      const { do: _, ...filter } = command;
      return administration.rights(filter);
    }
    case 'phone-access': {
      const { do: _, user, minutes, ...place } = command;
      return administration.issuePhoneAccess(user, { ...place, validFor: minutes * 60_000 }, actor);
    }
    case 'rotate-key':
      return administration.rotateKey(actor);
    case 'import':
      return importFile(command, administration, actor, client);
  }
}

/** Tells of each line as fast as the client reads, and ends when it goes away. */
function importFile(
  { file, dryRun }: { readonly file: string; readonly dryRun: boolean },
  administration: Administration,
  actor: Actor,
  client: LineClient,
): Promise<unknown> {
  const gone = new AbortController();
  client.onGone(() => gone.abort());
  return administration.importPeople({
    file,
    dryRun,
    actor,
    signal: gone.signal,
    tell: (progress) => {
      client.send({ progress } satisfies ImportMessage);
      return client.drained();
    },
  });
}

/** A validity as it was typed, in the time zone of the site. */
export function validityOf(
  { validFrom, validUntil }: { readonly [Field in keyof Validity]: string | undefined },
  timeZone: string,
): { readonly validFrom?: number; readonly validUntil?: number } {
  return {
    ...(validFrom !== undefined && { validFrom: timeOf(validFrom, timeZone, beginningOf) }),
    ...(validUntil !== undefined && { validUntil: timeOf(validUntil, timeZone, endOf) }),
  };
}

function patchOf(
  {
    validFrom,
    validUntil,
    ...same
  }: Omit<Extract<PeopleCommand, { readonly do: 'change-user' }>, 'do' | 'user'>,
  timeZone: string,
): UserPatch {
  return {
    ...same,
    ...(validFrom === null && { validFrom }),
    ...(validUntil === null && { validUntil }),
    ...validityOf({ validFrom: validFrom ?? undefined, validUntil: validUntil ?? undefined }, timeZone),
  };
}

function timeOf(text: string, timeZone: string, read: typeof beginningOf): number {
  const time = read(text, timeZone);
  if (time !== undefined) return time;
  throw new AdministrationError(
    'field-wrong',
    `"${text}" is no time. Give a day, 2026-12-31, or a time with its offset, 2026-12-31T18:00+01:00.`,
  );
}
