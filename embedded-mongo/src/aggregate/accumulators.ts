/** Accumulators of `$group`: exact on integers, in the BSON order for extremes. */
import { Double, Int32 } from 'bson';
import { CommandError, notSupported } from '../errors.ts';
import { encodeValue } from '../storage/index-keys.ts';
import { add } from '../values/arithmetic.ts';
import { isNumeric, toNumber } from '../values/numbers.ts';
import { compareValues, rank, rankOf } from '../values/order.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import { type Expression, evaluateExpression } from './expressions.ts';

/** Collects over the documents of one group. */
export interface Accumulator {
  add(value: Value): void;
  result(): Value;
}

/** A computed JavaScript number (from mingo) as the BSON type that it would be stored as. */
function typed(value: Value): Value {
  if (typeof value !== 'number') return value;
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? new Int32(value) : new Double(value);
}

function sum(): Accumulator {
  let total: Value = new Int32(0);
  return {
    add: (value) => {
      if (isNumeric(value)) total = add(total, typed(value));
    },
    result: () => total,
  };
}

function average(): Accumulator {
  let total = 0;
  let count = 0;
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      total += toNumber(value) ?? 0;
      count++;
    },
    result: () => (count === 0 ? null : new Double(total / count)),
  };
}

function extreme(wins: (order: number) => boolean): () => Accumulator {
  return () => {
    let best: Value = null;
    return {
      add: (value) => {
        if (value === undefined || rankOf(value) === rank.null) return;
        if (best === null || wins(compareValues(value, best))) best = value;
      },
      result: () => best,
    };
  };
}

function first(): Accumulator {
  let seen = false;
  let kept: Value = null;
  return {
    add: (value) => {
      if (!seen) kept = value ?? null;
      seen = true;
    },
    result: () => kept,
  };
}

function last(): Accumulator {
  let kept: Value = null;
  return {
    add: (value) => {
      kept = value ?? null;
    },
    result: () => kept,
  };
}

function push(): Accumulator {
  const values: Value[] = [];
  return {
    add: (value) => {
      if (value !== undefined) values.push(value);
    },
    result: () => values,
  };
}

function addToSet(): Accumulator {
  const values = new Map<string, Value>();
  return {
    add: (value) => {
      if (value === undefined) return;
      const key = Buffer.from(encodeValue(value, 1)).toString('latin1');
      if (!values.has(key)) values.set(key, value);
    },
    result: () => [...values.values()],
  };
}

function mergeObjects(): Accumulator {
  const merged: Document = {};
  return {
    add: (value) => {
      if (value === undefined || value === null) return;
      if (!isDocument(value)) {
        throw new CommandError(40400, '$mergeObjects requires object inputs');
      }
      Object.assign(merged, value);
    },
    result: () => merged,
  };
}

const builders: Readonly<Record<string, () => Accumulator>> = {
  $sum: sum,
  $count: sum,
  $avg: average,
  $min: extreme((order) => order < 0),
  $max: extreme((order) => order > 0),
  $first: first,
  $last: last,
  $push: push,
  $addToSet: addToSet,
  $mergeObjects: mergeObjects,
};

/** A field of `$group`, compiled: what it collects, and how to start collecting. */
export interface AccumulatedField {
  readonly name: string;
  readonly operand: Expression;
  readonly start: () => Accumulator;
}

/** Compiles `total: { $sum: '$n' }`. @throws CommandError 15952, 40234, 40238 as the server, 238 for accumulators that this store has not */
export function compileAccumulator(name: string, specification: Value): AccumulatedField {
  if (name.includes('.')) {
    throw new CommandError(40235, `The field name '${name}' cannot contain '.'`);
  }
  const entries = isDocument(specification) ? Object.entries(specification) : [];
  const [entry] = entries;
  if (entry === undefined || !entry[0].startsWith('$')) {
    throw new CommandError(40234, `The field '${name}' must be an accumulator object`);
  }
  if (entries.length > 1) {
    throw new CommandError(40238, `The field '${name}' must specify one accumulator`);
  }
  const [operator, operand] = entry;
  const start = Object.hasOwn(builders, operator) ? builders[operator] : undefined;
  if (start === undefined) throw notSupported(`The accumulator ${operator}`);
  if (operator === '$count') return { name, operand: () => new Int32(1), start };
  return { name, operand: evaluateExpression(operand), start };
}
