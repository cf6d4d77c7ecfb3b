import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The bytes as docs/cassette-protocol.md lays them out, from the controller's side. */

const HEADER = 14;
const TAG = 16;
const MOST_PAYLOAD = 96;

export interface WireFrame {
  readonly address: number;
  readonly type: number;
  readonly session: number;
  readonly counter: number;
  readonly payload: Buffer;
  /** The whole frame, from its start bytes to its CRC. */
  readonly bytes: Buffer;
}

export function makeFrame(
  key: KeyObject,
  { address, type, session, counter }: Omit<WireFrame, 'payload' | 'bytes'>,
  payload: Buffer,
): Buffer {
  const bytes = Buffer.alloc(HEADER + payload.length + TAG + 2);
  bytes.writeUInt16BE(0xa55c, 0);
  bytes.writeUInt8(1, 2);
  bytes.writeUInt8(payload.length, 3);
  bytes.writeUInt8(address, 4);
  bytes.writeUInt8(type, 5);
  bytes.writeUInt32BE(session, 6);
  bytes.writeUInt32BE(counter, 10);
  payload.copy(bytes, HEADER);
  const tagAt = HEADER + payload.length;
  mac(key, bytes.subarray(0, tagAt)).copy(bytes, tagAt);
  bytes.writeUInt16BE(crc16(bytes.subarray(2, tagAt + TAG)), tagAt + TAG);
  return bytes;
}

export function tagOf({ bytes }: WireFrame): Buffer {
  return bytes.subarray(bytes.length - TAG - 2, bytes.length - 2);
}

export function tagFits(key: KeyObject, frame: WireFrame): boolean {
  return timingSafeEqual(mac(key, frame.bytes.subarray(0, HEADER + frame.payload.length)), tagOf(frame));
}

function mac(key: KeyObject, bytes: Buffer): Buffer {
  return createHmac('sha256', key).update(bytes).digest().subarray(0, TAG);
}

/** CRC-16/CCITT-FALSE, bit by bit. */
function crc16(bytes: Buffer): number {
  let register = 0xffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const feedback = ((register >> 15) ^ (byte >> bit)) & 1;
      register = ((register << 1) & 0xffff) ^ (feedback === 1 ? 0x1021 : 0);
    }
  }
  return register;
}

/** The receiver of a controller: a buffer for one frame, and a shift by one byte where it holds none. */
export class Receiver {
  /** Bytes that belonged to no frame. */
  garbage = 0;
  #bytes = Buffer.alloc(0);

  take(chunk: Buffer): WireFrame[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const frames: WireFrame[] = [];
    while (this.#bytes.length >= 2) {
      const whole = this.#frameLength();
      if (whole === 'incomplete') break;
      const bytes = this.#bytes.subarray(0, whole === 'none' ? 1 : whole);
      this.#bytes = this.#bytes.subarray(bytes.length);
      if (whole === 'none') this.garbage += 1;
      else frames.push(parse(Buffer.from(bytes)));
    }
    return frames;
  }

  /** The line was quiet in the middle of a frame: the rest of it does not come. */
  quiet(): void {
    this.garbage += this.#bytes.length;
    this.#bytes = Buffer.alloc(0);
  }

  #frameLength(): number | 'incomplete' | 'none' {
    const bytes = this.#bytes;
    if (bytes.readUInt16BE(0) !== 0xa55c) return 'none';
    if (bytes.length < 4) return 'incomplete';
    const payload = bytes.readUInt8(3);
    if (bytes[2] !== 1 || payload > MOST_PAYLOAD) return 'none';
    const whole = HEADER + payload + TAG + 2;
    if (bytes.length < whole) return 'incomplete';
    return crc16(bytes.subarray(2, whole - 2)) === bytes.readUInt16BE(whole - 2) ? whole : 'none';
  }
}

function parse(bytes: Buffer): WireFrame {
  return {
    address: bytes.readUInt8(4),
    type: bytes.readUInt8(5),
    session: bytes.readUInt32BE(6),
    counter: bytes.readUInt32BE(10),
    payload: bytes.subarray(HEADER, bytes.length - TAG - 2),
    bytes,
  };
}
