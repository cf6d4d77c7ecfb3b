import { Int32 } from 'bson';
import { CommandError, errorCode } from '../errors.ts';
import { type FoundDocument, PreparedFind } from '../query/find.ts';
import type { Collection } from '../storage/collection.ts';
import type { Store } from '../storage/store.ts';
import { decode } from '../values/codec.ts';
import { type Document, isDocument } from '../values/types.ts';
import type { Command } from './command.ts';
import {
  checkFields,
  checkNestedFields,
  collectionName,
  databaseName,
  optionalCount,
  optionalFlag,
  requiredArray,
  requiredDocument,
} from './options.ts';

function runStatement(store: Store, collection: Collection | undefined, statement: Document): number {
  checkNestedFields('delete.deletes', statement, {
    carriedOut: ['q', 'limit', 'hint'],
    refused: ['collation', 'sampleId'],
  });
  const limit = optionalCount(statement, 'limit');
  if (limit === undefined) {
    throw new CommandError(
      errorCode.missingField,
      "BSON field 'delete.deletes.limit' is missing but a required field",
    );
  }
  if (limit > 1) {
    throw new CommandError(
      errorCode.failedToParse,
      `The limit field in delete objects must be 0 or 1. Got ${limit}`,
    );
  }
  const filter = requiredDocument(statement, 'q');
  if (collection === undefined) return 0;
  const find = new PreparedFind(store.database, collection, { filter, hint: statement['hint'], limit });
  const targets: FoundDocument[] = [];
  for (let found = find.next(); found !== undefined; found = find.next()) targets.push(found);
  for (const target of targets) collection.remove(target.row, target.document ?? decode(target.bytes));
  return targets.length;
}

const remove: Command = (command, { store }) => {
  checkFields(command, {
    carriedOut: ['deletes', 'ordered'],
    refused: ['let', 'encryptionInformation', 'stmtId', 'stmtIds'],
  });
  const collection = store.catalog.find(databaseName(command), collectionName(command));
  const ordered = optionalFlag(command, 'ordered', true);
  const writeErrors: Document[] = [];
  let removed = 0;
  for (const [at, statement] of requiredArray(command, 'deletes').entries()) {
    if (!isDocument(statement))
      throw new CommandError(errorCode.typeMismatch, "BSON field 'delete.deletes' is the wrong type");
    if (!('limit' in statement)) runStatement(store, collection, statement);
    try {
      removed += runStatement(store, collection, statement);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      writeErrors.push(error.toWriteError(at));
      if (ordered) break;
    }
  }
  return { n: new Int32(removed), ...(writeErrors.length > 0 ? { writeErrors } : {}) };
};

export { remove as delete };
