/** `sezam-alarm`: what becomes of alarms, as the durable book of the gateway has it; and what a flow does to them. */
import type { AlarmSource, AlarmValues } from '../../domain/alarms/alarm.ts';
import type { AlarmCommand } from '../../domain/alarms/events.ts';
import type { AlarmKind, Severity } from '../../domain/alarms/kinds.ts';
import type { Actor } from '../../domain/event.ts';
import type { CabinetId, CassetteId, CompartmentNumber, Milliseconds } from '../../domain/site.ts';
import type { LocalizedText } from '../../domain/texts/texts.ts';
import type { AlarmChange, AlarmDone, AlarmView } from '../../gateway/api.ts';
import { isChosen, parseChoice } from '../choice.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain } from '../errors.ts';
import { followGateway, watchGateway } from '../gateway-user.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Fields, numberIn, requestFrom, textIn, wordIn } from '../request.ts';
import { type Station, wireStation } from '../station.ts';
import { inWords, STATUS, type StatusText } from '../status.ts';

/** What a flow may do to an alarm. */
export const ALARM_COMMANDS = ['acknowledge', 'confirm', 'comment', 'silence', 'shelve', 'unshelve'] as const;

interface AlarmSettings extends NodeDefinition {
  readonly gateway: string;
  /** `cabinet:` or `cassette:` and an id, or `gateway`; empty: whatever it is about. */
  readonly source: string;
  /** Kinds of alarms, separated by commas; empty: every kind. */
  readonly kinds: string;
  /** The least severity, 1 to 1000; empty: any. */
  readonly severity: string;
  /** Whether alarms are told that nothing near their source may show. */
  readonly silent: boolean;
  /** What is done to the alarm that a message names; empty: the message says. */
  readonly do: string;
}

export const migrations = [
  withDefaults({ name: '', gateway: '', source: '', kinds: '', severity: '', silent: false, do: '' }),
];

/** An alarm as a message carries it. */
export interface AlarmPayload {
  /** Its id, which commands name. */
  readonly alarm: string;
  readonly kind: AlarmKind;
  readonly cabinet?: CabinetId;
  readonly compartment?: CompartmentNumber;
  readonly cassette?: CassetteId;
  readonly severity: Severity;
  /** Number of the occurrence. */
  readonly occurrence: number;
  readonly active: boolean;
  readonly acknowledged: boolean;
  readonly confirmed: boolean;
  readonly shelved: boolean;
  readonly silenced: boolean;
  /** Somebody has to see to it, and nobody has taken it out. */
  readonly calls: boolean;
  readonly silent: boolean;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly since: Milliseconds;
  readonly ended?: Milliseconds;
  readonly values: AlarmValues;
  readonly text: LocalizedText;
  readonly comment?: string;
}

/** Something that became of an alarm. */
export interface AlarmChangePayload extends AlarmPayload {
  /** `raised`, `over`, `acknowledged`, `shelved`, …: the type of the event without `alarm-`. */
  readonly change: string;
  readonly actor: Actor;
  readonly at: Milliseconds;
  /** Number of the event in the stream of alarms. */
  readonly seq: number;
}

/** A copy, so that nothing a flow does to its message reaches the gateway. */
export function alarmPayload(view: AlarmView): AlarmPayload {
  const { id, kind, source, severity, silent, current, shelving, silenced, calls, text, comment } = view;
  const { number, since, ended, values, acknowledged, confirmed } = current;
  const { source: _kind, ...about } = source;
  return {
    alarm: id,
    kind,
    ...about,
    severity,
    occurrence: number,
    active: ended === undefined,
    acknowledged,
    confirmed,
    shelved: shelving !== undefined,
    silenced,
    calls,
    silent,
    since,
    ...(ended !== undefined && { ended }),
    values: { ...values },
    text: { ...text },
    ...(comment && { comment: comment.text }),
  };
}

export function changePayload({ event, alarm }: AlarmChange): AlarmChangePayload {
  const { type, actor, at, seq } = event;
  const change = type.replace(/^alarm-/, '');
  return { change, ...alarmPayload(alarm), actor: { ...actor }, at: Date.parse(at), seq };
}

const FIELDS = ['do', 'alarm', 'occurrence', 'comment', 'minutes'] as const;

/**
 * The command that settings and message make together.
 * @throws NodeError `message-malformed`, `setting-contradicted`
 */
export function alarmCommand(settings: Fields, payload: unknown): AlarmCommand {
  const fields = requestFrom({ do: settings['do'] }, payload, FIELDS);
  const command = wordIn(fields, 'do', ALARM_COMMANDS);
  const alarm = textIn(fields, 'alarm');
  const comment = fields['comment'] === undefined ? {} : { comment: textIn(fields, 'comment') };
  switch (command) {
    case 'acknowledge':
    case 'confirm': {
      const number = fields['occurrence'] === undefined ? {} : { number: numberIn(fields, 'occurrence') };
      return { do: command, alarm, ...number, ...comment };
    }
    case 'comment':
      return { do: command, alarm, comment: textIn(fields, 'comment') };
    case 'shelve':
      return { do: command, alarm, lasts: numberIn(fields, 'minutes') * 60_000, ...comment };
    case 'silence':
    case 'unshelve':
      return { do: command, alarm, ...comment };
  }
}

/** Which alarms a node is about. */
export function concernOf({
  source,
  kinds,
  severity,
  silent,
}: Pick<AlarmSettings, 'source' | 'kinds' | 'severity' | 'silent'>): (alarm: AlarmView) => boolean {
  const chosen = parseChoice(kinds);
  const least = Number(severity);
  return (alarm) =>
    (silent || !alarm.silent) &&
    alarm.severity >= least &&
    isChosen(chosen, alarm.kind) &&
    (source === '' || source === nameOf(alarm.source));
}

function nameOf(source: AlarmSource): string {
  if ('cabinet' in source) return `cabinet:${source.cabinet}`;
  return source.source === 'cassette' ? `cassette:${source.cassette}` : source.source;
}

/** How many alarms call for somebody. */
function countStatus(count: number): StatusText {
  if (count === 0) return { fill: 'green', shape: 'dot', key: 'no-alarm' };
  return { fill: 'red', shape: 'dot', key: 'alarms', values: { count } };
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-alarm', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<AlarmSettings>(definition, migrations);
    const concerns = concernOf(settings);
    const calling = new Set<string>();
    const station: Station<AlarmCommand, AlarmDone> = {
      read: (payload) => alarmCommand({ ...settings }, payload),
      ask: (gateway, command) => gateway.alarms.command(command, { kind: 'machine', id: `flow:${this.id}` }),
      payload: ({ alarm }, command) => ({ do: command.do, ...alarmPayload(alarm) }),
      status: () => countStatus(calling.size),
      refused: STATUS.refused,
      outputsBefore: 1,
    };
    wireStation(RED, this, settings.gateway, station);
    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      ({ alarms }) => {
        calling.clear();
        for (const alarm of alarms.list()) if (alarm.calls && concerns(alarm)) calling.add(alarm.id);
        this.status(inWords(RED, countStatus(calling.size)));
        return alarms.onChange((change) => {
          const { alarm } = change;
          if (!concerns(alarm)) return;
          if (alarm.calls) calling.add(alarm.id);
          else calling.delete(alarm.id);
          this.status(inWords(RED, countStatus(calling.size)));
          this.send([{ topic: alarm.id, payload: changePayload(change) }, null, null]);
        });
      },
      // The station shows whether there is a gateway.
      () => {},
      (error) => this.error(explain(error).error.message),
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      unfollow();
      done();
    });
  });
}
