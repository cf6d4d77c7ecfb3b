import type { Unsubscribe } from '../gateway/ports.ts';
import { SimulatedLine, type Simulator, Timers } from './simulator.ts';

/** A barcode scanner, or any other reader that sends a line of text, with somebody who holds things to it. */
export class LineReaderSimulator implements Simulator {
  readonly #line = new SimulatedLine();
  readonly #timers = new Timers();
  readonly #start: string;
  readonly #end: string;

  /** @param frame what the reader sends before and after each text; by default nothing, and CR */
  constructor(frame: { readonly start?: string; readonly end?: string } = {}) {
    this.#start = frame.start ?? '';
    this.#end = frame.end ?? '\r';
  }

  get connections(): number {
    return this.#line.connections;
  }

  /**
   * Reads a text, its AIM prefix included where the reader is set to send one.
   *
   * @param chunk bytes sent at once; the whole line where it is left out
   */
  async scan(text: string, chunk?: number): Promise<void> {
    const bytes = Buffer.from(`${this.#start}${text}${this.#end}`, 'utf8');
    const size = chunk ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      this.#line.send(bytes.subarray(at, at + size));
      if (at + size < bytes.length) await new Promise<void>((resolve) => this.#timers.after(1, resolve));
    }
  }

  /** Puts any bytes on the line. */
  sendRaw(bytes: Buffer): void {
    this.#line.send(bytes);
  }

  receive(): void {
    // The reader's input is not wired.
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    return this.#line.connect(send);
  }

  close(): void {
    this.#timers.close();
  }
}
