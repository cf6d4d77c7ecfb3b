/**
 * Frames of the Kerong CU48. A request is `02 AD LK CM 03 SUM`; a status reply `02 AD LK 65`, six state bytes,
 * `03 SUM`. SUM is the low byte of the sum of everything before it.
 */
const STX = 0x02;
const ETX = 0x03;
const STATUS = 0x50;
const UNLOCK = 0x51;
const STATUS_REPLY = 0x65;

export const LOCKS = 48;
export const HIGHEST_ADDRESS = 0x09;
/** AD and LK have one value more, that means all boards or all locks. */
const ALL_BOARDS = 0x0a;
const ALL_LOCKS = 0x30;
const REQUEST_LENGTH = 6;
const REPLY_LENGTH = 12;
const STATE_OFFSET = 4;

/** What a board said of its locks. */
export interface StatusReply {
  readonly address: number;
  /** One bit per lock, lock 0 first: bit n of byte m is lock 8 m + n. */
  readonly states: readonly boolean[];
}

/** Asks a board (0 to 9) for the state of its locks. */
export function encodeStatusRequest(address: number): Buffer {
  return encode(address, 0, STATUS);
}

/** Pulses one lock (0 to 47) of a board (0 to 9). The board does not reply. */
export function encodeUnlock(address: number, lock: number): Buffer {
  return encode(address, lock, UNLOCK);
}

function encode(address: number, lock: number, command: number): Buffer {
  const frame = Buffer.from([STX, address, lock, command, ETX, 0]);
  frame[REQUEST_LENGTH - 1] = sumOf(frame.subarray(0, -1));
  return frame;
}

function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

/**
 * Finds status replies in bytes that come in any chunks.
 *
 * Resynchronisation: where the bytes from an STX on cannot become a valid frame, that STX is given up and the
 * search goes on with the byte after it, so that nothing inside a false frame is lost. Requests are recognised
 * and passed over whole: on a two-wire line the adapter hears what it sends. A valid reply is missed only
 * where bytes before it happen to make up, with its first bytes, another valid frame. Never more than eleven
 * bytes are kept.
 */
export class StatusReplyParser {
  #bytes: Buffer = Buffer.alloc(0);

  /** Takes the next bytes; returns the replies that they completed, in order. */
  push(bytes: Uint8Array): StatusReply[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const replies: StatusReply[] = [];
    let at = 0;
    while (at < this.#bytes.length) {
      const length = frameLength(this.#bytes.subarray(at));
      if (length === 'incomplete') break;
      if (length === REPLY_LENGTH) replies.push(decode(this.#bytes.subarray(at, at + length)));
      at += length === 'none' ? 1 : length;
    }
    this.#bytes = this.#bytes.subarray(at);
    return replies;
  }
}

/** Length of the valid frame at the start of some bytes; `incomplete` where it may yet become one. */
function frameLength(bytes: Buffer): number | 'incomplete' | 'none' {
  const [stx, address = 0, lock = 0, command] = bytes;
  if (stx !== STX || address > ALL_BOARDS || lock > ALL_LOCKS) return 'none';
  if (command === undefined) return 'incomplete';
  if (command !== STATUS_REPLY && command !== STATUS && command !== UNLOCK) return 'none';
  const length = command === STATUS_REPLY ? REPLY_LENGTH : REQUEST_LENGTH;
  if (bytes.length < length) return 'incomplete';
  if (bytes[length - 2] !== ETX || bytes[length - 1] !== sumOf(bytes.subarray(0, length - 1))) return 'none';
  return length;
}

function decode(frame: Buffer): StatusReply {
  const states: boolean[] = [];
  for (let lock = 0; lock < LOCKS; lock += 1) {
    const byte = frame[STATE_OFFSET + (lock >> 3)] ?? 0;
    states.push(((byte >> (lock & 7)) & 1) === 1);
  }
  return { address: frame[1] ?? 0, states };
}
