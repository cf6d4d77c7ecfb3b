import { expect } from 'chai';
import { readSettings } from '../../config/settings.ts';
import { startWebServer, type WebServer } from '../../web/server.ts';
import { type RunningGateway, TestSite } from '../gateway/bad-input/support/test-site.ts';

const NEXT = 'open sesame, please';
const OTHER = 'quite another sentence';

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly message?: string };
  readonly headers: Headers;
}

describe('Setting a password', () => {
  let site: TestSite;
  let web: WebServer;
  let running: RunningGateway;
  let oneTime: string;

  before(async () => {
    site = await TestSite.build();
    running = await site.start();
  });

  beforeEach(async () => {
    // A new web server counts tries from the beginning.
    web = await startWebServer({
      notice: () => {},
      settings: readSettings({ SEZAM_HTTP_PORT: '0' }),
      gateway: () => running.started.gateway,
      administration: () => running.started.administration,
      opcua: () => undefined,
    });
    const { administration } = running.started;
    await administration.firstAdministrator();
    const admin = await administration.userByLogin('admin');
    if (!admin) throw new Error('There is no administrator.');
    oneTime = await administration.issueOneTimePassword(admin._id, { kind: 'machine', id: 'test' });
  });

  afterEach(() => web.close());

  after(() => site?.close());

  async function post(body: unknown, type = 'application/json'): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${web.port}/account/password`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json')
      ? JSON.parse(text)
      : { message: text };
    return { status: response.status, headers: response.headers, body: json as Answer['body'] };
  }

  it('replaces a one-time password, which lets nobody in and works once', async () => {
    const { gateway } = running.started;
    expect(await gateway.authenticate('admin', oneTime), 'it is for setting a password only').to.equal(
      undefined,
    );
    expect((await post({ login: 'admin', current: oneTime, next: NEXT })).status).to.equal(204);
    expect(await gateway.authenticate('admin', NEXT)).to.deep.include({ login: 'admin' });
    expect(await gateway.authenticate('admin', oneTime)).to.equal(undefined);
    const again = await post({ login: 'admin', current: oneTime, next: OTHER });
    expect(again.status).to.equal(403);
    expect(again.body.code).to.equal('password-wrong');
    expect((await post({ login: 'admin', current: NEXT, next: OTHER })).status, 'their own one').to.equal(
      204,
    );
  });

  it('refuses what does not fit with the same words, whoever it is about', async () => {
    const wrong = await post({ login: 'admin', current: 'not my password', next: NEXT });
    const nobody = await post({ login: 'nobody', current: oneTime, next: NEXT });
    expect([wrong.status, nobody.status]).to.deep.equal([403, 403]);
    expect(wrong.body).to.deep.equal({ code: 'password-wrong', message: 'Login and password do not fit.' });
    expect(nobody.body).to.deep.equal(wrong.body);
  });

  it('refuses a blocked administrator', async () => {
    const { administration } = running.started;
    const actor = { kind: 'machine', id: 'test' } as const;
    const admin = await administration.userByLogin('admin');
    await administration.setUserBlocked(admin?._id ?? '', true, actor);
    expect((await post({ login: 'admin', current: oneTime, next: NEXT })).status).to.equal(403);
    await administration.setUserBlocked(admin?._id ?? '', false, actor);
  });

  for (const { what, body, type, code } of [
    {
      what: 'too short a password',
      body: { login: 'admin', next: 'elevenchars' },
      code: 'password-too-short',
    },
    { what: 'an endless password', body: { login: 'admin', next: 'x'.repeat(257) }, code: 'malformed' },
    { what: 'no login', body: { next: NEXT }, code: 'malformed' },
    { what: 'no new password', body: { login: 'admin' }, code: 'malformed' },
    {
      what: 'a field too many',
      body: { login: 'admin', next: NEXT, roles: ['administrator'] },
      code: 'malformed',
    },
    { what: 'a login that is no text', body: { login: { $ne: null }, next: NEXT }, code: 'malformed' },
    {
      what: 'a form of another page',
      body: `login=admin&next=${NEXT}`,
      type: 'application/x-www-form-urlencoded',
      code: 'malformed',
    },
    { what: 'plain text', body: '{"login":"admin"}', type: 'text/plain', code: 'malformed' },
    { what: 'broken JSON', body: '{"login":', code: 'malformed' },
    { what: 'too much of it', body: `{"login":"${'a'.repeat(10_000)}"}`, code: 'malformed' },
  ] as const) {
    it(`refuses ${what} and changes nothing`, async () => {
      const sent = typeof body === 'string' ? body : { current: oneTime, ...body };
      const answer = await post(sent, type);
      expect(answer.status).to.be.oneOf([400, 413]);
      expect(answer.body.code).to.equal(code);
      expect(answer.body.message, 'nothing about the inside').to.not.match(/node_modules|\.[jt]s:\d/);
      expect((await post({ login: 'admin', current: oneTime, next: NEXT })).status).to.equal(204);
    });
  }

  it('takes no more tries after ten wrong ones, not even the right one', async () => {
    for (let tries = 0; tries < 10; tries += 1) {
      expect((await post({ login: 'admin', current: `wrong ${tries}`, next: NEXT })).status).to.equal(403);
    }
    const late = await post({ login: 'admin', current: oneTime, next: NEXT });
    expect(late.status).to.equal(429);
    expect(late.body.code).to.equal('too-many-attempts');
    expect(Number(late.headers.get('retry-after'))).to.be.within(1, 15 * 60);
  });

  it('serves its page with headers that let nothing foreign in', async () => {
    const response = await fetch(`http://127.0.0.1:${web.port}/account/`);
    expect(response.status).to.equal(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).to.include("default-src 'none'");
    expect(policy).to.include("script-src 'self'");
    expect(policy).to.not.include('unsafe');
    expect(response.headers.get('x-content-type-options')).to.equal('nosniff');
    expect(await response.text()).to.include('password-form');
  });
});
