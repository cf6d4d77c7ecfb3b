import type { EventPlace } from '../event-log/event-store.ts';

/** Bytes of a time and of the id of a stored event. */
const TIME_BYTES = 8;
const ID_BYTES = 12;
/** The furthest from 1970 that a time may be, either way (ECMA-262, Time Values). Milliseconds. */
const FURTHEST = 8_640_000_000_000_000;

/** Writes the place where a page ended as 27 characters that mean nothing to whoever hands them back. */
export function toCursor({ at, id }: EventPlace): string {
  const bytes = Buffer.alloc(TIME_BYTES + ID_BYTES);
  bytes.writeBigInt64BE(BigInt(at), 0);
  bytes.write(id, TIME_BYTES, 'hex');
  return bytes.toString('base64url');
}

/** The place that a cursor stands for; undefined where it is none that `toCursor` wrote. */
export function fromCursor(cursor: string): EventPlace | undefined {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== TIME_BYTES + ID_BYTES || bytes.toString('base64url') !== cursor) return undefined;
  const at = Number(bytes.readBigInt64BE(0));
  if (Math.abs(at) > FURTHEST) return undefined;
  return { at, id: bytes.toString('hex', TIME_BYTES) };
}
