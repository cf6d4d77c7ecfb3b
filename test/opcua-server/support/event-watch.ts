/** A client that listens to events with the fields that alarm lists of SCADA systems show. */
import {
  AttributeIds,
  type CallMethodResult,
  type ClientMonitoredItem,
  type ClientSubscription,
  type ContentFilter,
  DataType,
  EventFilter,
  type LocalizedText,
  type NodeId,
  ObjectTypeIds,
  QualifiedName,
  resolveNodeId,
  SimpleAttributeOperand,
  StatusCode,
  TimestampsToReturn,
  type Variant,
} from 'node-opcua';
import { eventually } from '../../support/eventually.ts';
import type { TestClient } from './client.ts';

/** Fields by the type that declares them, as a client finds them when it browses the types. */
const STANDARD = {
  BaseEventType: ['EventId', 'EventType', 'SourceNode', 'SourceName', 'Time', 'Message', 'Severity'],
  ConditionType: [
    'ConditionName',
    'ConditionClassId',
    'ConditionClassName',
    'BranchId',
    'Retain',
    'EnabledState',
    'EnabledState/Id',
    'EnabledState/EffectiveDisplayName',
    'Quality',
    'LastSeverity',
    'Comment',
    'Comment/SourceTimestamp',
    'ClientUserId',
  ],
  AcknowledgeableConditionType: [
    'AckedState',
    'AckedState/Id',
    'AckedState/TransitionTime',
    'ConfirmedState',
    'ConfirmedState/Id',
  ],
  AlarmConditionType: [
    'ActiveState',
    'ActiveState/Id',
    'ActiveState/TransitionTime',
    'InputNode',
    'SuppressedState/Id',
    'OutOfServiceState/Id',
    'SilenceState/Id',
    'ShelvingState/CurrentState',
    'ShelvingState/CurrentState/Id',
    'ShelvingState/UnshelveTime',
    'SuppressedOrShelved',
    'MaxTimeShelved',
  ],
  OffNormalAlarmType: ['NormalState'],
} as const;
const OWN = {
  LockerAlarmType: ['AlarmKind', 'Cabinet', 'Compartment'],
  CassetteAlarmType: ['Cassette'],
  CabinetEventType: ['Type', 'Sequence', 'User', 'Data'],
} as const;

/** What was received, by field. Texts and node ids as strings, ids of events in hex, times in milliseconds. */
export type Received = Readonly<Record<string, unknown>>;

/** What a client wants besides. */
export interface WatchOptions {
  /** The object that is listened to; the Server object where it is left out. */
  readonly node?: string;
  readonly where?: ContentFilter;
  readonly queueSize?: number;
  readonly discardOldest?: boolean;
  /** Milliseconds. */
  readonly publishing?: number;
  readonly subscription?: ClientSubscription;
}

export class EventWatch {
  readonly subscription: ClientSubscription;
  readonly item: ClientMonitoredItem;
  /** Everything that came, oldest first. */
  readonly events: Received[] = [];
  readonly #client: TestClient;

  private constructor(client: TestClient, subscription: ClientSubscription, item: ClientMonitoredItem) {
    this.#client = client;
    this.subscription = subscription;
    this.item = item;
  }

  static async on(client: TestClient, options: WatchOptions = {}): Promise<EventWatch> {
    const { node = 'i=2253', where, queueSize = 1, discardOldest = true, publishing = 50 } = options;
    const subscription = options.subscription ?? (await subscribe(client, publishing));
    const [names, selectClauses] = selected(client);
    const filter = new EventFilter({ selectClauses, ...(where && { whereClause: where }) });
    const item = await subscription.monitor(
      { nodeId: resolveNodeId(node), attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize, discardOldest, filter },
      TimestampsToReturn.Both,
    );
    const watch = new EventWatch(client, subscription, item);
    item.on('changed', (values) => {
      const fields = values as unknown as Variant[];
      watch.events.push(Object.fromEntries(names.map((name, index) => [name, shown(fields[index])])));
    });
    return watch;
  }

  /** Waits for an event from number `from` on that has these values. */
  async next(expected: Received, from = 0): Promise<Received> {
    const find = (): Received | undefined =>
      this.events
        .slice(from)
        .find((event) => Object.entries(expected).every(([name, value]) => event[name] === value));
    await eventually(`an event with ${JSON.stringify(expected)}`, () => find() !== undefined);
    return find() as Received;
  }

  /** Events of alarms, by the id of the alarm and a few of their fields. */
  get alarms(): readonly Received[] {
    return this.events.filter(({ ConditionId }) => ConditionId !== undefined);
  }

  /** Asks for everything that is to be seen. */
  callRefresh(subscription = this.subscription.subscriptionId): Promise<CallMethodResult> {
    return this.#client.session.call({
      objectId: 'i=2782',
      methodId: 'i=3875',
      inputArguments: [{ dataType: DataType.UInt32, value: subscription }],
    });
  }

  /** Asks for everything that is to be seen, and waits for it. */
  async refresh(): Promise<readonly Received[]> {
    const from = this.events.length;
    const { statusCode } = await this.callRefresh();
    if (!statusCode.isGood()) throw new Error(statusCode.name);
    return this.refreshed(from);
  }

  /** What came between the beginning and the end of a refresh. */
  async refreshed(from = 0): Promise<readonly Received[]> {
    await this.next({ EventType: typeName(ObjectTypeIds.RefreshEndEventType) }, from);
    const types = this.events.map(({ EventType }) => EventType);
    const begin = types.indexOf(typeName(ObjectTypeIds.RefreshStartEventType), from);
    const end = types.indexOf(typeName(ObjectTypeIds.RefreshEndEventType), from);
    return this.events.slice(begin + 1, end);
  }
}

export function typeName(type: number): string {
  return `ns=0;i=${type}`;
}

export function subscribe({ session }: TestClient, publishing = 50): Promise<ClientSubscription> {
  return session.createSubscription2({
    requestedPublishingInterval: publishing,
    requestedLifetimeCount: 1_000,
    requestedMaxKeepAliveCount: 10,
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
    priority: 0,
  });
}

function selected({ types }: TestClient): readonly [readonly string[], SimpleAttributeOperand[]] {
  const names = ['ConditionId'];
  const clauses = [
    new SimpleAttributeOperand({
      typeDefinitionId: resolveNodeId(`i=${ObjectTypeIds.ConditionType}`),
      browsePath: [],
      attributeId: AttributeIds.NodeId,
    }),
  ];
  const add = (type: NodeId, path: string, namespaceIndex: number): void => {
    names.push(path);
    clauses.push(
      new SimpleAttributeOperand({
        typeDefinitionId: type,
        browsePath: path.split('/').map((name) => new QualifiedName({ name, namespaceIndex })),
        attributeId: AttributeIds.Value,
      }),
    );
  };
  for (const [type, paths] of Object.entries(STANDARD)) {
    const id = resolveNodeId(`i=${ObjectTypeIds[type as keyof typeof STANDARD]}`);
    for (const path of paths) add(id, path, 0);
  }
  for (const [type, paths] of Object.entries(OWN)) {
    for (const path of paths) add(resolveNodeId(`ns=${types};s=type/${type}`), path, types);
  }
  return [names, clauses];
}

function shown(variant: Variant | undefined): unknown {
  const { dataType, value } = variant ?? { dataType: DataType.Null, value: undefined };
  if (value === null || value === undefined) return undefined;
  if (value instanceof StatusCode) return value.name;
  return SHOWN[dataType]?.(value) ?? value;
}

const SHOWN: Readonly<Partial<Record<DataType, (value: unknown) => unknown>>> = {
  [DataType.ByteString]: (value) => (value as Buffer).toString('hex'),
  [DataType.NodeId]: (value) => (value as NodeId).toString(),
  [DataType.LocalizedText]: (value) => (value as LocalizedText).text ?? '',
  [DataType.DateTime]: (value) => (value as Date).getTime(),
};
