/** What a site file says of wires, checked against the drivers: what hangs on which bus, and where each compartment is. */
import { cassetteBuses } from '../config/cassette-setting.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import { textOfJson } from '../config/same-json.ts';
import type { SiteFile, TransportSetting } from '../config/site.ts';
import type { BoardId, CabinetId, CompartmentNumber, ReaderId } from '../domain/site.ts';
import type { Bus } from '../drivers/bus.ts';
import type { ItemReaderDriver, LineSetting, LockBoardDriver } from '../drivers/driver.ts';
import { DriverError } from '../drivers/errors.ts';
import type { DriverRegistry } from '../drivers/registry.ts';
import type { Locks } from './board-link.ts';
import type { Place } from './item-reader-link.ts';
import type { Clock, CredentialReader, ItemReader, LockBoard } from './ports.ts';

/** Something on a bus. Two with the same mark on the same bus do not differ. */
export interface WiredDevice<Device> {
  readonly bus: string;
  readonly mark: string;
  /** Nothing is said to the bus before the device is started. */
  create(bus: Bus): Device;
}

export interface WiredItemReader extends WiredDevice<ItemReader> {
  /** By antenna, the compartment that it looks into. */
  readonly places: ReadonlyMap<number, Place>;
}

/** A bus that something of a cabinet hangs on. */
export interface WiredBus {
  readonly transport: TransportSetting;
  readonly line: LineSetting;
  readonly mark: string;
}

/** By board, the locks of a cabinet. */
export type CabinetLocks = ReadonlyMap<BoardId, Locks>;

export interface Wires {
  readonly buses: ReadonlyMap<string, WiredBus>;
  readonly boards: ReadonlyMap<BoardId, WiredDevice<LockBoard>>;
  readonly readers: ReadonlyMap<ReaderId, WiredDevice<CredentialReader>>;
  readonly itemReaders: ReadonlyMap<ReaderId, WiredItemReader>;
  readonly locks: ReadonlyMap<CabinetId, CabinetLocks>;
}

/**
 * Checks the wires of a site file whose references are sound.
 * @throws ConfigurationError where a device does not fit its driver or its bus
 */
export function checkWires(file: string, site: SiteFile, drivers: DriverRegistry, clock: Clock): Wires {
  const itemReaders = site.itemReaders ?? [];
  const boardDrivers = site.boards.map(({ driver: name, address }, index) => {
    const driver = fits(file, `boards[${index}].driver`, () => drivers.lockBoard(name));
    checkAddress(file, `boards[${index}].address`, address, driver);
    return driver;
  });
  const readerDrivers = site.readers.map(({ driver }, index) =>
    fits(file, `readers[${index}].driver`, () => drivers.reader(driver)),
  );
  const itemDrivers = itemReaders.map(({ driver }, index) =>
    fits(file, `itemReaders[${index}].driver`, () => drivers.itemReader(driver)),
  );

  const lines = new Map<string, LineSetting>();
  const agree = (
    list: string,
    devices: readonly { readonly bus: string }[],
    known: readonly { readonly line: LineSetting }[],
  ) =>
    devices.forEach(({ bus }, index) => {
      const driver = known[index];
      if (driver) agreeOnLine(file, lines, bus, driver.line, `${list}[${index}].driver`);
    });
  agree('boards', site.boards, boardDrivers);
  agree('readers', site.readers, readerDrivers);
  agree('itemReaders', itemReaders, itemDrivers);
  const buses = busesOf(file, site, lines);

  const boards = wired(site.boards, boardDrivers, 'boards', (board, driver, field) => {
    const { id, bus, address, settings } = board;
    const checked = fits(file, field, () => drivers.settingsFor(driver, id, settings));
    return {
      bus,
      mark: textOfJson(board),
      create: (on: Bus) => driver.create({ id, bus: on, address, settings: checked, clock }),
    };
  });
  const readers = wired(site.readers, readerDrivers, 'readers', ({ id, bus, settings }, driver, field) => {
    const checked = fits(file, field, () => drivers.settingsFor(driver, id, settings));
    return {
      bus,
      mark: textOfJson({ bus, driver: driver.id, settings }),
      create: (on: Bus) => driver.create({ id, bus: on, settings: checked, clock }),
    };
  });
  const wiredItemReaders = wired(itemReaders, itemDrivers, 'itemReaders', (reader, driver, field) => {
    const { id, bus, settings } = reader;
    const checked = fits(file, field, () => drivers.settingsFor(driver, id, settings));
    const places = placesOf(file, site, id, driver);
    const antennas = [...places.keys()];
    return {
      bus,
      mark: textOfJson({ reader, places: [...places] }),
      places,
      create: (on: Bus) => driver.create({ id, bus: on, settings: checked, clock, antennas }),
    };
  });
  const locks = locksOf(file, site, boardDrivers);
  return { buses, boards, readers, itemReaders: wiredItemReaders, locks };
}

/** The compartments of a cabinet that hang elsewhere than before, or are new or gone. */
export function movedCompartments(
  before: CabinetLocks = new Map(),
  after: CabinetLocks = new Map(),
): ReadonlySet<CompartmentNumber> {
  const places = (locks: CabinetLocks): Map<CompartmentNumber, string> =>
    new Map(
      [...locks].flatMap(([board, of]) => [...of].map(([number, lock]) => [number, `${board}/${lock}`])),
    );
  const were = places(before);
  const are = places(after);
  return new Set([...were.keys(), ...are.keys()].filter((number) => were.get(number) !== are.get(number)));
}

/** Whether something is another one than before, or stands on another bus. */
export function differs(
  before: { readonly mark: string } | undefined,
  after: { readonly mark: string } | undefined,
): boolean {
  return before?.mark !== after?.mark;
}

function wired<Setting extends { readonly id: string }, Driver, Wired>(
  settings: readonly Setting[],
  drivers: readonly Driver[],
  list: string,
  wire: (setting: Setting, driver: Driver, field: string) => Wired,
): ReadonlyMap<string, Wired> {
  return new Map(
    settings.flatMap((setting, index) => {
      const driver = drivers[index];
      return driver === undefined ? [] : [[setting.id, wire(setting, driver, `${list}[${index}].settings`)]];
    }),
  );
}

function busesOf(
  file: string,
  site: SiteFile,
  lines: ReadonlyMap<string, LineSetting>,
): ReadonlyMap<string, WiredBus> {
  const buses = new Map<string, WiredBus>();
  const elsewhere = cassetteBuses(site);
  site.buses.forEach(({ id, transport }, index) => {
    if (elsewhere.has(id)) return;
    const line = lines.get(id);
    if (!line) throw new ConfigurationError(file, `buses[${index}]`, `nothing hangs on bus "${id}"`);
    // Only a serial port has a line of its own; what stands behind the others knows theirs.
    const mark = textOfJson({ transport, ...(transport.type === 'serial' && { line }) });
    buses.set(id, { transport, line, mark });
  });
  return buses;
}

function checkAddress(file: string, field: string, address: number, driver: LockBoardDriver): void {
  const { from, to } = driver.addresses;
  if (address >= from && address <= to) return;
  throw new ConfigurationError(
    file,
    field,
    `is ${address}; a ${driver.id} has an address from ${from} to ${to}`,
  );
}

/** What a driver refuses is the site file's fault: say it with file and field. */
function fits<Result>(file: string, field: string, work: () => Result): Result {
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
  if (formatOf(agreed) === formatOf(line)) return;
  throw new ConfigurationError(
    file,
    field,
    `speaks ${formatOf(line)}, but bus "${bus}" already speaks ${formatOf(agreed)}; give it a bus of its own`,
  );
}

/** A line's speed and format as the field writes them, e.g. `19200 baud 8N1`. */
function formatOf({ baudRate, dataBits, parity, stopBits }: LineSetting): string {
  return `${baudRate} baud ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}

function locksOf(
  file: string,
  site: SiteFile,
  drivers: readonly LockBoardDriver[],
): ReadonlyMap<CabinetId, CabinetLocks> {
  return new Map(
    site.cabinets.map((cabinet, index) => {
      const locks = new Map<BoardId, Map<CompartmentNumber, number>>();
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
        const onBoard = locks.get(board) ?? new Map<CompartmentNumber, number>();
        for (let number = from; number <= to; number += 1) onBoard.set(number, firstLock + number - from);
        locks.set(board, onBoard);
      });
      return [cabinet.id, locks];
    }),
  );
}

/** By antenna of an item reader, the compartment that it looks into. */
function placesOf(
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
