import { expect } from 'chai';
import {
  AttributeIds,
  type ClientSubscription,
  CreateMonitoredItemsRequest,
  type CreateMonitoredItemsResponse,
  CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  DataChangeFilter,
  DataChangeNotification,
  DataChangeTrigger,
  type DataValue,
  DeadbandType,
  DeleteMonitoredItemsRequest,
  type DeleteMonitoredItemsResponse,
  DeleteSubscriptionsRequest,
  type DeleteSubscriptionsResponse,
  ModifyMonitoredItemsRequest,
  type ModifyMonitoredItemsResponse,
  ModifySubscriptionRequest,
  type ModifySubscriptionResponse,
  MonitoringMode,
  PublishRequest,
  type PublishResponse,
  RepublishRequest,
  type RepublishResponse,
  SetMonitoringModeRequest,
  type SetMonitoringModeResponse,
  SetPublishingModeRequest,
  SetTriggeringRequest,
  type SetTriggeringResponse,
  TimestampsToReturn,
} from 'node-opcua';
import { eventually } from '../../support/eventually.ts';
import { cassetteView, QUIET } from '../support/cassette-views.ts';
import { ADMINISTRATOR, type TestClient } from '../support/client.ts';
import { SecuredServer } from '../support/secured-server.ts';
import { monitored, send, statusOf, subscribe } from './support.ts';

const TEMPERATURE = 'cassette/C%2F1/Supervision/Temperature';

describe('OPC UA conformance: subscriptions', () => {
  let server: SecuredServer;
  let client: TestClient;

  before(async () => {
    server = await SecuredServer.start();
  });
  beforeEach(async () => {
    client = await server.connect(ADMINISTRATOR);
    server.gateway.showCassette(cassetteView());
  });
  afterEach(() => server.disconnect());
  after(() => server.close());

  /** A subscription of which the library of the client knows nothing: what is published is asked for here. */
  async function plainSubscription(publishingInterval = 50, options: object = {}): Promise<number> {
    const { subscriptionId } = await send<CreateSubscriptionResponse>(
      client.session,
      new CreateSubscriptionRequest({
        requestedPublishingInterval: publishingInterval,
        requestedLifetimeCount: 600,
        requestedMaxKeepAliveCount: 5,
        publishingEnabled: true,
        ...options,
      }),
    );
    return subscriptionId;
  }

  const item = (name: string, parameters: object = {}, mode = MonitoringMode.Reporting) => ({
    itemToMonitor: { nodeId: client.id(name), attributeId: AttributeIds.Value },
    monitoringMode: mode,
    requestedParameters: {
      samplingInterval: 0,
      queueSize: 1,
      discardOldest: true,
      clientHandle: 1,
      ...parameters,
    },
  });

  const create = async (
    subscriptionId: number,
    ...itemsToCreate: object[]
  ): Promise<CreateMonitoredItemsResponse> =>
    send<CreateMonitoredItemsResponse>(
      client.session,
      new CreateMonitoredItemsRequest({
        subscriptionId,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToCreate,
      }),
    );

  const publish = (
    acknowledge: { subscriptionId: number; sequenceNumber: number }[] = [],
  ): Promise<PublishResponse> =>
    send<PublishResponse>(client.session, new PublishRequest({ subscriptionAcknowledgements: acknowledge }));

  /** The values of the next message that has any. */
  async function published(): Promise<DataValue[]> {
    for (;;) {
      const { notificationMessage, responseHeader } = await publish();
      if (!responseHeader.serviceResult.isGood()) throw new Error(responseHeader.serviceResult.name);
      const items = (notificationMessage.notificationData ?? []).flatMap((data) =>
        data instanceof DataChangeNotification ? (data.monitoredItems ?? []) : [],
      );
      if (items.length > 0) return items.map(({ value }) => value);
    }
  }

  const warms = (temperature: number): void =>
    server.gateway.showCassette(cassetteView({ readings: { ...QUIET, temperature } }));
  /** Shows values one after the other, each once the server has the one before. */
  async function warmsTo(...temperatures: number[]): Promise<void> {
    for (const each of temperatures) {
      warms(each);
      await client.becomes(TEMPERATURE, each);
    }
  }

  describe('Subscription Basic', () => {
    it('creates, changes, switches off and on, and deletes', async () => {
      const subscriptionId = await plainSubscription();
      const changed = await send<ModifySubscriptionResponse>(
        client.session,
        new ModifySubscriptionRequest({
          subscriptionId,
          requestedPublishingInterval: 100,
          requestedLifetimeCount: 300,
          requestedMaxKeepAliveCount: 10,
        }),
      );
      expect(changed).to.include({ revisedPublishingInterval: 100, revisedMaxKeepAliveCount: 10 });
      expect(changed.revisedLifetimeCount).to.be.at.least(30);

      const mode = (publishingEnabled: boolean) =>
        send(
          client.session,
          new SetPublishingModeRequest({ publishingEnabled, subscriptionIds: [subscriptionId] }),
        );
      await mode(false);
      await create(subscriptionId, item('cabinet/A/Name'));
      const keepAlive = await publish();
      expect(keepAlive.notificationMessage.notificationData ?? []).to.deep.equal([]);
      await mode(true);
      expect((await published())[0]?.value.value).to.equal('Cabinet A');

      const remove = () =>
        send<DeleteSubscriptionsResponse>(
          client.session,
          new DeleteSubscriptionsRequest({ subscriptionIds: [subscriptionId] }),
        );
      expect((await remove()).results?.map(({ name }) => name)).to.deep.equal(['Good']);
      expect((await remove()).results?.map(({ name }) => name)).to.deep.equal(['BadSubscriptionIdInvalid']);
      expect(statusOf(await publish())).to.equal('BadNoSubscription');
    });

    it('repeats a message that was not acknowledged, and none that was', async () => {
      const subscriptionId = await plainSubscription();
      await create(subscriptionId, item('cabinet/A/Name'));
      const first = await publish();
      const { sequenceNumber } = first.notificationMessage;
      expect(first.availableSequenceNumbers).to.deep.equal([sequenceNumber]);
      const again = () =>
        send<RepublishResponse>(
          client.session,
          new RepublishRequest({ subscriptionId, retransmitSequenceNumber: sequenceNumber }),
        );
      const repeated = await again();
      expect(repeated.notificationMessage.sequenceNumber).to.equal(sequenceNumber);
      expect(repeated.notificationMessage.notificationData).to.have.length(1);
      const acknowledged = await publish([{ subscriptionId, sequenceNumber }]);
      expect(acknowledged.results?.map(({ name }) => name)).to.deep.equal(['Good']);
      expect(statusOf(await again())).to.equal('BadMessageNotAvailable');
      const twice = await publish([{ subscriptionId, sequenceNumber }]);
      expect(twice.results?.map(({ name }) => name)).to.deep.equal(['BadSequenceNumberUnknown']);
    });
  });

  it('Subscription Minimum 05: five subscriptions of one session publish side by side', async () => {
    const subscriptions: ClientSubscription[] = [];
    for (let count = 0; count < 5; count += 1) subscriptions.push(await subscribe(client, 50));
    const told = await Promise.all(subscriptions.map((each) => monitored(each, client.id(TEMPERATURE))));
    await eventually('the first values', () => told.every(({ values }) => values.length === 1));
    await warmsTo(30);
    await eventually('the change', () => told.every(({ values }) => values.at(-1)?.value.value === 30));
  });

  it('Subscription Minimum 05 and Monitor Items 500: for half of fifty sessions, and half of their subscriptions', async () => {
    const sessions = await Promise.all(
      Array.from({ length: 25 }, () => client.client.createSession(ADMINISTRATOR)),
    );
    const names = [1, 2, 3, 4].flatMap((number) => [
      `cabinet/A/compartment/${number}/State`,
      `cabinet/A/compartment/${number}/Door`,
      `cabinet/A/compartment/${number}/Occupant`,
    ]);
    const items = Array.from({ length: 500 }, (_, clientHandle) =>
      item(names[clientHandle % names.length] as string, { clientHandle }),
    );
    let monitoredItems = 0;
    for (const [index, session] of sessions.entries()) {
      for (let count = 0; count < 5; count += 1) {
        const { subscriptionId } = await send<CreateSubscriptionResponse>(
          session,
          new CreateSubscriptionRequest({ requestedPublishingInterval: 10_000, requestedLifetimeCount: 600 }),
        );
        if (count > 1 + (index % 2)) continue;
        const { results } = await send<CreateMonitoredItemsResponse>(
          session,
          new CreateMonitoredItemsRequest({
            subscriptionId,
            timestampsToReturn: TimestampsToReturn.Both,
            itemsToCreate: items,
          }),
        );
        monitoredItems += (results ?? []).filter(({ statusCode }) => statusCode.isGood()).length;
      }
    }
    expect(monitoredItems).to.equal(62 * 500);
    await Promise.all(sessions.map((session) => session.close(true)));
  }).timeout(180_000);

  it('Subscription Publish Min 10: ten requests wait at a time', async () => {
    const subscriptionId = await plainSubscription(50, { requestedMaxKeepAliveCount: 1_000 });
    await create(subscriptionId, item(TEMPERATURE));
    await published();
    const waiting = Array.from({ length: 10 }, () => publish());
    for (let degrees = 1; degrees <= 10; degrees += 1) {
      await warmsTo(40 + degrees);
      // Each change takes a request of its own, the oldest first.
      await waiting[degrees - 1];
    }
    const answers = await Promise.all(waiting);
    expect(answers.map(statusOf)).to.deep.equal(Array.from({ length: 10 }, () => 'Good'));
  });

  it('Subscription Publish Discard Policy: of too many requests the oldest is given back', async () => {
    await plainSubscription(1_000, { requestedMaxKeepAliveCount: 1_000 });
    const waiting = Array.from({ length: 101 }, () => publish());
    const given = await Promise.race(
      waiting.map(async (answer, index) => ({ index, status: statusOf(await answer) })),
    );
    expect(given).to.deep.equal({ index: 0, status: 'BadTooManyPublishRequests' });
  });

  describe('Monitor Basic', () => {
    it('creates, changes, switches and deletes items, each for itself', async () => {
      const subscriptionId = await plainSubscription();
      const { results } = await create(
        subscriptionId,
        item('cabinet/A/Name', { clientHandle: 1 }),
        item('cabinet/A/NoSuchThing', { clientHandle: 2 }),
        { ...item('cabinet/A', { clientHandle: 3 }) },
      );
      expect(results?.map(({ statusCode }) => statusCode.name)).to.deep.equal([
        'Good',
        'BadNodeIdUnknown',
        'BadAttributeIdInvalid',
      ]);
      const monitoredItemId = results?.[0]?.monitoredItemId ?? 0;
      const modified = await send<ModifyMonitoredItemsResponse>(
        client.session,
        new ModifyMonitoredItemsRequest({
          subscriptionId,
          timestampsToReturn: TimestampsToReturn.Both,
          itemsToModify: [
            {
              monitoredItemId,
              requestedParameters: { clientHandle: 9, samplingInterval: 100, queueSize: 5 },
            },
            { monitoredItemId: 999_999, requestedParameters: { clientHandle: 9 } },
          ],
        }),
      );
      expect(modified.results?.map(({ statusCode }) => statusCode.name)).to.deep.equal([
        'Good',
        'BadMonitoredItemIdInvalid',
      ]);
      expect(modified.results?.[0]?.revisedQueueSize).to.equal(5);
      const mode = await send<SetMonitoringModeResponse>(
        client.session,
        new SetMonitoringModeRequest({
          subscriptionId,
          monitoringMode: MonitoringMode.Disabled,
          monitoredItemIds: [monitoredItemId, 999_999],
        }),
      );
      expect(mode.results?.map(({ name }) => name)).to.deep.equal(['Good', 'BadMonitoredItemIdInvalid']);
      const deleted = await send<DeleteMonitoredItemsResponse>(
        client.session,
        new DeleteMonitoredItemsRequest({
          subscriptionId,
          monitoredItemIds: [monitoredItemId, monitoredItemId],
        }),
      );
      expect(deleted.results?.map(({ name }) => name)).to.deep.equal(['Good', 'BadMonitoredItemIdInvalid']);
    });

    it('samples without reporting until it is told to report', async () => {
      const subscription = await subscribe(client);
      const { values, item: sampled } = await monitored(subscription, client.id(TEMPERATURE), {
        mode: MonitoringMode.Sampling,
      });
      const { values: clock } = await monitored(subscription, client.id('cassette/C%2F1/Supervision/Gas'));
      await eventually('another value', () => clock.length === 1);
      expect(values).to.deep.equal([]);
      await sampled.setMonitoringMode(MonitoringMode.Reporting);
      await eventually('the value', () => values.length > 0);
    });
  });

  describe('Monitor Value Change, queues and filters', () => {
    it('Monitor QueueSize_1: tells the last of several values of one interval', async () => {
      const subscriptionId = await plainSubscription(1_000);
      await create(subscriptionId, item(TEMPERATURE, { queueSize: 1 }));
      await published();
      await warmsTo(51, 52, 53);
      expect((await published()).map(({ value }) => value.value).at(-1)).to.equal(53);
    });

    it('Monitor MinQueueSize_05: keeps five values, and says where one was lost', async () => {
      const subscriptionId = await plainSubscription(50);
      const { results } = await create(subscriptionId, item(TEMPERATURE, { queueSize: 5 }));
      expect(results?.[0]?.revisedQueueSize).to.equal(5);
      await published();
      // Nothing is published meanwhile, because nothing is asked for.
      await warmsTo(61, 62, 63, 64, 65);
      expect((await published()).map(({ value }) => value.value)).to.deep.equal([61, 62, 63, 64, 65]);
      await warmsTo(71, 72, 73, 74, 75, 76);
      const overflown = await published();
      expect(overflown.map(({ value }) => value.value)).to.deep.equal([72, 73, 74, 75, 76]);
      expect(overflown[0]?.statusCode.hasOverflowBit).to.equal(true);
    });

    it('Monitor Items 500: five hundred items of one subscription, all of them told', async () => {
      const subscriptionId = await plainSubscription();
      const names = ['cabinet/A/Name', TEMPERATURE, 'cassette/C%2F1/State', 'cabinet/A/compartment/1/Door'];
      const items = Array.from({ length: 500 }, (_, index) =>
        item(names[index % names.length] as string, { clientHandle: index }),
      );
      const { results } = await create(subscriptionId, ...items);
      expect(results?.every(({ statusCode }) => statusCode.isGood())).to.equal(true);
      const told: DataValue[] = [];
      while (told.length < 500) told.push(...(await published()));
      expect(told).to.have.length(500);
    });

    it('Monitored Items Deadband Filter: tells changes beyond an absolute deadband only', async () => {
      const subscriptionId = await plainSubscription();
      const filter = new DataChangeFilter({
        trigger: DataChangeTrigger.StatusValue,
        deadbandType: DeadbandType.Absolute,
        deadbandValue: 5,
      });
      warms(20);
      await client.becomes(TEMPERATURE, 20);
      await create(subscriptionId, item(TEMPERATURE, { queueSize: 10, filter }));
      expect((await published()).map(({ value }) => value.value)).to.deep.equal([20]);
      await warmsTo(22, 24, 26, 28, 35);
      expect((await published()).map(({ value }) => value.value)).to.deep.equal([26, 35]);
    });

    it('Data Access PercentDeadband: tells changes beyond a share of the range of what is measured only', async () => {
      const range = (
        await client.session.read({
          nodeId: client.id(`${TEMPERATURE}/EURange`),
          attributeId: AttributeIds.Value,
        })
      ).value.value as { low: number; high: number };
      const tenth = (range.high - range.low) / 10;
      const subscriptionId = await plainSubscription();
      const filter = new DataChangeFilter({
        trigger: DataChangeTrigger.StatusValue,
        deadbandType: DeadbandType.Percent,
        deadbandValue: 10,
      });
      await warmsTo(0);
      await create(subscriptionId, item(TEMPERATURE, { queueSize: 10, filter }));
      expect((await published()).map(({ value }) => value.value)).to.deep.equal([0]);
      await warmsTo(tenth * 0.6, tenth * 1.1, tenth * 1.5);
      expect((await published()).map(({ value }) => value.value)).to.deep.equal([tenth * 1.1]);
    });

    it('refuses a deadband of a value that is no number', async () => {
      const subscriptionId = await plainSubscription();
      const filter = new DataChangeFilter({
        trigger: DataChangeTrigger.StatusValue,
        deadbandType: DeadbandType.Absolute,
        deadbandValue: 5,
      });
      const { results } = await create(subscriptionId, item('cabinet/A/Name', { filter }));
      expect(results?.[0]?.statusCode.name).to.be.oneOf([
        'BadFilterNotAllowed',
        'BadMonitoredItemFilterUnsupported',
      ]);
    });
  });

  it('Monitor Triggering: an item that is only sampled is told with another one', async () => {
    const subscriptionId = await plainSubscription();
    const { results } = await create(
      subscriptionId,
      item(TEMPERATURE, { clientHandle: 1 }),
      item('cabinet/A/Name', { clientHandle: 2 }, MonitoringMode.Sampling),
    );
    const [triggering, linked] = (results ?? []).map(({ monitoredItemId }) => monitoredItemId);
    await published();
    const link = await send<SetTriggeringResponse>(
      client.session,
      new SetTriggeringRequest({
        subscriptionId,
        triggeringItemId: triggering ?? 0,
        linksToAdd: [linked ?? 0, 999_999],
      }),
    );
    expect(link.addResults?.map(({ name }) => name)).to.deep.equal(['Good', 'BadMonitoredItemIdInvalid']);
    await warmsTo(81);
    const told: unknown[] = [];
    while (told.length < 2) told.push(...(await published()).map(({ value }) => value.value));
    expect(told).to.have.members([81, 'Cabinet A']);
  });

  it('Base Info GetMonitoredItems Method: tells the items of a subscription to its session alone', async () => {
    const subscriptionId = await plainSubscription();
    const { results } = await create(subscriptionId, item('cabinet/A/Name', { clientHandle: 77 }));
    const ask = (of: TestClient) =>
      of.session.call({
        objectId: 'ns=0;i=2253',
        methodId: 'ns=0;i=11492',
        inputArguments: [{ dataType: 'UInt32', value: subscriptionId }],
      });
    const { statusCode, outputArguments } = await ask(client);
    expect(statusCode.name).to.equal('Good');
    expect(Array.from(outputArguments?.[0]?.value as Uint32Array)).to.deep.equal([
      results?.[0]?.monitoredItemId,
    ]);
    expect(Array.from(outputArguments?.[1]?.value as Uint32Array)).to.deep.equal([77]);
    const other = await server.connect(ADMINISTRATOR);
    expect((await ask(other)).statusCode.name).to.be.oneOf([
      'BadUserAccessDenied',
      'BadSubscriptionIdInvalid',
    ]);
  });

  it('Base Info ResendData Method: tells all values once more', async () => {
    const subscriptionId = await plainSubscription();
    await create(subscriptionId, item('cabinet/A/Name'));
    expect((await published())[0]?.value.value).to.equal('Cabinet A');
    const { statusCode } = await client.session.call({
      objectId: 'ns=0;i=2253',
      methodId: 'ns=0;i=12873',
      inputArguments: [{ dataType: 'UInt32', value: subscriptionId }],
    });
    expect(statusCode.name).to.equal('Good');
    expect((await published())[0]?.value.value).to.equal('Cabinet A');
  });
});
