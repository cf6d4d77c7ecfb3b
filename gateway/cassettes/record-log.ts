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

type Outcomes = readonly AppendOutcome[] | undefined;

export interface RecordLogOptions {
  readonly journal: Journal;
  /** What the journal held at the start, in order. */
  readonly waiting: readonly LoggedEvent[];
  /** Bytes from which on the journal is emptied; before, it would be more work than it spares. */
  readonly emptyFrom: number;
  readonly clock: Clock;
  /** Hands records to the store; undefined where it does not answer. */
  readonly ship: (events: readonly LoggedEvent[]) => Promise<Outcomes>;
  /** These records, next after those before, have left the journal for good: they are in the store, or set aside. */
  readonly onShipped: (events: readonly LoggedEvent[]) => void;
  /** Keeps, durably, the states that follow from all that `onShipped` was told, so that the journal can be emptied. */
  readonly keepStates: () => Promise<void>;
  readonly onHealth: (records: CassetteRecords) => void;
  /** Another gateway has written a stream. */
  readonly onConflict: (stream: string) => void;
}

export class RecordLog {
  readonly #options: RecordLogOptions;
  /** In memory only. */
  #unwritten: LoggedEvent[] = [];
  /** On the disk, not in the store. */
  #unshipped: LoggedEvent[];
  readonly #overtaken = new Set<string>();
  #writeTrouble: string | undefined;
  #keepTrouble: string | undefined;
  #writing: Promise<void> | undefined;
  #shipping: Promise<void> | undefined;
  /** Serialises whatever touches the journal's file. */
  #journalTurn: Promise<void> = Promise.resolve();
  #attached = false;
  #keepingDue = false;
  #closed = false;
  #cancelWriteRetry: Unsubscribe | undefined;
  #cancelShipRetry: Unsubscribe | undefined;
  /** Ends the wait for a store that does not answer. */
  #giveUpShipment: () => void = () => {};

  constructor(options: RecordLogOptions) {
    this.#options = options;
    this.#unshipped = [...options.waiting];
  }

  get records(): CassetteRecords {
    const trouble = this.#writeTrouble ?? this.#keepTrouble;
    return {
      waiting: this.#unwritten.length + this.#unshipped.length,
      ...(trouble !== undefined && { trouble }),
    };
  }

  /** Whether a record would be taken that nothing depends on. */
  get hasRoom(): boolean {
    return this.#unwritten.length < MOST_WAITING;
  }

  /** Takes records, in their order; returns at once. */
  append(events: readonly LoggedEvent[]): void {
    this.#unwritten.push(...events);
    this.#tell();
    this.#write();
  }

  /** The store is there: shipping begins. */
  attach(): void {
    this.#attached = true;
    this.#ship();
  }

  /** There are states that nothing in the journal leads to: they are kept as soon as can be. */
  keepSoon(): void {
    this.#keepingDue = true;
    this.#ship();
  }

  /** Resolves when everything that can be written is on the disk. Ships nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWriteRetry?.();
    this.#cancelShipRetry?.();
    this.#giveUpShipment();
    await this.#writing;
    await this.#shipping;
    await this.#inJournalTurn(() => this.#writeAll());
    await this.#options.journal.close();
  }

  #write(): void {
    // While the disk is in trouble it is tried again now and then, not with every record.
    if (this.#writing || this.#cancelWriteRetry || this.#closed || this.#unwritten.length === 0) return;
    this.#writing = this.#inJournalTurn(() => this.#writeAll()).finally(() => {
      this.#writing = undefined;
      this.#write();
    });
  }

  #inJournalTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#journalTurn.then(work);
    this.#journalTurn = turn.catch(() => {});
    return turn;
  }

  async #writeAll(): Promise<void> {
    let most = BATCH;
    while (this.#unwritten.length > 0) {
      const batch = this.#unwritten.slice(0, most);
      try {
        await this.#options.journal.append(batch);
      } catch (error) {
        // Where there is no place for all of it, there may be for its first half.
        most = Math.floor(batch.length / 2);
        if (most > 0 && (error as { readonly code?: unknown }).code === 'journal-full') continue;
        this.#setTrouble(wordsOf(error), this.#keepTrouble);
        this.#writeAgainLater();
        // Where it is full of what the store has, it can be emptied.
        this.#ship();
        return;
      }
      this.#unwritten = this.#unwritten.slice(batch.length);
      this.#unshipped.push(...batch);
      this.#setTrouble(undefined, this.#keepTrouble);
      this.#tell();
      this.#ship();
    }
  }

  #writeAgainLater(): void {
    if (this.#closed) return;
    this.#cancelWriteRetry?.();
    this.#cancelWriteRetry = this.#options.clock.after(RETRY_AFTER, () => this.#writeNow());
  }

  #writeNow(): void {
    this.#cancelWriteRetry?.();
    this.#cancelWriteRetry = undefined;
    this.#write();
  }

  #ship(): void {
    if (this.#shipping || this.#cancelShipRetry || !this.#attached || this.#closed || !this.#hasWork) return;
    this.#shipping = this.#shipAll()
      .catch((error: unknown) => {
        this.#setTrouble(this.#writeTrouble, wordsOf(error));
        this.#shipAgainLater();
      })
      .finally(() => {
        this.#shipping = undefined;
        this.#ship();
      });
  }

  get #hasWork(): boolean {
    return this.#unshipped.length > 0 || this.#emptyingDue || this.#keepingDue;
  }

  get #emptyingDue(): boolean {
    const { journal, emptyFrom } = this.#options;
    return journal.size > 0 && (journal.size >= emptyFrom || this.#writeTrouble !== undefined);
  }

  async #shipAll(): Promise<void> {
    if (this.#keepingDue) await this.#keep();
    while (this.#unshipped.length > 0 && !this.#closed) {
      const batch = this.#unshipped.slice(0, BATCH);
      const meant = batch.filter(({ stream }) => !this.#overtaken.has(stream));
      const outcomes = meant.length === 0 ? [] : await this.#answered(meant);
      if (outcomes?.length !== meant.length) {
        this.#shipAgainLater();
        return;
      }
      await this.#settle(batch, meant, outcomes);
      this.#unshipped = this.#unshipped.slice(batch.length);
      this.#options.onShipped(batch);
      this.#tell();
    }
    if (this.#emptyingDue && !this.#closed) await this.#empty();
  }

  /** What the store makes of records; undefined where it does not answer, or nobody waits for it any more. */
  #answered(events: readonly LoggedEvent[]): Promise<Outcomes> {
    const givenUp = new Promise<undefined>((resolve) => {
      this.#giveUpShipment = () => resolve(undefined);
    });
    return Promise.race([this.#options.ship(events).catch(() => undefined), givenUp]);
  }

  #shipAgainLater(): void {
    if (this.#closed) return;
    this.#cancelShipRetry?.();
    this.#cancelShipRetry = this.#options.clock.after(RETRY_AFTER, () => {
      this.#cancelShipRetry = undefined;
      this.#ship();
    });
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
    await this.#keep();
    await this.#inJournalTurn(async () => {
      // What was written in the meantime stays until the next time.
      if (this.#unshipped.length === 0) await this.#options.journal.clear();
    });
    if (this.#writeTrouble !== undefined) this.#writeNow();
  }

  async #keep(): Promise<void> {
    this.#keepingDue = false;
    try {
      await this.#options.keepStates();
    } catch (error) {
      this.#keepingDue = true;
      throw error;
    }
    this.#setTrouble(this.#writeTrouble, undefined);
  }

  #setTrouble(write: string | undefined, keep: string | undefined): void {
    const changed = write !== this.#writeTrouble || keep !== this.#keepTrouble;
    this.#writeTrouble = write;
    this.#keepTrouble = keep;
    if (changed) this.#tell();
  }

  #tell(): void {
    this.#options.onHealth(this.records);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
