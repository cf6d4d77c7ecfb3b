import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import demoSite from '../../config/demo-site.json' with { type: 'json' };
import { type Ended, endAll, SezamProcess } from '../end-to-end/support/sezam-process.ts';

/** The program as a whole: whatever is wrong is told in one line, and nothing is left half started. */
describe('A start with something wrong', () => {
  let folder: string;
  const environment = (): Record<string, string> => ({
    SEZAM_DATA: join(folder, 'data'),
    SEZAM_HTTP_PORT: '0',
    SEZAM_OPCUA_PORT: '0',
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-wrong-start-'));
  });

  afterEach(async () => {
    await endAll();
    await rm(folder, { recursive: true, force: true });
  });

  async function startWith(more: Readonly<Record<string, string>>): Promise<Ended> {
    return SezamProcess.spawn('node', { ...environment(), ...more }).ended();
  }

  function expectOneLine({ code, stdout, stderr }: Ended, line: RegExp): void {
    expect(stderr).to.match(line);
    expect(stderr.trimEnd().split('\n'), 'one line').to.have.length(1);
    expect(stdout).to.equal('');
    expect(code).to.equal(1);
  }

  it('says which setting is wrong, before it makes a data folder', async () => {
    const end = await startWith({ SEZAM_HTTP_PORT: 'eighty' });
    expectOneLine(end, /^sezam: environment: SEZAM_HTTP_PORT: must be a port from 0 to 65535\n$/);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('says that the site file is not there', async () => {
    const end = await startWith({ SEZAM_SITE: join(folder, 'site.json') });
    expectOneLine(end, new RegExp(`^sezam: ${folder}/site\\.json: there is no such file\n$`));
  });

  it('says which field of the site file is wrong', async () => {
    const site = join(folder, 'site.json');
    await writeFile(site, JSON.stringify({ ...demoSite, boards: [{ ...demoSite.boards[0], bus: 'lock' }] }));
    const end = await startWith({ SEZAM_SITE: site });
    expectOneLine(end, /^sezam: .*site\.json: boards\[0\]\.bus: there is no bus "lock"\n$/);
  });

  it('says which schemas there are', async () => {
    const site = join(folder, 'site.json');
    const [first, ...others] = demoSite.cabinets;
    await writeFile(
      site,
      JSON.stringify({ ...demoSite, cabinets: [{ ...first, schema: '9.9' }, ...others] }),
    );
    const end = await startWith({ SEZAM_SITE: site });
    expectOneLine(end, /^sezam: .*site\.json: cabinets\[0\]\.schema: must be one of 1\.1, .*6\.3\n$/);
  });

  it('says that no database answers, and does not say its password', async () => {
    const site = join(folder, 'site.json');
    // Where there are cassettes it would guard them, and wait for the database.
    const { cassettes, ...lockers } = demoSite;
    const guarded = new Set(cassettes.map(({ controller }) => controller.bus));
    const buses = lockers.buses.filter(({ id }) => !guarded.has(id));
    await writeFile(site, JSON.stringify({ ...lockers, buses }));
    const end = await startWith({
      SEZAM_SITE: site,
      MONGODB_URI: 'mongodb://sezam:secret@127.0.0.1:9/lockers',
    });
    expectOneLine(
      end,
      /^sezam: The database at 127\.0\.0\.1:9 cannot be reached: .*correct MONGODB_URI\.\n$/,
    );
    expect(end.stderr).to.not.include('secret');
  });

  for (const variable of ['SEZAM_HTTP_PORT', 'SEZAM_OPCUA_PORT'] as const) {
    it(`says that the port of ${variable} is taken`, async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as AddressInfo;
      try {
        const { code, stderr } = await startWith({ [variable]: String(port) });
        expect(stderr).to.match(new RegExp(`^sezam: .*\\b${port}\\b.*${variable}`, 'm'));
        expect(stderr, 'no stack').to.not.match(/\n\s+at /);
        expect(code).to.equal(1);
      } finally {
        await new Promise((resolve) => other.close(resolve));
      }
    });
  }

  it('says that a certificate cannot be read', async () => {
    const end = await startWith({
      SEZAM_TLS_KEY: join(folder, 'key.pem'),
      SEZAM_TLS_CERT: join(folder, 'cert.pem'),
    });
    expectOneLine(end, /^sezam: environment: SEZAM_TLS_KEY: .*key\.pem cannot be read \(ENOENT\)\n$/);
  });

  it('says that a secret of the installation is damaged, and makes no other in its place', async () => {
    const { sezam } = await SezamProcess.start('node', environment());
    await sezam.stop();
    const secret = join(folder, 'data', 'secrets', 'credential-key');
    await writeFile(secret, 'gone\n');
    const end = await startWith({});
    expectOneLine(
      end,
      /^sezam: .*credential-key does not hold a key of 64 hex digits\. Restore it from a backup\.\n$/,
    );
  });
});
