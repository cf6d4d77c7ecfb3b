/** Following the sensors from sample to sample: thresholds, debouncing, countdowns, blows over a window. */
import type { GasLevel, PartChange } from './events.ts';
import { confirmAttack, stain } from './firing.ts';
import { type Readings, SENSORS, type Sensor } from './readings.ts';
import { isLive, type Liveness, livenessOf } from './rules.ts';
import type { CassetteSetting, LivePhase, ShockRule } from './setting.ts';
import type { Parts, SensorTrack } from './state.ts';
import type { Turn } from './turn.ts';

/** Blows that are remembered of each level; a rule counts as many at most. */
const MOST_BLOWS = 16;

/** A sample has come. */
export function takeSample(turn: Turn, readings: Readings): void {
  const before = turn.live.readings;
  turn.follow({ readings });
  const { machine } = turn.recorded.parts;
  for (const change of partChanges(turn.recorded.parts, readings)) turn.emit('part-changed', change);
  if (!readings.inMachine) turn.follow({ insertionPending: false });
  else if (machine === 'removed') turn.follow({ insertionPending: turn.setting.automaticFull });
  // A controller that was just switched on has not tested itself; without it nothing can be armed.
  const { phase } = turn.recorded;
  if (before === undefined && readings.selfTest === 'not-run' && (phase === 'rest' || phase === 'service')) {
    turn.act({ effect: 'self-test' });
  }
  followGas(turn, readings);
  const wasStruck = shockConfirmed(turn);
  for (const sensor of SENSORS) {
    if (sensor !== 'shock') followSensor(turn, sensor, measured(sensor, readings), before !== undefined);
  }
  // Blows count from the sample after the one that told of them, so that none stains by a single frame.
  const { test } = turn.recorded;
  if (test === undefined) followShock(turn, wasStruck);
  else proveShock(turn, readings.shocks, test);
  remember(turn, readings.shocks);
  if (readings.stainer === 'fired') followFired(turn);
  else judge(turn);
}

/** Nothing is known of the sensors any more: what comes next has to be confirmed anew. */
export function forgetSensors(turn: Turn): void {
  const sensors = { ...turn.live.sensors };
  for (const sensor of SENSORS) {
    const { since: _since, preAlarmUntil: _until, ...track } = sensors[sensor];
    sensors[sensor] = { ...track, active: false, confirmed: false };
  }
  turn.follow({ sensors, blows: [], insertionPending: false });
  turn.forget('readings');
}

/** Whether a sensor waits to be confirmed and enough time has passed: another sample would settle it. */
export function sampleWanted(turn: Turn): boolean {
  const { rules, setting, recorded, live, at } = turn;
  return SENSORS.some((sensor) => {
    const { active, confirmed, since = at, preAlarmUntil = 0 } = live.sensors[sensor];
    if (!active || confirmed || !isLive(livenessOf(rules, setting, recorded.phase, sensor))) return false;
    return at >= Math.max(since + setting.sensors[sensor].debounce, preAlarmUntil);
  });
}

/** The blows of the window are as many and as hard as the phase takes for an attack. */
export function shockConfirmed(turn: Turn): boolean {
  const rule = shockRule(turn);
  if (!rule) return false;
  const from = turn.at - turn.setting.shock.window;
  const hard = turn.live.blows.filter(({ at, level }) => at >= from && level >= rule.level);
  return hard.length >= rule.count;
}

function shockRule({ rules, setting, recorded }: Turn): ShockRule | undefined {
  const liveness = livenessOf(rules, setting, recorded.phase, 'shock');
  if (liveness === 'off' || liveness === 'report') return undefined;
  return liveness === 'low' ? setting.shock.low : setting.shock.high;
}

/** A value and whether it is beyond its threshold; undefined where the controller has no such sensor. */
type Measured = { readonly value?: number; beyond(active: boolean): boolean } | undefined;

function measured(
  sensor: Exclude<Sensor, 'shock'>,
  readings: Readings,
): (setting: CassetteSetting) => Measured {
  const contact = (closed: boolean) => (): Measured => ({ beyond: () => closed });
  switch (sensor) {
    case 'lid':
      return contact(readings.lidOpen);
    case 'break-in':
      return contact(readings.brokenIn);
    case 'position':
      return contact(readings.displaced);
    case 'gas':
      return ({ gas }) => above(readings.gas, gas.critical, gas.hysteresis);
    case 'tilt':
      return ({ tilt }) => above(readings.tilt, tilt.above, tilt.hysteresis);
    case 'light':
      return ({ light }) => above(readings.light, light.above, light.hysteresis);
    case 'temperature':
      return ({ temperature }) => outside(readings.temperature, temperature);
  }
}

function above(value: number | undefined, threshold: number, hysteresis: number): Measured {
  if (value === undefined) return undefined;
  return { value, beyond: (active) => value >= threshold - (active ? hysteresis : 0) };
}

function outside(value: number | undefined, rule: CassetteSetting['temperature']): Measured {
  if (value === undefined) return undefined;
  const by = (active: boolean): number => (active ? rule.hysteresis : 0);
  return {
    value,
    beyond: (active) => value >= rule.above - by(active) || value <= rule.below + by(active),
  };
}

function followSensor(
  turn: Turn,
  sensor: Exclude<Sensor, 'shock'>,
  measure: (setting: CassetteSetting) => Measured,
  heardBefore: boolean,
): void {
  const reading = measure(turn.setting);
  const track = turn.live.sensors[sensor];
  const active = reading?.beyond(track.active) ?? false;
  const liveness = livenessOf(turn.rules, turn.setting, turn.recorded.phase, sensor);
  const counted = countChange(turn, sensor, track, active !== track.active && heardBefore);
  const value = reading?.value;
  if (active) keep(turn, sensor, risen(turn, sensor, liveness, { ...counted, active }, value));
  else {
    if (track.preAlarmUntil !== undefined) turn.emit('pre-alarm-ended', { sensor });
    if (track.confirmed) tellChange(turn, sensor, false, liveness, value);
    const { since: _since, preAlarmUntil: _until, ...rest } = counted;
    keep(turn, sensor, { ...rest, active: false, confirmed: false });
  }
}

/** A sensor that is active: a candidate at first, in its countdown then where it has one, confirmed at last. */
function risen(
  turn: Turn,
  sensor: Sensor,
  liveness: Liveness,
  track: SensorTrack,
  value: number | undefined,
): SensorTrack {
  const { at, setting } = turn;
  if (track.confirmed) return track;
  if (track.since === undefined) {
    if (isLive(liveness)) turn.act({ effect: 'sample' });
    return { ...track, since: at };
  }
  const { debounce, preAlarm } = setting.sensors[sensor];
  if (at < track.since + debounce) return track;
  const countdown = isLive(liveness) ? (preAlarm[turn.recorded.phase as LivePhase] ?? 0) : 0;
  if (countdown > 0 && track.preAlarmUntil === undefined) {
    turn.emit('pre-alarm-begun', { sensor, lasts: countdown });
    return { ...track, preAlarmUntil: at + countdown };
  }
  if (at < (track.preAlarmUntil ?? 0)) return track;
  tellChange(turn, sensor, true, liveness, value);
  return { ...track, confirmed: true };
}

function tellChange(
  turn: Turn,
  sensor: Sensor,
  active: boolean,
  liveness: Liveness,
  value: number | undefined,
): void {
  if (turn.recorded.test !== undefined) {
    if (active && !turn.recorded.test.includes(sensor)) turn.emit('sensor-proved', { sensor });
  } else if (liveness !== 'off') {
    turn.emit('sensor-changed', { sensor, active, liveness, ...(value !== undefined && { value }) });
  }
}

/** A sensor that flaps is never confirmed; that it does so is told, once in a while. */
function countChange(turn: Turn, sensor: Sensor, track: SensorTrack, changed: boolean): SensorTrack {
  const { changes: most, window } = turn.setting.unsteady;
  const over = turn.at - track.changesSince > window;
  if (!changed) return over && track.changes > 0 ? { ...track, changes: 0, unsteady: false } : track;
  const changes = over || track.changes === 0 ? 1 : Math.min(track.changes + 1, most);
  const counted = { ...track, changes, changesSince: changes === 1 ? turn.at : track.changesSince };
  if (changes < most || track.unsteady) return counted;
  turn.emit('sensor-unsteady', { sensor, changes });
  return { ...counted, unsteady: true };
}

function followShock(turn: Turn, struck: boolean): void {
  const track = turn.live.sensors.shock;
  if (struck === track.confirmed) return;
  const liveness = livenessOf(turn.rules, turn.setting, turn.recorded.phase, 'shock');
  tellChange(turn, 'shock', struck, liveness, hardest(turn));
  keep(turn, 'shock', { ...track, active: struck, confirmed: struck });
}

function hardest({ live }: Turn): number | undefined {
  return live.blows.length === 0 ? undefined : Math.max(...live.blows.map(({ level }) => level));
}

function remember(turn: Turn, shocks: readonly number[]): void {
  const { at, setting, live } = turn;
  const { window, low, high } = setting.shock;
  const least = Math.min(low.level, high.level);
  const fresh = shocks.filter((level) => level >= least).map((level) => ({ at, level }));
  const blows = [...live.blows.filter((blow) => at - blow.at <= window), ...fresh];
  // Of each level by itself: any number of light blows must not make the hard ones forgotten.
  const counted = [low, high].flatMap(({ level }) =>
    blows.filter((blow) => blow.level >= level).slice(-MOST_BLOWS),
  );
  turn.follow({ blows: blows.filter((blow) => counted.includes(blow)) });
  if (fresh.length > 0 && shockConfirmed(turn)) turn.act({ effect: 'sample' });
}

function proveShock(turn: Turn, shocks: readonly number[], proved: readonly Sensor[]): void {
  const felt = shocks.some((level) => level >= turn.setting.shock.high.level);
  if (felt && !proved.includes('shock')) turn.emit('sensor-proved', { sensor: 'shock' });
}

function followGas(turn: Turn, { gas: value }: Readings): void {
  if (value === undefined) return;
  const { warning, critical, hysteresis } = turn.setting.gas;
  const { gasLevel } = turn.live;
  const from = (level: number, held: boolean): boolean => value >= level - (held ? hysteresis : 0);
  let level: GasLevel = 'none';
  if (from(critical, gasLevel === 'critical')) level = 'critical';
  else if (from(warning, gasLevel !== 'none')) level = 'warning';
  if (level === gasLevel) return;
  turn.follow({ gasLevel: level });
  turn.emit('gas-level-changed', { level, value });
}

/** The controller says that its stainer is spent. In service that is the old cartridge. */
function followFired(turn: Turn): void {
  const { phase, attack } = turn.recorded;
  if (phase !== 'stained' && phase !== 'service') stain(turn, attack ?? 'controller');
}

/** The one place where a sensor becomes an attack. */
function judge(turn: Turn): void {
  const { rules, setting, recorded } = turn;
  const attacked = SENSORS.find(
    (sensor) =>
      turn.live.sensors[sensor].confirmed && isLive(livenessOf(rules, setting, recorded.phase, sensor)),
  );
  if (attacked) confirmAttack(turn, attacked);
}

function partChanges(before: Parts, now: Readings): readonly PartChange[] {
  const all: readonly PartChange[] = [
    { part: 'battery', state: now.battery },
    { part: 'ink', state: now.ink },
    { part: 'trigger', state: now.trigger },
    { part: 'power', state: now.power },
    { part: 'self-test', state: now.selfTest },
    // Being prepared lasts a moment, and its events say more.
    { part: 'stainer', state: now.stainer === 'prepared' ? 'ready' : now.stainer },
    { part: 'notes', state: now.notes },
    { part: 'machine', state: now.inMachine ? 'inserted' : 'removed' },
  ];
  return all.filter(({ part, state }) => before[part] !== state);
}

function keep(turn: Turn, sensor: Sensor, track: SensorTrack): void {
  turn.follow({ sensors: { ...turn.live.sensors, [sensor]: track } });
}
