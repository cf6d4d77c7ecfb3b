import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoggedEvent } from '../../../domain/event.ts';
import {
  type AppendOutcome,
  type EventStore,
  type StoredSnapshot,
  StoreUnavailable,
} from '../../../gateway/event-log/event-store.ts';

/** What befalls one call of a store. */
export type Fault =
  | 'none'
  /** It takes a few turns of the loop. */
  | 'slow'
  /** It never reaches the store. */
  | 'refused'
  /** The store does it; the answer gets lost. */
  | 'answer-lost'
  /** It never reaches the store, and there is never an answer. */
  | 'hangs'
  /** The store does it, but never answers. */
  | 'mute';

/** A store whose line is bad: each call meets the fault that is set when it is made. */
export class FaultyStore implements EventStore {
  /** Every batch that was to be appended, whatever became of it. */
  readonly appends: (readonly LoggedEvent[])[] = [];
  /** Calls of any kind. */
  calls = 0;
  readonly #store: EventStore;
  readonly #fault: () => Fault;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(store: EventStore, fault: () => Fault) {
    this.#store = store;
    this.#fault = fault;
  }

  append(events: readonly LoggedEvent[]): Promise<readonly AppendOutcome[]> {
    this.appends.push(events);
    return this.#through(() => this.#store.append(events));
  }

  async *read(stream: string, afterSeq: number): AsyncIterable<LoggedEvent> {
    yield* this.#store.read(stream, afterSeq);
  }

  streams(): Promise<readonly string[]> {
    return this.#through(() => this.#store.streams());
  }

  snapshot(stream: string): Promise<StoredSnapshot | undefined> {
    return this.#through(() => this.#store.snapshot(stream));
  }

  saveSnapshot(snapshot: StoredSnapshot): Promise<void> {
    return this.#through(() => this.#store.saveSnapshot(snapshot));
  }

  ping(): Promise<void> {
    return this.#through(() => this.#store.ping());
  }

  /** Waits until the store has nothing more to do, whoever waits for its answers. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async #through<Result>(call: () => Promise<Result>): Promise<Result> {
    const work = (begin = call): Promise<Result> => {
      const done = begin();
      this.#underWay.add(done);
      return done.finally(() => this.#underWay.delete(done));
    };
    this.calls += 1;
    const fault = this.#fault();
    switch (fault) {
      case 'none':
        return work();
      case 'slow':
        // On its way to the store it is under way already: what a crash leaves behind may still arrive.
        return work(async () => {
          for (let turn = 0; turn < 3; turn += 1) await nextTurn();
          return call();
        });
      case 'refused':
        throw new StoreUnavailable('connection refused');
      case 'answer-lost':
        await work();
        throw new StoreUnavailable('connection reset');
      case 'hangs':
        return new Promise(() => {});
      case 'mute':
        await work();
        return new Promise(() => {});
    }
  }
}
