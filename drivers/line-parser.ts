/** What ends a line. `LF` takes CR LF too, `CR` passes over a LF after it, `ETX` over CR and LF before it. */
export const LINE_ENDS = ['CR', 'LF', 'CRLF', 'ETX'] as const;
export type LineEnd = (typeof LINE_ENDS)[number];

/** A whole line without what begins and ends it, or one that was refused: too long, or broken off by another. */
export type Line = Buffer | 'malformed';

const STX = 0x02;
const ETX = 0x03;
const LF = 0x0a;
const CR = 0x0d;

const LAST_BYTES: Readonly<Record<LineEnd, number>> = { CR, LF, CRLF: LF, ETX };

/**
 * Finds lines in bytes that come in any chunks.
 *
 * Resynchronisation: whatever a line holds, its end is where the next one begins, so garbage costs the one line that
 * it stands in. Where lines begin with STX, every STX begins one, bytes outside of a line are noise, and garbage
 * before a line costs nothing. A line that grows too long is refused once, at its end. Empty lines mean nothing.
 */
export class LineParser {
  readonly #end: LineEnd;
  readonly #startsWithStx: boolean;
  readonly #mostBytes: number;
  #bytes: number[] = [];
  #inLine: boolean;
  #tooLong = false;
  #last: number | undefined;

  /** @param mostBytes of a line; no more are kept */
  constructor(options: {
    readonly end: LineEnd;
    readonly start: 'none' | 'STX';
    readonly mostBytes: number;
  }) {
    this.#end = options.end;
    this.#startsWithStx = options.start === 'STX';
    this.#mostBytes = options.mostBytes;
    this.#inLine = !this.#startsWithStx;
  }

  /** Whether a line has begun that is not ended yet. */
  get pending(): boolean {
    return this.#tooLong || this.#bytes.length > 0 || (this.#startsWithStx && this.#inLine);
  }

  /** Forgets the line that has begun; whether there was one. */
  clear(): boolean {
    const { pending } = this;
    this.#begin(!this.#startsWithStx);
    return pending;
  }

  /** Takes the next bytes; returns the lines that they ended, in order. */
  push(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    for (const byte of bytes) {
      if (byte === STX && this.#startsWithStx) {
        if (this.#inLine) lines.push('malformed');
        this.#begin(true);
      } else if (this.#inLine) {
        this.#take(byte, lines);
      }
    }
    return lines;
  }

  #take(byte: number, lines: Line[]): void {
    const isEnd = byte === LAST_BYTES[this.#end] && (this.#end !== 'CRLF' || this.#last === CR);
    this.#last = byte;
    if (isEnd) {
      const line = this.#tooLong ? 'malformed' : this.#content();
      this.#begin(!this.#startsWithStx);
      if (line.length > 0) lines.push(line);
    } else if (byte === LF && this.#end === 'CR' && this.#bytes.length === 0) {
      // The second byte of the end of the line before.
    } else if (this.#bytes.length < this.#mostBytes) {
      this.#bytes.push(byte);
    } else {
      this.#tooLong = true;
    }
  }

  #content(): Buffer {
    const content = Buffer.from(this.#bytes);
    if (this.#end === 'CRLF') return content.subarray(0, -1);
    if (this.#end === 'LF' && content.at(-1) === CR) return content.subarray(0, -1);
    if (this.#end !== 'ETX') return content;
    let length = content.length;
    while (length > 0 && (content[length - 1] === CR || content[length - 1] === LF)) length -= 1;
    return content.subarray(0, length);
  }

  #begin(inLine: boolean): void {
    this.#bytes = [];
    this.#tooLong = false;
    this.#last = undefined;
    this.#inLine = inLine;
  }
}
