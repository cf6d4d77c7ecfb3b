/**
 * The rules of a cassette once more, written by hand from the description that it is built to: phase × event → phase,
 * what stands against each key, and what each sensor does in each phase. Nothing here is read from the product's own
 * table. Whatever is not written here moves nothing.
 */
import type { Readings, Sensor } from '../../../domain/cassette/readings.ts';
import type { CassetteRefusalCode } from '../../../domain/cassette/refusal.ts';
import type { Guard, Liveness } from '../../../domain/cassette/rules.ts';
import type { ManagementMode, Phase } from '../../../domain/cassette/setting.ts';
import {
  type Bench,
  BRUNO,
  K,
  K_OTHER,
  K1,
  K1_OTHER,
  K2,
  K2_OTHER,
  settingOf,
  UNKNOWN_ROM,
} from './machine.ts';

/** Everything that may happen to a cassette, with nothing else wrong. */
export const EVENTS = {
  K1: (made: Bench) => made.key(K1),
  'another K1': (made: Bench) => made.key(K1_OTHER),
  K2: (made: Bench) => made.key(K2),
  'another K2': (made: Bench) => made.key(K2_OTHER),
  K: (made: Bench) => made.key(K),
  'another K': (made: Bench) => made.key(K_OTHER),
  'an unknown key': (made: Bench) => made.take({ input: 'key', rom: UNKNOWN_ROM, reader: 'reader' }),
  'a revoked K1': (made: Bench) => made.key({ ...K1, revoked: true }),
  'a revoked K2': (made: Bench) => made.key({ ...K2, revoked: true }),
  'a revoked K': (made: Bench) => made.key({ ...K, revoked: true }),
  'an expired K1': (made: Bench) => made.key(K1, { expired: true }),
  'an expired K2': (made: Bench) => made.key(K2, { expired: true }),
  'an expired K': (made: Bench) => made.key(K, { expired: true }),
  "another cassette's K1": (made: Bench) => made.key({ ...K1, cassettes: ['c2'] }),
  "another cassette's K2": (made: Bench) => made.key({ ...K2, cassettes: ['c2'] }),
  "another cassette's K": (made: Bench) => made.key({ ...K, cassettes: ['c2'] }),
  'two keys at once': (made: Bench) =>
    made.take({
      input: 'key-fault',
      reader: 'reader',
      rom: K1.rom,
      refusal: { code: 'two-keys', values: {} },
    }),
  service: (made: Bench) => made.do('enter-service'),
  'service over': (made: Bench) => made.do({ do: 'finish-service', loaded: true }),
  'reset by one': (made: Bench) => made.do('reset-stained'),
  'reset by two': (made: Bench) => made.do('reset-stained', { second: BRUNO }),
  'override by one': (made: Bench) => made.do('override-key'),
  'override by two': (made: Bench) => made.do('override-key', { second: BRUNO }),
  'override without a reason': (made: Bench) => made.do('override-key', { second: BRUNO, reason: ' ' }),
  'confirm a key': (made: Bench) => made.do('confirm-key'),
  'a test': (made: Bench) => made.do('begin-test'),
  'the end of a test': (made: Bench) => made.do('end-test'),
  'a self-test': (made: Bench) => made.do('self-test'),
  'ten minutes': (made: Bench) => made.live(600_000),
  'a clock set back': (made: Bench) => made.take({ input: 'tick' }, 0),
  'a clock set forward': (made: Bench) => made.take({ input: 'tick' }, Number.MAX_SAFE_INTEGER),
  'a quiet sample': (made: Bench) => made.samples({}, 1_000),
  'a sample outside the machine': (made: Bench) => made.samples({ inMachine: false }, 1_000),
  'a lost link': (made: Bench) => made.link(false),
  'a link that comes back': (made: Bench) => {
    made.link(false);
    made.pass(60_000);
    made.link(true);
    made.sample();
  },
  'a restart': (made: Bench) => {
    made.restart();
    made.link(true);
    made.sample();
  },
  'bad frames': (made: Bench) => made.take({ input: 'rejected', reason: 'not-authentic', count: 3 }),
  'a full disk': (made: Bench) => made.take({ input: 'records-lost', count: 7 }),
  'the area left': (made: Bench) => made.take({ input: 'area', inside: false, source: 'tracker' }),
  'the same configuration': (made: Bench) => {
    const { setting } = made.state.recorded;
    if (setting) made.take({ input: 'configure', setting: structuredClone(setting) });
  },
  'another configuration': (made: Bench) => {
    const { setting } = made.state.recorded;
    if (setting) made.take({ input: 'configure', setting: settingOf({ ...setting, loadedRequired: false }) });
  },
  'an answer that nobody asked for': (made: Bench) => {
    made.answer('prepare');
    made.answer('fire');
  },
  'a sealed record': (made: Bench) =>
    made.take({ input: 'incident', sealed: { incident: 'i', digest: 'd', fromSeq: 1, toSeq: 2 } }),
} as const;
export type Event = keyof typeof EVENTS;

type Moves = Readonly<Partial<Record<Phase, Readonly<Partial<Record<Event, Phase>>>>>>;

/** Service is entered from rest alone, left to rest; nothing but a reset by two persons leaves stained. */
const ALWAYS = {
  rest: { service: 'service' },
  service: { 'service over': 'rest' },
  stained: { 'reset by two': 'service' },
} as const satisfies Moves;

/** In the ways of the bench, K1 has armed the first stage and K2 the second; in mode 2 K the only one. */
export const MOVES: Readonly<Record<ManagementMode, Moves>> = {
  outsourced: {
    rest: { ...ALWAYS.rest, K1: 'transit', 'another K1': 'transit' },
    transit: { K2: 'full', 'another K2': 'full', K1: 'rest', 'override by two': 'rest' },
    full: { K2: 'transit', 'override by two': 'transit' },
    service: ALWAYS.service,
    stained: ALWAYS.stained,
  },
  internal: {
    rest: { ...ALWAYS.rest, K: 'full', 'another K': 'full' },
    full: { K: 'rest', 'override by two': 'rest' },
    service: ALWAYS.service,
    stained: ALWAYS.stained,
  },
  'internal-protected-zone': {
    rest: { ...ALWAYS.rest, K1: 'grace', 'another K1': 'grace' },
    grace: {
      K2: 'full',
      'another K2': 'full',
      K1: 'rest',
      'override by two': 'rest',
      'ten minutes': 'stained',
    },
    full: { K2: 'transit', 'override by two': 'transit' },
    // On the way back no time runs; the key of the machine takes it back in, as before.
    transit: { K1: 'rest', K2: 'full', 'another K2': 'full', 'override by two': 'rest' },
    service: ALWAYS.service,
    stained: ALWAYS.stained,
  },
};

/** Why a key of the bench does nothing where it does nothing. */
export function refusalOf(mode: ManagementMode, phase: Phase, event: Event): CassetteRefusalCode | undefined {
  if (event === 'two keys at once') return 'two-keys';
  const isKey = /\bK[12]?$/.test(event) || event === 'an unknown key';
  if (!isKey || MOVES[mode][phase]?.[event]) return undefined;
  if (phase === 'stained') return 'stained-already';
  if (event === 'an unknown key') return 'key-unknown';
  if (event.startsWith('a revoked')) return 'key-revoked';
  if (event.startsWith('an expired')) return 'key-expired';
  if (event.startsWith('another cassette')) return 'key-not-for-this-cassette';
  // The twin of a key that would disarm.
  const twin = event.startsWith('another ') && event.slice('another '.length);
  const disarms = twin && MOVES[mode][phase]?.[twin as Event];
  return disarms ? 'not-the-same-key' : 'key-has-no-effect-here';
}

/** What may be wrong when a key is touched, as one sample shows it; `no-link`: no sample at all. */
export const OBSTACLES = {
  'no link': 'no-link',
  'no notes': { notes: 'absent' },
  'notes unknown': { notes: 'unknown' },
  'lid open': { lidOpen: true },
  'self-test failed': { selfTest: 'failed' },
  'self-test not run': { selfTest: 'not-run' },
  'outside the machine': { inMachine: false },
  'stainer inhibited': { stainer: 'inhibited' },
  'stainer fault': { stainer: 'fault' },
  'stainer prepared': { stainer: 'prepared' },
  'ink gone': { ink: 'fault' },
  'ink low': { ink: 'low' },
  'trigger fault': { trigger: 'fault' },
  'trigger unknown': { trigger: 'unknown' },
  'battery fault': { battery: 'fault' },
  'battery low': { battery: 'low' },
  'on battery': { power: 'battery' },
  'broken in': { brokenIn: true },
  displaced: { displaced: true },
  gas: { gas: 30 },
  'a light blow': { shocks: [3_000] },
  'a hard blow': { shocks: [7_000] },
  tilted: { tilt: 90 },
  lit: { light: 500 },
  hot: { temperature: 80 },
} as const satisfies Readonly<Record<string, Partial<Readings> | 'no-link'>>;
export type Obstacle = keyof typeof OBSTACLES;

type Refusals = Readonly<Partial<Record<Obstacle, CassetteRefusalCode>>>;

const STAINER: Refusals = {
  'no link': 'no-link',
  'self-test failed': 'self-test-failed',
  'self-test not run': 'self-test-failed',
  'stainer inhibited': 'stainer-not-ready',
  'stainer fault': 'stainer-not-ready',
  'stainer prepared': 'stainer-not-ready',
  'ink gone': 'ink-not-ok',
  'trigger fault': 'trigger-not-ok',
  'battery fault': 'battery-not-ok',
  'broken in': 'sensor-active',
};
const FIRST: Refusals = {
  ...STAINER,
  'no notes': 'not-loaded',
  'notes unknown': 'not-loaded',
  'lid open': 'lid-open',
  'a hard blow': 'sensor-active',
};
const FULLY: Refusals = {
  ...STAINER,
  'outside the machine': 'not-in-machine',
  'lid open': 'sensor-active',
  displaced: 'sensor-active',
  gas: 'sensor-active',
  'a light blow': 'sensor-active',
  'a hard blow': 'sensor-active',
};

/** What stands against a key that arms. A key that disarms is stopped by nothing. */
export const AGAINST: Readonly<
  Record<ManagementMode, readonly (readonly [from: Phase, key: 'K1' | 'K2' | 'K', refusals: Refusals])[]>
> = {
  outsourced: [
    ['rest', 'K1', FIRST],
    ['transit', 'K2', FULLY],
    ['transit', 'K1', {}],
    ['full', 'K2', {}],
  ],
  internal: [
    ['rest', 'K', { ...FULLY, 'lid open': 'lid-open' }],
    ['full', 'K', {}],
  ],
  'internal-protected-zone': [
    ['rest', 'K1', FIRST],
    ['grace', 'K2', FULLY],
    ['grace', 'K1', {}],
    ['full', 'K2', {}],
    ['transit', 'K2', FULLY],
    ['transit', 'K1', {}],
  ],
};

/** The order of the refusals where everything is wrong at once. */
export const FIRST_REFUSAL: Readonly<Record<Guard, readonly Obstacle[]>> = {
  'not-loaded': ['no notes', 'lid open', 'self-test failed'],
  'lid-open': ['lid open', 'self-test failed', 'ink gone'],
  'self-test-failed': ['self-test failed', 'ink gone'],
  'not-in-machine': ['outside the machine', 'lid open', 'self-test failed'],
};

const OTHERS = { tilt: 'report', light: 'report', temperature: 'report' } as const;
const CARRIED = {
  lid: 'live',
  'break-in': 'live',
  shock: 'low',
  position: 'off',
  gas: 'off',
  ...OTHERS,
} as const;

/** What each sensor does in each phase. */
export const LIVENESS: Readonly<Record<Phase, Readonly<Record<Sensor, Liveness>>>> = {
  service: { lid: 'report', 'break-in': 'report', shock: 'off', position: 'off', gas: 'off', ...OTHERS },
  rest: { lid: 'live', 'break-in': 'live', shock: 'off', position: 'off', gas: 'off', ...OTHERS },
  transit: CARRIED,
  grace: CARRIED,
  full: { lid: 'live', 'break-in': 'live', shock: 'high', position: 'live', gas: 'live', ...OTHERS },
  stained: {
    lid: 'log',
    'break-in': 'log',
    shock: 'log',
    position: 'log',
    gas: 'log',
    tilt: 'log',
    light: 'log',
    temperature: 'log',
  },
};

/** Samples that show one sensor active and nothing else. */
export const ACTIVE: Readonly<Record<Exclude<Sensor, 'shock'>, Partial<Readings>>> = {
  lid: { lidOpen: true },
  'break-in': { brokenIn: true },
  position: { displaced: true },
  gas: { gas: 30 },
  tilt: { tilt: 90 },
  light: { light: 500 },
  temperature: { temperature: 80 },
};
