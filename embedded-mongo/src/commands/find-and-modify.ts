import { Int32 } from 'bson';
import { CommandError, errorCode } from '../errors.ts';
import { type FoundDocument, PreparedFind } from '../query/find.ts';
import { type Projection, readProjection } from '../query/projection.ts';
import { readSort } from '../query/sort.ts';
import type { Collection } from '../storage/collection.ts';
import type { Store } from '../storage/store.ts';
import { compileUpdate } from '../update/update.ts';
import { decode } from '../values/codec.ts';
import type { Document } from '../values/types.ts';
import type { Command } from './command.ts';
import { insertUpsert, modifyFound } from './modify.ts';
import {
  checkFields,
  collectionName,
  databaseName,
  optionalDocument,
  optionalFlag,
  requiredArray,
} from './options.ts';

function findTarget(
  store: Store,
  collection: Collection,
  command: Document,
  filter: Document,
): FoundDocument | undefined {
  const sort = optionalDocument(command, 'sort') ?? {};
  return new PreparedFind(store.database, collection, {
    filter,
    sort: readSort(sort),
    hint: command['hint'],
    limit: 1,
  }).next();
}

function shown(bytes: Uint8Array, projection: Projection | undefined): Document {
  const document = decode(bytes);
  return projection === undefined ? document : projection(document);
}

function checkCombination(command: Document, remove: boolean, returnNew: boolean): void {
  if (!remove) {
    if (command['update'] === undefined) {
      throw new CommandError(errorCode.failedToParse, 'Either an update or remove=true must be specified');
    }
    return;
  }
  if (command['update'] !== undefined) {
    throw new CommandError(errorCode.failedToParse, 'Cannot specify both an update and remove=true');
  }
  if (optionalFlag(command, 'upsert', false)) {
    throw new CommandError(errorCode.failedToParse, 'Cannot specify both upsert=true and remove=true ');
  }
  if (returnNew) {
    throw new CommandError(
      errorCode.failedToParse,
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  }
}

export const findAndModify: Command = (command, { store }) => {
  checkFields(command, {
    carriedOut: [
      'query',
      'sort',
      'remove',
      'update',
      'new',
      'fields',
      'upsert',
      'hint',
      'arrayFilters',
      'bypassDocumentValidation',
    ],
    refused: ['collation', 'let', 'encryptionInformation', 'stmtId', 'sampleId'],
  });
  const filter = optionalDocument(command, 'query') ?? {};
  const remove = optionalFlag(command, 'remove', false);
  const returnNew = optionalFlag(command, 'new', false);
  checkCombination(command, remove, returnNew);
  const projection = readProjection(command['fields']);
  const name = collectionName(command);

  if (remove) {
    const collection = store.catalog.find(databaseName(command), name);
    const target = collection && findTarget(store, collection, command, filter);
    if (collection === undefined || target === undefined) {
      return { lastErrorObject: { n: new Int32(0) }, value: null };
    }
    collection.remove(target.row, target.document ?? decode(target.bytes));
    return { lastErrorObject: { n: new Int32(1) }, value: shown(target.bytes, projection) };
  }

  const arrayFilters = 'arrayFilters' in command ? requiredArray(command, 'arrayFilters') : [];
  const update = compileUpdate(command['update'], filter, arrayFilters);
  const collection = store.catalog.findOrCreate(databaseName(command), name);
  const target = findTarget(store, collection, command, filter);
  if (target !== undefined) {
    const { bytes } = modifyFound(collection, target, update);
    return {
      lastErrorObject: { n: new Int32(1), updatedExisting: true },
      value: shown(returnNew ? bytes : target.bytes, projection),
    };
  }
  if (!optionalFlag(command, 'upsert', false)) {
    return { lastErrorObject: { n: new Int32(0), updatedExisting: false }, value: null };
  }
  const { id, bytes } = insertUpsert(collection, filter, update);
  return {
    lastErrorObject: { n: new Int32(1), updatedExisting: false, upserted: id },
    value: returnNew ? shown(bytes, projection) : null,
  };
};
