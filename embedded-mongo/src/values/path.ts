import { asDocument, rank, rankOf } from './order.ts';
import { fieldOf, missing, type Value } from './types.ts';

/** A dotted path, split. */
export type Path = readonly string[];

export function parsePath(path: string): Path {
  return path.split('.');
}

/** True for a path component that can be an array index: digits without a leading zero. */
export function isArrayIndex(component: string): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(component);
}

/** A field of an embedded document; `missing` when `value` is none or has no such field. */
export function childOf(value: Value, name: string): Value {
  return rankOf(value) === rank.object ? fieldOf(asDocument(value), name) : missing;
}

/**
 * Calls `visit` for every value that a query path reaches, until `visit` returns true; returns whether it
 * did. Arrays on the way are entered one level deep, and by index where the component is one. An array at
 * the end is visited element by element and then whole (`leafElements`), or only whole. A path that ends
 * early is visited as `missing`, but not for array elements that are no documents.
 * Source: MongoDB manual, "Query an Array", and the server's answers.
 */
export function somePathValue(
  value: Value,
  path: Path,
  leafElements: boolean,
  visit: (value: Value) => boolean,
  from = 0,
): boolean {
  const child = childOf(value, path[from] as string);
  return someReached(child, path, leafElements, visit, from + 1);
}

function someReached(
  value: Value,
  path: Path,
  leafElements: boolean,
  visit: (value: Value) => boolean,
  from: number,
): boolean {
  if (from === path.length) {
    if (leafElements && Array.isArray(value) && value.some(visit)) return true;
    return visit(value);
  }
  if (!Array.isArray(value)) {
    if (rankOf(value) !== rank.object) return visit(missing);
    return somePathValue(value, path, leafElements, visit, from);
  }
  for (const element of value) {
    if (rankOf(element) === rank.object && somePathValue(element, path, leafElements, visit, from))
      return true;
  }
  const component = path[from] as string;
  if (!isArrayIndex(component)) return false;
  const index = Number(component);
  if (index >= value.length) return false;
  const element: Value = value[index];
  // An array that is named by its index is meant as a whole.
  if (from + 1 === path.length) return visit(element);
  if (!Array.isArray(element) && rankOf(element) !== rank.object) return false;
  return someReached(element, path, leafElements, visit, from + 1);
}
