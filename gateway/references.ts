import type { Clock } from './ports.ts';
import { newToken } from './secrets.ts';

/**
 * Opaque references to things that must not ride in messages: unguessable, valid for seconds, good for one use,
 * known to this process only. Bounded: the oldest gives way.
 */
export class References<Thing> {
  readonly #things = new Map<string, { readonly thing: Thing; readonly issued: number }>();
  readonly #clock: Clock;
  readonly #validFor: number;
  readonly #most: number;

  /**
   * @param validFor milliseconds
   * @param most references kept at once
   */
  constructor(clock: Clock, validFor: number, most = 10_000) {
    this.#clock = clock;
    this.#validFor = validFor;
    this.#most = most;
  }

  /** Makes a reference to a thing. */
  issue(thing: Thing): string {
    for (const [reference, { issued }] of this.#things) {
      if (this.#isValid(issued) && this.#things.size < this.#most) break;
      this.#things.delete(reference);
    }
    const reference = newToken();
    this.#things.set(reference, { thing, issued: this.#clock.now() });
    return reference;
  }

  /** The thing behind a reference, once; undefined where it was used, has expired, or never was. */
  take(reference: string): Thing | undefined {
    const held = this.#things.get(reference);
    if (!held) return undefined;
    this.#things.delete(reference);
    return this.#isValid(held.issued) ? held.thing : undefined;
  }

  /** A clock that is set, forward or back, makes nothing valid for longer. */
  #isValid(issued: number): boolean {
    return Math.abs(this.#clock.now() - issued) < this.#validFor;
  }
}
