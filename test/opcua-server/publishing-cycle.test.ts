import { expect } from 'chai';
import {
  AttributeIds,
  DataChangeNotification,
  type NotificationMessage,
  Subscription,
  TimestampsToReturn,
} from 'node-opcua';
import { publishInCycles } from '../../opcua-server/publishing-cycle.ts';
import { eventually } from '../support/eventually.ts';
import { PlainServer, SOMEBODY } from './support/plain-server.ts';

const CHANGED =
  'node-opcua has changed: read how its Subscription goes on after a message, and mend or remove ' +
  'opcua-server/publishing-cycle.ts so that one message is sent in a publishing cycle';

/** What was sent in which cycle. */
interface Sent {
  readonly cycle: number;
  readonly values: readonly number[];
}

describe('publishing cycle', () => {
  let plain: PlainServer | undefined;

  afterEach(async () => {
    await plain?.close();
    plain = undefined;
  });

  /**
   * Changes a value while a message about it is on its way, so many times, and tells what was sent in which cycle.
   *
   * @param most notifications in a message; 0 for any number
   */
  async function changeWhileSending(
    attach: Parameters<typeof PlainServer.start>[1],
    changes: number,
    most = 0,
  ): Promise<Sent[]> {
    const server = await PlainServer.start(3, attach);
    plain = server;
    const session = await plain.connect(SOMEBODY);
    const received: number[] = [];
    const subscription = await session.createSubscription2({
      requestedPublishingInterval: 50,
      requestedLifetimeCount: 10_000,
      requestedMaxKeepAliveCount: 100,
      maxNotificationsPerPublish: most,
      publishingEnabled: true,
    });
    const [ours] = server.subscriptions;
    if (!ours) throw new Error('The server has no subscription.');
    const sent: Sent[] = [];
    let value = 0;
    ours.on('notification', (message: NotificationMessage) => {
      sent.push({ cycle: ours.publishIntervalCount, values: valuesOf(message) });
      if (value === changes) return;
      value += 1;
      // As soon as the message is gone, and before the library looks whether there is more.
      queueMicrotask(() => server.set(0, value));
    });
    subscription.on('raw_notification', (message: NotificationMessage) =>
      received.push(...valuesOf(message)),
    );
    await subscription.monitorItems(
      server.variables.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value })),
      { samplingInterval: 0, queueSize: 10, discardOldest: true },
      TimestampsToReturn.Both,
    );
    await eventually(`value ${changes}`, () => received.includes(changes));
    return sent;
  }

  it('carries what changes after a message in the next cycle', async () => {
    const sent = await changeWhileSending(publishInCycles, 4);
    expect(sent.map(({ values }) => values)).to.deep.equal([[0, 0, 0], [1], [2], [3], [4]]);
    const cycles = sent.map(({ cycle }) => cycle);
    expect(new Set(cycles).size, CHANGED).to.equal(sent.length);
  });

  it('sends at once what did not fit into a message', async () => {
    const sent = await changeWhileSending(publishInCycles, 1, 1);
    const first = sent.slice(0, 3);
    expect(first.map(({ values }) => values)).to.deep.equal([[0], [0], [0]]);
    expect(new Set(first.map(({ cycle }) => cycle)).size).to.equal(1);
  });

  it('mends what the library does otherwise', async () => {
    const sent = await changeWhileSending(() => {}, 4);
    expect(
      new Set(sent.map(({ cycle }) => cycle)).size,
      'node-opcua keeps to the publishing cycle by itself: opcua-server/publishing-cycle.ts is needed no more',
    ).to.be.lessThan(sent.length);
  });

  it('finds the parts of the library on which it rests', () => {
    expect(Subscription, CHANGED).to.respondTo('_flushRemainingNotifications');
    expect(Object.getOwnPropertyNames(Subscription.prototype), CHANGED).to.include('hasPendingNotifications');
  });
});

function valuesOf({ notificationData }: NotificationMessage): number[] {
  return (notificationData ?? []).flatMap((part) =>
    part instanceof DataChangeNotification
      ? (part.monitoredItems ?? []).map(({ value }) => Number(value.value.value))
      : [],
  );
}
