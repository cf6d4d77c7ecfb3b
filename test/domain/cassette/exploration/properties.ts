/** What must hold wherever a cassette comes to, whatever reaches it. */
import { AUTOMATIC } from '../../../../domain/cassette/events.ts';
import { evolveCassette } from '../../../../domain/cassette/evolve.ts';
import type { CassetteInput } from '../../../../domain/cassette/inputs.ts';
import type { Step } from '../../../../domain/cassette/next.ts';
import { outputsOf } from '../../../../domain/cassette/outputs.ts';
import { SENSORS } from '../../../../domain/cassette/readings.ts';
import type { CassetteSetting, Phase } from '../../../../domain/cassette/setting.ts';
import type { CassetteState } from '../../../../domain/cassette/state.ts';
import { viewOf } from '../../../../domain/cassette/view.ts';
import { type Expected, isActive, type Observer, stains } from './observer.ts';

/** The properties, as they are printed. */
export const PROPERTIES = [
  'fires only because of a confirmed live sensor or an ended grace time',
  'prepares at once when a live sensor is confirmed or the grace time ends',
  'stains only when told that it fired',
  'stains once a controller answers',
  'is disarmed only by the same ROM or by two persons',
  'is armed only by a good key with nothing in the way, or by insertion',
  'changes its phase in no other way',
  'neither fires nor disarms by trouble: restart, link, frames, clock, disk',
  'is left stained by a reset alone, of two persons where the site has it so',
  'fires nothing in service and in a test, where its trigger is cut off',
  'puts every key and every refusal on record',
  'is what the log says',
  'decides nothing by the wall clock',
  'keeps its configuration while it is armed',
  'wakes in time',
  'shows no ROM',
] as const;
export type Property = (typeof PROPERTIES)[number];

export class Violation extends Error {
  readonly property: Property;
  constructor(property: Property, what: string) {
    super(`${property}: ${what}`);
    this.property = property;
  }
}

/** How often each property was put to the test. */
export class Checks {
  readonly counts = new Map<Property, number>(PROPERTIES.map((property) => [property, 0]));

  check(property: Property, holds: boolean, what: () => string): void {
    this.counts.set(property, (this.counts.get(property) ?? 0) + 1);
    if (!holds) throw new Violation(property, what());
  }
}

/** One step, with everything that is known around it. */
export interface Edge {
  readonly setting: CassetteSetting;
  readonly input: CassetteInput;
  readonly at: number;
  readonly wall: number;
  readonly before: CassetteState;
  readonly watched: Observer;
  readonly expected: Expected;
  readonly step: Step;
}

export function checkEdge(checks: Checks, edge: Edge): void {
  checkFiring(checks, edge);
  checkStaining(checks, edge);
  checkPhase(checks, edge);
  checkTrouble(checks, edge);
  checkRecord(checks, edge);
}

function checkFiring(checks: Checks, { expected, step, watched, input }: Edge): void {
  const { effects, events } = step;
  const fires = effects.filter(({ effect }) => effect === 'prepare' || effect === 'fire');
  const tells = events.filter(({ type }) => type === 'attack-confirmed');
  if (fires.length > 0 || tells.length > 0) {
    checks.check(PROPERTIES[0], expected.observer.attacked, () => `${JSON.stringify([...fires, ...tells])}`);
  }
  if (expected.attack !== undefined) {
    const prepares = effects.some(({ effect }) => effect === 'prepare');
    checks.check(PROPERTIES[1], prepares && tells.length === 1, () => `${expected.attack} did not`);
  }
  if (fires.some(({ effect }) => effect === 'fire')) {
    const answered =
      input.input === 'answer' && input.to === 'prepare' && input.ok && input.ticket === watched.prepared;
    checks.check(PROPERTIES[0], answered, () => 'it fired without having been prepared');
  }
  const safe = watched.phase === 'service' && step.state.recorded.phase === 'service';
  if (safe || step.state.recorded.test) {
    const { inhibited } = outputsOf(step.state);
    checks.check(PROPERTIES[9], fires.length === 0 && inhibited, () => `inhibited: ${inhibited}`);
  } else {
    const { inhibited } = outputsOf(step.state);
    const wanted = step.state.recorded.phase === 'service';
    checks.check(PROPERTIES[9], inhibited === wanted, () => `inhibited: ${inhibited}`);
  }
}

function checkStaining(checks: Checks, { expected, step, watched, input }: Edge): void {
  const stained = step.events.filter(({ type }) => type === 'stained').length;
  const { fired } = watched;
  const done =
    input.input === 'answer' &&
    input.to === 'fire' &&
    input.ok &&
    expected.observer.attacked &&
    fired !== undefined &&
    input.ticket >= fired &&
    input.ticket <= (watched.prepared ?? fired);
  const phase = watched.phase;
  const told =
    input.input === 'sample' &&
    watched.linked &&
    input.readings.stainer === 'fired' &&
    phase !== 'stained' &&
    phase !== 'service';
  if (stained > 0 || done || told) {
    checks.check(PROPERTIES[2], stained === (done || told ? 1 : 0), () => `${stained} times`);
  }
}

function checkPhase(checks: Checks, edge: Edge): void {
  const { watched, step, input } = edge;
  const from = watched.phase;
  const to = step.state.recorded.phase;
  if (from === to) return;
  const way = `${from} to ${to}`;
  if (to === 'stained') return;
  if (from === 'stained') {
    const reset = input.input === 'command' && input.command.do === 'reset-stained' && to === 'service';
    const enough = byTwo(input) || !edge.setting.resetByTwoPersons;
    checks.check(PROPERTIES[8], reset && enough, () => way);
  } else if (RANK[to] < RANK[from] && from !== 'service' && to !== 'service') {
    checks.check(PROPERTIES[4], disarms(edge), () => way);
  } else if (RANK[to] > RANK[from] && from !== 'service') {
    checks.check(PROPERTIES[5], arms(edge), () => way);
  } else {
    checks.check(PROPERTIES[6], serves(edge), () => way);
  }
}

const RANK: Readonly<Record<Phase, number>> = {
  service: 0,
  rest: 1,
  transit: 2,
  grace: 2,
  full: 3,
  stained: 4,
};

/** The ways down, by mode and phase. */
function down(setting: CassetteSetting, from: Phase): Phase | undefined {
  if (from === 'full') return setting.mode === 'internal' ? 'rest' : 'transit';
  return from === 'transit' || from === 'grace' ? 'rest' : undefined;
}

/** The ways up. */
function up(setting: CassetteSetting, from: Phase): Phase | undefined {
  if (from === 'transit' || from === 'grace') return 'full';
  const first = { outsourced: 'transit', internal: 'full', 'internal-protected-zone': 'grace' } as const;
  return from === 'rest' ? first[setting.mode] : undefined;
}

function byTwo(input: CassetteInput): boolean {
  if (input.input !== 'command' || input.reason.trim() === '') return false;
  return input.second !== undefined && input.second.id !== input.actor.id;
}

/** The ROM of a good key, or of the key that its second factor has come for. */
function goodKey({ setting, input, watched, at }: Edge): { rom: string; role: string } | undefined {
  const { secondFactor } = setting;
  if (input.input === 'command' && input.command.do === 'confirm-key') {
    const waits = watched.waiting && at < watched.waiting.until;
    return secondFactor.required && waits && watched.waiting
      ? { rom: watched.waiting.rom, role: 'K1' }
      : undefined;
  }
  if (input.input !== 'key' || !input.known || input.known.revoked || input.expired) return undefined;
  const { role } = input.known;
  return secondFactor.required && role === 'K1' ? undefined : { rom: input.rom, role };
}

function disarms(edge: Edge): boolean {
  const { setting, watched, step, input } = edge;
  const from = watched.phase;
  if (step.state.recorded.phase !== down(setting, from) || watched.attacked) return false;
  if (input.input === 'command' && input.command.do === 'override-key') return byTwo(input);
  const key = goodKey(edge);
  const isSecond = from === 'full' && setting.mode !== 'internal';
  const armedWith = isSecond ? watched.second : watched.first;
  return (
    key !== undefined && (key.rom === armedWith || (armedWith === AUTOMATIC && isSecond && key.role === 'K2'))
  );
}

function arms(edge: Edge): boolean {
  const { setting, watched, expected, step, input } = edge;
  const from = watched.phase;
  const to = step.state.recorded.phase;
  if (to !== up(setting, from) || watched.attacked || !isFit(edge, to)) return false;
  if (input.input === 'sample') return setting.automaticFull && expected.observer.place === 'inserted';
  const role = goodKey(edge)?.role;
  if (setting.mode === 'internal') return role === 'K';
  return role === (from === 'rest' ? 'K1' : 'K2');
}

/** Nothing that would be live there is active, and the stainer could do its work. */
function isFit({ setting, before, expected, at }: Edge, to: Phase): boolean {
  const { sample, alerts, blows } = expected.observer;
  if (sample?.stainer !== 'ready' || sample.selfTest !== 'passed') return false;
  if ([sample.ink, sample.trigger, sample.battery].includes('fault')) return false;
  const loaded = sample.notes === 'present' || (sample.notes === 'unknown' && before.recorded.loaded);
  const ready = to === 'full' ? sample.inMachine : !sample.lidOpen && (loaded || !setting.loadedRequired);
  const { level } = setting.shock[to === 'full' ? 'high' : 'low'];
  const struck = blows.some((blow) => blow.level >= level && at - blow.at <= setting.shock.window);
  if (!ready || struck) return false;
  return !SENSORS.some(
    (sensor) =>
      sensor !== 'shock' &&
      stains(setting, to, sensor) &&
      isActive(setting, sensor, sample, alerts[sensor] !== undefined),
  );
}

/** Two persons give up an attack whose controller does not answer, or fails again and again. */
function isGivenUp({ watched, before, input }: Edge): boolean {
  const failing = !watched.linked || (before.live.firing?.failures ?? 0) >= FAILURES;
  return watched.attacked && failing && byTwo(input);
}

const FAILURES = 8;

/** Into service and out of it. */
function serves(edge: Edge): boolean {
  const { watched, step, input, at } = edge;
  const way = `${watched.phase} to ${step.state.recorded.phase}`;
  const asked = input.input === 'command' && input.reason.trim() !== '' ? input.command.do : undefined;
  if (asked === 'reset-stained' && step.state.recorded.phase === 'service') return isGivenUp(edge);
  if (way === 'rest to service') return asked === 'enter-service' && !watched.attacked;
  if (way !== 'service to rest') return false;
  return asked === 'finish-service' || at >= (watched.serviceEnd ?? Number.POSITIVE_INFINITY);
}

function checkTrouble(checks: Checks, { input, watched, expected, step }: Edge): void {
  const isTrouble = ['restart', 'link', 'rejected', 'records-lost', 'configure', 'area', 'key-fault'];
  if (!isTrouble.includes(input.input)) return;
  const moved = watched.phase !== step.state.recorded.phase;
  const fires = step.effects.some(({ effect }) => effect === 'prepare' || effect === 'fire');
  // What an attack that was confirmed before, or time, makes of it comes at any input.
  const due = watched.attacked || expected.attack !== undefined;
  checks.check(
    PROPERTIES[7],
    !fires || (due && input.input !== 'restart'),
    () => `${input.input} fires in ${watched.phase}`,
  );
  const over = watched.phase === 'service' && step.state.recorded.phase === 'rest';
  checks.check(PROPERTIES[7], !moved || over, () => `${input.input} leads out of ${watched.phase}`);
}

function checkRecord(checks: Checks, { input, before, step, wall }: Edge): void {
  const { events, refusal } = step;
  if (input.input === 'key' || input.input === 'key-fault') {
    const last = events.findLast(({ type }) => TOLD.includes(type));
    const rom = last && 'rom' in last.data ? last.data.rom : undefined;
    const refused = last?.type === 'key-refused';
    const holds = last !== undefined && rom === input.rom && refused === (refusal !== undefined);
    checks.check(PROPERTIES[10], holds, () => `key ${input.rom}: ${JSON.stringify(last)}`);
  }
  if (input.input === 'command') {
    const refused = events.some(({ type }) => type === 'command-refused');
    checks.check(PROPERTIES[10], refused === (refusal !== undefined), () => input.command.do);
  }
  const { setting: folded, ...rest } = events.reduce(
    (state, event) => evolveCassette(state, event, wall),
    before.recorded,
  );
  const { setting: kept, ...recorded } = step.state.recorded;
  const same = folded === kept && (events.length === 0 || JSON.stringify(rest) === JSON.stringify(recorded));
  checks.check(PROPERTIES[11], same, () => `${JSON.stringify(rest)}`);
}

const TOLD: readonly string[] = ['key-used', 'key-refused', 'second-factor-awaited'];

/** What the outside sees of a state holds no number of a key. */
export function checkView(checks: Checks, setting: CassetteSetting, state: CassetteState): void {
  const { id, mode } = setting;
  const view = JSON.stringify(viewOf(state, { id, name: 'Cassette 1', mode }, state.live.at));
  checks.check(PROPERTIES[15], !/"[0-9A-F]{16}"/.test(view), () => view);
}
