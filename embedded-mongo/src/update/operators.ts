/** The operators of an update that change one value. */
import { Double, Int32, Long, Timestamp } from 'bson';
import { CommandError, errorCode } from '../errors.ts';
import { add, bitwise, multiply } from '../values/arithmetic.ts';
import { isNumeric } from '../values/numbers.ts';
import { compareValues } from '../values/order.ts';
import { show } from '../values/show.ts';
import { typeNameOf } from '../values/type-names.ts';
import { bsonTypeOf, type Document, isDocument, missing, type Value } from '../values/types.ts';
import { addToSet, pop, pull, pullAll, push } from './array-operators.ts';

/**
 * Computes the new value at a path from the old one. `missing` as the old value: there is none; as the new
 * one: the field goes, or stays away.
 */
export type ValueChange = (value: Value, path: string, document: Document) => Value;

function requireNumber(operator: string, path: string, operand: Value): void {
  if (isNumeric(operand)) return;
  const verb = operator === '$inc' ? 'increment' : 'multiply';
  throw new CommandError(
    errorCode.typeMismatch,
    `Cannot ${verb} with non-numeric argument: {${path}: ${show(operand)}}`,
  );
}

function checkTarget(operator: string, value: Value, path: string, document: Document): void {
  if (isNumeric(value)) return;
  throw new CommandError(
    errorCode.typeMismatch,
    `Cannot apply ${operator} to a value of non-numeric type. {_id: ${show(document['_id'])}} has the field '${path.split('.').at(-1)}' of non-numeric type ${typeNameOf(value)}`,
  );
}

function zeroLike(operand: Value): Value {
  const type = bsonTypeOf(operand);
  if (type === 'Int32') return new Int32(0);
  return type === 'Long' ? Long.ZERO : new Double(0);
}

function increment(operand: Value, operandPath: string): ValueChange {
  requireNumber('$inc', operandPath, operand);
  return (value, path, document) => {
    if (value === missing) return operand;
    checkTarget('$inc', value, path, document);
    return add(value, operand);
  };
}

function scale(operand: Value, operandPath: string): ValueChange {
  requireNumber('$mul', operandPath, operand);
  return (value, path, document) => {
    if (value === missing) return zeroLike(operand);
    checkTarget('$mul', value, path, document);
    return multiply(value, operand);
  };
}

function currentDate(operand: Value): ValueChange {
  const type = isDocument(operand) ? operand['$type'] : 'date';
  if (typeof operand !== 'boolean' && type !== 'date' && type !== 'timestamp') {
    throw new CommandError(
      errorCode.badValue,
      "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
    );
  }
  if (type === 'timestamp') {
    return () => new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  }
  return () => new Date();
}

function bits(operand: Value): ValueChange {
  const entries = isDocument(operand) ? Object.entries(operand) : [];
  const [entry] = entries;
  if (entry === undefined || entries.some(([name]) => !['and', 'or', 'xor'].includes(name))) {
    throw new CommandError(errorCode.badValue, "The $bit modifier only supports 'and', 'or', and 'xor'");
  }
  return (value) =>
    entries.reduce<Value>(
      (result, [name, mask]) => bitwise(result, mask, name as 'and' | 'or' | 'xor'),
      value === missing ? zeroLike(entry[1]) : value,
    );
}

/** Builds the change from its operand; the path is for messages. */
export type ChangeBuilder = (operand: Value, path: string) => ValueChange;

/** The operators that act on the value at a path. `$rename` and `$setOnInsert` are not among them; see update.ts. */
export const changeBuilders: Readonly<Record<string, ChangeBuilder>> = {
  $set: (operand) => () => operand,
  $unset: () => () => missing,
  $inc: increment,
  $mul: scale,
  $min: (operand) => (value) => (value === missing || compareValues(operand, value) < 0 ? operand : value),
  $max: (operand) => (value) => (value === missing || compareValues(operand, value) > 0 ? operand : value),
  $currentDate: currentDate,
  $bit: bits,
  $push: push,
  $addToSet: addToSet,
  $pull: pull,
  $pullAll: pullAll,
  $pop: pop,
};
