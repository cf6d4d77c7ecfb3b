import type { SiteFile } from '../config/site.ts';
import type { BoardId, CabinetId, CompartmentNumber, Milliseconds, ReaderId } from '../domain/site.ts';
import { Bus } from '../drivers/bus.ts';
import type { DriverRegistry } from '../drivers/registry.ts';
import { createTransport } from '../drivers/transport/create.ts';
import { FlowTransport } from '../drivers/transport/flow.ts';
import type { FlowPort } from './api.ts';
import { BoardLink } from './board-link.ts';
import { ItemReaderLink } from './item-reader-link.ts';
import type {
  BusHealth,
  Clock,
  CredentialReader,
  CredentialReaderListener,
  LockBoard,
  Unsubscribe,
} from './ports.ts';
import { checkWires, differs, type WiredDevice, type Wires } from './wires.ts';

/** How long a line that is given up may take to close, and one that takes its place to open before it is used. */
const LINES_CHANGE_WITHIN: Milliseconds = 3_000;

const NO_WIRES: Wires = {
  buses: new Map(),
  boards: new Map(),
  readers: new Map(),
  itemReaders: new Map(),
  locks: new Map(),
};

interface NewBus {
  readonly bus: Bus;
  /** Where a flow owns the port. */
  readonly port?: FlowPort;
}

/** What is to be done for other wires: everything that is new or takes the place of another. Nothing is started yet. */
export interface WiresChange {
  readonly to: Wires;
  readonly buses: ReadonlyMap<string, NewBus>;
  readonly boards: ReadonlyMap<BoardId, LockBoard>;
  readonly readers: ReadonlyMap<ReaderId, CredentialReader>;
  readonly itemReaders: ReadonlyMap<ReaderId, ItemReaderLink>;
}

/** The wires of a site's cabinets: their buses with the boards and readers on them. */
export class Hardware {
  readonly #clock: Clock;
  readonly #boards = new Map<BoardId, BoardLink>();
  readonly #buses = new Map<string, Bus>();
  readonly #flowPorts = new Map<string, FlowPort>();
  readonly #readers = new Map<ReaderId, CredentialReader>();
  readonly #itemReaders = new Map<ReaderId, ItemReaderLink>();
  readonly #healthListeners = new Set<(health: BusHealth) => void>();
  readonly #unfollow = new Map<string, Unsubscribe>();
  #wires: Wires = NO_WIRES;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Builds what a checked site file asks for; nothing is opened yet.
   * @throws ConfigurationError where a device does not fit its driver or its bus
   */
  static build(file: string, site: SiteFile, drivers: DriverRegistry, clock: Clock): Hardware {
    const hardware = new Hardware(clock);
    const change = hardware.plan(checkWires(file, site, drivers, clock));
    hardware.prepare(change);
    hardware.#put(change);
    for (const link of hardware.boards.values()) link.release();
    return hardware;
  }

  get wires(): Wires {
    return this.#wires;
  }

  /** The boards of the moment. */
  get boards(): ReadonlyMap<BoardId, BoardLink> {
    return this.#boards;
  }

  get itemReaders(): readonly ItemReaderLink[] {
    return [...this.#itemReaders.values()];
  }

  /** Opens every bus and starts boards and readers; what cannot be reached is tried again for ever. */
  start(listenerFor: (reader: ReaderId) => CredentialReaderListener): void {
    for (const bus of this.#buses.values()) bus.start();
    for (const board of this.#boards.values()) board.start();
    for (const [id, reader] of this.#readers) reader.start(listenerFor(id));
    for (const reader of this.#itemReaders.values()) reader.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#readers.values(), ...this.itemReaders].map((reader) => reader.stop()));
    await Promise.all([...this.#boards.values()].map((board) => board.stop()));
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
  }

  /** What would have to be done for other wires. What stays as it is goes on undisturbed. */
  plan(to: Wires): WiresChange {
    const buses = new Map<string, NewBus>();
    for (const [id, wired] of to.buses) {
      if (!differs(this.#wires.buses.get(id), wired)) continue;
      const transport = createTransport(wired.transport, wired.line);
      const bus = new Bus({ id, transport, clock: this.#clock });
      buses.set(id, { bus, ...(transport instanceof FlowTransport && { port: transport }) });
    }
    const fresh = <Device>(
      before: ReadonlyMap<string, WiredDevice<Device>>,
      after: ReadonlyMap<string, WiredDevice<Device>>,
    ): ReadonlyMap<string, Device> =>
      new Map(
        [...after].flatMap(([id, wired]) => {
          const on = buses.get(wired.bus)?.bus ?? this.#buses.get(wired.bus);
          if (!on || !(buses.has(wired.bus) || differs(before.get(id), wired))) return [];
          return [[id, wired.create(on)]];
        }),
      );
    const itemReaders = fresh(this.#wires.itemReaders, to.itemReaders);
    return {
      to,
      buses,
      boards: fresh(this.#wires.boards, to.boards),
      readers: fresh(this.#wires.readers, to.readers),
      itemReaders: new Map(
        [...itemReaders].map(([id, reader]) => [
          id,
          new ItemReaderLink(reader, to.itemReaders.get(id)?.places ?? new Map()),
        ]),
      ),
    };
  }

  /** The compartments whose board, bus or item reader is exchanged by a change, though they stay where they are. */
  disturbed(change: WiresChange, cabinet: CabinetId): ReadonlySet<CompartmentNumber> {
    const found = new Set<CompartmentNumber>();
    for (const [board, locks] of this.#wires.locks.get(cabinet) ?? []) {
      const stays = change.to.boards.has(board) && !change.boards.has(board);
      if (!stays) for (const number of locks.keys()) found.add(number);
    }
    for (const [id, { places }] of this.#wires.itemReaders) {
      if (change.to.itemReaders.has(id) && !change.itemReaders.has(id)) continue;
      for (const place of places.values()) if (place.cabinet === cabinet) found.add(place.compartment);
    }
    return found;
  }

  /** New boards can be wired from now on; what is to be opened on them waits. */
  prepare({ boards }: WiresChange): void {
    for (const [id, board] of boards) {
      if (this.#boards.has(id)) continue;
      const link = new BoardLink(board);
      link.hold();
      this.#boards.set(id, link);
    }
  }

  /** The compartments of a cabinet hang where other wires say. */
  rewire(cabinet: CabinetId, { locks }: Wires): void {
    const own = locks.get(cabinet);
    for (const [id, link] of this.#boards) link.wire(cabinet, own?.get(id));
  }

  /** Nothing comes of what was prepared. */
  abandon({ to, boards }: WiresChange): void {
    for (const cabinet of to.locks.keys()) this.rewire(cabinet, this.#wires);
    for (const id of boards.keys()) {
      if (this.#wires.boards.has(id)) continue;
      this.#boards.get(id)?.release();
      this.#boards.delete(id);
    }
  }

  /**
   * Stops what goes or is exchanged, and puts what is new in its place, not started yet: what is to be opened there waits
   * for `startNew`. Resolves to what did not stop in its time, in words.
   */
  async exchange(change: WiresChange): Promise<readonly string[]> {
    const { to, boards, buses } = change;
    for (const id of boards.keys()) this.#boards.get(id)?.hold();
    const troubles: string[] = [];
    const end = async (
      running: ReadonlyMap<string, { stop(): Promise<void> }>,
      stays: (id: string) => boolean,
    ): Promise<void> => {
      const ending = [...running].filter(([id]) => !stays(id));
      await Promise.all(
        ending.map(async ([id, each]) => {
          const trouble = await this.#stopped(each);
          if (trouble !== undefined) troubles.push(`"${id}" did not stop cleanly: ${trouble}.`);
        }),
      );
    };
    await end(this.#readers, (id) => to.readers.has(id) && !change.readers.has(id));
    await end(this.#itemReaders, (id) => to.itemReaders.has(id) && !change.itemReaders.has(id));
    await end(this.#boards, (id) => !this.#wires.boards.has(id) || (to.boards.has(id) && !boards.has(id)));
    await end(this.#buses, (id) => to.buses.has(id) && !buses.has(id));
    this.#put(change);
    return troubles;
  }

  /** Starts what a change has put in place. What cannot be reached is tried again for ever. */
  startNew(change: WiresChange, listenerFor: (reader: ReaderId) => CredentialReaderListener): void {
    for (const { bus } of change.buses.values()) bus.start();
    const links = [...change.boards.keys()].flatMap((id) => this.#boards.get(id) ?? []);
    for (const link of links) link.start();
    for (const [id, reader] of change.readers) reader.start(listenerFor(id));
    for (const reader of change.itemReaders.values()) reader.start();
    // Whoever stands at a door must not be told that it fails only because its line is being opened.
    const lines = [...change.buses.values()].filter(({ port }) => !port).map(({ bus }) => this.#tried(bus));
    void Promise.all(lines).then(() => {
      for (const link of links) link.release();
    });
  }

  health(): BusHealth[] {
    return [...this.#buses.values()].map((bus) => bus.health);
  }

  /** Calls `listener` at each change of any bus, of those that are added later too. */
  onHealth(listener: (health: BusHealth) => void): Unsubscribe {
    const own = (health: BusHealth): void => listener(health);
    this.#healthListeners.add(own);
    return () => this.#healthListeners.delete(own);
  }

  flowPort(bus: string): FlowPort | undefined {
    return this.#flowPorts.get(bus);
  }

  #put({ to, buses, boards, readers, itemReaders }: WiresChange): void {
    this.#wires = to;
    forget(this.#buses, to.buses);
    forget(this.#flowPorts, to.buses);
    forget(this.#boards, to.boards);
    forget(this.#readers, to.readers);
    forget(this.#itemReaders, to.itemReaders);
    for (const [id, unfollow] of this.#unfollow) {
      if (!to.buses.has(id) || buses.has(id)) unfollow();
    }
    forget(this.#unfollow, to.buses);
    for (const [id, { bus, port }] of buses) {
      this.#buses.set(id, bus);
      if (port) this.#flowPorts.set(id, port);
      else this.#flowPorts.delete(id);
      this.#unfollow.set(
        id,
        bus.onHealth((health) => {
          for (const listener of this.#healthListeners) listener(health);
        }),
      );
    }
    for (const [id, board] of boards) this.#boards.get(id)?.become(board);
    for (const [id, reader] of readers) this.#readers.set(id, reader);
    for (const [id, reader] of itemReaders) this.#itemReaders.set(id, reader);
    const cabinets = new Set([
      ...to.locks.keys(),
      ...[...this.#boards.values()].flatMap((link) => link.cabinets),
    ]);
    for (const cabinet of cabinets) this.rewire(cabinet, to);
  }

  /** Resolves when something has stopped; to what went wrong, in words, where it did not, or not in its time. */
  async #stopped(each: { stop(): Promise<void> }): Promise<string | undefined> {
    let cancel: Unsubscribe = () => {};
    const late = new Promise<string>((resolve) => {
      cancel = this.#clock.after(LINES_CHANGE_WITHIN, () => {
        resolve(`it took longer than ${LINES_CHANGE_WITHIN} ms`);
      });
    });
    const stopping = each.stop().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return Promise.race([stopping, late]).finally(cancel);
  }

  /** Resolves when a line is open, is given up, or has had its time. */
  #tried(bus: Bus): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        cancel();
        unfollow();
        resolve();
      };
      const cancel = this.#clock.after(LINES_CHANGE_WITHIN, over);
      const unfollow = bus.onHealth(({ state }) => {
        if (state !== 'connecting') over();
      });
      if (bus.health.state !== 'connecting') over();
    });
  }
}

/** Takes out of what runs whatever there is no more. */
function forget(running: Map<string, unknown>, there: ReadonlyMap<string, unknown>): void {
  for (const id of running.keys()) if (!there.has(id)) running.delete(id);
}
