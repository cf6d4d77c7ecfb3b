import { type Connection, type Model, Schema } from 'mongoose';
import { TAG_KINDS, type TagKind } from '../domain/item.ts';
import {
  keepsUnrecorded,
  UNRECORDED_FIELD,
  type UnrecordedEvent,
  type UnrecordedRepository,
} from './unrecorded.ts';

/** A tagged thing whose way through compartments is followed. */
export interface ItemDocument {
  readonly _id: string;
  readonly name: string;
  /** What the tag, barcode or QR code says, in the form of `tagText`; unique per kind. That of a removed item is its id. */
  readonly tag: string;
  readonly tagKind: TagKind;
  /** When it was removed; its name stays, since reports of old events have it. */
  readonly removedAt?: Date;
  readonly unrecorded?: readonly UnrecordedEvent[];
  readonly updatedAt: Date;
}

const itemSchema = new Schema<ItemDocument>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true, trim: true, minlength: 1, maxlength: 200 },
    tag: { type: String, required: true, minlength: 1, maxlength: 256 },
    tagKind: { type: String, enum: TAG_KINDS, required: true },
    removedAt: { type: Date },
    unrecorded: UNRECORDED_FIELD,
    updatedAt: { type: Date, required: true },
  },
  { collection: 'items', versionKey: false, strict: 'throw' },
);
itemSchema.index({ tagKind: 1, tag: 1 }, { unique: true });
itemSchema.index({ updatedAt: 1 });

const PRESENT = { removedAt: { $exists: false } } as const;

/** The items of the site. */
export class ItemRepository implements UnrecordedRepository {
  readonly #items: Model<ItemDocument>;
  readonly unrecorded: UnrecordedRepository['unrecorded'];
  readonly recorded: UnrecordedRepository['recorded'];

  constructor(connection: Connection) {
    this.#items = connection.model<ItemDocument>('Item', itemSchema);
    ({ unrecorded: this.unrecorded, recorded: this.recorded } = keepsUnrecorded(this.#items));
  }

  async prepare(): Promise<void> {
    await this.#items.createIndexes();
  }

  /** Adds an item. Rejects with the server's code 11000 where the tag is known already. */
  async add(item: ItemDocument): Promise<void> {
    await this.#items.create(item);
  }

  /** Gives an item another name, and stores with that the event for it. False where there is none. */
  async rename(id: string, name: string, at: Date, event: UnrecordedEvent): Promise<boolean> {
    const found = await this.#items
      .updateOne(
        { _id: id, ...PRESENT },
        { $set: { name, updatedAt: at }, $push: { unrecorded: event } },
        { runValidators: true },
      )
      .exec();
    return found.matchedCount === 1;
  }

  /** Takes an item out of use, and stores with that the event for it; its tag may go to another one. False where there is none. */
  async remove(id: string, at: Date, event: UnrecordedEvent): Promise<boolean> {
    const found = await this.#items
      .updateOne(
        { _id: id, ...PRESENT },
        { $set: { tag: id, removedAt: at, updatedAt: at }, $push: { unrecorded: event } },
      )
      .exec();
    return found.matchedCount === 1;
  }

  byTag(tagKind: TagKind, tag: string): Promise<ItemDocument | null> {
    return this.#items
      .findOne({ tagKind, tag, ...PRESENT })
      .lean<ItemDocument>()
      .exec();
  }

  /** Items in use, by name. */
  all(): Promise<ItemDocument[]> {
    return this.#items.find(PRESENT).sort({ name: 1, _id: 1 }).lean<ItemDocument[]>().exec();
  }

  /** Items that were added, renamed or removed since a time. */
  changedSince(time: Date): Promise<ItemDocument[]> {
    return this.#items
      .find({ updatedAt: { $gte: time } })
      .lean<ItemDocument[]>()
      .exec();
  }
}
