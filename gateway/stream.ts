import type { EventDraft, LoggedEvent } from '../domain/event.ts';
import { EMPTY_STREAM, flawOf, type StreamHead, seal } from './event-log/chain.ts';
import { type EventLog, StreamConflict } from './event-log/event-log.ts';
import type { EventStore } from './event-log/event-store.ts';
import type { Clock } from './ports.ts';

/** Inputs that may wait for their turn on one stream. */
const MOST_WAITING = 256;
/** Events between two snapshots. */
const SNAPSHOT_EVERY = 500;

/** Why a stream took no decision. */
export type StreamErrorCode =
  /** Too many inputs wait. */
  | 'stream-busy'
  /** Another gateway writes this stream; nothing more is decided here. */
  | 'stream-fenced'
  | 'stream-closed'
  /** The stored events do not follow from each other. */
  | 'stream-damaged';

/** A stream cannot decide; the input changed nothing. */
export class StreamError extends Error {
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string) {
    super(message);
    this.name = 'StreamError';
    this.code = code;
  }
}

/** How a stream's events become state, and how that state is stored. */
export interface StreamState<State, Event extends EventDraft> {
  readonly initial: State;
  evolve(state: State, event: Event, at: number): State;
  /** The state as plain data. */
  toSnapshot(state: State): unknown;
  /** The state from plain data; undefined where its version is another. */
  fromSnapshot(snapshot: unknown): State | undefined;
}

type Listener<State> = (event: LoggedEvent, state: State) => void;

/**
 * One stream of the log with its state in memory. Inputs are decided one at a time, in the order in which they
 * came; a decision counts, and is told to listeners, once its event is durable.
 */
export class Stream<State, Event extends EventDraft> {
  readonly name: string;
  readonly #log: EventLog;
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #shape: StreamState<State, Event>;
  readonly #listeners = new Set<Listener<State>>();
  #state: State;
  #head: StreamHead;
  #snapshotAt: number;
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  #fenced = false;

  private constructor(options: {
    readonly name: string;
    readonly log: EventLog;
    readonly store: EventStore;
    readonly clock: Clock;
    readonly shape: StreamState<State, Event>;
    readonly state: State;
    readonly head: StreamHead;
    readonly snapshotAt: number;
  }) {
    this.name = options.name;
    this.#log = options.log;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#shape = options.shape;
    this.#state = options.state;
    this.#head = options.head;
    this.#snapshotAt = options.snapshotAt;
  }

  /**
   * Restores a stream: the last snapshot, then every event after it, each checked against the one before.
   * Rejects with `StreamError` `stream-damaged` where they do not follow from each other.
   */
  static async open<State, Event extends EventDraft>(options: {
    readonly name: string;
    readonly log: EventLog;
    readonly store: EventStore;
    readonly clock: Clock;
    readonly shape: StreamState<State, Event>;
  }): Promise<Stream<State, Event>> {
    const { name, store, shape } = options;
    let state = shape.initial;
    let head = EMPTY_STREAM;
    const snapshot = await store.snapshot(name);
    const restored = snapshot && shape.fromSnapshot(snapshot.state);
    if (snapshot && restored !== undefined) {
      state = restored;
      head = { seq: snapshot.seq, hash: snapshot.hash };
    }
    const snapshotAt = head.seq;
    for await (const event of store.read(name, head.seq)) {
      const flaw = flawOf(event, head);
      if (flaw) {
        throw new StreamError(
          'stream-damaged',
          `The event log is damaged: ${name} number ${event.seq}: ${flaw}. Run "npm run verify-log" and restore a backup.`,
        );
      }
      state = shape.evolve(state, event as unknown as Event, Date.parse(event.at));
      head = { seq: event.seq, hash: event.hash };
    }
    return new Stream({ ...options, state, head, snapshotAt });
  }

  get state(): State {
    return this.#state;
  }

  get head(): StreamHead {
    return this.#head;
  }

  /** Whether another gateway has taken this stream over. */
  get fenced(): boolean {
    return this.#fenced;
  }

  /** Tells every event once it is durable, with the state after it. */
  onEvent(listener: Listener<State>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Decides one input when its turn comes, and resolves with the decision when its event is durable.
   * Rejects with `StreamError`, or with `LogUnavailable` where nothing could take the event; nothing has
   * changed then.
   */
  submit<Decision extends { readonly event?: Event }>(
    decide: (state: State, at: number) => Decision,
  ): Promise<Decision> {
    return this.#inTurn(() => this.#decide(decide));
  }

  /**
   * Decides several inputs in one turn; resolves with the decision when its events are durable, all of them or none.
   * `decide` folds what it decides by itself. Rejects as `submit` does.
   */
  submitRun<Decision extends { readonly events: readonly Event[] }>(
    decide: (state: State, at: number) => Decision,
  ): Promise<Decision> {
    return this.#inTurn(() => this.#decideRun(decide));
  }

  /** Takes nothing more, finishes what waits, and stores a snapshot. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await this.#saveSnapshot();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new StreamError('stream-closed', `${this.name} is closed.`));
    if (this.#waiting >= MOST_WAITING) {
      return Promise.reject(new StreamError('stream-busy', `Too many inputs wait for ${this.name}.`));
    }
    this.#waiting += 1;
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #decide<Decision extends { readonly event?: Event }>(
    decide: (state: State, at: number) => Decision,
  ): Promise<Decision> {
    this.#waiting -= 1;
    if (this.#fenced) throw this.#fence();
    const at = this.#clock.now();
    const decision = decide(this.#state, at);
    if (decision.event) await this.#append(decision.event, at);
    return decision;
  }

  async #decideRun<Decision extends { readonly events: readonly Event[] }>(
    decide: (state: State, at: number) => Decision,
  ): Promise<Decision> {
    this.#waiting -= 1;
    if (this.#fenced) throw this.#fence();
    const at = this.#clock.now();
    const decision = decide(this.#state, at);
    let head = this.#head;
    const run = decision.events.map((draft) => {
      const event = seal(this.name, head, draft, at);
      head = { seq: event.seq, hash: event.hash };
      return { draft, event };
    });
    if (run.length === 0) return decision;
    await this.#fencing(this.#log.appendRun(run.map(({ event }) => event)));
    for (const { draft, event } of run) this.#take(draft, event, at);
    return decision;
  }

  async #append(draft: Event, at: number): Promise<void> {
    const event = seal(this.name, this.#head, draft, at);
    await this.#fencing(this.#log.append(event));
    this.#take(draft, event, at);
  }

  /** Where another writer was quicker, nothing more is decided here. */
  async #fencing(appending: Promise<void>): Promise<void> {
    try {
      await appending;
    } catch (error) {
      if (!(error instanceof StreamConflict)) throw error;
      this.#fenced = true;
      throw this.#fence();
    }
  }

  /** An event is durable: it counts, and is told. */
  #take(draft: Event, event: LoggedEvent, at: number): void {
    this.#state = this.#shape.evolve(this.#state, draft, at);
    this.#head = { seq: event.seq, hash: event.hash };
    for (const listener of this.#listeners) this.#tell(listener, event);
    // A snapshot only quickens the next start; one that fails is made up for by the next.
    if (this.#head.seq - this.#snapshotAt >= SNAPSHOT_EVERY) void this.#saveSnapshot();
  }

  /** What a listener does with an event is its own affair: the event is durable, and the decision stands. */
  #tell(listener: Listener<State>, event: LoggedEvent): void {
    try {
      listener(event, this.#state);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), { code: 'stream-listener-failed' });
    }
  }

  #fence(): StreamError {
    return new StreamError(
      'stream-fenced',
      `Another gateway writes ${this.name}. Stop one of the two; this one decides nothing more for it until restarted.`,
    );
  }

  async #saveSnapshot(): Promise<void> {
    const { seq, hash } = this.#head;
    if (this.#fenced || seq === this.#snapshotAt || this.#log.health.waiting > 0) return;
    const before = this.#snapshotAt;
    this.#snapshotAt = seq;
    try {
      await this.#store.saveSnapshot({
        stream: this.name,
        seq,
        hash,
        state: this.#shape.toSnapshot(this.#state),
      });
    } catch {
      this.#snapshotAt = before;
    }
  }
}
