/** What becomes of an alarm: by what events say, by what people do, by time. Every decision is one event. */
import type { Actor } from '../event.ts';
import { GATEWAY } from '../event.ts';
import type { Milliseconds } from '../site.ts';
import { type Alarm, alarmId, type Occurrence } from './alarm.ts';
import { type AlarmCommand, type AlarmEvent, HANDLINGS, type Origin } from './events.ts';
import { ALARM_KINDS } from './kinds.ts';
import { type AlarmRefusal, alarmRefusal } from './refusal.ts';
import type { AlarmSign } from './sign.ts';
import type { AlarmState } from './state.ts';

/** The longest time that an alarm may be shelved for: a shift, so that whoever comes next sees it (ISA-18.2, 11.7). */
export const LONGEST_SHELVING: Milliseconds = 12 * 3_600_000;

/** The longest comment that is kept. Characters. */
export const LONGEST_COMMENT = 500;

/**
 * What the next of the signs of an event that says anything new makes of its alarm. `settled`: so many of the signs are
 * settled with it, and the rest is to be decided on the state after it.
 *
 * @param settled so many are already
 * @param origin the event; left out where the signs are not those of an event
 */
export function decideSigns(
  state: AlarmState,
  signs: readonly AlarmSign[],
  settled: number,
  origin?: Omit<Origin, 'signs'>,
): { readonly event?: AlarmEvent; readonly settled: number } {
  for (const [place, sign] of signs.entries()) {
    if (place < settled || !decideSign(state, sign, origin)) continue;
    // Until all are settled, a restart must find the rest of them again.
    const more = signs.slice(place + 1).some((later) => decideSign(state, later, origin));
    const event = decideSign(state, sign, origin && { ...origin, ...(more && { signs: place + 1 }) });
    return { ...(event && { event }), settled: more ? place + 1 : signs.length };
  }
  return { settled: signs.length };
}

/** What a sign makes of its alarm; undefined where it says nothing new. */
function decideSign(state: AlarmState, sign: AlarmSign, origin: Origin | undefined): AlarmEvent | undefined {
  const { kind, source, part, values = {} } = sign;
  const id = alarmId(kind, source, part);
  const known = state.alarms.get(id);
  const from = origin && { origin };
  if (sign.sign === 'over') {
    if (!known || known.current.ended !== undefined) return undefined;
    const { number } = known.current;
    return event('alarm-over', { alarm: id, number, ...from }, GATEWAY);
  }
  if (known && standsAlready(known)) return undefined;
  const number = state.occurrences + 1;
  const which = part === undefined ? {} : { part };
  return event('alarm-raised', { alarm: id, kind, source, ...which, number, values, ...from }, GATEWAY);
}

/** Whether another sign of it would tell nothing: it is active, or what happened was not seen yet. */
function standsAlready({ kind, current }: Alarm): boolean {
  return ALARM_KINDS[kind].endsBy === 'sign' ? current.ended === undefined : !current.acknowledged;
}

/** What a person's command makes of an alarm, or why it does nothing. */
export function decideCommand(
  state: AlarmState,
  command: AlarmCommand,
  actor: Actor,
  at: Milliseconds,
): { readonly event: AlarmEvent } | { readonly refusal: AlarmRefusal } {
  const alarm = state.alarms.get(command.alarm);
  if (!alarm) return { refusal: alarmRefusal('alarm-unknown', { alarm: command.alarm }) };
  const outcome = decideOn(alarm, command, actor, at);
  return 'code' in outcome ? { refusal: outcome } : { event: outcome };
}

/** Alarms whose shelving is over, to be decided one after the other. */
export function decideDue(state: AlarmState, at: Milliseconds): AlarmEvent | undefined {
  for (const { id, shelving } of state.alarms.values()) {
    if (shelving?.shelved === 'until' && shelving.until <= at) {
      return event('alarm-unshelved', { alarm: id, by: 'time' }, GATEWAY);
    }
  }
  return undefined;
}

/** When `decideDue` has something to do next; undefined where nothing waits. */
export function nextShelvingEnd(state: AlarmState): Milliseconds | undefined {
  const ends = [...state.alarms.values()].flatMap(({ shelving }) =>
    shelving?.shelved === 'until' ? [shelving.until] : [],
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function decideOn(
  alarm: Alarm,
  command: AlarmCommand,
  actor: Actor,
  at: Milliseconds,
): AlarmEvent | AlarmRefusal {
  const { id } = alarm;
  switch (command.do) {
    case 'acknowledge':
    case 'confirm':
      return decideSeen(alarm, command, actor);
    case 'comment': {
      const { comment } = said(command);
      if (comment === undefined) return alarmRefusal('comment-missing');
      return event('alarm-commented', { alarm: id, comment }, actor);
    }
    case 'shelve': {
      // One way of shelving may follow the other at once, or it would call everybody in between.
      if (alarm.shelving?.shelved === 'until') return alarmRefusal('already-shelved', { alarm: id });
      if (!(command.lasts > 0) || command.lasts > LONGEST_SHELVING) {
        return alarmRefusal('shelving-too-long', { most: LONGEST_SHELVING / 60_000 });
      }
      const shelving = { shelved: 'until', until: at + command.lasts } as const;
      return event('alarm-shelved', { alarm: id, shelving, ...said(command) }, actor);
    }
    case 'shelve-once':
      if (alarm.shelving?.shelved === 'once') return alarmRefusal('already-shelved', { alarm: id });
      return event('alarm-shelved', { alarm: id, shelving: { shelved: 'once' }, ...said(command) }, actor);
    case 'unshelve':
      if (!alarm.shelving) return alarmRefusal('not-shelved', { alarm: id });
      return event('alarm-unshelved', { alarm: id, by: 'person', ...said(command) }, actor);
    case 'suppress':
    case 'release':
    case 'take-out':
    case 'put-back':
    case 'silence':
    case 'enable':
    case 'disable':
      if (isSo(alarm, command.do)) return alarmRefusal('already-so', { alarm: id });
      return event(HANDLINGS[command.do], { alarm: id, ...said(command) }, actor);
  }
}

function decideSeen(
  alarm: Alarm,
  command: Extract<AlarmCommand, { readonly do: 'acknowledge' | 'confirm' }>,
  actor: Actor,
): AlarmEvent | AlarmRefusal {
  const { number = alarm.current.number } = command;
  const occurrence = occurrenceOf(alarm, number);
  if (!occurrence) return alarmRefusal('occurrence-unknown', { alarm: alarm.id, number });
  if (command.do === 'acknowledge') {
    if (occurrence.acknowledged) return alarmRefusal('already-acknowledged', { alarm: alarm.id });
    return event('alarm-acknowledged', { alarm: alarm.id, number, ...said(command) }, actor);
  }
  if (!occurrence.acknowledged) return alarmRefusal('not-acknowledged', { alarm: alarm.id });
  if (occurrence.confirmed) return alarmRefusal('already-confirmed', { alarm: alarm.id });
  return event('alarm-confirmed', { alarm: alarm.id, number, ...said(command) }, actor);
}

/** An occurrence by its number, of the moment or an earlier one. */
export function occurrenceOf({ current, earlier }: Alarm, number: number): Occurrence | undefined {
  return current.number === number ? current : earlier.find((each) => each.number === number);
}

function isSo(alarm: Alarm, handling: keyof typeof HANDLINGS): boolean {
  switch (handling) {
    case 'suppress':
      return alarm.suppressed;
    case 'release':
      return !alarm.suppressed;
    case 'take-out':
      return alarm.outOfService;
    case 'put-back':
      return !alarm.outOfService;
    case 'silence':
      return alarm.silenced;
    case 'enable':
      return alarm.enabled;
    case 'disable':
      return !alarm.enabled;
  }
}

function said({ comment }: { readonly comment?: string }): { readonly comment?: string } {
  // Cutting may leave half a character, which no record can hold.
  const words = (comment ?? '').trim().slice(0, LONGEST_COMMENT).toWellFormed();
  return words === '' ? {} : { comment: words };
}

type DataOf<Name> = AlarmEvent extends infer Each
  ? Each extends { readonly type: infer Types; readonly data: infer Data }
    ? Name extends Types
      ? Data
      : never
    : never
  : never;

function event<Name extends AlarmEvent['type']>(type: Name, data: DataOf<Name>, actor: Actor): AlarmEvent {
  return { type, actor, data } as unknown as AlarmEvent;
}
