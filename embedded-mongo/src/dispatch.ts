import { BSONError, Double } from 'bson';
import { type CommandContext, isCursorBatch } from './commands/command.ts';
import { commands } from './commands/table.ts';
import { CommandError, errorCode } from './errors.ts';
import { encode } from './values/codec.ts';
import type { Document } from './values/types.ts';
import { encodeCursorReply } from './wire/cursor-reply.ts';

const success = new Double(1);

/** The reply that tells an error. */
export function errorReply(error: CommandError): Uint8Array {
  return encode(error.toReply());
}

/**
 * Carries out a command and gives the document to answer with, be it a result or a `CommandError`.
 * @throws any other error; what the command wrote is in doubt then
 */
export function dispatch(command: Document, context: CommandContext): Uint8Array {
  const name = Object.keys(command)[0] ?? '';
  try {
    const handler = commands.get(name);
    if (handler === undefined) {
      throw new CommandError(errorCode.commandNotFound, `no such command: '${name}'`);
    }
    const result = handler(command, context);
    return isCursorBatch(result) ? encodeCursorReply(result) : encode({ ...result, ok: success });
  } catch (error) {
    if (error instanceof CommandError) return errorReply(error);
    // Documents are decoded before anything is written for them.
    if (error instanceof BSONError) return errorReply(new CommandError(22, `invalid BSON: ${error.message}`));
    throw error;
  }
}
