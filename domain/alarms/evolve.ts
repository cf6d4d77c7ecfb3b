/** The state of all alarms as the fold of their events. */
import type { Milliseconds } from '../site.ts';
import { type Alarm, isOpen, type Occurrence } from './alarm.ts';
import { AlarmBook } from './book.ts';
import type { AlarmEvent, Origin } from './events.ts';
import { ALARM_KINDS } from './kinds.ts';
import type { AlarmState } from './state.ts';

/** Earlier occurrences that are kept of an alarm nobody acknowledges. */
export const MOST_EARLIER = 10;

export function evolveAlarms(state: AlarmState, event: AlarmEvent, at: Milliseconds): AlarmState {
  if (event.type === 'alarms-caught-up') {
    return { ...state, read: event.data.read.reduce(readTo, state.read) };
  }
  const { alarms, occurrences, standing } = state;
  const after = alarmAfter(alarms.get(event.data.alarm), event, at);
  const origin = 'origin' in event.data ? event.data.origin : undefined;
  return {
    alarms: after ? kept(alarms, after) : alarms,
    occurrences: event.type === 'alarm-raised' ? event.data.number : occurrences,
    read: origin ? readTo(state.read, origin) : state.read,
    standing: after ? stands(standing, after) : standing,
  };
}

/** What goes on in which cabinet, with an alarm as it is now. */
export function stands(standing: AlarmState['standing'], alarm: Alarm): AlarmState['standing'] {
  const { source, kind, current, id } = alarm;
  if (ALARM_KINDS[kind].endsBy !== 'sign' || !('cabinet' in source)) return standing;
  const before = standing.get(source.cabinet) ?? AlarmBook.EMPTY;
  const after = current.ended === undefined ? before.with(alarm) : before.without(id);
  return after === before ? standing : new Map(standing).set(source.cabinet, after);
}

/** What an event makes of its alarm, whether it is kept then or not; undefined where it is of none that is known. */
export function alarmAfter(
  before: Alarm | undefined,
  event: Exclude<AlarmEvent, { readonly type: 'alarms-caught-up' }>,
  at: Milliseconds,
): Alarm | undefined {
  if (event.type === 'alarm-raised') return raised(before, event, at);
  return before && handled(before, event, at);
}

function raised(
  before: Alarm | undefined,
  { data }: Extract<AlarmEvent, { readonly type: 'alarm-raised' }>,
  at: Milliseconds,
): Alarm {
  const since = data.origin?.at ?? at;
  const current: Occurrence = {
    number: data.number,
    since,
    // What only tells of something is over at once; it stays until somebody has seen it.
    ...(ALARM_KINDS[data.kind].endsBy === 'acknowledgement' && { ended: since }),
    values: data.values,
    acknowledged: false,
    confirmed: !ALARM_KINDS[data.kind].confirmation,
  };
  if (!before) {
    return {
      id: data.alarm,
      kind: data.kind,
      source: data.source,
      ...(data.part !== undefined && { part: data.part }),
      current,
      earlier: [],
      outOfService: false,
      suppressed: false,
      silenced: false,
      enabled: true,
      revision: 1,
      changedAt: at,
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
    ...changed(before, at),
  };
}

/** What every change leaves. */
function changed({ revision }: Alarm, at: Milliseconds): Pick<Alarm, 'revision' | 'changedAt'> {
  return { revision: revision + 1, changedAt: at };
}

function handled(
  before: Alarm,
  event: Exclude<AlarmEvent, { readonly type: 'alarm-raised' | 'alarms-caught-up' }>,
  at: Milliseconds,
): Alarm {
  const { actor } = event;
  const alarm = { ...before, ...changed(before, at) };
  const said = 'comment' in event.data ? event.data.comment : undefined;
  const commented = said === undefined ? alarm : { ...alarm, comment: { text: said, actor, at } };
  switch (event.type) {
    case 'alarm-over':
      return { ...alarm, current: { ...alarm.current, ended: event.data.origin?.at ?? at } };
    case 'alarm-acknowledged':
      return seen(commented, event.data.number, { acknowledged: true, acknowledgedAt: at });
    case 'alarm-confirmed':
      return seen(commented, event.data.number, { confirmed: true, confirmedAt: at });
    case 'alarm-commented':
      return commented;
    case 'alarm-shelved':
      return { ...commented, shelving: event.data.shelving };
    case 'alarm-unshelved': {
      const { shelving: _over, ...rest } = commented;
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
  as: Partial<Pick<Occurrence, 'acknowledged' | 'acknowledgedAt' | 'confirmed' | 'confirmedAt'>>,
): Alarm {
  if (alarm.current.number === number) return { ...alarm, current: { ...alarm.current, ...as } };
  const earlier = alarm.earlier
    .map((each) => (each.number === number ? { ...each, ...as } : each))
    .filter(isOpen);
  return { ...alarm, earlier };
}

/** Alarms of which nothing is left to be kept are forgotten; their occurrences are in the log. */
function kept(alarms: AlarmBook, alarm: Alarm): AlarmBook {
  const stays = isOpen(alarm.current) || alarm.earlier.length > 0 || isSetApart(alarm);
  return stays ? alarms.with(alarm) : alarms.without(alarm.id);
}

/** Somebody has changed how it is taken when it comes up again. */
function isSetApart({ shelving, outOfService, suppressed, enabled }: Alarm): boolean {
  return shelving !== undefined || outOfService || suppressed || !enabled;
}

function readTo(read: AlarmState['read'], { stream, ...to }: Origin): AlarmState['read'] {
  return new Map(read).set(stream, to);
}
