import { type Connection, type Model, Schema } from 'mongoose';

/** A user group of the site file, kept in the database for reports and for the other gateways of the site. */
export interface GroupDocument {
  readonly _id: string;
  readonly name: string;
  readonly site: string;
}

const groupSchema = new Schema<GroupDocument>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    site: { type: String, required: true },
  },
  { collection: 'groups', versionKey: false, strict: 'throw' },
);

/** The user groups. */
export class GroupRepository {
  readonly #groups: Model<GroupDocument>;

  constructor(connection: Connection) {
    this.#groups = connection.model<GroupDocument>('Group', groupSchema);
  }

  /** Adds or renames a group. */
  async save({ _id, name, site }: GroupDocument): Promise<void> {
    await this.#groups.updateOne({ _id }, { $set: { name, site } }, { upsert: true }).exec();
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#groups.exists({ _id: id }).exec()) !== null;
  }
}
