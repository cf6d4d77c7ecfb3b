/**
 * Slows down the guessing of passwords: after each wrong try a name is locked for a time that doubles, up to
 * a quarter of an hour. Pure; time is passed in.
 */
import type { Milliseconds } from '../domain/site.ts';

/** Wrong tries that cost nothing yet, for people who mistype. */
const FREE_TRIES = 3;
const FIRST_LOCK: Milliseconds = 1_000;
const LONGEST_LOCK: Milliseconds = 15 * 60_000;
/** A name without a wrong try for this long is forgotten. */
const FORGOTTEN_AFTER: Milliseconds = 60 * 60_000;
/** Most names remembered, existing ones or not. */
const MOST_NAMES = 1_000;

interface Record {
  tries: number;
  lockedUntil: Milliseconds;
  last: Milliseconds;
}

export class SignInLimit {
  /** By name, longest untouched first. */
  readonly #records = new Map<string, Record>();

  /** Whether a try may be made for the name now. */
  mayTry(name: string, now: Milliseconds): boolean {
    const record = this.#records.get(name);
    return record === undefined || now >= record.lockedUntil;
  }

  /**
   * Counts a wrong try. Where too many names are remembered, one with the fewest tries is forgotten, of those the one left
   * alone for longest: a flood of names must not make anybody forget the one that is really tried.
   */
  wrong(name: string, now: Milliseconds): void {
    const known = this.#records.get(name);
    const tries = known && now - known.last < FORGOTTEN_AFTER ? known.tries + 1 : 1;
    const lock = tries <= FREE_TRIES ? 0 : Math.min(FIRST_LOCK * 2 ** (tries - FREE_TRIES - 1), LONGEST_LOCK);
    this.#records.delete(name);
    this.#records.set(name, { tries, lockedUntil: now + lock, last: now });
    if (this.#records.size > MOST_NAMES) this.#forgetOne();
  }

  #forgetOne(): void {
    let least: { readonly name: string; readonly tries: number } | undefined;
    for (const [name, { tries }] of this.#records) if (!least || tries < least.tries) least = { name, tries };
    if (least) this.#records.delete(least.name);
  }

  /** Forgets the wrong tries of a name, after a right one. */
  right(name: string): void {
    this.#records.delete(name);
  }

  /** How many names are remembered. */
  get size(): number {
    return this.#records.size;
  }
}
