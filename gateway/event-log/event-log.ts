import type { LoggedEvent } from '../../domain/event.ts';
import type { Clock, Unsubscribe } from '../ports.ts';
import type { EventStore } from './event-store.ts';
import { StoreUnavailable } from './event-store.ts';
import type { Journal } from './journal.ts';

/** How long the store may take for one batch before the journal takes over. Milliseconds. */
const STORE_PATIENCE = 500;
/** Pauses between attempts to reach a store that does not answer. Milliseconds. */
const RETRY_PAUSES = [250, 500, 1_000, 2_000, 5_000] as const;
/** Batches under way at once: the store works on some while others are on their way. */
const BATCHES_AT_ONCE = 4;
/** Events that are sent at once, so that the store works on them while others are being decided. */
const ENOUGH_FOR_A_BATCH = 8;
/** Events that may wait for their batch. */
const MOST_WAITING = 10_000;
/** Events shipped from the journal in one go. */
const SHIPMENT = 500;

/** Another writer has the place that an event was meant for. */
export class StreamConflict extends Error {
  readonly code = 'stream-conflict';

  constructor(event: LoggedEvent) {
    super(`Another gateway writes the stream ${event.stream}: number ${event.seq} is taken.`);
    this.name = 'StreamConflict';
  }
}

/** Neither the store nor the journal could take an event; it is not on record and nothing may follow from it. */
export class LogUnavailable extends Error {
  readonly code = 'log-unavailable';

  constructor(cause: unknown) {
    super(`The event could not be stored: ${wordsOf(cause)}`, { cause });
    this.name = 'LogUnavailable';
  }
}

export interface EventLogHealth {
  readonly store: 'ok' | 'down';
  /** The last error of the store in words, while it is down. */
  readonly error: string | undefined;
  /** Events in the journal that the store does not have yet. */
  readonly waiting: number;
  readonly journal: 'ok' | 'failing';
  /** Streams of which journalled events were set aside, because another writer had taken their places. */
  readonly conflicts: readonly string[];
}

interface Waiting {
  readonly event: LoggedEvent;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The event log: the store where it answers, the journal where it does not. An event is acknowledged once it is
 * durable in one of them. Events that arrive together travel together, so that many cabinets share a write.
 */
export class EventLog {
  readonly #store: EventStore;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #onHealth: (health: EventLogHealth) => void;
  #queue: Waiting[] = [];
  #underWay = 0;
  #flushComes = false;
  /** Events of the batch that was sent last. */
  #lastBatch = 0;
  #down: string | undefined;
  /** Events of the journal that are not shipped yet, in order. */
  #unshipped: LoggedEvent[] = [];
  #journalFailing = false;
  readonly #conflicts = new Set<string>();
  /** Streams whose state in memory is void, because another writer has overtaken events of the journal. */
  readonly #overtaken = new Set<string>();
  #cancelRetry: Unsubscribe | undefined;
  #cancelWatch: Unsubscribe = () => {};
  #closed = false;
  /** Serialises whatever touches the journal's file. */
  #journalTurn: Promise<void> = Promise.resolve();
  #shipping: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly store: EventStore;
    readonly journal: Journal;
    readonly waiting: readonly LoggedEvent[];
    readonly clock: Clock;
    readonly onHealth?: (health: EventLogHealth) => void;
  }) {
    this.#store = options.store;
    this.#journal = options.journal;
    this.#unshipped = [...options.waiting];
    this.#clock = options.clock;
    this.#onHealth = options.onHealth ?? (() => {});
  }

  get health(): EventLogHealth {
    return {
      store: this.#down === undefined ? 'ok' : 'down',
      error: this.#down,
      waiting: this.#unshipped.length,
      journal: this.#journalFailing ? 'failing' : 'ok',
      conflicts: [...this.#conflicts],
    };
  }

  /**
   * Ships what an earlier run left in the journal; to be called before streams are read from the store. Rejects
   * with `StoreUnavailable` where the store does not answer.
   */
  async ship(): Promise<void> {
    await this.#shipAll();
    this.#overtaken.clear();
    this.#tellHealth();
  }

  /**
   * Looks now and then whether the store answers while nothing is written, so that its absence is known before
   * somebody comes. Goes on until the log is closed.
   *
   * @param every milliseconds
   */
  watch(every: number): void {
    if (this.#closed) return;
    this.#cancelWatch = this.#clock.after(every, () => void this.#look().finally(() => this.watch(every)));
  }

  /**
   * Makes an event durable. Rejects with `StreamConflict` where another writer has its place, and with
   * `LogUnavailable` where nothing could take it; only then is it not on record.
   */
  append(event: LoggedEvent): Promise<void> {
    if (this.#closed) return Promise.reject(new LogUnavailable('the log is closed'));
    if (this.#queue.length >= MOST_WAITING) return Promise.reject(new LogUnavailable('too many events wait'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ event, resolve, reject });
      this.#flushInTime();
    });
  }

  /**
   * As `append`, for events that follow each other in one stream: they travel in one batch, and are settled together.
   * Rejects with `StreamConflict` where another writer has one of their places.
   */
  async appendRun(events: readonly LoggedEvent[]): Promise<void> {
    if (this.#closed) throw new LogUnavailable('the log is closed');
    if (this.#queue.length + events.length > MOST_WAITING) throw new LogUnavailable('too many events wait');
    const settled = events.map(
      (event) =>
        new Promise<void>((resolve, reject) => {
          this.#queue.push({ event, resolve, reject });
        }),
    );
    this.#flushInTime();
    await Promise.all(settled);
  }

  /** Waits for what is under way; what is still in the journal is shipped at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelWatch();
    while (this.#queue.length > 0 || this.#underWay > 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#shipping;
    await this.#journalTurn;
    await this.#journal.close();
  }

  #flushInTime(): void {
    if (this.#alone || this.#queue.length >= ENOUGH_FOR_A_BATCH) this.#flush();
    else this.#flushSoon();
  }

  /** Where events have lately come one by one, waiting for company would only cost time. */
  get #alone(): boolean {
    return this.#underWay === 0 && this.#lastBatch === 1;
  }

  /** At the end of this turn of the event loop, so that what is decided in one turn shares a write. */
  #flushSoon(): void {
    if (this.#flushComes) return;
    this.#flushComes = true;
    setImmediate(() => {
      this.#flushComes = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#queue.length === 0 || this.#underWay >= BATCHES_AT_ONCE) return;
    const batch = this.#queue;
    this.#queue = [];
    this.#lastBatch = batch.length;
    this.#underWay += 1;
    void this.#write(batch).finally(() => {
      this.#underWay -= 1;
      this.#flushSoon();
    });
  }

  /** Whatever is in the journal comes first; until it has been shipped, everything goes there. */
  get #viaJournal(): boolean {
    return this.#down !== undefined || this.#unshipped.length > 0;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (!this.#viaJournal && (await this.#toStore(batch))) return;
    await this.#inJournalTurn(async () => {
      // While this waited for its turn the journal may have been shipped.
      if (this.#viaJournal || !(await this.#toStore(batch))) await this.#toJournal(batch);
    });
  }

  /** Whether the store settled every event of a batch. */
  async #toStore(batch: readonly Waiting[]): Promise<boolean> {
    const writable = this.#refuseOvertaken(batch);
    try {
      const outcomes = await this.#inTime(this.#store.append(writable.map(({ event }) => event)));
      writable.forEach(({ event, resolve, reject }, index) => {
        if (outcomes[index] === 'conflict') reject(new StreamConflict(event));
        else resolve();
      });
      return true;
    } catch (error) {
      this.#down = wordsOf(error);
      this.#tellHealth();
      this.#scheduleRetry(0);
      return false;
    }
  }

  async #toJournal(batch: readonly Waiting[]): Promise<void> {
    const writable = this.#refuseOvertaken(batch);
    try {
      const events = writable.map(({ event }) => event);
      await this.#journal.append(events);
      this.#unshipped.push(...events);
      this.#journalFailing = false;
      for (const { resolve } of writable) resolve();
    } catch (error) {
      this.#journalFailing = true;
      for (const { reject } of writable) reject(new LogUnavailable(error));
    }
    this.#tellHealth();
    this.#scheduleRetry(0);
  }

  /** What follows from a state that is void must not be stored; returns the rest of a batch. */
  #refuseOvertaken(batch: readonly Waiting[]): readonly Waiting[] {
    return batch.filter(({ event, reject }) => {
      const overtaken = this.#overtaken.has(event.stream);
      if (overtaken) reject(new StreamConflict(event));
      return !overtaken;
    });
  }

  async #look(): Promise<void> {
    // While the store is down, the retries look.
    if (this.#down !== undefined) return;
    try {
      await this.#inTime(this.#store.ping());
    } catch (error) {
      if (this.#closed) return;
      this.#down = wordsOf(error);
      this.#tellHealth();
      this.#scheduleRetry(0);
    }
  }

  #scheduleRetry(tries: number): void {
    if (this.#cancelRetry || this.#closed) return;
    const pause = RETRY_PAUSES[Math.min(tries, RETRY_PAUSES.length - 1)] ?? 5_000;
    this.#cancelRetry = this.#clock.after(pause, () => {
      this.#shipping = this.#retry(tries);
    });
  }

  async #retry(tries: number): Promise<void> {
    try {
      await this.#inTime(this.#store.ping());
      await this.#shipAll();
    } catch (error) {
      this.#down = wordsOf(error);
      this.#cancelRetry = undefined;
      this.#scheduleRetry(tries + 1);
    }
    this.#tellHealth();
  }

  /**
   * Ships the journal in order. Decisions go on into the journal meanwhile; only for its end they wait, so that
   * under load, too, an end is reached.
   */
  async #shipAll(): Promise<void> {
    while (this.#unshipped.length > SHIPMENT && !this.#closed) await this.#shipSome();
    await this.#inJournalTurn(async () => {
      while (this.#unshipped.length > 0 && !this.#closed) await this.#shipSome();
      if (this.#unshipped.length === 0) await this.#clearJournal();
      this.#down = undefined;
      this.#cancelRetry = undefined;
    });
  }

  /** Ships the oldest events of the journal. Of a stream that another writer has overtaken, all are set aside. */
  async #shipSome(): Promise<void> {
    const oldest = this.#unshipped.slice(0, SHIPMENT);
    const shipment = oldest.filter(({ stream }) => !this.#overtaken.has(stream));
    const outcomes = await this.#inTime(this.#store.append(shipment));
    shipment.forEach(({ stream }, index) => {
      if (outcomes[index] !== 'conflict') return;
      this.#conflicts.add(stream);
      this.#overtaken.add(stream);
    });
    const overtaken = oldest.filter(({ stream }) => this.#overtaken.has(stream));
    if (overtaken.length > 0) await this.#journal.setAside(overtaken);
    this.#unshipped.splice(0, oldest.length);
  }

  /** A journal that cannot be emptied is shipped once more at the next start, which changes nothing in the store. */
  async #clearJournal(): Promise<void> {
    if (this.#journal.size === 0 && !this.#journalFailing) return;
    try {
      await this.#journal.clear();
      this.#journalFailing = false;
    } catch {
      this.#journalFailing = true;
    }
  }

  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    let cancel: Unsubscribe = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(STORE_PATIENCE, () => {
        reject(new StoreUnavailable(`no answer within ${STORE_PATIENCE} ms`));
      });
    });
    // A write that is answered after its time is settled by shipping: the same event is then found as repeated.
    work.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }

  async #inJournalTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#journalTurn.then(work);
    this.#journalTurn = turn.catch(() => {});
    await turn;
  }

  #tellHealth(): void {
    this.#onHealth(this.health);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
