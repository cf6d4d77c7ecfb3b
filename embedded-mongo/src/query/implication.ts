/** What a query's conditions say for certain about its documents: enough to use sparse and partial indexes. */
import { compareValues, rank, rankOf, sameValue } from '../values/order.ts';
import { readTypeOperand, typeNumberOf } from '../values/type-names.ts';
import type { Document, Value } from '../values/types.ts';
import { type Condition, conditionsOf } from './bounds.ts';

function isNull(value: Value): boolean {
  const type = rankOf(value);
  return type === rank.null || type === rank.undefined;
}

/** True when a document that meets the conditions surely has the field. */
export function impliesPresence(conditions: readonly Condition[], path: string): boolean {
  return conditions.some(({ path: own, operator, operand }) => {
    if (own !== path) return false;
    switch (operator) {
      case '$eq':
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        return !isNull(operand) && rankOf(operand) !== rank.minKey && rankOf(operand) !== rank.maxKey;
      case '$in':
        return Array.isArray(operand) && !operand.some(isNull);
      case '$exists':
        return operand === true;
      default:
        return false;
    }
  });
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

/** True when the condition `given` on a field makes `wanted` on the same field hold. */
function conditionImplies(given: Condition, wanted: Condition): boolean {
  if (given.path !== wanted.path) return false;
  if (given.operator === wanted.operator && sameValue(given.operand, wanted.operand)) return true;
  const comparison = comparisons[wanted.operator];
  if (comparison !== undefined) {
    if (rankOf(given.operand) !== rankOf(wanted.operand)) return false;
    const order = compareValues(given.operand, wanted.operand);
    if (given.operator === '$eq') return comparison(order);
    const sameSide = given.operator.slice(0, 3) === wanted.operator.slice(0, 3);
    return sameSide && comparisons[given.operator] !== undefined && order !== 0 && comparison(order);
  }
  if (given.operator !== '$eq') return false;
  if (wanted.operator === '$in') {
    return Array.isArray(wanted.operand) && wanted.operand.some((item) => sameValue(item, given.operand));
  }
  if (wanted.operator === '$type')
    return readTypeOperand(wanted.operand).has(typeNumberOf(given.operand) ?? Number.NaN);
  return false;
}

/** True when every document that meets the conditions surely matches a partial index's filter. */
export function implies(conditions: readonly Condition[], partialFilter: Document): boolean {
  const names = Object.keys(partialFilter);
  if (names.some((name) => name.startsWith('$') && name !== '$and')) return false;
  return conditionsOf(partialFilter).every((wanted) => {
    if (wanted.operator === '$exists' && wanted.operand === true)
      return impliesPresence(conditions, wanted.path);
    return conditions.some((given) => conditionImplies(given, wanted));
  });
}
