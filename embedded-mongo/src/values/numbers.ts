import { type Decimal128, type Double, type Int32, Long } from 'bson';
import { notSupported } from '../errors.ts';
import { bsonTypeOf, type Value } from './types.ts';

/**
 * A number as the greatest double that does not exceed it, and what is missing up to the next double, as
 * a fraction of that gap in 1/2^64. Two such pairs order as the numbers do, whatever their BSON types.
 * 64 bits tell apart any two Decimal128 between two neighbouring doubles: they differ by at least
 * 10^-34 of their size, the gap is at most 2^-52 of it.
 */
export interface SplitNumber {
  readonly floor: number;
  readonly fraction: bigint;
}

const bits = new DataView(new ArrayBuffer(8));
const fractionBits = 64n;

/** The next greater double of a finite one. */
function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

function nextDown(value: number): number {
  return -nextUp(-value);
}

interface Rational {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

function rationalOfDouble(value: number): Rational {
  let denominator = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(scaled), denominator };
}

function compareRationals(left: Rational, right: Rational): number {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function splitRational(value: Rational, nearest: number): SplitNumber {
  const floor = compareRationals(rationalOfDouble(nearest), value) > 0 ? nextDown(nearest) : nearest;
  const low = rationalOfDouble(floor);
  const high = rationalOfDouble(nextUp(floor));
  const above = value.numerator * low.denominator - low.numerator * value.denominator;
  const gap = high.numerator * low.denominator - low.numerator * high.denominator;
  const fraction = ((above << fractionBits) * high.denominator) / (value.denominator * gap);
  return { floor, fraction };
}

function splitDecimal(decimal: Decimal128): SplitNumber {
  const text = decimal.toString();
  const nearest = Number(text);
  if (Number.isNaN(nearest)) return { floor: Number.NaN, fraction: 0n };
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text);
  if (parts === null) return { floor: nearest, fraction: 0n };
  const [, sign = '', whole = '', decimals = '', exponentText = '0'] = parts;
  const digits = BigInt(whole + decimals);
  if (digits === 0n) return { floor: 0, fraction: 0n };
  if (!Number.isFinite(nearest) || Math.abs(nearest) < Number.MIN_VALUE * 2 ** 52) {
    throw notSupported(`Ordering a Decimal128 outside the range of doubles (${text})`);
  }
  const exponent = Number(exponentText) - decimals.length;
  const coefficient = sign === '-' ? -digits : digits;
  const value =
    exponent >= 0
      ? { numerator: coefficient * 10n ** BigInt(exponent), denominator: 1n }
      : { numerator: coefficient, denominator: 10n ** BigInt(-exponent) };
  return splitRational(value, nearest);
}

const numericClasses: ReadonlySet<string | undefined> = new Set(['Int32', 'Double', 'Long', 'Decimal128']);

/** True for any of the BSON number types, a JavaScript number and a bigint. */
export function isNumeric(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || numericClasses.has(bsonTypeOf(value));
}

/** The number as a double when a double holds it exactly, else undefined. Must be given a numeric value. */
export function exactDouble(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  const type = bsonTypeOf(value);
  if (type === 'Int32' || type === 'Double') return (value as Int32 | Double).value;
  if (type !== 'Long') return undefined;
  const double = (value as Long).toNumber();
  return Number.isSafeInteger(double) ? double : undefined;
}

/** Splits any numeric value; see `SplitNumber`. @throws CommandError 238 for a Decimal128 outside the range of doubles */
export function splitNumber(value: Value): SplitNumber {
  const double = exactDouble(value);
  if (double !== undefined) return { floor: double, fraction: 0n };
  if (bsonTypeOf(value) === 'Decimal128') return splitDecimal(value as Decimal128);
  const integer = typeof value === 'bigint' ? value : (value as Long).toBigInt();
  return splitRational({ numerator: integer, denominator: 1n }, Number(integer));
}

function compareDoubles(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  return Number.isNaN(left) ? (Number.isNaN(right) ? 0 : -1) : 1;
}

/** Orders two numeric values by their value, whatever their types; NaN comes first and equals itself. @throws CommandError 238 for a Decimal128 outside the range of doubles */
export function compareNumbers(left: Value, right: Value): number {
  const leftDouble = exactDouble(left);
  const rightDouble = exactDouble(right);
  if (leftDouble !== undefined && rightDouble !== undefined) return compareDoubles(leftDouble, rightDouble);
  const leftSplit = splitNumber(left);
  const rightSplit = splitNumber(right);
  const order = compareDoubles(leftSplit.floor, rightSplit.floor);
  if (order !== 0) return order;
  return leftSplit.fraction < rightSplit.fraction ? -1 : leftSplit.fraction > rightSplit.fraction ? 1 : 0;
}

/**
 * A command's numeric option as a JavaScript number (nearest double), or undefined when it is no number.
 */
export function toNumber(value: Value): number | undefined {
  if (!isNumeric(value)) return undefined;
  if (typeof value === 'bigint') return Number(value);
  return exactDouble(value) ?? (Long.isLong(value) ? value.toNumber() : Number(String(value)));
}
