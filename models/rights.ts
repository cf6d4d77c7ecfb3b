import { type Connection, type Model, Schema } from 'mongoose';
import type { Right, WeeklyWindow } from '../domain/rights.ts';
import {
  keepsUnrecorded,
  UNRECORDED_FIELD,
  type UnrecordedEvent,
  type UnrecordedRepository,
} from './unrecorded.ts';

/** How long a removed right is remembered, so that every gateway hears of it. Seconds. */
const REMOVED_KEPT_FOR = 30 * 86_400;

/** A right as it is stored; see `Right`. */
export interface RightDocument {
  readonly _id: string;
  readonly cabinet: string;
  readonly user?: string;
  readonly userGroup?: string;
  readonly compartmentGroups?: readonly string[];
  readonly readers?: readonly string[];
  readonly pick?: boolean;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  readonly weekly?: readonly WeeklyWindow[];
  /** When it was withdrawn. */
  readonly removedAt?: Date;
  readonly unrecorded?: readonly UnrecordedEvent[];
  readonly updatedAt: Date;
}

const optionalTexts = { type: [String], default: undefined };

const rightSchema = new Schema<RightDocument>(
  {
    _id: { type: String, required: true },
    cabinet: { type: String, required: true },
    user: {
      type: String,
      validate: {
        validator(this: RightDocument): boolean {
          return this.userGroup === undefined;
        },
        message: 'A right is that of a user or of a user group, not of both.',
      },
    },
    userGroup: {
      type: String,
      required: [
        function (this: RightDocument): boolean {
          return this.user === undefined;
        },
        'A right is that of a user or of a user group.',
      ],
    },
    compartmentGroups: optionalTexts,
    readers: optionalTexts,
    pick: { type: Boolean },
    validFrom: { type: Date },
    validUntil: { type: Date },
    weekly: {
      type: [
        {
          _id: false,
          days: { type: [{ type: Number, min: 1, max: 7 }], required: true },
          from: { type: String, required: true },
          to: { type: String, required: true },
        },
      ],
      default: undefined,
    },
    removedAt: { type: Date },
    unrecorded: UNRECORDED_FIELD,
    updatedAt: { type: Date, required: true },
  },
  { collection: 'rights', versionKey: false, strict: 'throw' },
);
rightSchema.index({ updatedAt: 1 });
rightSchema.index({ user: 1 }, { sparse: true });
rightSchema.index({ removedAt: 1 }, { expireAfterSeconds: REMOVED_KEPT_FOR });

const PRESENT = { removedAt: { $exists: false } } as const;

/** The right that a document stands for. */
export function rightOf({
  _id: id,
  validFrom,
  validUntil,
  removedAt: _removed,
  unrecorded: _unrecorded,
  updatedAt: _updated,
  ...same
}: RightDocument): Right {
  return {
    id,
    ...same,
    ...(validFrom && { validFrom: validFrom.getTime() }),
    ...(validUntil && { validUntil: validUntil.getTime() }),
  };
}

/** The rights of users and user groups to cabinets. */
export class RightRepository implements UnrecordedRepository {
  readonly #rights: Model<RightDocument>;
  readonly unrecorded: UnrecordedRepository['unrecorded'];
  readonly recorded: UnrecordedRepository['recorded'];

  constructor(connection: Connection) {
    this.#rights = connection.model<RightDocument>('Right', rightSchema);
    ({ unrecorded: this.unrecorded, recorded: this.recorded } = keepsUnrecorded(this.#rights));
  }

  async prepare(): Promise<void> {
    await this.#rights.createIndexes();
  }

  async add(right: RightDocument): Promise<void> {
    await this.#rights.create(right);
  }

  /** Withdraws a right, and stores with that the event for it. False where there is none. */
  async remove(id: string, at: Date, event: UnrecordedEvent): Promise<boolean> {
    const found = await this.#rights
      .updateOne(
        { _id: id, ...PRESENT },
        { $set: { removedAt: at, updatedAt: at }, $push: { unrecorded: event } },
      )
      .exec();
    return found.matchedCount === 1;
  }

  /** Withdraws every right that names a user. */
  async removeAllOf(user: string, at: Date): Promise<void> {
    await this.#rights.updateMany({ user, ...PRESENT }, { $set: { removedAt: at, updatedAt: at } }).exec();
  }

  /** Rights that hold or will, of everybody or as narrowed. */
  all(
    filter: { readonly cabinet?: string; readonly user?: string; readonly userGroup?: string } = {},
  ): Promise<RightDocument[]> {
    return this.#rights
      .find({ ...filter, ...PRESENT })
      .sort({ _id: 1 })
      .lean<RightDocument[]>()
      .exec();
  }

  /** Rights that were given or withdrawn since a time. */
  changedSince(time: Date): Promise<RightDocument[]> {
    return this.#rights
      .find({ updatedAt: { $gte: time } })
      .lean<RightDocument[]>()
      .exec();
  }
}
