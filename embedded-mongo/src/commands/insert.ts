import { Int32, ObjectId } from 'bson';
import { CommandError, errorCode } from '../errors.ts';
import { decode, encode, firstFieldName } from '../values/codec.ts';
import { rank, rankOf } from '../values/order.ts';
import { typeNameOf } from '../values/type-names.ts';
import { type Document, fieldOf, isDocument, missing, type Value } from '../values/types.ts';
import type { Command } from './command.ts';
import { checkFields, collectionName, databaseName, optionalFlag, requiredArray } from './options.ts';

/** @throws CommandError 53 for an `_id` that cannot be one */
export function checkId(id: Value): void {
  const type = rankOf(id);
  if (id === missing) return;
  if (type === rank.array || type === rank.regex || type === rank.undefined) {
    throw new CommandError(errorCode.invalidIdField, `The '_id' value cannot be of type ${typeNameOf(id)}`);
  }
  const dollar = isDocument(id) ? Object.keys(id).find((name) => name.startsWith('$')) : undefined;
  if (dollar !== undefined) {
    throw new CommandError(
      errorCode.dollarPrefixedFieldName,
      `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`,
    );
  }
}

/** A document as it is stored: with an `_id`, and the `_id` first. */
export function prepareForStorage(document: Document): { document: Document; bytes: Uint8Array } {
  const { _id: given, ...rest } = document;
  const id = fieldOf(document, '_id') === missing ? new ObjectId() : given;
  checkId(id);
  const prepared = { _id: id, ...rest };
  return { document: prepared, bytes: encode(prepared) };
}

/** The client's bytes are stored as they are when the `_id` is where it belongs. */
function prepareBytes(bytes: Uint8Array): { document: Document; bytes: Uint8Array } {
  const document = decode(bytes);
  if (firstFieldName(bytes) !== '_id') return prepareForStorage(document);
  checkId(document['_id']);
  return { document, bytes };
}

export const insert: Command = (command, { store }) => {
  checkFields(command, {
    carriedOut: ['documents', 'ordered', 'bypassDocumentValidation'],
    refused: ['encryptionInformation', 'stmtId', 'stmtIds'],
  });
  const documents = requiredArray(command, 'documents') as readonly Uint8Array[];
  const ordered = optionalFlag(command, 'ordered', true);
  if (documents.length === 0 || documents.length > 100_000) {
    throw new CommandError(
      72,
      `Write batch sizes must be between 1 and 100000. Got ${documents.length} operations.`,
    );
  }
  const collection = store.catalog.findOrCreate(databaseName(command), collectionName(command));
  const writeErrors: Document[] = [];
  let inserted = 0;
  for (const [at, given] of documents.entries()) {
    try {
      const { bytes, document } = prepareBytes(given);
      collection.insert(bytes, document);
      inserted++;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      writeErrors.push(error.toWriteError(at));
      if (ordered) break;
    }
  }
  return { n: new Int32(inserted), ...(writeErrors.length > 0 ? { writeErrors } : {}) };
};
