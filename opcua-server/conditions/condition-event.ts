/** The state of a condition as an event, with every field of the types of OPC 10000-9 that this server has. */
import { DataType, LocalizedText, makeNodeId, NodeId, ObjectTypeIds, StatusCodes, Variant } from 'node-opcua';
import { LONGEST_SHELVING } from '../../domain/alarms/decide.ts';
import { alarmText } from '../../domain/texts/alarm-texts.ts';
import type { Language, LocalizedText as Sentence } from '../../domain/texts/texts.ts';
import { type EventSource, KeptFields, type SiteEvent, without } from '../events/site-event.ts';
import { veiled, veiledEventId } from '../events/veiled-ids.ts';
import type { FilteredEvent } from '../history/event-filter.ts';
import type { AlarmSources } from './alarm-sources.ts';
import { CLASS_OF, INPUT_OF } from './condition-classes.ts';
import { branchId, conditionId, eventIdOf } from './condition-id.ts';
import { CLASS_WORDS, STATE_WORDS, type StateWord } from './condition-words.ts';
import type { ConditionState } from './notifications.ts';

/** What people did and said. */
const PERSONAL: ReadonlySet<string> = new Set(['Comment', 'Comment/SourceTimestamp', 'ClientUserId']);

export class ConditionEvent implements SiteEvent {
  readonly source: EventSource;
  readonly silent: boolean;
  readonly #state: ConditionState;
  readonly #sources: AlarmSources;
  readonly #fields = new Map<Language, FilteredEvent>();
  readonly #withheld = new Map<Language, FilteredEvent>();

  constructor(state: ConditionState, source: EventSource, sources: AlarmSources) {
    this.#state = state;
    this.#sources = sources;
    this.source = source;
    this.silent = state.alarm.silent;
  }

  fields(language: Language, persons: boolean): FilteredEvent {
    const known = (persons ? this.#fields : this.#withheld).get(language);
    if (known) return known;
    const fields = persons
      ? this.#made(language)
      : without(this.fields(language, true), PERSONAL, {
          EventId: veiledEventId,
          BranchId: (branch) => this.#veiledBranch(branch),
        });
    (persons ? this.#fields : this.#withheld).set(language, fields);
    return fields;
  }

  /** Occurrences are counted over all alarms, silent ones too: where a number is missing, somebody was forced. */
  #veiledBranch(branch: Variant | undefined): Variant | undefined {
    const { alarm, occurrence, branch: isBranch } = this.#state;
    if (!isBranch) return branch;
    const which = veiled(`${alarm.id}#${occurrence.number}`).toString('hex', 0, 8);
    return nodeId(branchId(this.#sources.namespaceIndex, alarm.id, which));
  }

  #made(language: Language): FilteredEvent {
    const { alarm } = this.#state;
    const condition = conditionId(this.#sources.namespaceIndex, alarm.id);
    const type = this.#sources.typeOf(alarm.source);
    const about: About = {
      ...this.#state,
      language,
      source: this.source,
      sources: this.#sources,
      type: type.nodeId,
    };
    return new KeptFields(type, condition, (name) =>
      Object.hasOwn(FIELDS, name) ? FIELDS[name]?.(about) : undefined,
    );
  }
}

interface About extends ConditionState {
  readonly language: Language;
  readonly source: EventSource;
  readonly sources: AlarmSources;
  readonly type: NodeId;
}

type Field = (about: About) => Variant | undefined;

const TRUE = new Variant({ dataType: DataType.Boolean, value: true });
const FALSE = new Variant({ dataType: DataType.Boolean, value: false });
const GOOD = new Variant({ dataType: DataType.StatusCode, value: StatusCodes.Good });
const NO_NODE = new Variant({ dataType: DataType.NodeId, value: new NodeId() });

const bool = (value: boolean): Variant => (value ? TRUE : FALSE);
const nodeId = (value: NodeId): Variant => new Variant({ dataType: DataType.NodeId, value });
const standard = (value: number): Variant => nodeId(makeNodeId(value));
const text = (value: string): Variant => new Variant({ dataType: DataType.String, value });
const number = (value: number): Variant => new Variant({ dataType: DataType.UInt16, value });
const duration = (value: number): Variant => new Variant({ dataType: DataType.Double, value });
const time = (value: number | undefined): Variant | undefined =>
  value === undefined ? undefined : new Variant({ dataType: DataType.DateTime, value: new Date(value) });
const localized = (sentence: Sentence, language: Language): Variant =>
  new Variant({
    dataType: DataType.LocalizedText,
    value: new LocalizedText({ locale: language, text: sentence[language] }),
  });

/** Words of states are the same for all alarms. */
const KEPT_WORDS = new Map<string, Variant>();
const word = (state: StateWord, language: Language): Variant => {
  const key = `${language} ${state}`;
  const known = KEPT_WORDS.get(key) ?? localized(STATE_WORDS[state], language);
  KEPT_WORDS.set(key, known);
  return known;
};
const state =
  (is: (about: About) => boolean, yes: StateWord, no: StateWord): Field =>
  (about) =>
    word(is(about) ? yes : no, about.language);
const both = (is: (about: About) => boolean, yes: StateWord, no: StateWord): readonly [Field, Field] => [
  state(is, yes, no),
  (about) => bool(is(about)),
];

const isActive = ({ occurrence }: About): boolean => occurrence.ended === undefined;
const isShelved = ({ alarm }: About): boolean => alarm.shelving !== undefined;

const [enabled, enabledId] = both(({ alarm }) => alarm.enabled, 'enabled', 'disabled');
const [acked, ackedId] = both(({ occurrence }) => occurrence.acknowledged, 'acknowledged', 'unacknowledged');
const [confirmed, confirmedId] = both(({ occurrence }) => occurrence.confirmed, 'confirmed', 'unconfirmed');
const [active, activeId] = both(isActive, 'active', 'inactive');
const [suppressed, suppressedId] = both(({ alarm }) => alarm.suppressed, 'suppressed', 'unsuppressed');
const [outOfService, outOfServiceId] = both(({ alarm }) => alarm.outOfService, 'outOfService', 'inService');
const [silence, silenceId] = both(({ alarm }) => alarm.silenced, 'silenced', 'notSilenced');

/** States of ShelvedStateMachineType (OPC 10000-9, 5.8.17), of which the library has no names. */
const SHELVING_STATES = {
  none: { word: 'unshelved', id: 2930 },
  until: { word: 'timedShelved', id: 2932 },
  once: { word: 'oneShotShelved', id: 2933 },
} as const;
const SHELVING_IDS = new Map(
  Object.entries(SHELVING_STATES).map(([name, each]) => [name, standard(each.id)] as const),
);
const shelvingName = ({ alarm }: About): keyof typeof SHELVING_STATES => alarm.shelving?.shelved ?? 'none';

/** Where a condition stands, all in one: what an operator's list shows. */
const effective: Field = (about) => {
  const { alarm, occurrence, language } = about;
  if (!alarm.enabled) return word('disabled', language);
  const states: StateWord[] = [isActive(about) ? 'active' : 'inactive'];
  states.push(occurrence.acknowledged ? 'acknowledged' : 'unacknowledged');
  if (occurrence.acknowledged && !occurrence.confirmed) states.push('unconfirmed');
  const words = states.map((each) => STATE_WORDS[each][language]).join(' | ');
  return new Variant({
    dataType: DataType.LocalizedText,
    value: new LocalizedText({ locale: language, text: words }),
  });
};

const message: Field = ({ alarm, occurrence, branch, language }) => {
  const { kind, source } = alarm;
  const sentence = branch ? alarmText({ kind, source, values: occurrence.values }) : alarm.text;
  return localized(sentence, language);
};

const activeSince: Field = ({ occurrence }) => time(occurrence.ended ?? occurrence.since);
const changed: Field = ({ alarm }) => time(alarm.changedAt);
const commentTime: Field = ({ alarm }) => time(alarm.comment?.at);

/** By name: the paths of fields of the standard, and the own fields. */
const FIELDS: Readonly<Record<string, Field>> = {
  // BaseEventType
  EventId: ({ alarm, occurrence }) =>
    new Variant({
      dataType: DataType.ByteString,
      value: eventIdOf(alarm.id, { occurrence: occurrence.number, revision: alarm.revision }),
    }),
  EventType: ({ type }) => nodeId(type),
  SourceNode: ({ source }) => nodeId(source.node.nodeId),
  SourceName: ({ source }) => text(source.name),
  Time: changed,
  ReceiveTime: changed,
  Message: message,
  Severity: ({ alarm }) => number(alarm.severity),
  ConditionClassId: ({ alarm }) => standard(ObjectTypeIds[CLASS_OF[alarm.kind]]),
  ConditionClassName: ({ alarm, language }) => localized(CLASS_WORDS[CLASS_OF[alarm.kind]], language),
  // ConditionType
  ConditionName: ({ alarm }) => text(alarm.part === undefined ? alarm.kind : `${alarm.kind}:${alarm.part}`),
  BranchId: ({ alarm, occurrence, branch, sources }) =>
    branch ? nodeId(branchId(sources.namespaceIndex, alarm.id, occurrence.number)) : NO_NODE,
  Retain: ({ retain }) => bool(retain),
  SupportsFilteredRetain: () => FALSE,
  EnabledState: enabled,
  'EnabledState/Id': enabledId,
  'EnabledState/EffectiveDisplayName': effective,
  Quality: () => GOOD,
  'Quality/SourceTimestamp': changed,
  // Each kind of alarm has one severity for ever.
  LastSeverity: ({ alarm }) => number(alarm.severity),
  'LastSeverity/SourceTimestamp': ({ occurrence }) => time(occurrence.since),
  Comment: ({ alarm }) =>
    new Variant({
      dataType: DataType.LocalizedText,
      value: new LocalizedText({ text: alarm.comment?.text ?? '' }),
    }),
  'Comment/SourceTimestamp': commentTime,
  ClientUserId: ({ alarm }) => text(alarm.comment?.actor.id ?? ''),
  // AcknowledgeableConditionType
  AckedState: acked,
  'AckedState/Id': ackedId,
  'AckedState/TransitionTime': ({ occurrence }) => time(occurrence.acknowledgedAt ?? occurrence.since),
  ConfirmedState: confirmed,
  'ConfirmedState/Id': confirmedId,
  'ConfirmedState/TransitionTime': ({ occurrence }) => time(occurrence.confirmedAt ?? occurrence.since),
  // AlarmConditionType
  ActiveState: active,
  'ActiveState/Id': activeId,
  'ActiveState/TransitionTime': activeSince,
  'ActiveState/EffectiveTransitionTime': activeSince,
  'ActiveState/EffectiveDisplayName': active,
  InputNode: ({ alarm, source, sources }) => {
    const name = INPUT_OF[alarm.kind];
    const input = name === undefined ? undefined : sources.variableOf(source, name);
    return input ? nodeId(input.nodeId) : NO_NODE;
  },
  SuppressedState: suppressed,
  'SuppressedState/Id': suppressedId,
  OutOfServiceState: outOfService,
  'OutOfServiceState/Id': outOfServiceId,
  SilenceState: silence,
  'SilenceState/Id': silenceId,
  'ShelvingState/CurrentState': (about) => word(SHELVING_STATES[shelvingName(about)].word, about.language),
  'ShelvingState/CurrentState/Id': (about) => SHELVING_IDS.get(shelvingName(about)),
  'ShelvingState/UnshelveTime': ({ alarm: { shelving } }) =>
    shelving?.shelved === 'once'
      ? undefined
      : duration(shelving ? Math.max(0, shelving.until - Date.now()) : 0),
  SuppressedOrShelved: (about) =>
    bool(about.alarm.suppressed || about.alarm.outOfService || isShelved(about)),
  MaxTimeShelved: () => duration(LONGEST_SHELVING),
  // OffNormalAlarmType
  NormalState: () => NO_NODE,
  // The site's own types
  AlarmKind: ({ alarm }) => text(alarm.kind),
  Cabinet: ({ alarm: { source } }) => ('cabinet' in source ? text(source.cabinet) : undefined),
  Compartment: ({ alarm: { source } }) => ('compartment' in source ? number(source.compartment) : undefined),
  Cassette: ({ alarm: { source } }) => ('cassette' in source ? text(source.cassette) : undefined),
};
