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

/** Makes the folder, for its owner alone, and the empty file in it. Returns the file's path. @throws EmbeddedMongoError 'folder-unusable' */
export function prepareStoreFile(folder: string): string {
  const file = join(folder, 'store.sqlite');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // SQLite gives its log the permissions of the file, so the file has to have them first.
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new EmbeddedMongoError(
      'folder-unusable',
      `The folder '${folder}' cannot hold the store: ${reasonOf(error)}. Choose a folder that this user may write to.`,
      { cause: error },
    );
  }
  return file;
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
