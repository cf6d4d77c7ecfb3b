import { PreparedFind } from './query/find.ts';
import type { Collection } from './storage/collection.ts';
import type { Store } from './storage/store.ts';
import type { StoredIndex } from './storage/stored-index.ts';
import { decode } from './values/codec.ts';

/** Most documents that one turn deletes, so that commands do not wait long. */
const documentsPerTurn = 500;

function deleteExpired(
  store: Store,
  collection: Collection,
  index: StoredIndex,
  seconds: number,
  now: number,
): number {
  const { fields, name, partialFilter } = index.specification;
  const path = fields[0]?.path ?? '';
  const find = new PreparedFind(store.database, collection, {
    filter: { ...partialFilter, $and: [{ [path]: { $lte: new Date(now - seconds * 1000) } }] },
    hint: name,
    limit: documentsPerTurn,
  });
  const expired = [];
  for (let found = find.next(); found !== undefined; found = find.next()) expired.push(found);
  for (const { row, document, bytes } of expired) collection.remove(row, document ?? decode(bytes));
  return expired.length;
}

/**
 * Deletes documents whose date in a TTL index lies its seconds in the past: at most some hundreds per
 * index. Returns true when there may be more.
 * @param now milliseconds since 1970, UTC
 */
export function sweepExpired(store: Store, now: number): boolean {
  let more = false;
  for (const collection of store.catalog.all()) {
    for (const index of collection.indexes) {
      const seconds = index.specification.expireAfterSeconds;
      if (seconds === undefined) continue;
      if (deleteExpired(store, collection, index, seconds, now) === documentsPerTurn) more = true;
    }
  }
  return more;
}
