/** Where a machine that goes by some rules does something else than the tables written by hand. */
import type { Sensor } from '../../../domain/cassette/readings.ts';
import { RULES, type Rules } from '../../../domain/cassette/rules.ts';
import {
  CASSETTE_DEFAULTS,
  MANAGEMENT_MODES,
  type ManagementMode,
  type Phase,
} from '../../../domain/cassette/setting.ts';
import { type Bench, benchIn, K, K1, K2, refusalsIn } from './machine.ts';
import {
  ACTIVE,
  AGAINST,
  EVENTS,
  type Event,
  FIRST_REFUSAL,
  LIVENESS,
  MOVES,
  OBSTACLES,
  type Obstacle,
  refusalOf,
} from './tables.ts';

/** What the machine does otherwise, one sentence each, as they are found. */
export function* deviations(rules: Rules = RULES): Generator<string> {
  for (const mode of MANAGEMENT_MODES) {
    yield* wrongMoves(mode, rules);
    yield* wrongRefusals(mode, rules);
    yield* wrongSensors(mode, rules);
  }
}

/** Every event in every phase of a mode. */
function* wrongMoves(mode: ManagementMode, rules: Rules): Generator<string> {
  for (const phase of phasesOf(mode)) {
    for (const event of Object.keys(EVENTS) as Event[]) {
      yield* wrongMove(mode, phase, event, rules);
    }
  }
}

export function* wrongMove(
  mode: ManagementMode,
  phase: Phase,
  event: Event,
  rules: Rules,
): Generator<string> {
  const made = benchIn(phase, { mode }, rules);
  if (made.phase !== phase) {
    yield `${mode}: the way to ${phase} ends in ${made.phase}`;
    return;
  }
  const before = made.events.length;
  const prepared = made.count('prepare');
  EVENTS[event](made);
  // Where the time is over, the controller answers.
  if (made.state.recorded.attack !== undefined) {
    made.answer('prepare');
    made.answer('fire');
  }
  const target = MOVES[mode][phase]?.[event] ?? phase;
  const where = `${mode}: ${event} in ${phase}`;
  if (made.phase !== target) yield `${where} leads to ${made.phase}, not to ${target}`;
  if (target !== 'stained' && made.count('prepare') > prepared) yield `${where} prepares the stainer`;
  const refused = refusalsIn(made.events.slice(before))[0];
  const expected = refusalOf(mode, phase, event);
  const isKey =
    expected !== undefined || made.events.slice(before).some(({ type }) => type === 'key-refused');
  if (isKey && refused !== expected) yield `${where} is refused with ${refused}, not ${expected}`;
}

/** Every key that has an effect, with each thing that may be wrong. */
function* wrongRefusals(mode: ManagementMode, rules: Rules): Generator<string> {
  for (const [from, key, refusals] of AGAINST[mode]) {
    for (const obstacle of Object.keys(OBSTACLES) as Obstacle[]) {
      const expected = refusals[obstacle];
      const refused = refusedWith(mode, from, key, [obstacle], rules);
      if (refused !== expected) {
        yield `${mode}: ${key} in ${from} with ${obstacle} is refused with ${refused}, not ${expected}`;
      }
    }
    for (const [first, several] of Object.entries(FIRST_REFUSAL)) {
      if (!Object.values<string>(refusals).includes(first)) continue;
      const refused = refusedWith(mode, from, key, several, rules);
      if (refused !== first)
        yield `${mode}: ${key} in ${from} is first refused with ${refused}, not ${first}`;
    }
  }
}

function refusedWith(
  mode: ManagementMode,
  from: Phase,
  key: 'K1' | 'K2' | 'K',
  obstacles: readonly Obstacle[],
  rules: Rules,
): string | undefined {
  const made = benchIn(from, { mode, ...QUICK }, rules);
  made.pass(5_000);
  const shown = obstacles.map((obstacle) => OBSTACLES[obstacle]);
  if (shown.includes('no-link')) made.link(false);
  else made.sample(Object.assign({}, ...shown));
  const step = made.key({ K1, K2, K }[key]);
  const used = step.events.some(({ type }) => type === 'key-used');
  return refusalsIn(step.events)[0] ?? (used ? undefined : 'nothing');
}

/** Every sensor in every phase of a mode, by what it does when it is active for long. */
function* wrongSensors(mode: ManagementMode, rules: Rules): Generator<string> {
  for (const phase of phasesOf(mode)) {
    for (const [sensor, expected] of Object.entries(LIVENESS[phase])) {
      const found = sensor === 'shock' ? shockIn(mode, phase, rules) : sensorIn(mode, phase, sensor, rules);
      if (found !== expected) yield `${mode}: ${sensor} in ${phase} is ${found}, not ${expected}`;
    }
  }
}

const QUICK = {
  sensors: Object.fromEntries(
    Object.keys(CASSETTE_DEFAULTS.sensors).map((sensor) => [sensor, { debounce: 100, preAlarm: {} }]),
  ) as typeof CASSETTE_DEFAULTS.sensors,
};

function sensorIn(mode: ManagementMode, phase: Phase, sensor: string, rules: Rules): string {
  const made = benchIn(phase, { mode, ...QUICK }, rules);
  made.pass(5_000);
  const since = made.events.length;
  const { shock: _shock, ...sensors } = ACTIVE as Record<Sensor, object>;
  made.samples(sensors[sensor as keyof typeof sensors], 300);
  return seenOf(made, since, sensor);
}

/** At rest blows do nothing; elsewhere it takes as many and as hard ones as the sensitivity says. */
function shockIn(mode: ManagementMode, phase: Phase, rules: Rules): string {
  const { low, high } = CASSETTE_DEFAULTS.shock;
  const lightly = struck(mode, phase, Array<number>(high.count).fill(high.level), rules);
  const tooFew = struck(mode, phase, Array<number>(high.count - 1).fill(low.level), rules);
  if (tooFew !== 'off') return `${tooFew} at ${high.count - 1} blows`;
  if (lightly !== 'off') return lightly;
  const hard = struck(mode, phase, Array<number>(low.count).fill(low.level), rules);
  const fewer = struck(mode, phase, Array<number>(low.count - 1).fill(low.level), rules);
  return fewer === 'off' ? hard : `${fewer} at ${low.count - 1} blows`;
}

function struck(mode: ManagementMode, phase: Phase, shocks: readonly number[], rules: Rules): string {
  const made = benchIn(phase, { mode, ...QUICK }, rules);
  made.pass(5_000);
  const since = made.events.length;
  made.sample({ shocks });
  made.at += 100;
  made.sample();
  return seenOf(made, since, 'shock');
}

/** What a sensor did: what its event says, and whether that agrees with what happened. */
function seenOf(made: Bench, since: number, sensor: string): string {
  const events = made.events.slice(since);
  const attack = events.find((event) => event.type === 'attack-confirmed');
  const change = events.find((event) => event.type === 'sensor-changed');
  if (attack && attack.data.cause !== sensor) return `an attack by ${attack.data.cause}`;
  if (change && change.data.sensor !== sensor) return `a change of ${change.data.sensor}`;
  const said = change?.data.liveness ?? 'off';
  const live = said === 'live' || said === 'low' || said === 'high';
  if (live !== (attack !== undefined)) return `${said}, ${attack ? 'but stains' : 'but does not stain'}`;
  if (live !== made.count('prepare') > 0 && made.phase !== 'stained') return `${said}, stainer otherwise`;
  return said;
}

export function phasesOf(mode: ManagementMode): readonly Phase[] {
  return Object.keys(MOVES[mode]) as Phase[];
}
