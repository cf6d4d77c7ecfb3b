import { spawnSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { gatewayId } from '../../gateway/data-folder.ts';
import { installationKey } from '../../gateway/secrets.ts';
import { temporaryFolder } from '../support/store.ts';

const SCRIPT = join(import.meta.dirname, 'support', 'make-kept-files.ts');

describe('A file that is made once', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is the same for all who ask at once, and nothing else is left', async () => {
    const key = () => installationKey(folder, 'credential-key');
    expect(new Set(await Promise.all(Array.from({ length: 20 }, key)))).to.have.property('size', 1);
    expect(await readdir(join(folder, 'secrets'))).to.deep.equal(['credential-key']);
  });

  for (const [which, make, pattern] of [
    ['key', () => installationKey(folder, 'credential-key'), /^[0-9a-f]{64}$/],
    ['gateway-id', () => gatewayId(folder), /^gateway-[0-9a-f]{24}$/],
  ] as const) {
    it(`is made at the next start where the first one ended before it was written (${which})`, async () => {
      const limited = 'ulimit -f 0 && exec "$0" "$@"';
      const first = spawnSync('sh', ['-c', limited, process.execPath, SCRIPT, folder, which], {
        timeout: 10_000,
      });
      expect(first.status, 'the first start fails').to.not.equal(0);
      expect(await make()).to.match(pattern);
    });
  }
});
