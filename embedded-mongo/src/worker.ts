/** The thread that the store runs in, so that a sync of the disk never blocks the gateway's event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { EmbeddedMongoError, type EmbeddedMongoErrorCode } from './errors.ts';
import { type ServerOptions, startServer } from './server.ts';

/** What the thread tells. */
export type WorkerReport =
  | { readonly kind: 'started'; readonly uri: string }
  | { readonly kind: 'failed'; readonly code: EmbeddedMongoErrorCode; readonly message: string };

function failure(error: unknown): WorkerReport {
  if (error instanceof EmbeddedMongoError)
    return { kind: 'failed', code: error.code, message: error.message };
  return {
    kind: 'failed',
    code: 'worker-failed',
    message: error instanceof Error ? error.message : String(error),
  };
}

async function run(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('worker.ts runs in a worker thread only');
  try {
    const server = await startServer(workerData as ServerOptions);
    // The only message that ever comes says to close.
    port.once('message', () => {
      void server.close().then(() => port.close());
    });
    port.postMessage({ kind: 'started', uri: server.uri } satisfies WorkerReport);
  } catch (error) {
    port.postMessage(failure(error));
    port.close();
  }
}

await run();
