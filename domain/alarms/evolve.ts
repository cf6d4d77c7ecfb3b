/** The state of all alarms as the fold of their events. */
import type { Milliseconds } from '../site.ts';
import { type Alarm, type AlarmId, isOpen, type Occurrence } from './alarm.ts';
import type { AlarmEvent, Origin } from './events.ts';
import { ALARM_KINDS } from './kinds.ts';
import type { AlarmState } from './state.ts';

/** Earlier occurrences that are kept of an alarm nobody acknowledges. */
const MOST_EARLIER = 10;

export function evolveAlarms(state: AlarmState, event: AlarmEvent, at: Milliseconds): AlarmState {
  if (event.type === 'alarms-caught-up') {
    return { ...state, read: new Map([...state.read, ...Object.entries(event.data.read)]) };
  }
  if (event.type === 'alarm-raised') {
    const read = readUpTo(state.read, event.data.origin);
    return { ...kept(state, raised(state, event, at)), occurrences: event.data.number, read };
  }
  const alarm = state.alarms.get(event.data.alarm);
  const read = event.type === 'alarm-over' ? readUpTo(state.read, event.data.origin) : state.read;
  return alarm ? { ...kept(state, handled(alarm, event, at)), read } : { ...state, read };
}

function raised(
  { alarms }: AlarmState,
  { data }: Extract<AlarmEvent, { readonly type: 'alarm-raised' }>,
  at: Milliseconds,
): Alarm {
  const before = alarms.get(data.alarm);
  const current: Occurrence = {
    number: data.number,
    since: at,
    // What only tells of something is over at once; it stays until somebody has seen it.
    ...(ALARM_KINDS[data.kind].endsBy === 'acknowledgement' && { ended: at }),
    values: data.values,
    acknowledged: false,
    confirmed: !ALARM_KINDS[data.kind].confirmation,
  };
  if (!before) {
    return {
      id: data.alarm,
      kind: data.kind,
      source: data.source,
      current,
      earlier: [],
      outOfService: false,
      suppressed: false,
      silenced: false,
      enabled: true,
    };
  }
  const open = isOpen(before.current) ? [before.current] : [];
  const { shelving, ...rest } = before;
  return {
    ...rest,
    // Shelved until it comes up again: it has.
    ...(shelving?.shelved === 'until' && { shelving }),
    current,
    earlier: [...before.earlier, ...open].slice(-MOST_EARLIER),
    silenced: false,
  };
}

function handled(
  alarm: Alarm,
  event: Exclude<AlarmEvent, { readonly type: 'alarm-raised' | 'alarms-caught-up' }>,
  at: Milliseconds,
): Alarm {
  const { actor } = event;
  const said = 'comment' in event.data ? event.data.comment : undefined;
  const commented = said === undefined ? alarm : { ...alarm, comment: { text: said, actor, at } };
  switch (event.type) {
    case 'alarm-over':
      return { ...alarm, current: { ...alarm.current, ended: at } };
    case 'alarm-acknowledged':
      return seen(commented, event.data.number, { acknowledged: true });
    case 'alarm-confirmed':
      return seen(commented, event.data.number, { confirmed: true });
    case 'alarm-commented':
      return commented;
    case 'alarm-shelved':
      return { ...commented, shelving: event.data.shelving };
    case 'alarm-unshelved': {
      const { shelving: _over, ...rest } = alarm;
      return rest;
    }
    case 'alarm-suppressed':
      return { ...commented, suppressed: true };
    case 'alarm-released':
      return { ...commented, suppressed: false };
    case 'alarm-taken-out':
      return { ...commented, outOfService: true };
    case 'alarm-put-back':
      return { ...commented, outOfService: false };
    case 'alarm-silenced':
      return { ...commented, silenced: true };
    case 'alarm-enabled':
      return { ...commented, enabled: true };
    case 'alarm-disabled':
      return { ...commented, enabled: false };
  }
}

function seen(
  alarm: Alarm,
  number: number,
  as: Partial<Pick<Occurrence, 'acknowledged' | 'confirmed'>>,
): Alarm {
  if (alarm.current.number === number) return { ...alarm, current: { ...alarm.current, ...as } };
  const earlier = alarm.earlier
    .map((each) => (each.number === number ? { ...each, ...as } : each))
    .filter(isOpen);
  return { ...alarm, earlier };
}

/** Alarms of which nothing is left to be kept are forgotten; their occurrences are in the log. */
function kept(state: AlarmState, alarm: Alarm): AlarmState {
  const alarms = new Map<AlarmId, Alarm>(state.alarms);
  if (isOpen(alarm.current) || alarm.earlier.length > 0 || isSetApart(alarm)) alarms.set(alarm.id, alarm);
  else alarms.delete(alarm.id);
  return { ...state, alarms };
}

/** Somebody has changed how it is taken when it comes up again. */
function isSetApart({ shelving, outOfService, suppressed, enabled }: Alarm): boolean {
  return shelving !== undefined || outOfService || suppressed || !enabled;
}

function readUpTo(read: AlarmState['read'], { stream, seq, more }: Origin): AlarmState['read'] {
  const upTo = more ? seq - 1 : seq;
  return (read.get(stream) ?? 0) >= upTo ? read : new Map(read).set(stream, upTo);
}
