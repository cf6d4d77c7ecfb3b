/**
 * Somebody who watches a cassette and goes by its description alone: what reaches the machine and the phase that it is
 * in. It says when a live sensor is confirmed, when the grace time is over, and which keys armed what. It knows nothing
 * of what the machine thinks.
 */
import { AUTOMATIC } from '../../../../domain/cassette/events.ts';
import type { CassetteInput } from '../../../../domain/cassette/inputs.ts';
import type { Step } from '../../../../domain/cassette/next.ts';
import type { Readings, Sensor } from '../../../../domain/cassette/readings.ts';
import type { CassetteSetting, LivePhase, Phase } from '../../../../domain/cassette/setting.ts';
import { LIVENESS } from '../tables.ts';

type Contact = Exclude<Sensor, 'shock'>;
const CONTACTS: readonly Contact[] = ['lid', 'break-in', 'position', 'gas', 'tilt', 'light', 'temperature'];

/** A sensor that is active without a break. */
export interface Alert {
  readonly since: number;
  /** A countdown that runs in this phase. */
  readonly until?: number;
}

export interface Observer {
  readonly phase: Phase;
  readonly linked: boolean;
  /** The last sample since there is a link. */
  readonly sample?: Readings;
  readonly alerts: Readonly<Partial<Record<Contact, Alert>>>;
  /** Blows since this phase began. */
  readonly blows: readonly { readonly at: number; readonly level: number }[];
  /** An attack stands: the stainer has to fire. */
  readonly attacked: boolean;
  /** The last ticket of a first step, and the first of a second one, in this attack. */
  readonly prepared?: number;
  readonly fired?: number;
  /** The ROMs that armed the stages. */
  readonly first?: string;
  readonly second?: string;
  /** When the grace time is over. */
  readonly graceEnd?: number;
  /** What was left of it when an attack began. */
  readonly graceLeft?: number;
  /** When service is over. */
  readonly serviceEnd?: number;
  /** The key that waits for its second factor. */
  readonly waiting?: { readonly rom: string; readonly until: number };
  /** It was outside the machine when last seen, or is inside since and not yet armed by that. */
  readonly place?: 'outside' | 'inserted';
}

export const WATCHING: Observer = { phase: 'rest', linked: false, alerts: {}, blows: [], attacked: false };

/** What should come of an input, as far as attacks go. */
export interface Expected {
  readonly observer: Observer;
  /** A cause that has become an attack by this input. */
  readonly attack?: Sensor | 'grace-expired';
}

/** Whether a sensor stains in a phase. */
export function stains(setting: CassetteSetting, phase: Phase, sensor: Sensor): boolean {
  const stage = phase === 'grace' ? 'transit' : phase;
  if (stage === 'transit' || stage === 'full') {
    const more: readonly Sensor[] = setting.alsoLive[stage];
    if (more.includes(sensor)) return true;
  }
  return ['live', 'low', 'high'].includes(LIVENESS[phase][sensor]);
}

/**
 * What the input means, before the machine is asked.
 *
 * @param told what is left of the grace time according to the log
 */
export function watch(
  setting: CassetteSetting,
  before: Observer,
  input: CassetteInput,
  at: number,
  told?: number,
): Expected {
  if (input.input === 'configure') return { observer: before };
  if (input.input === 'restart') return { observer: startedAgain(setting, before, at, told) };
  const { graceEnd = Number.POSITIVE_INFINITY } = before;
  const over = before.phase === 'grace' && before.linked && before.sample && at >= graceEnd;
  // Nobody was awake when it ended: there is a moment left, as after a lost link.
  const least = setting.grace.leastAfterReturn;
  if (over && !before.attacked && least > 0 && at - graceEnd >= least) {
    return follow(setting, { ...before, graceEnd: at + least }, input, at);
  }
  if (over && !before.attacked) {
    const observer = { ...before, attacked: true, graceLeft: 0 };
    return { observer: follow(setting, observer, input, at).observer, attack: 'grace-expired' };
  }
  return follow(setting, before, input, at);
}

function follow(setting: CassetteSetting, before: Observer, input: CassetteInput, at: number): Expected {
  if (input.input === 'link') return { observer: linked(setting, before, input.up, at) };
  if (input.input !== 'sample' || !before.linked) return { observer: before };
  const { readings } = input;
  const struck = isStruck(setting, before, at);
  const alerts: Partial<Record<Contact, Alert>> = {};
  const confirmed: Sensor[] = [];
  for (const sensor of CONTACTS) {
    const known = before.alerts[sensor];
    if (!isActive(setting, sensor, readings, known !== undefined)) continue;
    alerts[sensor] = alertAfter(setting, before.phase, sensor, known, at);
    const { until } = alerts[sensor];
    const ripe = known !== undefined && at - known.since >= setting.sensors[sensor].debounce;
    const counted = countdownOf(setting, before.phase, sensor) === 0 || (until !== undefined && at >= until);
    if (ripe && counted && stains(setting, before.phase, sensor)) confirmed.push(sensor);
  }
  if (struck) confirmed.push('shock');
  const blows = [...before.blows, ...readings.shocks.map((level) => ({ at, level }))];
  const removed = before.place === 'outside' ? 'inserted' : before.place;
  const place = setting.automaticFull ? (readings.inMachine ? removed : 'outside') : undefined;
  const observer: Observer = { ...before, sample: readings, alerts, blows, ...(place && { place }) };
  const [attack] = confirmed;
  if (attack === undefined || before.attacked || readings.stainer === 'fired') return { observer };
  const left = before.graceEnd === undefined ? {} : { graceLeft: Math.max(0, before.graceEnd - at) };
  return { observer: { ...observer, attacked: true, ...left }, attack };
}

/** What was only in memory is gone: the link, the samples, an attack that had begun, a key that waited. */
function startedAgain(
  { checkpointEvery }: CassetteSetting,
  { phase, first, second, place, ...before }: Observer,
  at: number,
  told = 0,
): Observer {
  const { graceEnd, graceLeft, serviceEnd } = before;
  const known = graceLeft ?? (graceEnd === undefined ? undefined : Math.max(0, graceEnd - at));
  // The log may be behind by the time between two records of it.
  const behind = known !== undefined && told > known && told <= known + checkpointEvery;
  const left = behind ? told : known;
  return {
    ...WATCHING,
    phase,
    ...(first && { first }),
    ...(second && { second }),
    ...(place === 'outside' && { place }),
    ...(left !== undefined && { graceEnd: at + left }),
    ...(serviceEnd !== undefined && { serviceEnd: Math.max(at, serviceEnd) }),
  };
}

function linked(setting: CassetteSetting, before: Observer, up: boolean, at: number): Observer {
  if (up === before.linked) return before;
  const { sample: _sample, ...rest } = before;
  const place = before.place === 'inserted' ? undefined : before.place;
  const { place: _place, ...fresh } = { ...rest, linked: up, alerts: {}, blows: [] };
  const known = { ...fresh, ...(place && { place }) };
  if (!up || before.graceEnd === undefined || before.attacked) return known;
  // Whoever comes back to a grace time that is over has a moment left.
  return { ...known, graceEnd: Math.max(before.graceEnd, at + setting.grace.leastAfterReturn) };
}

function countdownOf(setting: CassetteSetting, phase: Phase, sensor: Contact): number {
  return setting.sensors[sensor].preAlarm[phase as LivePhase] ?? 0;
}

function alertAfter(
  setting: CassetteSetting,
  phase: Phase,
  sensor: Contact,
  known: Alert | undefined,
  at: number,
): Alert {
  if (!known) return { since: at };
  const countdown = countdownOf(setting, phase, sensor);
  const ripe = at - known.since >= setting.sensors[sensor].debounce;
  const begins = ripe && countdown > 0 && known.until === undefined && stains(setting, phase, sensor);
  return begins ? { since: known.since, until: at + countdown } : known;
}

function isStruck(setting: CassetteSetting, { phase, blows }: Observer, at: number): boolean {
  const sensitivity = LIVENESS[phase].shock;
  if (sensitivity !== 'low' && sensitivity !== 'high') return false;
  const { level, count } = setting.shock[sensitivity];
  const within = blows.filter((blow) => at - blow.at <= setting.shock.window && blow.level >= level);
  return within.length >= count;
}

/** Beyond its threshold, or not yet back by the hysteresis. */
export function isActive(
  setting: CassetteSetting,
  sensor: Contact,
  sample: Readings,
  active: boolean,
): boolean {
  const { gas, tilt, light, temperature } = setting;
  const past = (value: number | undefined, limit: number, hysteresis: number): boolean =>
    value !== undefined && value >= (active ? limit - hysteresis : limit);
  switch (sensor) {
    case 'lid':
      return sample.lidOpen;
    case 'break-in':
      return sample.brokenIn;
    case 'position':
      return sample.displaced;
    case 'gas':
      return past(sample.gas, gas.critical, gas.hysteresis);
    case 'tilt':
      return past(sample.tilt, tilt.above, tilt.hysteresis);
    case 'light':
      return past(sample.light, light.above, light.hysteresis);
    case 'temperature': {
      const cold = sample.temperature === undefined ? undefined : -sample.temperature;
      return (
        past(sample.temperature, temperature.above, temperature.hysteresis) ||
        past(cold, -temperature.below, temperature.hysteresis)
      );
    }
  }
}

/** What the machine did is seen: which phase it is in, what it sent to the controller, whom it took. */
export function seen(
  setting: CassetteSetting,
  before: Observer,
  input: CassetteInput,
  { state, effects, events }: Step,
  at: number,
): Observer {
  let observer = before;
  for (const effect of effects) {
    if (effect.effect === 'prepare') observer = { ...observer, prepared: effect.ticket };
    if (effect.effect === 'fire') observer = { ...observer, fired: observer.fired ?? effect.ticket };
  }
  const { waiting, ...others } = observer;
  if (waiting && (observer.attacked || at >= waiting.until)) observer = others;
  const { phase } = state.recorded;
  if (phase !== before.phase) return entered(setting, observer, input, phase, at);
  const waits = events.some(({ type }) => type === 'second-factor-awaited');
  if (!waits || input.input !== 'key') return observer;
  return { ...observer, waiting: { rom: input.rom, until: at + setting.secondFactor.within } };
}

function askedOf({ command }: Extract<CassetteInput, { readonly input: 'command' }>): { lasts?: number } {
  return command.do === 'enter-service' && command.lasts !== undefined ? { lasts: command.lasts } : {};
}

/** Another phase: countdowns and blows begin anew, and so does the time of the phase. */
function entered(
  setting: CassetteSetting,
  before: Observer,
  input: CassetteInput,
  phase: Phase,
  at: number,
): Observer {
  const alerts: Partial<Record<Contact, Alert>> = {};
  for (const sensor of CONTACTS) {
    const known = before.alerts[sensor];
    if (known) alerts[sensor] = { since: known.since };
  }
  const { sample, place, linked: isLinked } = before;
  const touched = input.input === 'key' ? input.rom : undefined;
  const rom = input.input === 'command' ? before.waiting?.rom : touched;
  const first = before.phase === 'rest' ? rom : before.first;
  const { lasts: asked = Number.POSITIVE_INFINITY } = { ...(input.input === 'command' && askedOf(input)) };
  const second = phase === 'full' && before.phase !== 'rest' ? (rom ?? AUTOMATIC) : before.second;
  return {
    phase,
    linked: isLinked,
    ...(sample && { sample }),
    alerts,
    blows: [],
    attacked: false,
    ...(first && phase !== 'rest' && phase !== 'service' && phase !== 'stained' && { first }),
    ...(second && phase === 'full' && { second }),
    ...(phase === 'grace' && { graceEnd: at + setting.grace.lasts }),
    ...(phase === 'service' && { serviceEnd: at + Math.min(asked, setting.service.lasts) }),
    ...(place === 'outside' && { place }),
  };
}
