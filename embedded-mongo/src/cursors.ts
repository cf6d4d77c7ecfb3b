import { randomBytes } from 'node:crypto';
import { Long } from 'bson';
import { CommandError, errorCode } from './errors.ts';
import type { ResultSource } from './query/find.ts';

/** As the server: a first batch of 101 documents unless asked otherwise, no batch above 16 MiB. */
const defaultFirstBatch = 101;
const maximumBatchBytes = 16 * 1024 * 1024;
/** A cursor that nobody asks for during this time is closed, as the server does it. */
const idleMilliseconds = 10 * 60 * 1000;
/** Most cursors that are open at once; the one that was used longest ago gives way. */
const maximumCursors = 5000;

interface OpenCursor {
  readonly namespace: string;
  readonly results: ResultSource;
  /** Read but not sent, because it did not fit in its batch. */
  pending: Uint8Array | undefined;
  /** Never closed for idleness. */
  readonly noTimeout: boolean;
  usedAt: number;
}

/** One batch of results as a command answers with it. */
export interface CursorBatch {
  readonly kind: 'batch';
  readonly field: 'firstBatch' | 'nextBatch';
  /** Zero when there is nothing more. */
  readonly id: Long;
  readonly namespace: string;
  readonly documents: readonly Uint8Array[];
}

export interface OpenOptions {
  readonly namespace: string;
  /** Documents in the first batch; undefined for the default. */
  readonly batchSize?: number | undefined;
  /** Close after the first batch, whatever is left. */
  readonly singleBatch?: boolean;
  readonly noTimeout?: boolean;
}

/** The open cursors of the store. They hold neither statements nor locks. */
export class Cursors {
  readonly #open = new Map<string, OpenCursor>();

  /** Answers with the first batch, and keeps a cursor when more is to come. */
  open(results: ResultSource, options: OpenOptions): CursorBatch {
    const { namespace, batchSize = defaultFirstBatch, singleBatch = false, noTimeout = false } = options;
    const cursor: OpenCursor = { namespace, results, pending: undefined, noTimeout, usedAt: Date.now() };
    const { documents, done } = readBatch(cursor, batchSize);
    let id = Long.ZERO;
    if (!done && !singleBatch) {
      id = newId();
      this.#makeRoom();
      this.#open.set(id.toString(), cursor);
    }
    return { kind: 'batch', field: 'firstBatch', id, namespace, documents };
  }

  /** @throws CommandError 43 when there is no such cursor, 2 when it belongs to another collection */
  more(id: Long, namespace: string, batchSize: number | undefined): CursorBatch {
    const name = id.toString();
    const cursor = this.#open.get(name);
    if (cursor === undefined) throw new CommandError(errorCode.cursorNotFound, `cursor id ${name} not found`);
    if (cursor.namespace !== namespace) {
      throw new CommandError(
        13,
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    // Sets it behind all others, so that the first of the map is the one unused for longest.
    this.#open.delete(name);
    cursor.usedAt = Date.now();
    const { documents, done } = readBatch(cursor, batchSize ?? Number.POSITIVE_INFINITY);
    if (!done) this.#open.set(name, cursor);
    return { kind: 'batch', field: 'nextBatch', id: done ? Long.ZERO : id, namespace, documents };
  }

  /** Closes a cursor of a collection; false when there is none. */
  kill(id: Long, namespace: string): boolean {
    const name = id.toString();
    return this.#open.get(name)?.namespace === namespace && this.#open.delete(name);
  }

  /** Closes the cursors of a collection that is no more. */
  killAll(namespace: string): void {
    for (const [name, cursor] of this.#open) {
      if (cursor.namespace === namespace) this.#open.delete(name);
    }
  }

  /** Closes every cursor: after a transaction was undone, what they read may not be there. */
  clear(): void {
    this.#open.clear();
  }

  /** Closes what has been idle for too long. */
  sweep(now: number): void {
    for (const [name, cursor] of this.#open) {
      if (!cursor.noTimeout && now - cursor.usedAt > idleMilliseconds) this.#open.delete(name);
    }
  }

  #makeRoom(): void {
    if (this.#open.size < maximumCursors) return;
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#open.delete(oldest);
  }
}

function newId(): Long {
  const id = Long.fromBigInt(randomBytes(8).readBigInt64BE() & 0x7fff_ffff_ffff_ffffn);
  return id.isZero() ? Long.ONE : id;
}

function readBatch(cursor: OpenCursor, size: number): { documents: Uint8Array[]; done: boolean } {
  const documents: Uint8Array[] = [];
  let bytes = 0;
  while (documents.length < size) {
    const next = cursor.pending ?? cursor.results.next();
    cursor.pending = undefined;
    if (next === undefined) return { documents, done: true };
    if (documents.length > 0 && bytes + next.length > maximumBatchBytes) {
      cursor.pending = next;
      break;
    }
    documents.push(next);
    bytes += next.length;
  }
  cursor.results.release();
  return { documents, done: cursor.pending === undefined && cursor.results.finished };
}
