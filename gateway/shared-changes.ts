import type { Milliseconds } from '../domain/site.ts';
import type { Clock, Unsubscribe } from './ports.ts';

/** How often changes that other gateways made are looked for. */
const LOOK_EVERY: Milliseconds = 2_000;
/** Computers' clocks differ: look this far back for changes. */
const LOOK_BACK: Milliseconds = 30_000;

/**
 * Keeps what is known in memory up with a database that other gateways change as well. While the database is away,
 * everything is known as it was; the log tells its absence.
 */
export class SharedChanges {
  readonly #clock: Clock;
  readonly #takeOver: (since: Date, age: Milliseconds) => Promise<void>;
  #lookedAt: Milliseconds = 0;
  #turn: Promise<void> = Promise.resolve();
  #cancel: Unsubscribe = () => {};
  #stopped = false;

  /**
   * @param takeOver takes over what was changed since a time: at first since 1970, later since some time before the
   * last look. `age` says how long ago that look was. Where it rejects, its changes are looked for again.
   */
  constructor(clock: Clock, takeOver: (since: Date, age: Milliseconds) => Promise<void>) {
    this.#clock = clock;
    this.#takeOver = takeOver;
  }

  /** Takes over everything, then keeps up with changes. Rejects where the database does not answer. */
  async start(): Promise<void> {
    await this.refresh();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Takes over what has changed. One look at a time: an older one must not undo a newer one. */
  refresh(): Promise<void> {
    const turn = this.#turn.then(() => this.#look());
    // Whoever asked for this look is told; the next one comes all the same.
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #look(): Promise<void> {
    const now = this.#clock.now();
    await this.#takeOver(new Date(Math.max(0, this.#lookedAt - LOOK_BACK)), now - this.#lookedAt);
    this.#lookedAt = now;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(LOOK_EVERY, () => {
      void this.refresh()
        .catch(() => {})
        .finally(() => this.#schedule());
    });
  }
}
