import { createHash } from 'node:crypto';
import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedMongoError } from './errors.ts';

/** Longest path of a Unix socket on Linux, without the final zero. */
const maximumSocketPathBytes = 107;

const socketName = 'mongo.sock';

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The files of a store. */
export interface StoreFiles {
  readonly data: string;
  readonly lock: string;
}

/** Makes an empty file for its owner alone. One that is there is not even opened: closing it again would lift locks on it. */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Makes the folder and the files in it, for their owner alone. @throws EmbeddedMongoError 'folder-unusable' */
export function prepareStoreFiles(folder: string): StoreFiles {
  const files = { data: join(folder, 'store.sqlite'), lock: join(folder, 'store.lock') };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // SQLite gives its log the permissions of the file, so the file has to have them first.
    makeFile(files.data);
    makeFile(files.lock);
  } catch (error) {
    throw new EmbeddedMongoError(
      'folder-unusable',
      `The folder '${folder}' cannot hold the store: ${reasonOf(error)}. Choose a folder that this user may write to.`,
      { cause: error },
    );
  }
  return files;
}

function preparePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) {
    throw new EmbeddedMongoError(
      'folder-unusable',
      `The folder '${folder}' for the socket does not belong to this user. Remove it, or choose another one.`,
    );
  }
  chmodSync(folder, 0o700);
}

/**
 * Where the socket of a store's folder lies: under the folder, or where that path is too long, in the fallback.
 * @param fallback default: a folder under the system's temporary folder
 * @throws EmbeddedMongoError 'socket-path-too-long'
 */
export function socketPathOf(folder: string, fallback: string | undefined): string {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16);
  const candidates = [join(folder, 'socket'), fallback ?? join(tmpdir(), `embedded-mongo-${name}`)];
  const path = candidates
    .map((candidate) => join(candidate, socketName))
    .find((candidate) => Buffer.byteLength(candidate) <= maximumSocketPathBytes);
  if (path === undefined) {
    throw new EmbeddedMongoError(
      'socket-path-too-long',
      `No path for the socket is short enough: '${join(folder, 'socket', socketName)}' has more than ${maximumSocketPathBytes} bytes. Give a shorter 'socketFolder'.`,
    );
  }
  return path;
}

/**
 * Prepares a folder for the socket that only its owner can enter, and removes a socket that a killed
 * process left there. Call it only while holding the store's lock.
 * @throws EmbeddedMongoError 'folder-unusable' or 'socket-path-too-long'
 */
export function prepareSocketPath(folder: string, fallback: string | undefined): string {
  const path = socketPathOf(folder, fallback);
  preparePrivateFolder(dirname(path));
  rmSync(path, { force: true });
  return path;
}

/** The address of a socket for a MongoDB driver. */
export function uriOf(socketPath: string): string {
  return `mongodb://${encodeURIComponent(socketPath)}`;
}
