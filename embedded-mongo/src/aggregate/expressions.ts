/**
 * Aggregation expressions. Field paths, literals and documents are evaluated here with their BSON types
 * kept; operators are mingo's, those of them that give the server's results. Comparisons are replaced by
 * the BSON order, because mingo compares Long, Decimal128 and Binary by their text.
 */
import { Context, evalExpr, type Context as MingoContext } from 'mingo/core';
import { $mergeObjects } from 'mingo/operators/accumulator';
import * as mingo from 'mingo/operators/expression';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { compareValues, rank, rankOf } from '../values/order.ts';
import { childOf, type Path, parsePath } from '../values/path.ts';
import { type Document, isDocument, missing, setField, type Value } from '../values/types.ts';
import { promote, promoteDocument } from './promote.ts';

/** Evaluates an expression for a document; undefined stands for a missing value. */
export type Expression = (document: Document) => Value;

type MingoOperator = (document: unknown, expression: unknown, options: never) => unknown;

/** Operators of mingo that agree with the server. Everything else is refused. */
const trustedOperators = [
  '$abs $add $ceil $divide $floor $ln $log10 $mod $multiply $pow $round $sqrt $subtract $trunc $exp',
  '$and $or $not $cond $ifNull $switch $let',
  '$concat $toLower $toUpper $split $strLenBytes $strLenCP $substr $substrBytes $substrCP $trim $ltrim $rtrim',
  '$regexMatch $replaceAll $replaceOne $toString',
  '$arrayElemAt $arrayToObject $concatArrays $filter $first $in $indexOfArray $isArray $last $map $objectToArray',
  '$range $reduce $reverseArray $size $slice',
  '$allElementsTrue $anyElementTrue $setDifference $setEquals $setIntersection $setIsSubset $setUnion',
  '$dayOfMonth $dayOfWeek $dayOfYear $hour $isoDayOfWeek $isoWeek $isoWeekYear $millisecond $minute $month $second',
  '$week $year $dateToString $dateToParts $dateTrunc $dateAdd $dateSubtract $dateDiff $isNumber $getField',
]
  .join(' ')
  .split(' ');

const comparisons: Readonly<Record<string, (order: number) => unknown>> = {
  $cmp: Math.sign,
  $eq: (order) => order === 0,
  $ne: (order) => order !== 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

function comparison(name: string, result: (order: number) => unknown): MingoOperator {
  return (document, expression, options) => {
    if (!Array.isArray(expression) || expression.length !== 2) {
      throw new CommandError(
        16020,
        `Expression ${name} takes exactly 2 arguments. ${operandCount(expression)} were passed in.`,
      );
    }
    const [left, right] = expression.map((operand: unknown) => evalExpr(document, operand, options));
    return result(compareValues(left, right));
  };
}

function operandCount(expression: unknown): number {
  return Array.isArray(expression) ? expression.length : 1;
}

function extreme(keep: (order: number) => boolean): MingoOperator {
  return (document, expression, options) => {
    const evaluated: unknown = evalExpr(document, expression, options);
    const values: unknown[] = Array.isArray(evaluated) ? evaluated : [evaluated];
    let best: unknown = null;
    for (const value of values) {
      if (value === null || value === undefined) continue;
      if (best === null || keep(compareValues(value, best))) best = value;
    }
    return best;
  };
}

const operators: Record<string, MingoOperator> = {};
for (const name of trustedOperators) {
  const operator = (mingo as unknown as Record<string, MingoOperator | undefined>)[name];
  if (operator !== undefined) operators[name] = operator;
}
for (const [name, result] of Object.entries(comparisons)) operators[name] = comparison(name, result);
operators['$min'] = extreme((order) => order < 0);
operators['$max'] = extreme((order) => order > 0);
operators['$literal'] = (_document, expression) => expression;
operators['$mergeObjects'] = (document, expression, options) => {
  const evaluated: unknown = evalExpr(document, expression, options);
  return $mergeObjects((Array.isArray(evaluated) ? evaluated : [evaluated]) as never, null as never, options);
};

const context: MingoContext = Context.init({ expression: operators as never });

/** Operators whose `timezone` mingo ignores or reads differently. */
const operatorsWithTimezone = new Set([
  '$dateTrunc',
  '$dateAdd',
  '$dateSubtract',
  '$dateDiff',
  '$dateToString',
  '$dateToParts',
]);

function checkOperator(name: string, operand: Value): void {
  if (!Object.hasOwn(operators, name)) throw notSupported(`The aggregation operator ${name}`);
  if (isDocument(operand)) {
    if (operatorsWithTimezone.has(name) && 'timezone' in operand && !isUtc(operand['timezone'])) {
      throw notSupported(`'timezone' in ${name}, other than UTC,`);
    }
  }
}

function isUtc(value: Value): boolean {
  return value === 'UTC' || value === 'GMT' || value === 'Etc/UTC' || value === 'Z';
}

/** Checks every operator in an expression before anything is evaluated. */
function checkExpression(expression: Value): void {
  if (Array.isArray(expression)) {
    expression.forEach(checkExpression);
  } else if (isDocument(expression)) {
    const names = Object.keys(expression);
    const first = names[0];
    if (first?.startsWith('$')) {
      if (names.length !== 1) {
        throw new CommandError(
          15983,
          `An object representing an expression must have exactly one field: ${names.join(', ')}`,
        );
      }
      checkOperator(first, expression[first]);
      if (first === '$literal') return;
    }
    for (const name of names) checkExpression(expression[name]);
  }
}

/** The value at an aggregation path: through arrays, it is the array of the values in their elements. */
export function valueAtPath(value: Value, path: Path, from = 0): Value {
  if (from === path.length) return value;
  if (Array.isArray(value)) {
    return value
      .map((element: Value) => valueAtPath(element, path, from))
      .filter((found) => found !== undefined);
  }
  const child = childOf(value, path[from] as string);
  return child === missing ? undefined : valueAtPath(child, path, from + 1);
}

function variable(text: string): Expression {
  const [name = '', ...path] = text.slice(2).split('.');
  switch (name) {
    case 'ROOT':
    case 'CURRENT':
      return (document) => valueAtPath(document, path);
    case 'NOW': {
      const now = new Date();
      return () => now;
    }
    case 'REMOVE':
      return () => undefined;
    default:
      throw new CommandError(17276, `Use of undefined variable: ${name}`);
  }
}

function operatorExpression(expression: Document): Expression {
  checkExpression(expression);
  const promoted = promote(expression);
  return (document) => {
    try {
      return evalExpr(promoteDocument(document), promoted, {
        idKey: '_id',
        processingMode: 0,
        useStrictMode: true,
        scriptEnabled: false,
        failOnError: true,
        context,
      });
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(errorCode.badValue, error instanceof Error ? error.message : String(error));
    }
  };
}

/**
 * Compiles an aggregation expression.
 * @throws CommandError 238 for an operator or a number that this store cannot calculate with as the server does
 */
export function evaluateExpression(expression: Value): Expression {
  if (typeof expression === 'string' && expression.startsWith('$')) {
    if (expression.startsWith('$$')) return variable(expression);
    const path = parsePath(expression.slice(1));
    return (document) => valueAtPath(document, path);
  }
  if (Array.isArray(expression)) {
    const items = expression.map(evaluateExpression);
    return (document) => items.map((item) => item(document) ?? null);
  }
  if (!isDocument(expression)) return () => expression;
  const names = Object.keys(expression);
  if (names.length === 1 && names[0] === '$literal') return () => expression['$literal'];
  if (names[0]?.startsWith('$')) return operatorExpression(expression);
  const fields = names.map((name) => [name, evaluateExpression(expression[name])] as const);
  return (document) => {
    const result: Document = {};
    for (const [name, evaluate] of fields) {
      const value = evaluate(document);
      if (value !== undefined) setField(result, name, value);
    }
    return result;
  };
}

/** The server's notion of truth: everything but false, null, missing and zero. */
export function isTrue(value: Value): boolean {
  if (value === false || value === null || value === undefined) return false;
  return rankOf(value) !== rank.number || compareValues(value, 0) !== 0;
}
