import type { CursorBatch } from '../cursors.ts';
import type { Store } from '../storage/store.ts';
import type { Document } from '../values/types.ts';

/** What a command answers: the fields of its reply without `ok`, or a batch of a cursor. */
export type CommandResult = Document | CursorBatch;

export interface CommandContext {
  readonly store: Store;
  /** Number of the connection that the command came by. */
  readonly connectionId: number;
}

/**
 * Carries out a command at once. It may write; nothing is durable, and no reply leaves, before the
 * transaction that it shares with others is.
 * @throws CommandError for an answer that is an error; any other error puts the transaction in doubt
 */
export type Command = (command: Document, context: CommandContext) => CommandResult;

export function isCursorBatch(result: CommandResult): result is CursorBatch {
  return (
    (result as { kind?: unknown }).kind === 'batch' &&
    Array.isArray((result as { documents?: unknown }).documents)
  );
}
