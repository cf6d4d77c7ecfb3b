/**
 * Readings that go on with the next request of the same session. Each is a place in the log with a page of events at most;
 * so are there few of them, and none for long.
 */
import { randomBytes } from 'node:crypto';
import type { ISessionBase } from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';

/** Most continuation points of one session, and of all. The oldest gives way. */
export const MOST_POINTS = 8;
const MOST_OF_ALL = 100;
/** How long one waits for the client. */
const KEPT_FOR: Milliseconds = 60_000;

interface Kept<Reading> {
  readonly key: string;
  readonly session: ISessionBase;
  readonly reading: Reading;
  readonly limit: NodeJS.Timeout;
}

export class ContinuationPoints<Reading extends { end(): void }> {
  /** In the order of their age. */
  readonly #kept = new Map<string, Kept<Reading>>();

  /** Keeps a reading. */
  keep(session: ISessionBase, reading: Reading): Buffer {
    const own = [...this.#kept.values()].filter((each) => each.session === session);
    if (own.length >= MOST_POINTS) this.#drop(own[0]);
    if (this.#kept.size >= MOST_OF_ALL) this.#drop(this.#kept.values().next().value);
    const point = randomBytes(16);
    const key = point.toString('hex');
    const limit = setTimeout(() => this.#drop(this.#kept.get(key)), KEPT_FOR);
    limit.unref();
    this.#kept.set(key, { key, session, reading, limit });
    return point;
  }

  /** Takes a reading back; undefined for a point that is not, or no longer, this session's. It is good once. */
  take(session: ISessionBase, point: Buffer): Reading | undefined {
    const kept = this.#kept.get(point.toString('hex'));
    if (kept?.session !== session) return undefined;
    this.#forget(kept);
    return kept.reading;
  }

  /** Lets go of everything that a session left. */
  leave(session: ISessionBase): void {
    for (const kept of this.#kept.values()) if (kept.session === session) this.#drop(kept);
  }

  close(): void {
    for (const kept of this.#kept.values()) this.#drop(kept);
  }

  #drop(kept: Kept<Reading> | undefined): void {
    if (!kept) return;
    this.#forget(kept);
    kept.reading.end();
  }

  #forget({ key, limit }: Kept<Reading>): void {
    clearTimeout(limit);
    this.#kept.delete(key);
  }
}
