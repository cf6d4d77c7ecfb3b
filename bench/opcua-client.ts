/** The client of the benchmark: the library's own, without what it does for whoever uses single items. */
import { join } from 'node:path';
import {
  AttributeIds,
  type ClientSession,
  type ClientSessionRawSubscriptionService,
  type ClientSubscription,
  CreateMonitoredItemsRequest,
  constructEventFilter,
  DataChangeNotification,
  DataType,
  MessageSecurityMode,
  MethodIds,
  type MonitoredItemCreateRequestOptions,
  MonitoringMode,
  type NodeId,
  type NotificationMessage,
  ObjectIds,
  ObjectTypeIds,
  OPCUACertificateManager,
  OPCUAClient,
  ReadRequest,
  resolveNodeId,
  SecurityPolicy,
  StatusCodes,
  setWarningLogger,
  TimestampsToReturn,
  type UserIdentityInfo,
  type Variant,
} from 'node-opcua';
import { cabinetAt, METHOD, VALUES, valueId } from './opcua-protocol.ts';

// The library has not been told of items that are made and counted here, and says so with each notification.
setWarningLogger(() => {});

/** With the services for items, which the type of a session leaves out. */
type Session = ClientSession & ClientSessionRawSubscriptionService;

/** Items made with one request. */
const ITEMS_AT_ONCE = 1_000;
/** Handle of the first item: 0 would not be taken for one; what follows tells the variable by its remainder. */
const FIRST_HANDLE = VALUES.length;

/** Of the subscription to events. Milliseconds. */
const EVENTS_EVERY = 100;
/** What a client of alarms shows of each; first the type, and what conditions alone have. */
const EVENT_FIELDS = [
  'EventType',
  'ConditionName',
  'EventId',
  'SourceNode',
  'SourceName',
  'Time',
  'Message',
  'Severity',
  'BranchId',
  'Retain',
  'ActiveState.Id',
  'AckedState.Id',
];
const REFRESH_END = resolveNodeId(ObjectTypeIds.RefreshEndEventType).toString();
const REFRESHES_WITHIN = 30_000;

/** What subscriptions counted since they were reset. */
export interface Counted {
  /** Notifications of doors, and of everything. */
  readonly doors: number;
  readonly all: number;
  /** From the time of the change to the arrival of its notification, of doors. Milliseconds. */
  readonly latencies: readonly number[];
}

export class BenchClient {
  readonly #client: OPCUAClient;
  readonly #session: Session;
  readonly #namespace: number;
  #subscription: ClientSubscription | undefined;
  #doors = 0;
  #all = 0;
  #latencies: number[] = [];
  #refreshed: () => void = () => {};
  /** When each event of a condition arrived. */
  readonly events: number[] = [];

  private constructor(client: OPCUAClient, session: Session, namespace: number) {
    this.#client = client;
    this.#session = session;
    this.#namespace = namespace;
  }

  static async connect(
    endpointUrl: string,
    folder: string,
    user: UserIdentityInfo | undefined,
  ): Promise<BenchClient> {
    const certificates = new OPCUACertificateManager({
      rootFolder: join(folder, 'client'),
      automaticallyAcceptUnknownCertificate: true,
      disableFileWatchers: true,
    });
    await certificates.initialize();
    const client = OPCUAClient.create({
      applicationName: 'SezamBench',
      clientCertificateManager: certificates,
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy.Basic256Sha256,
      connectionStrategy: { maxRetry: 0 },
      endpointMustExist: false,
    });
    await client.connect(endpointUrl);
    const session = (await client.createSession(user)) as Session;
    const namespaces = await session.readNamespaceArray();
    for (const index of namespaces.keys()) {
      const { statusCode } = await session.read({
        nodeId: `ns=${index};s=${valueId(cabinetAt(0), 1, 'State')}`,
        attributeId: AttributeIds.Value,
      });
      if (statusCode.isGood()) return new BenchClient(client, session, index);
    }
    throw new Error('The server has no cabinets.');
  }

  /** So many values of compartments, in the order in which they stand there. */
  values(count: number, compartments: number): NodeId[] {
    return Array.from({ length: count }, (_, index) => {
      const place = Math.floor(index / VALUES.length);
      const cabinet = cabinetAt(Math.floor(place / compartments));
      const name = VALUES[index % VALUES.length] ?? '';
      return this.#id(valueId(cabinet, 1 + (place % compartments), name));
    });
  }

  /** A request for values, made once, to be sent again and again. */
  reading(nodes: readonly NodeId[]): () => Promise<void> {
    const nodesToRead = nodes.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value }));
    const request = new ReadRequest({ timestampsToReturn: TimestampsToReturn.Both, nodesToRead });
    const asked = request.nodesToRead ?? [];
    return async () => {
      const values = await this.#session.read(asked);
      const bad = values.findIndex(({ statusCode }) => !statusCode.isGood());
      if (bad >= 0) throw new Error(`${nodes[bad]?.toString()} reads ${values[bad]?.statusCode.name}.`);
    };
  }

  async call(): Promise<void> {
    const { statusCode, outputArguments } = await this.#session.call({
      objectId: this.#id(METHOD.object),
      methodId: this.#id(METHOD.method),
      inputArguments: [
        { dataType: DataType.UInt16, value: 1 },
        { dataType: DataType.String, value: 'benchmark' },
      ],
    });
    if (statusCode.isNotGood() || outputArguments?.[0]?.value !== 'ok') {
      throw new Error(`The method answers ${statusCode.name}, ${String(outputArguments?.[0]?.value)}.`);
    }
  }

  /** Monitors values, with the same interval for sampling and publishing. Milliseconds. */
  async monitor(nodes: readonly NodeId[], interval: number): Promise<void> {
    const subscription = await this.#subscribe(interval);
    subscription.on('raw_notification', (message: NotificationMessage) => this.#take(message));
    for (let from = 0; from < nodes.length; from += ITEMS_AT_ONCE) {
      await this.#addItems(
        nodes.slice(from, from + ITEMS_AT_ONCE).map((nodeId, index) => ({
          itemToMonitor: { nodeId, attributeId: AttributeIds.Value },
          monitoringMode: MonitoringMode.Reporting,
          requestedParameters: {
            clientHandle: FIRST_HANDLE + from + index,
            samplingInterval: interval,
            queueSize: 10,
            discardOldest: true,
          },
        })),
      );
    }
  }

  /** Listens to all events of the server. */
  async listen(): Promise<void> {
    this.events.length = 0;
    const subscription = await this.#subscribe(EVENTS_EVERY);
    const item = await subscription.monitor(
      { nodeId: resolveNodeId(ObjectIds.Server), attributeId: AttributeIds.EventNotifier },
      {
        samplingInterval: 0,
        queueSize: 5_000,
        discardOldest: true,
        filter: constructEventFilter(EVENT_FIELDS),
      },
      TimestampsToReturn.Both,
    );
    item.on('changed', (fields: Variant[]) => this.#takeEvent(fields));
  }

  /** Asks for all conditions; resolves to how many were told when the last of them was. */
  async refresh(): Promise<number> {
    this.events.length = 0;
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    this.#refreshed = resolve;
    const late = setTimeout(() => reject(new Error('A refresh did not come to its end.')), REFRESHES_WITHIN);
    try {
      const { statusCode } = await this.#session.call({
        objectId: resolveNodeId(ObjectTypeIds.ConditionType),
        methodId: resolveNodeId(MethodIds.ConditionType_ConditionRefresh),
        inputArguments: [{ dataType: DataType.UInt32, value: this.#subscription?.subscriptionId ?? 0 }],
      });
      if (statusCode.isNotGood()) throw new Error(`ConditionRefresh answers ${statusCode.name}.`);
      await over;
    } finally {
      clearTimeout(late);
    }
    return this.events.length;
  }

  async #subscribe(interval: number): Promise<ClientSubscription> {
    this.#subscription = await this.#session.createSubscription2({
      requestedPublishingInterval: interval,
      requestedLifetimeCount: 10_000,
      requestedMaxKeepAliveCount: 100,
      maxNotificationsPerPublish: 0,
      publishingEnabled: true,
    });
    return this.#subscription;
  }

  async #addItems(itemsToCreate: MonitoredItemCreateRequestOptions[]): Promise<void> {
    const { results } = await this.#session.createMonitoredItems(
      new CreateMonitoredItemsRequest({
        subscriptionId: this.#subscription?.subscriptionId ?? 0,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToCreate,
      }),
    );
    const bad = results?.find(({ statusCode }) => statusCode !== StatusCodes.Good);
    if (bad) throw new Error(`An item was refused: ${bad.statusCode.name}.`);
  }

  async stopMonitoring(): Promise<void> {
    await this.#subscription?.terminate();
    this.#subscription = undefined;
  }

  get counted(): Counted {
    return { doors: this.#doors, all: this.#all, latencies: this.#latencies };
  }

  resetCount(): void {
    this.#doors = 0;
    this.#all = 0;
    this.#latencies = [];
  }

  async close(): Promise<void> {
    await this.#session.close(true);
    await this.#client.disconnect();
  }

  #take({ notificationData }: NotificationMessage): void {
    const now = Date.now();
    for (const part of notificationData ?? []) {
      if (!(part instanceof DataChangeNotification)) continue;
      for (const { clientHandle, value } of part.monitoredItems ?? []) {
        this.#all += 1;
        if (VALUES[clientHandle % VALUES.length] !== 'Door') continue;
        this.#doors += 1;
        this.#latencies.push(now - (value.sourceTimestamp?.getTime() ?? now));
      }
    }
  }

  /** Events that are no conditions are those of audit, of which an administrator is told too. */
  #takeEvent([type, condition]: readonly Variant[]): void {
    if (String(type?.value) === REFRESH_END) this.#refreshed();
    else if (condition?.value !== undefined && condition.value !== null) this.events.push(performance.now());
  }

  #id(name: string): NodeId {
    return resolveNodeId(`ns=${this.#namespace};s=${name}`);
  }
}
