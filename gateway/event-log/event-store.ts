import type { LoggedEvent } from '../../domain/event.ts';
import type { CompartmentNumber, ItemId, Milliseconds, UserId } from '../../domain/site.ts';

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

/** Which events are looked for; everything that is named has to fit. */
export interface EventFilter {
  readonly stream?: string;
  /** Only together with `stream`. */
  readonly compartment?: CompartmentNumber;
  /** A user to whom it happened or who did it. */
  readonly user?: UserId;
  readonly item?: ItemId;
  /** Not empty. */
  readonly types?: readonly string[];
  /** Not before this time. */
  readonly from?: Milliseconds;
  /** Before this time. */
  readonly until?: Milliseconds;
}

/** A place in the order of all events: by time, and of the same time by id. */
export interface EventPlace {
  readonly at: Milliseconds;
  /** Id of the stored event, 24 hex digits. */
  readonly id: string;
}

/** The part of the order of events that is wanted. */
export interface EventRange {
  readonly order: 'newest-first' | 'oldest-first';
  /** Only what comes after this place, in the order that is asked for. */
  readonly after?: EventPlace;
  /** Most events. 1 or more. */
  readonly limit: number;
}

/** Finds events. Rejects with `StoreUnavailable` or `SearchTooSlow`. */
export interface EventSearch {
  find(
    filter: EventFilter,
    range: EventRange,
  ): Promise<readonly { readonly place: EventPlace; readonly event: LoggedEvent }[]>;
}

/** The store gave up looking, because it would have taken too long. */
export class SearchTooSlow extends Error {
  readonly code = 'search-too-slow';

  constructor(cause: unknown) {
    super('The database gave up a search that took too long.', { cause });
    this.name = 'SearchTooSlow';
  }
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
