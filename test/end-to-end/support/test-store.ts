/** The store of a test: a database of its own on `MONGODB_URI` where that is set, the embedded store otherwise. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import type { LoggedEvent } from '../../../domain/event.ts';
import { startEmbeddedMongo } from '../../../embedded-mongo/index.ts';
import { type StreamReport, verifyLog } from '../../../gateway/event-log/verify.ts';
import { connect } from '../../../models/connection.ts';
import { EventRepository } from '../../../models/events.ts';

/** A store that is open for reading, while no Sezam works on it. */
export interface OpenStore {
  readonly connection: Connection;
  readonly events: EventRepository;
  close(): Promise<void>;
}

export class TestStore {
  /** Where a Sezam finds it; undefined for the embedded store in its data folder. */
  readonly uri: string | undefined;

  constructor() {
    const server = process.env['MONGODB_URI'];
    this.uri = server && databaseOn(server, `sezam-test-${randomBytes(6).toString('hex')}`);
  }

  /** For a child process. */
  get environment(): Readonly<Record<string, string>> {
    return this.uri === undefined ? {} : { MONGODB_URI: this.uri };
  }

  async open(dataFolder: string): Promise<OpenStore> {
    const embedded =
      this.uri === undefined ? await startEmbeddedMongo({ folder: join(dataFolder, 'store') }) : undefined;
    const connection = await connect(this.uri ?? embedded?.uri ?? '');
    return {
      connection,
      events: new EventRepository(connection),
      close: async () => {
        await connection.close();
        await embedded?.close();
      },
    };
  }

  /** The events of a stream, in order, while no Sezam works on the store. */
  async eventsOf(dataFolder: string, stream: string): Promise<LoggedEvent[]> {
    const store = await this.open(dataFolder);
    try {
      return await Array.fromAsync(store.events.read(stream, 0));
    } finally {
      await store.close();
    }
  }

  /** Drops the database; an embedded one goes with its data folder. */
  async remove(): Promise<void> {
    if (this.uri === undefined) return;
    const connection = await connect(this.uri);
    await connection.dropDatabase();
    await connection.close();
  }
}

/** The same server, with another database. */
export function databaseOn(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}

/** What verifying every stream found wrong; empty where the log is sound. */
export async function flawsOf(events: EventRepository): Promise<StreamReport[]> {
  return (await Array.fromAsync(verifyLog(events))).filter(({ flaw }) => flaw !== undefined);
}
