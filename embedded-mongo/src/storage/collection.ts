import type { StatementSync } from 'node:sqlite';
import { CommandError, errorCode } from '../errors.ts';
import { decode, encode } from '../values/codec.ts';
import type { Document } from '../values/types.ts';
import type { Database } from './database.ts';
import type { IndexSpecification } from './index-specification.ts';
import { type IndexEntry, StoredIndex } from './stored-index.ts';

/** A document with the row that it is stored under. */
export interface StoredDocument {
  readonly row: number;
  readonly bytes: Uint8Array;
}

/** Largest document, as the server has it: 16 MiB. */
export const maximumDocumentBytes = 16 * 1024 * 1024;

/**
 * A collection: a table of documents as BSON, in the order of insertion, and its indexes. Every write
 * checks all unique indexes before it changes anything, so a refused write leaves no trace.
 */
export class Collection {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly uuid: Uint8Array;
  readonly table: string;
  readonly #database: Database;
  readonly #indexes: StoredIndex[] = [];
  #insert: StatementSync | undefined;
  #update: StatementSync | undefined;
  #remove: StatementSync | undefined;
  #get: StatementSync | undefined;

  constructor(database: Database, row: { id: number; database: string; name: string; uuid: Uint8Array }) {
    this.#database = database;
    this.id = row.id;
    this.database = row.database;
    this.name = row.name;
    this.uuid = row.uuid;
    this.table = `documents_${row.id}`;
  }

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  /** In the order of creation; the first is the one over `_id`. */
  get indexes(): readonly StoredIndex[] {
    return this.#indexes;
  }

  createTable(): void {
    this.#database.execute(
      `CREATE TABLE ${this.table} (row INTEGER PRIMARY KEY, document BLOB NOT NULL) STRICT`,
    );
  }

  dropTables(): void {
    for (const index of this.#indexes) index.dropTable();
    this.#database.execute(`DROP TABLE ${this.table}`);
  }

  /** Takes an index over that the catalog read from the file. */
  adoptIndex(index: StoredIndex): void {
    this.#indexes.push(index);
  }

  /** Creates an index and fills it. @throws CommandError 11000 or 171 when the documents do not allow it; the table is gone then. */
  createIndex(specification: IndexSpecification): void {
    this.#database.begin();
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO indexes (collection, specification, multikey) VALUES (?, ?, 0)')
      .run(this.id, encode(specification.document));
    const index = new StoredIndex(this.#database, Number(lastInsertRowid), specification, false);
    index.createTable();
    try {
      this.#fill(index);
    } catch (error) {
      if (error instanceof CommandError) {
        index.dropTable();
        this.#database.prepare('DELETE FROM indexes WHERE id = ?').run(index.id);
      }
      throw error;
    }
    this.#indexes.push(index);
  }

  #fill(index: StoredIndex): void {
    const page = this.#database.prepare(
      `SELECT row, document FROM ${this.table} WHERE row > ? ORDER BY row LIMIT 256`,
    );
    let last = 0;
    while (true) {
      const rows = page.all(last) as { row: number; document: Uint8Array }[];
      if (rows.length === 0) return;
      for (const { row, document } of rows) {
        const { entries, multikey } = index.entriesOf(decode(document));
        if (multikey) index.markMultikey();
        for (const entry of entries) {
          index.checkUnique(entry, row, this.namespace);
          index.insert(entry, row);
        }
        last = row;
      }
    }
  }

  dropIndex(index: StoredIndex): void {
    this.#database.begin();
    index.dropTable();
    this.#database.prepare('DELETE FROM indexes WHERE id = ?').run(index.id);
    this.#indexes.splice(this.#indexes.indexOf(index), 1);
  }

  count(): number {
    return Number(this.#database.prepare(`SELECT count(*) AS n FROM ${this.table}`).get()?.['n']);
  }

  get(row: number): Uint8Array | undefined {
    this.#get ??= this.#database.prepare(`SELECT document FROM ${this.table} WHERE row = ?`);
    return this.#get.get(row)?.['document'] as Uint8Array | undefined;
  }

  /** Stores a new document. `document` is `bytes` decoded. @throws CommandError 11000, 171 or 10334 */
  insert(bytes: Uint8Array, document: Document): void {
    checkSize(bytes);
    const perIndex = this.#indexes.map((index) => index.entriesOf(document));
    perIndex.forEach(({ entries }, at) => {
      for (const entry of entries) this.#indexAt(at).checkUnique(entry, undefined, this.namespace);
    });
    this.#database.begin();
    this.#insert ??= this.#database.prepare(`INSERT INTO ${this.table} (document) VALUES (?)`);
    const row = Number(this.#insert.run(bytes).lastInsertRowid);
    perIndex.forEach(({ entries, multikey }, at) => {
      const index = this.#indexAt(at);
      if (multikey) index.markMultikey();
      for (const entry of entries) index.insert(entry, row);
    });
  }

  /** Puts a new version of a stored document in its place. @throws CommandError 11000, 171 or 10334 */
  replace(row: number, old: Document, bytes: Uint8Array, document: Document): void {
    checkSize(bytes);
    const changes = this.#indexes.map((index) => {
      const before = index.entriesOf(old).entries;
      const { entries, multikey } = index.entriesOf(document);
      return { index, multikey, added: difference(entries, before), removed: difference(before, entries) };
    });
    for (const { index, added } of changes) {
      for (const entry of added) index.checkUnique(entry, row, this.namespace);
    }
    this.#database.begin();
    this.#update ??= this.#database.prepare(`UPDATE ${this.table} SET document = ? WHERE row = ?`);
    this.#update.run(bytes, row);
    for (const { index, multikey, added, removed } of changes) {
      if (multikey) index.markMultikey();
      for (const entry of removed) index.remove(entry, row);
      for (const entry of added) index.insert(entry, row);
    }
  }

  /** Deletes a stored document. */
  remove(row: number, document: Document): void {
    this.#database.begin();
    for (const index of this.#indexes) {
      for (const entry of index.entriesOf(document).entries) index.remove(entry, row);
    }
    this.#remove ??= this.#database.prepare(`DELETE FROM ${this.table} WHERE row = ?`);
    this.#remove.run(row);
  }

  #indexAt(at: number): StoredIndex {
    return this.#indexes[at] as StoredIndex;
  }
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.length > maximumDocumentBytes) {
    throw new CommandError(
      errorCode.objectTooLarge,
      `object to insert too large. size in bytes: ${bytes.length}, max size: ${maximumDocumentBytes}`,
    );
  }
}

function difference(entries: readonly IndexEntry[], others: readonly IndexEntry[]): IndexEntry[] {
  return entries.filter((entry) => !others.some((other) => Buffer.compare(entry.key, other.key) === 0));
}
