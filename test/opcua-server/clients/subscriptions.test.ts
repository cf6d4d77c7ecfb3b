import { expect } from 'chai';
import {
  AttributeIds,
  CreateMonitoredItemsRequest,
  type CreateMonitoredItemsResponse,
  CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  DataChangeNotification,
  DeleteSubscriptionsRequest,
  MonitoringMode,
  type NotificationMessage,
  PublishRequest,
  type PublishResponse,
  RepublishRequest,
  type RepublishResponse,
  TimestampsToReturn,
  TransferSubscriptionsRequest,
  type TransferSubscriptionsResponse,
} from 'node-opcua';
import { GATEWAY } from '../../../domain/event.ts';
import { eventually } from '../../support/eventually.ts';
import { transact } from '../support/attacked-server.ts';
import { Cable } from '../support/cable.ts';
import { ADMINISTRATOR, clientCertificates, failureOf, OPERATOR, TestClient } from '../support/client.ts';
import { SecuredServer } from '../support/secured-server.ts';

interface Acknowledgement {
  readonly subscriptionId: number;
  readonly sequenceNumber: number;
}

const STATE = 'cabinet/A/compartment/1/State';

describe('Subscriptions of OPC UA clients', () => {
  let server: SecuredServer;

  before(async () => {
    server = await SecuredServer.start();
    server.gateway.configure('A', 512);
  });

  after(() => server?.close());
  afterEach(() => server.disconnect());

  async function subscribe({ session }: TestClient, keepAlives = 100, interval = 50): Promise<number> {
    const { subscriptionId } = await transact<CreateSubscriptionResponse>(
      session,
      new CreateSubscriptionRequest({
        requestedPublishingInterval: interval,
        requestedLifetimeCount: 12_000,
        requestedMaxKeepAliveCount: keepAlives,
        publishingEnabled: true,
      }),
    );
    return subscriptionId;
  }

  async function monitor(
    client: TestClient,
    subscriptionId: number,
    names: readonly string[],
    queueSize = 1,
  ) {
    const { results } = await transact<CreateMonitoredItemsResponse>(
      client.session,
      new CreateMonitoredItemsRequest({
        subscriptionId,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToCreate: names.map((name, clientHandle) => ({
          itemToMonitor: { nodeId: client.id(name), attributeId: AttributeIds.Value },
          monitoringMode: MonitoringMode.Reporting,
          requestedParameters: { clientHandle, queueSize, samplingInterval: 0, discardOldest: true },
        })),
      }),
    );
    return results?.map(({ statusCode }) => statusCode.name) ?? [];
  }

  function publish(
    { session }: TestClient,
    ...subscriptionAcknowledgements: Acknowledgement[]
  ): Promise<PublishResponse> {
    return transact(session, new PublishRequest({ subscriptionAcknowledgements }));
  }

  function values({ notificationData }: NotificationMessage): [number, unknown][] {
    return (notificationData ?? []).flatMap((data) =>
      data instanceof DataChangeNotification
        ? (data.monitoredItems ?? []).map(({ clientHandle, value }): [number, unknown] => [
            clientHandle,
            value.value.value,
          ])
        : [],
    );
  }

  function turn(taken: boolean, compartment = 1): void {
    server.gateway.append(
      'A',
      taken
        ? {
            type: 'compartment-assigned',
            actor: GATEWAY,
            data: { compartment, user: 'u-1', reason: 'contract' },
          }
        : {
            type: 'compartment-released',
            actor: GATEWAY,
            data: { compartment, users: ['u-1'], reason: 'contract' },
          },
    );
  }

  it('outlive a connection that breaks in the middle of a message: a new session takes them over, with all that was missed', async () => {
    const cable = await Cable.to(server.endpointUrl);
    const certificates = await clientCertificates(server.folder);
    const lost = await TestClient.connect(cable.endpointUrl, certificates, OPERATOR, {
      requestedSessionTimeout: 3_000,
    });
    const id = await subscribe(lost);
    expect(await monitor(lost, id, [STATE], 100)).to.deep.equal(['Good']);
    const first = await publish(lost);
    expect(values(first.notificationMessage)).to.deep.equal([[0, 0]]);
    const gone = new Promise((resolve) => lost.client.once('connection_lost', () => resolve(undefined)));
    cable.cutInAMessage();
    await gone;

    const found = await server.connect(OPERATOR);
    for (const taken of [true, false, true]) {
      turn(taken);
      await found.becomes(STATE, taken ? 1 : 0);
    }
    expect(await failureOf(publish(found))).to.contain('BadNoSubscription');
    const stranger = await server.connect(ADMINISTRATOR);
    const transfer = async ({ session }: TestClient) =>
      (
        await transact<TransferSubscriptionsResponse>(
          session,
          new TransferSubscriptionsRequest({ subscriptionIds: [id], sendInitialValues: false }),
        )
      ).results?.[0];
    expect((await transfer(stranger))?.statusCode.name, 'of somebody else').to.equal('BadUserAccessDenied');
    const transferred = await transfer(found);
    expect(transferred?.statusCode.name).to.equal('Good');
    const { sequenceNumber } = first.notificationMessage;
    expect(transferred?.availableSequenceNumbers).to.include(sequenceNumber);

    const republish = new RepublishRequest({ subscriptionId: id, retransmitSequenceNumber: sequenceNumber });
    const again = await transact<RepublishResponse>(found.session, republish);
    expect(values(again.notificationMessage)).to.deep.equal([[0, 0]]);
    const missed: unknown[] = [];
    while (missed.length < 3) {
      const { notificationMessage } = await publish(found, { subscriptionId: id, sequenceNumber });
      missed.push(...values(notificationMessage).map(([, value]) => value));
    }
    expect(missed).to.deep.equal([1, 0, 1]);
    // What was acknowledged is kept no longer.
    expect(await failureOf(transact(found.session, republish))).to.contain('BadMessageNotAvailable');

    // Of the connection that broke nothing is left in the end.
    await eventually('the session that was lost is closed', () =>
      server.records.some(
        ({ type, data }) => type === 'opcua-session-closed' && 'reason' in data && data.reason === 'Timeout',
      ),
    );
    await lost.client.disconnect();
    await certificates.dispose();
    turn(false);
    await found.becomes(STATE, 0);
  });

  it('take ten thousand items in chunks, and deliver all of their values, then only what changes', async () => {
    const client = await server.connect(OPERATOR);
    const id = await subscribe(client);
    const names = Array.from({ length: 500 }, (_, at) => at + 1).flatMap((compartment) =>
      ['State', 'Door', 'OccupiedSince', 'Occupant'].map(
        (name) => `cabinet/A/compartment/${compartment}/${name}`,
      ),
    );
    await client.becomes('cabinet/A/compartment/512/State', 0);
    for (let chunk = 0; chunk < 5; chunk += 1) {
      expect(new Set(await monitor(client, id, names))).to.deep.equal(new Set(['Good']));
    }
    let received = 0;
    let acknowledgement: Acknowledgement[] = [];
    while (received < 10_000) {
      const { notificationMessage, subscriptionId } = await publish(client, ...acknowledgement);
      received += values(notificationMessage).length;
      acknowledgement = [{ subscriptionId, sequenceNumber: notificationMessage.sequenceNumber }];
    }
    expect(received).to.equal(10_000);
    turn(true, 77);
    const changed: [number, unknown][] = [];
    while (changed.length < 15)
      changed.push(...values((await publish(client, ...acknowledgement)).notificationMessage));
    const at = names.indexOf('cabinet/A/compartment/77/State');
    expect(changed.filter(([handle]) => handle === at)).to.deep.equal(
      Array.from({ length: 5 }, () => [at, 1]),
    );
    expect(new Set(changed.map(([handle]) => names[handle]))).to.deep.equal(
      new Set(['State', 'OccupiedSince', 'Occupant'].map((name) => `cabinet/A/compartment/77/${name}`)),
    );
  });

  it('are fifty in a session at most', async () => {
    const client = await server.connect(OPERATOR);
    const ids: number[] = [];
    for (let count = 0; count < 50; count += 1) ids.push(await subscribe(client));
    expect(await failureOf(subscribe(client))).to.contain('BadTooManySubscriptions');
    await transact(client.session, new DeleteSubscriptionsRequest({ subscriptionIds: ids.slice(0, 1) }));
    await subscribe(client);
  });

  it('are kept alive while nothing changes', async () => {
    const client = await server.connect(OPERATOR);
    const id = await subscribe(client, 2);
    for (let count = 0; count < 3; count += 1) {
      const { subscriptionId, notificationMessage } = await publish(client);
      expect(subscriptionId).to.equal(id);
      expect(notificationMessage.notificationData ?? []).to.deep.equal([]);
      expect(notificationMessage.sequenceNumber, 'that of the next notification').to.equal(1);
    }
  });

  it('keep a hundred requests to publish; those that come on top are sent back', async () => {
    const client = await server.connect(OPERATOR);
    await subscribe(client, 10_000, 60_000);
    const outcomes: string[] = [];
    for (let count = 0; count < 150; count += 1) {
      publish(client).then(
        () => outcomes.push('answered'),
        (error: Error) => outcomes.push(error.message),
      );
    }
    await eventually('the surplus comes back', () => outcomes.length >= 50);
    expect(outcomes.filter((outcome) => outcome.includes('BadTooManyPublishRequests'))).to.have.length(
      outcomes.length,
    );
  });

  it('are not disturbed by a flood of calls', async () => {
    const flooding = await server.connect(ADMINISTRATOR);
    const client = await server.connect(OPERATOR);
    const id = await subscribe(client);
    await monitor(client, id, [STATE]);
    await publish(client);
    const calls = Array.from({ length: 1_000 }, () => flooding.command('A', 'Open', 2, 'flood'));
    turn(true);
    expect(values((await publish(client)).notificationMessage)).to.deep.equal([[0, 1]]);
    const statuses = (await Promise.all(calls)).map(({ statusCode }) => statusCode.name);
    for (const status of new Set(statuses)) expect(status).to.be.oneOf(['Good', 'BadTooManyOperations']);
    turn(false);
  });
});
