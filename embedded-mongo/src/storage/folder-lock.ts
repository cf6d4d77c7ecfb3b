import { DatabaseSync } from 'node:sqlite';

/**
 * Holds a folder for this process, until `release` or the end of the process, however it ends: the lock is
 * the operating system's, on a small SQLite file that has no other purpose. It is a file of its own
 * because POSIX locks are lost when any part of the process opens and closes the locked file, as a backup
 * of the store would do.
 */
export class FolderLock {
  readonly #sqlite: DatabaseSync;

  /** @throws an error with `errcode` 5 (SQLITE_BUSY) when another process or thread holds the folder */
  constructor(file: string) {
    this.#sqlite = new DatabaseSync(file, { timeout: 0 });
    try {
      this.#sqlite.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
  }

  release(): void {
    this.#sqlite.close();
  }
}
