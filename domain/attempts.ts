import type { CredentialKind } from './identification.ts';
import type { Milliseconds } from './site.ts';

/**
 * The kinds that somebody can find by trying: wrong ones count. A phone's code has few digits, like a PIN; what is
 * printed often has a number that follows the one before.
 */
export const GUESSABLE: ReadonlySet<CredentialKind> = new Set(['pin', 'password', 'phone', 'barcode', 'qr']);

/** Wrong PINs that a reader takes before it makes people wait. */
export const FREE_TRIES = 5;
/** The first wait, after which it doubles with every further wrong PIN. Milliseconds. */
export const FIRST_LOCKOUT: Milliseconds = 30_000;
/** The longest wait. Milliseconds. */
export const LONGEST_LOCKOUT: Milliseconds = 3_600_000;

/**
 * How many wrong tries are left to a reader after a right one. That takes back one of them, so that whoever has a right
 * one of their own does not guess on without end; and it ends the longer waits, so that a night of guesses makes nobody
 * wait on the next day.
 *
 * @param count wrong tries before it, 0 or more
 */
export function countAfterRight(count: number): number {
  return Math.max(0, Math.min(count, FREE_TRIES) - 1);
}

/**
 * For how long a reader still takes no PIN. A clock that was set back locks nobody: the last wrong PIN then lies in
 * the future, and the jump may be of any length.
 */
export function lockedFor(count: number, last: Milliseconds, now: Milliseconds): Milliseconds {
  return now < last ? 0 : Math.max(0, lockedUntil(count, last) - now);
}

/**
 * Until when a reader takes no PIN, after wrong ones in a row. Returns 0 while it still takes them.
 *
 * @param count wrong PINs in a row, 0 or more
 * @param last time of the last of them
 */
export function lockedUntil(count: number, last: Milliseconds): Milliseconds {
  if (count < FREE_TRIES) return 0;
  const doublings = Math.min(count - FREE_TRIES, 20);
  return last + Math.min(FIRST_LOCKOUT * 2 ** doublings, LONGEST_LOCKOUT);
}
