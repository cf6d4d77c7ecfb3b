import { expect } from 'chai';
import {
  type EventNotificationList,
  MessageSecurityMode,
  PublishRequest,
  type PublishResponse,
  SecurityPolicy,
  type TransferSubscriptionsResponse,
} from 'node-opcua';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { GATEWAY, type LoggedEvent } from '../../domain/event.ts';
import { eventually } from '../support/eventually.ts';
import { AlarmServer, CASSETTE } from './support/alarm-server.ts';
import { OPERATOR } from './support/client.ts';
import { EventWatch, type Received, typeName } from './support/event-watch.ts';

/** Services of a client's session that it otherwise uses by itself. */
interface LowLevelSession {
  transferSubscriptions(request: {
    readonly subscriptionIds: readonly number[];
    readonly sendInitialValues: boolean;
  }): Promise<TransferSubscriptionsResponse>;
  publish(request: PublishRequest, callback: (error: Error | null, response?: PublishResponse) => void): void;
}

const OVERFLOW = typeName(3035);

describe('events as they happen', () => {
  let server: AlarmServer;

  before(async () => {
    server = await AlarmServer.start({ allowAnonymous: true, allowUnencrypted: true });
  });

  afterEach(() => server.clear());

  after(() => server.close());

  const happens = (compartment = 1, cabinet = 'A') =>
    server.server.gateway.append(cabinet, {
      type: 'compartment-assigned',
      actor: { kind: 'administrator', id: 'u-admin' },
      data: { compartment, user: 'u-17', reason: 'contract' },
    } as CabinetEvent);
  /** Somebody is forced; then something that everybody may know. */
  const threatened = () =>
    server.server.gateway.append('A', {
      type: 'access-refused',
      actor: GATEWAY,
      data: { reason: 'credential-unknown', duress: true },
    } as unknown as CabinetEvent);
  const cassetteEvent = (seq: number): LoggedEvent => ({
    stream: 'cassette/C/1',
    seq,
    at: new Date().toISOString(),
    type: 'link-lost',
    actor: GATEWAY,
    data: {},
    prev: '',
    hash: `${seq}`.padStart(64, '0'),
  });
  /** What happens is sent while somebody listens: the other thread has to know of it first. */
  const heard = async (watch: EventWatch): Promise<void> => {
    await eventually('somebody is told', () => {
      if (watch.events.length === 0) happens();
      return watch.events.length > 0;
    });
  };
  const numbers = (events: readonly Received[]) => events.map(({ Sequence }) => Sequence);

  it('are those of the log, at the server, the site and their cabinet', async () => {
    const { client, watch } = await server.watch(OPERATOR);
    const cabinet = await EventWatch.on(client, { node: client.id('cabinet/A') });
    const site = await EventWatch.on(client, { node: client.id('site') });
    const cassette = await EventWatch.on(client, { node: client.id('cassette/C%2F1') });
    for (const each of [watch, cabinet, site]) await heard(each);
    const from = watch.events.length;
    happens(2);
    await eventually('the event', () =>
      watch.events.slice(from).some(({ Data }) => String(Data).includes('"compartment":2')),
    );
    const event = watch.events.at(-1) as Received;
    expect(event).to.deep.include({
      EventType: client.id('type/CabinetEventType'),
      SourceNode: 'ns=1;s=cabinet/A',
      SourceName: 'Cabinet A',
      Type: 'compartment-assigned',
      User: 'u-17',
      ConditionId: undefined,
    });
    expect(JSON.parse(String(event['Data']))).to.deep.include({ compartment: 2, reason: 'contract' });
    for (const each of [cabinet, site]) await each.next({ Sequence: event['Sequence'] });
    expect(cassette.events).to.deep.equal([]);
  });

  it('of cassettes are told once they are in the log, to those who may see cassettes', async () => {
    const { watch } = await server.watch(OPERATOR);
    const { watch: stranger } = await server.watch(undefined);
    await heard(stranger);
    await heard(watch);
    server.server.gateway.cassettes.logged([cassetteEvent(1), cassetteEvent(2)]);
    const event = await watch.next({ EventId: '2'.padStart(64, '0') });
    expect(event).to.deep.include({ SourceNode: 'ns=1;s=cassette/C%2F1', Severity: 800 });
    const from = stranger.events.length;
    happens();
    await eventually('the next event', () => stranger.events.length > from);
    expect(stranger.events.some(({ SourceNode }) => String(SourceNode).includes('cassette'))).to.equal(false);
  });

  it('tell nobody without a log-in of persons', async () => {
    for (const options of [
      {},
      { securityMode: MessageSecurityMode.None, securityPolicy: SecurityPolicy.None },
    ]) {
      const { watch } = await server.watch(undefined, {}, options);
      await heard(watch);
      expect(watch.events[0]).to.deep.include({
        Type: 'compartment-assigned',
        User: undefined,
        Data: undefined,
        Sequence: undefined,
      });
      const { watch: operator } = await server.watch(OPERATOR);
      await heard(operator);
      threatened();
      happens();
      await operator.next({ Type: 'access-refused' });
      const seen = watch.events.length;
      happens();
      await eventually('the next event', () => watch.events.length > seen);
      const refused = await watch.next({ Type: 'access-refused' });
      expect(refused['Severity'], 'nothing tells of the threat').to.equal(200);
      expect(JSON.stringify(watch.events)).not.to.include('u-17');
      await server.clear();
    }
  });

  it('are sent to the thread for nobody', async () => {
    const { gateway } = server.server;
    const { watch, client } = await server.watch(OPERATOR);
    await heard(watch);
    const listening = gateway.listeners;
    await client.session.close(true);
    await eventually('nobody listens', () => gateway.listeners === listening - 1);
  });

  for (const discardOldest of [true, false]) {
    it(`that find no room are told as lost, ${discardOldest ? 'before what is left' : 'after it'}`, async () => {
      const { watch } = await server.watch(OPERATOR, { publishing: 100, discardOldest });
      await heard(watch);
      await watch.subscription.setPublishingMode(false);
      const { watch: marker } = await server.watch(OPERATOR);
      await heard(marker);
      const from = watch.events.length;
      // In parts that the way to the thread has room for.
      for (let part = 0; part < 11; part += 1) {
        const seen = marker.events.length;
        for (let index = 0; index < 1_000; index += 1) happens();
        await eventually('all of a part', () => marker.events.length >= seen + 1_000);
      }
      const last = marker.events.at(-1)?.['Sequence'];
      await watch.subscription.setPublishingMode(true);
      await watch.next({ EventType: OVERFLOW }, from);
      if (discardOldest) await watch.next({ Sequence: last }, from);
      const came = watch.events.slice(from);
      const lost = came.findIndex(({ EventType }) => EventType === OVERFLOW);
      if (discardOldest) {
        expect(Number(came[lost + 1]?.['Sequence'])).to.be.greaterThan(1_000);
        expect(came.at(-1)?.['Sequence']).to.equal(last);
      } else {
        expect(numbers(came.slice(0, lost))).not.to.include(last);
      }
    });
  }

  it('wait while nobody is there, for whoever takes the subscription over', async () => {
    const { client, watch } = await server.watch(OPERATOR);
    await heard(watch);
    const { subscriptionId } = watch.subscription;
    await client.session.close(false);
    // The session has ended, and with it what a session by itself may do.
    await server.raise('stained', CASSETTE);
    await server.raise('door-forced');
    const next = await server.connect(OPERATOR);
    const { results } = await (next.session as unknown as LowLevelSession).transferSubscriptions({
      subscriptionIds: [subscriptionId],
      sendInitialValues: false,
    });
    expect(results?.[0]?.statusCode.name).to.equal('Good');
    const told: string[] = [];
    for (let sequence: number[] = []; told.length < 2; ) {
      const response = await new Promise<PublishResponse>((resolve, reject) => {
        const request = new PublishRequest({
          subscriptionAcknowledgements: sequence.map((sequenceNumber) => ({
            subscriptionId,
            sequenceNumber,
          })),
        });
        (next.session as unknown as LowLevelSession).publish(request, (error, answer) =>
          answer ? resolve(answer) : reject(error),
        );
      });
      sequence = [response.notificationMessage.sequenceNumber];
      for (const data of response.notificationMessage.notificationData ?? []) {
        const { events } = data as EventNotificationList;
        for (const { eventFields } of events ?? []) {
          const id = eventFields?.[0]?.value as { readonly value?: unknown } | null | undefined;
          if (id) told.push(String(id.value));
        }
      }
    }
    expect(told).to.deep.equal(['alarm/stained@cassette:C/1', 'alarm/door-forced@A/2']);
  });
});
