/** A store for one test file: a database of its own on `MONGODB_URI` where that is set, the embedded store otherwise. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { startEmbeddedMongo } from '../../embedded-mongo/index.ts';
import { connect } from '../../models/connection.ts';

export interface FreshStore {
  readonly uri: string;
  readonly connection: Connection;
  /** Removes every document and leaves collections and indexes. */
  empty(): Promise<void>;
  /** Closes the connection and removes everything that was stored. */
  remove(): Promise<void>;
}

/** Opens a store that nobody else uses. */
export async function openFreshStore(): Promise<FreshStore> {
  const server = process.env['MONGODB_URI'];
  if (server === undefined) return openEmbedded();
  const url = new URL(server);
  url.pathname = `/sezam-test-${randomBytes(6).toString('hex')}`;
  const connection = await connect(url.href);
  return {
    uri: url.href,
    connection,
    empty: () => emptied(connection),
    remove: async () => {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}

async function openEmbedded(): Promise<FreshStore> {
  const folder = await temporaryFolder();
  const embedded = await startEmbeddedMongo({ folder: join(folder, 'store'), thread: false });
  const connection = await connect(embedded.uri);
  return {
    uri: embedded.uri,
    connection,
    empty: () => emptied(connection),
    remove: async () => {
      await connection.close();
      await embedded.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A folder for one test, to be removed by it. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sezam-test-'));
}

async function emptied(connection: Connection): Promise<void> {
  const { db } = connection;
  if (!db) throw new Error('The connection is closed.');
  for (const { name } of await db.listCollections().toArray()) await db.collection(name).deleteMany({});
}
