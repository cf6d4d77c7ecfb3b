import type { LoggedEvent } from '../../domain/event.ts';

/** What became of one event that was to be stored. */
export type AppendOutcome =
  | 'stored'
  /** The very same event was there already, as after an answer that got lost. */
  | 'repeated'
  /** Another event has this place: a second writer. */
  | 'conflict';

/** A state stored beside a stream, so that a start need not read all of it. */
export interface StoredSnapshot {
  readonly stream: string;
  readonly seq: number;
  readonly hash: string;
  readonly state: unknown;
}

/** The durable store of events. Every method rejects with `StoreUnavailable` where the store does not answer. */
export interface EventStore {
  /**
   * Stores events in one go, durably; those of one stream come in its order. The outcomes come in the order of the
   * events. After a conflict nothing more of its stream is stored: it is `conflict` as well.
   */
  append(events: readonly LoggedEvent[]): Promise<readonly AppendOutcome[]>;
  /** The events of a stream after `seq`, in order. */
  read(stream: string, afterSeq: number): AsyncIterable<LoggedEvent>;
  /** Names of all streams. */
  streams(): Promise<readonly string[]>;
  snapshot(stream: string): Promise<StoredSnapshot | undefined>;
  saveSnapshot(snapshot: StoredSnapshot): Promise<void>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
}

/** The store did not answer, or not in time. Whether it took the events is unknown. */
export class StoreUnavailable extends Error {
  readonly code = 'store-unavailable';

  constructor(cause: unknown) {
    super(`The database does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'StoreUnavailable';
  }
}
