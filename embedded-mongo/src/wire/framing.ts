/** Cuts a stream of bytes into messages of the wire protocol. */

/** Length of the header: message length, request id, response to, operation code; four int32, little-endian. */
export const headerBytes = 16;

/** Longest message, as the server announces it. */
export const maximumMessageBytes = 48_000_000;

/** The bytes are not the wire protocol; nothing after them can be understood. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}

/**
 * Takes chunks as they arrive, split or merged in any way, and gives whole messages. Memory is bounded by
 * the longest message; a chunk is copied at most once.
 */
export class MessageSplitter {
  #chunks: Uint8Array[] = [];
  #buffered = 0;

  /** The messages completed by this chunk, header included. @throws FramingError for an impossible length */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages: Uint8Array[] = [];
    while (this.#buffered >= headerBytes) {
      const length = this.#messageLength();
      if (this.#buffered < length) break;
      messages.push(this.#take(length));
    }
    return messages;
  }

  #messageLength(): number {
    let first = this.#chunks[0] as Uint8Array;
    if (first.length < 4) {
      first = Buffer.concat(this.#chunks);
      this.#chunks = [first];
    }
    const length = new DataView(first.buffer, first.byteOffset, 4).getInt32(0, true);
    if (length < headerBytes || length > maximumMessageBytes) {
      throw new FramingError(
        `message length ${length} is outside ${headerBytes}…${maximumMessageBytes} bytes`,
      );
    }
    return length;
  }

  #take(length: number): Uint8Array {
    let first = this.#chunks[0] as Uint8Array;
    if (first.length < length) {
      first = Buffer.concat(this.#chunks);
      this.#chunks = [first];
    }
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    this.#buffered -= length;
    return first.subarray(0, length);
  }
}
