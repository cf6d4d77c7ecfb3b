import { CommandError, errorCode, notSupported } from '../errors.ts';
import { computed, type FindRequest, PreparedFind, projected } from '../query/find.ts';
import { compileMatcher } from '../query/matcher.ts';
import { readProjection } from '../query/projection.ts';
import { readSort } from '../query/sort.ts';
import { toNumber } from '../values/numbers.ts';
import type { Document } from '../values/types.ts';
import type { Command } from './command.ts';
import {
  checkFields,
  collectionName,
  databaseName,
  optionalCount,
  optionalDocument,
  optionalFlag,
} from './options.ts';

const knownFields = {
  carriedOut: [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'noCursorTimeout',
    'allowDiskUse',
  ],
  refused: [
    'collation',
    'let',
    'max',
    'min',
    'returnKey',
    'showRecordId',
    'tailable',
    'awaitData',
    'oplogReplay',
    'allowPartialResults',
    'encryptionInformation',
  ],
};

/** Reads the part of `find` that says which documents, in which order. */
export function readFindRequest(command: Document): FindRequest {
  checkFields(command, knownFields);
  const sort = optionalDocument(command, 'sort') ?? {};
  const names = Object.keys(sort);
  const natural = names.length === 1 && names[0] === '$natural' ? toNumber(sort['$natural']) : undefined;
  if (natural !== undefined && natural !== 1 && natural !== -1) {
    throw new CommandError(errorCode.badValue, '$natural sort cannot be set to a value other than -1 or 1.');
  }
  return {
    filter: optionalDocument(command, 'filter') ?? {},
    sort: natural === undefined ? readSort(sort) : [],
    natural,
    hint: command['hint'],
    skip: optionalCount(command, 'skip') ?? 0,
    limit: optionalCount(command, 'limit') ?? 0,
    maximumMilliseconds: optionalCount(command, 'maxTimeMS') ?? 0,
  };
}

export const find: Command = (command, { store }) => {
  const request = readFindRequest(command);
  const projection = readProjection(command['projection']);
  const positional = Object.keys(optionalDocument(command, 'projection') ?? {}).find((path) =>
    path.endsWith('.$'),
  );
  if (positional !== undefined) throw notSupported('The positional projection');
  const database = databaseName(command);
  const collection = store.catalog.find(database, collectionName(command));
  const namespace = `${database}.${collectionName(command)}`;
  if (collection === undefined) {
    compileMatcher(request.filter);
    return store.cursors.open(computed([]), { namespace });
  }
  const results = projected(new PreparedFind(store.database, collection, request), projection);
  return store.cursors.open(results, {
    namespace,
    batchSize: optionalCount(command, 'batchSize'),
    singleBatch: optionalFlag(command, 'singleBatch', false),
    noTimeout: optionalFlag(command, 'noCursorTimeout', false),
  });
};
