import { Int32 } from 'bson';
import { CommandError, errorCode } from '../errors.ts';
import type { Collection } from '../storage/collection.ts';
import type { StoredIndex } from '../storage/stored-index.ts';
import { toNumber } from '../values/numbers.ts';
import { showDocument } from '../values/show.ts';
import { isDocument, type Value } from '../values/types.ts';
import type { Command } from './command.ts';
import { checkFields, collectionName, databaseName } from './options.ts';

function indexesMeant(collection: Collection, wanted: Value): StoredIndex[] {
  const own = collection.indexes.slice(1);
  if (wanted === '*') return own;
  if (Array.isArray(wanted)) return wanted.flatMap((each: Value) => indexesMeant(collection, each));
  if (typeof wanted === 'string') {
    if (wanted === '_id_') throw new CommandError(errorCode.invalidOptions, 'cannot drop _id index');
    const found = own.find((index) => index.specification.name === wanted);
    if (found === undefined) {
      throw new CommandError(errorCode.indexNotFound, `index not found with name [${wanted}]`);
    }
    return [found];
  }
  if (!isDocument(wanted)) {
    throw new CommandError(errorCode.typeMismatch, "BSON field 'dropIndexes.index' is the wrong type");
  }
  const fields = Object.entries(wanted);
  const found = own.find(
    ({ specification }) =>
      specification.fields.length === fields.length &&
      specification.fields.every(
        (field, at) => fields[at]?.[0] === field.path && toNumber(fields[at]?.[1]) === field.direction,
      ),
  );
  if (found === undefined) {
    throw new CommandError(errorCode.indexNotFound, `can't find index with key: ${showDocument(wanted)}`);
  }
  return [found];
}

export const dropIndexes: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['index'] });
  const [database, name] = [databaseName(command), collectionName(command)];
  const collection = store.catalog.find(database, name);
  if (collection === undefined) {
    throw new CommandError(errorCode.namespaceNotFound, `ns not found ${database}.${name}`);
  }
  const before = collection.indexes.length;
  const meant = indexesMeant(collection, command['index']);
  store.cursors.killAll(collection.namespace);
  for (const index of meant) collection.dropIndex(index);
  return {
    nIndexesWas: new Int32(before),
    ...(command['index'] === '*' ? { msg: 'non-_id indexes dropped for collection' } : {}),
  };
};
