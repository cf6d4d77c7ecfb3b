import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { ImportMessage } from '../gateway/commands/people.ts';
import type { ImportProgress, ImportSummary } from '../gateway/import/people-import.ts';
import { askNewPassword } from './persons.ts';

export const PEOPLE_USAGE = `People
  users                                          lists them
  add-user --name NAME [--login L] [--email E] [--language en|pl|it] [--role R] [--group G] [VALIDITY]
                                                 R: defined (default), master, operator, administrator
  change-user --user ID [the same options]       "none" takes an address, a language, groups or a validity away
  erase-user --user ID                           erases everything personal; the id stays
  block-user | unblock-user --user ID
  import --file users.csv [--dry-run]            adds the people of a file; see docs/people.md
  one-time-password --login L                    to get back in when a password was forgotten
  change-password --login L                      asks for the password, a one-time one too, and for a new one

Credentials
  add-credential --user ID --kind K [--value V] [VALIDITY]
                                                 K: card, phone, ibutton, barcode, qr, biometric; without
                                                 --value it is read from standard input
  add-card --user ID --card HEX                  the same for a card
  add-pin --user ID [--duress] [VALIDITY]        a PIN, read from standard input; --duress raises a silent alarm
  credentials --user ID                          lists ids and kinds
  block-credential | unblock-credential | remove-credential --credential ID
  phone-access --user ID --cabinet C [--panel P] [--minutes N]
                                                 a link's token and a code, good once; 15 minutes
  rotate-key                                     puts a new key in use for everything that identifies

Rights
  add-right --cabinet C (--user ID | --group G) [--compartment-group X] [--reader R] [--pick]
            [--hours "1-5 08:00-16:00"] [VALIDITY]
  rights [--cabinet C] [--user ID] [--group G]   lists them
  remove-right --right ID
                                                 VALIDITY: [--valid-from DAY] [--valid-until DAY]`;

export const PEOPLE_OPTIONS = {
  name: { type: 'string' },
  login: { type: 'string' },
  email: { type: 'string' },
  language: { type: 'string' },
  role: { type: 'string', multiple: true },
  group: { type: 'string', multiple: true },
  user: { type: 'string' },
  card: { type: 'string' },
  value: { type: 'string' },
  kind: { type: 'string' },
  duress: { type: 'boolean' },
  credential: { type: 'string' },
  cabinet: { type: 'string' },
  panel: { type: 'string' },
  minutes: { type: 'string' },
  'compartment-group': { type: 'string', multiple: true },
  reader: { type: 'string', multiple: true },
  pick: { type: 'boolean' },
  hours: { type: 'string', multiple: true },
  right: { type: 'string' },
  'valid-from': { type: 'string' },
  'valid-until': { type: 'string' },
  file: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

type PeopleValues = {
  readonly [Name in keyof typeof PEOPLE_OPTIONS]?:
    | ((typeof PEOPLE_OPTIONS)[Name] extends { readonly multiple: true }
        ? string[]
        : (typeof PEOPLE_OPTIONS)[Name]['type'] extends 'boolean'
          ? boolean
          : string)
    | undefined;
};

/** The command for what was typed; undefined where there is none of that name. What is missing, the gateway says. */
export async function peopleCommandFor(name: string, values: PeopleValues): Promise<object | undefined> {
  const { user, cabinet, group, reader, pick, panel, minutes, file } = values;
  const valid = present({ validFrom: values['valid-from'], validUntil: values['valid-until'] });
  switch (name) {
    case 'users':
      return { do: 'list-users' };
    case 'add-user': {
      const { login, email, language } = values;
      const optional = present({ login, email, language });
      return {
        do: name,
        name: values.name,
        ...optional,
        ...valid,
        ...rolesAndGroups(values, ['defined'], []),
      };
    }
    case 'change-user': {
      const { email, language } = values;
      const optional = orNull(present({ email, language, ...valid }));
      return { do: name, user, ...present({ name: values.name }), ...optional, ...rolesAndGroups(values) };
    }
    case 'erase-user':
    case 'block-user':
    case 'unblock-user':
      return { do: name, user };
    case 'one-time-password':
      return { do: name, login: values.login };
    case 'change-password':
      return { do: name, login: values.login, ...(await askNewPassword()) };
    case 'add-card':
      return { do: 'add-credential', user, kind: 'card', value: values.card, ...valid };
    case 'add-pin': {
      const value = await readSecret('PIN: ');
      return {
        do: 'add-credential',
        user,
        kind: 'pin',
        value,
        ...present({ duress: values.duress }),
        ...valid,
      };
    }
    case 'add-credential':
      return {
        do: name,
        user,
        kind: values.kind,
        value: values.value ?? (await readSecret('Value: ')),
        ...valid,
      };
    case 'credentials':
      return { do: 'list-credentials', user };
    case 'block-credential':
    case 'unblock-credential':
    case 'remove-credential':
      return { do: name, credential: values.credential };
    case 'phone-access':
      return { do: name, user, cabinet, ...present({ panel }), minutes: Number(minutes ?? 15) };
    case 'rotate-key':
      return { do: name };
    case 'add-right':
      return {
        do: name,
        cabinet,
        ...present({
          user,
          userGroup: oneOf(group),
          compartmentGroups: values['compartment-group'],
          readers: reader,
          pick,
          weekly: values.hours?.map(windowOf),
        }),
        ...valid,
      };
    case 'rights':
      return { do: 'list-rights', ...present({ cabinet, user, userGroup: oneOf(group) }) };
    case 'remove-right':
      return { do: name, right: values.right };
    case 'import':
      return { do: name, file: resolve(file ?? ''), dryRun: values['dry-run'] ?? false };
    default:
      return undefined;
  }
}

/** A sentence for each line of a file, and where the import stands. */
export function tellImport({ progress }: ImportMessage, output: NodeJS.WriteStream): void {
  const { report, done, total } = progress;
  console.log(lineOf(report));
  if (output.isTTY && (done % 100 === 0 || done === total)) output.write(`\r${done} of ${total} lines `);
  if (output.isTTY && done === total) output.write('\n');
}

/** The last sentence of an import. */
export function importSummary({ dryRun, total, added, refused }: ImportSummary): string {
  const verb = dryRun ? 'would be added' : 'were added';
  const left = total - added - refused;
  return `${added} of ${total} people ${verb}, ${refused} refused${left > 0 ? `, ${left} not looked at` : ''}.`;
}

/** The sentence for one line. */
export function lineOf(report: ImportProgress['report']): string {
  if (report.status === 'error') return `line ${report.line}: error ${report.code}: ${report.message}`;
  const known = report.credentials.length > 0 ? ` with ${report.credentials.join(', ')}` : '';
  return `line ${report.line}: ok ${report.user ?? 'would be added'}${known}`;
}

/** Reads a line from standard input: a secret must not stand in the list of processes or in the shell's history. */
export async function readSecret(prompt: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(prompt);
  for await (const line of createInterface({ input: process.stdin })) return line.trim();
  return '';
}

/** Hours of a week as typed: days as `1-5` or `6,7`, 1 being Monday, and times of day. */
function windowOf(text: string): object {
  const parts = /^([1-7](?:[-,][1-7])*)\s+(\d{2}:\d{2})-(\d{2}:\d{2})$/.exec(text.trim());
  if (!parts) throw noHours(text);
  const [, days = '', from = '', to = ''] = parts;
  const numbers = days.split(',').flatMap((run) => {
    const [first = 0, last = first] = run.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  });
  if (numbers.length === 0) throw noHours(text);
  return { days: numbers, from, to };
}

function noHours(text: string): Error {
  return new Error(`"${text}" are no hours of a week. Give days and times, "1-5 08:00-16:00".`);
}

/** A right is for one group. */
function oneOf(groups: readonly string[] | undefined): string | undefined {
  if (groups && groups.length > 1) throw new Error('Give one --group. Each group has rights of its own.');
  return groups?.[0];
}

function rolesAndGroups(
  { role, group }: PeopleValues,
  roles?: readonly string[],
  groups?: readonly string[],
): Readonly<Record<string, unknown>> {
  const none = (list: readonly string[] | undefined): readonly string[] | undefined =>
    list?.length === 1 && list[0] === 'none' ? [] : list;
  return present({ roles: role ?? roles, groups: none(group) ?? groups });
}

function present(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function orNull(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value === 'none' ? null : value]),
  );
}
