/** Commands of `npm run admin` about alarms, and the answers to them. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { AlarmCommand } from '../domain/alarms/events.ts';
import type { AlarmView } from '../gateway/api.ts';
import type { AlarmsCommand } from '../gateway/commands/alarms.ts';

export const ALARM_USAGE = `Alarms (each with --alarm ID, and with --comment "WORDS" where there is something to say)
  alarms [--all]                                 lists them, the most urgent first; --all: with those that were set apart
  acknowledge [--occurrence N]                   somebody has seen it; N: an earlier occurrence
  confirm [--occurrence N]                       what caused it was seen to
  comment                                        says something about it
  shelve --minutes N                             keeps it quiet for a while
  unshelve | silence                             ends that; takes its sound off until it comes up again`;

export const ALARM_OPTIONS = {
  alarm: { type: 'string' },
  all: { type: 'boolean' },
  comment: { type: 'string' },
  occurrence: { type: 'string' },
  minutes: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

type AlarmValues = {
  readonly [Name in keyof typeof ALARM_OPTIONS]?:
    | ((typeof ALARM_OPTIONS)[Name]['type'] extends 'boolean' ? boolean : string)
    | undefined;
};

/** The command for what was typed; undefined where there is none of that name. Throws where something is missing. */
export function alarmCommandFor(name: string, values: AlarmValues): AlarmsCommand | undefined {
  if (name === 'alarms') return { do: 'list-alarms', all: values.all ?? false };
  const command = commandOf(name, values);
  return command && { do: 'command-alarm', command };
}

function commandOf(name: string, values: AlarmValues): AlarmCommand | undefined {
  const { comment } = values;
  const said = comment === undefined ? {} : { comment };
  switch (name) {
    case 'acknowledge':
    case 'confirm': {
      const number = values.occurrence;
      const which = number === undefined ? {} : { number: aboveZero('occurrence', number) };
      return { do: name, alarm: alarmOf(values), ...which, ...said };
    }
    case 'comment':
      if (comment === undefined) throw new Error('Say something: --comment "WORDS".');
      return { do: name, alarm: alarmOf(values), comment };
    case 'shelve':
      return {
        do: name,
        alarm: alarmOf(values),
        lasts: aboveZero('minutes', values.minutes ?? '') * 60_000,
        ...said,
      };
    case 'unshelve':
    case 'silence':
      return { do: name, alarm: alarmOf(values), ...said };
    default:
      return undefined;
  }
}

function alarmOf({ alarm }: AlarmValues): string {
  if (alarm === undefined) throw new Error('Name the alarm: --alarm ID, as "alarms" lists it.');
  return alarm;
}

function aboveZero(option: 'minutes' | 'occurrence', typed: string): number {
  const number = Number(typed);
  if (typed.trim() !== '' && number > 0) return number;
  throw new Error(`--${option} takes a number above 0, not "${typed}".`);
}

/** Alarms as rows of a table. */
export function alarmRows(alarms: readonly AlarmView[]): object[] {
  return alarms.map((alarm) => ({
    alarm: alarm.id,
    severity: alarm.severity,
    since: new Date(alarm.current.since).toISOString(),
    state: alarmStates(alarm).join(', '),
    earlier: alarm.earlier.map(({ number }) => number).join(', '),
    what: alarm.text.en,
  }));
}

/** An alarm as lines for a person. */
export function alarmLines(alarm: AlarmView): readonly string[] {
  const { id, text, current, earlier, comment, shelving } = alarm;
  return [
    `${id}: ${text.en}`,
    `occurrence ${current.number}, since ${new Date(current.since).toISOString()}: ${alarmStates(alarm).join(', ')}`,
    ...earlier.map(
      ({ number, since }) => `occurrence ${number}, since ${new Date(since).toISOString()}: not seen to`,
    ),
    ...(shelving?.shelved === 'until' ? [`shelved until ${new Date(shelving.until).toISOString()}`] : []),
    ...(comment ? [`comment of ${comment.actor.kind} ${comment.actor.id}: ${comment.text}`] : []),
  ];
}

function alarmStates(alarm: AlarmView): readonly string[] {
  const { current, shelving } = alarm;
  const states = [
    current.ended === undefined ? 'active' : 'over',
    current.acknowledged ? 'acknowledged' : 'not acknowledged',
    current.acknowledged && !current.confirmed && 'to be confirmed',
    shelving && 'shelved',
    alarm.suppressed && 'suppressed',
    alarm.outOfService && 'out of service',
    !alarm.enabled && 'disabled',
    alarm.silenced && 'silenced',
  ];
  return states.filter((state) => typeof state === 'string');
}
