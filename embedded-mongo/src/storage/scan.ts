import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { KeyInterval, Plan } from '../query/planner.ts';
import type { Collection, StoredDocument } from './collection.ts';
import type { Database } from './database.ts';

/** Rows read at once at first, and at most: few for a lookup, many for a long scan. */
const firstPageRows = 8;
const largestPageRows = 256;

/** How much a scan has read, for `explain`. */
export interface ScanCounts {
  keysExamined: number;
  documentsExamined: number;
}

/** Reads the documents of a plan one by one. It holds no statement: each page seeks anew behind the last row. */
export interface Scan {
  next(): StoredDocument | undefined;
  /** Forgets what was read ahead, so that the next row is read as it will be then. */
  release(): void;
  readonly counts: ScanCounts;
}

type Page = readonly Record<string, unknown>[];

abstract class PagedScan implements Scan {
  readonly counts: ScanCounts = { keysExamined: 0, documentsExamined: 0 };
  protected pageRows = firstPageRows;
  #page: Page = [];
  #at = 0;

  protected abstract readPage(): Page;
  /** Takes the row as read; false when it is to be passed over. */
  protected abstract accept(row: Record<string, unknown>): boolean;

  next(): StoredDocument | undefined {
    while (true) {
      const row = this.#page[this.#at++];
      if (row === undefined) {
        this.#page = this.readPage();
        this.#at = 0;
        if (this.#page.length === 0) return undefined;
        this.pageRows = Math.min(this.pageRows * 4, largestPageRows);
        continue;
      }
      if (!this.accept(row)) continue;
      this.counts.documentsExamined++;
      return { row: row['row'] as number, bytes: row['document'] as Uint8Array };
    }
  }

  release(): void {
    this.#page = [];
    this.#at = 0;
  }
}

class CollectionScan extends PagedScan {
  readonly #statement: StatementSync;
  #last: number;

  constructor(database: Database, collection: Collection, reverse: boolean) {
    super();
    const [comparison, order] = reverse ? ['<', 'DESC'] : ['>', 'ASC'];
    this.#statement = database.prepare(
      `SELECT row, document FROM ${collection.table} WHERE row ${comparison} ? ORDER BY row ${order} LIMIT ?`,
    );
    this.#last = reverse ? Number.MAX_SAFE_INTEGER : 0;
  }

  protected override readPage(): Page {
    return this.#statement.all(this.#last, this.pageRows);
  }

  protected override accept(row: Record<string, unknown>): boolean {
    this.#last = row['row'] as number;
    return true;
  }
}

class IndexScan extends PagedScan {
  readonly #statement: StatementSync;
  readonly #intervals: readonly KeyInterval[];
  readonly #reverse: boolean;
  /** Rows already seen, where a document can have several keys. */
  readonly #seen: Set<number> | undefined;
  #interval = 0;
  #lastKey: Uint8Array | undefined;
  #lastRow = 0;

  constructor(database: Database, collection: Collection, plan: Plan & { kind: 'index' }) {
    super();
    const { table } = plan.index;
    // CROSS JOIN keeps SQLite from turning the order of the tables round.
    const [within, order] = plan.reverse
      ? ['(i.key, i.row) < (?, ?) AND i.key >= ?', 'i.key DESC, i.row DESC']
      : ['(i.key, i.row) > (?, ?) AND i.key < ?', 'i.key, i.row'];
    this.#statement = database.prepare(
      `SELECT i.key, i.row, d.document FROM ${table} i CROSS JOIN ${collection.table} d ON d.row = i.row WHERE ${within} ORDER BY ${order} LIMIT ?`,
    );
    this.#intervals = plan.reverse ? plan.intervals.toReversed() : plan.intervals;
    this.#reverse = plan.reverse;
    this.#seen = plan.index.multikey ? new Set() : undefined;
  }

  protected override readPage(): Page {
    while (true) {
      const interval = this.#intervals[this.#interval];
      if (interval === undefined) return [];
      const page = this.#statement.all(...this.#range(interval), this.pageRows);
      if (page.length > 0) return page;
      this.#interval++;
      this.#lastKey = undefined;
    }
  }

  #range({ low, high }: KeyInterval): SQLInputValue[] {
    if (this.#reverse) return [this.#lastKey ?? high, this.#lastKey === undefined ? -1 : this.#lastRow, low];
    return [this.#lastKey ?? low, this.#lastKey === undefined ? -1 : this.#lastRow, high];
  }

  protected override accept(row: Record<string, unknown>): boolean {
    this.#lastKey = row['key'] as Uint8Array;
    this.#lastRow = row['row'] as number;
    this.counts.keysExamined++;
    if (this.#seen === undefined) return true;
    if (this.#seen.has(this.#lastRow)) return false;
    this.#seen.add(this.#lastRow);
    return true;
  }
}

/** Opens a scan of what a plan covers. */
export function openScan(database: Database, collection: Collection, plan: Plan): Scan {
  return plan.kind === 'index'
    ? new IndexScan(database, collection, plan)
    : new CollectionScan(database, collection, plan.reverse);
}
