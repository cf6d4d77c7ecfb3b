import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { serveConnection } from './connection.ts';
import { Cursors } from './cursors.ts';
import { EmbeddedMongoError } from './errors.ts';
import { sweepExpired } from './expiry.ts';
import { prepareSocketPath, prepareStoreFiles, uriOf } from './folders.ts';
import { GroupCommit } from './group-commit.ts';
import { Catalog } from './storage/catalog.ts';
import { Database, type DatabaseOptions } from './storage/database.ts';
import { FolderLock } from './storage/folder-lock.ts';
import type { Store } from './storage/store.ts';

/** What the server needs to know; must survive being handed to a thread. */
export interface ServerOptions {
  readonly folder: string;
  readonly socketFolder?: string | undefined;
  readonly expiryMilliseconds?: number | undefined;
  readonly maximumPages?: number | undefined;
}

export interface RunningServer {
  readonly uri: string;
  close(): Promise<void>;
}

/** As the server: expired documents are deleted once a minute. */
const defaultExpiryMilliseconds = 60_000;

/** Pause while more has expired than is deleted in one go; on a full disk, where nothing can be deleted, it keeps the store from spinning. */
const betweenSweepsMilliseconds = 50;

/** How long clients may take to hang up when the store closes. */
const closingMilliseconds = 1000;

/** Most clients at once. */
const maximumConnections = 1000;

/** SQLite's result codes for a file that somebody else has locked. */
const sqliteBusyCodes = new Set([5, 6]);

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' && sqliteBusyCodes.has(code & 0xff);
}

function openingError(error: unknown, folder: string, file: string): EmbeddedMongoError {
  if (isBusy(error)) {
    return new EmbeddedMongoError(
      'folder-in-use',
      `The store in '${folder}' is in use by another process. Stop that process, or give this one a folder of its own.`,
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new EmbeddedMongoError(
    'store-unreadable',
    `The store in '${folder}' cannot be opened: ${reason}. Restore '${file}' from a backup, or start with an empty folder.`,
    { cause: error },
  );
}

interface OpenStore {
  readonly store: Store;
  readonly close: () => void;
}

function openStore(options: ServerOptions): OpenStore {
  const files = prepareStoreFiles(options.folder);
  const databaseOptions: DatabaseOptions =
    options.maximumPages === undefined
      ? { file: files.data }
      : { file: files.data, maximumPages: options.maximumPages };
  let lock: FolderLock | undefined;
  try {
    const held = new FolderLock(files.lock);
    lock = held;
    const database = new Database(databaseOptions);
    return {
      store: { database, catalog: new Catalog(database), cursors: new Cursors() },
      close: () => {
        database.close();
        held.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw openingError(error, options.folder, files.data);
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  chmodSync(path, 0o600);
}

/** Opens the store in a folder and serves it on a Unix socket, in this thread. @throws EmbeddedMongoError */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const opened = openStore(options);
  const { store } = opened;
  const group = new GroupCommit(store);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    connections = (connections + 1) & 0x7fff_ffff;
    serveConnection(socket, connections, group);
  });
  server.maxConnections = maximumConnections;
  let path: string;
  try {
    path = prepareSocketPath(options.folder, options.socketFolder);
    await listen(server, path);
  } catch (error) {
    opened.close();
    throw error;
  }

  const sweep = (): void => {
    let more = false;
    group.runInternal(() => {
      more = sweepExpired(store, Date.now());
    });
    store.cursors.sweep(Date.now());
    if (more) continuation = setTimeout(sweep, betweenSweepsMilliseconds);
  };
  let continuation: NodeJS.Timeout | undefined;
  const timer = setInterval(sweep, options.expiryMilliseconds ?? defaultExpiryMilliseconds);

  return {
    uri: uriOf(path),
    close: async () => {
      clearInterval(timer);
      clearTimeout(continuation);
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      group.flush();
      for (const socket of sockets) socket.end();
      const impatience = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, closingMilliseconds);
      await closed;
      clearTimeout(impatience);
      group.flush();
      rmSync(path, { force: true });
      opened.close();
    },
  };
}
