/** What the events of a cassette say about alarms, and what it shows. */
import type { CassetteEvent, EventOf } from '../cassette/events.ts';
import { type Readings, SENSORS, type Sensor } from '../cassette/readings.ts';
import type { CassetteView } from '../cassette/view.ts';
import type { CassetteId } from '../site.ts';
import type { AlarmSource, AlarmValues } from './alarm.ts';
import type { AlarmKind } from './kinds.ts';
import type { AlarmSign } from './sign.ts';

/** The signs in an event, in the order in which they count; each is of another alarm. No value is ever the number of a key. */
export function cassetteSigns(cassette: CassetteId, event: CassetteEvent): readonly AlarmSign[] {
  const source: AlarmSource = { source: 'cassette', cassette };
  const raised = (kind: AlarmKind, values?: AlarmValues, part?: string): AlarmSign => ({
    sign: 'raised',
    kind,
    source,
    ...(values && { values }),
    ...(part !== undefined && { part }),
  });
  const over = (kind: AlarmKind, part?: string): AlarmSign => ({
    sign: 'over',
    kind,
    source,
    ...(part !== undefined && { part }),
  });
  switch (event.type) {
    case 'attack-confirmed':
      return [raised('attack', { cause: event.data.cause })];
    case 'stained':
      return [over('attack'), ...newPhase(over), raised('stained', { cause: event.data.cause })];
    case 'service-entered':
      return [over('stained'), over('service-overdue'), ...newPhase(over)];
    case 'service-finished':
      return [over('service-overdue'), ...newPhase(over)];
    case 'firing-failed':
      return [raised('firing-failed', { step: event.data.step, failures: event.data.failures })];
    case 'cassette-restarted': {
      const { interrupted } = event.data;
      const gas = [over('gas-critical'), over('gas-warning')];
      if (interrupted === undefined) return [...gas, ...sensorsUnheard(over)];
      const given = [over('attack'), raised('firing-interrupted', { cause: interrupted })];
      return [...given, ...gas, ...sensorsUnheard(over)];
    }
    case 'pre-alarm-begun':
      return [raised('pre-alarm', { sensor: event.data.sensor }, event.data.sensor)];
    case 'pre-alarm-ended':
      return [over('pre-alarm', event.data.sensor)];
    case 'sensor-changed':
      return sensorSigns(event.data, raised, over);
    case 'sensor-unsteady':
      return [raised('sensor-unsteady', { sensor: event.data.sensor }, event.data.sensor)];
    case 'gas-level-changed':
      return gasSigns(event.data.level, event.data.value, raised, over);
    case 'grace-warning':
    case 'grace-deferred':
      return [raised('grace-running-out')];
    case 'key-used':
      return [...(event.data.duress ? [raised('duress')] : []), ...newPhase(over)];
    case 'key-overridden':
      return [raised('key-overridden'), ...newPhase(over)];
    case 'armed-by-insertion':
      return newPhase(over);
    case 'key-refused': {
      const { duress, refusal, key, reader } = event.data;
      const values = { refusal: refusal.code, reader, ...(key !== undefined && { key }) };
      return [...(duress ? [raised('duress')] : []), raised('key-refused', values)];
    }
    case 'second-factor-awaited':
      return event.data.duress ? [raised('duress')] : [];
    case 'duress-told':
      return [raised('duress')];
    case 'command-refused':
      return [raised('command-refused', { command: event.data.command, refusal: event.data.refusal.code })];
    case 'link-lost':
      return [raised('link-lost'), ...sensorsUnheard(over)];
    case 'link-restored':
      return [over('link-lost')];
    case 'frames-rejected': {
      const { reason, count } = event.data;
      return [raised(reason === 'malformed' ? 'frames-malformed' : 'frames-not-authentic', { count })];
    }
    case 'part-changed':
      return partSigns(event.data, raised, over);
    case 'service-overdue':
      return [raised('service-overdue')];
    case 'transport-overdue':
      return [raised('transport-overdue')];
    case 'area-left':
      return [raised('area-left', { place: event.data.source })];
    case 'area-entered':
      return [over('area-left')];
    case 'configuration-locked':
      return [raised('configuration-locked')];
    case 'records-lost':
      return [raised('records-lost', { count: event.data.count })];
    case 'cassette-configured':
    case 'test-begun':
    case 'test-ended':
    case 'sensor-proved':
    case 'self-test-asked':
    case 'grace-extended':
    case 'time-checkpoint':
    case 'incident-sealed':
      return [];
  }
}

type Raised = (kind: AlarmKind, values?: AlarmValues, part?: string) => AlarmSign;
type Over = (kind: AlarmKind, part?: string) => AlarmSign;

/** Every change of phase ends the countdowns, and starts the times anew. */
function newPhase(over: Over): readonly AlarmSign[] {
  return [
    over('grace-running-out'),
    over('transport-overdue'),
    ...SENSORS.map((sensor) => over('pre-alarm', sensor)),
  ];
}

/** Nothing is known of the sensors any more: those that are still active are told anew. */
function sensorsUnheard(over: Over): readonly AlarmSign[] {
  return SENSORS.flatMap((sensor) => [over('pre-alarm', sensor), over('sensor-active', sensor)]);
}

/** The others are reported only in service, where they tell of hands that are inside by right. */
const REPORTED: ReadonlySet<Sensor> = new Set(['tilt', 'light', 'temperature']);

/** Sensors that stain are told by the attack; those that are only reported have an alarm of their own. */
function sensorSigns(
  { sensor, active, value, liveness }: EventOf<'sensor-changed'>['data'],
  raised: Raised,
  over: Over,
): readonly AlarmSign[] {
  const ended = over('pre-alarm', sensor);
  const told = active && liveness === 'report' && REPORTED.has(sensor);
  const values = { sensor, ...(value !== undefined && { value }) };
  return [ended, told ? raised('sensor-active', values, sensor) : over('sensor-active', sensor)];
}

function gasSigns(
  level: EventOf<'gas-level-changed'>['data']['level'],
  value: number,
  raised: Raised,
  over: Over,
): readonly AlarmSign[] {
  switch (level) {
    case 'none':
      return [over('gas-critical'), over('gas-warning')];
    case 'warning':
      return [over('gas-critical'), raised('gas-warning', { value })];
    case 'critical':
      return [over('gas-warning'), raised('gas-critical', { value })];
  }
}

/** By part, the alarm that goes with a state of it. */
const PART_ALARMS: Readonly<Record<string, Readonly<Record<string, AlarmKind>>>> = {
  battery: { low: 'battery-low', fault: 'battery-fault' },
  ink: { low: 'ink-low', fault: 'ink-fault' },
  trigger: { fault: 'trigger-fault' },
  stainer: { fault: 'stainer-fault' },
  'self-test': { failed: 'self-test-failed' },
};

function partSigns(
  { part, state }: EventOf<'part-changed'>['data'],
  raised: Raised,
  over: Over,
): readonly AlarmSign[] {
  const alarms = PART_ALARMS[part] ?? {};
  return Object.entries(alarms).map(([of, kind]) => (of === state ? raised(kind) : over(kind)));
}

/** What stands at a cassette now: the signs of alarms that it shows. A link counts only once it was there. */
export function cassetteStanding(view: CassetteView): readonly AlarmSign[] {
  const source: AlarmSource = { source: 'cassette', cassette: view.id };
  const raised: Raised = (kind, values, part) => ({
    sign: 'raised',
    kind,
    source,
    ...(values && { values }),
    ...(part !== undefined && { part }),
  });
  const { phase, subState, cause, readings, sensors, gasLevel } = view;
  return [
    ...(subState === 'firing' ? [raised('attack', caused(cause))] : []),
    ...(phase === 'stained' ? [raised('stained', caused(cause))] : []),
    ...(subState === 'overdue' && !view.transportOverdue ? [raised('service-overdue')] : []),
    ...(view.transportOverdue ? [raised('transport-overdue')] : []),
    ...(view.outsideArea ? [raised('area-left')] : []),
    ...(gasLevel === 'none' ? [] : [raised(gasLevel === 'critical' ? 'gas-critical' : 'gas-warning')]),
    ...sensors.flatMap(({ sensor, live, confirmed }) =>
      confirmed && !live && phase !== 'stained' && REPORTED.has(sensor)
        ? [raised('sensor-active', { sensor }, sensor)]
        : [],
    ),
    ...(readings ? partsStanding(readings).map((kind) => raised(kind)) : []),
  ];
}

const caused = (cause: string | undefined): AlarmValues | undefined =>
  cause === undefined ? undefined : { cause };

function partsStanding({ battery, ink, trigger, stainer, selfTest }: Readings): readonly AlarmKind[] {
  const states = { battery, ink, trigger, stainer, 'self-test': selfTest };
  return Object.entries(states).flatMap(([part, state]) => PART_ALARMS[part]?.[state] ?? []);
}
