/**
 * A small MongoDB endpoint inside of the process: it speaks the MongoDB wire protocol over a private Unix
 * socket and keeps its data in one SQLite file. See README.md for what it does and what it refuses.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { EmbeddedMongoError } from './src/errors.ts';
import { socketPathOf, uriOf } from './src/folders.ts';
import { type ServerOptions, startServer } from './src/server.ts';
import type { WorkerReport } from './src/worker.ts';

export { EmbeddedMongoError, type EmbeddedMongoErrorCode } from './src/errors.ts';

export interface EmbeddedMongoOptions {
  /** Folder for `store.sqlite` and the socket; created for its owner alone (0700). */
  readonly folder: string;
  /**
   * Folder for the socket when a path under `folder` would be longer than a socket's path may be (107
   * bytes). Default: a private folder under the system's temporary folder.
   */
  readonly socketFolder?: string;
  /** Run in a thread of its own, so that a sync of the disk never blocks the caller's event loop. Default true. */
  readonly thread?: boolean;
  /** How often documents that have expired are deleted, in milliseconds. Default 60,000, as a server does it. */
  readonly expiryMilliseconds?: number;
  /** Largest size of the store in pages of 4 KiB; beyond it writes fail as on a full disk. Default: none. */
  readonly maximumPages?: number;
  /** Told when the thread dies while it should serve. Default: the error is thrown, which ends the process. */
  readonly onCrash?: (error: EmbeddedMongoError) => void;
}

export interface EmbeddedMongo {
  /** Address for a MongoDB driver: `mongodb://%2Fpath%2Fto%2Fmongo.sock`. */
  readonly uri: string;
  /** Stops serving, makes everything durable and gives the folder free. Calling it again does nothing. */
  close(): Promise<void>;
}

function reportedStart(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.once('message', (report: WorkerReport) => {
      if (report.kind === 'started') resolve(report.uri);
      else reject(new EmbeddedMongoError(report.code, report.message));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(
        new EmbeddedMongoError(
          'worker-failed',
          `The store's thread ended with ${code} before it had started.`,
        ),
      );
    });
  });
}

function throwLater(error: EmbeddedMongoError): void {
  setImmediate(() => {
    throw error;
  });
}

async function startThread(
  options: ServerOptions,
  onCrash: (error: EmbeddedMongoError) => void,
): Promise<EmbeddedMongo> {
  // The compiled package has .js where the sources have .ts.
  const file = new URL(`./src/worker${extname(import.meta.url)}`, import.meta.url);
  // Flags of the process, such as --input-type, are not the thread's; node:sqlite warns that it is young.
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const worker = new Worker(file, { workerData: options, name: 'embedded-mongo', execArgv });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  let uri: string;
  try {
    uri = await reportedStart(worker);
  } catch (error) {
    await exited;
    throw error;
  }
  worker.removeAllListeners('error');
  let closing: Promise<void> | undefined;
  worker.once('error', (cause) => {
    onCrash(new EmbeddedMongoError('worker-failed', `The store's thread died: ${cause.message}`, { cause }));
  });
  return {
    uri,
    close: () => {
      if (closing === undefined) {
        worker.postMessage('close');
        closing = exited;
      }
      return closing;
    },
  };
}

/**
 * Opens the store in a folder, or makes a new one, and serves it.
 * @throws EmbeddedMongoError 'folder-in-use' when another process has it; see its codes for the rest
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { folder, socketFolder, expiryMilliseconds, maximumPages } = options;
  const serverOptions: ServerOptions = { folder, socketFolder, expiryMilliseconds, maximumPages };
  if (options.thread ?? true) return startThread(serverOptions, options.onCrash ?? throwLater);
  const server = await startServer(serverOptions);
  let closing: Promise<void> | undefined;
  return {
    uri: server.uri,
    close: () => {
      closing ??= server.close();
      return closing;
    },
  };
}

/** The address at which a process that has the store of a folder open serves it. It may not run. */
export function embeddedMongoUri(folder: string, socketFolder?: string): string {
  return uriOf(socketPathOf(folder, socketFolder));
}
