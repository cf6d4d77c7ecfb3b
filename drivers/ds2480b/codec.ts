/**
 * The bytes of a DS2480B, the serial 1-Wire driver in adapters such as the DS9097U (DS2480B data sheet; Maxim
 * Application Notes 187 and 192). In command mode a byte is a command; in data mode it is put on the 1-Wire line, and
 * what the line had on it comes back.
 */

/** The reset pulse at regular speed. The first byte after power-up: it is measured for the bit time, and not answered. */
export const RESET = 0xc1;
/** From command mode to data mode; not answered. */
const DATA_MODE = 0xe1;
/** From data mode to command mode; not answered. */
const COMMAND_MODE = 0xe3;
/** The search accelerator at regular speed; not answered. */
const SEARCH_ON = 0xb1;
const SEARCH_OFF = 0xa1;
/** Makes every device on the 1-Wire line take part in a search. Data: it comes back. */
const SEARCH_ROM = 0xf0;

/** Bytes of a search: two bits for each of the 64 of a ROM. */
const SEARCH_BYTES = 16;
const ROM_BITS = 64;

/** Gets an adapter from whatever mode it is in to command mode, and lets it answer a reset. */
export const RECOVERY = Buffer.from([COMMAND_MODE, SEARCH_OFF, RESET]);

/** What is on the 1-Wire line. A device that signals an alarm is present too. */
export type Presence = 'short' | 'present' | 'nobody';

/** Bits 1 and 0 of the answer to a reset: short, presence, presence with alarm, no presence. */
const PRESENCES: readonly Presence[] = ['short', 'present', 'present', 'nobody'];

/**
 * Reads one byte as the answer to a reset: two ones, whether the programming voltage is there, three bits for the chip
 * (2 DS2480, 3 DS2480B, others in adapters that behave alike), two for the line: CD and ED are presence, CF and EF
 * nobody, CC and EC a short. Undefined for any other byte. No chip is 0 or 7: a C1 that comes back as data, from an
 * adapter that was left in data mode, is no answer, and neither is the FF of a disturbed line.
 */
export function readPresence(byte: number): Presence | undefined {
  const chip = (byte >> 2) & 7;
  return byte >> 6 === 3 && chip !== 0 && chip !== 7 ? PRESENCES[byte & 3] : undefined;
}

/** The way that a search is to take: up to bit `turn` that of a ROM found before, there 1, and from then on 0. */
export interface SearchPath {
  readonly rom: Uint8Array;
  readonly turn: number;
}

/** What a search found. */
export interface SearchResult {
  /** Eight bytes, as they were read: whether they are a ROM is not checked. */
  readonly rom: Uint8Array;
  /** The way to the next device; undefined where this was the last. */
  readonly next: SearchPath | undefined;
}

/** The bytes that search the line after a reset, on the given way; without one, for the first device. */
export function encodeSearch(path?: SearchPath): Buffer {
  const way = Buffer.alloc(SEARCH_BYTES);
  for (let bit = 0; bit < ROM_BITS; bit += 1) if (wayOf(path, bit)) setBit(way, 2 * bit + 1);
  // No byte of a way is E3, which would have to be sent twice: every other bit is 0.
  return Buffer.from([
    DATA_MODE,
    SEARCH_ROM,
    COMMAND_MODE,
    SEARCH_ON,
    DATA_MODE,
    ...way,
    COMMAND_MODE,
    SEARCH_OFF,
  ]);
}

/**
 * Waits for the answer to a search in bytes that come in any chunks: the search command that comes back, and sixteen
 * bytes. What stands before that command is passed over.
 */
export class SearchReplyParser {
  #bytes = Buffer.alloc(0);

  /** Takes the next bytes; returns the sixteen once they are all there. */
  push(bytes: Uint8Array): Buffer | undefined {
    const all = Buffer.concat([this.#bytes, bytes]);
    const start = all.indexOf(SEARCH_ROM);
    this.#bytes = start < 0 ? Buffer.alloc(0) : all.subarray(start, start + 1 + SEARCH_BYTES);
    return this.#bytes.length > SEARCH_BYTES ? this.#bytes.subarray(1) : undefined;
  }
}

/**
 * Reads the sixteen bytes of a search on the given way. For each bit of a ROM there are two: whether devices differed
 * there, and the bit that was taken. Where they differ, the way is taken: a 1 against it is what fills the rest once
 * nobody answers any more, or a fault on the line. Undefined then.
 */
export function readSearch(reply: Uint8Array, path?: SearchPath): SearchResult | undefined {
  const rom = new Uint8Array(8);
  let turn: number | undefined;
  for (let bit = 0; bit < ROM_BITS; bit += 1) {
    const differed = bitOf(reply, 2 * bit);
    const taken = bitOf(reply, 2 * bit + 1);
    if (differed && taken && !wayOf(path, bit)) return undefined;
    if (taken) setBit(rom, bit);
    else if (differed) turn = bit;
  }
  return { rom, next: turn === undefined ? undefined : { rom, turn } };
}

/** Whether a way takes the 1 at a bit. */
function wayOf(path: SearchPath | undefined, bit: number): boolean {
  return path !== undefined && (bit === path.turn || (bit < path.turn && bitOf(path.rom, bit)));
}

function bitOf(bytes: Uint8Array, bit: number): boolean {
  return (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
}

function setBit(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
}
