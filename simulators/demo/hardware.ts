import type { KeyObject } from 'node:crypto';
import type { SiteFile } from '../../config/site.ts';
import type { CassetteId } from '../../domain/site.ts';
import { type LineSocket, openLineSocket } from '../../gateway/line-socket.ts';
import type { Cu48Event } from '../kerong-cu48.ts';
import { rdm6300Frame } from '../rdm6300.ts';
import { type DemoCassetteCommand, type DemoCassetteEvent, DemoCassettes } from './cassettes.ts';
import { DemoDevices, type DemoLock, type DemoPlace, type DemoReaders } from './devices.ts';

export interface DemoHardwareOptions {
  /** Whose devices are simulated. */
  readonly site: SiteFile;
  /** By bus, the loopback port of its line; any free one where it is left out. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Path of the control socket, in a folder of this user alone; under 107 bytes. */
  readonly controlSocketPath: string;
  /** By cassette, what its controller is paired with; a controller without one is paired with nobody. */
  readonly pairingKeys?: ReadonlyMap<CassetteId, KeyObject>;
  /** From the pulse until the door has sprung open. Default 300. */
  readonly doorOpensMilliseconds?: number;
  /** From the opening until the simulated person closes the door, if nothing else does before. Default 6000. */
  readonly doorClosesMilliseconds?: number;
  /** How long a card is held to the reader. Default 300, which is four frames. */
  readonly cardHeldMilliseconds?: number;
}

export interface DemoHardware {
  /** By bus, the loopback port of its line. */
  readonly ports: ReadonlyMap<string, number>;
  /**
   * Lays tagged things into compartments, and cassettes into machines. Until then item readers and cassettes say
   * nothing, since nobody knows yet what lies where.
   * @throws RangeError where no antenna looks into a compartment
   */
  layOut(things: readonly (DemoPlace & { readonly tag: string })[], inMachine?: readonly CassetteId[]): void;
  close(): Promise<void>;
}

/** What the control socket tells, one a line. */
export type DemoEvent =
  | {
      readonly event: 'card-presented';
      readonly reader: string;
      readonly card: string;
      readonly at: string;
    }
  | {
      readonly event: 'card-removed';
      readonly reader: string;
      readonly card: string;
      readonly frames: number;
      readonly at: string;
    }
  | {
      readonly event: 'pin-entered' | 'code-scanned';
      readonly reader: string;
      /** Digits of a PIN, characters of a code; what they are is not told. */
      readonly length: number;
      readonly at: string;
    }
  | ({ readonly event: Cu48Event['type']; readonly at: string } & DemoPlace)
  | ({
      readonly event: 'item-put' | 'item-taken';
      readonly tag: string;
      readonly at: string;
    } & DemoPlace)
  | (DemoCassetteEvent & { readonly at: string });

/** What the control socket takes, one a line. A reader or cabinet that is left out is the first of its kind. */
export type DemoCommand =
  | {
      readonly do: 'present-card';
      readonly card: string;
      readonly reader?: string;
      readonly heldMilliseconds?: number;
    }
  | { readonly do: 'enter-pin'; readonly pin: string; readonly reader?: string }
  /** Holds a barcode, or a QR code with its AIM prefix `]Q1`, to a scanner. */
  | { readonly do: 'scan'; readonly text: string; readonly reader?: string }
  | {
      readonly do: 'door';
      readonly open: boolean;
      readonly compartment: number;
      readonly cabinet?: string;
    }
  /** Puts a tagged thing into a compartment whose door is open, or takes it out. */
  | {
      readonly do: 'put-item' | 'take-item';
      readonly tag: string;
      readonly compartment: number;
      readonly cabinet: string;
    }
  | DemoCassetteCommand
  | { readonly do: 'status' };

/**
 * Serves the devices of a site on loopback TCP ports, as serial device servers would, with doors that spring open and
 * a person who closes them after a while. The control socket takes `DemoCommand`s, answers each with
 * `{ok: true, …}` or `{ok: false, error}`, and tells every client each `DemoEvent` as it happens. Rejects where a port
 * or the path cannot be used; nothing stays open then.
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

type Received = Readonly<Record<string, unknown>>;

class DemoHardwareRun {
  readonly #options: Required<DemoHardwareOptions>;
  readonly #devices: DemoDevices;
  readonly #cassettes: DemoCassettes;
  readonly #closing = new Map<DemoLock, NodeJS.Timeout>();
  #control: LineSocket | undefined;

  constructor(options: DemoHardwareOptions) {
    this.#options = {
      ports: {},
      pairingKeys: new Map(),
      doorOpensMilliseconds: 300,
      doorClosesMilliseconds: 6_000,
      cardHeldMilliseconds: 300,
      ...options,
    };
    this.#devices = new DemoDevices(options.site, this.#options.doorOpensMilliseconds);
    this.#cassettes = new DemoCassettes(
      options.site,
      (cassette) => this.#options.pairingKeys.get(cassette),
      (event) => this.#tell({ ...event, at: timestamp() }),
    );
    this.#devices.join(this.#cassettes.lines);
  }

  async start(): Promise<DemoHardware> {
    const { controlSocketPath, ports } = this.#options;
    for (const reader of this.#devices.itemReaders) reader.setSilent(true);
    this.#cassettes.setSilent(true);
    for (const board of new Set(this.#devices.locks.map((lock) => lock.board))) {
      board.on((event) => {
        const heard = this.#devices.locks.find(
          (lock) => lock.board === board && lock.lock === event.lock && lock.address === event.address,
        );
        if (heard) this.#boardSaid(heard, event.type);
      });
    }
    const served = await this.#devices.serve(ports);
    this.#control = await openLineSocket(
      controlSocketPath,
      (command) => this.#obey(command),
      (error) => ({ ok: false, error: error instanceof Error ? error.message : String(error) }),
    );
    return {
      ports: served,
      layOut: (things, inMachine = []) => this.#layOut(things, inMachine),
      close: () => this.close(),
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#closing.values()) clearTimeout(timer);
    this.#closing.clear();
    await Promise.all([this.#control?.close(), this.#devices.close()]);
  }

  #layOut(things: readonly (DemoPlace & { readonly tag: string })[], inMachine: readonly CassetteId[]): void {
    for (const cassette of inMachine) this.#cassettes.putIntoMachine(cassette);
    this.#cassettes.setSilent(false);
    for (const reader of this.#devices.itemReaders) reader.setSilent(false);
    for (const { tag, ...place } of things) {
      const { reader, antenna } = this.#antenna(place);
      reader.put(antenna, tag);
    }
  }

  #boardSaid(lock: DemoLock, type: Cu48Event['type']): void {
    const { cabinet, compartment } = lock;
    this.#tell({ event: type, cabinet, compartment, at: timestamp() });
    if (type === 'pulse') return;
    clearTimeout(this.#closing.get(lock));
    this.#closing.delete(lock);
    if (type === 'door-closed') return;
    const close = (): void => lock.board.setDoor(lock.lock, false, lock.address);
    this.#closing.set(lock, setTimeout(close, this.#options.doorClosesMilliseconds));
  }

  #obey(command: Received): object {
    switch (command['do']) {
      case 'present-card':
        return this.#presentCard(command);
      case 'enter-pin':
        return this.#enterPin(command);
      case 'scan':
        return this.#scan(command);
      case 'door':
        return this.#moveDoor(command);
      case 'put-item':
      case 'take-item':
        return this.#moveItem(command);
      case 'cassette':
        this.#cassettes.obey(command);
        return { ok: true };
      case 'status':
        return { ok: true, ...this.#status() };
      default:
        throw new RangeError(
          'Say what to do: present-card, enter-pin, scan, door, put-item, take-item, cassette or status.',
        );
    }
  }

  #presentCard(command: Received): object {
    const card = String(command['card']).toUpperCase();
    rdm6300Frame(card);
    const heldMilliseconds = command['heldMilliseconds'] ?? this.#options.cardHeldMilliseconds;
    if (typeof heldMilliseconds !== 'number' || !(heldMilliseconds >= 0 && heldMilliseconds <= 60_000)) {
      throw new RangeError('A card is held for 0 to 60000 ms.');
    }
    const { reader, device } = this.#reader(command, 'card');
    this.#tell({ event: 'card-presented', reader, card, at: timestamp() });
    void device.presentCard(card, { heldMilliseconds }).then((frames) => {
      this.#tell({ event: 'card-removed', reader, card, frames, at: timestamp() });
    });
    return { ok: true };
  }

  #enterPin(command: Received): object {
    const { pin } = command;
    if (typeof pin !== 'string' || !/^\d{1,16}$/.test(pin)) throw new RangeError('A PIN is 1 to 16 digits.');
    const { reader, device } = this.#reader(command, 'pin');
    void device.enterPin(pin).then(() => {
      this.#tell({ event: 'pin-entered', reader, length: pin.length, at: timestamp() });
    });
    return { ok: true };
  }

  #scan(command: Received): object {
    const { text } = command;
    if (typeof text !== 'string' || !/^[\x20-\x7E]{1,256}$/.test(text)) {
      throw new RangeError('A code is 1 to 256 printable ASCII characters.');
    }
    const { reader, device } = this.#reader(command, 'code');
    void device.scan(text).then(() => {
      this.#tell({ event: 'code-scanned', reader, length: text.length, at: timestamp() });
    });
    return { ok: true };
  }

  #moveDoor(command: Received): object {
    const { board, lock, address } = this.#lock(command);
    const { open } = command;
    if (typeof open !== 'boolean') throw new RangeError('Say whether the door is to be open: true or false.');
    board.setDoor(lock, open, address);
    return { ok: true };
  }

  #moveItem(command: Received): object {
    const { tag } = command;
    if (typeof tag !== 'string' || tag === '') throw new RangeError('Name the tag of the item.');
    const { cabinet, compartment, ...lock } = this.#lock(command);
    const place = { cabinet, compartment };
    const { reader, antenna } = this.#antenna(place);
    if (!lock.board.isOpen(lock.lock, lock.address)) {
      throw new RangeError(`The door of compartment ${compartment} of cabinet ${cabinet} is closed.`);
    }
    const puts = command['do'] === 'put-item';
    if (puts && this.#devices.lies(tag)) throw new RangeError('This item lies in a compartment already.');
    if (!puts && !reader.tagsAt(antenna).includes(tag)) throw new RangeError('This item does not lie here.');
    if (puts) reader.put(antenna, tag);
    else reader.take(antenna, tag);
    this.#tell({ event: puts ? 'item-put' : 'item-taken', ...place, tag, at: timestamp() });
    return { ok: true };
  }

  /** The reader that a command names, or the first at which that can be done. */
  #reader<Takes extends keyof DemoReaders>(
    { reader: named }: Received,
    takes: Takes,
  ): { readonly reader: string; readonly device: DemoReaders[Takes] } {
    const readers = this.#devices.readers[takes];
    const [first = ''] = readers.keys();
    const reader = typeof named === 'string' ? named : first;
    const device = readers.get(reader);
    if (!device) {
      throw new RangeError(
        `No reader "${reader}" takes a ${takes}; there is ${[...readers.keys()].join(', ') || 'none'}.`,
      );
    }
    if (device.connections === 0) {
      throw new Error(`Nobody is connected to the port of reader "${reader}". Is the gateway running?`);
    }
    return { reader, device };
  }

  #lock({ cabinet = this.#devices.locks[0]?.cabinet, compartment }: Received): DemoLock {
    const lock = this.#devices.lockOf({ cabinet: String(cabinet), compartment: Number(compartment) });
    if (lock && typeof compartment === 'number') return lock;
    const last = this.#devices.locks.filter((each) => each.cabinet === cabinet).at(-1)?.compartment;
    throw new RangeError(
      last === undefined
        ? `There is no cabinet "${String(cabinet)}" here.`
        : `Name the door: compartment 1 to ${last} of cabinet ${String(cabinet)}.`,
    );
  }

  #antenna(place: DemoPlace): NonNullable<ReturnType<DemoDevices['antennaOf']>> {
    const antenna = this.#devices.antennaOf(place);
    if (antenna) return antenna;
    throw new RangeError(
      `No item reader looks into compartment ${place.compartment} of cabinet ${place.cabinet}.`,
    );
  }

  #status(): object {
    const { lines, locks } = this.#devices;
    const cabinets = new Set(locks.map(({ cabinet }) => cabinet));
    const openIn = (cabinet: string): readonly number[] =>
      locks
        .filter((lock) => lock.cabinet === cabinet && this.#devices.isOpen(lock))
        .map(({ compartment }) => compartment);
    return {
      connected: Object.fromEntries([...lines].map(([bus, { connections }]) => [bus, connections > 0])),
      openCompartments: Object.fromEntries([...cabinets].map((cabinet) => [cabinet, openIn(cabinet)])),
    };
  }

  #tell(event: DemoEvent): void {
    this.#control?.tell(event);
  }
}

function timestamp(): string {
  return new Date().toISOString();
}
