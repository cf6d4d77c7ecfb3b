/**
 * The records of all cassettes on their way into the log. What happened is acted on first; its record goes to a journal
 * on the disk at once and to the store whenever that answers. Nothing here is ever waited for.
 */
import type { LoggedEvent } from '../../domain/event.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { AppendOutcome } from '../event-log/event-store.ts';
import type { Journal } from '../event-log/journal.ts';
import type { Clock, Unsubscribe } from '../ports.ts';
import type { CassetteRecords } from './api.ts';

/** Records that may wait in memory for the disk. Beyond it, only what the state depends on is still taken. */
const MOST_WAITING = 10_000;
/** Records in one write, and in one shipment. */
const BATCH = 500;
/** Pause before the disk, or the store, is tried again. */
const RETRY_AFTER: Milliseconds = 1_000;

export interface RecordLogOptions {
  readonly journal: Journal;
  /** What the journal held at the start, in order. */
  readonly waiting: readonly LoggedEvent[];
  readonly clock: Clock;
  /** Hands records to the store; undefined where it does not answer. */
  readonly ship: (events: readonly LoggedEvent[]) => Promise<readonly AppendOutcome[] | undefined>;
  /** Keeps the states of all streams, so that the journal can be emptied. Everything up to these is shipped. */
  readonly keepStates: () => Promise<void>;
  readonly onHealth: (records: CassetteRecords) => void;
  /** Another gateway has written a stream. */
  readonly onConflict: (stream: string) => void;
}

export class RecordLog {
  readonly #options: RecordLogOptions;
  /** In memory only. */
  readonly #unwritten: LoggedEvent[] = [];
  /** On the disk, not in the store. */
  readonly #unshipped: LoggedEvent[];
  readonly #overtaken = new Set<string>();
  #trouble: string | undefined;
  #writing: Promise<void> | undefined;
  #shipping: Promise<void> | undefined;
  #attached = false;
  #waitsForStore = false;
  #closed = false;
  #cancelWriteRetry: Unsubscribe = () => {};
  #cancelShipRetry: Unsubscribe = () => {};

  constructor(options: RecordLogOptions) {
    this.#options = options;
    this.#unshipped = [...options.waiting];
  }

  get records(): CassetteRecords {
    return {
      waiting: this.#unwritten.length + this.#unshipped.length,
      ...(this.#trouble !== undefined && { trouble: this.#trouble }),
    };
  }

  /** Whether a record would be taken that nothing depends on. */
  get hasRoom(): boolean {
    return this.#unwritten.length < MOST_WAITING;
  }

  /** Takes records, in their order; returns at once. */
  append(events: readonly LoggedEvent[]): void {
    this.#unwritten.push(...events);
    this.#write();
  }

  /** The store is there: shipping begins. */
  attach(): void {
    this.#attached = true;
    this.#ship();
  }

  /** Resolves when everything that can be written is on the disk. Ships nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWriteRetry();
    this.#cancelShipRetry();
    await this.#writing;
    await this.#shipping;
    if (this.#unwritten.length > 0) await this.#writeAll();
  }

  #write(): void {
    if (this.#writing || this.#closed) return;
    void this.#inTurn(() => this.#writeAll());
  }

  /** One thing at a time is done to the journal; what has come in meanwhile is written afterwards. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = work().finally(() => {
      this.#writing = undefined;
      if (this.#unwritten.length > 0 && this.#trouble === undefined) this.#write();
    });
    this.#writing = turn;
    return turn;
  }

  async #writeAll(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const batch = this.#unwritten.slice(0, BATCH);
      try {
        await this.#options.journal.append(batch);
      } catch (error) {
        this.#setTrouble(error instanceof Error ? error.message : String(error));
        if (this.#closed) return;
        this.#cancelWriteRetry = this.#options.clock.after(RETRY_AFTER, () => this.#write());
        return;
      }
      this.#unwritten.splice(0, batch.length);
      this.#unshipped.push(...batch);
      this.#setTrouble(undefined);
      this.#ship();
    }
  }

  #ship(): void {
    if (this.#shipping || !this.#attached || this.#closed) return;
    this.#waitsForStore = false;
    const shipping = this.#shipAll().catch((error: unknown) => {
      this.#setTrouble(error instanceof Error ? error.message : String(error));
      this.#retryShipping();
    });
    this.#shipping = shipping.finally(() => {
      this.#shipping = undefined;
      // What was written while the journal was being emptied.
      if (this.#unshipped.length > 0 && !this.#waitsForStore) this.#ship();
    });
  }

  async #shipAll(): Promise<void> {
    while (this.#unshipped.length > 0 && !this.#closed) {
      const batch = this.#unshipped.slice(0, BATCH);
      const meant = batch.filter(({ stream }) => !this.#overtaken.has(stream));
      const outcomes = meant.length === 0 ? [] : await this.#options.ship(meant);
      if (!outcomes) {
        this.#retryShipping();
        return;
      }
      await this.#settle(batch, meant, outcomes);
      this.#unshipped.splice(0, batch.length);
      this.#tell();
    }
    await this.#empty();
  }

  #retryShipping(): void {
    this.#waitsForStore = true;
    this.#cancelShipRetry = this.#options.clock.after(RETRY_AFTER, () => this.#ship());
  }

  /** What belongs to a stream that another gateway writes is set aside, for a person to look into. */
  async #settle(
    batch: readonly LoggedEvent[],
    meant: readonly LoggedEvent[],
    outcomes: readonly AppendOutcome[],
  ): Promise<void> {
    meant.forEach(({ stream }, index) => {
      if (outcomes[index] !== 'conflict' || this.#overtaken.has(stream)) return;
      this.#overtaken.add(stream);
      this.#options.onConflict(stream);
    });
    const aside = batch.filter(({ stream }) => this.#overtaken.has(stream));
    if (aside.length > 0) await this.#options.journal.setAside(aside);
  }

  /** A journal that holds only what is shipped is emptied, once the states that follow from it are kept. */
  async #empty(): Promise<void> {
    if (this.#options.journal.size === 0 || this.#closed || this.#busy) return;
    await this.#options.keepStates();
    // Written in the meantime: it stays until the next time.
    if (!this.#busy) await this.#inTurn(() => this.#options.journal.clear());
  }

  get #busy(): boolean {
    return this.#unshipped.length > 0 || this.#unwritten.length > 0 || this.#writing !== undefined;
  }

  #setTrouble(trouble: string | undefined): void {
    const changed = trouble !== this.#trouble;
    this.#trouble = trouble;
    if (changed) this.#tell();
  }

  #tell(): void {
    this.#options.onHealth(this.records);
  }
}
