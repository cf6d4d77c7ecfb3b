import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SiteCabinet, SiteFile } from '../../config/site.ts';
import { CommandedSezam } from './support/commanded-sezam.ts';
import { endAll, npmRun, SezamProcess } from './support/sezam-process.ts';
import { TestStore } from './support/test-store.ts';
import { TwoCabinets } from './support/two-cabinets.ts';

const CARD = '04A1B2C6';

/** What is out of bounds, as the person meets it who types it. */
describe('Wrong numbers', () => {
  let folder: string;
  let site: TwoCabinets;
  let store: TestStore;
  let environment: Readonly<Record<string, string>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-wrong-numbers-'));
    site = await TwoCabinets.wire();
    store = new TestStore();
    environment = {
      SEZAM_DATA: join(folder, 'data'),
      SEZAM_SITE: join(folder, 'site.json'),
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      ...store.environment,
    };
    await site.writeSiteFile(join(folder, 'site.json'));
  });

  after(async () => {
    await endAll();
    await site?.close();
    await store?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const guests = (change: Partial<SiteCabinet>): SiteFile => ({
    ...site.file,
    cabinets: site.file.cabinets.map((cabinet, index) => (index === 0 ? { ...cabinet, ...change } : cabinet)),
  });
  const range = { from: 1, board: 'guests-board', firstLock: 0 } as const;

  const WRONG: readonly {
    readonly what: string;
    readonly change: Partial<SiteCabinet>;
    readonly says: RegExp;
  }[] = [
    {
      what: 'a group of 33',
      change: {
        compartments: [{ ...range, to: 33 }],
        groups: [{ id: 'all', compartments: '1-33', userGroups: [] }],
      },
      says: /cabinets\[0\]\.groups\[0\]\.compartments: .*33 compartments; a group has 1 to 32/,
    },
    {
      what: 'compartment 513',
      change: { compartments: [{ ...range, to: 513 }] },
      says: /cabinets\[0\]\.compartments\[0\]\.to: must be <= 512/,
    },
    {
      what: 'PINs of 3 digits',
      change: { pins: { least: 3 } },
      says: /cabinets\[0\]\.pins\.least: must be >= 4/,
    },
    {
      what: 'PINs of at least 9 and at most 8 digits',
      change: { pins: { least: 9, most: 8 } },
      says: /cabinets\[0\]\.pins/,
    },
  ];
  for (const { what, change, says } of WRONG) {
    it(`a site with ${what} does not start, and one line says where and why`, async () => {
      const path = join(folder, 'wrong.json');
      await writeFile(path, JSON.stringify(guests(change)));
      const { code, stdout, stderr } = await SezamProcess.spawn('node', {
        ...environment,
        SEZAM_SITE: path,
      }).ended();
      expect(stderr).to.match(says);
      expect(stderr.startsWith(`sezam: ${path}: `), stderr).to.equal(true);
      expect(stderr.trimEnd().split('\n')).to.have.length(1);
      expect([code, stdout]).to.deep.equal([1, '']);
    });
  }

  it('people of a CSV with broken lines: each line is told, the whole ones are added, and the command fails', async () => {
    const sezam = new CommandedSezam(environment);
    await sezam.start();
    const csv = join(folder, 'people.csv');
    await writeFile(
      csv,
      `name,card,pin\nAnna,${CARD},48151\nBert,,123\n"Carl,04A1B2C4,\nDora,04A1B2C7,51623\n`,
    );
    const looked = await npmRun('admin', ['import', '--file', csv, '--dry-run'], environment);
    expect(looked.stdout).to.match(/2 of 4 people would be added, 2 refused\./);
    const added = await npmRun('admin', ['import', '--file', csv], environment);
    const lines = added.stdout.trimEnd().split('\n');
    expect(lines.map((line) => /^line \d+: (?:ok|error [a-z-]+)|.*/.exec(line)?.[0])).to.deep.equal([
      'line 2: ok',
      'line 3: error pin-malformed',
      'line 4: error line-malformed',
      'line 5: ok',
      '2 of 4 people were added, 2 refused.',
    ]);
    expect(added.code, 'a script notices').to.equal(1);
    const [, anna = ''] = /^line 2: ok (\S+)/m.exec(added.stdout) ?? [];
    const pin = await npmRun('admin', ['add-pin', '--user', anna], environment, '123\n');
    expect(pin.stderr).to.match(/^pin-malformed: .*4 to 16 digits/);
    expect(pin.code).to.equal(1);
    expect(`${added.stdout}${added.stderr}${sezam.printed}`).to.not.match(/48151|51623|04A1B2C/);
    await sezam.stop();
  });
});
