/** What `update` and `findAndModify` have in common. */

import type { FoundDocument } from '../query/find.ts';
import type { Collection } from '../storage/collection.ts';
import { type Update, upsertStart } from '../update/update.ts';
import { decode, encode } from '../values/codec.ts';
import type { Document, Value } from '../values/types.ts';
import { prepareForStorage } from './insert.ts';

/** Applies an update to a stored document. Returns the new version, and whether it differs from the old one. */
export function modifyFound(
  collection: Collection,
  found: FoundDocument,
  update: Update,
): { bytes: Uint8Array; changed: boolean } {
  const old = found.document ?? decode(found.bytes);
  const updated = update.apply(decode(found.bytes), false);
  const bytes = encode(updated);
  if (Buffer.compare(bytes, found.bytes) === 0) return { bytes: found.bytes, changed: false };
  collection.replace(found.row, old, bytes, updated);
  return { bytes, changed: true };
}

/** Inserts what an upsert makes of its query and its update. */
export function insertUpsert(
  collection: Collection,
  filter: Document,
  update: Update,
): { id: Value; bytes: Uint8Array } {
  const start = upsertStart(filter, update);
  const { document, bytes } = prepareForStorage(update.apply(start, true));
  collection.insert(bytes, document);
  return { id: document['_id'], bytes };
}
