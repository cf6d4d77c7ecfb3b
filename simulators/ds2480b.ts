import type { Unsubscribe } from '../gateway/ports.ts';
import { SimulatedLine, type Simulator, Timers } from './simulator.ts';

type Bit = 0 | 1;

/** How answers come out, until it is set back to `whole`. */
type AnswerQuality = 'whole' | 'bit-turned' | 'cut-off' | 'byte-by-byte' | 'after-garbage' | 'none';

/**
 * A DS2480B with a contact, to which keys are held: every bit goes over a simulated 1-Wire line, on which each key does
 * what its own state says. Written from the data sheet, apart from the driver, so that the two prove each other.
 */
export class Ds2480bSimulator implements Simulator {
  /** Reset pulses that were put on the 1-Wire line. */
  resets = 0;
  answers: AnswerQuality = 'whole';
  /** The contact is bridged: by a coin, or by the rim of a key. */
  shorted = false;
  readonly #line = new SimulatedLine();
  readonly #timers = new Timers();
  readonly #keys = new Map<string, Key>();
  #state: 'power-up' | 'command' | 'data' | 'deaf' = 'power-up';
  /** An E3 in data mode, of which the next byte tells whether it was data. */
  #escaped = false;
  #accelerator = false;
  /** A search found nobody: it answers ones until the accelerator is switched off. */
  #searchFailed = false;
  readonly #parameters: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  #answer: number[] = [];

  get connections(): number {
    return this.#line.connections;
  }

  /** Whether the byte that calibrates has come since the supply did. */
  get calibrated(): boolean {
    return this.#state === 'command' || this.#state === 'data';
  }

  /**
   * Holds a key to the contact.
   *
   * @param rom 16 hex digits in the order of transmission; their checksum may be wrong
   * @param slots bits after which the contact breaks off again; left out: it does not
   */
  touch(rom: string, slots = Number.POSITIVE_INFINITY): void {
    this.#keys.set(rom, new Key(rom, slots));
  }

  /** Takes a key away, or all of them. */
  leave(rom?: string): void {
    if (rom === undefined) this.#keys.clear();
    else this.#keys.delete(rom);
  }

  /** Takes the supply away for a moment: everything is as after power-up, and nothing is calibrated. */
  cutSupply(): void {
    this.#state = 'power-up';
    this.#escaped = false;
    this.#accelerator = false;
    this.#searchFailed = false;
  }

  /** Leaves the adapter as a program that was ended in the middle of a search leaves it. */
  leaveInSearch(): void {
    this.#state = 'data';
    this.#accelerator = true;
  }

  /** Puts any bytes on the line. */
  sendRaw(bytes: Buffer): void {
    this.#line.send(bytes);
  }

  receive(bytes: Buffer): void {
    for (const byte of bytes) this.#take(byte);
    const answer = Buffer.from(this.#answer);
    this.#answer = [];
    if (answer.length > 0) this.#send(answer);
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    return this.#line.connect(send);
  }

  close(): void {
    this.#timers.close();
  }

  #send(answer: Buffer): void {
    // Of an answer that has only one byte, to a reset, nothing is spoilt.
    const last = answer.length - 1;
    if (this.answers === 'none') return;
    if (this.answers === 'bit-turned' && last > 0) answer[last] = (answer[last] ?? 0) ^ 0x08;
    if (this.answers === 'after-garbage') this.#line.send(Buffer.from('00ff2a', 'hex'));
    if (this.answers === 'byte-by-byte') this.#sendBytes(answer);
    else this.#line.send(this.answers === 'cut-off' && last > 0 ? answer.subarray(0, last) : answer);
  }

  #sendBytes(answer: Buffer): void {
    this.#line.send(answer.subarray(0, 1));
    if (answer.length > 1) this.#timers.after(1, () => this.#sendBytes(answer.subarray(1)));
  }

  #take(byte: number): void {
    if (this.#state === 'power-up') {
      // Any other byte is measured too, and the time of a bit is wrong from then on.
      this.#state = byte === 0xc1 ? 'command' : 'deaf';
    } else if (this.#state === 'command') {
      this.#command(byte);
    } else if (this.#state === 'data') {
      const escaped = this.#escaped;
      this.#escaped = byte === 0xe3 && !escaped;
      if (escaped && byte !== 0xe3) {
        this.#state = 'command';
        this.#command(byte);
      } else if (!this.#escaped) this.#data(byte);
    }
  }

  #command(byte: number): void {
    if (byte === 0xe1) this.#state = 'data';
    else if (byte === 0xe3 || (byte & 1) === 0) return;
    else if ((byte & 0x80) === 0) this.#configure((byte >> 4) & 7, (byte >> 1) & 7, byte);
    else if ((byte & 0x60) === 0x00) this.#answer.push((byte & 0xfc) | (this.#slot(bit(byte >> 4)) * 3));
    else if ((byte & 0x60) === 0x20) {
      this.#accelerator = (byte & 0x10) !== 0;
      this.#searchFailed = false;
    } else if ((byte & 0x60) === 0x40) this.#reset();
    // The pulses with which memories are written, and their end.
    else this.#answer.push(byte & 0xfc);
  }

  #configure(parameter: number, value: number, byte: number): void {
    if (parameter === 0) this.#answer.push((this.#parameters[value] ?? 0) << 1);
    else {
      this.#parameters[parameter] = value;
      this.#answer.push(byte & 0xfe);
    }
  }

  #reset(): void {
    this.resets += 1;
    for (const key of this.#keys.values()) key.reset();
    const present = [...this.#keys.values()].some((key) => key.touches);
    this.#answer.push(0xcc | (this.shorted ? 0 : present ? 1 : 3));
  }

  #data(byte: number): void {
    this.#answer.push(this.#accelerator ? this.#search(byte) : this.#transfer(byte));
  }

  #transfer(byte: number): number {
    let read = 0;
    for (let at = 0; at < 8; at += 1) read |= this.#slot(bit(byte >> at)) << at;
    return read;
  }

  /** Four bits of ROMs: the way to take in, and what was found out. */
  #search(ways: number): number {
    let found = 0;
    for (let at = 0; at < 8; at += 2) {
      const itself = this.#searchFailed ? 1 : this.#slot(1);
      const complement = this.#searchFailed ? 1 : this.#slot(1);
      if (itself === 1 && complement === 1) this.#searchFailed = true;
      const taken = itself === complement ? (itself === 1 ? 1 : bit(ways >> (at + 1))) : itself;
      if (!this.#searchFailed) this.#slot(taken);
      if (itself === complement) found |= 1 << at;
      found |= taken << (at + 1);
    }
    return found;
  }

  /** One bit on the 1-Wire line, which anybody can pull to 0. */
  #slot(written: Bit): Bit {
    let level: Bit = this.shorted ? 0 : written;
    for (const key of this.#keys.values()) if (key.output() === 0) level = 0;
    for (const key of this.#keys.values()) key.slot(this.shorted ? 0 : written);
    return level;
  }
}

/** One key: what it does in each slot follows from the command that it has heard since the reset. */
class Key {
  readonly #bits: readonly Bit[];
  #slotsLeft: number;
  #command = 0;
  /** Slots since the reset. */
  #at = 0;
  #listens = false;

  constructor(rom: string, slots: number) {
    const bytes = Buffer.from(rom, 'hex');
    this.#bits = Array.from({ length: 64 }, (_, at) => bit((bytes[at >> 3] ?? 0) >> (at & 7)));
    this.#slotsLeft = slots;
  }

  get touches(): boolean {
    return this.#slotsLeft > 0;
  }

  reset(): void {
    this.#at = 0;
    this.#command = 0;
    this.#listens = true;
  }

  /** What it does to the line in the slot that comes. */
  output(): Bit {
    const at = this.#at - 8;
    if (!this.touches || !this.#listens || at < 0) return 1;
    if (this.#command === 0x33) return this.#bits[at] ?? 1;
    if (this.#command !== 0xf0) return 1;
    const own = this.#bits[Math.floor(at / 3)] ?? 1;
    if (at % 3 === 0) return own;
    return at % 3 === 1 ? invert(own) : 1;
  }

  /** Takes the slot in: what the master has written. */
  slot(written: Bit): void {
    if (!this.touches) return;
    const at = this.#at - 8;
    if (at < 0) this.#command |= written << this.#at;
    else if (this.#command === 0xf0 && at % 3 === 2) this.#listens &&= written === this.#bits[(at - 2) / 3];
    this.#at += 1;
    this.#slotsLeft -= 1;
  }
}

function bit(value: number): Bit {
  return (value & 1) === 1 ? 1 : 0;
}

function invert(value: Bit): Bit {
  return value === 1 ? 0 : 1;
}
