/**
 * The library's own server in this process, for tests of what is changed about it: both ends of each subscription can be looked
 * at, and the parts of Sezam under test are attached one by one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClientSession,
  type CreateMonitoredItemsRequestOptions,
  type CreateMonitoredItemsResponse,
  type CreateSubscriptionRequestOptions,
  type CreateSubscriptionResponse,
  DataType,
  type DeleteSubscriptionsRequestOptions,
  type DeleteSubscriptionsResponse,
  LogLevel,
  MessageSecurityMode,
  type ModifyMonitoredItemsRequestOptions,
  type ModifyMonitoredItemsResponse,
  type MonitoredItem,
  OPCUACertificateManager,
  OPCUAClient,
  OPCUAServer,
  SecurityPolicy,
  type ServerSession,
  type SetMonitoringModeRequestOptions,
  type SetMonitoringModeResponse,
  StatusCodes,
  type Subscription,
  setLogLevel,
  type TransferSubscriptionsRequestOptions,
  type TransferSubscriptionsResponse,
  type UAVariable,
  type UserIdentityInfo,
  UserTokenType,
} from 'node-opcua';
import { eventually } from '../../support/eventually.ts';

// The client's notices, e.g. that it makes its certificate, are no part of a test's report.
setLogLevel(LogLevel.Emergency);

/** Everybody may log in with this. */
export const SOMEBODY: UserIdentityInfo = {
  type: UserTokenType.UserName,
  userName: 'somebody',
  password: 'something',
};

/** A session with the services for items, as promises; the library's types have them as callbacks, and apart. */
export interface PlainSession extends ClientSession {
  createSubscription(options: CreateSubscriptionRequestOptions): Promise<CreateSubscriptionResponse>;
  deleteSubscriptions(options: DeleteSubscriptionsRequestOptions): Promise<DeleteSubscriptionsResponse>;
  transferSubscriptions(options: TransferSubscriptionsRequestOptions): Promise<TransferSubscriptionsResponse>;
  createMonitoredItems(options: CreateMonitoredItemsRequestOptions): Promise<CreateMonitoredItemsResponse>;
  modifyMonitoredItems(options: ModifyMonitoredItemsRequestOptions): Promise<ModifyMonitoredItemsResponse>;
  setMonitoringMode(options: SetMonitoringModeRequestOptions): Promise<SetMonitoringModeResponse>;
}

export class PlainServer {
  readonly server: OPCUAServer;
  /** Integers, all 0 at first. */
  readonly variables: readonly UAVariable[];
  /** Of every session, oldest first. */
  readonly sessions: ServerSession[] = [];
  readonly subscriptions: Subscription[] = [];
  readonly items: MonitoredItem[] = [];
  readonly #folder: string;
  readonly #clients: OPCUAClient[] = [];

  private constructor(server: OPCUAServer, variables: readonly UAVariable[], folder: string) {
    this.server = server;
    this.variables = variables;
    this.#folder = folder;
    server.on('create_session', (session: ServerSession) => {
      this.sessions.push(session);
      session.on('new_subscription', (subscription: Subscription) => {
        this.subscriptions.push(subscription);
        subscription.on('monitoredItem', (item: MonitoredItem) => this.items.push(item));
      });
    });
  }

  /**
   * @param attach what is changed about the server, once its nodes are there
   */
  static async start(
    variables: number,
    attach: (server: OPCUAServer, namespace: number) => void,
  ): Promise<PlainServer> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-plain-'));
    const server = new OPCUAServer({
      host: '127.0.0.1',
      port: 0,
      hostname: '127.0.0.1',
      securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256],
      securityModes: [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt],
      serverCertificateManager: certificates(join(folder, 'applications')),
      userCertificateManager: certificates(join(folder, 'persons')),
      userManager: { isValidUser: () => true, getUserRoles: () => [] },
      serverCapabilities: { minSupportedSampleRate: 0 },
    });
    await server.initialize();
    const { addressSpace } = server.engine;
    if (!addressSpace) throw new Error('The standard nodes could not be loaded.');
    const namespace = addressSpace.getOwnNamespace();
    const object = namespace.addObject({
      organizedBy: addressSpace.rootFolder.objects,
      browseName: 'Values',
    });
    const made = Array.from({ length: variables }, (_, index) => {
      const variable = namespace.addVariable({
        componentOf: object,
        nodeId: `s=value/${index}`,
        browseName: `Value${index}`,
        dataType: DataType.Int32,
        accessLevel: 'CurrentRead',
        minimumSamplingInterval: 0,
      });
      variable.setValueFromSource({ dataType: DataType.Int32, value: 0 }, StatusCodes.Good);
      return variable;
    });
    const plain = new PlainServer(server, made, folder);
    attach(server, namespace.index);
    await server.start();
    return plain;
  }

  /** Connects without encryption. */
  async connect(user?: UserIdentityInfo): Promise<PlainSession> {
    const client = OPCUAClient.create({
      connectionStrategy: { maxRetry: 0 },
      endpointMustExist: false,
      clientCertificateManager: certificates(join(this.#folder, 'client')),
    });
    this.#clients.push(client);
    await client.connect(this.server.getEndpointUrl());
    return (await client.createSession(user)) as unknown as PlainSession;
  }

  set(variable: number, value: number): void {
    this.variables[variable]?.setValueFromSource({ dataType: DataType.Int32, value }, StatusCodes.Good);
  }

  /** Waits until all items that report listen to their values. */
  async listening(): Promise<void> {
    await eventually('items that listen', () => this.items.every(({ isSampling }) => isSampling));
  }

  /** Ends all connections, and forgets what was there of them. */
  async disconnect(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.disconnect();
    for (const known of [this.sessions, this.subscriptions, this.items]) known.length = 0;
  }

  async close(): Promise<void> {
    await this.disconnect();
    await this.server.shutdown(0);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function certificates(rootFolder: string): OPCUACertificateManager {
  return new OPCUACertificateManager({
    rootFolder,
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
}
