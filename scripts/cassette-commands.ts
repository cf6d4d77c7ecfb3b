/** Commands of `npm run admin` about cassettes and their keys, and the answers to them. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { CassetteCommand } from '../domain/cassette/inputs.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import { durationText, nameOf } from '../domain/texts/cassette-texts.ts';
import { machineMayCommand } from '../gateway/cassettes/permissions.ts';
import type { LoginAndPassword } from '../gateway/commands/cassettes.ts';
import { readSecret } from './people-commands.ts';
import { askPersons } from './persons.ts';

export const CASSETTE_USAGE = `Cassettes (each with --cassette C)
  cassettes                                      lists them: state, link, sensors, time left
  cassette                                       everything about one
  self-test --reason "WORDS"                     battery, ink and trigger; fires nothing
  pairing-key                                    prints the secret that is typed into the controller
  these ask for login and password (those with [--second] of two persons), and take --reason "WORDS":
  service [--minutes N] [--second]               from rest, or finish-service [--loaded] back to it
  begin-test | end-test                          in service: which sensors work; nothing can fire
  confirm-key                                    the second factor of a use of K1
  override-key                                   in place of a lost key, one stage down; two persons
  reset-cassette [--alone]                       from stained into service; two persons, unless the site says one

Keys of cassettes
  keys                                           lists them, with the end of their numbers
  add-key --id K --role K1|K2|K [--rom HEX] [--cassette C …] [--duress] [--valid-until DAY]
                                                 without --rom its number is read from standard input; without
                                                 --cassette it is good for all of them
  revoke-key | restore-key --id K --reason "WORDS"`;

export const CASSETTE_OPTIONS = {
  cassette: { type: 'string', multiple: true },
  id: { type: 'string' },
  rom: { type: 'string' },
  role: { type: 'string', multiple: true },
  duress: { type: 'boolean' },
  'valid-until': { type: 'string' },
  minutes: { type: 'string' },
  reason: { type: 'string' },
  loaded: { type: 'boolean' },
  second: { type: 'boolean' },
  alone: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

type CassetteValues = {
  readonly [Name in keyof typeof CASSETTE_OPTIONS]?:
    | ((typeof CASSETTE_OPTIONS)[Name] extends { readonly multiple: true }
        ? string[]
        : (typeof CASSETTE_OPTIONS)[Name]['type'] extends 'boolean'
          ? boolean
          : string)
    | undefined;
};

/** How those who give a command are found out, one after the other. */
type Ask = (who: readonly string[]) => Promise<readonly LoginAndPassword[]>;

/** The command for what was typed; undefined where there is none of that name. What is missing, the gateway says. */
export async function cassetteCommandFor(
  name: string,
  values: CassetteValues,
  ask: Ask = askPersons,
): Promise<object | undefined> {
  const { id, role = [], duress = false, cassette: cassettes = [], reason } = values;
  switch (name) {
    case 'cassettes':
      return { do: 'list-cassettes' };
    case 'cassette':
      return { do: 'show-cassette', cassette: oneCassette(values) };
    case 'keys':
      return { do: 'list-keys' };
    case 'add-key': {
      const validUntil = values['valid-until'];
      const rom = values.rom ?? (await readSecret('Number of the key: '));
      const valid = validUntil === undefined ? {} : { validUntil };
      return { do: name, id, rom, role: role[0], cassettes, duress, ...valid };
    }
    case 'revoke-key':
    case 'restore-key':
      return { do: name, id, reason };
    default: {
      const typed = commandOf(name, values);
      if (!typed) return undefined;
      const { command, second } = typed;
      const who = machineMayCommand(command.do) ? [] : ['First person', ...(second ? ['Second person'] : [])];
      // Nobody is asked for a password in vain.
      const cassette = oneCassette(values);
      const [person, other] = who.length === 0 ? [] : await ask(second ? who : ['You']);
      return {
        do: 'command-cassette',
        cassette,
        command,
        reason,
        ...(person && { person }),
        ...(other && { second: other }),
      };
    }
  }
}

/** The cassette that a command is for. Throws where none or several were named. */
export function oneCassette({ cassette = [] }: CassetteValues): string {
  const [only, ...others] = cassette;
  if (only === undefined || others.length > 0) throw new Error('Name one cassette: --cassette C.');
  return only;
}

function commandOf(
  name: string,
  { minutes, loaded = false, second = false, alone = false }: CassetteValues,
): { readonly command: CassetteCommand; readonly second: boolean } | undefined {
  switch (name) {
    case 'service': {
      const lasts = minutes === undefined ? {} : { lasts: minutesOf(minutes) };
      return { command: { do: 'enter-service', ...lasts }, second };
    }
    case 'finish-service':
      return { command: { do: name, loaded }, second: false };
    case 'reset-cassette':
      return { command: { do: 'reset-stained' }, second: !alone };
    case 'override-key':
      return { command: { do: name }, second: true };
    case 'confirm-key':
    case 'begin-test':
    case 'end-test':
    case 'self-test':
      return { command: { do: name }, second: false };
    default:
      return undefined;
  }
}

function minutesOf(typed: string): number {
  const minutes = Number(typed);
  if (typed.trim() !== '' && minutes > 0) return Math.round(minutes * 60_000);
  throw new Error(`--minutes takes a number above 0, not "${typed}".`);
}

/** Cassettes as rows of a table. */
export function cassetteRows(views: readonly CassetteView[]): object[] {
  return views.map((view) => ({
    cassette: view.id,
    name: view.name,
    mode: view.mode,
    state: view.phase,
    within: view.subState === 'none' ? '' : view.subState,
    controller: view.linked ? 'answers' : 'silent',
    active: activeSensors(view).join(', '),
    left: timesLeft(view).join(', '),
    signal: view.signal,
  }));
}

/** Everything about a cassette, as lines. */
export function cassetteLines(view: CassetteView): string[] {
  const { readings, lastKey, cause, proved } = view;
  const said: readonly (readonly [name: string, value: string | undefined])[] = [
    ['mode', `${view.mode} (${nameOf('mode', view.mode).en})`],
    ['state', `${view.phase}${view.subState === 'none' ? '' : `, ${nameOf('sub-state', view.subState).en}`}`],
    ['cause', cause && nameOf('cause', cause).en],
    ['controller', view.linked ? 'answers' : 'does not answer'],
    ['signal', view.signal],
    ['live', sensorsThat(view, ({ live }) => live) || 'none'],
    ['active', activeSensors(view).join(', ') || 'none'],
    ['unsteady', sensorsThat(view, ({ unsteady }) => unsteady) || undefined],
    ['proved', proved.join(', ') || undefined],
    ['time left', timesLeft(view).join(', ') || undefined],
    ['warnings', warningsOf(view).join(', ') || undefined],
    ['last key', lastKey && lastKeyText(lastKey)],
  ];
  const lines = [`${view.id}: ${view.name}`];
  for (const [name, value] of said) if (value !== undefined) lines.push(`  ${name.padEnd(12)}${value}`);
  if (!readings) return lines;
  const { shocks: _blows, ...measured } = readings;
  for (const [name, value] of Object.entries(measured)) lines.push(`  ${name.padEnd(12)}${value}`);
  return lines;
}

function sensorsThat(
  { sensors }: CassetteView,
  fits: (sensor: CassetteView['sensors'][number]) => boolean,
): string {
  return sensors
    .filter(fits)
    .map(({ sensor }) => sensor)
    .join(', ');
}

function activeSensors({ sensors }: CassetteView): string[] {
  return sensors
    .filter(({ active }) => active)
    .map(({ sensor, confirmed }) => (confirmed ? sensor : `${sensor}?`));
}

function timesLeft({ left }: CassetteView): string[] {
  return Object.entries(left).map(([timer, lasts]) => `${timer} ${durationText(lasts)}`);
}

function warningsOf({ transportOverdue, outsideArea, gasLevel }: CassetteView): string[] {
  return [
    ...(transportOverdue ? ['on its way for too long'] : []),
    ...(outsideArea ? ['outside its area'] : []),
    ...(gasLevel === 'none' ? [] : [`gas: ${gasLevel}`]),
  ];
}

function lastKeyText({ key, role, accepted, at }: NonNullable<CassetteView['lastKey']>): string {
  const who = key === undefined ? 'not registered' : `${key} (${role})`;
  return `${who}, ${accepted ? 'accepted' : 'refused'}, ${new Date(at).toISOString()}`;
}
