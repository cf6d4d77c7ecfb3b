import { LineParser } from '../line-parser.ts';
import { MOST_ANTENNAS, MOST_LINE_BYTES } from './constants.ts';

/** One antenna's tags, as a reader reported them. */
export interface Inventory {
  /** Whether it answers a request, and is not told unasked. */
  readonly asked: boolean;
  readonly antenna: number;
  /** As they stood in the line, decoded; in its order. */
  readonly tags: readonly string[];
}

/** A line that could not be used: garbage, a wrong checksum, or a shape that is none. */
export type InventoryLine = Inventory | 'malformed' | 'checksum';

/**
 * The end of a line, which is a report: garbage before it does not matter, since neither `:` nor `;` can stand in tags.
 * `A` answers, `I` is told unasked.
 */
const REPORT = /([AI])([0-9]{1,3}):([A-Za-z0-9._~%,-]*);([0-9A-F]{4})$/;
/** A request: what an adapter returns that hears what it sends. */
const REQUEST = /R[0-9]{1,3};[0-9A-F]{4}$/;

/** The line that asks for an antenna's tags. */
export function encodeRequest(antenna: number): Buffer {
  const content = `R${antenna}`;
  return Buffer.from(`${content};${checksumOf(content)}\r\n`, 'latin1');
}

/** Finds reports in bytes that come in any chunks. An echo of a request is passed over. */
export class InventoryParser {
  readonly #lines = new LineParser({ end: 'LF', start: 'none', mostBytes: MOST_LINE_BYTES });

  /** Takes the next bytes; returns what the lines say that they ended, in order. */
  push(bytes: Uint8Array): InventoryLine[] {
    return this.#lines.push(bytes).flatMap((line) => {
      const text = line === 'malformed' ? '' : line.toString('latin1');
      return REQUEST.test(text) ? [] : [readReport(text)];
    });
  }

  /** Forgets the line that has begun. */
  clear(): void {
    this.#lines.clear();
  }
}

function readReport(text: string): InventoryLine {
  const [, letter, digits = '', list = '', checksum] = REPORT.exec(text) ?? [];
  if (letter === undefined) return 'malformed';
  if (checksumOf(`${letter}${digits}:${list}`) !== checksum) return 'checksum';
  const antenna = Number(digits);
  if (antenna >= MOST_ANTENNAS) return 'malformed';
  try {
    const tags = list === '' ? [] : list.split(',').map(decodeURIComponent);
    return tags.includes('') ? 'malformed' : { asked: letter === 'A', antenna, tags };
  } catch {
    return 'malformed';
  }
}

/**
 * CRC-16 with polynomial 1021, initially FFFF, not reflected ("CRC-16/IBM-3740"; of "123456789" it is 29B1), as four
 * hex digits upper case.
 */
export function checksumOf(text: string): string {
  let crc = 0xffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
