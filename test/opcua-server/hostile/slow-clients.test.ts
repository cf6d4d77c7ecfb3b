import type { Socket } from 'node:net';
import { expect } from 'chai';
import {
  AttributeIds,
  DataType,
  EventFilter,
  GetEndpointsRequest,
  MonitoringMode,
  resolveNodeId,
  SimpleAttributeOperand,
  TimestampsToReturn,
} from 'node-opcua';
import { ConnectionGuard, type EndedConnection } from '../../../opcua-server/connections/guard.ts';
import { CONNECTION_LIMITS } from '../../../opcua-server/limits.ts';
import { mendOverflow } from '../../../opcua-server/requests/overflow.ts';
import { QueuedNotifications } from '../../../opcua-server/requests/queued-notifications.ts';
import { eventually } from '../../support/eventually.ts';
import { AttackedServer } from '../support/attacked-server.ts';
import { PlainServer, type PlainSession, SOMEBODY } from '../support/plain-server.ts';
import { bodyOf, RawConnection } from '../support/raw-connection.ts';

const MEBIBYTE = 1024 * 1024;
/** A question of 200 bytes that is answered with 4 KB. */
const QUESTION = bodyOf(
  new GetEndpointsRequest({ endpointUrl: 'opc.tcp://127.0.0.1', localeIds: ['x'.repeat(100)] }),
);

function ask(connection: RawConnection, count: number): void {
  connection.socket.cork();
  for (let asked = 0; asked < count; asked += 1) connection.write(connection.chunk(QUESTION));
  connection.socket.uncork();
}

describe('Clients of the OPC UA server that do not read', () => {
  let attacked: AttackedServer;

  before(async () => {
    attacked = await AttackedServer.start();
  });

  after(() => attacked?.close());
  afterEach(() => attacked.holds());

  it('are not read from either, so that their answers fill no memory', async () => {
    const before = await attacked.held();
    const deaf = await attacked.stranger();
    deaf.socket.pause();
    // 250 MB, were they given; the questions alone are more than the buffers of the network take.
    ask(deaf, 60_000);
    await eventually('the server takes nothing more', () => stopped(deaf.socket));
    expect((await attacked.held()) - before).to.be.below(100 * MEBIBYTE);
    await attacked.holds();
    deaf.close();
  });

  it('are given the rest once they read again', async () => {
    const slow = await attacked.stranger();
    slow.socket.pause();
    const asked = 5_000;
    ask(slow, asked);
    await attacked.holds();
    slow.socket.resume();
    for (let count = 0; count < asked; count += 1) {
      expect((await slow.next())?.toString('latin1', 0, 4), `answer ${count}`).to.equal('MSGF');
    }
    slow.close();
  });
});

describe('Clients of an OPC UA server', () => {
  let plain: PlainServer;
  let queued: QueuedNotifications | undefined;
  let guard: ConnectionGuard | undefined;
  const ended: EndedConnection[] = [];

  afterEach(async () => {
    queued?.close();
    guard?.close();
    await plain?.close();
  });

  it('that do not publish keep the latest of all that they monitor', async () => {
    mendOverflow();
    plain = await PlainServer.start(100, (server) => {
      queued = new QueuedNotifications(server, 2_000);
    });
    const session = await plain.connect(SOMEBODY);
    const { subscriptionId } = await session.createSubscription({
      requestedPublishingInterval: 1_000,
      requestedLifetimeCount: 10_000,
      requestedMaxKeepAliveCount: 100,
      publishingEnabled: true,
    });
    await session.createMonitoredItems({
      subscriptionId,
      timestampsToReturn: TimestampsToReturn.Both,
      itemsToCreate: plain.variables.map(({ nodeId }) => ({
        itemToMonitor: { nodeId, attributeId: AttributeIds.Value },
        monitoringMode: MonitoringMode.Reporting,
        requestedParameters: { queueSize: 1_000, samplingInterval: 0, discardOldest: true },
      })),
    });
    await plain.listening();
    for (let value = 1; value <= 50; value += 1) {
      for (const [variable] of plain.variables.entries()) plain.set(variable, value);
    }
    await eventually('their queues are shortened', () => plain.items.every(({ queue }) => queue.length <= 2));
    plain.set(0, 51);
    expect(
      plain.items[0]?.queue.map((each) => ('value' in each ? each.value.value.value : undefined)),
    ).to.deep.equal([50, 51]);
  });

  it('that ask for events without end lose the subscription in the end', async () => {
    plain = await PlainServer.start(1, (server) => {
      queued = new QueuedNotifications(server, 50);
    });
    const session = await plain.connect(SOMEBODY);
    await session.createSubscription({
      requestedPublishingInterval: 1_000,
      requestedLifetimeCount: 10_000,
      requestedMaxKeepAliveCount: 100,
      publishingEnabled: true,
    });
    const [subscription] = plain.subscriptions;
    await monitorEvents(subscription?.id ?? 0, session);
    const source = plain.server.engine.addressSpace?.rootFolder.objects.server;
    const over = new Promise((resolve) => subscription?.once('terminated', resolve));
    for (let count = 0; count < 300; count += 1) {
      source?.raiseEvent('BaseEventType', { severity: { dataType: DataType.UInt16, value: 1 } });
    }
    await over;
    expect(plain.sessions[0]?.currentSubscriptionCount).to.equal(0);
  });

  it('that have more to read than there is room for are disconnected, whatever they do', async () => {
    plain = await PlainServer.start(1, (server) => {
      guard = new ConnectionGuard(
        { ...CONNECTION_LIMITS, mostUnread: 0, pausesAbove: MEBIBYTE * 100 },
        (connection) => ended.push(connection),
      );
      guard.attach(server);
    });
    const deaf = await RawConnection.to(plain.server.getEndpointUrl());
    await deaf.open();
    deaf.socket.pause();
    ask(deaf, 20_000);
    await eventually('the server hangs up', () => ended.length > 0);
    expect(ended[0]).to.deep.include({ why: 'does-not-read', address: '127.0.0.1' });
    deaf.close();
  });
});

async function monitorEvents(subscriptionId: number, session: PlainSession): Promise<void> {
  const field = (name: string): SimpleAttributeOperand =>
    new SimpleAttributeOperand({
      typeDefinitionId: resolveNodeId('BaseEventType'),
      browsePath: [{ name }],
      attributeId: AttributeIds.Value,
    });
  await session.createMonitoredItems({
    subscriptionId,
    timestampsToReturn: TimestampsToReturn.Both,
    itemsToCreate: [
      {
        itemToMonitor: { nodeId: 'i=2253', attributeId: AttributeIds.EventNotifier },
        monitoringMode: MonitoringMode.Reporting,
        requestedParameters: {
          queueSize: 5_000,
          samplingInterval: 0,
          discardOldest: true,
          filter: new EventFilter({ selectClauses: [field('Time'), field('Message')] }),
        },
      },
    ],
  });
}

/** Whether what a client has written is not being taken: looked at twice, with some turns in between. */
const seen = new WeakMap<Socket, { readonly written: number; readonly at: number }>();
function stopped(socket: Socket): boolean {
  const written = socket.bytesWritten - socket.writableLength;
  const before = seen.get(socket);
  if (before?.written !== written) {
    seen.set(socket, { written, at: performance.now() });
    return false;
  }
  return socket.writableLength > 0 && performance.now() - before.at > 500;
}
