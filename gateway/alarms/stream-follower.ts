/** Reads one stream for signs of alarms: what is told of it at once, and from the store what was not. */
import type { Origin, ReadTo } from '../../domain/alarms/events.ts';
import type { AlarmSign } from '../../domain/alarms/sign.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { EventStore } from '../event-log/event-store.ts';
import { StoreUnavailable } from '../event-log/event-store.ts';
import type { Clock } from '../ports.ts';
import { StreamError } from '../stream.ts';
import { Waits } from '../waits.ts';

/** Events that may wait here; more are read from the store later. */
const MOST_WAITING = 1_000;
/** Before what failed is tried again. */
const RETRY_AFTER: Milliseconds = 1_000;
/** So often is looked for events that are on their way to the store; then it is gone on without them. */
const LOOKS_FOR_MISSING = 30;
/** Events back from the last one that was read, of which some may stand in the place of others that were lost. */
const MOST_LOST = 10_000;

/** Something that was told of a stream a moment ago. */
export interface Told {
  /** Left out where it has no place in the stream. */
  readonly seq?: number;
  readonly at: Milliseconds;
  /** Asked when its turn comes. */
  readonly signs: () => readonly AlarmSign[];
}

export interface StreamFollowerParts {
  readonly stream: string;
  readonly store: Pick<EventStore, 'read'>;
  readonly clock: Clock;
  /** How far the book of alarms says that it was read. */
  readonly recorded: () => ReadTo | undefined;
  /** The signs of an event that is read from the store. */
  readonly signsOf: (event: LoggedEvent) => readonly AlarmSign[];
  /** Makes of signs what they make of their alarms; rejects where that could not be stored. Resolves with whether there was anything. */
  readonly record: (signs: readonly AlarmSign[], origin?: Origin) => Promise<boolean>;
  /** An event was read that said nothing. */
  readonly onNothing: () => void;
  readonly onTrouble: (message: string) => void;
}

/** Events that were told were not told before, and the store does not have them yet. */
class EventsMissing extends Error {}

export class StreamFollower {
  readonly #parts: StreamFollowerParts;
  readonly #waits: Waits;
  #read: ReadTo | undefined;
  /** What is to be done, in its order; each is tried until it is done. */
  #tasks: (() => Promise<void>)[] = [];
  #working: Promise<void> | undefined;
  /** More was told than could wait. */
  #passedOver = false;
  #looks = 0;
  #told: string | undefined;
  #stopped = false;

  constructor(parts: StreamFollowerParts) {
    this.#parts = parts;
    this.#waits = new Waits(parts.clock);
  }

  /** How far it has been read; undefined before it has begun. */
  get read(): Origin | undefined {
    return this.#read && { stream: this.#parts.stream, ...this.#read };
  }

  /** Begins behind an event: nothing before it counts. */
  beginAt(read: ReadTo): void {
    this.#read = read;
  }

  /** Reads from the store what comes after what was read. */
  catchUp(): void {
    this.#add(() => this.#catchUp());
  }

  /**
   * Looks at a state, when everything before is done. Where too much waits, those that wait will see what this one
   * would have seen.
   */
  look(signs: () => readonly AlarmSign[]): void {
    if (this.#tasks.length >= MOST_WAITING) return;
    this.#add(async () => {
      await this.#parts.record(signs());
    });
  }

  /** Takes what was told; what finds no room is read from the store later. */
  tell(told: Told): void {
    if (this.#tasks.length >= MOST_WAITING) this.#passedOver = true;
    else this.#add(() => this.#follow(told));
  }

  /** Resolves when nothing more waits to be done, or the first that failed has. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Finishes what can be finished at once; the rest is found in the store at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waits.end();
    await this.#working;
  }

  #add(task: () => Promise<void>): void {
    this.#tasks.push(task);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      if (this.#tasks.length === 0 && this.#passedOver) {
        this.#passedOver = false;
        this.#tasks.push(() => this.#catchUp());
      }
      const [task] = this.#tasks;
      if (!task) return;
      try {
        await task();
        this.#tasks.shift();
        this.#told = undefined;
      } catch (error) {
        if (isFinal(error)) this.#tasks = [];
        this.#tellTrouble(error);
        await this.#waits.wait(RETRY_AFTER);
        if (this.#stopped) return;
      }
    }
  }

  async #follow({ seq, at, signs }: Told): Promise<void> {
    if (seq === undefined) {
      await this.#parts.record(signs());
      return;
    }
    const read = this.#read;
    if (read && !isNew(read, seq, at)) return;
    if (read && seq > read.seq + 1) await this.#findMissing(seq - 1);
    // What was missing may have been read together with this.
    if (!this.#read || isNew(this.#read, seq, at)) await this.#take({ seq, at }, signs());
  }

  async #findMissing(upTo: number): Promise<void> {
    await this.#catchUp();
    const found = this.#read?.seq ?? 0;
    this.#looks = found < upTo ? this.#looks + 1 : 0;
    if (found >= upTo) return;
    const { stream } = this.#parts;
    if (this.#looks < LOOKS_FOR_MISSING) {
      throw new EventsMissing(`Events ${found + 1} to ${upTo} of ${stream} are not in the database yet.`);
    }
    this.#looks = 0;
    this.#parts.onTrouble(
      `Alarms go on without events ${found + 1} to ${upTo} of ${stream}: the database does not get them.`,
    );
  }

  async #catchUp(): Promise<void> {
    const { store, stream } = this.#parts;
    const after = this.#read?.seq ?? 0;
    for await (const event of store.read(stream, Math.max(0, after - 1))) {
      if (event.seq === after && this.#isAnother(event)) {
        await this.#readAgain(Math.max(0, after - MOST_LOST));
        return;
      }
      await this.#takeStored(event);
    }
  }

  /** What was told last was lost before it was stored, and others have taken its place: those are later than it. */
  async #readAgain(after: number): Promise<void> {
    const { store, stream } = this.#parts;
    for await (const event of store.read(stream, after)) await this.#takeStored(event);
  }

  #isAnother({ at }: LoggedEvent): boolean {
    return this.#read !== undefined && Date.parse(at) > this.#read.at;
  }

  async #takeStored(event: LoggedEvent): Promise<void> {
    const at = Date.parse(event.at);
    if (this.#read && !isNew(this.#read, event.seq, at)) return;
    await this.#take({ seq: event.seq, at }, this.#parts.signsOf(event));
  }

  async #take(event: { readonly seq: number; readonly at: Milliseconds }, signs: readonly AlarmSign[]) {
    const { stream, record, onNothing } = this.#parts;
    const before = this.#parts.recorded();
    const settled = before?.seq === event.seq && before.at === event.at ? before.signs : undefined;
    const origin = { stream, ...event, ...(settled !== undefined && { signs: settled }) };
    const something = await record(signs, origin);
    this.#read = event;
    if (!something) onNothing();
  }

  /** Once for each that goes on. What is only on its way is no trouble. */
  #tellTrouble(error: unknown): void {
    if (error instanceof EventsMissing || this.#stopped) return;
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#told) return;
    this.#told = message;
    // The database that is away is told of by the log.
    if (!(error instanceof StoreUnavailable)) {
      this.#parts.onTrouble(`Alarms of ${this.#parts.stream} wait: ${message}`);
    }
  }
}

function isNew(read: ReadTo, seq: number, at: Milliseconds): boolean {
  return seq > read.seq || at > read.at || (seq === read.seq && read.signs !== undefined);
}

/** Nothing will ever be stored here again by this run of the gateway. */
function isFinal(error: unknown): boolean {
  return error instanceof StreamError && error.code !== 'stream-busy';
}
