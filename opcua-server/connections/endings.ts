/** Why a connection is ended by the server, and what the client is told. */
import { type StatusCode, StatusCodes } from 'node-opcua';
import type { ChunkFlaw } from './chunk-count.ts';

export type Ending =
  | ChunkFlaw
  | 'message-not-completed'
  | 'too-much-unfinished'
  | 'not-understood'
  | 'not-opened'
  | 'too-many-connections'
  | 'does-not-read';

interface Told {
  readonly status: StatusCode;
  readonly text: string;
}

export const ENDINGS: Readonly<Record<Ending, Told>> = {
  'unknown-type': {
    status: StatusCodes.BadTcpMessageTypeInvalid,
    text: 'A message of this type is not expected.',
  },
  'chunk-too-short': { status: StatusCodes.BadTcpInternalError, text: 'A chunk is shorter than its header.' },
  'message-too-long': { status: StatusCodes.BadTcpMessageTooLarge, text: 'The message is too long.' },
  'message-not-completed': { status: StatusCodes.BadTimeout, text: 'The message was not completed in time.' },
  'too-much-unfinished': {
    status: StatusCodes.BadTcpNotEnoughResources,
    text: 'Too many messages are waiting to be completed.',
  },
  'not-understood': { status: StatusCodes.BadDecodingError, text: 'The message could not be decoded.' },
  'not-opened': { status: StatusCodes.BadTimeout, text: 'No secure channel was opened in time.' },
  'too-many-connections': {
    status: StatusCodes.BadTcpNotEnoughResources,
    text: 'Too many connections from this address have no session.',
  },
  'does-not-read': { status: StatusCodes.BadTcpNotEnoughResources, text: 'The answers are not read.' },
};

/** An ERR message (OPC 10000-6, 7.1.2.5). */
export function errorMessage({ status, text }: Told): Buffer {
  const reason = Buffer.from(text);
  const message = Buffer.alloc(16 + reason.length);
  message.write('ERRF', 'latin1');
  message.writeUInt32LE(message.length, 4);
  message.writeUInt32LE(status.value, 8);
  message.writeUInt32LE(reason.length, 12);
  reason.copy(message, 16);
  return message;
}
