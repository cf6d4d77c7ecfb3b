import { Int32 } from 'bson';
import { CommandError, errorCode } from '../errors.ts';
import type { Collection } from '../storage/collection.ts';
import {
  type IndexSpecification,
  readIndexSpecification,
  sameKey,
  sameOptions,
  sameSignature,
} from '../storage/index-specification.ts';
import { showDocument } from '../values/show.ts';
import { isDocument } from '../values/types.ts';
import type { Command } from './command.ts';
import { checkFields, collectionName, databaseName, requiredArray } from './options.ts';

/** Most indexes of a collection, as the server has it. */
const maximumIndexes = 64;

/** True when the index is there already. @throws CommandError 85 or 86 when one is in its way */
function exists(collection: Collection, wanted: IndexSpecification): boolean {
  const specifications = collection.indexes.map((index) => index.specification);
  const requested = `Requested index: ${showDocument(wanted.document)}`;
  if (wanted.fields.length === 1 && wanted.fields[0]?.path === '_id') return true;
  const namesake = specifications.find((each) => each.name === wanted.name);
  if (namesake !== undefined) {
    if (sameOptions(namesake, wanted)) return true;
    if (sameSignature(namesake, wanted)) {
      throw new CommandError(
        errorCode.indexOptionsConflict,
        `An equivalent index already exists with the same name but different options. ${requested}, existing index: ${showDocument(namesake.document)}`,
      );
    }
    throw new CommandError(
      errorCode.indexKeySpecsConflict,
      `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${requested}, existing index: ${showDocument(namesake.document)}`,
    );
  }
  const twin = specifications.find((each) => sameKey(each, wanted) && sameSignature(each, wanted));
  if (twin === undefined) return false;
  throw new CommandError(
    errorCode.indexOptionsConflict,
    sameOptions(twin, wanted)
      ? `Index already exists with a different name: ${twin.name}`
      : `An equivalent index already exists with a different name and options. ${requested}, existing index: ${showDocument(twin.document)}`,
  );
}

export const createIndexes: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'] });
  const specifications = requiredArray(command, 'indexes').map((specification) => {
    if (!isDocument(specification)) {
      throw new CommandError(errorCode.typeMismatch, "The elements of the 'indexes' array must be objects");
    }
    return readIndexSpecification(specification);
  });
  if (specifications.length === 0) {
    throw new CommandError(errorCode.badValue, 'Must specify at least one index to create');
  }
  const [database, name] = [databaseName(command), collectionName(command)];
  const isNew = store.catalog.find(database, name) === undefined;
  const collection = store.catalog.findOrCreate(database, name);
  const before = collection.indexes.length;
  for (const specification of specifications) {
    if (exists(collection, specification)) continue;
    if (collection.indexes.length >= maximumIndexes) {
      throw new CommandError(
        errorCode.cannotCreateIndex,
        `add index fails, too many indexes for ${collection.namespace}`,
      );
    }
    collection.createIndex(specification);
  }
  const after = collection.indexes.length;
  return {
    numIndexesBefore: new Int32(before),
    numIndexesAfter: new Int32(after),
    ...(after === before ? { note: 'all indexes already exist' } : { createdCollectionAutomatically: isNew }),
  };
};
