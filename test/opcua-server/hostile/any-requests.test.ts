import fc from 'fast-check';
import {
  ActivateSessionRequest,
  AggregateFilter,
  AnonymousIdentityToken,
  BrowseNextRequest,
  BrowseRequest,
  CallRequest,
  CancelRequest,
  type ClientSession,
  CloseSessionRequest,
  CreateMonitoredItemsRequest,
  CreateSessionRequest,
  CreateSessionResponse,
  CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  DataChangeFilter,
  DataType,
  DeleteMonitoredItemsRequest,
  DeleteSubscriptionsRequest,
  EventFilter,
  FindServersRequest,
  GetEndpointsRequest,
  HistoryReadRequest,
  HistoryUpdateRequest,
  IssuedIdentityToken,
  ModifyMonitoredItemsRequest,
  ModifySubscriptionRequest,
  makeNodeId,
  type NodeId,
  NumericRange,
  PublishRequest,
  QueryFirstRequest,
  ReadEventDetails,
  ReadProcessedDetails,
  ReadRawModifiedDetails,
  ReadRequest,
  RegisterNodesRequest,
  RegisterServerRequest,
  RepublishRequest,
  resolveNodeId,
  SetMonitoringModeRequest,
  SetPublishingModeRequest,
  SetTriggeringRequest,
  SimpleAttributeOperand,
  TransferSubscriptionsRequest,
  TranslateBrowsePathsToNodeIdsRequest,
  UnregisterNodesRequest,
  UserNameIdentityToken,
  WriteRequest,
  X509IdentityToken,
} from 'node-opcua';
import { AttackedServer, transact } from '../support/attacked-server.ts';
import { cassetteView } from '../support/cassette-views.ts';
import { ADMINISTRATOR, type TestClient } from '../support/client.ts';

/** Rounds of the fuzz; more with e.g. `SEZAM_FUZZ_RUNS=20000`. */
const RUNS = Number(process.env['SEZAM_FUZZ_RUNS'] ?? 60);

/** Nodes of all kinds: of the site, of the standard, conditions, and some that are not there. */
const NODES = [
  'ns=1;s=site',
  'ns=1;s=site/Name',
  'ns=1;s=cabinet/A',
  'ns=1;s=cabinet/A/Open',
  'ns=1;s=cabinet/A/compartment/1',
  'ns=1;s=cabinet/A/compartment/1/State',
  'ns=1;s=cabinet/A/compartment/3/Occupant',
  'ns=1;s=cassette/C%2F1',
  'ns=1;s=cassette/C%2F1/InMachine',
  'ns=1;s=cassette/C%2F1/Supervision/Temperature',
  'ns=1;s=alarm/door-forced@A/2',
  'ns=1;s=alarm/none',
  'ns=1;s=nothing',
  'ns=77;i=5',
  'i=0',
  'i=84',
  'i=85',
  'i=2253',
  'i=2256',
  'i=2258',
  'i=2782',
  'i=3875',
  'i=9111',
  'i=2041',
  'i=11492',
  'i=12873',
  'g=00000000-0000-0000-0000-000000000000',
];

const node = fc.constantFrom(...NODES).map((id) => resolveNodeId(id));
const attributeId = fc.integer({ min: 1, max: 27 });
const count = fc.constantFrom(0, 1, 2, 3, 17, 1_000, 0x7fff_ffff, 0xffff_ffff);
const milliseconds = fc.constantFrom(-1, 0, 1, 49, 50, 1_000, 1e12, Number.NaN, Number.POSITIVE_INFINITY);
const words = fc.string({ maxLength: 20 });
const range = fc.constantFrom(
  ...['', '0:5', '7', '1,2', '0:70000'].map((each) => new NumericRange(each || null)),
);
const time = fc.date({ noInvalidDate: true });
const bytes = fc.uint8Array({ maxLength: 40 }).map((data) => Buffer.from(data));
const few = <Value>(each: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> => fc.array(each, { maxLength: 5 });
const qualified = fc.record({ namespaceIndex: fc.integer({ min: 0, max: 9 }), name: words });

const variant = fc.oneof(
  fc.constant({ dataType: DataType.Null }),
  fc.boolean().map((value) => ({ dataType: DataType.Boolean, value })),
  fc.integer({ min: 0, max: 65_535 }).map((value) => ({ dataType: DataType.UInt16, value })),
  count.map((value) => ({ dataType: DataType.UInt32, value })),
  words.map((value) => ({ dataType: DataType.String, value })),
  bytes.map((value) => ({ dataType: DataType.ByteString, value })),
  node.map((value) => ({ dataType: DataType.NodeId, value })),
  words.map((text) => ({ dataType: DataType.LocalizedText, value: { locale: null, text } })),
);

const operand = fc
  .record({ typeDefinitionId: node, browsePath: few(qualified), attributeId })
  .map((fields) => new SimpleAttributeOperand(fields));
const filter = fc.oneof(
  fc.constant(null),
  few(operand).map((selectClauses) => new EventFilter({ selectClauses })),
  fc
    .record({
      trigger: fc.integer({ min: 0, max: 2 }),
      deadbandType: fc.integer({ min: 0, max: 2 }),
      deadbandValue: milliseconds,
    })
    .map((fields) => new DataChangeFilter(fields)),
  fc.constant(new AggregateFilter({ aggregateType: makeNodeId(2_342) })),
);
const parameters = fc.record({
  clientHandle: count,
  samplingInterval: milliseconds,
  queueSize: count,
  discardOldest: fc.boolean(),
  filter,
});
const monitored = fc.record({ nodeId: node, attributeId, indexRange: range });
const details = fc.oneof(
  fc
    .record({
      isReadModified: fc.boolean(),
      startTime: time,
      endTime: time,
      numValuesPerNode: count,
      returnBounds: fc.boolean(),
    })
    .map((fields) => new ReadRawModifiedDetails(fields)),
  fc
    .record({ startTime: time, endTime: time, numValuesPerNode: count, selectClauses: few(operand) })
    .map(({ selectClauses, ...fields }) => new ReadEventDetails({ ...fields, filter: { selectClauses } })),
  fc
    .record({ startTime: time, endTime: time, processingInterval: milliseconds, aggregateType: few(node) })
    .map((fields) => new ReadProcessedDetails(fields)),
);

/** A request about items and subscriptions is told which of them there are. */
type Make = (subscriptionId: number) => object;

const step = fc.record({
  isInverse: fc.boolean(),
  includeSubtypes: fc.boolean(),
  referenceTypeId: node,
  targetName: qualified,
});
const request: fc.Arbitrary<Make> = fc.oneof(
  fc
    .record({ maxAge: milliseconds, nodesToRead: few(monitored) })
    .map((fields) => () => new ReadRequest(fields)),
  few(fc.record({ nodeId: node, browseDirection: fc.integer({ min: 0, max: 2 }), resultMask: count })).map(
    (nodesToBrowse) => () => new BrowseRequest({ requestedMaxReferencesPerNode: 1, nodesToBrowse }),
  ),
  few(bytes).map((continuationPoints) => () => new BrowseNextRequest({ continuationPoints })),
  few(fc.record({ startingNode: node, elements: few(step) })).map(
    (paths) => () =>
      new TranslateBrowsePathsToNodeIdsRequest({
        browsePaths: paths.map(({ startingNode, elements }) => ({
          startingNode,
          relativePath: { elements },
        })),
      }),
  ),
  few(node).map((nodesToRegister) => () => new RegisterNodesRequest({ nodesToRegister })),
  few(node).map((nodesToUnregister) => () => new UnregisterNodesRequest({ nodesToUnregister })),
  few(fc.record({ nodeId: node, attributeId, indexRange: range, value: variant })).map(
    (writes) => () =>
      new WriteRequest({ nodesToWrite: writes.map((each) => ({ ...each, value: { value: each.value } })) }),
  ),
  few(fc.record({ objectId: node, methodId: node, inputArguments: few(variant) })).map(
    (methodsToCall) => () => new CallRequest({ methodsToCall }),
  ),
  fc
    .record({
      details,
      nodes: few(node),
      timestampsToReturn: fc.integer({ min: 0, max: 3 }),
      release: fc.boolean(),
    })
    .map(
      ({ details: historyReadDetails, nodes, timestampsToReturn, release }) =>
        () =>
          new HistoryReadRequest({
            historyReadDetails,
            timestampsToReturn,
            releaseContinuationPoints: release,
            nodesToRead: nodes.map((nodeId) => ({ nodeId })),
          }),
    ),
  fc.constant(() => new HistoryUpdateRequest({})),
  fc.constant(() => new QueryFirstRequest({})),
  count.map((requestHandle) => () => new CancelRequest({ requestHandle })),
  fc.record({ items: few(fc.record({ monitored, parameters })), mode: fc.integer({ min: 0, max: 2 }) }).map(
    ({ items, mode }) =>
      (subscriptionId: number) =>
        new CreateMonitoredItemsRequest({
          subscriptionId,
          timestampsToReturn: 2,
          itemsToCreate: items.map((each) => ({
            itemToMonitor: each.monitored,
            monitoringMode: mode,
            requestedParameters: each.parameters,
          })),
        }),
  ),
  few(fc.record({ monitoredItemId: count, requestedParameters: parameters })).map(
    (itemsToModify) => (subscriptionId: number) =>
      new ModifyMonitoredItemsRequest({ subscriptionId, timestampsToReturn: 2, itemsToModify }),
  ),
  few(count).map(
    (monitoredItemIds) => (subscriptionId: number) =>
      new DeleteMonitoredItemsRequest({ subscriptionId, monitoredItemIds }),
  ),
  few(count).map(
    (monitoredItemIds) => (subscriptionId: number) =>
      new SetMonitoringModeRequest({ subscriptionId, monitoringMode: 1, monitoredItemIds }),
  ),
  fc
    .record({ triggeringItemId: count, linksToAdd: few(count), linksToRemove: few(count) })
    .map((fields) => (subscriptionId: number) => new SetTriggeringRequest({ subscriptionId, ...fields })),
  fc
    .record({
      requestedPublishingInterval: milliseconds,
      requestedLifetimeCount: count,
      requestedMaxKeepAliveCount: count,
      maxNotificationsPerPublish: count,
    })
    .map(
      (fields) => (subscriptionId: number) => new ModifySubscriptionRequest({ subscriptionId, ...fields }),
    ),
  fc
    .boolean()
    .map(
      (publishingEnabled) => (subscriptionId: number) =>
        new SetPublishingModeRequest({ publishingEnabled, subscriptionIds: [subscriptionId] }),
    ),
  count.map(
    (retransmitSequenceNumber) => (subscriptionId: number) =>
      new RepublishRequest({ subscriptionId, retransmitSequenceNumber }),
  ),
  few(count).map(
    (subscriptionIds) => () => new TransferSubscriptionsRequest({ subscriptionIds, sendInitialValues: true }),
  ),
  few(fc.record({ subscriptionId: count, sequenceNumber: count })).map(
    (subscriptionAcknowledgements) => () =>
      new PublishRequest({ requestHeader: { timeoutHint: 100 }, subscriptionAcknowledgements }),
  ),
);

function connected({ session }: TestClient): boolean {
  return (session as ClientSession & { isChannelValid(): boolean }).isChannelValid();
}

describe('The OPC UA server, whatever somebody who is logged in asks for', function () {
  this.timeout(Math.max(60_000, RUNS * 200));
  let attacked: AttackedServer;
  let hostile: TestClient;

  before(async () => {
    attacked = await AttackedServer.start();
    hostile = await attacked.server.connect(ADMINISTRATOR);
  });

  after(() => attacked?.close());

  it('goes on', async () => {
    let linked = true;
    let rounds = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (makes) => {
        if (!connected(hostile)) hostile = await attacked.server.connect(ADMINISTRATOR);
        const { session } = hostile;
        const { subscriptionId } = await transact<CreateSubscriptionResponse>(
          session,
          new CreateSubscriptionRequest({
            requestedPublishingInterval: 50,
            requestedLifetimeCount: 1_000,
            requestedMaxKeepAliveCount: 10,
            publishingEnabled: true,
          }),
        );
        const answers = makes.map((make) => {
          const asked = make(subscriptionId);
          const answer = transact(session, asked);
          answer.catch(() => {});
          // A request to publish is answered when there is something to tell.
          return asked instanceof PublishRequest ? Promise.resolve() : answer;
        });
        linked = !linked;
        attacked.server.gateway.showCassette(cassetteView({ linked }));
        await Promise.allSettled(answers);
        rounds += 1;
        // Who stays silent for long is logged out.
        if (rounds % 20 === 0) await attacked.holds();
        if (connected(hostile)) {
          await transact(session, new DeleteSubscriptionsRequest({ subscriptionIds: [subscriptionId] }));
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    await attacked.holds();
  });

  it('goes on whatever somebody says who wants to log in', async () => {
    const text = fc.oneof(fc.constantFrom(null, attacked.endpointUrl, 'opc.tcp://elsewhere:1'), words);
    const data = fc.oneof(
      fc.constant(null),
      bytes,
      fc.constantFrom(16, 32, 33, 5_000).map((size) => Buffer.alloc(size, 7)),
    );
    const token = fc.oneof(
      fc.constant(null),
      fc.record({ policyId: text }).map((fields) => new AnonymousIdentityToken(fields)),
      fc
        .record({ policyId: text, userName: text, password: data, encryptionAlgorithm: text })
        .map((fields) => new UserNameIdentityToken(fields as never)),
      fc
        .record({ policyId: text, certificateData: data })
        .map((fields) => new X509IdentityToken(fields as never)),
      fc
        .record({ policyId: text, tokenData: data, encryptionAlgorithm: text })
        .map((fields) => new IssuedIdentityToken(fields as never)),
    );
    const signature = fc.record({ algorithm: text, signature: data });
    const opening = fc.oneof(
      fc
        .record({
          endpointUrl: text,
          sessionName: text,
          serverUri: text,
          clientNonce: data,
          clientCertificate: data,
          requestedSessionTimeout: milliseconds,
          maxResponseMessageSize: count,
          clientDescription: fc.record({ applicationUri: text, productUri: text, discoveryUrls: few(words) }),
        })
        .map((fields) => new CreateSessionRequest(fields as never)),
      fc
        .record({
          clientSignature: signature,
          localeIds: few(words),
          userIdentityToken: token,
          userTokenSignature: signature,
        })
        .map((fields) => new ActivateSessionRequest(fields as never)),
      fc.boolean().map((deleteSubscriptions) => new CloseSessionRequest({ deleteSubscriptions })),
      fc
        .record({ endpointUrl: text, localeIds: few(words), serverUris: few(words) })
        .map((fields) => new FindServersRequest(fields)),
      fc
        .record({ endpointUrl: text, localeIds: few(words), profileUris: few(words) })
        .map((fields) => new GetEndpointsRequest(fields)),
      fc
        .record({
          semaphoreFilePath: text,
          serverUri: text,
          discoveryUrls: few(words),
          isOnline: fc.boolean(),
        })
        .map((server) => new RegisterServerRequest({ server: { ...server, serverType: 0 } })),
    );
    let channel = await attacked.channel();
    await fc.assert(
      fc.asyncProperty(fc.array(opening, { minLength: 1, maxLength: 6 }), async (asked) => {
        let authenticationToken: NodeId | undefined;
        for (const each of asked) {
          if (!channel.isOpen()) channel = await attacked.channel();
          if (authenticationToken) each.requestHeader.authenticationToken = authenticationToken;
          const answer = await channel.ask(each).catch(() => undefined);
          if (answer instanceof CreateSessionResponse) authenticationToken = answer.authenticationToken;
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    await channel.close();
    await attacked.holds();
  });
});
