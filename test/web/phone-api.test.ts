import { Ajv } from 'ajv';
import { expect } from 'chai';
import type { PanelView } from '../../gateway/api.ts';
import type { PhoneAccess } from '../../gateway/phone-access.ts';
import { PHONE_ACCESS, VISIT } from '../../web/panels/shapes.ts';
import { eventually } from '../support/eventually.ts';
import { EventStream } from './support/event-stream.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

const ajv = new Ajv({ allowUnionTypes: true });
const isAccess = ajv.compile(PHONE_ACCESS);
const isVisit = ajv.compile<{ readonly visit: string; readonly view: PanelView }>(VISIT);

interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

describe('Access by phone', () => {
  let site: PanelSite;

  afterEach(async () => {
    await site?.close();
  });

  /** Somebody with an access by phone. */
  async function access(panel?: string, roles: readonly ('defined' | 'master')[] = ['defined']) {
    const user = await site.administration.addUser({ name: 'Somebody', roles, groups: [] }, ACTOR);
    const place = { cabinet: 'A', ...(panel !== undefined && { panel }), validFor: 600_000 };
    return { user, access: await site.administration.issuePhoneAccess(user, place, ACTOR) };
  }

  async function post(path: string, body: unknown, token?: string): Promise<Reply> {
    const response = await fetch(`${site.address}/api/${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  }

  async function open({ token }: PhoneAccess, panel?: string) {
    const { status, body } = await post('phone/open', { token, ...(panel !== undefined && { panel }) });
    expect(status, JSON.stringify(body)).to.equal(200);
    if (!isVisit(body)) throw new Error(JSON.stringify(isVisit.errors));
    return body;
  }

  const code = ({ status, body }: Reply): string => `${status} ${String(body['code'])}`;

  it('tells what a link would open and opens nothing, then opens once', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const { user, access: link } = await access('left');
    const look = await post('phone/look', { token: link.token });
    expect(look.status).to.equal(200);
    expect(isAccess(look.body), JSON.stringify(isAccess.errors)).to.equal(true);
    expect(look.body).to.deep.equal({
      cabinet: 'A',
      cabinetName: 'Parcels',
      panels: [{ panel: 'left', name: 'Left panel' }],
      validUntil: link.validUntil,
    });
    expect(site.board.pulses, 'a preview opens nothing').to.deep.equal([]);

    const { visit, view } = await open(link);
    expect(view.notice?.code).to.equal('open');
    expect(view.prompt.answers).to.deep.equal([]);
    await eventually('the door springs open', () => site.board.isOpen(0));
    const stream = await EventStream.open(`${site.address}/api/panels/left/changes`, visit);
    await site.closeDoor(1);
    expect(site.gateway.cabinet('A')?.compartments[0]?.holders).to.deep.equal([user]);
    stream.close();

    expect(code(await post('phone/look', { token: link.token }))).to.equal('422 link-over');
    expect(code(await post('phone/open', { token: link.token }))).to.equal('422 link-over');
    expect(site.board.pulses).to.have.length(1);
  });

  it('asks for the panel where a link is good at several, and opens at no other', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const { access: anywhere } = await access();
    const { access: leftOnly } = await access('left');
    const look = await post('phone/look', { token: anywhere.token });
    expect(look.body['panels']).to.have.length(2);
    expect(code(await post('phone/open', { token: anywhere.token }))).to.equal('404 panel-unknown');
    expect(code(await post('phone/open', { token: leftOnly.token, panel: 'right' }))).to.equal(
      '404 panel-unknown',
    );
    expect((await open(anywhere, 'right')).view.panel).to.equal('right');
    expect((await open(leftOnly, 'left')).view.panel).to.equal('left');
  });

  it('goes on by phone for its own session, and for nobody else', async () => {
    site = await PanelSite.start({ schema: '6.3' });
    const { access: link } = await access('left', ['master']);
    const { visit, view } = await open(link);
    expect(view.prompt.code).to.equal('set-code');
    const answer = (body: object) => post('panels/left/answers', { answer: body }, visit);
    expect(code(await answer({ answer: 'collect', compartment: 1, pin: '2468' }))).to.equal(
      '409 session-over',
    );
    expect(code(await answer({ answer: 'login', login: 'admin', password: 'x' }))).to.equal(
      '409 session-over',
    );
    const chosen = await answer({ answer: 'scan', scan: { kind: 'pin', value: '2468' } });
    expect(chosen.body['prompt']).to.deep.include({ code: 'choose-compartment' });
    const again = await answer({ answer: 'scan', scan: { kind: 'card', value: '62E3086CED' } });
    expect(code(again), 'nobody identifies by it').to.equal('409 session-over');
    const opened = await answer({ answer: 'compartment', compartment: 2 });
    expect(opened.body['prompt']).to.deep.include({ code: 'put-in-and-close' });
    await site.closeDoor(2);
    expect(site.statusOf(2)).to.equal('occupied');

    const { access: second } = await access('left', ['master']);
    await open(second);
    const seen = await fetch(`${site.address}/api/panels/left`, {
      headers: { Authorization: `Bearer ${visit}` },
    });
    const { prompt, session } = (await seen.json()) as PanelView;
    expect([prompt.answers, session]).to.deep.equal([[], undefined]);
    expect(code(await answer({ answer: 'cancel' }))).to.equal('409 session-over');
    expect(code(await post('panels/right/answers', { answer: { answer: 'cancel' } }, visit))).to.equal(
      '403 other-panel',
    );
    expect(site.gateway.panel('left')?.prompt.code).to.equal('set-code');
  });

  it('takes the code that stands beside the link at a panel, and nowhere else', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const token = await site.tokenFor('left');
    const { access: link } = await access('left');
    expect(code(await post('phone/open', { token: link.code }))).to.equal('400 malformed');
    const scan = (value: string) =>
      post('panels/left/answers', { answer: { answer: 'scan', scan: { kind: 'phone', value } } }, token);
    const wrong = link.code === '00000000' ? '00000001' : '00000000';
    expect(code(await scan(wrong))).to.equal('422 unknown-credential');
    expect((await scan(link.code)).status).to.equal(200);
    expect(code(await post('phone/look', { token: link.token })), 'both are one access').to.equal(
      '422 link-over',
    );
  });

  it('makes people wait who try codes, as with PINs', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const token = await site.tokenFor('left');
    const scan = (value: string) =>
      post('panels/left/answers', { answer: { answer: 'scan', scan: { kind: 'phone', value } } }, token);
    const { access: link } = await access('left');
    for (let tries = 0; tries < 5; tries += 1) {
      expect(code(await scan(`9999999${tries}`))).to.equal('422 unknown-credential');
    }
    expect(code(await scan(link.code))).to.equal('409 too-many-attempts');
    await open(link);
    await eventually('a link has no digits that could be tried', () => site.board.pulses.length === 1);
  });

  it('is not used up while somebody else has to finish at the panel', async () => {
    site = await PanelSite.start();
    const { access: link } = await access('left');
    await site.gateway.answer('left', { answer: 'deposit' });
    await site.gateway.answer('left', { answer: 'compartment', compartment: 1 });
    await site.closeDoor(1);
    expect(site.gateway.panel('left')?.prompt.code).to.equal('set-pin');
    expect(code(await post('phone/open', { token: link.token }))).to.equal('409 panel-busy');
    await site.gateway.answer('left', { answer: 'scan', scan: { kind: 'pin', value: '2468' } });
    expect((await post('phone/look', { token: link.token })).status).to.equal(200);
    expect(code(await post('phone/open', { token: link.token })), 'guests need no link').to.equal(
      '422 guests-only',
    );
  });

  it('refuses what is no link, and lets an address wait that tries many', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    for (const body of [{}, { token: 7 }, { token: 'x' }, { token: 'A'.repeat(43), more: 1 }, []]) {
      expect(code(await post('phone/look', body))).to.equal('400 malformed');
    }
    for (let tries = 0; tries < 25; tries += 1) {
      expect(code(await post('phone/look', { token: 'A'.repeat(43) }))).to.equal('422 link-over');
    }
    expect(code(await post('phone/look', { token: 'A'.repeat(43) }))).to.equal('429 too-many-requests');
  });
});
