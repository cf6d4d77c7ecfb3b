import type { TagKind } from '../domain/item.ts';
import type { ItemId } from '../domain/site.ts';
import type { ItemDocument, ItemRepository } from '../models/items.ts';
import type { Clock, Unsubscribe } from './ports.ts';

/** How often changes that other gateways made are looked for. Milliseconds. */
const REFRESH_EVERY = 2_000;
/** Computers' clocks differ: look this far back for changes. Milliseconds. */
const LOOK_BACK = 30_000;

interface KnownItem {
  readonly name: string;
  /** `<kind>:<tag>` while it is in use. */
  readonly key: string | undefined;
}

/**
 * Which tag is which item, in memory: what item readers say waits neither for the database nor for its absence.
 * Changes made here count at once, changes made by other gateways within seconds.
 */
export class ItemRegistry {
  readonly #items: ItemRepository;
  readonly #clock: Clock;
  readonly #known = new Map<ItemId, KnownItem>();
  readonly #byTag = new Map<string, ItemId>();
  #loadedAt = 0;
  #cancel: Unsubscribe = () => {};
  #stopped = false;

  constructor({ items, clock }: { readonly items: ItemRepository; readonly clock: Clock }) {
    this.#items = items;
    this.#clock = clock;
  }

  /** Loads every item, then keeps up with changes. */
  async start(): Promise<void> {
    await this.refresh();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Takes over what has changed in the database. */
  async refresh(): Promise<void> {
    const since = new Date(Math.max(0, this.#loadedAt - LOOK_BACK));
    const now = this.#clock.now();
    const changed = await this.#items.changedSince(since);
    // A tag that went from one item to another is taken from the first before the second has it.
    for (const item of changed.filter(({ removedAt }) => removedAt)) this.learn(item);
    for (const item of changed.filter(({ removedAt }) => !removedAt)) this.learn(item);
    this.#loadedAt = now;
  }

  learn({ _id: id, name, tag, tagKind, removedAt }: ItemDocument): void {
    const before = this.#known.get(id)?.key;
    const key = removedAt ? undefined : keyOf(tagKind, tag);
    if (before !== undefined && before !== key && this.#byTag.get(before) === id) this.#byTag.delete(before);
    if (key !== undefined) this.#byTag.set(key, id);
    this.#known.set(id, { name, key });
  }

  /** The item in use with a tag, in the form of `tagText`; undefined where there is none. */
  itemOf(kind: TagKind, tag: string): ItemId | undefined {
    return this.#byTag.get(keyOf(kind, tag));
  }

  /** Whether there is an item in use of that id. */
  has(item: ItemId): boolean {
    return this.#known.get(item)?.key !== undefined;
  }

  /** The name of an item, be it one that was removed. */
  nameOf(item: ItemId): string | undefined {
    return this.#known.get(item)?.name;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(REFRESH_EVERY, () => {
      // While the database is away items are known as they were; the log tells its absence.
      void this.refresh()
        .catch(() => {})
        .finally(() => this.#schedule());
    });
  }
}

function keyOf(kind: TagKind, tag: string): string {
  return `${kind}:${tag}`;
}
