/** A store for one measurement: a database of its own on a server, or the embedded store in a folder. */
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../embedded-mongo/index.ts';

export interface BenchStore {
  readonly uri: string;
  /** Drops what was stored, and closes what was opened. */
  close(): Promise<void>;
}

/**
 * @param mongodbUri a server; the embedded store where it is left out
 * @param folder where the embedded store may keep its data; `name` is unique in it
 */
export async function openBenchStore(
  mongodbUri: string | undefined,
  folder: string,
  name: string,
): Promise<BenchStore> {
  const database = `bench-${name}-${process.pid}`;
  if (mongodbUri === undefined) {
    const store = await startEmbeddedMongo({ folder: join(folder, `store-${name}`) });
    return { uri: `${store.uri}/${database}`, close: () => store.close() };
  }
  const uri = `${mongodbUri}/${database}`;
  return {
    uri,
    close: async () => {
      const client = await MongoClient.connect(uri);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}
