import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import { type StartedGateway, startGateway } from '../../gateway/start.ts';
import { temporaryFolder } from '../support/store.ts';

const run = promisify(execFile);
const ACTOR = { kind: 'machine', id: 'test' } as const;
const SITE: SiteFile = {
  version: 1,
  site: { id: 'works', name: 'Works', timeZone: 'UTC', language: 'en' },
  buses: [],
  boards: [],
  readers: [],
  cabinets: [],
};

describe('forgetting every credential', () => {
  let folder: string;
  let started: StartedGateway | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await started?.close();
    started = undefined;
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<StartedGateway> {
    started = await startGateway({ siteFile: 'site.json', site: SITE, dataFolder: folder });
    return started;
  }

  async function forget(...words: string[]): Promise<{ readonly code: number; readonly told: string }> {
    const { MONGODB_URI: _, ...environment } = process.env;
    const options = { env: { ...environment, SEZAM_DATA: folder } };
    const script = new URL('../../scripts/forget-credentials.ts', import.meta.url).pathname;
    return run(process.execPath, [script, ...words], options).then(
      ({ stdout }) => ({ code: 0, told: stdout }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, told: stderr }),
    );
  }

  it('lets Sezam start again where a key is lost for good', async () => {
    const { administration } = await start();
    const first = await administration.firstAdministrator();
    const anna = { name: 'Anna', roles: ['defined'], groups: [] } as const;
    const card = { kind: 'card', value: '04A1B2C3' } as const;
    const user = await administration.addUser(anna, ACTOR, [card]);
    expect(await forget('--yes')).to.include({ code: 2 });
    await started?.close();
    started = undefined;
    await rename(join(folder, 'secrets', 'credential-key'), join(folder, 'lost'));
    expect(await start().catch((error: Error) => error.message)).to.contain('credential-key');

    const asked = await forget();
    expect(asked.code).to.equal(2);
    expect(asked.told).to.contain('--yes');
    expect(await forget('--yes')).to.deep.equal({
      code: 0,
      told: '2 credentials were taken away. Sezam makes a new key at its next start.\n',
    });

    const again = await start();
    expect(await again.administration.credentialsOf(user)).to.deep.equal([]);
    await again.administration.addCredential(user, card, ACTOR);
    const second = await again.administration.firstAdministrator();
    expect(second?.login).to.equal(first?.login);
  });
});
