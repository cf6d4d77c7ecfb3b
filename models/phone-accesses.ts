import { type Connection, type Model, Schema } from 'mongoose';

/** How long a used or expired access is kept. Seconds. */
const KEPT_FOR = 86_400;

/** An access that was given to somebody's phone: a link or a code, good once and for minutes. */
export interface PhoneAccessDocument {
  readonly _id: string;
  readonly user: string;
  readonly cabinet: string;
  /** Where it counts; left out: at every panel of the cabinet. */
  readonly panel?: string;
  /** Keyed digests of the link's token and of the code: either of them is the access. */
  readonly digests: readonly string[];
  readonly expiresAt: Date;
  readonly usedAt?: Date;
}

const phoneAccessSchema = new Schema<PhoneAccessDocument>(
  {
    _id: { type: String, required: true },
    user: { type: String, required: true },
    cabinet: { type: String, required: true },
    panel: { type: String },
    digests: { type: [String], required: true },
    expiresAt: { type: Date, required: true },
    usedAt: { type: Date },
  },
  { collection: 'phone-accesses', versionKey: false, strict: 'throw' },
);
phoneAccessSchema.index({ digests: 1 });
phoneAccessSchema.index({ user: 1, cabinet: 1 });
phoneAccessSchema.index({ expiresAt: 1 }, { expireAfterSeconds: KEPT_FOR });

const UNUSED = { usedAt: { $exists: false } } as const;

/** The accesses by phone of all users. */
export class PhoneAccessRepository {
  readonly #accesses: Model<PhoneAccessDocument>;

  constructor(connection: Connection) {
    this.#accesses = connection.model<PhoneAccessDocument>('PhoneAccess', phoneAccessSchema);
  }

  async prepare(): Promise<void> {
    await this.#accesses.createIndexes();
  }

  async add(access: PhoneAccessDocument): Promise<void> {
    await this.#accesses.create(access);
  }

  /** The access that one of these digests finds, while it is unused and not expired. */
  open(digests: readonly string[], at: Date): Promise<PhoneAccessDocument | null> {
    return this.#accesses
      .findOne({ digests: { $in: digests }, expiresAt: { $gt: at }, ...UNUSED })
      .lean<PhoneAccessDocument>()
      .exec();
  }

  /** Uses an access up. False where somebody else was quicker. */
  async use(id: string, at: Date): Promise<boolean> {
    const found = await this.#accesses.updateOne({ _id: id, ...UNUSED }, { $set: { usedAt: at } }).exec();
    return found.modifiedCount === 1;
  }

  /** Takes back what a user has not used, at one cabinet or at all of them. */
  async withdraw(user: string, cabinet?: string): Promise<void> {
    await this.#accesses.deleteMany({ user, ...(cabinet !== undefined && { cabinet }), ...UNUSED }).exec();
  }
}
