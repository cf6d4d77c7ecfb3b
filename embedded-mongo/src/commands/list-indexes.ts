import { CommandError, errorCode } from '../errors.ts';
import { computed } from '../query/find.ts';
import { isDocument } from '../values/types.ts';
import type { Command } from './command.ts';
import { checkFields, collectionName, databaseName, optionalCount } from './options.ts';

export const listIndexes: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['cursor'] });
  const [database, name] = [databaseName(command), collectionName(command)];
  const collection = store.catalog.find(database, name);
  if (collection === undefined) {
    throw new CommandError(errorCode.namespaceNotFound, `ns does not exist: ${database}.${name}`);
  }
  const cursor = isDocument(command['cursor']) ? command['cursor'] : {};
  return store.cursors.open(computed(collection.indexes.map((index) => index.specification.document)), {
    namespace: collection.namespace,
    batchSize: optionalCount({ listIndexes: name, ...cursor }, 'batchSize'),
  });
};
