import { type Connection, type Model, Schema } from 'mongoose';

/**
 * What a user is known by. Neither card numbers nor codes stand here: `digest` is an HMAC with a key that is
 * kept outside the database, `hash` an argon2id hash.
 */
export interface CredentialDocument {
  readonly _id: string;
  readonly user: string;
  readonly kind: 'card' | 'pin' | 'password';
  /** Card and PIN: finds the credential. */
  readonly digest?: string;
  /** PIN and password: proves it. */
  readonly hash?: string;
  /** A password made by the system, to be replaced at its first use. */
  readonly oneTime?: boolean;
  readonly blocked: boolean;
  readonly updatedAt: Date;
}

const credentialSchema = new Schema<CredentialDocument>(
  {
    _id: { type: String, required: true },
    user: { type: String, required: true },
    kind: { type: String, enum: ['card', 'pin', 'password'], required: true },
    digest: { type: String },
    hash: { type: String },
    oneTime: { type: Boolean },
    blocked: { type: Boolean, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'credentials', versionKey: false, strict: 'throw' },
);
credentialSchema.index(
  { kind: 1, digest: 1 },
  { unique: true, partialFilterExpression: { digest: { $exists: true } } },
);
credentialSchema.index({ user: 1, kind: 1 });
credentialSchema.index({ updatedAt: 1 });

/** The credentials of all users. */
export class CredentialRepository {
  readonly #credentials: Model<CredentialDocument>;

  constructor(connection: Connection) {
    this.#credentials = connection.model<CredentialDocument>('Credential', credentialSchema);
  }

  async prepare(): Promise<void> {
    await this.#credentials.createIndexes();
  }

  /** Adds a credential. Rejects with the server's code 11000 where the same card or PIN is known already. */
  async add(credential: CredentialDocument): Promise<void> {
    await this.#credentials.create(credential);
  }

  async setBlocked(id: string, blocked: boolean, at: Date): Promise<boolean> {
    const found = await this.#credentials.updateOne({ _id: id }, { $set: { blocked, updatedAt: at } }).exec();
    return found.matchedCount === 1;
  }

  passwordOf(user: string): Promise<CredentialDocument | null> {
    return this.#credentials.findOne({ user, kind: 'password' }).lean<CredentialDocument>().exec();
  }

  /** Gives a user a password in place of the one before. */
  async setPassword(password: {
    readonly id: string;
    readonly user: string;
    readonly hash: string;
    readonly oneTime: boolean;
    readonly at: Date;
  }): Promise<void> {
    await this.#credentials
      .updateOne(
        { user: password.user, kind: 'password' },
        {
          $set: { hash: password.hash, oneTime: password.oneTime, blocked: false, updatedAt: password.at },
          $setOnInsert: { _id: password.id },
        },
        { upsert: true },
      )
      .exec();
  }

  /** Cards and PINs that were added or changed since a time. */
  changedSince(time: Date): Promise<CredentialDocument[]> {
    return this.#credentials
      .find({ updatedAt: { $gte: time }, kind: { $ne: 'password' } })
      .lean<CredentialDocument[]>()
      .exec();
  }
}
