import { type Connection, type Model, Schema } from 'mongoose';
import { type CabinetKind, MOST_COMPARTMENTS } from '../domain/site.ts';

/** A cabinet by name, for reports and for the other gateways of the site; its state is in its event stream. */
export interface CabinetDocument {
  readonly _id: string;
  readonly site: string;
  readonly name: string;
  readonly kind: CabinetKind;
  readonly schema: string;
  readonly compartments: number;
}

const cabinetSchema = new Schema<CabinetDocument>(
  {
    _id: { type: String, required: true },
    site: { type: String, required: true },
    name: { type: String, required: true },
    kind: { type: String, enum: ['clothes', 'multi', 'filing'], required: true },
    schema: { type: String, required: true },
    compartments: { type: Number, required: true, min: 1, max: MOST_COMPARTMENTS },
  },
  {
    collection: 'cabinets',
    versionKey: false,

    strict: 'throw',
    suppressReservedKeysWarning: true,
  },
);

/** The cabinets by name. */
export class CabinetRepository {
  readonly #cabinets: Model<CabinetDocument>;

  constructor(connection: Connection) {
    this.#cabinets = connection.model<CabinetDocument>('Cabinet', cabinetSchema);
  }

  /** Adds a cabinet or takes over what the site file says of it now. */
  async save({ _id, ...rest }: CabinetDocument): Promise<void> {
    await this.#cabinets.updateOne({ _id }, { $set: rest }, { upsert: true }).exec();
  }
}
