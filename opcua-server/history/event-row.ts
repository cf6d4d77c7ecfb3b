/** An event of the log with the fields of its OPC UA type. */
import {
  DataType,
  type LocalizedText,
  type Namespace,
  type NodeId,
  type QualifiedName,
  Variant,
} from 'node-opcua';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { severityOf } from '../../domain/cabinet/severity.ts';
import { alarmOf } from '../../domain/cassette/alarms.ts';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { CABINET_EVENT_TEXTS, cabinetEventText } from '../../domain/texts/cabinet-event-texts.ts';
import { CASSETTE_TEXTS, cassetteEventText } from '../../domain/texts/cassette-texts.ts';
import { nodeIds } from '../names.ts';
import { english, inLocaleOf } from '../words.ts';
import type { FilteredEvent } from './event-filter.ts';
import type { EventTypes, OwnField } from './event-types.ts';

/** Severity of what calls for nobody. */
const NO_ALARM = 100;

/** Fields of BaseEventType that are given; the others are null. */
export type BaseField =
  | 'EventId'
  | 'EventType'
  | 'SourceNode'
  | 'SourceName'
  | 'Time'
  | 'ReceiveTime'
  | 'Message'
  | 'Severity';

/** Makes rows of events whose source this server shows. */
export class EventRows {
  readonly #namespace: Namespace;
  readonly #types: EventTypes;

  constructor(namespace: Namespace, types: EventTypes) {
    this.#namespace = namespace;
    this.#types = types;
  }

  /** The row of an event; undefined where its source is no cabinet or cassette of this server. */
  rowOf(event: LoggedEvent, locales: readonly string[]): FilteredEvent | undefined {
    const [kind, id] = split(event.stream);
    const name =
      kind === 'cabinet' ? nodeIds.cabinet(id) : kind === 'cassette' ? nodeIds.cassette(id) : undefined;
    const source = name === undefined ? null : this.#namespace.findNode(name);
    if (!source) return undefined;
    const type = kind === 'cabinet' ? this.#types.cabinetEvent : this.#types.cassetteEvent;
    const about: About = {
      event,
      kind: kind === 'cabinet' ? 'cabinet' : 'cassette',
      locales,
      type: type.nodeId,
      source: source.nodeId,
      sourceName: source.displayName[0]?.text ?? id,
    };
    return { type, field: (field) => (isField(field) ? FIELDS[field](about) : undefined) };
  }
}

interface About {
  readonly event: LoggedEvent;
  readonly kind: 'cabinet' | 'cassette';
  readonly locales: readonly string[];
  readonly type: NodeId;
  readonly source: NodeId;
  readonly sourceName: string;
}

const time = ({ event }: About): Variant =>
  new Variant({ dataType: DataType.DateTime, value: new Date(event.at) });
const text = (value: string): Variant => new Variant({ dataType: DataType.String, value });
const nodeId = (value: NodeId): Variant => new Variant({ dataType: DataType.NodeId, value });

const FIELDS: Readonly<Record<BaseField | OwnField, (about: About) => Variant | undefined>> = {
  // The hash of the event as logged: the same for ever, and on every server of the same log.
  EventId: ({ event }) =>
    new Variant({ dataType: DataType.ByteString, value: Buffer.from(event.hash, 'hex') }),
  EventType: ({ type }) => nodeId(type),
  SourceNode: ({ source }) => nodeId(source),
  SourceName: ({ sourceName }) => text(sourceName),
  Time: time,
  ReceiveTime: time,
  Message: (about) => new Variant({ dataType: DataType.LocalizedText, value: messageOf(about) }),
  Severity: (about) => new Variant({ dataType: DataType.UInt16, value: urgencyOf(about) }),
  Type: ({ event }) => text(event.type),
  Sequence: ({ event }) => new Variant({ dataType: DataType.UInt32, value: event.seq }),
  Actor: ({ event }) => text(event.actor.kind),
  User: ({ event }) => text(userOf(event)),
  Data: ({ event }) => text(JSON.stringify(event.data)),
  Compartment: ({ event }) => {
    const value = member(event.data, 'compartment');
    return typeof value === 'number' ? new Variant({ dataType: DataType.UInt16, value }) : undefined;
  },
};

/** Types of events that have a sentence; a log may hold others, of another version of Sezam. */
const WORDED = {
  cabinet: typesIn(CABINET_EVENT_TEXTS.en),
  cassette: typesIn(CASSETTE_TEXTS.en.events),
};

function typesIn(sentences: object): ReadonlySet<string> {
  return new Set(Object.keys(sentences).map((sentence) => sentence.split('/')[0] ?? sentence));
}

function messageOf({ event, kind, locales }: About): LocalizedText {
  if (!WORDED[kind].has(event.type)) return english(event.type);
  const sentence =
    kind === 'cabinet' ? cabinetEventText(event as CabinetEvent) : cassetteEventText(event as CassetteEvent);
  return inLocaleOf(locales, sentence);
}

function urgencyOf({ event, kind }: About): number {
  if (!WORDED[kind].has(event.type)) return NO_ALARM;
  if (kind === 'cabinet') return severityOf(event as CabinetEvent);
  return alarmOf(event as CassetteEvent)?.severity ?? NO_ALARM;
}

/** The user whom the event names; else whoever did it. */
function userOf({ data, actor }: LoggedEvent): string {
  const named = member(data, 'user');
  if (typeof named === 'string') return named;
  return actor.kind === 'user' || actor.kind === 'administrator' ? actor.id : '';
}

function member(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined;
}

/** Kind and id of a stream. */
function split(stream: string): readonly [string, string] {
  const slash = stream.indexOf('/');
  return [stream.slice(0, slash), stream.slice(slash + 1)];
}

/** The names of all fields that rows may have. */
export function fieldNames(): (BaseField | OwnField)[] {
  return (Object.keys(FIELDS) as (BaseField | OwnField)[]).filter(isField);
}

/** The field of events of the log that stands at a path; undefined where they have none there. */
export function logField([name, deeper]: readonly QualifiedName[], ownNamespace: number): string | undefined {
  const field = name?.name ?? '';
  if (deeper || !isField(field)) return undefined;
  return name?.namespaceIndex === (isOwnField(field) ? ownNamespace : 0) ? field : undefined;
}

/** Whether a row may have a field of that name. */
function isField(name: string): name is BaseField | OwnField {
  return Object.hasOwn(FIELDS, name);
}

/** Whether a field is one that this server added, whose name stands in its own namespace. */
export function isOwnField(name: BaseField | OwnField): name is OwnField {
  return OWN.has(name);
}

const OWN: ReadonlySet<string> = new Set<OwnField>([
  'Type',
  'Sequence',
  'Actor',
  'User',
  'Data',
  'Compartment',
]);
