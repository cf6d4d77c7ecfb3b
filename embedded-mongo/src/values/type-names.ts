import { CommandError, errorCode } from '../errors.ts';
import { toNumber } from './numbers.ts';
import { rank, rankOf } from './order.ts';
import { bsonTypeOf, missing, type Value } from './types.ts';

/** BSON type names of `$type` and their numbers. Source: MongoDB manual, "BSON Types". */
const typeNumbers: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const knownNumbers = new Set(Object.values(typeNumbers));
const numericTypes = [1, 16, 18, 19];

/** The BSON type number of a value; undefined for a missing one. */
export function typeNumberOf(value: Value): number | undefined {
  if (value === missing) return undefined;
  switch (rankOf(value)) {
    case rank.minKey:
      return -1;
    case rank.undefined:
      return 6;
    case rank.null:
      return 10;
    case rank.number:
      return typeNumbers[
        { Int32: 'int', Long: 'long', Decimal128: 'decimal' }[bsonTypeOf(value) ?? ''] ?? 'double'
      ];
    case rank.string:
      return typeof value === 'string' ? 2 : 14;
    case rank.object:
      return 3;
    case rank.array:
      return 4;
    case rank.binary:
      return 5;
    case rank.objectId:
      return 7;
    case rank.boolean:
      return 8;
    case rank.date:
      return 9;
    case rank.timestamp:
      return 17;
    case rank.regex:
      return 11;
    case rank.reference:
      return 12;
    case rank.code:
      return 13;
    case rank.codeWithScope:
      return 15;
    case rank.maxKey:
      return 127;
    default:
      return undefined;
  }
}

/** The name of a value's BSON type, as the server writes it in messages. */
export function typeNameOf(value: Value): string {
  const number = typeNumberOf(value);
  return Object.keys(typeNumbers).find((name) => typeNumbers[name] === number) ?? 'missing';
}

/** The type numbers that an operand of `$type` names. @throws CommandError 2 */
export function readTypeOperand(operand: Value): ReadonlySet<number> {
  const names: Value[] = Array.isArray(operand) ? operand : [operand];
  return new Set(names.flatMap(readTypeName));
}

function readTypeName(name: Value): number[] {
  if (name === 'number') return numericTypes;
  if (typeof name === 'string') {
    const number = typeNumbers[name];
    if (number === undefined) throw new CommandError(errorCode.badValue, `Unknown type name alias: ${name}`);
    return [number];
  }
  const number = toNumber(name);
  if (number === undefined || !knownNumbers.has(number)) {
    throw new CommandError(errorCode.badValue, `Invalid numerical type code: ${String(name)}`);
  }
  return [number];
}
