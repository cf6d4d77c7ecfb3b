import type { CursorBatch } from '../cursors.ts';

/** BSON element types that a cursor's reply is made of. */
const element = { double: 1, string: 2, document: 3, array: 4, int64: 18 } as const;

function arrayBytes(documents: readonly Uint8Array[]): number {
  let bytes = 5;
  for (let at = 0; at < documents.length; at++) {
    bytes += 1 + String(at).length + 1 + (documents[at] as Uint8Array).length;
  }
  return bytes;
}

/**
 * `{ cursor: { firstBatch: […], id, ns }, ok: 1 }` around documents that are bytes already: they are
 * copied, never decoded.
 */
export function encodeCursorReply(batch: CursorBatch): Uint8Array {
  const batchSize = arrayBytes(batch.documents);
  const namespaceBytes = Buffer.byteLength(batch.namespace) + 1;
  const cursorSize =
    4 + (1 + batch.field.length + 1 + batchSize) + (1 + 3 + 8) + (1 + 3 + 4 + namespaceBytes) + 1;
  const size = 4 + (1 + 7 + cursorSize) + (1 + 3 + 8) + 1;
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeInt32LE(size, 0);
  const name = (type: number, text: string): void => {
    at = bytes.writeUInt8(type, at);
    at += bytes.write(text, at, 'latin1');
    at = bytes.writeUInt8(0, at);
  };
  name(element.document, 'cursor');
  at = bytes.writeInt32LE(cursorSize, at);
  name(element.array, batch.field);
  at = bytes.writeInt32LE(batchSize, at);
  batch.documents.forEach((document, index) => {
    name(element.document, String(index));
    bytes.set(document, at);
    at += document.length;
  });
  at = bytes.writeUInt8(0, at);
  name(element.int64, 'id');
  at = bytes.writeBigInt64LE(batch.id.toBigInt(), at);
  name(element.string, 'ns');
  at = bytes.writeInt32LE(namespaceBytes, at);
  at += bytes.write(batch.namespace, at, 'utf8');
  at = bytes.writeUInt8(0, at);
  at = bytes.writeUInt8(0, at);
  name(element.double, 'ok');
  at = bytes.writeDoubleLE(1, at);
  bytes.writeUInt8(0, at);
  return bytes;
}
