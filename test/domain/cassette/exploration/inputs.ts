/** What may reach a cassette while its states are explored. One unit of time is a second. */
import type { CassetteCommand, CassetteInput } from '../../../../domain/cassette/inputs.ts';
import type { CassetteKey } from '../../../../domain/cassette/key.ts';
import type { Readings } from '../../../../domain/cassette/readings.ts';
import { CASSETTE_DEFAULTS, type CassetteSetting } from '../../../../domain/cassette/setting.ts';
import type { CassetteState } from '../../../../domain/cassette/state.ts';
import {
  ANNA,
  BRUNO,
  command,
  K,
  K_OTHER,
  K1,
  K1_OTHER,
  K2,
  K2_OTHER,
  readings,
  settingOf,
  touch,
  UNKNOWN_ROM,
} from '../machine.ts';

export const UNIT = 1_000;

/** Times so short that every one of them is waited for, and passed by. All of them are whole units: a quarter of `soon` too. */
export function shortSetting(given: Partial<CassetteSetting> = {}): CassetteSetting {
  const { sensors } = CASSETTE_DEFAULTS;
  const debounced = Object.fromEntries(
    Object.keys(sensors).map((sensor) => [sensor, { debounce: UNIT, preAlarm: {} }]),
  ) as unknown as CassetteSetting['sensors'];
  return settingOf({
    sensors: {
      ...debounced,
      lid: { debounce: UNIT, preAlarm: { rest: 2 * UNIT } },
      shock: { debounce: 0, preAlarm: {} },
    },
    shock: { window: UNIT, low: { level: 6_000, count: 2 }, high: { level: 2_000, count: 2 } },
    unsteady: { changes: 1_000_000, window: UNIT },
    grace: { lasts: 3 * UNIT, warnings: [2 * UNIT, UNIT], soon: 4 * UNIT, leastAfterReturn: 2 * UNIT },
    service: { lasts: 2 * UNIT, twoPersons: false },
    secondFactor: { required: false, within: 2 * UNIT },
    firing: { retryAfter: UNIT },
    checkpointEvery: UNIT,
    ...given,
  });
}

/** One thing that happens; `after`: what time passes first. */
export interface Happening {
  readonly name: string;
  readonly after: number;
  readonly input: CassetteInput;
}

const SAMPLES: Readonly<Record<string, Partial<Readings>>> = {
  'nothing active, in the machine': {},
  'nothing active, outside': { inMachine: false },
  'the lid open': { lidOpen: true },
  'broken in': { brokenIn: true },
  'a light blow': { shocks: [3_000] },
  'a hard blow': { shocks: [7_000] },
  displaced: { displaced: true },
  gas: { gas: 30 },
  'gas that has fallen a little': { gas: 19 },
  tilted: { tilt: 90 },
  light: { light: 500 },
  hot: { temperature: 80 },
  'lid and a hard blow': { lidOpen: true, shocks: [7_000] },
  'broken in and displaced': { brokenIn: true, displaced: true },
  'a failed self-test': { selfTest: 'failed' },
  'no notes': { notes: 'absent' },
  'a spent stainer': { stainer: 'fired' },
};

export function samplesOf(names: readonly string[] = Object.keys(SAMPLES)): readonly Happening[] {
  return names.map((name) => {
    const given = SAMPLES[name];
    if (!given) throw new Error(`There is no sample "${name}".`);
    return { name: `a sample: ${name}`, after: 0, input: { input: 'sample', readings: readings(given) } };
  });
}

const now = (name: string, input: CassetteInput): Happening => ({ name, after: 0, input });

export const TIME: readonly Happening[] = [
  { name: 'a unit of time', after: UNIT, input: { input: 'tick' } },
  { name: 'a hundred units of time', after: 100 * UNIT, input: { input: 'tick' } },
];

/** Every key of the mode, its twin, and those that are refused. */
export function keysOf(setting: CassetteSetting): readonly Happening[] {
  const good = setting.mode === 'internal' ? [K, K_OTHER, K1] : [K1, K1_OTHER, K2, K2_OTHER];
  const [first] = good;
  const bad: readonly (readonly [string, CassetteKey | undefined, string])[] = [
    ['an unknown key', undefined, UNKNOWN_ROM],
    ...[...new Set([first, setting.mode === 'internal' ? K : K2])].map(
      (known) => [`${known?.id}, revoked`, known && { ...known, revoked: true }, known?.rom ?? ''] as const,
    ),
  ];
  return [
    ...good.map((known) => now(`key ${known.id}`, touch(known))),
    ...(first
      ? [
          now(`key ${first.id}, under duress`, touch({ ...first, duress: true })),
          now(`key ${first.id}, expired`, touch(first, { expired: true })),
        ]
      : []),
    ...bad.map(([name, known, rom]) =>
      now(name, { input: 'key', rom, reader: 'reader', ...(known && { known }) }),
    ),
    now('a key that bounces', {
      input: 'key-fault',
      reader: 'reader',
      rom: K1.rom,
      refusal: { code: 'key-contact-short', values: {} },
    }),
  ];
}

export function commandsOf(): readonly Happening[] {
  const two = { second: BRUNO };
  const twice = { second: ANNA };
  const silent = { second: BRUNO, reason: '' };
  const finish: CassetteCommand = { do: 'finish-service', loaded: true };
  return [
    now('service', command('enter-service')),
    now('service by two', command('enter-service', two)),
    now('service over', command(finish)),
    now('reset by one', command('reset-stained')),
    now('reset by two', command('reset-stained', two)),
    now('override by one', command('override-key')),
    now('override by one person twice', command('override-key', twice)),
    now('override by two without a reason', command('override-key', silent)),
    now('override by two', command('override-key', two)),
    now('confirm the key', command('confirm-key')),
    now('a test', command('begin-test')),
    now('the end of the test', command('end-test')),
    now('a self-test', command('self-test')),
  ];
}

/** What goes wrong around it, and must change nothing. */
export function troublesOf(setting: CassetteSetting): readonly Happening[] {
  return [
    now('link up', { input: 'link', up: true }),
    now('link down', { input: 'link', up: false }),
    now('restart', { input: 'restart' }),
    now('bad frames', { input: 'rejected', reason: 'replayed', count: 2 }),
    now('a full disk', { input: 'records-lost', count: 1 }),
    now('the area left', { input: 'area', inside: false, source: 'tracker' }),
    now('the same configuration', { input: 'configure', setting: structuredClone(setting) }),
  ];
}

/** Answers of the controller: right, wrong, late, and to what was never asked. */
export function answersTo({ live: { lastTicket } }: CassetteState): readonly Happening[] {
  const answer = (name: string, to: 'prepare' | 'fire', ticket: number, ok: boolean): Happening =>
    now(`${ok ? 'done' : 'failed'}: ${to}${name}`, { input: 'answer', to, ticket, ok });
  return [
    answer('', 'prepare', lastTicket, true),
    answer('', 'prepare', lastTicket, false),
    answer(', late', 'prepare', lastTicket - 1, true),
    answer('', 'fire', lastTicket, true),
    answer('', 'fire', lastTicket, false),
    answer(', late', 'fire', lastTicket - 1, true),
    answer(', of long ago', 'fire', lastTicket - 9, true),
    answer(', never asked', 'fire', lastTicket + 3, true),
  ];
}
