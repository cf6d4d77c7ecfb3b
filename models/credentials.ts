import { type Connection, type Model, Schema } from 'mongoose';
import { CREDENTIAL_KINDS, type CredentialKind } from '../domain/identification.ts';
import {
  keepsUnrecorded,
  UNRECORDED_FIELD,
  type UnrecordedEvent,
  type UnrecordedRepository,
} from './unrecorded.ts';

/** How long a removed credential is remembered, so that every gateway hears of it. Seconds. */
export const REMOVED_KEPT_FOR = 30 * 86_400;

/**
 * What a user is known by. Neither card numbers nor codes stand here: `digest` is an HMAC with a key that is
 * kept outside the database, `hash` an argon2id hash.
 */
export interface CredentialDocument {
  readonly _id: string;
  readonly user: string;
  readonly kind: CredentialKind;
  /** All but passwords: finds the credential. */
  readonly digest?: string;
  /** Generation of the key of the digest; 1 where it is left out. */
  readonly generation?: number;
  /** PIN and password: proves it. */
  readonly hash?: string;
  /** A password made by the system, to be replaced at its first use. */
  readonly oneTime?: boolean;
  /** A PIN that is typed under threat. */
  readonly duress?: boolean;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  /** What the owner of an API token calls it. */
  readonly name?: string;
  readonly blocked: boolean;
  /** When it was taken away; neither digest, hash nor name are left then. */
  readonly removedAt?: Date;
  readonly unrecorded?: readonly UnrecordedEvent[];
  readonly updatedAt: Date;
}

/** A digest in the database that is to be replaced by the same one under a newer key. */
export interface Lift {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

const credentialSchema = new Schema<CredentialDocument>(
  {
    _id: { type: String, required: true },
    user: { type: String, required: true },
    kind: { type: String, enum: CREDENTIAL_KINDS, required: true },
    digest: { type: String },
    generation: { type: Number, min: 1 },
    hash: { type: String },
    oneTime: { type: Boolean },
    duress: { type: Boolean },
    validFrom: { type: Date },
    validUntil: { type: Date },
    name: { type: String, maxLength: 128 },
    blocked: { type: Boolean, required: true },
    removedAt: { type: Date },
    unrecorded: UNRECORDED_FIELD,
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
credentialSchema.index({ removedAt: 1 }, { expireAfterSeconds: REMOVED_KEPT_FOR });

const PRESENT = { removedAt: { $exists: false } } as const;

/** The credentials of all users. */
export class CredentialRepository implements UnrecordedRepository {
  readonly #credentials: Model<CredentialDocument>;
  readonly unrecorded: UnrecordedRepository['unrecorded'];
  readonly recorded: UnrecordedRepository['recorded'];

  constructor(connection: Connection) {
    this.#credentials = connection.model<CredentialDocument>('Credential', credentialSchema);
    ({ unrecorded: this.unrecorded, recorded: this.recorded } = keepsUnrecorded(this.#credentials));
  }

  async prepare(): Promise<void> {
    await this.#credentials.createIndexes();
  }

  /** Adds a credential. Rejects with the server's code 11000 where the same card or PIN is known already. */
  async add(credential: CredentialDocument): Promise<void> {
    await this.#credentials.create(credential);
  }

  /** Blocks or unblocks a credential, and stores with that the event for it. False where there is none. */
  async setBlocked(id: string, blocked: boolean, at: Date, event?: UnrecordedEvent): Promise<boolean> {
    const found = await this.#credentials
      .updateOne(
        { _id: id, ...PRESENT },
        { $set: { blocked, updatedAt: at }, ...(event && { $push: { unrecorded: event } }) },
      )
      .exec();
    return found.matchedCount === 1;
  }

  /** Takes a credential away; what is left says only that it was there. False where there is none. */
  async remove(id: string, at: Date, event: UnrecordedEvent): Promise<boolean> {
    const found = await this.#credentials
      .updateOne(
        { _id: id, ...PRESENT },
        {
          $set: { blocked: true, removedAt: at, updatedAt: at },
          $unset: { digest: 1, generation: 1, hash: 1, name: 1 },
          $push: { unrecorded: event },
        },
      )
      .exec();
    return found.matchedCount === 1;
  }

  /** Takes away whatever a user has, passwords included; returns how many there were. */
  removeAllOf(user: string, at: Date): Promise<number> {
    return this.#removeWhere({ user }, at);
  }

  /** Takes away whatever anybody has; returns how many there were. */
  removeAll(at: Date): Promise<number> {
    return this.#removeWhere({}, at);
  }

  async #removeWhere(filter: { readonly user?: string }, at: Date): Promise<number> {
    const found = await this.#credentials
      .updateMany(
        { ...filter, ...PRESENT },
        {
          $set: { blocked: true, removedAt: at, updatedAt: at },
          $unset: { digest: 1, generation: 1, hash: 1, name: 1 },
        },
      )
      .exec();
    return found.matchedCount;
  }

  /** Deletes credentials as if they had never been: those of a user who was not added in the end. */
  async discard(ids: readonly string[]): Promise<void> {
    await this.#credentials.deleteMany({ _id: { $in: ids } }).exec();
  }

  byId(id: string): Promise<CredentialDocument | null> {
    return this.#credentials
      .findOne({ _id: id, ...PRESENT })
      .lean<CredentialDocument>()
      .exec();
  }

  /** What a user has, the password included. */
  of(user: string): Promise<CredentialDocument[]> {
    return this.#credentials
      .find({ user, ...PRESENT })
      .sort({ _id: 1 })
      .lean<CredentialDocument[]>()
      .exec();
  }

  /** Everything of one kind that is found by a digest, by whom it is. */
  ofKind(kind: CredentialKind): Promise<CredentialDocument[]> {
    return this.#credentials
      .find({ kind, digest: { $exists: true } })
      .sort({ user: 1, _id: 1 })
      .lean<CredentialDocument[]>()
      .exec();
  }

  passwordOf(user: string): Promise<CredentialDocument | null> {
    return this.#credentials
      .findOne({ user, kind: 'password', ...PRESENT })
      .lean<CredentialDocument>()
      .exec();
  }

  /** Gives a user a password in place of the one before, and stores with that the event for it; returns its document. */
  async setPassword(password: {
    readonly id: string;
    readonly user: string;
    readonly hash: string;
    readonly oneTime: boolean;
    readonly at: Date;
    readonly event?: UnrecordedEvent;
  }): Promise<{ readonly id: string }> {
    const { event } = password;
    const stored = await this.#credentials
      .findOneAndUpdate(
        { user: password.user, kind: 'password', ...PRESENT },
        {
          $set: { hash: password.hash, oneTime: password.oneTime, blocked: false, updatedAt: password.at },
          $setOnInsert: { _id: password.id },
          ...(event && { $push: { unrecorded: event } }),
        },
        { upsert: true, returnDocument: 'after' },
      )
      .lean<CredentialDocument>()
      .exec();
    return { id: stored._id };
  }

  /** Puts a new hash of the same secret in place of an old one, unless the secret was changed meanwhile. */
  async replaceHash(id: string, from: string, to: string, at: Date): Promise<void> {
    await this.#credentials.updateOne({ _id: id, hash: from }, { $set: { hash: to, updatedAt: at } }).exec();
  }

  /** Whether anything is found by a digest here. */
  async hasDigests(): Promise<boolean> {
    return (await this.#credentials.exists({ digest: { $exists: true } }).exec()) !== null;
  }

  /** The next credentials, by id, whose digest is older than a generation. */
  olderThan(generation: number, afterId: string, most: number): Promise<CredentialDocument[]> {
    return this.#credentials
      .find({
        _id: { $gt: afterId },
        digest: { $exists: true },
        $or: [{ generation: { $lt: generation } }, { generation: { $exists: false } }],
      })
      .sort({ _id: 1 })
      .limit(most)
      .lean<CredentialDocument[]>()
      .exec();
  }

  /** Replaces digests by those of a newer generation, each unless it was changed meanwhile. */
  async lift(lifts: readonly Lift[], generation: number): Promise<void> {
    await this.#credentials.bulkWrite(
      lifts.map(({ id, from, to }) => ({
        updateOne: { filter: { _id: id, digest: from }, update: { $set: { digest: to, generation } } },
      })),
      { ordered: false },
    );
  }

  /** Whatever is found by a digest and was added, changed or removed since a time. */
  changedSince(time: Date): Promise<CredentialDocument[]> {
    return this.#credentials
      .find({ updatedAt: { $gte: time }, kind: { $ne: 'password' } })
      .lean<CredentialDocument[]>()
      .exec();
  }
}
