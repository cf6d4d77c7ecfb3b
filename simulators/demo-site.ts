import { type LineSocket, openLineSocket } from '../gateway/line-socket.ts';
import { type Cu48Event, Cu48Simulator } from './kerong-cu48.ts';
import { KeypadSimulator } from './keypad.ts';
import { Rdm6300Simulator, rdm6300Frame } from './rdm6300.ts';
import { type ServedSimulator, serveTcp } from './serve.ts';
import type { Simulator } from './simulator.ts';

const LOCKS = 48;

export interface DemoHardwareOptions {
  /** Loopback ports; 0 takes any free one. */
  readonly readerPort: number;
  readonly boardPort: number;
  readonly keypadPort: number;
  /** Path of the control socket, in a folder of this user alone; under 107 bytes. */
  readonly controlSocketPath: string;
  /** From the pulse until the door has sprung open. Default 300. */
  readonly doorOpensMilliseconds?: number;
  /** From the opening until the simulated person closes the door. Default 6000. */
  readonly doorClosesMilliseconds?: number;
  /** How long a card is held to the reader. Default 300, which is four frames. */
  readonly cardHeldMilliseconds?: number;
}

export interface DemoHardware {
  readonly readerPort: number;
  readonly boardPort: number;
  readonly keypadPort: number;
  readonly controlSocketPath: string;
  close(): Promise<void>;
}

/** What the control socket tells, one a line. `compartment` is the lock's number counted from 1. */
export type DemoEvent =
  | { readonly event: 'card-presented'; readonly card: string; readonly at: string }
  | { readonly event: 'card-removed'; readonly card: string; readonly frames: number; readonly at: string }
  | { readonly event: 'pin-entered'; readonly digits: number; readonly at: string }
  | {
      readonly event: Cu48Event['type'];
      readonly lock: number;
      readonly compartment: number;
      readonly at: string;
    };

/** What the control socket takes, one a line. A door is named by its lock (0 to 47) or compartment (1 to 48). */
export type DemoCommand =
  | { readonly do: 'present-card'; readonly card: string; readonly heldMilliseconds?: number }
  | { readonly do: 'enter-pin'; readonly pin: string }
  | { readonly do: 'door'; readonly open: boolean; readonly lock?: number; readonly compartment?: number }
  | { readonly do: 'status' };

/**
 * Serves an RDM6300, a keypad and a CU48 with 48 locks on loopback TCP ports, as serial device servers would,
 * with doors that spring open and a person who closes them after a while. The control socket takes
 * `DemoCommand`s, answers each with `{ok: true, …}` or `{ok: false, error}`, and tells every client each
 * `DemoEvent` as it happens. Rejects where a port or the path cannot be used; nothing stays open then.
 */
export async function startDemoHardware(options: DemoHardwareOptions): Promise<DemoHardware> {
  const hardware = new DemoHardwareRun(options);
  try {
    return await hardware.start();
  } catch (error) {
    await hardware.close();
    throw error;
  }
}

class DemoHardwareRun {
  readonly #options: Required<DemoHardwareOptions>;
  readonly #reader = new Rdm6300Simulator();
  readonly #keypad = new KeypadSimulator(50);
  readonly #board: Cu48Simulator;
  readonly #served: ServedSimulator[] = [];
  readonly #closing = new Map<number, NodeJS.Timeout>();
  #control: LineSocket | undefined;

  constructor(options: DemoHardwareOptions) {
    this.#options = {
      doorOpensMilliseconds: 300,
      doorClosesMilliseconds: 6_000,
      cardHeldMilliseconds: 300,
      ...options,
    };
    this.#board = new Cu48Simulator({ openMilliseconds: this.#options.doorOpensMilliseconds });
  }

  async start(): Promise<DemoHardware> {
    const { readerPort, boardPort, keypadPort, controlSocketPath } = this.#options;
    this.#board.on((event) => this.#boardSaid(event));
    const ports = {
      readerPort: await this.#serve(this.#reader, readerPort),
      boardPort: await this.#serve(this.#board, boardPort),
      keypadPort: await this.#serve(this.#keypad, keypadPort),
    };
    this.#control = await openLineSocket(
      controlSocketPath,
      (command) => this.#obey(command),
      (error) => ({ ok: false, error: error instanceof Error ? error.message : String(error) }),
    );
    return { ...ports, controlSocketPath, close: () => this.close() };
  }

  async close(): Promise<void> {
    for (const timer of this.#closing.values()) clearTimeout(timer);
    this.#closing.clear();
    for (const simulator of [this.#reader, this.#keypad, this.#board]) simulator.close();
    await Promise.all([this.#control?.close(), ...this.#served.map((each) => each.close())]);
  }

  async #serve(simulator: Simulator, port: number): Promise<number> {
    const served = await serveTcp(simulator, port);
    this.#served.push(served);
    return served.port;
  }

  #boardSaid({ type, lock }: Cu48Event): void {
    this.#tell({ event: type, lock, compartment: lock + 1, at: timestamp() });
    if (type === 'pulse') return;
    clearTimeout(this.#closing.get(lock));
    this.#closing.delete(lock);
    if (type === 'door-closed') return;
    const close = (): void => this.#board.setDoor(lock, false);
    this.#closing.set(lock, setTimeout(close, this.#options.doorClosesMilliseconds));
  }

  #obey(command: Readonly<Record<string, unknown>>): object {
    switch (command['do']) {
      case 'present-card':
        return this.#presentCard(command);
      case 'enter-pin':
        return this.#enterPin(command['pin']);
      case 'door':
        return this.#moveDoor(command);
      case 'status':
        return { ok: true, ...this.#status() };
      default:
        throw new RangeError('Say what to do: present-card, enter-pin, door or status.');
    }
  }

  #presentCard(command: Readonly<Record<string, unknown>>): object {
    const card = String(command['card']).toUpperCase();
    rdm6300Frame(card);
    const heldMilliseconds = command['heldMilliseconds'] ?? this.#options.cardHeldMilliseconds;
    if (typeof heldMilliseconds !== 'number' || !(heldMilliseconds >= 0 && heldMilliseconds <= 60_000)) {
      throw new RangeError('A card is held for 0 to 60000 ms.');
    }
    needConnection('reader', this.#reader);
    this.#tell({ event: 'card-presented', card, at: timestamp() });
    void this.#reader.presentCard(card, { heldMilliseconds }).then((frames) => {
      this.#tell({ event: 'card-removed', card, frames, at: timestamp() });
    });
    return { ok: true };
  }

  #enterPin(pin: unknown): object {
    if (typeof pin !== 'string' || !/^\d{1,16}$/.test(pin)) throw new RangeError('A PIN is 1 to 16 digits.');
    needConnection('keypad', this.#keypad);
    void this.#keypad.enterPin(pin).then(() => {
      this.#tell({ event: 'pin-entered', digits: pin.length, at: timestamp() });
    });
    return { ok: true };
  }

  #moveDoor({ lock, compartment, open }: Readonly<Record<string, unknown>>): object {
    const index = lock ?? (typeof compartment === 'number' ? compartment - 1 : undefined);
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= LOCKS) {
      throw new RangeError(`Name the door: lock 0 to ${LOCKS - 1}, or compartment 1 to ${LOCKS}.`);
    }
    if (typeof open !== 'boolean') throw new RangeError('Say whether the door is to be open: true or false.');
    this.#board.setDoor(index, open);
    return { ok: true };
  }

  #status(): object {
    const locks = Array.from({ length: LOCKS }, (_, lock) => lock);
    return {
      connected: {
        reader: this.#reader.connections > 0,
        board: this.#board.connections > 0,
        keypad: this.#keypad.connections > 0,
      },
      openCompartments: locks.filter((lock) => this.#board.isOpen(lock)).map((lock) => lock + 1),
      pulses: this.#board.pulses.length,
    };
  }

  #tell(event: DemoEvent): void {
    this.#control?.tell(event);
  }
}

function needConnection(what: string, simulator: { readonly connections: number }): void {
  if (simulator.connections === 0) {
    throw new Error(`Nobody is connected to the ${what}'s port. Is the gateway running?`);
  }
}

function timestamp(): string {
  return new Date().toISOString();
}
