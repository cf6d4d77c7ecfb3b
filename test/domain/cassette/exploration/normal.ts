/**
 * States without what decides nothing, so that there are finitely many: times count from now and are capped where more
 * makes no difference, tickets count from the last one, blows beyond those that a rule asks for are left out.
 */
import { SENSORS, type Sensor } from '../../../../domain/cassette/readings.ts';
import type { CassetteSetting, Phase } from '../../../../domain/cassette/setting.ts';
import type {
  CassetteState,
  LiveState,
  RecordedState,
  SensorTrack,
} from '../../../../domain/cassette/state.ts';
import { UNIT } from './inputs.ts';
import { type Observer, stains } from './observer.ts';

/** Longer ago than every debounce and window. */
const LONG_AGO = -3 * UNIT;
/** The number of the last ticket in every state. */
const LAST_TICKET = 20;
const OLDEST_TICKET = LAST_TICKET - 2;
/** Failures are told at powers of two; more than these are alike. */
const MOST_FAILURES = 2;

export interface Node {
  readonly state: CassetteState;
  readonly observer: Observer;
}

/** The same node at time 0. */
export function normal(setting: CassetteSetting, { state, observer }: Node): Node {
  const { live } = state;
  const ago = (time: number): number => Math.max(LONG_AGO, time - live.at);
  const left = (time: number): number => Math.max(0, time - live.at);
  const ticket = (number: number): number =>
    Math.max(OLDEST_TICKET, LAST_TICKET - (live.lastTicket - number));
  const sensors = Object.fromEntries(
    SENSORS.map((sensor) => [sensor, trackOf(live.sensors[sensor], ago, left)]),
  ) as Record<Sensor, SensorTrack>;
  const { firing, pendingKey, nextCheckpoint, ...others } = live;
  const normalLive: LiveState = {
    ...others,
    at: 0,
    sensors,
    blows: blowsOf(setting, state.recorded.phase, live.blows, ago),
    ends: Object.fromEntries(Object.entries(live.ends).map(([timer, end]) => [timer, left(end)])),
    ...(nextCheckpoint !== undefined && { nextCheckpoint: left(nextCheckpoint) }),
    ...(pendingKey && { pendingKey: { ...pendingKey, until: left(pendingKey.until) } }),
    ...(firing && {
      firing: {
        ...firing,
        ticket: ticket(firing.ticket),
        // How long an answer is waited for makes no difference, as long as it is waited for.
        retryAt: Math.min(left(firing.retryAt), UNIT),
        failures: Math.min(firing.failures, MOST_FAILURES),
        ...(firing.firedSince !== undefined && { firedSince: ticket(firing.firedSince) }),
      },
    }),
    lastTicket: LAST_TICKET,
  };
  const { alerts, prepared, fired, graceEnd, serviceEnd, waiting } = observer;
  const normalObserver: Observer = {
    ...observer,
    alerts: Object.fromEntries(
      Object.entries(alerts).map(([sensor, { since, until }]) => [
        sensor,
        { since: ago(since), ...(until !== undefined && { until: left(until) }) },
      ]),
    ),
    blows: blowsOf(setting, observer.phase, observer.blows, ago),
    ...(prepared !== undefined && { prepared: ticket(prepared) }),
    ...(fired !== undefined && { fired: ticket(fired) }),
    ...(graceEnd !== undefined && { graceEnd: left(graceEnd) }),
    ...(serviceEnd !== undefined && { serviceEnd: left(serviceEnd) }),
    ...(waiting && { waiting: { ...waiting, until: left(waiting.until) } }),
  };
  return { state: { recorded: state.recorded, live: normalLive }, observer: normalObserver };
}

function trackOf(
  track: SensorTrack,
  ago: (time: number) => number,
  left: (time: number) => number,
): SensorTrack {
  const { since, preAlarmUntil, active, confirmed } = track;
  return {
    active,
    confirmed,
    ...(since !== undefined && { since: ago(since) }),
    ...(preAlarmUntil !== undefined && { preAlarmUntil: left(preAlarmUntil) }),
    changes: 0,
    changesSince: 0,
    unsteady: false,
  };
}

/** Of each level the newest ones, as many as its rule asks for; where they stain nothing, one stands in the way. */
function blowsOf(
  { shock: { window, low, high } }: CassetteSetting,
  phase: Phase,
  blows: LiveState['blows'],
  ago: (time: number) => number,
): LiveState['blows'] {
  if (phase === 'service' || phase === 'stained') return [];
  const kept = blows.map(({ at, level }) => ({ at: ago(at), level })).filter(({ at }) => at >= -window);
  const counted = [low, high].flatMap((rule) =>
    kept.filter(({ level }) => level >= rule.level).slice(phase === 'rest' ? -1 : -rule.count),
  );
  return kept.filter((blow) => counted.includes(blow));
}

/** What tells one node from another: everything that a decision could hang on. */
export function keyOf(setting: CassetteSetting, { state: { recorded, live }, observer }: Node): string {
  const { firing, pendingKey } = live;
  return JSON.stringify([
    recordedKey(recorded),
    live.link,
    // No time counts while an attack stands; what was left is on record.
    recorded.attack !== undefined || [live.ends, live.nextCheckpoint, live.graceDeferred],
    firing && [firing.step, firing.ticket, firing.retryAt, firing.waits, firing.failures, firing.firedSince],
    pendingKey && [pendingKey.use.rom, pendingKey.until],
    observerKey(observer),
    // Once an attack stands, no sensor matters until the cassette is in service again.
    recorded.attack !== undefined || recorded.phase === 'stained' || sensorsKey(setting, live, observer),
  ]);
}

function sensorsKey(setting: CassetteSetting, live: LiveState, { phase, alerts, blows }: Observer): unknown {
  // Of a sensor that does not stain here it matters whether it is active, not since when: nothing leads on to where it
  // does stain as long as it is active, and that is checked.
  const isLive = (sensor: Sensor): boolean => stains(setting, phase, sensor);
  const tracks = SENSORS.flatMap((sensor) => {
    const { active, confirmed, since = 1, preAlarmUntil = 0 } = live.sensors[sensor];
    if (!active) return [];
    return isLive(sensor) ? [sensor, since, confirmed, preAlarmUntil] : [sensor];
  });
  const followed = Object.entries(alerts).filter(([sensor]) => isLive(sensor as Sensor));
  const { readings } = live;
  const parts = readings && [
    readings.inMachine,
    readings.lidOpen,
    readings.notes,
    readings.selfTest,
    readings.stainer,
  ];
  return [tracks, followed, live.blows, blows, live.gasLevel, live.insertionPending, parts];
}

function recordedKey({ phase, armedBy, timers, loaded, test, attack, ...others }: RecordedState): unknown {
  const { serviceOverdue, parts } = others;
  // Who armed what is over with the staining.
  const by = phase === 'stained' ? {} : armedBy;
  return [phase, by, timers, loaded, test !== undefined, attack !== undefined, serviceOverdue, parts.machine];
}

function observerKey({
  alerts: _alerts,
  blows: _blows,
  sample: _sample,
  graceEnd,
  ...others
}: Observer): unknown {
  if (!others.attacked) return [graceEnd, observerFields(others)];
  return observerFields(others);
}

function observerFields(others: object): unknown {
  return Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
}
