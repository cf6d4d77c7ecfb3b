/** Alarms as the administration API tells them: sentences in one language, times as ISO 8601. */
import type { AlarmComment, AlarmId, Occurrence } from '../../domain/alarms/alarm.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { Language } from '../../domain/texts/texts.ts';
import type { AlarmChange, AlarmView } from '../../gateway/api.ts';

/** An alarm in one language. Field by field: what is told to programs stays what it is, whatever is added inside. */
export function alarmIn(language: Language, view: AlarmView): object {
  const { part, text, shelving, comment } = view;
  return {
    id: view.id,
    kind: view.kind,
    source: view.source,
    ...(part !== undefined && { part }),
    text: text[language],
    severity: view.severity,
    silent: view.silent,
    retained: view.retained,
    calls: view.calls,
    current: occurrence(view.current),
    earlier: view.earlier.map(occurrence),
    ...(shelving && {
      shelving: shelving.shelved === 'until' ? { ...shelving, until: time(shelving.until) } : shelving,
    }),
    outOfService: view.outOfService,
    suppressed: view.suppressed,
    silenced: view.silenced,
    enabled: view.enabled,
    ...(comment && { comment: said(comment) }),
    revision: view.revision,
    changedAt: time(view.changedAt),
  };
}

/** A change of an alarm in one language; `number` where it is about one occurrence. */
export function changeIn(language: Language, sequence: number, { event, alarm }: AlarmChange): object {
  const { type, at, actor, data } = event;
  return {
    sequence,
    change: type,
    at,
    actor,
    ...('number' in data && { number: data.number }),
    alarm: alarmIn(language, alarm),
  };
}

function occurrence(one: Occurrence): object {
  const { number, since, ended, values, acknowledged, acknowledgedAt, confirmed, confirmedAt } = one;
  return {
    number,
    since: time(since),
    ...(ended !== undefined && { ended: time(ended) }),
    values,
    acknowledged,
    ...(acknowledgedAt !== undefined && { acknowledgedAt: time(acknowledgedAt) }),
    confirmed,
    ...(confirmedAt !== undefined && { confirmedAt: time(confirmedAt) }),
  };
}

function said({ text, actor, at }: AlarmComment): object {
  return { text, actor, at: time(at) };
}

function time(at: Milliseconds): string {
  return new Date(at).toISOString();
}

/** Place of an alarm in the order of pages: the most urgent first, then the oldest, then by id. */
export type Place = readonly [severity: number, since: Milliseconds, id: AlarmId];

export function placeOf({ severity, current, id }: AlarmView): Place {
  return [severity, current.since, id];
}

/** Negative where `a` comes before `b`. */
export function byPlace(a: Place, b: Place): number {
  if (a[0] !== b[0]) return b[0] - a[0];
  if (a[1] !== b[1]) return a[1] - b[1];
  if (a[2] === b[2]) return 0;
  return a[2] < b[2] ? -1 : 1;
}
