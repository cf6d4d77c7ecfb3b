/**
 * BSON bytes to values and back, always with the types kept (see types.ts), except for aggregation.
 */
import { type DeserializeOptions, deserialize, serialize } from 'bson';
import type { Document } from './types.ts';

const keepTypes: DeserializeOptions = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
  validation: { utf8: true },
};

const keepTypesAndRawDocuments: DeserializeOptions = { ...keepTypes, fieldsAsRaw: { documents: true } };

/** Decodes one document with all its types. @throws BSONError when the bytes are no document. */
export function decode(bytes: Uint8Array): Document {
  return deserialize(bytes, keepTypes);
}

/** Decodes an `insert` command but leaves the elements of its `documents` as the bytes they are. */
export function decodeInsert(bytes: Uint8Array): Document {
  return deserialize(bytes, keepTypesAndRawDocuments);
}

/** Encodes one document. */
export function encode(document: Document): Uint8Array {
  return serialize(document, { ignoreUndefined: false });
}

/** The name of a document's first field without decoding the rest; empty for an empty document. */
export function firstFieldName(bytes: Uint8Array): string {
  if (bytes.length <= 5) return '';
  const end = bytes.indexOf(0, 5);
  return Buffer.from(bytes.buffer, bytes.byteOffset + 5, end - 5).toString('utf8');
}
