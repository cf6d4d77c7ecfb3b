/** The settings of Node-RED, asked of a real one over HTTP. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import flow from '../../flows/flows.json' with { type: 'json' };
import { placeFirstFlow } from '../../nodes/first-flow.ts';
import { builtModule, NODES, ROOT } from './built-nodes.ts';
import { type RunningChild, startChild } from './child-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'sezam-settings-'));
const secret = randomBytes(32).toString('hex');
let host: RunningChild;
let editor: string;

async function dataFolder(name: string, kept = secret): Promise<string> {
  const data = join(folder, name);
  mkdirSync(join(data, 'secrets'), { recursive: true });
  mkdirSync(join(data, 'node-red'), { recursive: true });
  writeFileSync(join(data, 'secrets', 'node-red-credential-secret'), kept, { mode: 0o600 });
  await placeFirstFlow(flow, join(data, 'node-red'), kept);
  return data;
}

async function logIn(username: string, password: string, path = '/auth/token'): Promise<Response> {
  return fetch(`${editor}${path}`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: 'node-red-editor',
      grant_type: 'password',
      scope: '',
      username,
      password,
    }),
  });
}

async function tokenOf(username: string): Promise<string> {
  const response = await logIn(username, `${username} password`);
  expect(response.status).to.equal(200);
  return ((await response.json()) as { access_token: string }).access_token;
}

function get(path: string, token?: string, accept = 'application/json'): Promise<Response> {
  const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return fetch(`${editor}${path}`, { headers });
}

describe('Node-RED with the settings of the product', () => {
  before(async () => {
    builtModule();
    host = await startChild('test/nodes/editor-host.ts', /port (\d+)/, {
      cwd: ROOT,
      env: { SEZAM_DATA: await dataFolder('main') },
    });
    editor = `http://127.0.0.1:${host.ready[1]}/editor`;
  });

  after(async () => {
    await host?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives nothing to strangers', async () => {
    for (const path of ['/flows', '/nodes', '/settings', '/sezam/site', '/context/global']) {
      expect((await get(path)).status, path).to.equal(401);
    }
  });

  it('keeps editor and flows on paths of their own', async () => {
    const root = editor.replace('/editor', '');
    expect((await fetch(`${editor}/`)).status).to.equal(200);
    expect((await fetch(`${root}/flows`)).status).to.equal(404);
    expect((await fetch(`${root}/flow/anything`)).status).to.equal(404);
  });

  it('sends headers that keep foreign code out', async () => {
    const { headers } = await fetch(`${editor}/`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).to.contain("script-src 'self' 'unsafe-inline'").and.to.contain("object-src 'none'");
    expect(policy).not.to.contain('unsafe-eval');
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('x-powered-by')).to.equal(null);
    expect(headers.get('strict-transport-security')).to.equal(null);
  });

  describe('for an administrator', () => {
    let token: string;
    before(async () => {
      token = await tokenOf('admin');
    });

    it('has every node, working, and in each language', async () => {
      const sets = (await (await get('/nodes', token)).json()) as {
        module: string;
        name: string;
        types: string[];
        enabled: boolean;
        err?: string;
      }[];
      const own = sets.filter(({ module }) => module === 'node-red-contrib-sezam');
      expect(own.map(({ name }) => name)).to.have.members(NODES);
      for (const { name, types, enabled, err } of own) {
        expect({ types, enabled, err }, name).to.deep.equal({
          types: [`sezam-${name}`],
          enabled: true,
          err: undefined,
        });
      }
      for (const [language, word] of [
        ['en-US', 'lock'],
        ['pl', 'zamek'],
        ['it', 'serratura'],
      ]) {
        const texts = await (await get(`/nodes/messages?lng=${language}`, token)).json();
        expect(
          (texts as Record<string, { label: { node: string } }>)['node-red-contrib-sezam/lock']?.label.node,
          language,
        ).to.equal(word);
      }
    });

    it('serves icons and examples', async () => {
      expect((await get('/icons/node-red-contrib-sezam/sezam-lock.svg', token)).status).to.equal(200);
      const examples = JSON.stringify(await (await get('/library/examples/flows/', token)).json());
      expect(examples).to.contain('node-red-contrib-sezam');
    });

    it('has no node that runs programs, and no way to fetch code', async () => {
      const nodes = JSON.stringify(await (await get('/nodes', token)).json());
      expect(nodes).not.to.contain('"exec"');
      const install = await fetch(`${editor}/nodes`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ module: 'node-red-node-random' }),
      });
      expect(install.status).to.equal(404);
    });

    it('tells nothing of the machine', async () => {
      expect((await get('/diagnostics', token)).status).to.equal(403);
    });

    it('serves the site to its dialogs', async () => {
      const answer = (await (await get('/sezam/site', token)).json()) as { site: { id: string } };
      expect(answer.site.id).to.equal('test');
    });

    it('passes a card through the demo flow to an open lock', async () => {
      host.write('\n');
      const deadline = Date.now() + 60_000;
      let opened = false;
      while (!opened && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        opened = host.output().includes('opened 12');
      }
      expect(opened, host.output()).to.equal(true);
    });
  });

  it('lets an operator look, and change nothing', async () => {
    const token = await tokenOf('watcher');
    expect((await get('/flows', token)).status).to.equal(200);
    expect((await get('/sezam/site', token)).status).to.equal(200);
    const deploy = await fetch(`${editor}/flows`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '[]',
    });
    expect(deploy.status).to.equal(401);
  });

  it('lets nobody else in, right password or not', async () => {
    expect((await logIn('guest', 'guest password')).status).to.equal(403);
  });

  // Last, because it uses up what this address may try.
  describe('for a stranger', () => {
    it('limits wrong logins by address, without locking the name', async () => {
      const answers: number[] = [];
      for (let attempt = 0; attempt < 7; attempt += 1) {
        // Spellings of the path that Node-RED takes for the same one.
        answers.push((await logIn('admin', 'wrong', ['/auth/token', '/AUTH/token/'][attempt % 2])).status);
      }
      expect(answers).to.deep.equal(Array.from({ length: 7 }, () => 403));
      // Node-RED itself would have locked the name after five.
      expect((await logIn('admin', 'admin password')).status).to.equal(200);
      const more: number[] = [];
      for (let attempt = 0; attempt < 6; attempt += 1) more.push((await logIn('admin', 'wrong')).status);
      expect(more).to.include(429);
      expect(host.output()).to.contain('auth.login.fail.credentials').and.not.to.contain('admin password');
    });
  });

  it('starts without a word of warning', () => {
    expect(host.output()).not.to.match(/\[(warn|error)\]/);
  });

  it('keeps the flow that is there', async () => {
    const data = await dataFolder('kept');
    const kept = join(data, 'node-red/flows.json');
    writeFileSync(kept, '[]');
    await placeFirstFlow(flow, join(data, 'node-red'), secret);
    expect(readFileSync(kept, 'utf8')).to.equal('[]');
  });

  const refusals: [string, () => Promise<NodeJS.ProcessEnv>, RegExp][] = [
    [
      'without a secret',
      async () => ({ SEZAM_DATA: join(folder, 'nowhere') }),
      /node-red-credential-secret.*cannot be read/,
    ],
    ['with an empty secret', async () => ({ SEZAM_DATA: await dataFolder('empty', '') }), /has 0 characters/],
    [
      'beyond this machine without a certificate',
      async () => ({ SEZAM_DATA: await dataFolder('open'), SEZAM_BIND: '0.0.0.0' }),
      /SEZAM_TLS_KEY/,
    ],
  ];
  for (const [what, environment, reason] of refusals) {
    it(`does not start ${what}`, async () => {
      const failure = await startChild('test/nodes/editor-host.ts', /port (\d+)/, {
        cwd: ROOT,
        env: await environment(),
      }).then(
        async (started) => {
          await started.end();
          return new Error('It started.');
        },
        (error: Error) => error,
      );
      expect(failure.message).to.match(reason);
    });
  }
});
