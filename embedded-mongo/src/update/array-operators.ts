/** `$push`, `$addToSet`, `$pull`, `$pullAll` and `$pop`. */
import { CommandError, errorCode } from '../errors.ts';
import { operatorsPredicate } from '../query/field-predicates.ts';
import { compileMatcher, isOperatorDocument } from '../query/matcher.ts';
import { compileRegex } from '../query/regex.ts';
import { compileSortKey, readSort } from '../query/sort.ts';
import { toNumber } from '../values/numbers.ts';
import { compareValues, rank, rankOf, sameValue, textOf } from '../values/order.ts';
import { typeNameOf } from '../values/type-names.ts';
import { type Document, isDocument, missing, type Value } from '../values/types.ts';
import type { ValueChange } from './operators.ts';

const logicalOperators = new Set(['$and', '$or', '$nor', '$expr']);

function existingArray(value: Value, operator: string, path: string): Value[] {
  if (value === missing) return [];
  if (!Array.isArray(value)) {
    const problem =
      operator === '$push'
        ? `The field '${path}' must be an array but is of type ${typeNameOf(value)}`
        : `Cannot apply ${operator} to a non-array value at '${path}'`;
    throw new CommandError(errorCode.badValue, problem);
  }
  return [...(value as Value[])];
}

function eachOf(operand: Value, operator: string): Value[] | undefined {
  if (!isDocument(operand) || !('$each' in operand)) return undefined;
  const each = operand['$each'];
  if (!Array.isArray(each)) {
    throw new CommandError(
      errorCode.typeMismatch,
      `The argument to $each in ${operator} must be an array but it was of type: ${typeNameOf(each)}`,
    );
  }
  return each;
}

function wholeNumber(value: Value, name: string): number {
  const number = toNumber(value);
  if (number === undefined || !Number.isInteger(number)) {
    throw new CommandError(errorCode.badValue, `The value for ${name} must be an integer value`);
  }
  return number;
}

function elementOrder(sort: Value): (left: Value, right: Value) => number {
  if (isDocument(sort)) {
    const keyOf = compileSortKey(readSort(sort));
    const key = (element: Value) => keyOf(isDocument(element) ? element : {});
    return (left, right) => Buffer.compare(key(left), key(right));
  }
  const direction = toNumber(sort);
  if (direction !== 1 && direction !== -1) {
    throw new CommandError(errorCode.badValue, 'The $sort element value must be either 1 or -1');
  }
  return (left, right) => direction * compareValues(left, right);
}

const pushModifiers = new Set(['$each', '$slice', '$sort', '$position']);

/** `$push` of one value, or of `$each` with `$position`, `$sort` and `$slice`. */
export function push(operand: Value): ValueChange {
  const each = eachOf(operand, '$push');
  if (each === undefined) {
    return (value, path) => [...existingArray(value, '$push', path), operand];
  }
  const modifiers = operand as Document;
  for (const name of Object.keys(modifiers)) {
    if (!pushModifiers.has(name)) {
      throw new CommandError(errorCode.badValue, `Unrecognized clause in $push: ${name}`);
    }
  }
  const position = '$position' in modifiers ? wholeNumber(modifiers['$position'], '$position') : undefined;
  const slice = '$slice' in modifiers ? wholeNumber(modifiers['$slice'], '$slice') : undefined;
  const order = '$sort' in modifiers ? elementOrder(modifiers['$sort']) : undefined;
  return (value, path) => {
    const array = existingArray(value, '$push', path);
    array.splice(position ?? array.length, 0, ...each);
    if (order !== undefined) array.sort(order);
    if (slice === undefined) return array;
    return slice < 0 ? array.slice(slice) : array.slice(0, slice);
  };
}

/** `$addToSet` of one value or of `$each`. */
export function addToSet(operand: Value): ValueChange {
  const values = eachOf(operand, '$addToSet') ?? [operand];
  return (value, path) => {
    const array = existingArray(value, '$addToSet', path);
    for (const added of values) {
      if (!array.some((element) => sameValue(element, added))) array.push(added);
    }
    return array;
  };
}

function pullTest(operand: Value): (element: Value) => boolean {
  if (isOperatorDocument(operand) && !logicalOperators.has(Object.keys(operand)[0] as string)) {
    const predicate = operatorsPredicate(operand, compileMatcher);
    return (element) => predicate(element, undefined);
  }
  if (isDocument(operand)) {
    const matcher = compileMatcher(operand);
    return (element) => isDocument(element) && matcher(element);
  }
  if (rankOf(operand) === rank.regex) {
    const regex = compileRegex(operand);
    return (element) => rankOf(element) === rank.string && regex.test(textOf(element));
  }
  return (element) => sameValue(element, operand);
}

function removing(operator: string, test: (element: Value) => boolean): ValueChange {
  return (value, path) => {
    if (value === missing) return missing;
    return existingArray(value, operator, path).filter((element) => !test(element));
  };
}

/** `$pull` of the elements that equal a value or match a condition. */
export function pull(operand: Value): ValueChange {
  return removing('$pull', pullTest(operand));
}

/** `$pullAll` of the elements that equal one of the values. */
export function pullAll(operand: Value): ValueChange {
  if (!Array.isArray(operand))
    throw new CommandError(errorCode.badValue, '$pullAll requires an array argument');
  return removing('$pullAll', (element) => operand.some((value: Value) => sameValue(element, value)));
}

/** `$pop` of the first (-1) or last (1) element. */
export function pop(operand: Value): ValueChange {
  const end = toNumber(operand);
  if (end !== 1 && end !== -1) {
    throw new CommandError(errorCode.failedToParse, `$pop expects 1 or -1, found: ${String(operand)}`);
  }
  return (value, path) => {
    if (value === missing) return missing;
    if (!Array.isArray(value)) {
      throw new CommandError(
        errorCode.typeMismatch,
        `Path '${path}' contains an element of non-array type '${typeNameOf(value)}'`,
      );
    }
    return end === 1 ? value.slice(0, -1) : value.slice(1);
  };
}
