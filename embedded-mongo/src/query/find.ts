/** Runs queries: plan, scan, match, sort, skip, limit and projection. */
import { CommandError, errorCode } from '../errors.ts';
import type { Collection } from '../storage/collection.ts';
import type { Database } from '../storage/database.ts';
import { openScan, type Scan } from '../storage/scan.ts';
import { decode, encode } from '../values/codec.ts';
import type { Document, Value } from '../values/types.ts';
import { compileMatcher, type Matcher } from './matcher.ts';
import { choosePlan, type Plan } from './planner.ts';
import type { Projection } from './projection.ts';
import { compileSortKey, type SortField } from './sort.ts';

/** Most bytes of documents that a sort without an index may hold, as the server has it: 100 MiB. */
const maximumSortBytes = 100 * 1024 * 1024;
/** Documents looked at between two looks at the clock. */
const documentsBetweenLooks = 64;

export interface FindRequest {
  readonly filter: Document;
  readonly sort?: readonly SortField[];
  readonly natural?: 1 | -1 | undefined;
  readonly hint?: Value;
  /** Documents passed over; 0 for none. */
  readonly skip?: number;
  /** Most documents given; 0 for all. */
  readonly limit?: number;
  /** How long may be looked for documents in all; 0 for any time. The time between batches does not count. */
  readonly maximumMilliseconds?: number;
}

/** A document that a query found. `document` is decoded when the query had to look inside. */
export interface FoundDocument {
  readonly row: number;
  readonly bytes: Uint8Array;
  readonly document: Document | undefined;
}

/** Gives documents one by one; see `Scan.release`. */
export interface FoundDocuments {
  readonly finished: boolean;
  next(): FoundDocument | undefined;
  release(): void;
}

/** Counts the time in which a query looks for documents. */
class Stopwatch {
  readonly #most: number;
  #before = 0;
  #started = 0;
  #looks = 0;

  constructor(most: number) {
    this.#most = most;
  }

  start(): void {
    this.#started = performance.now();
  }

  stop(): void {
    this.#before += performance.now() - this.#started;
  }

  /** @throws CommandError 50 when the time is over */
  look(): void {
    this.#looks++;
    if (this.#looks % documentsBetweenLooks !== 0) return;
    if (this.#before + performance.now() - this.#started > this.#most) {
      throw new CommandError(errorCode.tookTooLong, 'operation exceeded time limit');
    }
  }
}

/** A query ready to run, with its plan. */
export class PreparedFind implements FoundDocuments {
  readonly plan: Plan;
  readonly scan: Scan;
  readonly #matcher: Matcher | undefined;
  readonly #sort: readonly SortField[];
  readonly #skip: number;
  readonly #limit: number;
  readonly #stopwatch: Stopwatch | undefined;
  #sorted: FoundDocument[] | undefined;
  #position = 0;
  #skipped = 0;
  #given = 0;

  /** @throws CommandError 2 or 238 for a filter or hint that cannot be run */
  constructor(database: Database, collection: Collection, request: FindRequest) {
    const { filter, sort = [], natural, hint, skip = 0, limit = 0, maximumMilliseconds = 0 } = request;
    this.#matcher = Object.keys(filter).length === 0 ? undefined : compileMatcher(filter);
    this.plan = choosePlan(collection, { filter, sort, natural, hint });
    this.scan = openScan(database, collection, this.plan);
    this.#sort = sort;
    this.#skip = skip;
    this.#limit = limit;
    if (maximumMilliseconds > 0) this.#stopwatch = new Stopwatch(maximumMilliseconds);
  }

  /** @throws CommandError 50 when it has looked for longer than it may */
  next(): FoundDocument | undefined {
    if (this.finished) return undefined;
    this.#stopwatch?.start();
    const found = this.#nextWanted();
    this.#stopwatch?.stop();
    return found;
  }

  #nextWanted(): FoundDocument | undefined {
    while (true) {
      const found = this.plan.providesSort ? this.#nextMatch() : this.#nextSorted();
      if (found === undefined) return undefined;
      if (this.#skipped < this.#skip) {
        this.#skipped++;
        continue;
      }
      this.#given++;
      return found;
    }
  }

  /** True when the limit is reached: there is nothing more to ask for. */
  get finished(): boolean {
    return this.#limit > 0 && this.#given >= this.#limit;
  }

  release(): void {
    this.scan.release();
  }

  #nextMatch(): FoundDocument | undefined {
    while (true) {
      const stored = this.scan.next();
      this.#stopwatch?.look();
      if (stored === undefined) return undefined;
      if (this.#matcher === undefined) return { ...stored, document: undefined };
      const document = decode(stored.bytes);
      if (this.#matcher(document)) return { ...stored, document };
    }
  }

  #nextSorted(): FoundDocument | undefined {
    this.#sorted ??= this.#sortAll();
    return this.#sorted[this.#position++];
  }

  #sortAll(): FoundDocument[] {
    const keyOf = compileSortKey(this.#sort);
    const wanted = this.#limit > 0 ? this.#limit + this.#skip : Number.POSITIVE_INFINITY;
    let entries: { readonly key: Uint8Array; readonly found: FoundDocument }[] = [];
    let bytes = 0;
    const order = () => entries.sort((left, right) => Buffer.compare(left.key, right.key));
    for (let found = this.#nextMatch(); found !== undefined; found = this.#nextMatch()) {
      const document = found.document ?? decode(found.bytes);
      entries.push({ key: keyOf(document), found: { ...found, document: undefined } });
      bytes += found.bytes.length;
      if (entries.length >= 2 * wanted + 256) {
        entries = order().slice(0, wanted);
        bytes = entries.reduce((sum, entry) => sum + entry.found.bytes.length, 0);
      }
      if (bytes > maximumSortBytes) {
        throw new CommandError(
          errorCode.sortExceededMemory,
          `Sort exceeded memory limit of ${maximumSortBytes} bytes; create an index that gives the order, or limit the result`,
        );
      }
    }
    return order()
      .slice(0, wanted)
      .map((entry) => entry.found);
  }
}

/** Gives the bytes of documents one by one, as a cursor sends them. */
export interface ResultSource {
  /** True when it is known that nothing more comes, without looking for it. */
  readonly finished: boolean;
  next(): Uint8Array | undefined;
  release(): void;
}

/** The results of a query, projected. */
export function projected(found: FoundDocuments, projection: Projection | undefined): ResultSource {
  return {
    get finished() {
      return found.finished;
    },
    next: () => {
      const next = found.next();
      if (next === undefined || projection === undefined) return next?.bytes;
      return encode(projection(next.document ?? decode(next.bytes)));
    },
    release: () => found.release(),
  };
}

/** The results of what was computed beforehand. */
export function computed(documents: Iterable<Document>): ResultSource {
  const iterator = documents[Symbol.iterator]();
  return {
    finished: false,
    next: () => {
      const { value, done } = iterator.next();
      return done ? undefined : encode(value as Document);
    },
    release: () => {},
  };
}
