import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Pages of the write-ahead log after which SQLite copies it back into the file: 16 MB. */
const checkpointPages = 4096;

/** The layout of the file that this version reads and writes. */
export const formatVersion = 1;

export interface DatabaseOptions {
  /** Path of the SQLite file. */
  readonly file: string;
  /** Largest size of the file in pages of 4 KiB; SQLite refuses writes beyond it as on a full disk. */
  readonly maximumPages?: number;
}

/**
 * The SQLite file. Nothing else in this package knows SQLite, except the statements of the catalog,
 * collections and indexes. The file is locked for this process alone for as long as it is open; the
 * operating system lifts the lock when the process ends, however it ends.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  #inTransaction = false;

  /** @throws an error with `errcode` 5 (SQLITE_BUSY) when another process or thread holds the file. */
  constructor(options: DatabaseOptions) {
    this.#sqlite = new DatabaseSync(options.file, { timeout: 0 });
    try {
      // Exclusive before WAL: the index of the log then lives in this process's memory, without a shared file.
      this.#sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
      this.#sqlite.exec('PRAGMA journal_mode = WAL');
      this.#sqlite.exec('PRAGMA synchronous = FULL');
      this.#sqlite.exec('PRAGMA cache_size = -32768');
      this.#sqlite.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
      this.#sqlite.exec('PRAGMA trusted_schema = OFF');
      if (options.maximumPages !== undefined) {
        this.#sqlite.exec(`PRAGMA max_page_count = ${Math.trunc(options.maximumPages)}`);
      }
      this.#checkFormat();
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
  }

  #checkFormat(): void {
    // The first write takes the exclusive lock.
    this.#sqlite.exec('BEGIN EXCLUSIVE');
    const found = Number(this.#sqlite.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found !== 0 && found !== formatVersion) {
      this.#sqlite.exec('ROLLBACK');
      throw new Error(`the store has format ${found}, this version reads format ${formatVersion}`);
    }
    this.#sqlite.exec(`
      CREATE TABLE IF NOT EXISTS collections (
        id INTEGER PRIMARY KEY, database TEXT NOT NULL, name TEXT NOT NULL, uuid BLOB NOT NULL,
        UNIQUE (database, name)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS indexes (
        id INTEGER PRIMARY KEY, collection INTEGER NOT NULL REFERENCES collections (id),
        specification BLOB NOT NULL, multikey INTEGER NOT NULL
      ) STRICT;
      PRAGMA user_version = ${formatVersion};
      COMMIT
    `);
  }

  prepare(sql: string): StatementSync {
    return this.#sqlite.prepare(sql);
  }

  execute(sql: string): void {
    this.#sqlite.exec(sql);
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** Opens the write transaction unless one is open. Every write of the store happens inside one. */
  begin(): void {
    if (this.#inTransaction) return;
    this.#sqlite.exec('BEGIN IMMEDIATE');
    this.#inTransaction = true;
  }

  /** Makes the open transaction durable: returns when the log has been synced to the disk. */
  commit(): void {
    this.#sqlite.exec('COMMIT');
    this.#inTransaction = false;
  }

  /** Undoes the open transaction. */
  rollback(): void {
    this.#inTransaction = false;
    // A full disk can make SQLite roll back by itself; rolling back again would be an error.
    if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
  }

  close(): void {
    this.#sqlite.close();
  }
}
