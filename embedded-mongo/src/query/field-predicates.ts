/** The operators of a query on one field. */
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { isNumeric, toNumber } from '../values/numbers.ts';
import { compareValues, rank, rankOf, sameValue, textOf } from '../values/order.ts';
import { type Path, somePathValue } from '../values/path.ts';
import { readTypeOperand, typeNumberOf } from '../values/type-names.ts';
import { type Document, isDocument, missing, type Value } from '../values/types.ts';
import { compileRegex, regexOptions } from './regex.ts';

/** Tests what a path reaches in `root`; without a path, `root` itself (as in `$elemMatch`). */
export type FieldPredicate = (root: Value, path: Path | undefined) => boolean;

/** Compiles a whole filter, for the operators that contain one. */
export type CompileFilter = (filter: Document) => (document: Document) => boolean;

/** An existential test: true when some value that the path reaches passes. */
function some(test: (value: Value) => boolean, leafElements = true): FieldPredicate {
  return (root, path) => (path === undefined ? test(root) : somePathValue(root, path, leafElements, test));
}

function not(predicate: FieldPredicate): FieldPredicate {
  return (root, path) => !predicate(root, path);
}

function all(predicates: readonly FieldPredicate[]): FieldPredicate {
  const [only] = predicates;
  if (only !== undefined && predicates.length === 1) return only;
  return (root, path) => predicates.every((predicate) => predicate(root, path));
}

function equalTest(operand: Value): (value: Value) => boolean {
  const operandRank = rankOf(operand);
  if (operandRank === rank.null || operandRank === rank.undefined) {
    return (value) => {
      const valueRank = rankOf(value);
      return valueRank === rank.null || valueRank === rank.undefined;
    };
  }
  return (value) => value !== missing && rankOf(value) === operandRank && sameValue(value, operand);
}

function regexTest(regex: RegExp): (value: Value) => boolean {
  return (value) => rankOf(value) === rank.string && regex.test(textOf(value));
}

/** Equality as a plain value in a filter means it: a regular expression matches strings. */
export function equality(operand: Value): FieldPredicate {
  if (rankOf(operand) !== rank.regex) return some(equalTest(operand));
  const matches = regexTest(compileRegex(operand));
  const equals = equalTest(operand);
  return some((value) => matches(value) || equals(value));
}

function isNaNValue(value: Value): boolean {
  return isNumeric(value) && Number.isNaN(toNumber(value));
}

function comparison(operand: Value, accepts: (order: number) => boolean): FieldPredicate {
  if (rankOf(operand) === rank.regex) {
    throw new CommandError(errorCode.badValue, `Can't have RegEx as arg to predicate over field`);
  }
  const operandRank = rankOf(operand);
  const acrossTypes = operandRank === rank.minKey || operandRank === rank.maxKey;
  const inclusive = accepts(0);
  const operandIsNaN = isNaNValue(operand);
  return some((value) => {
    if (acrossTypes) return accepts(compareValues(value, operand));
    if (rankOf(value) !== operandRank) return false;
    if (operandIsNaN || isNaNValue(value)) return inclusive && operandIsNaN && isNaNValue(value);
    return accepts(compareValues(value, operand));
  });
}

function arrayOperand(name: string, operand: Value): Value[] {
  if (!Array.isArray(operand)) throw new CommandError(errorCode.badValue, `${name} needs an array`);
  return operand;
}

function oneOf(operand: Value, name: string): FieldPredicate {
  const tests = arrayOperand(name, operand).map((item) => {
    if (isDocument(item) && Object.keys(item)[0]?.startsWith('$')) {
      throw new CommandError(errorCode.badValue, `cannot nest $ under ${name}`);
    }
    if (rankOf(item) !== rank.regex) return equalTest(item);
    const matches = regexTest(compileRegex(item));
    const equals = equalTest(item);
    return (value: Value) => matches(value) || equals(value);
  });
  return some((value) => tests.some((test) => test(value)));
}

function everyOf(operand: Value, compileFilter: CompileFilter): FieldPredicate {
  const items = arrayOperand('$all', operand);
  if (items.length === 0) return () => false;
  return all(
    items.map((item) =>
      isDocument(item) && Object.keys(item)[0] === '$elemMatch'
        ? elementMatch(item['$elemMatch'], compileFilter)
        : equality(item),
    ),
  );
}

const logicalOperators = new Set(['$and', '$or', '$nor', '$expr']);

function elementMatch(operand: Value, compileFilter: CompileFilter): FieldPredicate {
  if (!isDocument(operand)) throw new CommandError(errorCode.badValue, '$elemMatch needs an Object');
  const first = Object.keys(operand)[0];
  if (first?.startsWith('$') && !logicalOperators.has(first)) {
    const predicate = operatorsPredicate(operand, compileFilter);
    return some((value) => Array.isArray(value) && value.some((item) => predicate(item, undefined)), false);
  }
  const matcher = compileFilter(operand);
  return some(
    (value) =>
      Array.isArray(value) && value.some((item) => rankOf(item) === rank.object && matcher(item as Document)),
    false,
  );
}

function integerOperand(name: string, operand: Value): number {
  const number = toNumber(operand);
  if (number === undefined || !Number.isInteger(number)) {
    throw new CommandError(errorCode.badValue, `${name} must be a whole number`);
  }
  return number;
}

function sizeIs(operand: Value): FieldPredicate {
  const size = integerOperand('$size', operand);
  if (size < 0) throw new CommandError(errorCode.badValue, '$size may not be negative');
  return some((value) => Array.isArray(value) && value.length === size, false);
}

function remainder(operand: Value): FieldPredicate {
  const items = arrayOperand('$mod', operand);
  if (items.length !== 2) throw new CommandError(errorCode.badValue, 'malformed mod, needs two elements');
  const [divisor, rest] = items.map((item) => toNumber(item) ?? Number.NaN).map(Math.trunc);
  if (divisor === undefined || rest === undefined || !Number.isFinite(divisor) || !Number.isFinite(rest)) {
    throw new CommandError(errorCode.badValue, 'malformed mod, operands are no numbers');
  }
  if (divisor === 0) throw new CommandError(errorCode.badValue, 'divisor cannot be 0');
  return some((value) => {
    if (!isNumeric(value)) return false;
    const number = Math.trunc(toNumber(value) ?? Number.NaN);
    return Number.isFinite(number) && (number % divisor) - rest === 0;
  });
}

function exists(operand: Value): FieldPredicate {
  const present = some((value) => value !== missing, false);
  const wanted =
    operand === true || (isNumeric(operand) && toNumber(operand) !== 0) || rankOf(operand) > rank.number;
  return wanted && operand !== false ? present : not(present);
}

function typeIs(operand: Value): FieldPredicate {
  const types = readTypeOperand(operand);
  return some((value) => types.has(typeNumberOf(value) ?? Number.NaN));
}

function negation(operand: Value, compileFilter: CompileFilter): FieldPredicate {
  if (rankOf(operand) === rank.regex) return not(equality(operand));
  if (!isDocument(operand)) throw new CommandError(errorCode.badValue, '$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw new CommandError(errorCode.badValue, '$not cannot be empty');
  return not(operatorsPredicate(operand, compileFilter));
}

function regexIs(operand: Value, _compileFilter: CompileFilter, operators: Document): FieldPredicate {
  if (typeof operand !== 'string' && rankOf(operand) !== rank.regex) {
    throw new CommandError(errorCode.badValue, '$regex has to be a string');
  }
  return some(regexTest(compileRegex(operand, regexOptions(operators['$options']))));
}

type OperatorCompiler = (operand: Value, compileFilter: CompileFilter, operators: Document) => FieldPredicate;

const operatorTable: Readonly<Record<string, OperatorCompiler>> = {
  $eq: (operand) => some(equalTest(operand)),
  $ne: (operand) => {
    if (rankOf(operand) === rank.regex)
      throw new CommandError(errorCode.badValue, "Can't have regex as arg to $ne.");
    return not(some(equalTest(operand)));
  },
  $gt: (operand) => comparison(operand, (order) => order > 0),
  $gte: (operand) => comparison(operand, (order) => order >= 0),
  $lt: (operand) => comparison(operand, (order) => order < 0),
  $lte: (operand) => comparison(operand, (order) => order <= 0),
  $in: (operand) => oneOf(operand, '$in'),
  $nin: (operand) => not(oneOf(operand, '$nin')),
  $all: everyOf,
  $elemMatch: elementMatch,
  $size: sizeIs,
  $mod: remainder,
  $exists: exists,
  $type: typeIs,
  $not: negation,
  $regex: regexIs,
  $options: (_operand, _compileFilter, operators) => {
    if (!('$regex' in operators)) throw new CommandError(errorCode.badValue, '$options needs a $regex');
    return () => true;
  },
};

const refusedOperators = new Set([
  '$bitsAllSet',
  '$bitsAllClear',
  '$bitsAnySet',
  '$bitsAnyClear',
  '$geoWithin',
  '$geoIntersects',
  '$within',
  '$near',
  '$nearSphere',
  '$maxDistance',
  '$minDistance',
]);

/** The conjunction of the operators in `{ $gt: 1, $lt: 5 }`. @throws CommandError 2 or 238 */
export function operatorsPredicate(operators: Document, compileFilter: CompileFilter): FieldPredicate {
  return all(
    Object.entries(operators).map(([name, operand]) => {
      if (refusedOperators.has(name)) throw notSupported(`The query operator ${name}`);
      const compile = Object.hasOwn(operatorTable, name) ? operatorTable[name] : undefined;
      if (compile === undefined) throw new CommandError(errorCode.badValue, `unknown operator: ${name}`);
      return compile(operand, compileFilter, operators);
    }),
  );
}
