import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, type Document, MongoClient, MongoServerError } from 'mongodb';
import { type EmbeddedMongo, type EmbeddedMongoOptions, startEmbeddedMongo } from '../../index.ts';

/** Something that speaks MongoDB, with a database of its own. */
export interface Endpoint {
  readonly name: string;
  readonly client: MongoClient;
  readonly db: Db;
}

/** A folder that is removed at the end. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'embedded-mongo-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface RunningEmbedded extends Endpoint {
  readonly store: EmbeddedMongo;
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts an embedded store in a folder of its own and connects to it. */
export async function startEmbedded(options: Partial<EmbeddedMongoOptions> = {}): Promise<RunningEmbedded> {
  const folder = temporaryFolder();
  const store = await startEmbeddedMongo({ folder: folder.path, ...options });
  const client = await MongoClient.connect(store.uri);
  return {
    name: 'embedded store',
    client,
    db: client.db('test'),
    store,
    folder: folder.path,
    stop: async () => {
      await client.close();
      await store.close();
      folder.remove();
    },
  };
}

/** Connects to the real server that `MONGODB_URI` names. */
export async function connectServer(uri: string): Promise<Endpoint & { stop(): Promise<void> }> {
  const client = await MongoClient.connect(uri);
  const db = client.db(`embedded_mongo_test_${process.pid}_${Date.now()}`);
  return {
    name: 'server',
    client,
    db,
    stop: async () => {
      await db.dropDatabase();
      await client.close();
    },
  };
}

/**
 * Defines the same tests for the embedded store and, where `MONGODB_URI` is set, for the real server: what
 * they expect is then proven to be the server's behaviour.
 */
export function describeEndpoints(title: string, define: (endpoint: () => Endpoint) => void): void {
  const uri = process.env['MONGODB_URI'];
  const kinds: Record<string, () => Promise<Endpoint & { stop(): Promise<void> }>> = {
    'embedded store': () => startEmbedded(),
    ...(uri === undefined ? {} : { server: () => connectServer(uri) }),
  };
  for (const [kind, start] of Object.entries(kinds)) {
    describe(`${title} (${kind})`, () => {
      let running: (Endpoint & { stop(): Promise<void> }) | undefined;
      before(async () => {
        running = await start();
      });
      after(async () => {
        await running?.stop();
      });
      define(() => {
        if (running === undefined) throw new Error('the endpoint has not been started');
        return running;
      });
    });
  }
}

/** Runs a command and gives its reply, be it a success or an error, without what differs from run to run. */
export async function run(db: Db, command: Document): Promise<Document> {
  try {
    return await db.command(command);
  } catch (error) {
    if (error instanceof MongoServerError) return error.errorResponse as Document;
    throw error;
  }
}
