import { expect } from 'chai';
import {
  AttributeIds,
  BrowseDirection,
  BrowseRequest,
  type BrowseResponse,
  CallRequest,
  type CallResponse,
  ContentFilter,
  CreateMonitoredItemsRequest,
  type CreateMonitoredItemsResponse,
  CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  DataType,
  DeleteSubscriptionsRequest,
  ElementOperand,
  EventFilter,
  FilterOperator,
  ModifyMonitoredItemsRequest,
  type ModifyMonitoredItemsResponse,
  MonitoringMode,
  ReadRequest,
  RegisterNodesRequest,
  resolveNodeId,
  SimpleAttributeOperand,
  TimestampsToReturn,
  TranslateBrowsePathsToNodeIdsRequest,
  type TranslateBrowsePathsToNodeIdsResponse,
  WriteRequest,
  type WriteResponse,
} from 'node-opcua';
import { MOST_CLAUSES } from '../../../opcua-server/limits.ts';
import { eventually } from '../../support/eventually.ts';
import { AttackedServer, transact } from '../support/attacked-server.ts';
import { cassetteView } from '../support/cassette-views.ts';
import { ADMINISTRATOR, failureOf, OPERATOR, type TestClient } from '../support/client.ts';

const SERVER = 'i=2253';
/** The description of the standard types in one value: 200 KB for 20 bytes of a request. */
const LARGE_VALUE = 'i=7617';

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

function field(name: string): SimpleAttributeOperand {
  return new SimpleAttributeOperand({
    typeDefinitionId: resolveNodeId('BaseEventType'),
    browsePath: [{ name }],
    attributeId: AttributeIds.Value,
  });
}

/** A filter whose every element asks for the next one, twice. */
function doubling(elements: number): EventFilter {
  return new EventFilter({
    selectClauses: [field('Time')],
    whereClause: new ContentFilter({
      elements: Array.from({ length: elements }, (_, at) =>
        at === elements - 1
          ? { filterOperator: FilterOperator.IsNull, filterOperands: [field('Time')] }
          : {
              filterOperator: FilterOperator.Or,
              filterOperands: times(2, new ElementOperand({ index: at + 1 })),
            },
      ),
    }),
  });
}

function selecting(fields: number): EventFilter {
  return new EventFilter({ selectClauses: times(fields, field('Message')) });
}

describe('The OPC UA server, under hostile requests of somebody who is logged in', () => {
  let attacked: AttackedServer;
  let hostile: TestClient;
  let victim: TestClient;

  before(async () => {
    attacked = await AttackedServer.start();
    hostile = await attacked.server.connect(OPERATOR);
    victim = await attacked.server.connect(ADMINISTRATOR);
  });

  after(() => attacked?.close());
  afterEach(() => attacked.holds());

  const ask = <Response>(request: object): Promise<Response> => transact(hostile.session, request);

  async function subscribe(): Promise<number> {
    const response = await ask<CreateSubscriptionResponse>(
      new CreateSubscriptionRequest({
        requestedPublishingInterval: 50,
        requestedLifetimeCount: 10_000,
        requestedMaxKeepAliveCount: 100,
        publishingEnabled: true,
      }),
    );
    return response.subscriptionId;
  }

  const unsubscribe = (id: number): Promise<unknown> =>
    ask(new DeleteSubscriptionsRequest({ subscriptionIds: [id] }));

  async function monitorEvents(subscriptionId: number, filter: EventFilter | undefined) {
    const { results } = await ask<CreateMonitoredItemsResponse>(
      new CreateMonitoredItemsRequest({
        subscriptionId,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToCreate: [
          {
            itemToMonitor: { nodeId: SERVER, attributeId: AttributeIds.EventNotifier },
            monitoringMode: MonitoringMode.Reporting,
            requestedParameters: {
              queueSize: 0xffff_ffff,
              samplingInterval: 0,
              discardOldest: true,
              ...(filter && { filter }),
            },
          },
        ],
      }),
    );
    return results?.[0];
  }

  /** A command of somebody else, which is audited: every event filter has a look at it. */
  async function othersCommand(): Promise<void> {
    const result = await victim.command('A', 'Open', 1, 'under attack');
    expect(result.statusCode.name).to.equal('Good');
  }

  for (const [what, request, status] of [
    [
      '20,000 readings',
      new ReadRequest({ nodesToRead: times(20_000, { nodeId: SERVER }) }),
      'BadTooManyOperations',
    ],
    [
      '10,000 readings of a large value',
      new ReadRequest({
        nodesToRead: times(10_000, { nodeId: LARGE_VALUE, attributeId: AttributeIds.Value }),
      }),
      'BadResponseTooLarge',
    ],
    [
      '20,000 nodes to browse',
      new BrowseRequest({ nodesToBrowse: times(20_000, { nodeId: SERVER }) }),
      'BadTooManyOperations',
    ],
    [
      '20,000 nodes to register',
      new RegisterNodesRequest({ nodesToRegister: times(20_000, resolveNodeId(SERVER)) }),
      'BadTooManyOperations',
    ],
    [
      '200 calls at once',
      new CallRequest({ methodsToCall: times(200, { objectId: SERVER, methodId: 'i=11492' }) }),
      'BadTooManyOperations',
    ],
  ] as const) {
    it(`answers ${what} with ${status}`, async () => {
      expect(await failureOf(ask(request))).to.contain(status);
    });
  }

  it('finds no way along enormous paths', async () => {
    const step = { targetName: { name: 'Objects' }, includeSubtypes: true };
    const path = (elements: number) => ({
      startingNode: resolveNodeId('i=84'),
      relativePath: { elements: times(elements, step) },
    });
    const along = (browsePaths: ReturnType<typeof path>[]) =>
      ask<TranslateBrowsePathsToNodeIdsResponse>(new TranslateBrowsePathsToNodeIdsRequest({ browsePaths }));
    expect(await failureOf(along([path(30_000)]))).to.contain('BadTooManyOperations');
    expect(await failureOf(along(times(20_000, path(1))))).to.contain('BadTooManyOperations');
    const { results } = await along(times(1_000, path(100)));
    expect(new Set(results?.map(({ statusCode }) => statusCode.name))).to.deep.equal(new Set(['BadNoMatch']));
  });

  it('gives no more than 50 continuation points to browse on', async () => {
    const { results } = await ask<BrowseResponse>(
      new BrowseRequest({
        requestedMaxReferencesPerNode: 1,
        nodesToBrowse: times(1_000, {
          nodeId: SERVER,
          browseDirection: BrowseDirection.Both,
          includeSubtypes: true,
          resultMask: 63,
        }),
      }),
    );
    const given = results?.filter(({ continuationPoint }) => continuationPoint?.length) ?? [];
    expect(given).to.have.length(50);
    expect(results?.at(-1)?.statusCode.name).to.equal('BadNoContinuationPoints');
  });

  it('takes no request that is longer than any sensible one, and hangs up', async () => {
    const glutton = await attacked.server.connect(ADMINISTRATOR);
    const value = { dataType: DataType.String, value: 'x'.repeat(5 * 1024 * 1024) };
    const call = { objectId: glutton.id('cabinet/A'), methodId: glutton.id('cabinet/A/Open') };
    await failureOf(
      transact(glutton.session, new CallRequest({ methodsToCall: [{ ...call, inputArguments: [value] }] })),
    );
    const { records } = attacked.server;
    await eventually('a record of it', () =>
      records.some(({ data }) => 'reason' in data && data.reason === 'message-too-long' && 'user' in data),
    );
    await glutton.client.disconnect();
  });

  it('says what is wrong with oversized and wrong arguments of a method, and puts the calls on record', async () => {
    const from = attacked.server.records.length;
    const call = async (...inputArguments: object[]) => {
      const { results } = await transact<CallResponse>(
        victim.session,
        new CallRequest({
          methodsToCall: [
            { objectId: victim.id('cabinet/A'), methodId: victim.id('cabinet/A/Open'), inputArguments },
          ],
        }),
      );
      return results?.[0]?.statusCode.name;
    };
    const reason = (value: string): object => ({ dataType: DataType.String, value });
    const compartment = { dataType: DataType.UInt16, value: 1 };
    expect(await call(compartment, reason('x'.repeat(500_000)))).to.equal('BadInvalidArgument');
    expect(await call(reason('one'), reason('x'))).to.equal('BadInvalidArgument');
    expect(await call(compartment)).to.equal('BadArgumentsMissing');
    expect(await call(compartment, ...times(5_000, reason('x')))).to.equal('BadTooManyArguments');
    const calls = () =>
      attacked.server.records.slice(from).filter(({ type }) => type === 'opcua-method-called');
    await eventually('four records', () => calls().length >= 4);
    expect(calls().map(({ data }) => 'status' in data && data.status)).to.deep.equal([
      'BadInvalidArgument',
      'BadInvalidArgument',
      'BadArgumentsMissing',
      'BadTooManyArguments',
    ]);
  });

  it('lets nobody write, however much', async () => {
    const from = attacked.server.records.length;
    const { results } = await ask<WriteResponse>(
      new WriteRequest({
        nodesToWrite: times(10_000, {
          nodeId: resolveNodeId(hostile.id('site/Name')),
          attributeId: AttributeIds.Value,
          value: { value: { dataType: DataType.String, value: 'Mine' } },
        }),
      }),
    );
    expect(new Set(results?.map(({ name }) => name))).to.deep.equal(new Set(['BadUserAccessDenied']));
    const refusals = () =>
      attacked.server.records.slice(from).filter(({ type }) => type === 'opcua-write-refused');
    await eventually('a record of it', () => refusals().length > 0);
    // Records come in order: whatever else there was to tell of the writing has been told before this.
    const told = attacked.server.records.length;
    await othersCommand();
    await attacked.server.recorded('opcua-method-called', told);
    expect(refusals(), 'told one by one').to.have.length.within(1, 3);
  });

  it('takes no event filter that asks for more than there is', async () => {
    const id = await subscribe();
    const status = async (filter: EventFilter | undefined) =>
      (await monitorEvents(id, filter))?.statusCode.name;
    expect(await status(selecting(10_000))).to.equal('BadEventFilterInvalid');
    expect(await status(selecting(MOST_CLAUSES + 1))).to.equal('BadEventFilterInvalid');
    expect(await status(doubling(5_000))).to.equal('BadEventFilterInvalid');
    expect(await status(undefined)).to.match(/^BadEventFilterInvalid|^BadFilter/);
    expect(await status(selecting(MOST_CLAUSES))).to.equal('Good');
    await othersCommand();
    await unsubscribe(id);
  });

  it('evaluates filters that branch, without end as it seems, so that others are not held up', async () => {
    const id = await subscribe();
    for (const elements of [10, 40, MOST_CLAUSES / 2]) await monitorEvents(id, doubling(elements));
    await othersCommand();
    await unsubscribe(id);
  });

  it('does not exchange a filter for one that it would not have taken', async () => {
    const id = await subscribe();
    const created = await monitorEvents(id, selecting(3));
    const change = (filter: EventFilter | undefined) =>
      ask<ModifyMonitoredItemsResponse>(
        new ModifyMonitoredItemsRequest({
          subscriptionId: id,
          timestampsToReturn: TimestampsToReturn.Both,
          itemsToModify: [
            {
              monitoredItemId: created?.monitoredItemId ?? 0,
              requestedParameters: {
                clientHandle: 1,
                samplingInterval: 0,
                queueSize: 1_000,
                ...(filter && { filter }),
              },
            },
          ],
        }),
      );
    expect(await failureOf(change(selecting(10_000)))).to.contain('BadEventFilterInvalid');
    expect(await failureOf(change(undefined))).to.contain('BadEventFilterInvalid');
    expect((await change(selecting(4))).results?.[0]?.statusCode.name).to.equal('Good');
    await othersCommand();
    await unsubscribe(id);
  });

  it('survives refreshes without end', async () => {
    const id = await subscribe();
    await monitorEvents(id, selecting(10));
    const refresh = {
      objectId: 'i=2782',
      methodId: 'i=3875',
      inputArguments: [{ dataType: DataType.UInt32, value: id }],
    };
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(times(20, 0).map(() => ask(new CallRequest({ methodsToCall: times(50, refresh) }))));
    }
    await unsubscribe(id);
  });

  it('marks values that a slow client missed, the bad ones too', async () => {
    const id = await subscribe();
    const item = (path: string, discardOldest: boolean) => ({
      itemToMonitor: { nodeId: hostile.id(`cassette/C%2F1/${path}`), attributeId: AttributeIds.Value },
      monitoringMode: MonitoringMode.Reporting,
      requestedParameters: { queueSize: 3, samplingInterval: 0, discardOldest },
    });
    const { results } = await ask<CreateMonitoredItemsResponse>(
      new CreateMonitoredItemsRequest({
        subscriptionId: id,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToCreate: [true, false].flatMap((oldest) => [
          item('InMachine', oldest),
          item('Supervision/Temperature', oldest),
        ]),
      }),
    );
    expect(results?.map(({ statusCode }) => statusCode.name)).to.deep.equal(times(4, 'Good'));
    for (let turn = 0; turn < 12; turn += 1) {
      const linked = turn % 3 === 0;
      attacked.server.gateway.showCassette(cassetteView({ linked }));
      await victim.becomes('cassette/C%2F1/Linked', linked);
    }
    await unsubscribe(id);
  });
});
