import { startEmbeddedMongo } from '../embedded-mongo/index.ts';
import { EmbeddedStoreFailed } from './embedded-store-failed.ts';
import type { Clock, Unsubscribe } from './ports.ts';

/** Pauses before a store whose thread died is started again. Milliseconds. */
const PAUSES = [500, 2_000, 10_000, 60_000] as const;

/** The store of a site without a MongoDB server. */
export interface EmbeddedStore {
  readonly uri: string;
  close(): Promise<void>;
}

/**
 * Opens the embedded store and keeps it open: should its thread die, it is started again on the same socket, and
 * decisions go to the journal meanwhile, as during an outage of any database.
 * @throws EmbeddedStoreFailed where it cannot be opened at first
 */
export async function openEmbeddedStore(
  folder: string,
  clock: Clock,
  notice: (message: string) => void,
): Promise<EmbeddedStore> {
  let closed = false;
  let cancel: Unsubscribe = () => {};
  const start = () => startEmbeddedMongo({ folder, onCrash: (error) => crashed(error) });
  const startAgain = (tries: number): void => {
    cancel = clock.after(PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 60_000, () => {
      running = start();
      running.catch((error: unknown) => {
        notice(
          `The store could not be started again: ${error instanceof Error ? error.message : String(error)}`,
        );
        if (!closed) startAgain(tries + 1);
      });
    });
  };
  const crashed = (error: Error): void => {
    notice(`The store stopped working and is started again: ${error.message}`);
    if (!closed) startAgain(0);
  };
  let running = start();
  const { uri } = await running.catch((error: unknown) => {
    throw new EmbeddedStoreFailed(folder, error);
  });
  return {
    uri,
    async close() {
      closed = true;
      cancel();
      const store = await running.catch(() => undefined);
      await store?.close();
    },
  };
}
