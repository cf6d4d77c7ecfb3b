import { createHash } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { keptFile } from './kept-file.ts';
import { newId, SecretError } from './secrets.ts';

/** Longest path of a Unix socket on Linux, in bytes, with room for the closing zero. */
const LONGEST_SOCKET_PATH = 107;

/** Another process works on the same data. */
export class DataFolderError extends Error {
  readonly code = 'data-folder-in-use';

  constructor(folder: string) {
    super(
      `Another process works on the data folder ${folder}. Stop it first, or give this one a folder of its own with SEZAM_DATA.`,
    );
    this.name = 'DataFolderError';
  }
}

/** A data folder that no other process works on while this one holds it. */
export interface HeldDataFolder {
  readonly path: string;
  release(): void;
}

/**
 * Makes the data folder, readable by this user only, and holds it until released or until the process ends,
 * however it ends: the operating system drops the lock of a process that was killed.
 * @throws DataFolderError where another process holds it
 */
export async function holdDataFolder(path: string): Promise<HeldDataFolder> {
  const run = join(path, 'run');
  await mkdir(run, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  const lock = new DatabaseSync(join(run, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock.close();
    if (/locked|busy/i.test((error as Error).message)) throw new DataFolderError(path);
    throw error;
  }
  return { path, release: () => lock.close() };
}

/**
 * Path of a Unix socket that belongs to a data folder: in its folder `run`, or, where that path is too long for a
 * socket, in a folder of this user's among the temporary files.
 */
export async function socketPath(dataFolder: string, name: string): Promise<string> {
  const own = join(dataFolder, 'run', `${name}.sock`);
  if (Buffer.byteLength(own) < LONGEST_SOCKET_PATH) return own;
  const digest = createHash('sha256').update(dataFolder).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), `sezam-${userInfo().uid}-${digest}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  return join(folder, `${name}.sock`);
}

/**
 * What this gateway is called in the log: made at first start, kept in the file `gateway-id` of the data folder.
 * Each gateway of a site records its administration in a stream of its own, `site/<id>`, so that every stream has one
 * writer.
 */
export async function gatewayId(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'gateway-id');
  const id = (await keptFile(path, () => `${newId('gateway')}\n`)).trim();
  if (!/^gateway-[0-9a-f]{24}$/.test(id)) {
    throw new SecretError(`${path} does not hold the name of a gateway. Restore it from a backup.`);
  }
  return id;
}
