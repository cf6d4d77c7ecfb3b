import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import express from 'express';
import type { Gateway, PanelAnswer, PanelView } from '../../gateway/api.ts';
import { panelApi } from '../../web/panels/api.ts';
import { FAILED, PANEL, RECIPIENT, REFUSED, VIEW } from '../../web/panels/shapes.ts';
import { Visits } from '../../web/panels/visits.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

const ajv = new Ajv({ allowUnionTypes: true });
const isView = ajv.compile<PanelView>(VIEW);
const isRefused = ajv.compile<{ readonly code: string }>(REFUSED);
const isFailed = ajv.compile(FAILED);
const isPanel = ajv.compile(PANEL);
const isRecipient = ajv.compile(RECIPIENT);

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

describe('The panel API', () => {
  let site: PanelSite;
  let left: string;
  let right: string;

  before(async () => {
    site = await PanelSite.start();
    left = await site.tokenFor('left');
    right = await site.tokenFor('right');
  });

  // A new web server counts wrong tokens from the beginning.
  beforeEach(() => site.startWeb());

  after(() => site?.close());

  async function ask(
    path: string,
    token?: string,
    sent?: { readonly type: string; readonly body: string },
  ): Promise<Reply> {
    const response = await fetch(`${site.address}/api/panels${path}`, {
      method: sent ? 'POST' : 'GET',
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(sent && { 'Content-Type': sent.type }),
      },
      ...(sent && { body: sent.body }),
    });
    const body = (await response.json()) as Reply['body'];
    return { status: response.status, headers: response.headers, body };
  }

  function post(panel: string, token: string, body: unknown, type = 'application/json'): Promise<Reply> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return ask(`/${panel}/answers`, token, { type, body: text });
  }

  async function answered(panel: string, token: string, answer: PanelAnswer): Promise<PanelView> {
    const { status, body } = await post(panel, token, { answer });
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(isView(body), JSON.stringify(isView.errors)).to.equal(true);
    return body as unknown as PanelView;
  }

  async function refused(panel: string, token: string, answer: PanelAnswer): Promise<string> {
    const { status, body } = await post(panel, token, { answer });
    expect(isRefused(body), JSON.stringify(isRefused.errors)).to.equal(true);
    return `${status} ${String(body['code'])}`;
  }

  it('tells a token which panel it is for, and what the panel shows', async () => {
    const own = await ask('', left);
    expect(own.status).to.equal(200);
    const [panel] = own.body['panels'] as unknown[];
    expect(isPanel(panel), JSON.stringify(isPanel.errors)).to.equal(true);
    expect(panel).to.deep.equal({
      panel: 'left',
      name: 'Left panel',
      cabinet: 'A',
      cabinetName: 'Parcels',
      compartments: [1, 2, 3, 4],
    });
    const view = await ask('/left', left);
    expect(view.status).to.equal(200);
    expect(isView(view.body), JSON.stringify(isView.errors)).to.equal(true);
    expect(view.body['prompt']).to.deep.include({ code: 'deposit-or-collect' });
    expect(view.headers.get('cache-control')).to.equal('no-store');
    expect(view.headers.get('access-control-allow-origin')).to.equal(null);
    expect(view.headers.get('content-security-policy')).to.include("default-src 'none'");
  });

  it('lets a guest deposit and collect, at one panel while another is used too', async () => {
    const asked = await answered('left', left, { answer: 'deposit' });
    expect(asked.prompt).to.deep.include({ code: 'choose-compartment', compartments: [1, 2, 3, 4] });
    await answered('right', right, { answer: 'deposit' });
    await answered('left', left, { answer: 'compartment', compartment: 2 });
    expect(await refused('right', right, { answer: 'compartment', compartment: 2 })).to.equal(
      '409 compartment-taken',
    );
    await answered('right', right, { answer: 'compartment', compartment: 3 });
    await site.closeDoor(2);
    await site.closeDoor(3);
    for (const [panel, token, pin] of [
      ['left', left, '2468'],
      ['right', right, '1357'],
    ] as const) {
      const view = await answered(panel, token, { answer: 'scan', scan: { kind: 'pin', value: pin } });
      expect(view.notice?.code).to.equal('stored');
    }
    expect([2, 3].map((number) => site.statusOf(number))).to.deep.equal(['occupied', 'occupied']);
    expect(await refused('left', left, { answer: 'collect', compartment: 2, pin: '1357' })).to.equal(
      '422 wrong-code',
    );
    for (const [compartment, pin] of [
      [2, '2468'],
      [3, '1357'],
    ] as const) {
      await answered('left', left, { answer: 'collect', compartment, pin });
      await site.closeDoor(compartment);
    }
    expect([2, 3].map((number) => site.statusOf(number))).to.deep.equal(['free', 'free']);
  });

  it('takes an answer for the session that it names, and for no other', async () => {
    const { session } = await answered('left', left, { answer: 'deposit' });
    const stale = await post('left', left, { answer: { answer: 'cancel' }, session: 'session-of-before' });
    expect([stale.status, stale.body['code']]).to.deep.equal([409, 'session-over']);
    const { text } = stale.body as { text: Record<string, string> };
    expect(Object.keys(text)).to.deep.equal(['en', 'pl', 'it']);
    const right = await post('left', left, { answer: { answer: 'cancel' }, session });
    expect(right.status).to.equal(200);
    expect(await refused('left', left, { answer: 'cancel' })).to.equal('409 answer-unexpected');
  });

  it('notes a fault that somebody reports', async () => {
    const view = await answered('left', left, { answer: 'fault', compartment: 4, fault: 'dirty' });
    expect(view.notice?.code).to.equal('fault-noted');
  });

  for (const { what, body, type, field } of [
    { what: 'nothing', body: {}, field: 'body' },
    { what: 'a list', body: [], field: 'body' },
    { what: 'an answer that there is not', body: { answer: { answer: 'open' } }, field: 'answer.answer' },
    { what: 'the name of a method', body: { answer: { answer: 'toString' } }, field: 'answer.answer' },
    {
      what: 'compartment 513',
      body: { answer: { answer: 'compartment', compartment: 513 } },
      field: 'compartment',
    },
    {
      what: 'compartment 0',
      body: { answer: { answer: 'compartment', compartment: 0 } },
      field: 'compartment',
    },
    {
      what: 'a PIN that is a number',
      body: { answer: { answer: 'collect', compartment: 1, pin: 24_680 } },
      field: 'pin',
    },
    {
      what: 'a PIN of letters',
      body: { answer: { answer: 'collect', compartment: 1, pin: 'secret' } },
      field: 'pin',
    },
    {
      what: 'a field too many',
      body: { answer: { answer: 'deposit', compartment: 1 } },
      field: 'answer',
    },
    {
      what: 'a login that is no text',
      body: { answer: { answer: 'login', login: { $ne: null }, password: 'x' } },
      field: 'login',
    },
    {
      what: 'an unknown kind of credential',
      body: { answer: { answer: 'scan', scan: { kind: 'password', value: 'x' } } },
      field: 'kind',
    },
    { what: 'broken JSON', body: '{"answer":{"answer":"collect","pin":"13579"', field: 'JSON' },
    { what: 'another type', body: '{"answer":{"answer":"deposit"}}', type: 'text/plain', field: 'body' },
    { what: 'too much', body: { answer: { answer: 'login', login: 'x'.repeat(9_000) } }, field: '4 kB' },
  ] as const) {
    it(`refuses ${what} as malformed and changes nothing`, async () => {
      const { status, body: reply } = await post('left', left, body, type);
      expect(status).to.be.oneOf([400, 413]);
      expect(isFailed(reply)).to.equal(true);
      expect(reply['code']).to.equal('malformed');
      expect(reply['message']).to.include(field);
      expect(JSON.stringify(reply)).to.not.match(/secret|24680|13579|node_modules/);
      expect(site.gateway.cabinet('A')?.sessions.size).to.equal(0);
    });
  }

  it('lets nobody in without a token, with a wrong one, or at another panel', async () => {
    const none = await ask('/left');
    expect([none.status, none.body['code']]).to.deep.equal([401, 'token-missing']);
    expect(none.headers.get('www-authenticate')).to.match(/^Bearer/);
    const [id = ''] = left.split('.');
    for (const token of ['wrong', id, `${id}.${'A'.repeat(43)}`, `${left}x`, right.replace(/^[^.]*/, id)]) {
      const wrong = await ask('/left', token);
      expect([wrong.status, wrong.body['code']], token).to.deep.equal([401, 'token-unknown']);
    }
    for (const path of ['/right', '/right/recipients', '/right/changes', '/none']) {
      const other = await ask(path, left);
      expect([other.status, other.body['code']], path).to.deep.equal([403, 'other-panel']);
    }
    const answer = await post('right', left, { answer: { answer: 'deposit' } });
    expect(answer.status).to.equal(403);
    expect((await ask(`/left?token=${left}`)).status, 'a token in an address counts for nothing').to.equal(
      401,
    );
    expect(isFailed(none.body)).to.equal(true);
  });

  it('lets an address that tried too many tokens wait, but not the panel beside it', async () => {
    for (let tries = 0; tries < 20; tries += 1) expect((await ask('/left', 'wrong')).status).to.equal(401);
    const late = await ask('/left', 'wrong');
    expect([late.status, late.body['code']]).to.deep.equal([429, 'too-many-requests']);
    expect(Number(late.headers.get('retry-after'))).to.be.within(1, 15 * 60);
    expect((await ask('/left', left)).status).to.equal(200);
  });

  it('names recipients only where one is asked for', async () => {
    await site.administration.addUser(
      { name: 'Zofia', email: 'zofia@example.org', roles: ['defined'], groups: [] },
      ACTOR,
    );
    const { status, body } = await ask('/left/recipients?name=zof', left);
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ recipients: [] });
    expect((await ask(`/left/recipients?name=${'x'.repeat(129)}`, left)).status).to.equal(400);
    expect((await ask('/left/recipients?name=a&name=b', left)).status).to.equal(400);
    expect(isRecipient({ user: 'user-1', name: 'Zofia' })).to.equal(true);
  });

  it('tells nobody what a body held where the inside fails', async () => {
    const { gateway, administration } = site;
    const notices: string[] = [];
    const failing = {
      panel: (id: string) => gateway.panel(id),
      answer: () => Promise.reject(new TypeError('2468 cannot be read')),
    } as unknown as Gateway;
    const application = express().use(
      '/api/panels',
      panelApi({
        gateway: () => failing,
        administration: () => administration,
        visits: new Visits(),
        notice: (message) => notices.push(message),
      }),
    );
    const server = application.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/api/panels/left/answers`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${left}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ answer: { answer: 'collect', compartment: 1, pin: '2468' } }),
      });
      const reply: unknown = await response.json();
      expect(response.status).to.equal(500);
      expect(isFailed(reply)).to.equal(true);
      expect(JSON.stringify(reply)).to.not.include('2468');
      expect(notices).to.deep.equal(['A request of a panel failed (TypeError).']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('answers 503 while Sezam starts, so that a panel keeps its token', async () => {
    await site.stop();
    await site.startWeb();
    const starting = await ask('/left', left);
    expect([starting.status, starting.body['code']]).to.deep.equal([503, 'starting']);
    await site.startGateway();
    expect((await ask('/left', left)).status, 'the token outlives a restart').to.equal(200);
  });
});
