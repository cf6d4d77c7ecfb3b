/** Commands on whole collections and databases. */
import { Binary, Double, Int32 } from 'bson';
import { computed } from '../query/find.ts';
import { compileMatcher } from '../query/matcher.ts';
import { idIndexSpecification } from '../storage/index-specification.ts';
import type { Document } from '../values/types.ts';
import type { Command } from './command.ts';
import { checkFields, collectionName, databaseName, optionalDocument, optionalFlag } from './options.ts';

/** Creates a collection. One that is there already is left as it is: it has no options in which it could differ. */
export const create: Command = (command, { store }) => {
  checkFields(command, {
    carriedOut: ['autoIndexId', 'idIndex'],
    refused: [
      'capped',
      'size',
      'max',
      'validator',
      'validationLevel',
      'validationAction',
      'collation',
      'timeseries',
      'expireAfterSeconds',
      'clusteredIndex',
      'changeStreamPreAndPostImages',
      'viewOn',
      'pipeline',
      'storageEngine',
      'indexOptionDefaults',
      'encryptedFields',
    ],
  });
  store.catalog.findOrCreate(databaseName(command), collectionName(command));
  return {};
};

export const drop: Command = (command, { store }) => {
  checkFields(command, { carriedOut: [] });
  const collection = store.catalog.find(databaseName(command), collectionName(command));
  if (collection === undefined) return {};
  const indexes = collection.indexes.length;
  store.cursors.killAll(collection.namespace);
  store.catalog.drop(collection);
  return { nIndexesWas: new Int32(indexes), ns: collection.namespace };
};

export const dropDatabase: Command = (command, { store }) => {
  checkFields(command, { carriedOut: [] });
  const database = databaseName(command);
  const collections = store.catalog.collections(database);
  for (const collection of collections) {
    store.cursors.killAll(collection.namespace);
    store.catalog.drop(collection);
  }
  return collections.length > 0 ? { dropped: database } : {};
};

export const listCollections: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'] });
  const database = databaseName(command);
  const nameOnly = optionalFlag(command, 'nameOnly', false);
  const matcher = compileMatcher(optionalDocument(command, 'filter') ?? {});
  const documents = store.catalog
    .collections(database)
    .map(
      (collection): Document => ({
        name: collection.name,
        type: 'collection',
        options: {},
        info: { readOnly: false, uuid: new Binary(collection.uuid, Binary.SUBTYPE_UUID) },
        idIndex: idIndexSpecification.document,
      }),
    )
    .filter(matcher)
    .map((document) => (nameOnly ? { name: document['name'], type: document['type'] } : document));
  return store.cursors.open(computed(documents), {
    namespace: `${database}.$cmd.listCollections`,
    batchSize: documents.length + 1,
  });
};

export const listDatabases: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['filter', 'nameOnly', 'authorizedDatabases'] });
  const nameOnly = optionalFlag(command, 'nameOnly', false);
  const matcher = compileMatcher(optionalDocument(command, 'filter') ?? {});
  // All databases share one file, so a size of each cannot be told.
  const databases = store.catalog
    .databaseNames()
    .map((name): Document => ({ name, ...(nameOnly ? {} : { sizeOnDisk: new Double(0), empty: false }) }))
    .filter(matcher);
  return { databases, ...(nameOnly ? {} : { totalSize: new Double(0), totalSizeMb: new Double(0) }) };
};
