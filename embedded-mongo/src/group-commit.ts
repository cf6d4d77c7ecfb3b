import type { CommandContext } from './commands/command.ts';
import { dispatch, errorReply } from './dispatch.ts';
import { CommandError, errorCode } from './errors.ts';
import type { Store } from './storage/store.ts';
import type { Document } from './values/types.ts';

/** Takes the reply to one command. */
export type Respond = (reply: Uint8Array) => void;

interface Waiting {
  readonly respond: Respond;
  readonly reply: Uint8Array;
}

/** Most commands that share one transaction. */
const maximumGroup = 1000;

/** SQLite's result code for a full disk. */
const sqliteFull = 13;

/**
 * Runs commands so that those which arrive in one turn of the event loop share one transaction and one
 * sync of the disk. A reply leaves only after the commit that it depends on: replies of reads too, while
 * a transaction is open, because they may have seen what it wrote. If the commit fails, everything is
 * undone and every waiting command gets the error.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Carries out a command; `respond` is called once, now or after the commit. */
  run(command: Document, connectionId: number, respond: Respond): void {
    const context: CommandContext = { store: this.#store, connectionId };
    this.#runGuarded(() => dispatch(command, context), respond);
  }

  /** Runs work of the store's own, such as the deletion of what has expired, in the shared transaction. */
  runInternal(work: () => void): void {
    const nothing = new Uint8Array(0);
    this.#runGuarded(
      () => {
        work();
        return nothing;
      },
      () => {},
    );
  }

  #runGuarded(work: () => Uint8Array, respond: Respond): void {
    let reply: Uint8Array;
    try {
      reply = work();
    } catch (error) {
      const failure = this.#fail(error);
      respond(failure);
      return;
    }
    if (!this.#store.database.inTransaction) {
      respond(reply);
      return;
    }
    this.#waiting.push({ respond, reply });
    if (this.#waiting.length >= maximumGroup) this.flush();
    else this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Commits what is open and sends the replies that wait for it. */
  flush(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (!this.#store.database.inTransaction) return;
    try {
      this.#store.database.commit();
    } catch (error) {
      this.#fail(error);
      return;
    }
    for (const { respond, reply } of this.#waiting.splice(0)) respond(reply);
  }

  /** Undoes the transaction and tells everybody who waits for it. Returns the reply that tells. */
  #fail(error: unknown): Uint8Array {
    const { database, catalog, cursors } = this.#store;
    database.rollback();
    catalog.reload();
    cursors.clear();
    const reply = errorReply(storageError(error));
    for (const { respond } of this.#waiting.splice(0)) respond(reply);
    return reply;
  }
}

function storageError(error: unknown): CommandError {
  const message = error instanceof Error ? error.message : String(error);
  const full = (error as { errcode?: unknown } | null)?.errcode === sqliteFull;
  return full
    ? new CommandError(
        errorCode.outOfDiskSpace,
        `The store is full and nothing of this command was stored: ${message}. Free disk space and try again.`,
      )
    : new CommandError(
        errorCode.internal,
        `The store failed and nothing of this command was stored: ${message}`,
      );
}
