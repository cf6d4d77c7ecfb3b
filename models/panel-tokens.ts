import { type Connection, type Model, Schema } from 'mongoose';
import {
  keepsUnrecorded,
  UNRECORDED_FIELD,
  type UnrecordedEvent,
  type UnrecordedRepository,
} from './unrecorded.ts';

/** What lets a touch panel, or a program in its place, work with one panel of a site. */
export interface PanelTokenDocument {
  readonly _id: string;
  /** Id of the site; panels of two sites may have the same id. */
  readonly site: string;
  readonly panel: string;
  /** SHA-256 of the secret, as 64 hex digits. The secret is 256 random bits, so nobody finds it by trying. */
  readonly digest: string;
  readonly createdAt: Date;
  readonly removedAt?: Date;
  readonly unrecorded?: readonly UnrecordedEvent[];
}

const panelTokenSchema = new Schema<PanelTokenDocument>(
  {
    _id: { type: String, required: true },
    site: { type: String, required: true },
    panel: { type: String, required: true },
    digest: { type: String, required: true, match: /^[0-9a-f]{64}$/ },
    createdAt: { type: Date, required: true },
    removedAt: { type: Date },
    unrecorded: UNRECORDED_FIELD,
  },
  { collection: 'panel-tokens', versionKey: false, strict: 'throw' },
);
panelTokenSchema.index({ site: 1 });

const PRESENT = { removedAt: { $exists: false } } as const;

/** The tokens of the panels of all sites. */
export class PanelTokenRepository implements UnrecordedRepository {
  readonly #tokens: Model<PanelTokenDocument>;
  readonly unrecorded: UnrecordedRepository['unrecorded'];
  readonly recorded: UnrecordedRepository['recorded'];

  constructor(connection: Connection) {
    this.#tokens = connection.model<PanelTokenDocument>('PanelToken', panelTokenSchema);
    ({ unrecorded: this.unrecorded, recorded: this.recorded } = keepsUnrecorded(this.#tokens));
  }

  async prepare(): Promise<void> {
    await this.#tokens.createIndexes();
  }

  async add(token: PanelTokenDocument): Promise<void> {
    await this.#tokens.create(token);
  }

  /** Takes a token's right away, and stores with that the event for it. False where there is none of that id at the site. */
  async remove(site: string, id: string, at: Date, event: UnrecordedEvent): Promise<boolean> {
    const found = await this.#tokens
      .updateOne({ _id: id, site, ...PRESENT }, { $set: { removedAt: at }, $push: { unrecorded: event } })
      .exec();
    return found.matchedCount === 1;
  }

  /** The tokens of a site that are in force, the oldest first. */
  of(site: string): Promise<PanelTokenDocument[]> {
    return this.#tokens
      .find({ site, ...PRESENT })
      .sort({ createdAt: 1, _id: 1 })
      .lean<PanelTokenDocument[]>()
      .exec();
  }
}
