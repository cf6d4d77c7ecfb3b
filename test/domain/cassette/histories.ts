/** Long random lives of a cassette: any setting within its bounds, any input, flapping and noise. */
import fc from 'fast-check';
import type { CassetteInput } from '../../../domain/cassette/inputs.ts';
import type { CassetteKey } from '../../../domain/cassette/key.ts';
import { type Readings, SENSORS } from '../../../domain/cassette/readings.ts';
import { type CassetteSetting, LIVE_PHASES, MANAGEMENT_MODES } from '../../../domain/cassette/setting.ts';
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
  QUIET,
  settingOf,
  touch,
  UNKNOWN_ROM,
} from './machine.ts';

/** What happens next; an answer is to whatever ticket is the last by then, or some before it. */
export type Act =
  | { readonly act: 'input'; readonly input: CassetteInput }
  | { readonly act: 'answer'; readonly to: 'prepare' | 'fire'; readonly ok: boolean; readonly back: number }
  | { readonly act: 'wait'; readonly time: number }
  /** The controller does what it was told last. */
  | { readonly act: 'obey' };

export interface Happens {
  /** Passes before it. */
  readonly after: number;
  /** The wall clock by then: anything. */
  readonly wall: number;
  readonly acts: readonly Act[];
}

const milliseconds = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
const count = fc.integer({ min: 1, max: 16 });

const rule = fc.record({
  debounce: milliseconds(2_000),
  preAlarm: fc
    .subarray([...LIVE_PHASES], { maxLength: 2 })
    .chain((phases) =>
      fc.record(Object.fromEntries(phases.map((phase) => [phase, fc.integer({ min: 1, max: 3_000 })]))),
    ),
});

export const settings: fc.Arbitrary<CassetteSetting> = fc
  .record({
    mode: fc.constantFrom(...MANAGEMENT_MODES),
    sensors: fc.record(Object.fromEntries(SENSORS.map((sensor) => [sensor, rule]))),
    window: milliseconds(3_000),
    hard: count,
    light: count,
    unsteady: fc.record({ changes: fc.integer({ min: 2, max: 20 }), window: milliseconds(60_000) }),
    grace: fc.integer({ min: 1_000, max: 20_000 }),
    least: fc.integer({ min: 0, max: 1_000 }),
    warnings: fc.uniqueArray(fc.integer({ min: 1, max: 19_000 }), { maxLength: 5 }),
    alsoLive: fc.record({
      transit: fc.subarray(['tilt', 'light', 'temperature'] as const),
      full: fc.subarray(['tilt', 'light', 'temperature'] as const),
    }),
    service: fc.record({ lasts: fc.integer({ min: 1, max: 20_000 }), twoPersons: fc.boolean() }),
    transportWithin: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
    flags: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    secondFactor: fc.record({ required: fc.boolean(), within: fc.integer({ min: 1, max: 5_000 }) }),
    retryAfter: milliseconds(1_000),
    checkpointEvery: fc.integer({ min: 100, max: 10_000 }),
  })
  .map(({ window, hard, light, grace, least, warnings, transportWithin, flags, retryAfter, ...others }) => {
    const [automaticFull, loadedRequired, resetByTwoPersons] = flags;
    return settingOf({
      ...others,
      sensors: others.sensors as CassetteSetting['sensors'],
      shock: { window, low: { level: 6_000, count: hard }, high: { level: 2_000, count: light } },
      grace: {
        lasts: grace,
        warnings: warnings.filter((left) => left < grace).toSorted((a, b) => b - a),
        soon: grace / 2,
        leastAfterReturn: least,
      },
      ...(transportWithin !== undefined && { transportWithin }),
      automaticFull,
      loadedRequired,
      resetByTwoPersons,
      firing: { retryAfter },
    });
  });

/** A cassette where little is wrong, and something may be. */
const sample: fc.Arbitrary<Readings> = fc
  .tuple(
    fc.boolean(),
    fc.subarray<Partial<Readings>>(
      [
        { lidOpen: true },
        { brokenIn: true },
        { displaced: true },
        { gas: 15 },
        { gas: 19 },
        { gas: 30 },
        { tilt: 42 },
        { tilt: 90 },
        { light: 400 },
        { temperature: -30 },
        { shocks: [2_500] },
        { shocks: [7_000, 7_000] },
        { shocks: Array<number>(16).fill(3_000) },
        { notes: 'unknown' },
        { notes: 'absent' },
        { selfTest: 'failed' },
        { stainer: 'inhibited' },
        { battery: 'low' },
      ],
      { maxLength: 2 },
    ),
  )
  .map(([inMachine, wrong]) => Object.assign({}, QUIET, { inMachine }, ...wrong) as Readings);

const KEYS: readonly CassetteKey[] = [K1, K1_OTHER, K2, K2_OTHER, K, K_OTHER];

const key = fc
  .tuple(
    fc.constantFrom(...KEYS),
    fc.record({ revoked: fc.boolean(), duress: fc.boolean(), expired: fc.boolean() }),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([known, flaws, chance]): CassetteInput => {
    if (chance > 1) return touch(known);
    if (chance === 1) return { input: 'key', rom: UNKNOWN_ROM, reader: 'reader' };
    const { revoked, duress, expired } = flaws;
    return touch({ ...known, revoked, duress }, { expired });
  });

const commands = fc
  .tuple(
    fc.constantFrom<Parameters<typeof command>[0]>(
      'enter-service',
      { do: 'enter-service', lasts: 500 },
      { do: 'finish-service', loaded: true },
      { do: 'finish-service', loaded: false },
      'reset-stained',
      'override-key',
      'confirm-key',
      'begin-test',
      'end-test',
      'self-test',
    ),
    fc.constantFrom(undefined, ANNA, BRUNO, BRUNO),
    fc.constantFrom('a reason', 'a reason', ''),
  )
  .map(([what, second, reason]): CassetteInput => command(what, { reason, ...(second && { second }) }));

const trouble = fc.constantFrom<CassetteInput>(
  { input: 'link', up: true },
  { input: 'link', up: true },
  { input: 'link', up: false },
  { input: 'restart' },
  { input: 'rejected', reason: 'replayed', count: 1 },
  { input: 'records-lost', count: 1 },
  { input: 'area', inside: false, source: 'tracker' },
  { input: 'area', inside: true, source: 'tracker' },
  { input: 'tick' },
);

const input = (of: fc.Arbitrary<CassetteInput>): fc.Arbitrary<readonly Act[]> =>
  of.map((each) => [{ act: 'input', input: each }]);
const asSample = (readings: Readings): Act => ({ act: 'input', input: { input: 'sample', readings } });

/** A sensor at its threshold: now over it, now not. */
const flapping = fc
  .tuple(sample, fc.integer({ min: 2, max: 8 }))
  .map(([readings, times]) =>
    Array.from({ length: times }, (_none, time) => asSample(time % 2 ? QUIET : readings)),
  );
/** What a sensor shows for longer. */
const lasting = fc
  .tuple(sample, fc.array(milliseconds(3_500), { minLength: 1, maxLength: 4 }))
  .map(([readings, times]): readonly Act[] => [
    asSample(readings),
    ...times.flatMap((time): Act[] => [{ act: 'wait', time }, asSample(readings)]),
  ]);
/** People at their work, with nothing wrong. */
const arming = fc
  .constantFrom<readonly CassetteKey[]>([K1], [K1, K2], [K], [K2])
  .map((keys): readonly Act[] => [
    { act: 'input', input: { input: 'link', up: true } },
    asSample(QUIET),
    ...keys.map((known): Act => ({ act: 'input', input: touch(known) })),
  ]);
const answer = fc
  .record({
    act: fc.constant('answer' as const),
    to: fc.constantFrom('prepare' as const, 'fire' as const),
    ok: fc.boolean(),
    back: fc.constantFrom(0, 0, 1, 5, -1),
  })
  .map((each): readonly Act[] => [each]);

const acts: fc.Arbitrary<readonly Act[]> = fc.oneof(
  { weight: 5, arbitrary: sample.map((readings) => [asSample(readings)]) },
  { weight: 2, arbitrary: fc.constant([asSample(QUIET)]) },
  { weight: 2, arbitrary: flapping },
  { weight: 4, arbitrary: lasting },
  { weight: 3, arbitrary: arming },
  { weight: 6, arbitrary: input(key) },
  { weight: 4, arbitrary: input(commands) },
  { weight: 3, arbitrary: input(trouble) },
  { weight: 2, arbitrary: answer },
  { weight: 2, arbitrary: fc.constant([{ act: 'obey' as const }]) },
);

export const histories: fc.Arbitrary<readonly Happens[]> = fc.array(
  fc.record({
    after: fc.oneof(
      { weight: 4, arbitrary: milliseconds(300) },
      { weight: 2, arbitrary: milliseconds(3_000) },
      { weight: 1, arbitrary: milliseconds(100_000) },
    ),
    wall: fc.constantFrom(0, Date.UTC(2026, 0, 1), Date.UTC(2025, 11, 31), Number.MAX_SAFE_INTEGER),
    acts,
  }),
  { maxLength: 120, size: 'max' },
);
