import type { SiteFile } from '../../config/site.ts';
import type { CabinetId, CompartmentNumber } from '../../domain/site.ts';
import { Cu48Simulator } from '../kerong-cu48.ts';
import { KeypadSimulator } from '../keypad.ts';
import { LineInventorySimulator } from '../line-inventory.ts';
import { LineReaderSimulator } from '../line-reader.ts';
import { Rdm6300Simulator } from '../rdm6300.ts';
import { type ServedSimulator, serveTcp } from '../serve.ts';
import type { Simulator } from '../simulator.ts';

/** From one key of a keypad to the next. Milliseconds. */
const KEY_EVERY = 50;

/** What hangs on a bus; it knows how many are connected to it. */
export type SimulatedDevice = Simulator & { readonly connections: number };

/** A compartment of the simulated site. */
export interface DemoPlace {
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
}

/** A lock of a simulated board. */
export interface DemoLock extends DemoPlace {
  readonly board: Cu48Simulator;
  readonly address: number;
  readonly lock: number;
}

/** An antenna of a simulated item reader. */
interface DemoAntenna {
  readonly reader: LineInventorySimulator;
  readonly antenna: number;
}

/** The simulated readers, by what they take. */
export interface DemoReaders {
  readonly card: Rdm6300Simulator;
  readonly pin: KeypadSimulator;
  readonly code: LineReaderSimulator;
}

/**
 * The simulated devices of a site file: a board for each board that it names, a reader for each reader, and an item
 * reader for each item reader, each with its own line behind a loopback TCP port.
 */
export class DemoDevices {
  readonly locks: readonly DemoLock[];
  /** By what they take, then by id, in the order of the site file. */
  readonly readers: { readonly [Takes in keyof DemoReaders]: ReadonlyMap<string, DemoReaders[Takes]> };
  readonly itemReaders: readonly LineInventorySimulator[];
  readonly #lines: Map<string, SimulatedDevice>;
  readonly #antennas = new Map<string, DemoAntenna>();
  readonly #served: ServedSimulator[] = [];

  /** @throws RangeError where the cabinets of the site have a device that nobody simulates */
  constructor(site: SiteFile, doorOpensMilliseconds: number) {
    const lines = new Map<string, SimulatedDevice>();
    const boards = new Map<string, { readonly board: Cu48Simulator; readonly address: number }>();
    for (const { id, bus, driver, address } of site.boards) {
      if (driver !== 'kerong-cu48') throw notSimulated('board', id, driver);
      const addresses = site.boards.filter((each) => each.bus === bus).map((each) => each.address);
      const board =
        (lines.get(bus) as Cu48Simulator | undefined) ??
        new Cu48Simulator({ addresses, openMilliseconds: doorOpensMilliseconds });
      lines.set(bus, board);
      boards.set(id, { board, address });
    }
    const card = new Map<string, Rdm6300Simulator>();
    const pin = new Map<string, KeypadSimulator>();
    const code = new Map<string, LineReaderSimulator>();
    for (const { id, bus, driver } of site.readers) {
      if (driver === 'rdm6300') lines.set(bus, added(card, id, new Rdm6300Simulator()));
      else if (driver === 'keypad') lines.set(bus, added(pin, id, new KeypadSimulator(KEY_EVERY)));
      else if (driver === 'line-reader') lines.set(bus, added(code, id, new LineReaderSimulator()));
      else throw notSimulated('reader', id, driver);
    }
    const itemReaders = new Map<string, LineInventorySimulator>();
    for (const { id, bus, driver } of site.itemReaders ?? []) {
      if (driver !== 'line-inventory') throw notSimulated('item reader', id, driver);
      const reader = new LineInventorySimulator({ antennas: 32 });
      lines.set(bus, reader);
      itemReaders.set(id, reader);
    }
    this.#lines = lines;
    this.readers = { card, pin, code };
    this.itemReaders = [...itemReaders.values()];
    this.locks = site.cabinets.flatMap(({ id: cabinet, compartments, antennas = [] }) => {
      for (const { from, to, reader: name, firstAntenna } of antennas) {
        const reader = itemReaders.get(name);
        for (let number = from; reader && number <= to; number += 1) {
          const place = { cabinet, compartment: number };
          this.#antennas.set(keyOf(place), { reader, antenna: firstAntenna + number - from });
        }
      }
      return compartments.flatMap(({ from, to, board: name, firstLock }) => {
        const board = boards.get(name);
        if (!board) return [];
        return Array.from({ length: to - from + 1 }, (_, step) => ({
          cabinet,
          compartment: from + step,
          ...board,
          lock: firstLock + step,
        }));
      });
    });
  }

  /** By bus, what hangs on it. */
  get lines(): ReadonlyMap<string, SimulatedDevice> {
    return this.#lines;
  }

  /** What is simulated elsewhere hangs on buses of the same site, and is served and closed with the rest. */
  join(others: ReadonlyMap<string, SimulatedDevice>): void {
    for (const [bus, device] of others) this.#lines.set(bus, device);
  }

  /**
   * Serves every bus on a loopback port.
   *
   * @param wanted by bus, a port; any free one where it is left out
   * @returns by bus, the port that it has
   */
  async serve(wanted: Readonly<Record<string, number>>): Promise<ReadonlyMap<string, number>> {
    const ports = new Map<string, number>();
    for (const [bus, simulator] of this.#lines) {
      const served = await serveTcp(simulator, wanted[bus] ?? 0);
      this.#served.push(served);
      ports.set(bus, served.port);
    }
    return ports;
  }

  /** The lock of a compartment; undefined where there is none. */
  lockOf(place: DemoPlace): DemoLock | undefined {
    return this.locks.find((lock) => keyOf(lock) === keyOf(place));
  }

  isOpen({ board, lock, address }: DemoLock): boolean {
    return board.isOpen(lock, address);
  }

  /** The antenna that looks into a compartment; undefined where none does. */
  antennaOf(place: DemoPlace): DemoAntenna | undefined {
    return this.#antennas.get(keyOf(place));
  }

  /** Whether a tagged thing lies in any compartment. */
  lies(tag: string): boolean {
    return [...this.#antennas.values()].some(({ reader, antenna }) => reader.tagsAt(antenna).includes(tag));
  }

  async close(): Promise<void> {
    for (const simulator of this.#lines.values()) simulator.close();
    await Promise.all(this.#served.map((each) => each.close()));
  }
}

function added<Device>(devices: Map<string, Device>, id: string, device: Device): Device {
  devices.set(id, device);
  return device;
}

function notSimulated(what: string, id: string, driver: string): RangeError {
  return new RangeError(`Nobody simulates the ${what} "${id}": its driver is "${driver}".`);
}

function keyOf({ cabinet, compartment }: DemoPlace): string {
  return `${cabinet}/${compartment}`;
}
