import { cassetteBuses } from '../config/cassette-setting.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { BoardSetting, ItemReaderSetting, ReaderSetting, SiteFile } from '../config/site.ts';
import type { CabinetId, CompartmentNumber, ReaderId } from '../domain/site.ts';
import { Bus } from '../drivers/bus.ts';
import type { ItemReaderDriver, LineSetting, LockBoardDriver, ReaderDriver } from '../drivers/driver.ts';
import { DriverError } from '../drivers/errors.ts';
import type { DriverRegistry } from '../drivers/registry.ts';
import { createTransport } from '../drivers/transport/create.ts';
import { FlowTransport } from '../drivers/transport/flow.ts';
import type { FlowPort } from './api.ts';
import { ItemReaderLink, type Place } from './item-reader-link.ts';
import type {
  BusHealth,
  Clock,
  CredentialReader,
  CredentialReaderListener,
  LockBoard,
  LockBoardListener,
  Unsubscribe,
} from './ports.ts';

/** A lock board, and which compartment hangs on which of its locks. */
export class BoardLink {
  readonly #board: LockBoard;
  readonly #listeners = new Set<LockBoardListener>();
  /** By `<cabinet>/<compartment>`. */
  readonly #locks = new Map<string, number>();
  readonly #compartments = new Map<CabinetId, Map<number, CompartmentNumber>>();

  constructor(board: LockBoard) {
    this.#board = board;
  }

  wire(cabinet: CabinetId, compartment: CompartmentNumber, lock: number): void {
    this.#locks.set(`${cabinet}/${compartment}`, lock);
    const compartments = this.#compartments.get(cabinet) ?? new Map<number, CompartmentNumber>();
    this.#compartments.set(cabinet, compartments.set(lock, compartment));
  }

  /** The compartment of a cabinet behind a lock; undefined where that cabinet has none there. */
  compartmentAt(cabinet: CabinetId, lock: number): CompartmentNumber | undefined {
    return this.#compartments.get(cabinet)?.get(lock);
  }

  /** Sends the opening pulse. Rejects with a `DriverError` where the board does not answer. */
  unlock(cabinet: CabinetId, compartment: CompartmentNumber): Promise<void> {
    const lock = this.#locks.get(`${cabinet}/${compartment}`);
    if (lock === undefined) {
      return Promise.reject(new Error(`Compartment ${compartment} of cabinet ${cabinet} has no lock.`));
    }
    return this.#board.unlock(lock);
  }

  listen(listener: LockBoardListener): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.#board.start({
      report: (doors) => {
        for (const listener of this.#listeners) listener.report(doors);
      },
      answering: (answers) => {
        for (const listener of this.#listeners) listener.answering(answers);
      },
    });
  }

  stop(): Promise<void> {
    return this.#board.stop();
  }
}

/** The wires of a site's cabinets: their buses with the boards and readers on them. */
export class Hardware {
  readonly boards: ReadonlyMap<string, BoardLink>;
  readonly itemReaders: readonly ItemReaderLink[];
  readonly #buses: ReadonlyMap<string, Bus>;
  readonly #flowPorts: ReadonlyMap<string, FlowPort>;
  readonly #readers: ReadonlyMap<ReaderId, CredentialReader>;

  private constructor(parts: {
    readonly boards: ReadonlyMap<string, BoardLink>;
    readonly buses: ReadonlyMap<string, Bus>;
    readonly flowPorts: ReadonlyMap<string, FlowPort>;
    readonly readers: ReadonlyMap<ReaderId, CredentialReader>;
    readonly itemReaders: readonly ItemReaderLink[];
  }) {
    this.boards = parts.boards;
    this.itemReaders = parts.itemReaders;
    this.#buses = parts.buses;
    this.#flowPorts = parts.flowPorts;
    this.#readers = parts.readers;
  }

  /**
   * Builds what a checked site file asks for; nothing is opened yet.
   * @throws ConfigurationError where a device does not fit its driver or its bus
   */
  static build(file: string, site: SiteFile, drivers: DriverRegistry, clock: Clock): Hardware {
    const boardDrivers = site.boards.map((board, index) => boardDriver(file, board, index, drivers));
    const readerDrivers = site.readers.map((reader, index) => readerDriver(file, reader, index, drivers));
    const itemDrivers = (site.itemReaders ?? []).map((reader, index) =>
      itemReaderDriver(file, reader, index, drivers),
    );
    const lines = new Map<string, LineSetting>();
    site.boards.forEach((board, index) => {
      const driver = boardDrivers[index];
      if (driver) agreeOnLine(file, lines, board.bus, driver.line, `boards[${index}].driver`);
    });
    site.readers.forEach((reader, index) => {
      const driver = readerDrivers[index];
      if (driver) agreeOnLine(file, lines, reader.bus, driver.line, `readers[${index}].driver`);
    });
    site.itemReaders?.forEach((reader, index) => {
      const driver = itemDrivers[index];
      if (driver) agreeOnLine(file, lines, reader.bus, driver.line, `itemReaders[${index}].driver`);
    });
    const buses = new Map<string, Bus>();
    const flowPorts = new Map<string, FlowPort>();
    const elsewhere = cassetteBuses(site);
    site.buses.forEach(({ id, transport: setting }, index) => {
      if (elsewhere.has(id)) return;
      const line = lines.get(id);
      if (!line) throw new ConfigurationError(file, `buses[${index}]`, `nothing hangs on bus "${id}"`);
      const transport = createTransport(setting, line);
      if (transport instanceof FlowTransport) flowPorts.set(id, transport);
      buses.set(id, new Bus({ id, transport, clock }));
    });
    const boards = new Map<string, BoardLink>();
    site.boards.forEach(({ id, bus, address, settings }, index) => {
      const driver = boardDrivers[index];
      const on = buses.get(bus);
      if (!driver || !on) return;
      const checked = checkedSettings(file, `boards[${index}].settings`, () =>
        drivers.settingsFor(driver, id, settings),
      );
      boards.set(id, new BoardLink(driver.create({ id, bus: on, address, settings: checked, clock })));
    });
    const readers = new Map<ReaderId, CredentialReader>();
    site.readers.forEach(({ id, bus, settings }, index) => {
      const driver = readerDrivers[index];
      const on = buses.get(bus);
      if (!driver || !on) return;
      const checked = checkedSettings(file, `readers[${index}].settings`, () =>
        drivers.settingsFor(driver, id, settings),
      );
      readers.set(id, driver.create({ id, bus: on, settings: checked, clock }));
    });
    const itemReaders = (site.itemReaders ?? []).flatMap(({ id, bus, settings }, index) => {
      const driver = itemDrivers[index];
      const on = buses.get(bus);
      if (!driver || !on) return [];
      const checked = checkedSettings(file, `itemReaders[${index}].settings`, () =>
        drivers.settingsFor(driver, id, settings),
      );
      const places = wireAntennas(file, site, id, driver);
      const antennas = [...places.keys()];
      return [new ItemReaderLink(driver.create({ id, bus: on, settings: checked, clock, antennas }), places)];
    });
    wireCompartments(file, site, boards, boardDrivers);
    return new Hardware({ boards, buses, flowPorts, readers, itemReaders });
  }

  /** Opens every bus and starts boards and readers; what cannot be reached is tried again for ever. */
  start(listenerFor: (reader: ReaderId) => CredentialReaderListener): void {
    for (const bus of this.#buses.values()) bus.start();
    for (const board of this.boards.values()) board.start();
    for (const [id, reader] of this.#readers) reader.start(listenerFor(id));
    for (const reader of this.itemReaders) reader.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#readers.values(), ...this.itemReaders].map((reader) => reader.stop()));
    await Promise.all([...this.boards.values()].map((board) => board.stop()));
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
  }

  health(): BusHealth[] {
    return [...this.#buses.values()].map((bus) => bus.health);
  }

  onHealth(listener: (health: BusHealth) => void): Unsubscribe {
    const unsubscribe = [...this.#buses.values()].map((bus) => bus.onHealth(listener));
    return () => {
      for (const each of unsubscribe) each();
    };
  }

  flowPort(bus: string): FlowPort | undefined {
    return this.#flowPorts.get(bus);
  }
}

function boardDriver(
  file: string,
  board: BoardSetting,
  index: number,
  drivers: DriverRegistry,
): LockBoardDriver {
  const at = `boards[${index}]`;
  const driver = checkedSettings(file, `${at}.driver`, () => drivers.lockBoard(board.driver));
  const { from, to } = driver.addresses;
  if (board.address < from || board.address > to) {
    throw new ConfigurationError(
      file,
      `${at}.address`,
      `is ${board.address}; a ${driver.id} has an address from ${from} to ${to}`,
    );
  }
  return driver;
}

function readerDriver(
  file: string,
  reader: ReaderSetting,
  index: number,
  drivers: DriverRegistry,
): ReaderDriver {
  return checkedSettings(file, `readers[${index}].driver`, () => drivers.reader(reader.driver));
}

function itemReaderDriver(
  file: string,
  reader: ItemReaderSetting,
  index: number,
  drivers: DriverRegistry,
): ItemReaderDriver {
  return checkedSettings(file, `itemReaders[${index}].driver`, () => drivers.itemReader(reader.driver));
}

/** What a driver refuses is the site file's fault: say it with file and field. */
function checkedSettings<Result>(file: string, field: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof DriverError) throw new ConfigurationError(file, field, error.message);
    throw error;
  }
}

/** Everything on one wire speaks at one speed. */
function agreeOnLine(
  file: string,
  lines: Map<string, LineSetting>,
  bus: string,
  line: LineSetting,
  field: string,
): void {
  const agreed = lines.get(bus) ?? line;
  lines.set(bus, agreed);
  if (formatOf(agreed) !== formatOf(line)) {
    throw new ConfigurationError(
      file,
      field,
      `speaks ${formatOf(line)}, but bus "${bus}" already speaks ${formatOf(agreed)}; give it a bus of its own`,
    );
  }
}

/** A line's speed and format as the field writes them, e.g. `19200 baud 8N1`. */
function formatOf({ baudRate, dataBits, parity, stopBits }: LineSetting): string {
  return `${baudRate} baud ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}

function wireCompartments(
  file: string,
  site: SiteFile,
  boards: ReadonlyMap<string, BoardLink>,
  drivers: readonly LockBoardDriver[],
): void {
  site.cabinets.forEach((cabinet, index) => {
    cabinet.compartments.forEach(({ from, to, board, firstLock }, place) => {
      const driver = drivers[site.boards.findIndex(({ id }) => id === board)];
      const last = firstLock + to - from;
      if (driver && last >= driver.locks) {
        throw new ConfigurationError(
          file,
          `cabinets[${index}].compartments[${place}]`,
          `needs lock ${last} of board "${board}"; a ${driver.id} has locks 0 to ${driver.locks - 1}`,
        );
      }
      for (let number = from; number <= to; number += 1) {
        boards.get(board)?.wire(cabinet.id, number, firstLock + number - from);
      }
    });
  });
}

/** By antenna of an item reader, the compartment that it looks into. */
function wireAntennas(
  file: string,
  site: SiteFile,
  reader: string,
  driver: ItemReaderDriver,
): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>();
  site.cabinets.forEach(({ id: cabinet, antennas = [] }, index) => {
    antennas.forEach((range, place) => {
      if (range.reader !== reader) return;
      const last = range.firstAntenna + range.to - range.from;
      if (last >= driver.antennas) {
        throw new ConfigurationError(
          file,
          `cabinets[${index}].antennas[${place}]`,
          `needs antenna ${last} of item reader "${reader}"; a ${driver.id} has antennas 0 to ${driver.antennas - 1}`,
        );
      }
      for (let compartment = range.from; compartment <= range.to; compartment += 1) {
        places.set(range.firstAntenna + compartment - range.from, { cabinet, compartment });
      }
    });
  });
  return places;
}
