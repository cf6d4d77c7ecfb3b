import { CARD_DIGITS, ETX, FRAME_DIGITS, STX } from './constants.ts';

/** What the parser found: a card's ten hex digits, upper case, or a frame that it refused. */
export type Rdm6300Reading =
  | { readonly kind: 'card'; readonly card: string }
  | { readonly kind: 'rejected'; readonly reason: 'checksum' | 'malformed' };

const MALFORMED: Rdm6300Reading = { kind: 'rejected', reason: 'malformed' };
const WRONG_CHECKSUM: Rdm6300Reading = { kind: 'rejected', reason: 'checksum' };

/**
 * Finds frames in bytes that come in any chunks.
 *
 * Resynchronisation: STX begins a frame wherever it stands, since it cannot be part of one. A frame that is
 * broken off, holds anything but hex digits, or does not end after twelve of them is refused once, and what
 * follows is passed over up to the next STX. So no garbage costs a valid frame after it, and never more than
 * thirteen bytes are kept. Bytes outside of a frame are noise and are not reported.
 *
 * Hex digits are taken in either case: the checksum proves the value, and some makers' modules send lower case.
 */
export class Rdm6300Parser {
  #digits = '';
  #inFrame = false;

  /** Takes the next bytes; returns what they completed, in order. */
  push(bytes: Uint8Array): Rdm6300Reading[] {
    const readings: Rdm6300Reading[] = [];
    for (const byte of bytes) {
      if (byte === STX) {
        if (this.#inFrame) readings.push(MALFORMED);
        this.#digits = '';
        this.#inFrame = true;
      } else if (this.#inFrame) {
        this.#takeInFrame(byte, readings);
      }
    }
    return readings;
  }

  #takeInFrame(byte: number, readings: Rdm6300Reading[]): void {
    if (this.#digits.length < FRAME_DIGITS && isHexDigit(byte)) {
      this.#digits += String.fromCharCode(byte);
      return;
    }
    this.#inFrame = false;
    const complete = byte === ETX && this.#digits.length === FRAME_DIGITS;
    readings.push(complete ? readDigits(this.#digits.toUpperCase()) : MALFORMED);
  }
}

/** The exclusive-or of the bytes that a string of hex digits stands for. */
export function checksumOf(hexDigits: string): number {
  return Buffer.from(hexDigits, 'hex').reduce((sum, byte) => sum ^ byte, 0);
}

function readDigits(digits: string): Rdm6300Reading {
  const card = digits.slice(0, CARD_DIGITS);
  const checksum = Number.parseInt(digits.slice(CARD_DIGITS), 16);
  return checksumOf(card) === checksum ? { kind: 'card', card } : WRONG_CHECKSUM;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}
