import type { Clock, Unsubscribe } from '../../gateway/ports.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** A clock that stands still until it is advanced. */
export class ManualClock implements Clock {
  #now: number;
  /** What the time of day is ahead of the time by which timers run. */
  #ahead = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  /** Timers that are still to fire. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now + this.#ahead;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Sets the time of day, as an administrator or a time server does. Timers go on as if nothing had been. */
  set(by: number): void {
    this.#ahead += by;
  }

  after(delay: number, action: () => void): Unsubscribe {
    this.#order += 1;
    const timer = { at: this.#now + Math.max(0, delay), order: this.#order, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /**
   * Moves time on and fires every timer that falls due, in order, each at its own time. Promises that were
   * settled by one are carried through before the next, as they would be between two real timers.
   */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#dueBy(end); next !== undefined; next = this.#dueBy(end)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.action();
      await settle();
    }
    this.#now = end;
  }

  #dueBy(end: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.at <= end);
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

/** Lets settled promises run their course. */
async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
