import { Int32 } from 'bson';
import { CommandError, errorCode } from '../errors.ts';
import { type FoundDocument, PreparedFind } from '../query/find.ts';
import type { Collection } from '../storage/collection.ts';
import type { Store } from '../storage/store.ts';
import { compileUpdate } from '../update/update.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import type { Command } from './command.ts';
import { insertUpsert, modifyFound } from './modify.ts';
import {
  checkFields,
  checkNestedFields,
  collectionName,
  databaseName,
  optionalFlag,
  requiredArray,
  requiredDocument,
} from './options.ts';

interface UpdateOutcome {
  readonly matched: number;
  readonly modified: number;
  readonly upserted?: { readonly id: Value };
}

/** All that a multi-update means is found before anything is changed, so that no document is met twice. */
function findTargets(
  store: Store,
  collection: Collection,
  statement: Document,
  multi: boolean,
): FoundDocument[] {
  const find = new PreparedFind(store.database, collection, {
    filter: requiredDocument(statement, 'q'),
    hint: statement['hint'],
    limit: multi ? 0 : 1,
  });
  const targets: FoundDocument[] = [];
  for (let found = find.next(); found !== undefined; found = find.next()) targets.push(found);
  return targets;
}

function runStatement(store: Store, collection: Collection, statement: Document): UpdateOutcome {
  checkNestedFields('update.updates', statement, {
    carriedOut: ['q', 'u', 'multi', 'upsert', 'arrayFilters', 'hint'],
    refused: ['collation', 'c', 'sort', 'sampleId', 'allowShardKeyUpdatesWithoutFullShardKeyInQuery'],
  });
  const filter = requiredDocument(statement, 'q');
  const multi = optionalFlag(statement, 'multi', false);
  const arrayFilters = 'arrayFilters' in statement ? requiredArray(statement, 'arrayFilters') : [];
  const update = compileUpdate(statement['u'], filter, arrayFilters);
  if (multi && update.kind === 'replacement') {
    throw new CommandError(
      errorCode.failedToParse,
      'multi update is not supported for replacement-style update',
    );
  }
  const targets = findTargets(store, collection, statement, multi);
  if (targets.length === 0 && optionalFlag(statement, 'upsert', false)) {
    return { matched: 1, modified: 0, upserted: insertUpsert(collection, filter, update) };
  }
  let modified = 0;
  for (const target of targets) {
    if (modifyFound(collection, target, update).changed) modified++;
  }
  return { matched: targets.length, modified };
}

export const update: Command = (command, { store }) => {
  checkFields(command, {
    carriedOut: ['updates', 'ordered', 'bypassDocumentValidation'],
    refused: ['let', 'encryptionInformation', 'stmtId', 'stmtIds'],
  });
  const collection = store.catalog.findOrCreate(databaseName(command), collectionName(command));
  const ordered = optionalFlag(command, 'ordered', true);
  const upserted: Document[] = [];
  const writeErrors: Document[] = [];
  let matched = 0;
  let modified = 0;
  for (const [at, statement] of requiredArray(command, 'updates').entries()) {
    try {
      if (!isDocument(statement))
        throw new CommandError(errorCode.typeMismatch, "BSON field 'update.updates' is the wrong type");
      const outcome = runStatement(store, collection, statement);
      matched += outcome.matched;
      modified += outcome.modified;
      if (outcome.upserted !== undefined) upserted.push({ index: new Int32(at), _id: outcome.upserted.id });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      writeErrors.push(error.toWriteError(at));
      if (ordered) break;
    }
  }
  return {
    n: new Int32(matched),
    ...(upserted.length > 0 ? { upserted } : {}),
    nModified: new Int32(modified),
    ...(writeErrors.length > 0 ? { writeErrors } : {}),
  };
};
