import { type Model, Schema } from 'mongoose';

/**
 * The event for a change, stored in the changed document by the same write. It stays there until it stands in the
 * log, so that no crash leaves a change without a record.
 */
export interface UnrecordedEvent {
  /** Identifier of the change; the event carries it too. */
  readonly change: string;
  /** The stream that the event is for: each gateway records its own changes. */
  readonly stream: string;
  readonly type: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly data: Readonly<Record<string, unknown>>;
}

/** The field `unrecorded` of a mongoose schema. */
export const UNRECORDED_FIELD = { type: [Schema.Types.Mixed], default: undefined } as const;

/** A document with events that are not in the log yet. */
export interface Unrecorded {
  readonly _id: string;
  readonly unrecorded?: readonly UnrecordedEvent[];
}

/** Keeps events of changes until they are in the log. */
export interface UnrecordedRepository {
  /** Documents with events for a stream that may not be in the log. */
  readonly unrecorded: (stream: string) => Promise<readonly Unrecorded[]>;
  /** Forgets the event of a change: it is in the log. */
  readonly recorded: (id: string, change: string) => Promise<void>;
}

/** What a repository of documents with such events does for `UnrecordedRepository`. */
export function keepsUnrecorded<Document extends Unrecorded>(model: Model<Document>): UnrecordedRepository {
  // mongoose cannot follow the fields of a document that is a type parameter.
  const documents = model as unknown as Model<Unrecorded>;
  return {
    unrecorded: (stream) => documents.find({ 'unrecorded.stream': stream }).lean<Unrecorded[]>().exec(),
    recorded: async (id, change) => {
      await documents.updateOne({ _id: id }, { $pull: { unrecorded: { change } } }).exec();
    },
  };
}
