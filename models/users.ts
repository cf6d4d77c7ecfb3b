import { type Connection, type Model, Schema } from 'mongoose';

/** What a user may do: administrator A, master M, defined user U of System S.2.2, and an operator who only looks. */
export const ROLES = ['administrator', 'master', 'defined', 'operator'] as const;

/** A person who is known to the site. The only place where a name stands; events carry `_id`. */
export interface UserDocument {
  readonly _id: string;
  readonly name: string;
  /** For interfaces that ask for one; unique where given. */
  readonly login?: string;
  readonly roles: readonly (typeof ROLES)[number][];
  readonly groups: readonly string[];
  readonly blocked: boolean;
  readonly updatedAt: Date;
}

const userSchema = new Schema<UserDocument>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true, trim: true, minlength: 1, maxlength: 200 },
    login: { type: String, trim: true, lowercase: true, match: /^[a-z0-9][a-z0-9._@-]{0,63}$/ },
    roles: { type: [{ type: String, enum: ROLES }], required: true },
    groups: { type: [String], required: true },
    blocked: { type: Boolean, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'users', versionKey: false, strict: 'throw' },
);
userSchema.index({ login: 1 }, { unique: true, partialFilterExpression: { login: { $exists: true } } });
userSchema.index({ updatedAt: 1 });

/** The users of the site. */
export class UserRepository {
  readonly #users: Model<UserDocument>;

  constructor(connection: Connection) {
    this.#users = connection.model<UserDocument>('User', userSchema);
  }

  async prepare(): Promise<void> {
    await this.#users.createIndexes();
  }

  /** Adds a user. Rejects with the server's code 11000 where the login is taken. */
  async add(user: UserDocument): Promise<void> {
    await this.#users.create(user);
  }

  async setBlocked(id: string, blocked: boolean, at: Date): Promise<boolean> {
    const found = await this.#users.updateOne({ _id: id }, { $set: { blocked, updatedAt: at } }).exec();
    return found.matchedCount === 1;
  }

  byLogin(login: string): Promise<UserDocument | null> {
    return this.#users.findOne({ login: login.toLowerCase() }).lean<UserDocument>().exec();
  }

  byId(id: string): Promise<UserDocument | null> {
    return this.#users.findOne({ _id: id }).lean<UserDocument>().exec();
  }

  /** Whether anybody has the administrator's role. */
  async hasAdministrator(): Promise<boolean> {
    return (await this.#users.exists({ roles: 'administrator' }).exec()) !== null;
  }

  all(): Promise<UserDocument[]> {
    return this.#users.find().sort({ name: 1 }).lean<UserDocument[]>().exec();
  }

  /** Users that were added or changed since a time. */
  changedSince(time: Date): Promise<UserDocument[]> {
    return this.#users
      .find({ updatedAt: { $gte: time } })
      .lean<UserDocument[]>()
      .exec();
  }
}
