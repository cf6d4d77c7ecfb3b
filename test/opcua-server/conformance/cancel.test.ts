import { expect } from 'chai';
import {
  CallRequest,
  CancelRequest,
  type CancelResponse,
  type ClientSession,
  constructEventFilter,
  HistoryReadRequest,
  PublishRequest,
  ReadEventDetails,
  ReadRequest,
} from 'node-opcua';
import type { Done } from '../../../gateway/api.ts';
import { eventually } from '../../support/eventually.ts';
import { ADMINISTRATOR, type TestClient } from '../support/client.ts';
import { SecuredServer } from '../support/secured-server.ts';
import { send, statusOf, subscribe } from './support.ts';

/** The handle by which the client knows a request that it has sent. */
const handleOf = (request: { requestHeader: { requestHandle: number } }): number =>
  request.requestHeader.requestHandle;

const cancel = (session: ClientSession, requestHandle: number): Promise<CancelResponse> =>
  send<CancelResponse>(session, new CancelRequest({ requestHandle }));

describe('OPC UA service Cancel', () => {
  let server: SecuredServer;
  let client: TestClient;
  /** Ends the openings that are under way. */
  let finish: (outcome: Done) => void;

  beforeEach(async () => {
    const held = new Promise<Done>((resolve) => {
      finish = resolve;
    });
    server.gateway.operate = async () => {
      openings += 1;
      return held;
    };
    openings = 0;
    client = await server.connect(ADMINISTRATOR);
  });
  let openings = 0;

  before(async () => {
    server = await SecuredServer.start();
  });
  afterEach(() => server.disconnect());
  after(() => server.close());

  const opening = (): CallRequest =>
    new CallRequest({
      methodsToCall: [
        {
          objectId: client.id('cabinet/A'),
          methodId: client.id('cabinet/A/Open'),
          inputArguments: [
            { dataType: 'UInt16', value: 1 },
            { dataType: 'String', value: 'test' },
          ],
        },
      ],
    });

  it('ends the wait for a method that goes on, once', async () => {
    const request = opening();
    const answered: string[] = [];
    const answer = send(client.session, request).then((response) => void answered.push(statusOf(response)));
    await eventually('the opening', () => openings === 1);
    const { cancelCount } = await cancel(client.session, handleOf(request));
    await answer;
    expect({ cancelCount, answered }).to.deep.equal({
      cancelCount: 1,
      answered: ['BadRequestCancelledByClient'],
    });
    // The answer of the method comes too late for anybody: the channel goes on without it.
    finish({ ok: true, cabinet: 'A', compartment: 1 });
    await client.read('cabinet/A/Name');
    expect((await cancel(client.session, handleOf(request))).cancelCount).to.equal(0);
  });

  it('leaves other requests alone', async () => {
    const [first, second] = [opening(), opening()];
    const answers = [send(client.session, first), send(client.session, second)];
    await eventually('both openings', () => openings === 2);
    expect((await cancel(client.session, handleOf(first))).cancelCount).to.equal(1);
    finish({ ok: true, cabinet: 'A', compartment: 1 });
    expect((await Promise.all(answers)).map(statusOf)).to.deep.equal(['BadRequestCancelledByClient', 'Good']);
  });

  it('gives requests to publish back, and the next notification to the ones that are left', async () => {
    const subscription = await subscribe(client, 1_000);
    const [given, kept] = [new PublishRequest(), new PublishRequest()];
    const answers = [send(client.session, given), send(client.session, kept)];
    await eventually('the requests are sent', () => handleOf(kept) > 0);
    expect((await cancel(client.session, handleOf(given))).cancelCount).to.equal(1);
    expect(statusOf((await answers[0]) as never)).to.equal('BadRequestCancelledByClient');
    await subscription.terminate();
    // Without a subscription nothing is left to be published: what was not cancelled is answered in the usual way.
    expect(statusOf((await answers[1]) as never)).to.be.oneOf(['Good', 'BadNoSubscription']);
  });

  it('ends a reading of history that waits for the database', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let pages = 0;
    Object.assign(server.gateway.queries, {
      events: async () => {
        pages += 1;
        await held;
        return { ok: true, events: [], next: undefined };
      },
    });
    const request = new HistoryReadRequest({
      historyReadDetails: new ReadEventDetails({
        startTime: new Date('2026-01-01'),
        endTime: new Date('2026-02-01'),
        numValuesPerNode: 0,
        filter: constructEventFilter(['Time']),
      }),
      nodesToRead: [{ nodeId: client.id('cabinet/A') }],
    });
    const answer = send(client.session, request);
    await eventually('the reading', () => pages === 1);
    expect((await cancel(client.session, handleOf(request))).cancelCount).to.equal(1);
    expect(statusOf(await answer)).to.equal('BadRequestCancelledByClient');
    release();
    await client.read('cabinet/A/Name');
  });

  it('finds nothing to cancel where everything is answered, and in another session', async () => {
    const read = new ReadRequest({ nodesToRead: [{ nodeId: 'ns=0;i=2258', attributeId: 13 }] });
    expect(statusOf(await send(client.session, read))).to.equal('Good');
    expect((await cancel(client.session, handleOf(read))).cancelCount).to.equal(0);
    const request = opening();
    const answer = send(client.session, request);
    await eventually('the opening', () => openings === 1);
    const other = await server.connect(ADMINISTRATOR);
    expect((await cancel(other.session, handleOf(request))).cancelCount).to.equal(0);
    finish({ ok: true, cabinet: 'A', compartment: 1 });
    expect(statusOf(await answer)).to.equal('Good');
  });

  it('is refused without a session', async () => {
    const request = new CancelRequest({ requestHandle: 1 });
    // The client itself, unlike its session, sends no token of a session.
    expect(statusOf(await send(client.client, request))).to.equal('BadSessionIdInvalid');
  });

  it('is on record, with how many requests it ended', async () => {
    const from = server.records.length;
    const request = opening();
    const answer = send(client.session, request);
    await eventually('the opening', () => openings === 1);
    await cancel(client.session, handleOf(request));
    await answer;
    expect(await server.recorded('opcua-requests-cancelled', from)).to.include({
      requests: 1,
      user: 'u-admin',
    });
  });
});
