/**
 * Messages of the wire protocol: OP_MSG, and OP_QUERY for the handshake alone.
 * Source: MongoDB manual, "MongoDB Wire Protocol"; specification "OP_MSG".
 */
import { decode, decodeInsert, firstFieldName } from '../values/codec.ts';
import type { Document } from '../values/types.ts';
import { FramingError, headerBytes } from './framing.ts';

const opReply = 1;
const opQuery = 2004;
const opMessage = 2013;

const checksumPresent = 1 << 0;
const moreToCome = 1 << 1;
/** Flags that a receiver must know; only the two above exist. */
const requiredFlags = 0xffff;

/** A command as a client sent it. */
export interface Request {
  readonly requestId: number;
  readonly command: Document;
  /** False when the client wants no reply (unacknowledged write). */
  readonly expectsReply: boolean;
  /** How to answer: an OP_QUERY is answered with an OP_REPLY. */
  readonly protocol: 'message' | 'query';
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
}

function readerOf(bytes: Uint8Array, end = bytes.length): Reader {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), end };
}

function documentBytes({ bytes, view, end }: Reader, at: number): Uint8Array {
  if (at + 5 > end) throw new FramingError('a document ends beyond its message');
  const length = view.getInt32(at, true);
  if (length < 5 || at + length > end) throw new FramingError('a document ends beyond its message');
  return bytes.subarray(at, at + length);
}

function textEnd({ bytes, end }: Reader, at: number): number {
  const zero = bytes.indexOf(0, at);
  if (zero < 0 || zero >= end) throw new FramingError('a name has no end');
  return zero;
}

function readText(reader: Reader, at: number): string {
  return Buffer.from(reader.bytes.subarray(at, textEnd(reader, at))).toString('utf8');
}

/** A document sequence: the elements of one array of the command, outside of it. */
interface Sequence {
  readonly name: string;
  readonly documents: Uint8Array[];
}

function readSequence(reader: Reader, at: number, size: number): Sequence {
  const end = at + size;
  if (size < 5 || end > reader.end) throw new FramingError('a section ends beyond its message');
  const section: Reader = { ...reader, end };
  const name = readText(section, at + 4);
  const documents: Uint8Array[] = [];
  for (let next = textEnd(section, at + 4) + 1; next < end; ) {
    const bytes = documentBytes(section, next);
    documents.push(bytes);
    next += bytes.length;
  }
  return { name, documents };
}

function readMessage(message: Uint8Array, requestId: number): Request {
  const whole = readerOf(message);
  if (message.length < headerBytes + 4) throw new FramingError('a message without its flags');
  const flags = whole.view.getUint32(headerBytes, true);
  if ((flags & requiredFlags & ~(checksumPresent | moreToCome)) !== 0) {
    throw new FramingError(`unknown message flags ${flags}`);
  }
  // The checksum is optional to check; a local socket does not garble bytes.
  const reader = readerOf(message, (flags & checksumPresent) !== 0 ? message.length - 4 : message.length);
  let body: Uint8Array | undefined;
  const sequences: Sequence[] = [];
  for (let at = headerBytes + 4; at < reader.end; ) {
    const kind = message[at++];
    if (kind === 0) {
      if (body !== undefined) throw new FramingError('a message with two bodies');
      body = documentBytes(reader, at);
      at += body.length;
    } else if (kind === 1) {
      if (at + 4 > reader.end) throw new FramingError('a section ends beyond its message');
      const size = reader.view.getInt32(at, true);
      sequences.push(readSequence(reader, at, size));
      at += size;
    } else {
      throw new FramingError(`unknown section kind ${kind}`);
    }
  }
  if (body === undefined) throw new FramingError('a message without a body');
  return {
    requestId,
    command: commandOf(body, sequences),
    expectsReply: (flags & moreToCome) === 0,
    protocol: 'message',
  };
}

/** The documents of an insert stay bytes; they are stored as they are. */
function commandOf(body: Uint8Array, sequences: readonly Sequence[]): Document {
  const isInsert = firstFieldName(body) === 'insert';
  const command = isInsert ? decodeInsert(body) : decode(body);
  for (const { name, documents } of sequences) {
    command[name] = isInsert && name === 'documents' ? documents : documents.map(decode);
  }
  return command;
}

function readQuery(message: Uint8Array, requestId: number): Request {
  const reader = readerOf(message);
  const nameAt = headerBytes + 4;
  const namespace = readText(reader, nameAt);
  const documentAt = textEnd(reader, nameAt) + 1 + 8;
  const command = decode(documentBytes(reader, documentAt));
  return {
    requestId,
    command: { ...command, $db: namespace.split('.', 1)[0] },
    expectsReply: true,
    protocol: 'query',
  };
}

/** @throws FramingError for what is not a message of a kind that is known, BSONError for broken documents */
export function readRequest(message: Uint8Array): Request {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const requestId = view.getInt32(4, true);
  const operation = view.getInt32(12, true);
  if (operation === opMessage) return readMessage(message, requestId);
  if (operation === opQuery) return readQuery(message, requestId);
  throw new FramingError(`unknown operation code ${operation}`);
}

let lastReplyId = 0;

function writeHeader(target: Buffer, responseTo: number, operation: number): void {
  lastReplyId = (lastReplyId + 1) & 0x7fff_ffff;
  target.writeInt32LE(target.length, 0);
  target.writeInt32LE(lastReplyId, 4);
  target.writeInt32LE(responseTo, 8);
  target.writeInt32LE(operation, 12);
}

/** The reply to a request, with the given document. */
export function writeReply(
  request: Pick<Request, 'requestId' | 'protocol'>,
  document: Uint8Array,
): Uint8Array {
  if (request.protocol === 'message') {
    const reply = Buffer.allocUnsafe(headerBytes + 5 + document.length);
    writeHeader(reply, request.requestId, opMessage);
    reply.fill(0, headerBytes, headerBytes + 5);
    reply.set(document, headerBytes + 5);
    return reply;
  }
  const fixed = headerBytes + 20;
  const reply = Buffer.allocUnsafe(fixed + document.length);
  writeHeader(reply, request.requestId, opReply);
  reply.fill(0, headerBytes, fixed);
  reply.writeInt32LE(1, headerBytes + 16);
  reply.set(document, fixed);
  return reply;
}
