import type { TagKind } from '../domain/item.ts';
import type { ItemId } from '../domain/site.ts';
import type { ItemDocument, ItemRepository } from '../models/items.ts';
import type { Clock } from './ports.ts';
import { SharedChanges } from './shared-changes.ts';

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
  readonly #changes: SharedChanges;
  readonly #known = new Map<ItemId, KnownItem>();
  readonly #byTag = new Map<string, ItemId>();

  constructor({ items, clock }: { readonly items: ItemRepository; readonly clock: Clock }) {
    this.#items = items;
    this.#changes = new SharedChanges(clock, (since) => this.#takeOver(since));
  }

  /** Loads every item, then keeps up with changes. */
  start(): Promise<void> {
    return this.#changes.start();
  }

  stop(): void {
    this.#changes.stop();
  }

  /** Takes over what has changed in the database. */
  refresh(): Promise<void> {
    return this.#changes.refresh();
  }

  async #takeOver(since: Date): Promise<void> {
    const changed = await this.#items.changedSince(since);
    // A tag that went from one item to another is taken from the first before the second has it.
    for (const item of changed.filter(({ removedAt }) => removedAt)) this.learn(item);
    for (const item of changed.filter(({ removedAt }) => !removedAt)) this.learn(item);
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
}

function keyOf(kind: TagKind, tag: string): string {
  return `${kind}:${tag}`;
}
