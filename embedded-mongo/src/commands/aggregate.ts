import { compileStages, type StageContext } from '../aggregate/stages.ts';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { computed, type FindRequest, PreparedFind } from '../query/find.ts';
import { readSort } from '../query/sort.ts';
import type { Collection } from '../storage/collection.ts';
import type { Store } from '../storage/store.ts';
import { decode } from '../values/codec.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import type { Command } from './command.ts';
import { checkFields, databaseName, optionalCount, optionalDocument, requiredArray } from './options.ts';

function* documentsOf(store: Store, collection: Collection, request: FindRequest): Generator<Document> {
  const find = new PreparedFind(store.database, collection, request);
  for (let found = find.next(); found !== undefined; found = find.next()) {
    yield found.document ?? decode(found.bytes);
  }
}

/** The leading `$match` and `$sort` are run as a query, so that they can use indexes. */
function splitPipeline(
  pipeline: readonly Value[],
  hint: Value,
): { request: FindRequest; rest: readonly Value[] } {
  const stages = [...pipeline];
  const only = (name: string): Document | undefined => {
    const stage = stages[0];
    if (!isDocument(stage) || Object.keys(stage).length !== 1 || !isDocument(stage[name])) return undefined;
    stages.shift();
    return stage[name];
  };
  const filter = only('$match') ?? {};
  const sort = only('$sort');
  if (sort !== undefined && Object.keys(sort).length === 0) {
    throw new CommandError(15976, '$sort stage must have at least one sort key');
  }
  return { request: { filter, sort: readSort(sort ?? {}), hint }, rest: stages };
}

function stageContext(store: Store, database: string): StageContext {
  return {
    lookup: (name, path, value) => {
      const collection = store.catalog.find(database, name);
      if (collection === undefined) return [];
      const operand = Array.isArray(value) ? { $in: value } : { $eq: value };
      return [...documentsOf(store, collection, { filter: { [path]: operand } })];
    },
  };
}

/** The parts of `aggregate` that `explain` needs as well. */
export function readAggregate(command: Document): {
  name: string;
  request: FindRequest;
  rest: readonly Value[];
} {
  checkFields(command, {
    carriedOut: ['pipeline', 'cursor', 'allowDiskUse', 'hint', 'bypassDocumentValidation'],
    refused: ['collation', 'let', 'explain', 'exchange', 'fromMongos', 'needsMerge', 'isMapReduceCommand'],
  });
  const name = command['aggregate'];
  if (typeof name !== 'string') throw notSupported('An aggregation that starts without a collection');
  return { name, ...splitPipeline(requiredArray(command, 'pipeline'), command['hint']) };
}

export const aggregate: Command = (command, { store }) => {
  const { name, request, rest } = readAggregate(command);
  const cursor = optionalDocument(command, 'cursor');
  if (cursor === undefined) {
    throw new CommandError(
      errorCode.failedToParse,
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  const database = databaseName(command);
  const stage = compileStages(rest, stageContext(store, database));
  const collection = store.catalog.find(database, name);
  // Computed at once, so that what the cursor gives later is one consistent answer.
  const documents = collection === undefined ? [] : documentsOf(store, collection, request);
  const results = computed([...stage(documents)]);
  return store.cursors.open(results, {
    namespace: `${database}.${name}`,
    batchSize: optionalCount({ aggregate: name, ...cursor }, 'batchSize'),
  });
};
