import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import type { Gateway, PanelView } from '../../gateway/api.ts';
import { Changes } from '../../web/panels/changes.ts';
import { eventually } from '../support/eventually.ts';
import { EventStream, type ServerEvent } from './support/event-stream.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

const promptIs =
  (code: string) =>
  ({ event, data }: ServerEvent): boolean =>
    event === 'view' && (data as unknown as PanelView).prompt.code === code;

describe('The changes of a panel', () => {
  let site: PanelSite;
  let token: string;
  const open: EventStream[] = [];

  before(async () => {
    site = await PanelSite.start();
    token = await site.tokenFor('left');
  });

  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });

  after(() => site?.close());

  async function follow(panel = 'left', by = token): Promise<EventStream> {
    const stream = await EventStream.open(`${site.address}/api/panels/${panel}/changes`, by);
    open.push(stream);
    return stream;
  }

  it('are told as they happen, from what is shown at the beginning on', async () => {
    const stream = await follow();
    expect(stream.status).to.equal(200);
    expect(stream.headers.get('content-type')).to.match(/^text\/event-stream/);
    expect(stream.headers.get('cache-control')).to.equal('no-store');
    await stream.heard('the panel as it is', promptIs('deposit-or-collect'));
    await site.gateway.answer('right', { answer: 'deposit' });
    await site.gateway.answer('left', { answer: 'deposit' });
    await stream.heard('a question', promptIs('choose-compartment'));
    const views = stream.events.length;
    await site.gateway.answer('right', { answer: 'cancel' });
    await site.gateway.answer('left', { answer: 'cancel' });
    await stream.heard('that it was cancelled', ({ data }) => JSON.stringify(data).includes('cancelled'));
    const others = stream.events.filter(({ data }) => data['panel'] !== 'left');
    expect(others, 'what happens at another panel is its own').to.deep.equal([]);
    expect(stream.events.length).to.be.greaterThan(views);
  });

  it('end with the right of the token, at once', async () => {
    const { id, token: brief } = await site.administration.panelTokens.add('left', ACTOR);
    const stream = await follow('left', brief);
    const stays = await follow();
    await stream.heard('a view', promptIs('deposit-or-collect'));
    await site.administration.panelTokens.remove(id, ACTOR);
    await eventually('the stream ends', () => stream.ended);
    expect(stream.events.at(-1)).to.deep.equal({ event: 'end', data: { reason: 'token-ended' } });
    expect(stays.ended, 'others go on').to.equal(false);
    expect((await follow('left', brief)).status).to.equal(401);
  });

  it('go to eight streams of one token; a ninth takes the place of the oldest', async () => {
    const { token: own } = await site.administration.panelTokens.add('left', ACTOR);
    const first = await follow('left', own);
    const stays = await follow();
    for (let count = 0; count < 8; count += 1) await follow('left', own);
    await eventually('the first is ended', () => first.ended);
    expect(first.events.at(-1)).to.deep.equal({ event: 'end', data: { reason: 'replaced' } });
    expect(open.filter(({ ended }) => ended)).to.deep.equal([first]);
    expect(stays.ended).to.equal(false);
  });

  describe('by themselves', () => {
    let server: Server;
    let running: Gateway | undefined;

    beforeEach(async () => {
      running = site.gateway;
      const application = express();
      const changes = new Changes(() => running, 20);
      application.get('/', (_request, response) => {
        const authority = { id: 'a token', panel: 'left', until: Date.now() + 400 };
        changes.follow(response, site.gateway, 'left', authority, (view) => view);
      });
      server = application.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });

    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    async function listen(): Promise<EventStream> {
      const { port } = server.address() as AddressInfo;
      const stream = await EventStream.open(`http://127.0.0.1:${port}/`, 'none');
      open.push(stream);
      return stream;
    }

    it('give signs of life, up to the time at which the right ends', async () => {
      const stream = await listen();
      await eventually('some signs of life', () => stream.comments > 3);
      await eventually('the stream ends', () => stream.ended);
      expect(stream.events.at(-1)).to.deep.equal({ event: 'end', data: { reason: 'token-ended' } });
    });

    it('end with the gateway', async () => {
      const stream = await listen();
      await stream.heard('a view', promptIs('deposit-or-collect'));
      running = undefined;
      await eventually('the stream ends', () => stream.ended);
      expect(stream.events.at(-1)).to.deep.equal({ event: 'end', data: { reason: 'gateway-stopped' } });
    });
  });
});
