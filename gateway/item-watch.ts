import type { CabinetId, CompartmentNumber, ItemId, Milliseconds, ReaderId } from '../domain/site.ts';
import { DriverError } from '../drivers/errors.ts';
import type { ItemReaderLink, Place } from './item-reader-link.ts';
import type { ItemRegistry } from './item-registry.ts';
import type { Clock, InventoryReport, Unsubscribe } from './ports.ts';

/** Reports in a row that have to miss an item before it counts as gone: tags are missed now and then. */
const MISSES = 2;
/** How long after a report that misses an item the antenna is asked again. */
const CONFIRM_AFTER: Milliseconds = 1_000;
/** How long an item reader may take to answer after a door was closed. */
const ANSWER_WITHIN: Milliseconds = 3_000;
/** Tags of no item that are remembered, so that each is told once. */
const MOST_STRANGE_TAGS = 1_000;

export interface ItemWatchParts {
  readonly readers: readonly ItemReaderLink[];
  readonly registry: Pick<ItemRegistry, 'itemOf'>;
  readonly clock: Clock;
  /** The items that lie in a compartment, as its cabinet knows. */
  readonly known: (place: Place) => readonly ItemId[];
  /** Told of what is otherwise than known; resolves when it is on record. An item may be told again meanwhile. */
  readonly seen: (place: Place, item: ItemId, present: boolean) => Promise<void>;
  /** Told in words what an administrator should look at. Never names what a tag says. */
  readonly onTrouble: (message: string) => void;
}

/** An antenna, and what it saw last. */
interface Antenna {
  readonly link: ItemReaderLink;
  readonly antenna: number;
  readonly place: Place;
  /** Undefined until its first report. */
  items: ReadonlySet<ItemId> | undefined;
  /** Of items that should be here, how many reports in a row missed them. */
  misses: ReadonlyMap<ItemId, number>;
  cancelConfirmation?: Unsubscribe | undefined;
  /** Told of its next report. */
  readonly awaited: Set<() => void>;
}

/**
 * What item readers see, held against what cabinets know. An item counts as gone once two reports in a row miss it, or
 * the one that was asked for after its door was closed. An item that two antennas see counts where it was first: the
 * fields of neighbours overlap.
 */
export class ItemWatch {
  readonly #parts: ItemWatchParts;
  readonly #antennas = new Map<string, Antenna>();
  readonly #strangeTags = new Set<string>();
  readonly #silent = new Set<ReaderId>();
  readonly #telling = new Map<string, Promise<void>>();
  readonly #unlisten = new Map<ItemReaderLink, Unsubscribe>();
  #stopped = false;

  constructor(parts: ItemWatchParts) {
    this.#parts = parts;
    for (const link of parts.readers) this.#addAntennas(link);
  }

  /** Item readers that do not answer. */
  get silent(): ReadonlySet<ReaderId> {
    return this.#silent;
  }

  /** How many different tags were seen that belong to no item; at most 1,000 are counted. */
  get strangeTags(): number {
    return this.#strangeTags.size;
  }

  /** Begins to listen. To be called before the item readers are started. */
  start(): void {
    for (const link of this.#parts.readers) this.#listen(link);
  }

  /** These are the item readers from now on; those that stay go on. To be called before the others are started. */
  become(readers: readonly ItemReaderLink[]): void {
    const stay = new Set(readers);
    for (const [key, antenna] of this.#antennas) {
      if (stay.has(antenna.link)) continue;
      this.#confirmNoMore(antenna);
      this.#antennas.delete(key);
    }
    for (const [link, unlisten] of this.#unlisten) {
      if (stay.has(link)) continue;
      unlisten();
      this.#unlisten.delete(link);
      this.#silent.delete(link.id);
    }
    for (const link of readers) {
      if (this.#unlisten.has(link)) continue;
      this.#addAntennas(link);
      this.#listen(link);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const unlisten of this.#unlisten.values()) unlisten();
    for (const antenna of this.#antennas.values()) antenna.cancelConfirmation?.();
  }

  /**
   * Asks what lies in a compartment, because its door was closed. Resolves to true once everything that its reader
   * sees is on record; to false where no reader looks inside, or none answered within 3 s.
   */
  refresh(cabinet: CabinetId, compartment: CompartmentNumber): Promise<boolean> {
    const antenna = this.#antennas.get(keyOf({ cabinet, compartment }));
    if (!antenna || this.#stopped) return Promise.resolve(false);
    let cancel: Unsubscribe = () => {};
    let over = false;
    const late = Promise.withResolvers<boolean>();
    const limit = new Promise<boolean>((resolve) => {
      cancel = this.#parts.clock.after(ANSWER_WITHIN, () => resolve(false));
    });
    const heard = (): void => void this.#judge(antenna, true).then(() => late.resolve(true));
    const taken = this.#takeInventory(antenna).then((answered) => {
      if (answered || over) return answered;
      // It may be about to answer again, as after a restart: what it then says by itself counts as well.
      antenna.awaited.add(heard);
      return late.promise;
    });
    return Promise.race([taken, limit]).finally(() => {
      over = true;
      cancel();
      antenna.awaited.delete(heard);
    });
  }

  #addAntennas(link: ItemReaderLink): void {
    for (const [antenna, place] of link.places) {
      this.#antennas.set(keyOf(place), {
        link,
        antenna,
        place,
        items: undefined,
        misses: new Map(),
        awaited: new Set(),
      });
    }
  }

  #listen(link: ItemReaderLink): void {
    this.#unlisten.set(
      link,
      link.listen({
        report: (report) => this.#report(link, report),
        answering: (answers) => this.#answering(link.id, answers),
      }),
    );
  }

  async #takeInventory(antenna: Antenna): Promise<boolean> {
    try {
      const conflicts = await this.#read(antenna);
      for (const other of conflicts) await this.#readAgain(other);
      if (conflicts.length > 0) await this.#judge(antenna, true);
      return true;
    } catch (error) {
      if (error instanceof DriverError) return false;
      throw error;
    }
  }

  /** Another antenna saw an item last: whether it still does decides where the item is. A silent one cannot claim it. */
  async #readAgain(antenna: Antenna): Promise<void> {
    try {
      await this.#read(antenna);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      antenna.items = new Set();
    }
  }

  /** Reads an antenna and takes its word; resolves to the antennas that saw the same items last. */
  async #read(antenna: Antenna): Promise<readonly Antenna[]> {
    this.#confirmNoMore(antenna);
    await antenna.link.refresh(antenna.antenna);
    return this.#judge(antenna, true);
  }

  #report(link: ItemReaderLink, { antenna: number, kind, tags }: InventoryReport): void {
    const place = link.places.get(number);
    const antenna = place && this.#antennas.get(keyOf(place));
    if (!antenna) return;
    const items = new Set<ItemId>();
    for (const tag of tags) {
      const item = this.#parts.registry.itemOf(kind, tag);
      if (item === undefined) this.#strange(`${kind}:${tag}`, antenna);
      else items.add(item);
    }
    antenna.items = items;
    if (antenna.awaited.size === 0) void this.#judge(antenna, false);
    for (const heard of antenna.awaited) heard();
    antenna.awaited.clear();
  }

  /**
   * Tells what is otherwise than known.
   *
   * @param certain whether what was missed once is gone
   * @returns the antennas that saw the same items last, and keep them for now
   */
  async #judge(antenna: Antenna, certain: boolean): Promise<readonly Antenna[]> {
    const { place, items = new Set<ItemId>() } = antenna;
    const known = this.#parts.known(place);
    const conflicts = new Set<Antenna>();
    const told: Promise<void>[] = [];
    for (const item of items) {
      const home = known.includes(item) ? undefined : this.#homeOf(item, antenna);
      if (home) conflicts.add(home);
      else if (!known.includes(item)) told.push(this.#tell(place, item, true));
    }
    const misses = new Map<ItemId, number>();
    const gone: ItemId[] = [];
    for (const item of known.filter((each) => !items.has(each))) {
      const count = (antenna.misses.get(item) ?? 0) + 1;
      if (certain || count >= MISSES) gone.push(item);
      else misses.set(item, count);
    }
    antenna.misses = misses;
    if (misses.size > 0) this.#confirmSoon(antenna);
    else this.#confirmNoMore(antenna);
    told.push(...gone.map((item) => this.#moved(item, antenna)));
    await Promise.all(told);
    return [...conflicts];
  }

  /** An item is gone from where it was; an antenna that saw it too has it now. */
  async #moved(item: ItemId, from: Antenna): Promise<void> {
    await this.#tell(from.place, item, false);
    const to = this.#others(from).find(({ items }) => items?.has(item));
    if (to && !this.#parts.known(to.place).includes(item)) await this.#tell(to.place, item, true);
  }

  /** The same is told once at a time. */
  #tell(place: Place, item: ItemId, present: boolean): Promise<void> {
    const key = `${keyOf(place)}/${item}/${present}`;
    const telling = this.#telling.get(key) ?? this.#parts.seen(place, item, present);
    this.#telling.set(key, telling);
    return telling.finally(() => this.#telling.delete(key));
  }

  /** Where an item is known to lie, if that is elsewhere and nothing was heard to the contrary. */
  #homeOf(item: ItemId, here: Antenna): Antenna | undefined {
    return this.#others(here).find(
      ({ items, place }) =>
        (items === undefined || items.has(item)) && this.#parts.known(place).includes(item),
    );
  }

  #others(antenna: Antenna): Antenna[] {
    return [...this.#antennas.values()].filter((each) => each !== antenna);
  }

  #confirmSoon(antenna: Antenna): void {
    if (antenna.cancelConfirmation || this.#stopped) return;
    antenna.cancelConfirmation = this.#parts.clock.after(CONFIRM_AFTER, () => {
      antenna.cancelConfirmation = undefined;
      // Its report is judged as any other; where the reader does not answer, the next one will do.
      antenna.link.refresh(antenna.antenna).catch((error: unknown) => {
        if (!(error instanceof DriverError)) throw error;
      });
    });
  }

  #confirmNoMore(antenna: Antenna): void {
    antenna.cancelConfirmation?.();
    antenna.cancelConfirmation = undefined;
  }

  #strange(tag: string, { link, place }: Antenna): void {
    if (this.#strangeTags.has(tag) || this.#strangeTags.size >= MOST_STRANGE_TAGS) return;
    this.#strangeTags.add(tag);
    this.#parts.onTrouble(
      `Item reader "${link.id}" sees a tag in compartment ${place.compartment} of cabinet ${place.cabinet} that belongs to no item. Add the item, or take the tag away.`,
    );
  }

  #answering(reader: ReaderId, answers: boolean): void {
    const changed = answers ? this.#silent.delete(reader) : !this.#silent.has(reader);
    if (!answers) this.#silent.add(reader);
    if (!changed) return;
    this.#parts.onTrouble(
      answers
        ? `Item reader "${reader}" answers again.`
        : `Item reader "${reader}" does not answer. What is taken and returned is not seen.`,
    );
  }
}

function keyOf({ cabinet, compartment }: Place): string {
  return `${cabinet}/${compartment}`;
}
