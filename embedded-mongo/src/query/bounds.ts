/** What a filter says about single fields, as intervals of index keys. */
import { encodeValue } from '../storage/index-keys.ts';
import { rank, rankOf } from '../values/order.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import { isOperatorDocument } from './matcher.ts';

/** The conditions on one path that all have to hold, with their operators; a plain value is `$eq`. */
export interface Condition {
  readonly path: string;
  readonly operator: string;
  readonly operand: Value;
}

/** All conditions that every matching document meets: those of the top level and of every `$and`. */
export function conditionsOf(filter: Document): Condition[] {
  return Object.entries(filter).flatMap(([name, value]) => {
    if (name === '$and' && Array.isArray(value)) {
      return value.filter(isDocument).flatMap((clause) => conditionsOf(clause));
    }
    if (name.startsWith('$')) return [];
    if (!isOperatorDocument(value)) return [{ path: name, operator: '$eq', operand: value }];
    return Object.entries(value).map(([operator, operand]) => ({ path: name, operator, operand }));
  });
}

/** Key bytes of one field, from `low` inclusive up to `high` exclusive. */
export interface FieldInterval {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
  /** True when only one value lies inside, so that what follows in the index is in order. */
  readonly point: boolean;
}

const above = Uint8Array.of(0xff);

function after(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, above]);
}

/** All values of one type. */
function wholeType(type: number, direction: 1 | -1): FieldInterval {
  const first = direction > 0 ? type : 255 - type;
  return { low: Uint8Array.of(first), high: Uint8Array.of(first + 1), point: false };
}

/** Types whose values bounds can be made of: arrays are keyed by their elements, so they are none. */
function canBound(operand: Value): boolean {
  const type = rankOf(operand);
  return type !== rank.array && type !== rank.regex && type !== rank.minKey && type !== rank.maxKey;
}

function pointInterval(operand: Value, direction: 1 | -1): FieldInterval {
  const type = rankOf(operand);
  if (type === rank.null || type === rank.undefined) {
    // Null is matched by null and undefined, which are neighbours in the order.
    const keys = [rank.undefined, rank.null].map((each) => (direction > 0 ? each : 255 - each));
    return {
      low: Uint8Array.of(Math.min(...keys)),
      high: Uint8Array.of(Math.max(...keys) + 1),
      point: false,
    };
  }
  const key = encodeValue(operand, direction);
  return { low: key, high: after(key), point: true };
}

function rangeInterval(condition: Condition, direction: 1 | -1): FieldInterval {
  const { operator, operand } = condition;
  const type = rankOf(operand);
  if (type === rank.null || type === rank.undefined) return pointInterval(null, direction);
  const whole = wholeType(type, direction);
  const key = encodeValue(operand, direction);
  const lower = (operator === '$gt' || operator === '$gte') === direction > 0;
  const inclusive = operator === '$gte' || operator === '$lte';
  if (lower) return { low: inclusive ? key : after(key), high: whole.high, point: false };
  return { low: whole.low, high: inclusive ? after(key) : key, point: false };
}

/** The intervals that hold every value which meets the condition; undefined when it bounds nothing. */
export function intervalsOf(condition: Condition, direction: 1 | -1): FieldInterval[] | undefined {
  const { operator, operand } = condition;
  switch (operator) {
    case '$eq':
      return canBound(operand) ? [pointInterval(operand, direction)] : undefined;
    case '$in':
      if (!Array.isArray(operand) || !operand.every(canBound)) return undefined;
      return unite(operand.map((item) => pointInterval(item, direction)));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return canBound(operand) ? [rangeInterval(condition, direction)] : undefined;
    default:
      return undefined;
  }
}

/** Sorts intervals and joins those that overlap. */
export function unite(intervals: readonly FieldInterval[]): FieldInterval[] {
  const sorted = intervals.toSorted((left, right) => Buffer.compare(left.low, right.low));
  const united: FieldInterval[] = [];
  for (const interval of sorted) {
    const last = united.at(-1);
    if (last === undefined || Buffer.compare(interval.low, last.high) >= 0) {
      united.push(interval);
    } else if (Buffer.compare(interval.high, last.high) > 0) {
      united[united.length - 1] = { low: last.low, high: interval.high, point: false };
    }
  }
  return united;
}

/** The intervals inside both. */
export function intersect(left: readonly FieldInterval[], right: readonly FieldInterval[]): FieldInterval[] {
  return left.flatMap((one) =>
    right.flatMap((other) => {
      const low = Buffer.compare(one.low, other.low) >= 0 ? one.low : other.low;
      const high = Buffer.compare(one.high, other.high) <= 0 ? one.high : other.high;
      return Buffer.compare(low, high) < 0 ? [{ low, high, point: one.point || other.point }] : [];
    }),
  );
}
