import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ADDRESSES } from './constants.ts';
import { crc16 } from './crc.ts';

/**
 * Frames of a cassette controller, most significant byte first:
 * `A5 5C`, version, length of the payload, address, type, session (4), counter (4), payload, tag (16), CRC (2).
 */
const START = Buffer.from([0xa5, 0x5c]);
const VERSION = 1;
const HEADER_LENGTH = 14;
const TAG_LENGTH = 16;
const CRC_LENGTH = 2;
const LONGEST_PAYLOAD = 96;

/** What a frame says beside its payload. */
export interface FrameHeader {
  readonly address: number;
  readonly type: number;
  /** 0: no session. */
  readonly session: number;
  readonly counter: number;
}

/** A whole frame with a CRC that fits. Whether it is to be believed, `isAuthentic` says. */
export interface Frame extends FrameHeader {
  readonly payload: Buffer;
  readonly tag: Buffer;
  /** What the tag is over. */
  readonly authenticated: Buffer;
}

/** Makes a frame. The payload has at most 96 bytes. */
export function sealFrame(key: KeyObject, header: FrameHeader, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEADER_LENGTH);
  START.copy(head);
  head[2] = VERSION;
  head[3] = payload.length;
  head[4] = header.address;
  head[5] = header.type;
  head.writeUInt32BE(header.session, 6);
  head.writeUInt32BE(header.counter, 10);
  const authenticated = Buffer.concat([head, payload]);
  const tagged = Buffer.concat([authenticated, tagOf(key, authenticated)]);
  const crc = Buffer.alloc(CRC_LENGTH);
  crc.writeUInt16BE(crc16(tagged.subarray(START.length)));
  return Buffer.concat([tagged, crc]);
}

/** Whether the frame was made with that key. Takes the same time whatever the difference. */
export function isAuthentic(key: KeyObject, frame: Frame): boolean {
  return timingSafeEqual(tagOf(key, frame.authenticated), frame.tag);
}

function tagOf(key: KeyObject, bytes: Buffer): Buffer {
  return createHmac('sha256', key).update(bytes).digest().subarray(0, TAG_LENGTH);
}

/**
 * Finds frames in bytes that come in any chunks.
 *
 * Resynchronisation: every pair of start bytes may begin a frame. The first one that is whole and whose CRC fits ends
 * the search, and everything before its end is given up; so the remains of a frame that was cut off never cover the
 * valid one after it. What began like a frame and is none is told once as `malformed`; other bytes are passed over.
 * Never more than 127 bytes are kept.
 */
export class FrameParser {
  #bytes: Buffer = Buffer.alloc(0);

  /** Takes the next bytes; returns what they completed, in order. */
  push(bytes: Uint8Array): (Frame | 'malformed')[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const found: (Frame | 'malformed')[] = [];
    let frame = this.#find(found);
    while (frame !== undefined) {
      found.push(frame);
      frame = this.#find(found);
    }
    return found;
  }

  /** The first whole frame; it and everything before it is taken out. Without one, what can be none is given up. */
  #find(found: (Frame | 'malformed')[]): Frame | undefined {
    let begun: number | undefined;
    let broken = false;
    for (let at = this.#bytes.indexOf(START); at !== -1; at = this.#bytes.indexOf(START, at + 1)) {
      const frame = readFrame(this.#bytes.subarray(at));
      if (typeof frame === 'object') {
        if (broken || begun !== undefined) found.push('malformed');
        this.#bytes = this.#bytes.subarray(at + lengthOf(frame));
        return frame;
      }
      if (frame === 'incomplete') begun ??= at;
      // Within one that has begun, it may as well be a part of that.
      else if (begun === undefined) broken = true;
    }
    if (broken) found.push('malformed');
    const end = this.#bytes.length;
    this.#bytes = this.#bytes.subarray(begun ?? (this.#bytes[end - 1] === START[0] ? end - 1 : end));
    return undefined;
  }
}

function lengthOf(frame: Frame): number {
  return frame.authenticated.length + TAG_LENGTH + CRC_LENGTH;
}

/** The frame at the start of some bytes that begin with the start bytes. */
function readFrame(bytes: Buffer): Frame | 'incomplete' | 'broken' {
  const [, , version = VERSION, length = 0, address = ADDRESSES.from] = bytes;
  if (version !== VERSION || length > LONGEST_PAYLOAD) return 'broken';
  if (address < ADDRESSES.from || address > ADDRESSES.to) return 'broken';
  const end = HEADER_LENGTH + length;
  const whole = end + TAG_LENGTH + CRC_LENGTH;
  if (bytes.length < whole) return 'incomplete';
  const crc = bytes.readUInt16BE(end + TAG_LENGTH);
  if (crc !== crc16(bytes.subarray(START.length, end + TAG_LENGTH))) return 'broken';
  return {
    address,
    type: bytes[5] ?? 0,
    session: bytes.readUInt32BE(6),
    counter: bytes.readUInt32BE(10),
    // Copies: the bytes they stand in are a view of what the line brought.
    payload: Buffer.from(bytes.subarray(HEADER_LENGTH, end)),
    tag: Buffer.from(bytes.subarray(end, end + TAG_LENGTH)),
    authenticated: Buffer.from(bytes.subarray(0, end)),
  };
}
