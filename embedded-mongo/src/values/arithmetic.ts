import { type Decimal128, Double, Int32, Long } from 'bson';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { toNumber } from './numbers.ts';
import { bsonTypeOf, type Value } from './types.ts';

const int32Limit = 1n << 31n;
const int64Limit = 1n << 63n;

type IntegerOperation = (left: bigint, right: bigint) => bigint;
type DoubleOperation = (left: number, right: number) => number;

function isInteger(value: Value): value is Int32 | Long {
  const type = bsonTypeOf(value);
  return type === 'Int32' || type === 'Long';
}

function toBigInt(value: Int32 | Long): bigint {
  return Long.isLong(value) ? value.toBigInt() : BigInt(value.value);
}

/** The narrowest of the types of two integers that holds the result: as the server, int grows to long, long never to double. */
function integerResult(left: Int32 | Long, right: Int32 | Long, result: bigint): Value {
  const bothShort = bsonTypeOf(left) === 'Int32' && bsonTypeOf(right) === 'Int32';
  if (bothShort && result >= -int32Limit && result < int32Limit) return new Int32(Number(result));
  if (result >= -int64Limit && result < int64Limit) return Long.fromBigInt(result);
  throw new CommandError(
    errorCode.badValue,
    `Failed to apply operation: the result ${result} does not fit in a long`,
  );
}

function calculate(
  left: Value,
  right: Value,
  onIntegers: IntegerOperation,
  onDoubles: DoubleOperation,
): Value {
  for (const operand of [left, right]) {
    if (bsonTypeOf(operand) === 'Decimal128') {
      throw notSupported(`Calculating with a Decimal128 (${(operand as Decimal128).toString()})`);
    }
  }
  if (isInteger(left) && isInteger(right)) {
    return integerResult(left, right, onIntegers(toBigInt(left), toBigInt(right)));
  }
  return new Double(onDoubles(toNumber(left) ?? Number.NaN, toNumber(right) ?? Number.NaN));
}

/** The sum of two numeric values in the type that the server gives it. @throws CommandError 2 or 238 */
export function add(left: Value, right: Value): Value {
  return calculate(
    left,
    right,
    (one, other) => one + other,
    (one, other) => one + other,
  );
}

/** The product of two numeric values in the type that the server gives it. @throws CommandError 2 or 238 */
export function multiply(left: Value, right: Value): Value {
  return calculate(
    left,
    right,
    (one, other) => one * other,
    (one, other) => one * other,
  );
}

/** `$bit`: both must be int or long. @throws CommandError 2 */
export function bitwise(left: Value, right: Value, operation: 'and' | 'or' | 'xor'): Value {
  if (!isInteger(left) || !isInteger(right)) {
    throw new CommandError(errorCode.badValue, 'Cannot apply $bit to a value of non-integral type');
  }
  const operations: Record<typeof operation, IntegerOperation> = {
    and: (one, other) => one & other,
    or: (one, other) => one | other,
    xor: (one, other) => one ^ other,
  };
  return integerResult(left, right, operations[operation](toBigInt(left), toBigInt(right)));
}
