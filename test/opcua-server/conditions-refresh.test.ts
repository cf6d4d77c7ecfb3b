import { expect } from 'chai';
import { DataType, ObjectTypeIds } from 'node-opcua';
import {
  AlarmServer,
  CASSETTE,
  callCondition,
  comment,
  conditionNode,
  eventId,
  FORCED,
} from './support/alarm-server.ts';
import { ADMINISTRATOR, OPERATOR, type TestClient } from './support/client.ts';
import { EventWatch, type Received, subscribe, typeName } from './support/event-watch.ts';

const START = typeName(ObjectTypeIds.RefreshStartEventType);
const END = typeName(ObjectTypeIds.RefreshEndEventType);

describe('a refresh of conditions', () => {
  let server: AlarmServer;

  before(async () => {
    server = await AlarmServer.start();
  });

  afterEach(() => server.clear());

  after(() => server.close());

  const names = (events: readonly Received[]) => events.map(({ ConditionName }) => ConditionName);
  const refresh2 = async (client: TestClient, subscription: number, item: number) =>
    (
      await client.session.call({
        objectId: 'i=2782',
        methodId: 'i=12912',
        inputArguments: [
          { dataType: DataType.UInt32, value: subscription },
          { dataType: DataType.UInt32, value: item },
        ],
      })
    ).statusCode.name;

  it('brings everything that is to be seen, with its branches, and nothing else', async () => {
    await server.raise('door-forced');
    await server.over('door-forced');
    await server.raise('door-forced');
    await server.raise('stained', CASSETTE);
    // Seen to and over, but kept because it is set apart: nothing to be seen.
    await server.raise('lock-fault');
    await server.command({ do: 'suppress', alarm: 'lock-fault@A/2' });
    await server.command({ do: 'acknowledge', alarm: 'lock-fault@A/2' });
    await server.over('lock-fault');
    await server.raise('overdue');
    await server.command({ do: 'disable', alarm: 'overdue@A/2' });
    const { watch } = await server.watch(OPERATOR);
    const events = await watch.refresh();
    expect(names(events)).to.have.members(['door-forced', 'door-forced', 'stained']);
    const [branch, trunk] = events.filter(({ ConditionName }) => ConditionName === 'door-forced');
    expect(branch).to.deep.include({ 'ActiveState/Id': false, Retain: true });
    expect(branch?.['BranchId']).to.match(/door-forced@A\/2#\d+$/);
    expect(trunk).to.deep.include({ 'ActiveState/Id': true, Retain: true, BranchId: 'ns=0;i=0' });
    expect(watch.events.map(({ EventType }) => EventType)).to.include.members([START, END]);
  });

  it('tells the same event as before', async () => {
    const { watch } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    await server.command({ do: 'comment', alarm: FORCED, comment: 'words' });
    const told = await watch.next({ Comment: 'words' });
    expect(await watch.refresh()).to.deep.equal([told]);
  });

  it('is for the subscription that asks for it, and there for every item by its own filter', async () => {
    await server.raise('door-forced');
    await server.raise('stained', CASSETTE);
    const { client, watch } = await server.watch(OPERATOR);
    const cabinet = await EventWatch.on(client, {
      node: client.id('cabinet/A'),
      subscription: watch.subscription,
    });
    const other = await EventWatch.on(client);
    const { watch: stranger } = await server.watch(ADMINISTRATOR);
    expect(names(await watch.refresh())).to.have.members(['door-forced', 'stained']);
    expect(names(await cabinet.refreshed())).to.deep.equal(['door-forced']);
    await server.raise('lock-fault');
    for (const each of [other, stranger]) {
      await each.next({ ConditionName: 'lock-fault' });
      expect(names(each.alarms)).to.deep.equal(['lock-fault']);
    }
  });

  it('of one item leaves the others alone', async () => {
    await server.raise('door-forced');
    const { client, watch } = await server.watch(OPERATOR);
    const one = await EventWatch.on(client, { subscription: watch.subscription });
    const { subscriptionId } = watch.subscription;
    expect(await refresh2(client, subscriptionId, one.item.monitoredItemId ?? 0)).to.equal('Good');
    expect(names(await one.refreshed())).to.deep.equal(['door-forced']);
    expect(watch.events).to.deep.equal([]);
    expect(await refresh2(client, subscriptionId, 999_999)).to.equal('BadMonitoredItemIdInvalid');
    expect(await refresh2(client, 999_999, one.item.monitoredItemId ?? 0)).to.equal(
      'BadSubscriptionIdInvalid',
    );
  });

  it('is refused for what is not there, not one of one’s own, or under way', async () => {
    await server.raiseMany('lock-fault', 300);
    const { watch } = await server.watch(OPERATOR);
    const { client: other, watch: theirs } = await server.watch(ADMINISTRATOR);
    const status = async (id?: number) => (await watch.callRefresh(id)).statusCode.name;
    expect(await status(999_999)).to.equal('BadSubscriptionIdInvalid');
    expect(await status(theirs.subscription.subscriptionId)).to.equal('BadUserAccessDenied');
    const { subscriptionId } = await subscribe(other);
    const both = await other.session.call(
      [1, 2].map(() => ({
        objectId: 'i=2782',
        methodId: 'i=3875',
        inputArguments: [{ dataType: DataType.UInt32, value: theirs.subscription.subscriptionId }],
      })),
    );
    expect(both.map(({ statusCode }) => statusCode.name)).to.deep.equal(['Good', 'BadRefreshInProgress']);
    await theirs.refreshed();
    expect((await theirs.callRefresh()).statusCode.name).to.equal('Good');
    // Nobody listens there: there is nothing to be told, nor to wait for.
    expect((await theirs.callRefresh(subscriptionId)).statusCode.name).to.equal('Good');
    const wrong = async (...inputArguments: { dataType: DataType; value: unknown }[]) =>
      (await other.session.call({ objectId: 'i=2782', methodId: 'i=3875', inputArguments })).statusCode.name;
    expect(await wrong()).to.equal('BadArgumentsMissing');
    expect(await wrong({ dataType: DataType.String, value: 'x' })).to.equal('BadInvalidArgument');
    const two = { dataType: DataType.UInt32, value: 1 };
    expect(await wrong(two, two)).to.equal('BadTooManyArguments');
  });

  it('of five thousand alarms loses none, whatever queue was asked for, and whatever happens meanwhile', async () => {
    await server.raiseMany('lock-fault', 5_000);
    const { watch } = await server.watch(OPERATOR, { queueSize: 1, publishing: 100 });
    const refreshing = watch.callRefresh();
    await server.raise('door-forced');
    await server.command({ do: 'acknowledge', alarm: 'lock-fault@A/2:p4999' });
    expect((await refreshing).statusCode.name).to.equal('Good');
    await watch.next({ EventType: END });
    await watch.next({ ConditionName: 'door-forced' });
    const last = new Map(watch.alarms.map((event) => [event['ConditionId'], event]));
    expect(last.size).to.equal(5_001);
    expect(last.get(conditionNode('lock-fault@A/2:p4999'))?.['AckedState/Id']).to.equal(true);
    expect(watch.events.some(({ EventType }) => EventType === typeName(3035))).to.equal(false);
  });

  it('waits for a client that does not take it', async () => {
    await server.raiseMany('lock-fault', 3_000);
    const client = await server.connect(OPERATOR);
    const watches: EventWatch[] = [];
    // Too many together to stand in the queues at once.
    for (let index = 0; index < 6; index += 1) watches.push(await EventWatch.on(client, { publishing: 100 }));
    for (const watch of watches) await watch.subscription.setPublishingMode(false);
    for (const watch of watches) expect((await watch.callRefresh()).statusCode.name).to.equal('Good');
    for (const watch of watches) await watch.subscription.setPublishingMode(true);
    for (const watch of watches) expect((await watch.refreshed()).length).to.equal(3_000);
  });

  it('tells the truth after a restart of the thread, and earlier ids of events count on', async () => {
    const { watch: before } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    await server.raise('lock-fault');
    await server.command({ do: 'shelve', alarm: 'lock-fault@A/2', lasts: 3_600_000, comment: 'lunch' });
    const told = await before.next({ AlarmKind: 'door-forced' });
    const shelved = await before.next({ AlarmKind: 'lock-fault', Comment: 'lunch' });
    await server.server.restart();
    const { client, watch } = await server.watch(OPERATOR);
    expect(await watch.refresh()).to.have.deep.members([told, shelved]);
    const { statusCode } = await callCondition(
      client,
      FORCED,
      'Acknowledge',
      eventId(told['EventId']),
      comment('seen'),
    );
    expect(statusCode.name).to.equal('Good');
    await watch.next({ AlarmKind: 'door-forced', 'AckedState/Id': true, Comment: 'seen' });
  });
});
