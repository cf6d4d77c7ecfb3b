import type { Milliseconds } from '../domain/site.ts';
import type { Clock } from './ports.ts';

/** Waits between two tries or two steps; all of them end at once when whoever waits is stopped. */
export class Waits {
  readonly #clock: Clock;
  readonly #ends = new Set<() => void>();
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after a delay, or as soon as `end` is called; at once after that. */
  wait(delay: Milliseconds): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#ends.delete(end);
        resolve();
      };
      const cancel = this.#clock.after(delay, end);
      this.#ends.add(end);
    });
  }

  end(): void {
    this.#ended = true;
    for (const end of this.#ends) end();
  }
}
