/** The built module, packed and installed as anybody would. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { builtModule, NODES, ROOT } from './built-nodes.ts';
import { type RunningChild, startChild } from './child-process.ts';

/** A site whose only wire belongs to a flow, so that nothing but the module is needed. */
const SITE = {
  version: 1,
  site: { id: 'foreign', name: 'Foreign site', timeZone: 'Europe/Warsaw', language: 'en' },
  buses: [{ id: 'own', transport: { type: 'flow' } }],
  boards: [{ id: 'board-1', bus: 'own', driver: 'kerong-cu48', address: 0 }],
  readers: [],
  cabinets: [
    {
      id: 'A',
      name: 'Cabinet A',
      kind: 'clothes',
      schema: '2.2',
      compartments: [{ from: 1, to: 4, board: 'board-1', firstLock: 0 }],
    },
  ],
};

const FLOW = [
  { id: 'tab', type: 'tab', label: 'foreign' },
  { id: 'gateway', type: 'sezam-gateway', name: '', siteFile: 'site.json', dataFolder: '', configVersion: 1 },
  {
    id: 'event',
    type: 'sezam-event',
    z: 'tab',
    gateway: 'gateway',
    cabinet: '',
    types: '',
    configVersion: 1,
    x: 1,
    y: 1,
    wires: [],
  },
];

describe('the module node-red-contrib-sezam', () => {
  let userFolder = '';
  let installed: string;
  let host: RunningChild | undefined;
  let dist: string;

  before(() => {
    dist = builtModule();
    // Inside the project, so that what the module depends on is found further up.
    mkdirSync(join(ROOT, 'data'), { recursive: true });
    userFolder = mkdtempSync(join(ROOT, 'data', 'foreign-'));
    execFileSync('npm', ['pack', dist, '--ignore-scripts', '--offline', '--pack-destination', userFolder], {
      cwd: userFolder,
      stdio: 'pipe',
    });
    const archive = readdirSync(userFolder).find((name) => name.endsWith('.tgz')) ?? 'no archive';
    installed = join(userFolder, 'node_modules', 'node-red-contrib-sezam');
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', join(userFolder, archive), '-C', installed, '--strip-components=1']);
    writeFileSync(join(userFolder, 'site.json'), JSON.stringify(SITE));
    writeFileSync(join(userFolder, 'flows.json'), JSON.stringify(FLOW));
  });

  after(async () => {
    await host?.end();
    if (userFolder) rmSync(userFolder, { recursive: true, force: true });
  });

  it('is packed with its pages, texts, icons and examples, and without maps and leftovers of the build', () => {
    const files = readdirSync(installed, { recursive: true }).map(String);
    for (const node of NODES) {
      expect(files).to.include.members([
        `nodes/${node}/${node}.js`,
        `nodes/${node}/${node}.html`,
        `nodes/${node}/locales/it/${node}.html`,
      ]);
    }
    expect(files).to.include.members([
      'examples/basic-flow.json',
      'nodes/lock/icons/sezam-lock.svg',
      'package.json',
    ]);
    expect(
      files.filter((file) => /\.map$|\.tsbuildinfo|\.build-stamp|\.ts$|^scripts/.test(file)),
    ).to.deep.equal([]);
  });

  it('is a sound package', async () => {
    const { messages, pkg } = await publint({ pkgDir: dist, strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg))).to.deep.equal([]);
  });

  it('depends on exact versions, and not on Node-RED', () => {
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies).to.include.keys('mingo', 'bson', 'mongoose').and.not.to.have.property('node-red');
    for (const [name, version] of Object.entries(dependencies)) {
      expect(version, name).to.match(/^\d+\.\d+\.\d+/);
    }
  });

  it('names every package that its code imports', () => {
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const imported = new Set<string>();
    for (const file of readdirSync(installed, { recursive: true }).map(String)) {
      // Pages are scripts of the browser.
      if (!file.endsWith('.js') || file.includes('pages/')) continue;
      const code = readFileSync(join(installed, file), 'utf8');
      for (const [, name = ''] of code.matchAll(/(?:\bfrom |\bimport\()'([^'.][^']*)'/g)) {
        if (!name.startsWith('node:')) imported.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
      }
    }
    imported.delete('node-red');
    expect(Object.keys(dependencies)).to.include.members([...imported]);
  });

  it('is loaded by a plain Node-RED 5, which starts the gateway from the gateway node', async () => {
    host = await startChild('test/nodes/foreign-host.ts', /port (\d+)/, { cwd: ROOT, args: [userFolder] });
    const address = `http://127.0.0.1:${host.ready[1]}`;
    const json = async (path: string): Promise<unknown> =>
      (await fetch(`${address}${path}`, { headers: { accept: 'application/json' } })).json();

    const sets = (await json('/nodes')) as { module: string; name: string; types: string[]; err?: string }[];
    const own = sets.filter(({ module }) => module === 'node-red-contrib-sezam');
    expect(own.map(({ types }) => types[0])).to.have.members(NODES.map((node) => `sezam-${node}`));
    expect(own.filter(({ err }) => err !== undefined)).to.deep.equal([]);
    const texts = (await json('/nodes/messages?lng=pl')) as Record<string, { label: { node: string } }>;
    expect(texts['node-red-contrib-sezam/door']?.label.node).to.equal('drzwi');

    let answer: { site?: { id: string }; embedded?: boolean } = {};
    const deadline = Date.now() + 60_000;
    while (!answer.site && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      answer = (await json('/sezam/site')) as typeof answer;
    }
    expect(answer.site?.id, host.output()).to.equal('foreign');
    expect(answer.embedded).to.equal(false);
  });
});
