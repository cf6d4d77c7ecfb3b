/** What the events of a cassette say about alarms. */
import type { CassetteEvent, EventOf } from '../cassette/events.ts';
import type { CassetteId } from '../site.ts';
import type { AlarmSource, AlarmValues } from './alarm.ts';
import type { AlarmKind } from './kinds.ts';
import type { AlarmSign } from './sign.ts';

/** The signs in an event, in the order in which they count. No value is ever the number of a key. */
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
      return [over('attack'), over('grace-running-out'), raised('stained', { cause: event.data.cause })];
    case 'service-entered':
      return [over('stained'), over('attack')];
    case 'service-finished':
      return [over('service-overdue')];
    case 'firing-failed':
      return [raised('firing-failed', { step: event.data.step, failures: event.data.failures })];
    case 'cassette-restarted': {
      const { interrupted } = event.data;
      return interrupted === undefined
        ? []
        : [over('attack'), raised('firing-interrupted', { cause: interrupted })];
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
      return [raised('grace-running-out')];
    case 'grace-deferred':
      return [raised('grace-running-out')];
    case 'key-used':
      return [
        ...(event.data.duress ? [raised('duress')] : []),
        ...(event.data.from === 'grace' ? [over('grace-running-out')] : []),
        ...(event.data.to === 'transit' ? [] : [over('transport-overdue')]),
      ];
    case 'key-overridden':
      return [raised('key-overridden'), over('grace-running-out'), over('transport-overdue')];
    case 'armed-by-insertion':
      return [over('grace-running-out'), over('transport-overdue')];
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
      return [raised('link-lost')];
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

/** Sensors that stain are told by the attack; those that are only reported have an alarm of their own. */
function sensorSigns(
  { sensor, active, value, liveness }: EventOf<'sensor-changed'>['data'],
  raised: Raised,
  over: Over,
): readonly AlarmSign[] {
  const ended = [over('pre-alarm', sensor)];
  if (!active) return [...ended, over('sensor-active', sensor)];
  if (liveness !== 'report') return ended;
  return [...ended, raised('sensor-active', { sensor, ...(value !== undefined && { value }) }, sensor)];
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
