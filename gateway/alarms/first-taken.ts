/** What the cassettes do before there is anybody to be told of it: they work before the store does. */
import type { TakenEvent } from '../cassettes/protocol.ts';
import type { Unsubscribe } from '../ports.ts';

/** Events that are kept; those after them are found in the store. */
const MOST_KEPT = 1_000;

export class FirstTaken {
  #kept: TakenEvent[] = [];
  #listener: ((taken: TakenEvent) => void) | undefined;

  tell(taken: TakenEvent): void {
    if (this.#listener) this.#listener(taken);
    else if (this.#kept.length < MOST_KEPT) this.#kept.push(taken);
  }

  /** Tells what was kept, and everything from now on; one listener at a time. */
  follow(listener: (taken: TakenEvent) => void): Unsubscribe {
    this.#listener = listener;
    const kept = this.#kept;
    this.#kept = [];
    for (const taken of kept) listener(taken);
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
  }
}
