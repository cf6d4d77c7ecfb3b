/**
 * Index keys: byte strings whose byte order is the BSON order of the values in them.
 *
 * One value is its type's rank byte and a body. Bodies of variable length end in a terminator that sorts
 * before every continuation; a descending field is the same bytes inverted. All first bytes lie in
 * 1…254, so `key + 0xFF` is above every key that continues `key`.
 */
import type { Binary, Code, ObjectId, Timestamp } from 'bson';
import { notSupported } from '../errors.ts';
import { splitNumber } from '../values/numbers.ts';
import { asDocument, rank, rankOf, regexParts, textOf } from '../values/order.ts';
import type { Document, Value } from '../values/types.ts';

/** Grows as bytes are written. One is reused for all keys, as encoding is synchronous. */
class KeyWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Unsigned 32 bits, big-endian. */
  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32BE(value >>> 0, this.#length);
  }

  uint64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeBigUInt64BE(value, this.#length);
  }

  /** A double in total order: sign bit flipped for positive numbers, all bits for negative ones. */
  double(value: number): void {
    this.#reserve(8);
    const start = this.#length;
    this.#length = this.#bytes.writeDoubleBE(value === 0 ? 0 : value, start);
    if (((this.#bytes[start] as number) & 0x80) === 0) {
      this.#bytes[start] = (this.#bytes[start] as number) | 0x80;
    } else {
      this.invertFrom(start);
    }
  }

  /** UTF-8, with 0x00 as 0x00 0xFF, ended by 0x00 0x01. */
  text(value: string): void {
    this.#reserve(value.length * 3 + 2);
    const start = this.#length;
    const end = start + this.#bytes.write(value, start, 'utf8');
    this.#length = end;
    if (this.#bytes.subarray(start, end).includes(0)) {
      const original = Buffer.from(this.#bytes.subarray(start, end));
      this.#length = start;
      for (const byte of original) {
        this.byte(byte);
        if (byte === 0) this.byte(0xff);
      }
    }
    this.byte(0);
    this.byte(1);
  }

  invertFrom(start: number): void {
    for (let at = start; at < this.#length; at++) this.#bytes[at] = ~(this.#bytes[at] as number) & 0xff;
  }

  copy(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
  }
}

const writer = new KeyWriter();

/** After the last element of an object or array: below every rank byte. */
const endOfContainer = 0;

function writeNumber(value: Value): void {
  const { floor, fraction } = splitNumber(value);
  if (Number.isNaN(floor)) {
    writer.byte(1);
    return;
  }
  writer.byte(2);
  writer.double(floor);
  if (fraction === 0n) {
    writer.byte(1);
  } else {
    writer.byte(2);
    writer.uint64(fraction);
  }
}

function writeObject(document: Document): void {
  for (const [name, value] of Object.entries(document)) {
    writer.byte(rankOf(value));
    writer.text(name);
    writeBody(value);
  }
  writer.byte(endOfContainer);
}

function writeDate(date: Date): void {
  const milliseconds = date.getTime();
  // BSON dates go further than JavaScript's.
  if (Number.isNaN(milliseconds)) throw notSupported('A date beyond ±8.64e15 ms');
  writer.uint64(BigInt(milliseconds) + (1n << 63n));
}

function writeBody(value: Value): void {
  const ranked = rankOf(value);
  switch (ranked) {
    case rank.number:
      writeNumber(value);
      return;
    case rank.string:
      writer.text(textOf(value));
      return;
    case rank.object:
      writeObject(asDocument(value));
      return;
    case rank.array:
      for (const item of value as Value[]) {
        writer.byte(rankOf(item));
        writeBody(item);
      }
      writer.byte(endOfContainer);
      return;
    case rank.binary: {
      const binary = value as Binary;
      writer.uint32(binary.position);
      writer.byte(binary.sub_type);
      writer.raw(binary.buffer.subarray(0, binary.position));
      return;
    }
    case rank.objectId:
      writer.raw((value as ObjectId).id);
      return;
    case rank.boolean:
      writer.byte(value ? 2 : 1);
      return;
    case rank.date:
      writeDate(value as Date);
      return;
    case rank.timestamp:
      writer.uint32((value as Timestamp).high);
      writer.uint32((value as Timestamp).low);
      return;
    case rank.regex: {
      const { pattern, options } = regexParts(value);
      writer.text(pattern);
      writer.text(options);
      return;
    }
    case rank.code:
    case rank.codeWithScope: {
      const code = value as Code;
      writer.text(String(code.code));
      writeObject(code.scope ?? {});
      return;
    }
    case rank.minKey:
    case rank.undefined:
    case rank.null:
    case rank.reference:
    case rank.maxKey:
      return;
    default:
      ranked satisfies never;
  }
}

function writeValue(value: Value, direction: 1 | -1): void {
  const start = writer.length;
  writer.byte(rankOf(value));
  writeBody(value);
  if (direction < 0) writer.invertFrom(start);
}

/** The key of the given values, one per field of the index; a missing value is keyed as null. @throws CommandError 238 for a number or date that has no place in the order */
export function encodeKey(values: readonly Value[], directions: readonly (1 | -1)[]): Uint8Array {
  writer.reset();
  for (let at = 0; at < values.length; at++) writeValue(values[at], directions[at] ?? 1);
  return writer.copy();
}

/** The key of one value. */
export function encodeValue(value: Value, direction: 1 | -1): Uint8Array {
  writer.reset();
  writeValue(value, direction);
  return writer.copy();
}
