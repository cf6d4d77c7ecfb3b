import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { administrationApi } from '../../web/administration/api.ts';
import { ApiClient, failureIn } from './support/api-client.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

const forced = (compartment: number): string => `door-forced@A/${compartment}`;

describe('The administration API is for those alone', () => {
  let site: PanelSite;
  let operator: ApiClient;
  let defined: ApiClient;

  before(async () => {
    site = await PanelSite.start();
    operator = await ApiClient.of(site, 'operator');
    defined = await ApiClient.of(site, 'defined', 'master');
  });

  // A new web server counts wrong tokens from the beginning.
  beforeEach(() => site.startWeb());

  after(() => site?.close());

  it('who are administrators or operators at that moment', async () => {
    for (const path of ['/alarms', '/alarms/changes', '/alarms/door-forced%40A%2F1']) {
      expect(failureIn(await defined.ask(path)), path).to.equal('403 not-permitted');
    }
    expect(await defined.isRefused(forced(1), 'acknowledge')).to.equal('403 not-permitted');
    const somebody = await ApiClient.of(site, 'operator');
    expect((await somebody.ask('/alarms')).status).to.equal(200);
    await site.administration.changeUser(somebody.user, { roles: ['defined'] }, ACTOR);
    expect(failureIn(await somebody.ask('/alarms'))).to.equal('403 not-permitted');
  });

  it('who are let in: not whoever is blocked, nor by a token that ended or was taken away', async () => {
    const blocked = await ApiClient.of(site, 'operator');
    await site.administration.setUserBlocked(blocked.user, true, ACTOR);
    const ended = await ApiClient.of(site, 'operator');
    await site.administration.changeUser(ended.user, { validUntil: Date.now() - 1_000 }, ACTOR);
    const removed = await ApiClient.of(site, 'operator');
    await site.administration.apiTokens.remove(removed.id, ACTOR);
    for (const client of [blocked, ended, removed]) {
      const reply = await client.ask('/alarms');
      expect(failureIn(reply)).to.equal('401 token-unknown');
      expect(reply.headers.get('www-authenticate')).to.equal('Bearer realm="Sezam"');
    }
  });

  it('who send a token in the header made for it, and nowhere else', async () => {
    const without = await operator.ask('/alarms', { headers: { Authorization: '' } });
    expect(failureIn(without)).to.equal('401 token-missing');
    const basic = Buffer.from(`olga:${operator.token}`).toString('base64');
    for (const [path, headers] of [
      [`/alarms?token=${operator.token}`, { Authorization: '' }],
      [`/alarms?access_token=${operator.token}`, { Authorization: '' }],
      ['/alarms', { Authorization: `Basic ${basic}` }],
      ['/alarms', { Authorization: '', Cookie: `token=${operator.token}` }],
    ] as const) {
      expect(failureIn(await operator.ask(path, { headers })), path).to.equal('401 token-missing');
    }
    const panel = await site.tokenFor('left');
    const asPanel = await operator.ask('/alarms', { headers: { Authorization: `Bearer ${panel}` } });
    expect(failureIn(asPanel), 'the token of a panel').to.equal('401 token-unknown');
    const address = `${site.address}/api/panels`;
    const atPanel = await fetch(address, { headers: { Authorization: `Bearer ${operator.token}` } });
    expect(atPanel.status, 'nor is this one good at a panel').to.equal(401);
  });

  it('who do not try wrong ones over and over', async () => {
    const wrong = { headers: { Authorization: `Bearer ${operator.id}.${'A'.repeat(43)}` } };
    const replies: string[] = [];
    for (let count = 0; count < 22; count += 1) replies.push(failureIn(await operator.ask('/alarms', wrong)));
    expect(replies.slice(0, 20).every((reply) => reply === '401 token-unknown')).to.equal(true);
    expect(replies.slice(20)).to.deep.equal(['429 too-many-wrong-tokens', '429 too-many-wrong-tokens']);
    expect((await operator.ask('/alarms')).status, 'the right one is taken all the same').to.equal(200);
  });

  it('who ask no more than ten times a second', async () => {
    const busy = await ApiClient.of(site, 'operator');
    const path = `/alarms/${encodeURIComponent(forced(9))}`;
    const statuses = new Map<number, number>();
    for (let count = 0; count < 12; count += 1) {
      const replies = await Promise.all(Array.from({ length: 51 }, () => busy.ask(path)));
      for (const { status } of replies) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).to.deep.equal([
      [404, 600],
      [429, 12],
    ]);
    expect((await operator.ask('/alarms')).status, 'others go on').to.equal(200);
  });

  it('who wait until the gateway has started: they are told when to ask again', async () => {
    const application = express();
    application.use(
      '/api',
      administrationApi({
        gateway: () => undefined,
        administration: () => undefined,
        opcua: () => undefined,
        notice: () => {},
      }),
    );
    const server = application.listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/api/alarms`);
      expect(response.status).to.equal(503);
      expect(response.headers.get('retry-after')).to.equal('2');
      expect(await response.json()).to.deep.include({ code: 'starting' });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
