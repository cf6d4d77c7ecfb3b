/** Values in the notation of the server's messages. */
import type { Binary, ObjectId, Timestamp } from 'bson';
import { asDocument, rank, rankOf, regexParts, textOf } from './order.ts';
import { bsonTypeOf, type Document, type Value } from './types.ts';

/** A value as the server writes it in error messages: `"text"`, `ObjectId('…')`, `{ a: 1 }`. */
export function show(value: Value): string {
  const type = rankOf(value);
  switch (type) {
    case rank.string:
      return JSON.stringify(textOf(value));
    case rank.object:
      return showDocument(asDocument(value));
    case rank.array: {
      const items = (value as Value[]).map(show).join(', ');
      return items === '' ? '[]' : `[ ${items} ]`;
    }
    case rank.objectId:
      return `ObjectId('${(value as ObjectId).toHexString()}')`;
    case rank.date:
      return `new Date(${(value as Date).getTime()})`;
    case rank.timestamp:
      return `Timestamp(${(value as Timestamp).t}, ${(value as Timestamp).i})`;
    case rank.binary:
      return `BinData(${(value as Binary).sub_type}, ${(value as Binary).toString('hex').toUpperCase()})`;
    case rank.regex: {
      const { pattern, options } = regexParts(value);
      return `/${pattern}/${options}`;
    }
    case rank.minKey:
      return 'MinKey';
    case rank.maxKey:
      return 'MaxKey';
    case rank.null:
      return 'null';
    case rank.undefined:
      return 'undefined';
    case rank.number:
    case rank.boolean:
    case rank.reference:
    case rank.code:
    case rank.codeWithScope:
      return bsonTypeOf(value) === 'Double' && Number.isInteger(Number(value))
        ? `${String(value)}.0`
        : String(value);
  }
}

/** A document as the server writes it in error messages. */
export function showDocument(document: Document): string {
  const fields = Object.entries(document).map(([name, value]) => `${name}: ${show(value)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
