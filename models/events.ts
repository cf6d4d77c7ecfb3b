import { type Connection, type Model, Schema, Types } from 'mongoose';
import type { Actor, LoggedEvent } from '../domain/event.ts';
import {
  type AppendOutcome,
  type EventStore,
  type StoredSnapshot,
  StoreUnavailable,
} from '../gateway/event-log/event-store.ts';
import { SEARCH_INDEXES, type SearchIndex } from './event-indexes.ts';

/** An event as it lies in the collection `events`: as logged, with its time as a date for indexes and queries. */
export interface EventDocument extends Omit<LoggedEvent, 'at'> {
  readonly at: Date;
}

export const EVENTS = 'events';

const eventSchema = new Schema<EventDocument>(
  {
    stream: { type: String, required: true },
    seq: { type: Number, required: true },
    at: { type: Date, required: true },
    type: { type: String, required: true },
    actor: { type: Schema.Types.Mixed, required: true },
    data: { type: Schema.Types.Mixed, required: true },
    prev: { type: String, required: true },
    hash: { type: String, required: true },
  },
  { collection: EVENTS, versionKey: false, minimize: false, strict: 'throw' },
);
eventSchema.index({ stream: 1, seq: 1 }, { unique: true });
for (const { key, partialFilterExpression } of Object.values<SearchIndex>(SEARCH_INDEXES)) {
  eventSchema.index(key, partialFilterExpression ? { partialFilterExpression } : {});
}

interface SnapshotDocument {
  readonly _id: string;
  readonly seq: number;
  readonly hash: string;
  readonly state: unknown;
}

const snapshotSchema = new Schema<SnapshotDocument>(
  {
    _id: { type: String, required: true },
    seq: { type: Number, required: true },
    hash: { type: String, required: true },
    state: { type: Schema.Types.Mixed, required: true },
  },
  { collection: 'snapshots', versionKey: false, minimize: false },
);

/** Error code of the server for a second document with a unique key. */
const DUPLICATE_KEY = 11000;
/** A member that is undefined is no part of an event's hash: left out, not stored as null. */
const WITHOUT_UNDEFINED = { ignoreUndefined: true };
/** Acknowledged by most members of a replica set, from their journals. */
const DURABLE = { w: 'majority', j: true } as const;
/** Events fetched per round trip when a stream is read. */
const PAGE = 1_000;

/** The event store in MongoDB: the collections `events` and `snapshots`. */
export class EventRepository implements EventStore {
  readonly #connection: Connection;
  readonly #events: Model<EventDocument>;
  readonly #snapshots: Model<SnapshotDocument>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#events = connection.model<EventDocument>('Event', eventSchema);
    this.#snapshots = connection.model<SnapshotDocument>('Snapshot', snapshotSchema);
  }

  /** Makes the collections and indexes that are missing. */
  async prepare(): Promise<void> {
    await reaching(async () => {
      await this.#events.createIndexes();
      await this.#snapshots.createCollection();
    });
  }

  async append(events: readonly LoggedEvent[]): Promise<readonly AppendOutcome[]> {
    const runs = [...Map.groupBy(events, ({ stream }) => stream).values()];
    const single = runs.flatMap((run) => (run.length === 1 ? run : []));
    const outcomes = await reaching(() =>
      Promise.all([
        this.#appendSingle(single),
        ...runs.filter((run) => run.length > 1).map((run) => this.#appendRun(run)),
      ]),
    );
    const byEvent = new Map(outcomes.flat());
    return events.map((event) => byEvent.get(event) ?? 'conflict');
  }

  async *read(stream: string, afterSeq: number): AsyncIterable<LoggedEvent> {
    const cursor = this.#events.collection
      .find<EventDocument & { _id: unknown }>({ stream, seq: { $gt: afterSeq } }, { batchSize: PAGE })
      .sort({ stream: 1, seq: 1 });
    try {
      for (;;) {
        const document = await reaching(() => cursor.next());
        if (!document) return;
        yield fromDocument(document);
      }
    } finally {
      await cursor.close();
    }
  }

  async streams(): Promise<readonly string[]> {
    return reaching(async () => (await this.#events.distinct('stream').exec()).map(String).sort());
  }

  async snapshot(stream: string): Promise<StoredSnapshot | undefined> {
    const document = await reaching(() => this.#snapshots.findById(stream).lean().exec());
    return document ? { stream, seq: document.seq, hash: document.hash, state: document.state } : undefined;
  }

  async saveSnapshot({ stream, seq, hash, state }: StoredSnapshot): Promise<void> {
    // The driver itself: casting and cloning a state of 512 compartments would hold up decisions for milliseconds.
    await reaching(() =>
      this.#snapshots.collection.replaceOne(
        { _id: stream as never },
        { seq, hash, state },
        {
          upsert: true,
          ...WITHOUT_UNDEFINED,
        },
      ),
    );
  }

  async ping(): Promise<void> {
    await reaching(
      () => this.#connection.db?.command({ ping: 1 }) ?? Promise.reject(new Error('not connected')),
    );
  }

  /** Stores events of different streams, whichever can be. */
  async #appendSingle(events: readonly LoggedEvent[]): Promise<EventOutcome[]> {
    const taken = new Set(await this.#insert(events, false));
    return Promise.all(
      events.map(async (event, index): Promise<EventOutcome> => {
        if (!taken.has(index)) return [event, 'stored'];
        const hash = (await this.#hashes([event])).get(event.seq);
        return [event, hash === event.hash ? 'repeated' : 'conflict'];
      }),
    );
  }

  /** Stores events of one stream, in its order, as far as no other event is met. */
  async #appendRun(events: readonly LoggedEvent[]): Promise<EventOutcome[]> {
    const outcomes: EventOutcome[] = [];
    let rest = events;
    while (rest.length > 0) {
      const [taken = rest.length] = await this.#insert(rest, true);
      for (const event of rest.slice(0, taken)) outcomes.push([event, 'stored']);
      rest = rest.slice(taken);
      const hashes = await this.#hashes(rest);
      const fresh = rest.findIndex(({ seq }) => !hashes.has(seq));
      const there = fresh === -1 ? rest : rest.slice(0, fresh);
      for (const event of there) {
        if (hashes.get(event.seq) !== event.hash) return outcomes;
        outcomes.push([event, 'repeated']);
      }
      rest = rest.slice(there.length);
    }
    return outcomes;
  }

  /**
   * Inserts events and returns the places of those whose number in the stream was taken: in order up to the first
   * of them, or all that can be.
   */
  async #insert(events: readonly LoggedEvent[], ordered: boolean): Promise<readonly number[]> {
    if (events.length === 0) return [];
    // A plain command: what the driver wraps around many inserts costs more than the decisions that they record.
    const answer: InsertAnswer | undefined = await this.#connection.db?.command(
      { insert: EVENTS, documents: events.map(toDocument), ordered, writeConcern: DURABLE },
      WITHOUT_UNDEFINED,
    );
    if (!answer) throw new Error('not connected');
    return takenPlaces(answer);
  }

  /** The hashes of the events that lie where these, all of one stream, are to go; by sequence number. */
  async #hashes(events: readonly LoggedEvent[]): Promise<ReadonlyMap<number, string>> {
    const [first] = events;
    if (!first) return new Map();
    const found = await this.#events.collection
      .find({ stream: first.stream, seq: { $in: events.map(({ seq }) => seq) } })
      .project<{ seq: number; hash: string }>({ seq: 1, hash: 1 })
      .toArray();
    return new Map(found.map(({ seq, hash }) => [seq, hash]));
  }
}

type EventOutcome = readonly [LoggedEvent, AppendOutcome];

function toDocument(event: LoggedEvent): EventDocument & { readonly _id: Types.ObjectId } {
  return { _id: new Types.ObjectId(), ...event, at: new Date(event.at) };
}

/** The event as it was logged. */
export function fromDocument({ stream, seq, at, type, actor, data, prev, hash }: EventDocument): LoggedEvent {
  return { stream, seq, at: at.toISOString(), type, actor: actor as Actor, data, prev, hash };
}

/** What the server answers to an insert, as far as it matters here. */
interface InsertAnswer {
  readonly writeErrors?: readonly {
    readonly index: number;
    readonly code: number;
    readonly errmsg: string;
  }[];
  readonly writeConcernError?: { readonly errmsg: string };
}

/** The places of the events whose key was taken; throws where anything failed for another reason. */
function takenPlaces({ writeErrors = [], writeConcernError }: InsertAnswer): readonly number[] {
  const other = writeErrors.find(({ code }) => code !== DUPLICATE_KEY) ?? writeConcernError;
  if (other) throw new Error(other.errmsg);
  return writeErrors.map(({ index }) => index);
}

/** Turns whatever fails on the way to the store into `StoreUnavailable`. */
export async function reaching<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StoreUnavailable ? error : new StoreUnavailable(error);
  }
}
