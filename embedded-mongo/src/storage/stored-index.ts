import type { StatementSync } from 'node:sqlite';
import { CommandError, errorCode } from '../errors.ts';
import { compileMatcher, type Matcher } from '../query/matcher.ts';
import { type Path, parsePath } from '../values/path.ts';
import { show } from '../values/show.ts';
import { type Document, missing, type Value } from '../values/types.ts';
import type { Database } from './database.ts';
import { encodeKey } from './index-keys.ts';
import { type IndexSpecification, keyPatternOf } from './index-specification.ts';
import { keyValuesOf } from './key-values.ts';

/** One entry that a document has in an index. */
export interface IndexEntry {
  readonly key: Uint8Array;
  readonly values: readonly Value[];
}

export interface DocumentEntries {
  readonly entries: readonly IndexEntry[];
  readonly multikey: boolean;
}

const noEntries: DocumentEntries = { entries: [], multikey: false };

/**
 * An index: a table of (key, row), ordered by key. A unique index has its key as primary key, so the
 * file itself cannot hold a duplicate.
 */
export class StoredIndex {
  readonly id: number;
  readonly specification: IndexSpecification;
  readonly table: string;
  readonly paths: readonly Path[];
  readonly directions: readonly (1 | -1)[];
  readonly #partialMatcher: Matcher | undefined;
  readonly #database: Database;
  #multikey: boolean;
  #insert: StatementSync | undefined;
  #remove: StatementSync | undefined;
  #find: StatementSync | undefined;

  constructor(database: Database, id: number, specification: IndexSpecification, multikey: boolean) {
    this.#database = database;
    this.id = id;
    this.specification = specification;
    this.table = `index_${id}`;
    this.paths = specification.fields.map((field) => parsePath(field.path));
    this.directions = specification.fields.map((field) => field.direction);
    this.#partialMatcher =
      specification.partialFilter === undefined ? undefined : compileMatcher(specification.partialFilter);
    this.#multikey = multikey;
  }

  /** Whether some document has, or once had, an array under one of the fields. */
  get multikey(): boolean {
    return this.#multikey;
  }

  createTable(): void {
    const primaryKey = this.specification.unique ? 'key' : 'key, row';
    this.#database.execute(
      `CREATE TABLE ${this.table} (key BLOB NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (${primaryKey})) STRICT, WITHOUT ROWID`,
    );
  }

  dropTable(): void {
    this.#insert = undefined;
    this.#remove = undefined;
    this.#find = undefined;
    this.#database.execute(`DROP TABLE ${this.table}`);
  }

  /** The entries that a document has in this index; none when the index is partial or sparse and leaves it out. */
  entriesOf(document: Document): DocumentEntries {
    if (this.#partialMatcher !== undefined && !this.#partialMatcher(document)) return noEntries;
    const { tuples, multikey } = keyValuesOf(document, this.paths);
    if (this.specification.sparse && tuples.every((tuple) => tuple.every((value) => value === missing))) {
      return { entries: [], multikey };
    }
    const entries = tuples.map((values) => ({ key: encodeKey(values, this.directions), values }));
    return { entries: entries.length > 1 ? withoutRepeats(entries) : entries, multikey };
  }

  /** @throws CommandError 11000 when another row than `row` has the entry's key. */
  checkUnique(entry: IndexEntry, row: number | undefined, namespace: string): void {
    if (!this.specification.unique) return;
    this.#find ??= this.#database.prepare(`SELECT row FROM ${this.table} WHERE key = ?`);
    const found = this.#find.get(entry.key);
    if (found === undefined || found['row'] === row) return;
    throw this.#duplicate(entry, namespace);
  }

  #duplicate(entry: IndexEntry, namespace: string): CommandError {
    const keyValue: Document = {};
    this.specification.fields.forEach((field, at) => {
      const value = entry.values[at];
      keyValue[field.path] = value === missing || value === undefined ? null : value;
    });
    const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${show(value)}`);
    return new CommandError(
      errorCode.duplicateKey,
      `E11000 duplicate key error collection: ${namespace} index: ${this.specification.name} dup key: { ${shown.join(', ')} }`,
      { keyPattern: keyPatternOf(this.specification), keyValue },
    );
  }

  insert(entry: IndexEntry, row: number): void {
    this.#insert ??= this.#database.prepare(`INSERT INTO ${this.table} (key, row) VALUES (?, ?)`);
    this.#insert.run(entry.key, row);
  }

  remove(entry: IndexEntry, row: number): void {
    this.#remove ??= this.#database.prepare(`DELETE FROM ${this.table} WHERE key = ? AND row = ?`);
    this.#remove.run(entry.key, row);
  }

  /** Remembers that a document with an array is in the index: from now on one document may have several keys. */
  markMultikey(): void {
    if (this.#multikey) return;
    this.#multikey = true;
    this.#database.prepare('UPDATE indexes SET multikey = 1 WHERE id = ?').run(this.id);
  }
}

function withoutRepeats(entries: readonly IndexEntry[]): IndexEntry[] {
  const sorted = entries.toSorted((left, right) => Buffer.compare(left.key, right.key));
  return sorted.filter(
    (entry, at) => at === 0 || Buffer.compare(entry.key, (sorted[at - 1] as IndexEntry).key) !== 0,
  );
}
