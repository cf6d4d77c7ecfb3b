import type { Unsubscribe } from '../gateway/ports.ts';
import { SimulatedLine, type Simulator, Timers } from './simulator.ts';

const LOCKS = 48;
const MOST_PULSES_KEPT = 10_000;

export interface Cu48Options {
  /** Addresses of the boards on the bus. Default: one board, 0. */
  readonly addresses?: readonly number[];
  /** From the pulse until the door has sprung open. Default 50. */
  readonly openMilliseconds?: number;
  /** From a query until its reply. Default 0. */
  readonly replyMilliseconds?: number;
  /** The state bit of a closed door. Default 1. */
  readonly closedBit?: 0 | 1;
  /** Whether the line returns what the gateway sends, as two-wire adapters do. */
  readonly echo?: boolean;
}

/** A pulse as the boards saw it. */
export interface Pulse {
  /** Wall-clock time in milliseconds. */
  readonly at: number;
  readonly address: number;
  readonly lock: number;
}

export type Cu48Event =
  | { readonly type: 'pulse'; readonly address: number; readonly lock: number }
  | { readonly type: 'door-opened' | 'door-closed'; readonly address: number; readonly lock: number };

/** How replies come out, until it is set back to `whole`. */
export type ReplyQuality = 'whole' | 'wrong-sum' | 'cut-off' | 'split' | 'after-garbage';

/**
 * CU48 boards on one RS-485 line, with their locks and doors: a pulse springs its door open, and a person may
 * close it. Written apart from the driver, so that the two prove each other.
 */
export class Cu48Simulator implements Simulator {
  /** The last pulses, at most 10 000, oldest first. */
  readonly pulses: Pulse[] = [];
  /** Status queries answered. */
  queries = 0;
  /** Frames that came in while a reply was due: two requests were in flight. */
  overlaps = 0;
  /** Bytes that belonged to no valid request. */
  garbage = 0;
  replies: ReplyQuality = 'whole';
  readonly #openDoors = new Set<string>();
  readonly #stuck = new Set<string>();
  readonly #silent = new Set<number>();
  readonly #mute = new Set<number>();
  readonly #addresses: ReadonlySet<number>;
  readonly #options: Required<Omit<Cu48Options, 'addresses'>>;
  readonly #line = new SimulatedLine();
  readonly #timers = new Timers();
  readonly #listeners = new Set<(event: Cu48Event) => void>();
  #received: number[] = [];
  #repliesDue = 0;

  constructor(options: Cu48Options = {}) {
    this.#addresses = new Set(options.addresses ?? [0]);
    this.#options = { openMilliseconds: 50, replyMilliseconds: 0, closedBit: 1, echo: false, ...options };
  }

  get connections(): number {
    return this.#line.connections;
  }

  /** Hears of pulses and doors. */
  on(listener: (event: Cu48Event) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  isOpen(lock: number, address = 0): boolean {
    return this.#openDoors.has(keyOf(address, lock));
  }

  /** Somebody moves a door: opens it by force, or closes it. */
  setDoor(lock: number, open: boolean, address = 0): void {
    const key = keyOf(address, lock);
    if (this.#openDoors.has(key) === open) return;
    if (open) this.#openDoors.add(key);
    else this.#openDoors.delete(key);
    this.#tell({ type: open ? 'door-opened' : 'door-closed', address, lock });
  }

  /** A stuck door stays closed whatever the pulse. */
  setStuck(lock: number, stuck: boolean, address = 0): void {
    if (stuck) this.#stuck.add(keyOf(address, lock));
    else this.#stuck.delete(keyOf(address, lock));
  }

  /** A silent board neither replies nor pulses: its supply is off, or its wire is cut. */
  setSilent(silent: boolean, address = 0): void {
    if (silent) this.#silent.add(address);
    else this.#silent.delete(address);
  }

  /** A mute board pulses but never replies: the wire back is cut. */
  setMute(mute: boolean, address = 0): void {
    if (mute) this.#mute.add(address);
    else this.#mute.delete(address);
  }

  receive(bytes: Buffer): void {
    if (this.#options.echo) this.#line.send(bytes);
    this.#received.push(...bytes);
    while (this.#received.length >= 6) {
      const [start, address = 0, lock = 0, command = 0, end, sum] = this.#received;
      const expected = (2 + address + lock + command + 3) & 0xff;
      if (start !== 2 || end !== 3 || sum !== expected) {
        this.#received.shift();
        this.garbage += 1;
        continue;
      }
      this.#received.splice(0, 6);
      this.#take(address, lock, command);
    }
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

  #take(address: number, lock: number, command: number): void {
    if (this.#repliesDue > 0) this.overlaps += 1;
    for (const board of address === 0x0a ? this.#addresses : [address]) {
      if (!this.#addresses.has(board) || this.#silent.has(board)) continue;
      if (command === 0x51) this.#pulseAll(board, lock);
      else if (command === 0x50 && !this.#mute.has(board)) this.#reply(board);
    }
  }

  #pulseAll(address: number, lock: number): void {
    if (lock < LOCKS) this.#pulse(address, lock);
    else if (lock === LOCKS) for (let each = 0; each < LOCKS; each += 1) this.#pulse(address, each);
  }

  #pulse(address: number, lock: number): void {
    this.pulses.push({ at: Date.now(), address, lock });
    if (this.pulses.length > MOST_PULSES_KEPT) this.pulses.shift();
    this.#tell({ type: 'pulse', address, lock });
    if (this.#stuck.has(keyOf(address, lock))) return;
    this.#timers.after(this.#options.openMilliseconds, () => this.setDoor(lock, true, address));
  }

  #reply(address: number): void {
    this.queries += 1;
    this.#repliesDue += 1;
    this.#timers.after(this.#options.replyMilliseconds, () => {
      const frame = this.#statusOf(address);
      if (this.replies === 'wrong-sum') frame[11] = (frame[11] ?? 0) ^ 0xff;
      if (this.replies === 'split') {
        this.#line.send(frame.subarray(0, 5));
        this.#timers.after(2, () => this.#answer(frame.subarray(5)));
        return;
      }
      if (this.replies === 'after-garbage') this.#line.send(Buffer.from('ff0002000002000065', 'hex'));
      this.#answer(this.replies === 'cut-off' ? frame.subarray(0, 8) : frame);
    });
  }

  #answer(bytes: Buffer): void {
    this.#repliesDue -= 1;
    this.#line.send(bytes);
  }

  #statusOf(address: number): Buffer {
    const states = Buffer.alloc(6);
    for (let lock = 0; lock < LOCKS; lock += 1) {
      const bit = this.isOpen(lock, address) ? 1 - this.#options.closedBit : this.#options.closedBit;
      states[lock >> 3] = (states[lock >> 3] ?? 0) | (bit << (lock & 7));
    }
    const frame = Buffer.from([2, address, 0, 0x65, ...states, 3, 0]);
    frame[11] = frame.reduce((sum, byte) => sum + byte, 0) & 0xff;
    return frame;
  }

  #tell(event: Cu48Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function keyOf(address: number, lock: number): string {
  return `${address}/${lock}`;
}
