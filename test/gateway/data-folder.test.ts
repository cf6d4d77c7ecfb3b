import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { DataFolderError, holdDataFolder, socketPath } from '../../gateway/data-folder.ts';
import { temporaryFolder } from '../support/store.ts';

describe('the data folder', () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    child = undefined;
    await rm(folder, { recursive: true });
  });

  /** A process that holds the folder until it is killed. */
  async function holder(): Promise<ChildProcess> {
    const script = join(import.meta.dirname, 'support', 'hold-data-folder.ts');
    child = spawn(process.execPath, [script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    return child;
  }

  it('is made for its owner alone, and can be had again once it is released', async () => {
    const path = join(folder, 'new');
    const held = await holdDataFolder(path);
    expect((await stat(path)).mode & 0o777).to.equal(0o700);
    held.release();
    (await holdDataFolder(path)).release();
  });

  it('is refused to a second holder in the same process', async () => {
    const held = await holdDataFolder(folder);
    const refused = await holdDataFolder(folder).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(DataFolderError).with.property('code', 'data-folder-in-use');
    expect(refused).to.have.property('message').that.contains(folder).and.contains('SEZAM_DATA');
    held.release();
  });

  it('is refused while another process holds it, and free when that was killed', async () => {
    const other = await holder();
    const refused = await holdDataFolder(folder).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(DataFolderError);
    other.kill('SIGKILL');
    await once(other, 'exit');
    (await holdDataFolder(folder)).release();
  });

  it('has its sockets inside, or in a private folder where their path would be too long', async () => {
    expect(await socketPath(folder, 'commands')).to.equal(join(folder, 'run', 'commands.sock'));
    const long = join(folder, 'x'.repeat(90));
    const elsewhere = await socketPath(long, 'commands');
    expect(Buffer.byteLength(elsewhere)).to.be.lessThan(107);
    expect(await socketPath(long, 'commands')).to.equal(elsewhere);
    expect(await socketPath(`${long}y`, 'commands')).to.not.equal(elsewhere);
    const parent = join(elsewhere, '..');
    expect((await stat(parent)).mode & 0o777).to.equal(0o700);
    await rm(parent, { recursive: true });
    await rm(join(await socketPath(`${long}y`, 'commands'), '..'), { recursive: true });
  });
});
