import { type Connection, type Model, Schema } from 'mongoose';

/** Which keys the digests of this database were made with: their names, never the keys. */
export interface KeyringDocument {
  readonly _id: 'credentials';
  /** The generation in use; 1 or more. */
  readonly generation: number;
  /** Names of the keys, from generation 1 on. */
  readonly keys: readonly string[];
}

const keyringSchema = new Schema<KeyringDocument>(
  {
    _id: { type: String, required: true },
    generation: { type: Number, required: true, min: 1 },
    keys: { type: [String], required: true },
  },
  { collection: 'keyrings', versionKey: false, strict: 'throw' },
);

/** What the database says about the keys that are kept outside it. One document; every gateway reads it. */
export class KeyringRepository {
  readonly #keyrings: Model<KeyringDocument>;

  constructor(connection: Connection) {
    this.#keyrings = connection.model<KeyringDocument>('Keyring', keyringSchema);
  }

  find(): Promise<KeyringDocument | null> {
    return this.#keyrings.findOne({ _id: 'credentials' }).lean<KeyringDocument>().exec();
  }

  /** Names the first key, unless another gateway was quicker; returns what stands there then. */
  async begin(key: string): Promise<KeyringDocument> {
    const first = { $setOnInsert: { generation: 1, keys: [key] } };
    try {
      await this.#keyrings.updateOne({ _id: 'credentials' }, first, { upsert: true }).exec();
    } catch (error) {
      // Two upserts at one moment: the second finds the document of the first.
      if ((error as { code?: unknown }).code !== 11_000) throw error;
    }
    return (await this.find()) as KeyringDocument;
  }

  /** Forgets which keys there were: the next gateway that starts says which there are. */
  async forget(): Promise<void> {
    await this.#keyrings.deleteMany({}).exec();
  }

  /** Puts the next key in use. False where another gateway has done so meanwhile. */
  async advance(from: number, key: string): Promise<boolean> {
    const moved = await this.#keyrings
      .updateOne(
        { _id: 'credentials', generation: from },
        { $set: { generation: from + 1 }, $push: { keys: key } },
      )
      .exec();
    return moved.modifiedCount === 1;
  }
}
