/** Chooses how to find the documents of a filter in the order of a sort. */
import { CommandError, errorCode } from '../errors.ts';
import type { Collection } from '../storage/collection.ts';
import type { StoredIndex } from '../storage/stored-index.ts';
import { toNumber } from '../values/numbers.ts';
import { rank, rankOf } from '../values/order.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import { type Condition, conditionsOf, type FieldInterval, intersect, intervalsOf } from './bounds.ts';
import { implies, impliesPresence } from './implication.ts';
import type { SortField } from './sort.ts';

/** Key bytes from `low` inclusive up to `high` exclusive. */
export interface KeyInterval {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
}

export interface CollectionPlan {
  readonly kind: 'collection';
  readonly reverse: boolean;
  readonly providesSort: boolean;
}

export interface IndexPlan {
  readonly kind: 'index';
  readonly index: StoredIndex;
  /** In ascending order, not overlapping; none when nothing can match. */
  readonly intervals: readonly KeyInterval[];
  readonly reverse: boolean;
  readonly providesSort: boolean;
  /** How many leading fields of the index the intervals bound. */
  readonly boundFields: number;
}

export type Plan = CollectionPlan | IndexPlan;

/** Most intervals that `$in` on several fields may multiply to; beyond it the later fields are not bounded. */
const maximumIntervals = 1000;

const everything: KeyInterval = { low: new Uint8Array(0), high: Uint8Array.of(0xff) };

interface Bounds {
  readonly intervals: readonly KeyInterval[];
  readonly boundFields: number;
  /** Leading or later fields that the filter fixes to one value. */
  readonly fixed: ReadonlySet<string>;
  readonly pointFields: number;
}

function fieldIntervals(
  index: StoredIndex,
  at: number,
  conditions: readonly Condition[],
): FieldInterval[] | undefined {
  const field = index.specification.fields[at];
  if (field === undefined) return undefined;
  const found = conditions
    .filter((condition) => condition.path === field.path)
    .map((condition) => intervalsOf(condition, field.direction))
    .filter((intervals) => intervals !== undefined);
  const best = found.find((intervals) => intervals.every((interval) => interval.point)) ?? found[0];
  // Two conditions on an array may be met by two of its elements, so only one of them can bound the keys.
  return best === undefined || index.multikey ? best : found.reduce(intersect);
}

function rootOf(path: string): string {
  return path.split('.', 1)[0] as string;
}

function boundsOf(index: StoredIndex, conditions: readonly Condition[]): Bounds {
  const { fields } = index.specification;
  const fixed = new Set<string>();
  const roots = new Set<string>();
  let prefixes: Uint8Array[] = [new Uint8Array(0)];
  let pointFields = 0;
  for (let at = 0; at < fields.length; at++) {
    const { path } = fields[at] as { path: string };
    // Paths into the same array are keyed element by element, but may be matched by different elements.
    if (index.multikey && roots.has(rootOf(path))) break;
    roots.add(rootOf(path));
    const intervals = fieldIntervals(index, at, conditions);
    if (intervals === undefined || prefixes.length * intervals.length > maximumIntervals) break;
    const joined = prefixes.flatMap((prefix) =>
      intervals.map(({ low, high }) => ({
        low: Buffer.concat([prefix, low]),
        high: Buffer.concat([prefix, high]),
      })),
    );
    if (!intervals.every((interval) => interval.point)) {
      return { intervals: joined, boundFields: at + 1, fixed, pointFields };
    }
    pointFields++;
    if (intervals.length === 1 && !index.multikey) fixed.add(path);
    prefixes = joined.map((interval) => interval.low as Uint8Array);
  }
  if (pointFields === 0) return { intervals: [everything], boundFields: 0, fixed, pointFields };
  const intervals = prefixes.map((prefix) => ({
    low: prefix,
    high: Buffer.concat([prefix, Uint8Array.of(0xff)]),
  }));
  return { intervals, boundFields: pointFields, fixed, pointFields };
}

/** Whether scanning the index gives the sort, and in which direction; undefined when it does not. */
function sortDirection(
  index: StoredIndex,
  fixed: ReadonlySet<string>,
  sort: readonly SortField[],
): 1 | -1 | undefined {
  const wanted = sort.filter((field) => !fixed.has(field.path));
  if (wanted.length === 0) return 1;
  if (index.multikey) return undefined;
  const given = index.specification.fields.filter((field) => !fixed.has(field.path));
  const first = given[0];
  if (first === undefined) return undefined;
  const direction = first.direction === wanted[0]?.direction ? 1 : -1;
  const agrees = wanted.every((field, at) => {
    const own = given[at];
    return own !== undefined && own.path === field.path && own.direction * direction === field.direction;
  });
  return agrees ? direction : undefined;
}

/** Whether the index has every document that can match. */
function isComplete(index: StoredIndex, conditions: readonly Condition[]): boolean {
  const { sparse, partialFilter, fields } = index.specification;
  if (sparse && !fields.some((field) => impliesPresence(conditions, field.path))) return false;
  return partialFilter === undefined || implies(conditions, partialFilter);
}

function planWith(
  index: StoredIndex,
  conditions: readonly Condition[],
  sort: readonly SortField[],
): IndexPlan & { score: number } {
  const bounds = boundsOf(index, conditions);
  const direction = sortDirection(index, bounds.fixed, sort);
  const providesSort = direction !== undefined;
  const rangeFields = bounds.boundFields - bounds.pointFields;
  const complete = bounds.pointFields === index.specification.fields.length && index.specification.unique;
  const score =
    bounds.pointFields * 10 +
    rangeFields * 5 +
    (providesSort && sort.length > 0 ? 8 : 0) +
    (complete ? 100 : 0);
  return {
    kind: 'index',
    index,
    intervals: bounds.intervals,
    reverse: direction === -1,
    providesSort,
    boundFields: bounds.boundFields,
    score,
  };
}

function naturalDirection(document: Document): number | undefined {
  const names = Object.keys(document);
  return names.length === 1 && names[0] === '$natural' ? toNumber(document['$natural']) : undefined;
}

function hintedIndex(collection: Collection, hint: Value): StoredIndex {
  const found = collection.indexes.find((index) => {
    if (typeof hint === 'string') return index.specification.name === hint;
    if (!isDocument(hint)) return false;
    const names = Object.entries(hint);
    const { fields } = index.specification;
    return (
      names.length === fields.length &&
      fields.every(
        (field, at) => names[at]?.[0] === field.path && toNumber(names[at]?.[1]) === field.direction,
      )
    );
  });
  if (found === undefined) {
    throw new CommandError(
      errorCode.badValue,
      `error processing query: ns=${collection.namespace} planner returned error :: caused by :: hint provided does not correspond to an existing index`,
    );
  }
  return found;
}

/** What a query asks of the planner. */
export interface PlanRequest {
  readonly filter: Document;
  /** Fields of the sort; empty for any order. */
  readonly sort: readonly SortField[];
  /** Set when the sort is `{ $natural: ±1 }`. */
  readonly natural?: 1 | -1 | undefined;
  /** Name or key of an index, `{ $natural: ±1 }`, or undefined. */
  readonly hint?: Value;
}

/** Chooses a plan. Never fails for want of an index: the collection can always be scanned. @throws CommandError 2 for a hint at nothing */
export function choosePlan(collection: Collection, request: PlanRequest): Plan {
  const { filter, sort, natural, hint } = request;
  if (natural !== undefined) return { kind: 'collection', reverse: natural < 0, providesSort: true };
  const conditions = conditionsOf(filter);
  const hintNatural = isDocument(hint) ? naturalDirection(hint) : undefined;
  if (hintNatural !== undefined) {
    return { kind: 'collection', reverse: hintNatural < 0, providesSort: sort.length === 0 };
  }
  if (
    hint !== undefined &&
    rankOf(hint) !== rank.null &&
    !(isDocument(hint) && Object.keys(hint).length === 0)
  ) {
    return planWith(hintedIndex(collection, hint), conditions, sort);
  }
  let best: (IndexPlan & { score: number }) | undefined;
  for (const index of collection.indexes) {
    if (!isComplete(index, conditions)) continue;
    const plan = planWith(index, conditions, sort);
    if (plan.score > (best?.score ?? 0)) best = plan;
  }
  return best ?? { kind: 'collection', reverse: false, providesSort: sort.length === 0 };
}
