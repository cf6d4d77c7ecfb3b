import { Binary, type BSONRegExp, Long } from 'bson';
import { notSupported } from '../errors.ts';
import { exactDouble } from '../values/numbers.ts';
import { rank, rankOf } from '../values/order.ts';
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
  switch (rankOf(value)) {
    case rank.number: {
      const double = exactDouble(value);
      if (double === undefined) {
        const type = bsonTypeOf(value) === 'Decimal128' ? 'a Decimal128' : 'a Long beyond 2^53';
        throw notSupported(
          `Calculating with ${type} (${Long.isLong(value) ? value.toString() : String(value)})`,
        );
      }
      return double;
    }
    case rank.array:
      return (value as Value[]).map(promote);
    case rank.object:
      return isDocument(value) ? promoteDocument(value) : value;
    case rank.binary: {
      const { buffer, position, sub_type } = value as Binary;
      return new ComparableBinary(buffer.subarray(0, position), sub_type);
    }
    case rank.regex: {
      if (value instanceof RegExp) return value;
      const { pattern, options } = value as BSONRegExp;
      return new RegExp(pattern, options.replace(/[^ims]/g, ''));
    }
    default:
      return value;
  }
}

/** A document as mingo wants it; see `promote`. */
export function promoteDocument(document: Document): Document {
  const promoted: Document = {};
  for (const name of Object.keys(document)) setField(promoted, name, promote(document[name]));
  return promoted;
}
