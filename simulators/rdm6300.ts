import type { Unsubscribe } from '../gateway/ports.ts';
import { SimulatedLine, type Simulator, Timers } from './simulator.ts';

export interface CardPresentation {
  /** How long the card stays at the reader, which repeats its frame meanwhile. Default 0: one frame. */
  readonly heldMilliseconds?: number;
  /** Spoils the frame: a wrong checksum, a digit that is none, or an end that never comes. */
  readonly broken?: 'checksum' | 'digit' | 'cut-off';
  /** Bytes per chunk, each sent in a turn of its own. Default: the frame as one chunk. */
  readonly chunk?: number;
}

/** An RDM6300 with somebody who holds cards to it. */
export class Rdm6300Simulator implements Simulator {
  readonly #line = new SimulatedLine();
  readonly #timers = new Timers();
  readonly #repeatMilliseconds: number;

  /** @param repeatMilliseconds from one frame to the next while a card is held */
  constructor(repeatMilliseconds = 100) {
    this.#repeatMilliseconds = repeatMilliseconds;
  }

  get connections(): number {
    return this.#line.connections;
  }

  /** Holds a card to the reader. Resolves to the number of frames sent, once the card is gone. */
  presentCard(card: string, presentation: CardPresentation = {}): Promise<number> {
    const frame = spoil(rdm6300Frame(card), presentation.broken);
    const frames = 1 + Math.floor((presentation.heldMilliseconds ?? 0) / this.#repeatMilliseconds);
    return new Promise((resolve) => {
      let sent = 0;
      const repeat = (): void => {
        this.#send(frame, presentation.chunk ?? frame.length);
        sent += 1;
        if (sent === frames) resolve(sent);
        else this.#timers.after(this.#repeatMilliseconds, repeat);
      };
      repeat();
    });
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

  #send(frame: Buffer, chunk: number): void {
    const head = frame.subarray(0, chunk);
    this.#line.send(head);
    if (head.length < frame.length) this.#timers.after(1, () => this.#send(frame.subarray(chunk), chunk));
  }
}

/** The frame for a card of ten hex digits. Throws a RangeError for anything else. */
export function rdm6300Frame(card: string): Buffer {
  if (!/^[0-9A-F]{10}$/.test(card)) {
    throw new RangeError(`"${card}" is no card of an RDM6300: give ten hex digits, e.g. 62E3086CED.`);
  }
  let checksum = 0;
  for (let at = 0; at < card.length; at += 2) checksum ^= Number.parseInt(card.slice(at, at + 2), 16);
  const digits = checksum.toString(16).toUpperCase().padStart(2, '0');
  return Buffer.from(`\x02${card}${digits}\x03`, 'latin1');
}

function spoil(frame: Buffer, how: CardPresentation['broken']): Buffer {
  const spoiled = Buffer.from(frame);
  if (how === 'cut-off') return spoiled.subarray(0, 7);
  if (how === 'digit') spoiled[4] = 'X'.charCodeAt(0);
  if (how === 'checksum') spoiled[12] = spoiled[12] === 0x30 ? 0x31 : 0x30;
  return spoiled;
}
