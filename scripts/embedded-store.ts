import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedMongoUri, startEmbeddedMongo } from '../embedded-mongo/index.ts';

/** A store that a command line may read. */
export interface OpenStore {
  readonly uri: string;
  close(): Promise<void>;
}

/**
 * The embedded store of a data folder: that of the Sezam that runs on it, or, where none does, opened for as long as
 * it is needed. Rejects where the folder holds no store.
 */
export async function openEmbeddedStore(folder: string): Promise<OpenStore> {
  await stat(join(folder, 'store.sqlite')).catch(() => {
    throw new Error(
      `There is no store in ${folder}. Name the data folder with SEZAM_DATA, or the server with MONGODB_URI.`,
    );
  });
  try {
    return await startEmbeddedMongo({ folder });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'folder-in-use') throw error;
    return { uri: embeddedMongoUri(folder), close: async () => {} };
  }
}
