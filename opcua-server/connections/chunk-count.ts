/** Follows the chunks of messages as bytes arrive, by their headers alone (OPC 10000-6, 6.7.2.2): what is not complete, and since when. */
import type { Milliseconds } from '../../domain/site.ts';

/** Type (3 characters), kind of chunk (1), and length of the chunk with this header (4 bytes). */
const HEADER = 8;

export type MessageType = 'HEL' | 'OPN' | 'MSG' | 'CLO';

/** What clients send. Only MSG comes in several chunks (OPC 10000-6, table 50). */
const TYPES: ReadonlySet<string> = new Set(['HEL', 'OPN', 'MSG', 'CLO'] satisfies MessageType[]);

export type ChunkFlaw = 'unknown-type' | 'chunk-too-short' | 'message-too-long';

export class ChunkCount {
  /** Messages of type MSG that have arrived whole. */
  messages = 0;
  /** Of the message that is not complete yet: bytes of it that have arrived. */
  unfinished = 0;
  /** Its length as far as it is announced: the chunks that have arrived, and the one that is arriving. */
  announced = 0;
  /** Since when it has been arriving; undefined where none is. */
  since: Milliseconds | undefined;
  /** Of the chunk that arrived last, or is arriving. */
  type: MessageType | undefined;
  readonly #header = Buffer.alloc(HEADER);
  /** Bytes of the header that have arrived, and of the rest of the chunk that have not. */
  #head = 0;
  #missing = 0;
  #final = false;

  /**
   * Takes what has arrived. Nothing that comes after a flaw has a meaning.
   * @param longest how long a message of a type may be, in bytes
   */
  take(
    data: Buffer,
    now: Milliseconds,
    longest: (type: MessageType) => number = () => Number.POSITIVE_INFINITY,
  ): ChunkFlaw | undefined {
    let at = 0;
    while (at < data.length) {
      this.since ??= now;
      if (this.#head < HEADER) {
        const copied = data.copy(this.#header, this.#head, at, at + HEADER - this.#head);
        this.#head += copied;
        this.unfinished += copied;
        at += copied;
        if (this.#head < HEADER) return undefined;
        const flaw = this.#begin(longest);
        if (flaw) return flaw;
      } else {
        const taken = Math.min(this.#missing, data.length - at);
        this.#missing -= taken;
        this.unfinished += taken;
        at += taken;
      }
      if (this.#missing === 0) this.#end();
    }
    return undefined;
  }

  #begin(longest: (type: MessageType) => number): ChunkFlaw | undefined {
    const type = this.#header.toString('latin1', 0, 3);
    const kind = this.#header.toString('latin1', 3, 4);
    if (!TYPES.has(type) || !(type === 'MSG' ? 'FCA' : 'F').includes(kind)) return 'unknown-type';
    const length = this.#header.readUInt32LE(4);
    if (length <= HEADER) return 'chunk-too-short';
    this.type = type as MessageType;
    // What came before an abort (A) is kept by the library until the message that comes next.
    this.#final = kind === 'F';
    this.#missing = length - HEADER;
    this.announced += length;
    return this.announced > longest(this.type) ? 'message-too-long' : undefined;
  }

  #end(): void {
    this.#head = 0;
    if (!this.#final) return;
    if (this.type === 'MSG') this.messages += 1;
    this.unfinished = 0;
    this.announced = 0;
    this.since = undefined;
  }
}
