import type { SiteFile } from '../../../config/site.ts';
import type { LineSetting } from '../../../drivers/driver.ts';
import { DriverError } from '../../../drivers/errors.ts';
import { DriverRegistry } from '../../../drivers/registry.ts';
import { Hardware } from '../../../gateway/hardware.ts';
import type {
  Clock,
  CredentialReader,
  CredentialReaderListener,
  LockBoard,
  LockBoardListener,
  Scan,
} from '../../../gateway/ports.ts';

const LINE: LineSetting = { baudRate: 9_600, dataBits: 8, parity: 'none', stopBits: 1 };
/** From a pulse to the open door, and from a moved door to its report. Milliseconds. */
const DOOR_TAKES = 100;

/** What a lock does when it is pulsed. */
export type LockHabit = 'opens' | 'stuck' | 'silent';

/** A lock board without wires: doors that are moved by hand, and locks with habits. */
export class MemoryBoard implements LockBoard {
  readonly id: string;
  /** The locks that were pulsed, in order, be it answered or not. */
  readonly pulses: number[] = [];
  readonly habits = new Map<number, LockHabit>();
  readonly #clock: Clock;
  readonly #doors: Map<number, 'open' | 'closed'>;
  #listener: LockBoardListener | undefined;

  constructor(id: string, locks: number, clock: Clock) {
    this.id = id;
    this.#clock = clock;
    this.#doors = new Map(Array.from({ length: locks }, (_, lock) => [lock, 'closed']));
  }

  start(listener: LockBoardListener): void {
    this.#listener = listener;
  }

  async unlock(lock: number): Promise<void> {
    if (!this.#listener) throw new DriverError('stopped', 'The bus was stopped.');
    this.pulses.push(lock);
    const habit = this.habits.get(lock) ?? 'opens';
    if (habit === 'silent') throw new DriverError('no-answer', 'The board does not answer.');
    if (habit === 'opens') this.#clock.after(DOOR_TAKES, () => this.move(lock, 'open'));
  }

  stop(): Promise<void> {
    this.#listener = undefined;
    return Promise.resolve();
  }

  /** Moves a door, and reports all doors. */
  move(lock: number, door: 'open' | 'closed'): void {
    this.#doors.set(lock, door);
    this.report();
  }

  /** Moves a door while nobody looks. */
  moveUnseen(lock: number, door: 'open' | 'closed'): void {
    this.#doors.set(lock, door);
  }

  doorOf(lock: number): 'open' | 'closed' | undefined {
    return this.#doors.get(lock);
  }

  report(): void {
    this.#listener?.report(new Map(this.#doors));
  }

  answering(answers: boolean): void {
    this.#listener?.answering(answers);
  }
}

/** A reader without wires. */
export class MemoryReader implements CredentialReader {
  readonly id: string;
  #listener: CredentialReaderListener | undefined;

  constructor(id: string) {
    this.id = id;
  }

  start(listener: CredentialReaderListener): void {
    this.#listener = listener;
  }

  stop(): Promise<void> {
    this.#listener = undefined;
    return Promise.resolve();
  }

  scan(scan: Scan): void {
    this.#listener?.scanned(scan);
  }
}

/** Builds the hardware of a site whose drivers are `memory-board` and `memory-reader`. */
export function buildMemoryHardware(
  site: SiteFile,
  clock: Clock,
): {
  readonly hardware: Hardware;
  readonly boards: ReadonlyMap<string, MemoryBoard>;
  readonly readers: ReadonlyMap<string, MemoryReader>;
} {
  const boards = new Map<string, MemoryBoard>();
  const readers = new Map<string, MemoryReader>();
  const drivers = new DriverRegistry();
  drivers.add({
    id: 'memory-board',
    kind: 'lock-board',
    title: 'A board in memory',
    line: LINE,
    settings: { type: 'object' },
    locks: 24,
    addresses: { from: 0, to: 15 },
    create: ({ id }) => {
      const board = new MemoryBoard(id, 24, clock);
      boards.set(id, board);
      return board;
    },
  });
  drivers.add({
    id: 'memory-reader',
    kind: 'reader',
    title: 'A reader in memory',
    line: LINE,
    settings: { type: 'object' },
    create: ({ id }) => {
      const reader = new MemoryReader(id);
      readers.set(id, reader);
      return reader;
    },
  });
  return { hardware: Hardware.build('site.json', site, drivers, clock), boards, readers };
}
