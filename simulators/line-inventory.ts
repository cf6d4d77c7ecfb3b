import type { Unsubscribe } from '../gateway/ports.ts';
import { SimulatedLine, type Simulator, Timers } from './simulator.ts';

export interface LineInventoryOptions {
  /** Antennas of the reader, counted from 0. Default 8. */
  readonly antennas?: number;
  /** From a request until its answer. Default 0. */
  readonly replyMilliseconds?: number;
  /** Whether it tells of changes unasked. Default true. */
  readonly tells?: boolean;
  /** Whether the line returns what the gateway sends, as two-wire adapters do. */
  readonly echo?: boolean;
}

/** How lines come out, until it is set back to `whole`. */
export type LineQuality = 'whole' | 'wrong-sum' | 'cut-off' | 'split' | 'after-garbage';

/**
 * A reader of items with antennas in compartments, and the things that people put in and take out. Written apart from
 * the driver, so that the two prove each other.
 */
export class LineInventorySimulator implements Simulator {
  lines: LineQuality = 'whole';
  /** Antennas that were asked for, in order; the last 10,000. */
  readonly requests: number[] = [];
  /** Lines that were no request. */
  garbage = 0;
  readonly #options: Required<LineInventoryOptions>;
  readonly #line = new SimulatedLine();
  readonly #timers = new Timers();
  readonly #tags = new Map<number, Set<string>>();
  readonly #deaf = new Set<number>();
  #silent = false;
  #received = '';

  constructor(options: LineInventoryOptions = {}) {
    this.#options = { antennas: 8, replyMilliseconds: 0, tells: true, echo: false, ...options };
  }

  get connections(): number {
    return this.#line.connections;
  }

  /** Somebody puts a tagged thing in. */
  put(antenna: number, tag: string): void {
    this.#tags.set(antenna, new Set([...this.tagsAt(antenna), tag]));
    this.#tell(antenna);
  }

  /** Somebody takes a tagged thing out. */
  take(antenna: number, tag: string): void {
    this.#tags.set(antenna, new Set(this.tagsAt(antenna).filter((each) => each !== tag)));
    this.#tell(antenna);
  }

  tagsAt(antenna: number): readonly string[] {
    return [...(this.#tags.get(antenna) ?? [])];
  }

  /** A silent reader says nothing: its supply is off, or its wire is cut. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
  }

  /** A deaf antenna is answered for by nobody. */
  setDeaf(antenna: number, deaf: boolean): void {
    if (deaf) this.#deaf.add(antenna);
    else this.#deaf.delete(antenna);
  }

  receive(bytes: Buffer): void {
    if (this.#options.echo) this.#line.send(bytes);
    this.#received += bytes.toString('latin1');
    const lines = this.#received.split('\r\n');
    this.#received = (lines.pop() ?? '').slice(-100);
    for (const line of lines) this.#answer(line);
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    return this.#line.connect(send);
  }

  /** Puts any bytes on the line. */
  sendRaw(bytes: Buffer): void {
    this.#line.send(bytes);
  }

  close(): void {
    this.#timers.close();
  }

  #answer(line: string): void {
    const [content = '', sum] = line.split(';');
    const antenna = /^R(\d+)$/.exec(content)?.[1];
    if (antenna === undefined || sum !== crc16(content)) {
      this.garbage += 1;
      return;
    }
    this.requests.push(Number(antenna));
    if (this.requests.length > 10_000) this.requests.shift();
    if (this.#silent || this.#deaf.has(Number(antenna)) || Number(antenna) >= this.#options.antennas) return;
    this.#timers.after(this.#options.replyMilliseconds, () => this.#say('A', Number(antenna)));
  }

  #tell(antenna: number): void {
    if (this.#options.tells && !this.#silent && !this.#deaf.has(antenna)) this.#say('I', antenna);
  }

  #say(letter: 'A' | 'I', antenna: number): void {
    const line = Buffer.from(inventoryLine(letter, antenna, this.tagsAt(antenna)), 'latin1');
    if (this.lines === 'wrong-sum') line[1] = (line[1] ?? 0) ^ 1;
    if (this.lines === 'after-garbage') this.#line.send(Buffer.from('A1:00;\xff\x00', 'latin1'));
    if (this.lines === 'cut-off') this.#line.send(line.subarray(0, 4));
    else if (this.lines === 'split') {
      this.#line.send(line.subarray(0, 3));
      this.#timers.after(2, () => this.#line.send(line.subarray(3)));
    } else this.#line.send(line);
  }
}

/** A line as the reader sends it: `A` answers, `I` is told unasked. */
export function inventoryLine(letter: 'A' | 'I', antenna: number, tags: readonly string[]): string {
  const written = tags.map((tag) =>
    [...Buffer.from(tag, 'utf8')]
      .map((byte) => {
        const character = String.fromCharCode(byte);
        return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
      })
      .join(''),
  );
  const content = `${letter}${antenna}:${written.join(',')}`;
  return `${content};${crc16(content)}\r\n`;
}

/** CRC-16 with polynomial 1021, initially FFFF, bit by bit. */
function crc16(text: string): string {
  let register = 0xffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const feedback = ((register >> 15) ^ (byte >> bit)) & 1;
      register = ((register << 1) & 0xffff) ^ (feedback === 1 ? 0x1021 : 0);
    }
  }
  return register.toString(16).toUpperCase().padStart(4, '0');
}
