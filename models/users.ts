import { type Connection, type Model, Schema } from 'mongoose';
import { ROLES, type Role } from '../domain/identification.ts';
import { LANGUAGES, type Language } from '../domain/texts/texts.ts';
import {
  keepsUnrecorded,
  UNRECORDED_FIELD,
  type UnrecordedEvent,
  type UnrecordedRepository,
} from './unrecorded.ts';

/**
 * A person who is known to the site. The only place where a name, a login and an address stand; events carry `_id`.
 * Of somebody who was erased only that id is left.
 */
export interface UserDocument {
  readonly _id: string;
  readonly name: string;
  /** For interfaces that ask for one; unique where given. */
  readonly login?: string;
  /** Where mail for them goes. */
  readonly email?: string;
  /** The language of that mail. */
  readonly language?: Language;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly blocked: boolean;
  /** They are let in from this time on. */
  readonly validFrom?: Date;
  /** They are let in until this time. */
  readonly validUntil?: Date;
  /** When everything personal was erased. */
  readonly erasedAt?: Date;
  readonly unrecorded?: readonly UnrecordedEvent[];
  readonly updatedAt: Date;
}

/** What of a user can be changed; undefined takes an optional field away. */
export type UserChange = Partial<
  Pick<UserDocument, 'name' | 'roles' | 'groups' | 'blocked'> & {
    readonly [Field in 'email' | 'language' | 'validFrom' | 'validUntil']: UserDocument[Field] | undefined;
  }
>;

/** One address: something, @, a domain with a dot; 254 characters at most (RFC 5321, 4.5.3.1.3). */
const EMAIL = /^(?=.{3,254}$)[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+\.[^\s@<>()[\]\\,;:".]+$/;

/** Whether a text can be somebody's login; letters are small. */
export function isLogin(text: string): boolean {
  return /^[a-z0-9][a-z0-9._@-]{0,63}$/.test(text);
}

/** Whether a text can be an e-mail address. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

const NAME_WORDS = 'A user needs a name of 1 to 200 characters.';

const userSchema = new Schema<UserDocument>(
  {
    _id: { type: String, required: true },
    name: {
      type: String,
      trim: true,
      required: [true, NAME_WORDS],
      maxlength: [200, NAME_WORDS],
    },
    login: {
      type: String,
      trim: true,
      lowercase: true,
      validate: {
        validator: isLogin,
        message: 'A login has 1 to 64 letters without marks, digits, dots, dashes, underscores and @.',
      },
    },
    email: {
      type: String,
      trim: true,
      validate: { validator: isEmail, message: 'An e-mail address looks like name@example.org.' },
    },
    language: {
      type: String,
      enum: { values: LANGUAGES, message: `A language is one of ${LANGUAGES.join(', ')}.` },
    },
    roles: {
      type: [{ type: String, enum: { values: ROLES, message: `A role is one of ${ROLES.join(', ')}.` } }],
      required: true,
    },
    groups: { type: [String], required: true },
    blocked: { type: Boolean, required: true },
    validFrom: { type: Date },
    validUntil: { type: Date },
    erasedAt: { type: Date },
    unrecorded: UNRECORDED_FIELD,
    updatedAt: { type: Date, required: true },
  },
  { collection: 'users', versionKey: false, strict: 'throw' },
);
userSchema.index({ login: 1 }, { unique: true, partialFilterExpression: { login: { $exists: true } } });
userSchema.index({ updatedAt: 1 });

/** The users of the site. */
export class UserRepository implements UnrecordedRepository {
  readonly #users: Model<UserDocument>;
  readonly unrecorded: UnrecordedRepository['unrecorded'];
  readonly recorded: UnrecordedRepository['recorded'];

  constructor(connection: Connection) {
    this.#users = connection.model<UserDocument>('User', userSchema);
    ({ unrecorded: this.unrecorded, recorded: this.recorded } = keepsUnrecorded(this.#users));
  }

  async prepare(): Promise<void> {
    await this.#users.createIndexes();
  }

  /** Rejects with a `ValidationError` where a user could not be added as they are. */
  async validate(user: UserDocument): Promise<void> {
    await new this.#users(user).validate();
  }

  /** Adds a user. Rejects with the server's code 11000 where the login is taken. */
  async add(user: UserDocument): Promise<void> {
    await this.#users.create(user);
  }

  /**
   * Changes a user, and stores with that the event for the change. False where there is nobody of that id, or they
   * were erased. Rejects with a `ValidationError` where a value is none.
   */
  async change(id: string, change: UserChange, at: Date, event?: UnrecordedEvent): Promise<boolean> {
    const gone = Object.keys(change).filter((field) => change[field as keyof UserChange] === undefined);
    const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const found = await this.#users
      .updateOne(
        { _id: id, erasedAt: { $exists: false } },
        {
          $set: { ...set, updatedAt: at },
          ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((field) => [field, 1])) }),
          ...(event && { $push: { unrecorded: event } }),
        },
        { runValidators: true },
      )
      .exec();
    return found.matchedCount === 1;
  }

  /** Takes everything personal away and leaves the id, by which the log speaks of them. False where there is nobody. */
  async erase(id: string, at: Date, event: UnrecordedEvent): Promise<boolean> {
    const found = await this.#users
      .updateOne(
        { _id: id, erasedAt: { $exists: false } },
        {
          $set: { name: '', roles: [], groups: [], blocked: true, erasedAt: at, updatedAt: at },
          $unset: { login: 1, email: 1, language: 1, validFrom: 1, validUntil: 1 },
          $push: { unrecorded: event },
        },
      )
      .exec();
    return found.matchedCount === 1;
  }

  byLogin(login: string): Promise<UserDocument | null> {
    return this.#users.findOne({ login: login.toLowerCase() }).lean<UserDocument>().exec();
  }

  /** Somebody who was not erased. */
  byId(id: string): Promise<UserDocument | null> {
    return this.#users
      .findOne({ _id: id, erasedAt: { $exists: false } })
      .lean<UserDocument>()
      .exec();
  }

  /** Whether an id is or was somebody's. */
  async exists(id: string): Promise<boolean> {
    return (await this.#users.exists({ _id: id }).exec()) !== null;
  }

  /** Whether anybody has the administrator's role. */
  async hasAdministrator(): Promise<boolean> {
    return (await this.#users.exists({ roles: 'administrator' }).exec()) !== null;
  }

  /** Whether anybody but this user has the administrator's role and is not blocked. */
  async hasOtherAdministrator(id: string): Promise<boolean> {
    const found = this.#users.exists({ roles: 'administrator', blocked: false, _id: { $ne: id } });
    return (await found.exec()) !== null;
  }

  /** Everybody who was not erased, by name. */
  all(): Promise<UserDocument[]> {
    return this.#users
      .find({ erasedAt: { $exists: false } })
      .sort({ name: 1 })
      .lean<UserDocument[]>()
      .exec();
  }

  /** Users that were added, changed or erased since a time. */
  changedSince(time: Date): Promise<UserDocument[]> {
    return this.#users
      .find({ updatedAt: { $gte: time } })
      .lean<UserDocument[]>()
      .exec();
  }
}
