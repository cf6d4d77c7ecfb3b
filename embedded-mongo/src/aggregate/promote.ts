import { Binary, type BSONRegExp } from 'bson';
import { notSupported } from '../errors.ts';
import { exactDouble } from '../values/numbers.ts';
import { rank, rankOf } from '../values/order.ts';
import { show } from '../values/show.ts';
import { bsonTypeOf, type Document, isDocument, setField, type Value } from '../values/types.ts';

/** A binary value whose text tells it apart from every other one: mingo compares classes by their text. */
class ComparableBinary extends Binary {
  override toString(): string {
    return `${this.sub_type}:${Buffer.from(this.buffer.subarray(0, this.position)).toString('hex')}`;
  }
}

/**
 * A value as mingo wants it: numbers as JavaScript numbers, regular expressions as such.
 * @throws CommandError 238 for a Decimal128 and for a Long beyond ±2^53, with which mingo would calculate wrongly
 */
export function promote(value: Value): Value {
  const type = rankOf(value);
  if (type === rank.number) return promoteNumber(value);
  if (type === rank.array) return (value as Value[]).map(promote);
  if (isDocument(value)) return promoteDocument(value);
  if (type === rank.binary) {
    const { buffer, position, sub_type } = value as Binary;
    return new ComparableBinary(buffer.subarray(0, position), sub_type);
  }
  if (type === rank.regex && !(value instanceof RegExp)) {
    const { pattern, options } = value as BSONRegExp;
    return new RegExp(pattern, options.replace(/[^ims]/g, ''));
  }
  return value;
}

function promoteNumber(value: Value): number {
  const double = exactDouble(value);
  if (double !== undefined) return double;
  const type = bsonTypeOf(value) === 'Decimal128' ? 'a Decimal128' : 'a Long beyond 2^53';
  throw notSupported(`Calculating with ${type} (${show(value)})`);
}

/** A document as mingo wants it; see `promote`. */
export function promoteDocument(document: Document): Document {
  const promoted: Document = {};
  for (const name of Object.keys(document)) setField(promoted, name, promote(document[name]));
  return promoted;
}
