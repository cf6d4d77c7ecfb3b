import type { Actor } from '../../domain/event.ts';
import { type TagKind, tagText } from '../../domain/item.ts';
import type { ItemId } from '../../domain/site.ts';
import type { ItemDocument, ItemRepository } from '../../models/items.ts';
import type { ItemRegistry } from '../item-registry.ts';
import type { Clock } from '../ports.ts';
import { newId } from '../secrets.ts';
import { AdministrationError, storing } from './errors.ts';
import type { Records } from './records.ts';

/** What a new item is made from. */
export interface NewItem {
  readonly name: string;
  /** What its tag, barcode or QR code says. */
  readonly tag: string;
  readonly tagKind: TagKind;
}

/** An item as administrators see it. */
export interface ItemView extends NewItem {
  readonly id: ItemId;
}

export interface ItemsParts {
  readonly items: ItemRepository;
  readonly itemRegistry: ItemRegistry;
  readonly clock: Clock;
}

/** The tagged things of the site. Events carry their ids: names and tags stay in `items`. */
export class Items {
  readonly #parts: ItemsParts;
  readonly #records: Records;

  constructor(parts: ItemsParts, records: Records) {
    this.#parts = parts;
    this.#records = records;
  }

  /** Adds an item and returns its id. Its tag counts at once. */
  async add({ name, tag, tagKind }: NewItem, actor: Actor): Promise<ItemId> {
    const text = tagText(tagKind, tag);
    if (text === undefined) throw new AdministrationError('field-wrong', WORDS[tagKind]);
    const id = newId('item');
    const event = this.#records.prepare({ type: 'item-added', actor, data: { item: id } });
    const document: ItemDocument = {
      _id: id,
      name,
      tag: text,
      tagKind,
      unrecorded: [event],
      updatedAt: this.#now,
    };
    const { items, itemRegistry } = this.#parts;
    await storing(
      () => items.add(document),
      'tag-taken',
      `The tag of "${name}" is that of another item already.`,
    );
    itemRegistry.learn(document);
    await this.#records.settle(items, id, event);
    return id;
  }

  /** Gives an item another name. */
  async rename(item: ItemId, name: string, actor: Actor): Promise<void> {
    const event = this.#records.prepare({ type: 'item-renamed', actor, data: { item } });
    const { items, itemRegistry } = this.#parts;
    const found = await storing(
      () => items.rename(item, name.trim(), this.#now, event),
      'field-wrong',
      'Another item has this already.',
    );
    if (!found) throw unknownItem(item);
    await itemRegistry.refresh();
    await this.#records.settle(items, item, event);
  }

  /** Takes an item out of use: its tag means nothing from now on, and may go to another item. Its events stay. */
  async remove(item: ItemId, actor: Actor): Promise<void> {
    const event = this.#records.prepare({ type: 'item-retired', actor, data: { item } });
    const { items, itemRegistry } = this.#parts;
    if (!(await items.remove(item, this.#now, event))) throw unknownItem(item);
    await itemRegistry.refresh();
    await this.#records.settle(items, item, event);
  }

  /** Items in use, by name. */
  async list(): Promise<ItemView[]> {
    const items = await this.#parts.items.all();
    return items.map(({ _id: id, name, tag, tagKind }) => ({ id, name, tag, tagKind }));
  }

  /** After a crash: puts on record what is not. */
  recover(): Promise<void> {
    return this.#records.recover(this.#parts.items);
  }

  get #now(): Date {
    return new Date(this.#parts.clock.now());
  }
}

/** What a tag has to be, in words. */
const NUMBER = 'The number of a tag is 2 to 128 hex digits, an even count.';
const TEXT = 'What is printed on an item is a text of 1 to 256 characters, none of them a control character.';
const WORDS: Readonly<Record<TagKind, string>> = { nfc: NUMBER, rfid: NUMBER, barcode: TEXT, qr: TEXT };

function unknownItem(item: ItemId): AdministrationError {
  return new AdministrationError('item-unknown', `There is no item "${item}".`);
}
