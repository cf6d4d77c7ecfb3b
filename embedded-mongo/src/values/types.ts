import type { BSONValue } from 'bson';

/**
 * A value as this package holds it in memory: what `bson` decodes with `promoteValues: false`, so that
 * every numeric type survives a read and a write unchanged. Numbers are `Int32`, `Double`, `Long` or
 * `Decimal128`; plain JavaScript numbers only appear in values made here and in aggregation results.
 */
export type Value = unknown;

/** A BSON document in memory. */
export type Document = Record<string, Value>;

/** Stands for a field that a document does not have, as distinct from one that is null. */
export const missing: unique symbol = Symbol('missing');

/** The BSON class name of a value that `bson` decodes to a class of its own, or undefined. */
export function bsonTypeOf(value: Value): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<BSONValue>)._bsontype;
}

/** True for an embedded document: an object that is neither an array, a date, a regular expression nor a BSON class. */
export function isDocument(value: Value): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof RegExp) &&
    bsonTypeOf(value) === undefined
  );
}

/** The value of an own field, or `missing`. A field that holds `undefined` counts as null, as the server stores it. */
export function fieldOf(document: Document, name: string): Value {
  if (!Object.hasOwn(document, name)) return missing;
  const value = document[name];
  return value === undefined ? null : value;
}

/**
 * Sets an own field, whatever its name: `__proto__` is a name like any other in BSON.
 */
export function setField(document: Document, name: string, value: Value): void {
  if (name === '__proto__') {
    Object.defineProperty(document, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    document[name] = value;
  }
}
