import { Int32 } from 'bson';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { type FindRequest, PreparedFind } from '../query/find.ts';
import { readSort } from '../query/sort.ts';
import { keyPatternOf } from '../storage/index-specification.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import { readAggregate } from './aggregate.ts';
import type { Command } from './command.ts';
import { readFindRequest } from './find.ts';
import { checkFields, collectionName, databaseName, optionalDocument } from './options.ts';

function firstStatement(command: Document, field: string): Document {
  const statements = command[field];
  const first: Value = Array.isArray(statements) ? statements[0] : undefined;
  if (!isDocument(first))
    throw new CommandError(errorCode.failedToParse, `explain needs one statement in '${field}'`);
  return first;
}

function requestOf(command: Document): FindRequest {
  switch (Object.keys(command)[0] ?? '') {
    case 'find':
      return readFindRequest(command);
    case 'aggregate':
      return readAggregate(command).request;
    case 'count':
    case 'distinct':
      return { filter: optionalDocument(command, 'query') ?? {}, hint: command['hint'] };
    case 'findAndModify':
      return {
        filter: optionalDocument(command, 'query') ?? {},
        sort: readSort(optionalDocument(command, 'sort') ?? {}),
        hint: command['hint'],
        limit: 1,
      };
    case 'update': {
      const statement = firstStatement(command, 'updates');
      return { filter: optionalDocument(statement, 'q') ?? {}, hint: statement['hint'] };
    }
    case 'delete': {
      const statement = firstStatement(command, 'deletes');
      return { filter: optionalDocument(statement, 'q') ?? {}, hint: statement['hint'] };
    }
    default:
      throw notSupported(`explain of ${Object.keys(command)[0] ?? 'nothing'}`);
  }
}

function stagesOf(find: PreparedFind, request: FindRequest): Document {
  const { plan } = find;
  const scan: Document =
    plan.kind === 'collection'
      ? { stage: 'COLLSCAN', direction: plan.reverse ? 'backward' : 'forward' }
      : {
          stage: 'FETCH',
          inputStage: {
            stage: 'IXSCAN',
            keyPattern: keyPatternOf(plan.index.specification),
            indexName: plan.index.specification.name,
            isMultiKey: plan.index.multikey,
            isUnique: plan.index.specification.unique,
            isSparse: plan.index.specification.sparse,
            isPartial: plan.index.specification.partialFilter !== undefined,
            direction: plan.reverse ? 'backward' : 'forward',
            boundFields: new Int32(plan.boundFields),
            intervals: new Int32(plan.intervals.length),
          },
        };
  if (plan.providesSort) return scan;
  const pattern = Object.fromEntries(
    (request.sort ?? []).map((field) => [field.path, new Int32(field.direction)]),
  );
  return { stage: 'SORT', sortPattern: pattern, inputStage: scan };
}

/** Says how a command would find its documents and, unless `queryPlanner` is asked for, finds and counts them. Changes nothing. */
export const explain: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['verbosity'] });
  const explained = command['explain'];
  if (!isDocument(explained)) {
    throw new CommandError(
      errorCode.typeMismatch,
      "BSON field 'explain.explain' is the wrong type, expected type 'object'",
    );
  }
  const inner: Document = { ...explained, $db: databaseName(command) };
  const name = collectionName(inner);
  const request = requestOf(inner);
  const collection = store.catalog.find(databaseName(command), name);
  const namespace = `${databaseName(command)}.${name}`;
  if (collection === undefined) {
    return { queryPlanner: { namespace, winningPlan: { stage: 'EOF' }, rejectedPlans: [] } };
  }
  const find = new PreparedFind(store.database, collection, request);
  const queryPlanner = { namespace, winningPlan: stagesOf(find, request), rejectedPlans: [] };
  if (command['verbosity'] === 'queryPlanner') return { explainVersion: '1', queryPlanner };
  let returned = 0;
  while (find.next() !== undefined) returned++;
  const { keysExamined, documentsExamined } = find.scan.counts;
  return {
    explainVersion: '1',
    queryPlanner,
    executionStats: {
      executionSuccess: true,
      nReturned: new Int32(returned),
      totalKeysExamined: new Int32(keysExamined),
      totalDocsExamined: new Int32(documentsExamined),
    },
  };
};
