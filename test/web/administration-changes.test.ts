import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import express, { type Response } from 'express';
import type { Role } from '../../domain/identification.ts';
import type { AlarmDesk } from '../../gateway/alarms/desk.ts';
import type { Gateway, Requester } from '../../gateway/api.ts';
import { AlarmStreams, type AlarmStreamsParts } from '../../web/administration/alarm-streams.ts';
import { CHANGE, SNAPSHOT } from '../../web/administration/shapes.ts';
import { eventually } from '../support/eventually.ts';
import { memoryAlarms } from '../support/memory-alarms.ts';
import { ApiClient } from './support/api-client.ts';
import { EventStream, type ServerEvent } from './support/event-stream.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

const ajv = new Ajv({ allowUnionTypes: true });
const isSnapshot = ajv.compile(SNAPSHOT);
const isChange = ajv.compile(CHANGE);

const FORCED = 'door-forced@A/1';
const FLOW: Requester = { kind: 'machine', id: 'flow:1' };
/** A comment that fills half a kilobyte. */
const LONG = 'a long comment '.repeat(33);

/** The alarms of all snapshots, by id, with what changes have made of them since. */
function bookIn(events: readonly ServerEvent[]): Map<string, Readonly<Record<string, unknown>>> {
  const book = new Map<string, Readonly<Record<string, unknown>>>();
  const keep = (alarm: unknown): void => {
    const told = alarm as Readonly<Record<string, unknown>>;
    book.set(String(told['id']), told);
  };
  for (const { event, data } of events) {
    if (event === 'snapshot') {
      if (data['part'] === 1) book.clear();
      for (const alarm of data['alarms'] as unknown[]) keep(alarm);
    } else if (event === 'change') keep(data['alarm']);
  }
  return book;
}

const sequencesIn = (events: readonly ServerEvent[]): number[] =>
  events.filter(({ event }) => event === 'change').map(({ data }) => Number(data['sequence']));

describe('The changes of alarms', () => {
  const open: EventStream[] = [];

  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });

  describe('over the administration API', () => {
    let site: PanelSite;
    let operator: ApiClient;

    before(async () => {
      site = await PanelSite.start();
      operator = await ApiClient.of(site, 'operator');
    });

    after(() => site?.close());

    async function follow(
      client = operator,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<EventStream> {
      const stream = await EventStream.open(`${site.address}/api/alarms/changes`, client.token, headers);
      open.push(stream);
      return stream;
    }

    it('are told as they happen, from the whole book at the beginning on', async () => {
      site.board.setDoor(1, true);
      await eventually('an alarm', () => site.gateway.alarms.alarm('door-forced@A/2') !== undefined);
      const stream = await follow();
      expect(stream.status).to.equal(200);
      expect(stream.headers.get('content-type')).to.match(/^text\/event-stream/);
      expect(stream.headers.get('cache-control')).to.equal('no-store');
      await stream.heard('a snapshot', ({ event }) => event === 'snapshot');
      const [snapshot] = stream.events;
      expect(isSnapshot(snapshot?.data), JSON.stringify(isSnapshot.errors)).to.equal(true);
      expect(snapshot?.data).to.deep.include({ part: 1, parts: 1 });
      expect([...bookIn(stream.events).keys()]).to.deep.equal(['door-forced@A/2']);
      site.board.setDoor(0, true);
      await stream.heard('that it came up', ({ data }) => data['change'] === 'alarm-raised');
      await operator.handles(FORCED, 'acknowledge', { comment: 'seen' });
      site.board.setDoor(0, false);
      await stream.heard('that it is over', ({ data }) => data['change'] === 'alarm-over');
      const changes = stream.events.filter(({ event }) => event === 'change');
      for (const { data } of changes) {
        expect(isChange(data), JSON.stringify(isChange.errors)).to.equal(true);
      }
      expect(changes.map(({ data }) => data['change'])).to.deep.equal([
        'alarm-raised',
        'alarm-acknowledged',
        'alarm-over',
      ]);
      const first = Number(snapshot?.data['sequence']) + 1;
      expect(sequencesIn(stream.events)).to.deep.equal([first, first + 1, first + 2]);
      expect(changes[1]?.data['actor']).to.deep.equal({ kind: 'user', id: operator.user });
      expect(changes[2]?.data['alarm']).to.deep.include({ id: FORCED, retained: false });
    });

    it('are told in the language that is asked for', async () => {
      const stream = await follow(operator, { 'Accept-Language': 'it' });
      await stream.heard('a snapshot', ({ event }) => event === 'snapshot');
      const text = site.gateway.alarms.alarm('door-forced@A/2')?.text.it;
      expect(bookIn(stream.events).get('door-forced@A/2')).to.deep.include({ text });
    });

    it('go on after the last that was seen, where somebody was cut off', async () => {
      const before = await follow();
      await before.heard('a snapshot', ({ event }) => event === 'snapshot');
      const { id = '', data } = before.events.at(-1) ?? {};
      expect(id).to.match(/^[0-9a-f]{12}-\d+$/);
      before.close();
      await operator.handles('door-forced@A/2', 'silence');
      const after = await follow(operator, { 'Last-Event-ID': id });
      await after.heard('what was missed', ({ event }) => event === 'change');
      expect(after.events.map(({ event }) => event)).to.deep.equal(['change']);
      expect(sequencesIn(after.events)).to.deep.equal([Number(data?.['sequence']) + 1]);
    });

    it('begin with the whole book for whoever names what was never told here', async () => {
      for (const id of ['', 'x', '000000000000-1', '-1', `${'9'.repeat(400)}`, '0a0a0a0a0a0a--1']) {
        const stream = await follow(operator, { 'Last-Event-ID': id });
        await stream.heard('a snapshot', ({ event }) => event === 'snapshot');
        stream.close();
      }
    });

    it('end with the right of the token, and with the role of its user, before anything else is told', async () => {
      for (const [reason, end] of [
        ['token-ended', (client: ApiClient) => site.administration.apiTokens.remove(client.id, ACTOR)],
        ['token-ended', (client: ApiClient) => site.administration.setUserBlocked(client.user, true, ACTOR)],
        [
          'not-permitted',
          (client: ApiClient) => site.administration.changeUser(client.user, { roles: ['defined'] }, ACTOR),
        ],
      ] as const) {
        const client = await ApiClient.of(site, 'operator');
        const stream = await follow(client);
        const stays = await follow();
        await stream.heard('a snapshot', ({ event }) => event === 'snapshot');
        await stays.heard('a snapshot', ({ event }) => event === 'snapshot');
        await end(client);
        await operator.handles('door-forced@A/2', 'comment', { comment: reason });
        await eventually('the stream ends', () => stream.ended);
        expect(stream.events.slice(1)).to.deep.equal([{ event: 'end', data: { reason } }]);
        await stays.heard('others are told', ({ event }) => event === 'change');
      }
    });

    it('are not followed by whoever asks for the headers alone', async () => {
      const client = await ApiClient.of(site, 'operator');
      const stream = await follow(client);
      await stream.heard('the book', ({ event }) => event === 'snapshot');
      const agent = new Agent({ keepAlive: true });
      try {
        for (let count = 0; count < 9; count += 1) {
          const asked = request(`${site.address}/api/alarms/changes`, {
            agent,
            method: 'HEAD',
            headers: { Authorization: `Bearer ${client.token}` },
          }).end();
          const [{ statusCode }] = (await once(asked, 'response')) as [IncomingMessage];
          expect(statusCode).to.equal(200);
        }
        await site.gateway.alarms.command(
          { do: 'comment', alarm: 'door-forced@A/2', comment: 'still here' },
          FLOW,
        );
        await stream.heard('a change', ({ event }) => event !== 'snapshot');
        expect(stream.events.at(-1)?.event).to.equal('change');
      } finally {
        agent.destroy();
      }
    });

    it('go to eight streams of one token; a ninth takes the place of the oldest', async () => {
      const client = await ApiClient.of(site, 'operator');
      const streams: EventStream[] = [];
      for (let count = 0; count < 10; count += 1) streams.push(await follow(client));
      await eventually('two are ended', () => streams.filter(({ ended }) => ended).length === 2);
      const gone = streams.slice(0, 2);
      for (const stream of gone) {
        expect(stream.events.at(-1)).to.deep.equal({ event: 'end', data: { reason: 'replaced' } });
      }
      expect(streams.filter(({ ended }) => ended)).to.deep.equal(gone);
    });
  });

  describe('of a large book', () => {
    let alarms: AlarmDesk;
    let gateway: Pick<Gateway, 'alarms'>;
    let running: typeof gateway | undefined;
    let roles: readonly Role[] | undefined;
    let server: Server;
    let streams: AlarmStreams;
    let last: Response | undefined;

    /** Some twelve megabytes in all: more than the buffers of a connection hold. */
    const MANY = 4_000;
    const NOTE = 'x'.repeat(2_500);

    beforeEach(async () => {
      alarms = memoryAlarms();
      gateway = { alarms };
      running = gateway;
      roles = ['operator'];
      const source = (part: number) => ({ source: 'compartment', cabinet: 'A', compartment: part }) as const;
      const signs = Array.from({ length: MANY }, (_, index) => ({
        signs: () => [
          { sign: 'raised', kind: 'door-forced', source: source(index + 1), values: { note: NOTE } } as const,
        ],
      }));
      await alarms.record(signs);
      await listen({});
    });

    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      alarms.stop();
    });

    async function listen(limits: Partial<AlarmStreamsParts>): Promise<void> {
      const bearer = (id: string, of: readonly Role[]) => ({
        id,
        principal: { user: 'user-1', login: 'olga', roles: of },
      });
      streams = new AlarmStreams({
        gateway: () => running,
        bearerBy: (id) => roles && bearer(id, roles),
        lookEvery: 20,
        ...limits,
      });
      const application = express();
      application.get('/:token', (request, response) => {
        last = response;
        if (streams.full) {
          response.status(503).end();
          return;
        }
        const { token } = request.params;
        streams.open({ response, gateway, bearer: bearer(token, ['operator']), language: 'en' });
      });
      server?.close();
      server = application.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }

    const address = (token: string): string =>
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}`;

    async function follow(token = 'one'): Promise<EventStream> {
      const stream = await EventStream.open(address(token), 'none');
      open.push(stream);
      return stream;
    }

    /** Somebody who reads nothing for the moment. */
    function stall(): Promise<IncomingMessage> {
      return new Promise((resolve, reject) => {
        const request = get(address('slow'), (response) => {
          response.pause();
          response.on('error', () => {});
          resolve(response);
        });
        request.on('error', reject);
      });
    }

    const comment = (compartment: number, words = LONG) =>
      alarms.command({ do: 'comment', alarm: `door-forced@A/${compartment}`, comment: words }, FLOW);

    it('come after the book in parts, the last of which has an id', async () => {
      const stream = await follow();
      await eventually('the book', () => bookIn(stream.events).size === MANY);
      expect(stream.events).to.have.length(MANY / 50);
      expect(stream.events.map(({ data }) => data['part'])).to.deep.equal(
        stream.events.map((_, index) => index + 1),
      );
      expect(stream.events.filter(({ id }) => id !== undefined)).to.deep.equal([stream.events.at(-1)]);
      await comment(7, 'a fox');
      await stream.heard('the comment', ({ event }) => event === 'change');
    });

    it('wait for whoever reads slowly, in bounded memory, and lose nothing of what is true then', async () => {
      const slow = await stall();
      await eventually('no more can be sent', () => last?.writableNeedDrain === true);
      for (let number = 1; number <= 3_000; number += 1) await comment((number % 100) + 1);
      await comment(7, 'the last one');
      expect(last?.writableLength).to.be.lessThan(500_000);
      const chunks: string[] = [];
      let complete = false;
      slow.setEncoding('utf8').on('data', (chunk: string) => {
        complete ||= `${chunks.at(-1) ?? ''}${chunk}`.includes('-3001\ndata:');
        chunks.push(chunk);
      });
      slow.resume();
      await eventually('the last change', () => complete && chunks.at(-1)?.endsWith('\n\n') === true);
      const text = chunks.join('');
      const events = [...text.matchAll(/event: (\w+)\n(?:id: .*\n)?data: (.*)\n\n/g)].map(
        ([, event = '', data = '']) => ({ event, data: JSON.parse(data) as ServerEvent['data'] }),
      );
      const book = bookIn(events);
      expect(book.size).to.equal(MANY);
      for (const { id, revision } of alarms.list()) expect(book.get(id)).to.deep.include({ revision });
      const firsts = events.filter(({ data }) => data['part'] === 1);
      expect(firsts, 'the book once more in place of what was not kept').to.have.length(2);
      slow.destroy();
    });

    it('cut off whoever never reads', async () => {
      await listen({ stalledAfter: 100 });
      const slow = await stall();
      const gone = new Promise((resolve) => slow.once('close', resolve));
      await eventually('it is cut off', () => last?.destroyed === true);
      slow.resume();
      await gone;
      expect(slow.complete).to.equal(false);
    });

    it('give signs of life, while there is nothing to tell', async () => {
      await listen({ beatEvery: 30 });
      const stream = await follow();
      await eventually('some signs of life', () => stream.comments > 4);
      expect(stream.ended).to.equal(false);
    });

    it('end with the gateway, and with a right that is gone, though nothing happens', async () => {
      const first = await follow();
      await eventually('the book', () => bookIn(first.events).size === MANY);
      running = undefined;
      await eventually('the stream ends', () => first.ended);
      expect(first.events.at(-1)).to.deep.equal({ event: 'end', data: { reason: 'gateway-stopped' } });
      await listen({});
      for (const [after, reason] of [
        [['master'], 'not-permitted'],
        [undefined, 'token-ended'],
      ] as const) {
        running = gateway;
        roles = ['operator'];
        const stream = await follow();
        await eventually('the book', () => bookIn(stream.events).size === MANY);
        roles = after;
        await eventually('the stream ends', () => stream.ended);
        expect(stream.events.at(-1)).to.deep.equal({ event: 'end', data: { reason } });
      }
    });

    it('go to so many and no more', async () => {
      await listen({ most: 3 });
      const first = await follow('one');
      await follow('two');
      await follow('three');
      expect((await follow('four')).status).to.equal(503);
      first.close();
      await eventually('there is room again', () => !streams.full);
      expect((await follow('four')).status).to.equal(200);
    });
  });
});
