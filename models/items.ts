import { type Connection, type Model, Schema } from 'mongoose';

/** A tagged thing whose way through compartments is followed. */
export interface ItemDocument {
  readonly _id: string;
  readonly name: string;
  /** What the tag, barcode or QR code says; unique per kind. */
  readonly tag: string;
  readonly tagKind: 'nfc' | 'barcode' | 'qr';
  readonly updatedAt: Date;
}

const itemSchema = new Schema<ItemDocument>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true, trim: true, minlength: 1, maxlength: 200 },
    tag: { type: String, required: true, minlength: 1, maxlength: 256 },
    tagKind: { type: String, enum: ['nfc', 'barcode', 'qr'], required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'items', versionKey: false, strict: 'throw' },
);
itemSchema.index({ tagKind: 1, tag: 1 }, { unique: true });

/** The items of the site. */
export class ItemRepository {
  readonly #items: Model<ItemDocument>;

  constructor(connection: Connection) {
    this.#items = connection.model<ItemDocument>('Item', itemSchema);
  }

  async prepare(): Promise<void> {
    await this.#items.createIndexes();
  }

  /** Adds an item. Rejects with the server's code 11000 where the tag is known already. */
  async add(item: ItemDocument): Promise<void> {
    await this.#items.create(item);
  }

  all(): Promise<ItemDocument[]> {
    return this.#items.find().sort({ name: 1 }).lean<ItemDocument[]>().exec();
  }
}
