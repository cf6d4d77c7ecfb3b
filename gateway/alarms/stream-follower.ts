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
import type { SignedEvent } from './desk.ts';

/** Events that may wait here; more are read from the store later. */
const MOST_WAITING = 1_000;
/** Events that are followed in one go. */
const LONGEST_RUN = 100;
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
  /** Asked when its turn comes, with what came of everything before. */
  readonly signs: SignedEvent['signs'];
}

export interface StreamFollowerParts {
  readonly stream: string;
  readonly store: Pick<EventStore, 'read'>;
  readonly clock: Clock;
  /** How far the book of alarms says that it was read. */
  readonly recorded: () => ReadTo | undefined;
  /** The signs of an event that is read from the store. */
  readonly signsOf: (event: LoggedEvent) => readonly AlarmSign[];
  /** As `AlarmDesk.record`. */
  readonly record: (entries: readonly SignedEvent[]) => Promise<number>;
  /** So many events were read that said nothing. */
  readonly onNothing: (events: number) => void;
  readonly onTrouble: (message: string) => void;
}

type Task = Told | (() => Promise<void>);

/** Events that were told were not told before, and the store does not have them yet. */
class EventsMissing extends Error {}

export class StreamFollower {
  readonly #parts: StreamFollowerParts;
  readonly #waits: Waits;
  #read: ReadTo | undefined;
  /** What is to be done, in its order; each is tried until it is done. */
  #tasks: Task[] = [];
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
  look(signs: SignedEvent['signs']): void {
    if (this.#tasks.length >= MOST_WAITING) return;
    this.#add(async () => {
      await this.#parts.record([{ signs }]);
    });
  }

  /** Takes what was told; what finds no room is read from the store later. */
  tell(told: Told): void {
    if (this.#tasks.length >= MOST_WAITING) this.#passedOver = true;
    else this.#add(told);
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

  #add(task: Task): void {
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
        const done = typeof task === 'function' ? await task().then(() => 1) : await this.#follow(task);
        this.#tasks.splice(0, done);
        this.#told = undefined;
      } catch (error) {
        if (isFinal(error)) this.#tasks = [];
        this.#tellTrouble(error);
        await this.#waits.wait(RETRY_AFTER);
        if (this.#stopped) return;
      }
    }
  }

  /**
   * Follows what was told, and whatever comes next after it, as long as nothing is missing in between.
   *
   * @returns how many of the tasks are done then
   */
  async #follow(first: Told): Promise<number> {
    const read = this.#read;
    if (first.seq !== undefined && read && first.seq > read.seq + 1 && isNew(read, first.seq, first.at)) {
      await this.#findMissing(first.seq - 1);
    }
    const run: Told[] = [];
    let last = this.#read;
    let done = 0;
    for (const told of this.#tasks.slice(0, LONGEST_RUN)) {
      if (typeof told === 'function') break;
      const { seq, at } = told;
      // What was missing may have been read together with this.
      const known = seq !== undefined && last !== undefined && !isNew(last, seq, at);
      if (done > 0 && seq !== undefined && last && seq > last.seq + 1) break;
      done += 1;
      if (known) continue;
      run.push(told);
      if (seq !== undefined) last = { seq, at };
    }
    if (run.length > 0) await this.#take(run);
    return done;
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
    const after = this.#read?.seq ?? 0;
    if (await this.#takeStored(Math.max(0, after - 1), after)) return;
    // What was told last was lost before it was stored, and others have taken its place: those are later than it.
    await this.#takeStored(Math.max(0, after - MOST_LOST));
  }

  /**
   * Takes what the store has after a number, as far as it is new.
   *
   * @param same number of an event that has to be the one that was read
   * @returns false, and nothing is taken, where it is another
   */
  async #takeStored(after: number, same?: number): Promise<boolean> {
    const { store, stream, signsOf } = this.#parts;
    let run: Told[] = [];
    let last = this.#read;
    for await (const event of store.read(stream, after)) {
      const { seq } = event;
      const at = Date.parse(event.at);
      if (seq === same && last !== undefined && at > last.at) return false;
      if (last && !isNew(last, seq, at)) continue;
      run.push({ seq, at, signs: () => signsOf(event) });
      last = { seq, at };
      if (run.length < LONGEST_RUN) continue;
      await this.#take(run);
      run = [];
    }
    if (run.length > 0) await this.#take(run);
    return true;
  }

  async #take(run: readonly Told[]): Promise<void> {
    const { record, onNothing } = this.#parts;
    const said = await record(run.map((told) => ({ signs: told.signs, ...this.#originOf(told) })));
    const last = run.findLast(({ seq }) => seq !== undefined);
    if (last?.seq !== undefined) this.#read = { seq: last.seq, at: last.at };
    onNothing(run.length - said);
  }

  #originOf({ seq, at }: Told): { readonly origin?: Origin } {
    if (seq === undefined) return {};
    const { stream, recorded } = this.#parts;
    const before = recorded();
    const settled = before?.seq === seq && before.at === at ? before.signs : undefined;
    return { origin: { stream, seq, at, ...(settled !== undefined && { signs: settled }) } };
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
