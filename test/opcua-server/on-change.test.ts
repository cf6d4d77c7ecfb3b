import { expect } from 'chai';
import {
  AttributeIds,
  DataChangeFilter,
  DataChangeTrigger,
  DataType,
  DeadbandType,
  ModifyMonitoredItemsRequest,
  type MonitoredItem,
  MonitoringMode,
  SetMonitoringModeRequest,
  StatusCodes,
  TimestampsToReturn,
  TransferSubscriptionsRequest,
  Variant,
} from 'node-opcua';
import { deliverOnChange } from '../../opcua-server/on-change.ts';
import { eventually } from '../support/eventually.ts';
import { PlainServer, type PlainSession, SOMEBODY } from './support/plain-server.ts';

/** Says what to do where a new version of the library has another inside. */
const CHANGED =
  'node-opcua has changed: read how its MonitoredItem delivers a value whose client asked for an interval of 0, and mend ' +
  'opcua-server/on-change.ts so that no item of Sezam is sampled by a timer';

const VALUES = 20;
const FIRST_HANDLE = 100;
/** What clients of the field ask for. */
const SAMPLING = 100;

describe('delivery on change', () => {
  let plain: PlainServer;
  let session: PlainSession;
  /** What all of them are at the moment. */
  let value = 0;

  before(async () => {
    plain = await PlainServer.start(VALUES, deliverOnChange);
  });

  after(() => plain?.close());

  beforeEach(async () => {
    session = await plain.connect(SOMEBODY);
  });

  afterEach(() => plain.disconnect());

  /** Monitors all values; resolves when the server listens to them. */
  async function monitor(
    mode = MonitoringMode.Reporting,
    samplingInterval = SAMPLING,
    filter: DataChangeFilter | null = null,
  ): Promise<number> {
    const subscription = await session.createSubscription({
      requestedPublishingInterval: 50,
      requestedLifetimeCount: 10_000,
      requestedMaxKeepAliveCount: 100,
      publishingEnabled: true,
    });
    const { subscriptionId } = subscription;
    const { results } = await session.createMonitoredItems({
      subscriptionId,
      timestampsToReturn: TimestampsToReturn.Both,
      itemsToCreate: plain.variables.map(({ nodeId }, index) => ({
        itemToMonitor: { nodeId, attributeId: AttributeIds.Value },
        monitoringMode: mode,
        requestedParameters: {
          clientHandle: FIRST_HANDLE + index,
          samplingInterval,
          queueSize: 10,
          discardOldest: true,
          filter,
        },
      })),
    });
    expect(results?.map(({ statusCode }) => statusCode)).to.deep.equal(
      plain.variables.map(() => StatusCodes.Good),
    );
    expect(new Set(results?.map(({ revisedSamplingInterval }) => revisedSamplingInterval))).to.deep.equal(
      new Set([0]),
    );
    if (mode !== MonitoringMode.Disabled) await plain.listening();
    return subscriptionId;
  }

  const idsOf = (items: readonly MonitoredItem[]): number[] =>
    items.map(({ monitoredItemId }) => monitoredItemId);

  /** None has a timer, and each is told of a change in the turn in which it happens. */
  function expectOnChange(): void {
    value += 1;
    expect(plain.items).to.have.length(VALUES);
    for (const item of plain.items) {
      expect(item.isExceptionBased, CHANGED).to.equal(true);
      expect(timerOf(item), CHANGED).to.equal(undefined);
    }
    for (const [index, item] of plain.items.entries()) {
      const before = item.queue.length;
      plain.set(index, value);
      expect(item.queue.length - before, CHANGED).to.equal(1);
      expect(item.oldDataValue.value.value, CHANGED).to.equal(value);
    }
  }

  it('finds the parts of the library on which it rests', async () => {
    await monitor();
    const [item] = plain.items;
    expect(item, CHANGED).to.include.keys('_samplingId', 'samplingInterval');
    expect(item?.isExceptionBased, CHANGED).to.be.a('boolean');
    expect(item, 'opcua-server/right-to-read.ts takes its place').to.respondTo('recordValue');
    expect(plain.server, CHANGED).to.respondTo('getSession');
    expect(plain.subscriptions[0], CHANGED).to.respondTo('getMonitoredItem');
  });

  it('sees what an item with a timer looks like', async () => {
    const sampled = await PlainServer.start(1, () => {});
    try {
      const other = await sampled.connect(SOMEBODY);
      const subscription = await other.createSubscription2({ requestedPublishingInterval: 50 });
      await subscription.monitor(
        { nodeId: 'ns=1;s=value/0', attributeId: AttributeIds.Value },
        { samplingInterval: SAMPLING, queueSize: 10, discardOldest: true },
        TimestampsToReturn.Both,
      );
      await sampled.listening();
      const [item] = sampled.items;
      expect(item?.isExceptionBased, CHANGED).to.equal(false);
      expect(item && timerOf(item), CHANGED).not.to.equal(undefined);
    } finally {
      await sampled.close();
    }
  });

  it('holds for items as they are created, whatever interval was asked for', async () => {
    for (const interval of [0, 1, SAMPLING, 3_600_000, -1]) {
      plain.items.length = 0;
      await monitor(MonitoringMode.Reporting, interval);
      expectOnChange();
    }
  });

  it('holds for items with a filter', async () => {
    await monitor(
      MonitoringMode.Reporting,
      SAMPLING,
      new DataChangeFilter({
        trigger: DataChangeTrigger.StatusValueTimestamp,
        deadbandType: DeadbandType.None,
      }),
    );
    expectOnChange();
  });

  it('holds after ModifyMonitoredItems', async () => {
    const subscriptionId = await monitor();
    for (const samplingInterval of [SAMPLING, 0, 5_000]) {
      const { results } = await session.modifyMonitoredItems(
        new ModifyMonitoredItemsRequest({
          subscriptionId,
          timestampsToReturn: TimestampsToReturn.Both,
          itemsToModify: plain.items.map(({ monitoredItemId, clientHandle }) => ({
            monitoredItemId,
            requestedParameters: { clientHandle, samplingInterval, queueSize: 20, discardOldest: true },
          })),
        }),
      );
      expect(results?.map(({ revisedSamplingInterval }) => revisedSamplingInterval)).to.deep.equal(
        plain.variables.map(() => 0),
      );
      await plain.listening();
      expectOnChange();
    }
  });

  it('holds after SetMonitoringMode, from any mode to any other', async () => {
    const subscriptionId = await monitor(MonitoringMode.Disabled);
    let off = true;
    for (const monitoringMode of [
      MonitoringMode.Sampling,
      MonitoringMode.Reporting,
      MonitoringMode.Disabled,
      MonitoringMode.Reporting,
      MonitoringMode.Sampling,
      MonitoringMode.Disabled,
      MonitoringMode.Sampling,
    ]) {
      await session.setMonitoringMode(
        new SetMonitoringModeRequest({
          subscriptionId,
          monitoringMode,
          monitoredItemIds: idsOf(plain.items),
        }),
      );
      if (monitoringMode === MonitoringMode.Disabled) {
        expect(plain.items.map(({ isSampling }) => isSampling)).not.to.include(true);
        off = true;
        continue;
      }
      await plain.listening();
      if (off) {
        await eventually('first values', () =>
          plain.items.every(({ oldDataValue }) => oldDataValue.value.value === value),
        );
      }
      off = false;
      expectOnChange();
    }
  });

  it('holds after TransferSubscriptions', async () => {
    const subscriptionId = await monitor();
    const heir = await plain.connect(SOMEBODY);
    const { results } = await heir.transferSubscriptions(
      new TransferSubscriptionsRequest({ subscriptionIds: [subscriptionId], sendInitialValues: true }),
    );
    expect(results?.[0]?.statusCode).to.equal(StatusCodes.Good);
    expectOnChange();
    session = heir;
    await session.modifyMonitoredItems(
      new ModifyMonitoredItemsRequest({
        subscriptionId,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToModify: plain.items.map(({ monitoredItemId, clientHandle }) => ({
          monitoredItemId,
          requestedParameters: { clientHandle, samplingInterval: 250, queueSize: 20, discardOldest: true },
        })),
      }),
    );
    await plain.listening();
    expectOnChange();
  });

  it('leaves values that do not tell of their changes to a timer', async () => {
    let count = 0;
    const namespace = plain.server.engine.addressSpace?.getOwnNamespace();
    const counter = namespace?.addVariable({
      organizedBy: 'ObjectsFolder',
      browseName: 'Counter',
      nodeId: 'i=900000',
      dataType: DataType.Int32,
      minimumSamplingInterval: 0,
      value: { get: () => new Variant({ dataType: DataType.Int32, value: count }) },
    });
    const subscription = await session.createSubscription2({ requestedPublishingInterval: 50 });
    await subscription.monitor(
      { nodeId: counter?.nodeId ?? '', attributeId: AttributeIds.Value },
      { samplingInterval: 50, queueSize: 10, discardOldest: true },
      TimestampsToReturn.Both,
    );
    await plain.listening();
    count = 7;
    const [item] = plain.items;
    await eventually('the count', () => item?.oldDataValue.value.value === 7);
    expect(item?.isExceptionBased).to.equal(false);
  });

  it('leaves no listener behind when a subscription ends', async () => {
    const subscriptionId = await monitor();
    await session.deleteSubscriptions({ subscriptionIds: [subscriptionId] });
    expect(plain.variables.map((variable) => variable.listenerCount('value_changed'))).to.deep.equal(
      plain.variables.map(() => 0),
    );
  });
});

/** The timer by which the library samples an item; it has no public name. */
function timerOf(item: MonitoredItem): unknown {
  return (item as unknown as { readonly _samplingId: unknown })._samplingId;
}
