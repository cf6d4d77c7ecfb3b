/** A server over a log that the test writes: a real store, the real queries, and clients that are logged in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DataValue,
  HistoryReadRequest,
  type HistoryReadResult,
  type OPCUACertificateManager,
  type OPCUAClientOptions,
  type ReadAtTimeDetails,
  type ReadEventDetails,
  type ReadProcessedDetails,
  type ReadRawModifiedDetails,
  StatusCodes,
  TimestampsToReturn,
  type UserIdentityInfo,
  type Variant,
} from 'node-opcua';
import type { EventDraft, LoggedEvent } from '../../../domain/event.ts';
import { EMPTY_STREAM, type StreamHead, seal } from '../../../gateway/event-log/chain.ts';
import { GatewayQueries } from '../../../gateway/query/gateway-queries.ts';
import type { Queries } from '../../../gateway/query/queries.ts';
import { EventFinder } from '../../../models/event-search.ts';
import { EventRepository } from '../../../models/events.ts';
import { type OpcUaServer, startOpcUaServer } from '../../../opcua-server/host.ts';
import { realClock } from '../../support/real-clock.ts';
import { type FreshStore, openFreshStore } from '../../support/store.ts';
import { cassetteView } from './cassette-views.ts';
import { clientCertificates, OPERATOR, TestClient } from './client.ts';
import { MemoryGateway } from './memory-gateway.ts';

export type Details = ReadRawModifiedDetails | ReadAtTimeDetails | ReadProcessedDetails | ReadEventDetails;

/** Writes a stream of events, each sealed to the one before. */
export class Chain {
  readonly events: LoggedEvent[] = [];
  readonly #stream: string;
  #head: StreamHead = EMPTY_STREAM;

  constructor(stream: string) {
    this.#stream = stream;
  }

  add(
    at: number,
    type: string,
    data: object = {},
    actor: EventDraft['actor'] = { kind: 'gateway', id: 'gateway' },
  ): this {
    const event = seal(this.#stream, this.#head, { type, actor, data }, at);
    this.#head = event;
    this.events.push(event);
    return this;
  }
}

export class HistoryServer {
  readonly store: FreshStore;
  readonly gateway: MemoryGateway;
  readonly queries: Queries;
  readonly operator: TestClient;
  /** How many pages of events were asked for. */
  pages = 0;
  /** What pages wait for. */
  held: Promise<void> | undefined;
  readonly #folder: string;
  readonly #server: OpcUaServer;
  readonly #certificates: OPCUACertificateManager;

  private constructor(
    parts: Pick<HistoryServer, 'store' | 'gateway' | 'queries' | 'operator'>,
    folder: string,
    server: OpcUaServer,
    certificates: OPCUACertificateManager,
  ) {
    this.store = parts.store;
    this.gateway = parts.gateway;
    this.queries = parts.queries;
    this.operator = parts.operator;
    this.#folder = folder;
    this.#server = server;
    this.#certificates = certificates;
  }

  /** Starts a server that shows cabinet A of 24 compartments and cassette `C/1`, with events in its log. */
  static async start(events: readonly LoggedEvent[]): Promise<HistoryServer> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-history-'));
    const store = await openFreshStore();
    const repository = new EventRepository(store.connection);
    await repository.prepare();
    await repository.append(events);
    const gateway = new MemoryGateway({ A: 24 }, [cassetteView()]);
    const queries = new GatewayQueries({
      cabinets: () => gateway.cabinets(),
      search: new EventFinder(store.connection),
      clock: realClock,
    });
    let counted: HistoryServer | undefined;
    Object.assign(gateway.queries, {
      events: async (query: Parameters<Queries['events']>[0]) => {
        if (counted) counted.pages += 1;
        await counted?.held;
        return queries.events(query);
      },
    });
    const server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: true,
      trustUnknownClients: true,
      siteName: 'Test site',
    });
    const certificates = await clientCertificates(folder);
    const operator = await TestClient.connect(server.endpointUrl, certificates, OPERATOR);
    counted = new HistoryServer({ store, gateway, queries, operator }, folder, server, certificates);
    return counted;
  }

  connect(user?: UserIdentityInfo, options?: OPCUAClientOptions): Promise<TestClient> {
    return TestClient.connect(this.#server.endpointUrl, this.#certificates, user, options);
  }

  /** Lets no page of events come until the function that is returned is called. */
  holdPages(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.held = promise;
    return () => {
      this.held = undefined;
      resolve();
    };
  }

  async close(): Promise<void> {
    await this.operator.close();
    await this.#server.close();
    await this.#certificates.dispose();
    await this.store.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Reads the history of nodes once, as it is answered. */
export async function readHistory(
  client: TestClient,
  nodes: string | readonly string[],
  historyReadDetails: Details,
  options: {
    readonly continuationPoint?: Buffer;
    readonly release?: boolean;
    readonly stamps?: TimestampsToReturn;
  } = {},
): Promise<HistoryReadResult[]> {
  const nodesToRead = [nodes].flat().map((name) => ({
    nodeId: name.startsWith('i=') ? name : client.id(name),
    ...(options.continuationPoint && { continuationPoint: options.continuationPoint }),
  }));
  const request = new HistoryReadRequest({
    historyReadDetails,
    nodesToRead,
    releaseContinuationPoints: options.release === true,
    timestampsToReturn: options.stamps ?? TimestampsToReturn.Both,
  });
  const { results } = await client.session.historyRead(request);
  return results ?? [];
}

/** Reads all that a client is answered for one node, part by part. */
export async function readAll(
  client: TestClient,
  node: string,
  details: Details,
): Promise<{
  readonly values: DataValue[];
  readonly events: Variant[][];
  readonly parts: number;
  readonly status: string;
}> {
  const values: DataValue[] = [];
  const events: Variant[][] = [];
  let continuationPoint: Buffer | undefined;
  let parts = 0;
  for (;;) {
    const [result] = await readHistory(client, node, details, continuationPoint && { continuationPoint });
    parts += 1;
    const data = result?.historyData as unknown as {
      readonly dataValues?: DataValue[] | null;
      readonly events?: { readonly eventFields: Variant[] }[] | null;
    } | null;
    values.push(...(data?.dataValues ?? []));
    events.push(...(data?.events ?? []).map(({ eventFields }) => eventFields));
    continuationPoint = result?.continuationPoint?.length ? result.continuationPoint : undefined;
    if (!continuationPoint)
      return { values, events, parts, status: (result?.statusCode ?? StatusCodes.Bad).name };
  }
}
