/** Compiles the update of an `update` or `findAndModify` command and applies it to documents. */
import { compileTransformation } from '../aggregate/transformations.ts';
import { CommandError, errorCode } from '../errors.ts';
import { conditionsOf } from '../query/bounds.ts';
import { compileMatcher } from '../query/matcher.ts';
import { compareStrings, rank, rankOf, sameValue } from '../values/order.ts';
import { isArrayIndex, type Path, parsePath } from '../values/path.ts';
import { show } from '../values/show.ts';
import { type Document, fieldOf, isDocument, missing, type Value } from '../values/types.ts';
import { changeBuilders, type ValueChange } from './operators.ts';
import {
  checkTraversable,
  concretePaths,
  leadsThroughArray,
  type Positions,
  readAt,
  removeAt,
  writeAt,
} from './paths.ts';

/** An update, ready to be applied to any number of documents. */
export interface Update {
  readonly kind: 'replacement' | 'operators' | 'pipeline';
  /**
   * Gives the new document; the given one is used up. `inserting` when it is the start of an upsert.
   * @throws CommandError 2, 14, 28 or 66
   */
  apply(document: Document, inserting: boolean): Document;
}

interface Change {
  readonly path: Path;
  readonly text: string;
  readonly change: ValueChange;
  readonly insertOnly: boolean;
  /** Whether a value in the way is an error even where there is nothing to change. */
  readonly traverses: boolean;
}

const traversingOperators = new Set(['$pull', '$pullAll', '$pop']);

interface Rename {
  readonly from: Path;
  readonly to: Path;
}

function checkConflicts(paths: readonly string[]): void {
  const seen: string[] = [];
  for (const path of paths) {
    const other = seen.find(
      (each) => each === path || path.startsWith(`${each}.`) || each.startsWith(`${path}.`),
    );
    if (other !== undefined) {
      const shorter = other.length < path.length ? other : path;
      throw new CommandError(
        errorCode.conflictingUpdateOperators,
        `Updating the path '${path}' would create a conflict at '${shorter}'`,
      );
    }
    seen.push(path);
  }
}

function checkPath(text: string): void {
  if (text === '') throw new CommandError(56, 'An empty update path is not valid.');
  if (text.split('.').includes('')) {
    throw new CommandError(
      56,
      `The update path '${text}' contains an empty field name, which is not allowed.`,
    );
  }
  for (const component of text.split('.')) {
    if (component.startsWith('$') && component !== '$' && !/^\$\[[^\]]*\]$/.test(component)) {
      throw new CommandError(
        errorCode.dollarPrefixedFieldName,
        `The dollar ($) prefixed field '${component}' in '${text}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
}

function readRenames(fields: Document): Rename[] {
  return Object.entries(fields).map(([from, to]) => {
    if (typeof to !== 'string') {
      throw new CommandError(
        errorCode.badValue,
        `The 'to' field for $rename must be a string: ${from}: ${show(to)}`,
      );
    }
    if (from === to) {
      throw new CommandError(
        errorCode.badValue,
        `The source and target field for $rename must differ: ${from}: "${to}"`,
      );
    }
    if ([from, to].some((path) => path.includes('$'))) {
      throw new CommandError(errorCode.badValue, `The fields for $rename may not be dynamic: ${from}`);
    }
    return { from: parsePath(from), to: parsePath(to) };
  });
}

/** Components that are array indexes compare as numbers, all others by their bytes: the order in which the server adds fields. */
function comparePaths(left: Path, right: Path): number {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const one = left[at] as string;
    const other = right[at] as string;
    const order =
      isArrayIndex(one) && isArrayIndex(other) ? Number(one) - Number(other) : compareStrings(one, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Reads `arrayFilters`: `[{ 'item.state': 'free' }]` names the filter `item`. @throws CommandError 9 */
function readArrayFilters(filters: readonly Value[]): Map<string, (element: Value) => boolean> {
  const byName = new Map<string, (element: Value) => boolean>();
  for (const filter of filters) {
    const names = isDocument(filter)
      ? new Set(Object.keys(filter).map((path) => path.split('.')[0]))
      : new Set();
    const [name] = names;
    if (typeof name !== 'string' || names.size !== 1 || !/^[a-z][a-zA-Z0-9]*$/.test(name)) {
      throw new CommandError(
        errorCode.failedToParse,
        'Expected a single top-level field name in each array filter, which begins with a lowercase letter',
      );
    }
    if (byName.has(name)) {
      throw new CommandError(
        errorCode.failedToParse,
        `Found multiple array filters with the same top-level field name ${name}`,
      );
    }
    const matcher = compileMatcher(filter as Document);
    byName.set(name, (element) => matcher({ [name]: element }));
  }
  return byName;
}

function checkFiltersUsed(filters: ReadonlyMap<string, unknown>, paths: readonly string[]): void {
  for (const name of filters.keys()) {
    if (!paths.some((path) => path.split('.').includes(`$[${name}]`))) {
      throw new CommandError(
        errorCode.failedToParse,
        `The array filter for identifier '${name}' was not used in the update`,
      );
    }
  }
}

/** Finds the element that made a document match its query, for the positional operator `$`. */
function matchedElement(document: Document, filter: Document, prefix: Path): number | undefined {
  const array = readAt(document, prefix);
  if (!Array.isArray(array)) return undefined;
  const path = prefix.join('.');
  const tests = conditionsOf(filter).flatMap(({ path: own, operator, operand }) => {
    if (own === path) {
      const matcher = compileMatcher({ element: { [operator]: operand } });
      return [(element: Value) => matcher({ element: [element] })];
    }
    if (!own.startsWith(`${path}.`)) return [];
    const matcher = compileMatcher({ [own.slice(path.length + 1)]: { [operator]: operand } });
    return [(element: Value) => isDocument(element) && matcher(element)];
  });
  if (tests.length === 0) return undefined;
  const together = array.findIndex((element: Value) => tests.every((test) => test(element)));
  const index = together >= 0 ? together : array.findIndex((element: Value) => tests.at(-1)?.(element));
  return index < 0 ? undefined : index;
}

function applyChange(document: Document, { path, change, traverses }: Change, positions: Positions): void {
  for (const concrete of concretePaths(document, path, positions)) {
    if (traverses) checkTraversable(document, concrete);
    const before = readAt(document, concrete);
    const after = change(before, concrete.join('.'), document);
    if (after === missing) removeAt(document, concrete);
    else if (after !== before) writeAt(document, concrete, after);
  }
}

function applyRename(document: Document, { from, to }: Rename): void {
  checkTraversable(document, from);
  const value = readAt(document, from);
  if (value === missing) return;
  for (const [path, end] of [
    [from, 'source'],
    [to, 'destination'],
  ] as const) {
    if (leadsThroughArray(document, path)) {
      throw new CommandError(
        errorCode.badValue,
        `The ${end} field cannot be an array element, '${path.join('.')}'`,
      );
    }
  }
  removeAt(document, from);
  writeAt(document, to, value);
}

function checkId(before: Value, document: Document, path: string): void {
  const after = fieldOf(document, '_id');
  if (before === missing || (after !== missing && sameValue(before, after))) return;
  throw new CommandError(
    errorCode.immutableField,
    path === ''
      ? `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(after)}`
      : `Performing an update on the path '${path}' would modify the immutable field '_id'`,
  );
}

function compileOperators(operators: Document, filter: Document, arrayFilters: readonly Value[]): Update {
  const changes: Change[] = [];
  let renames: Rename[] = [];
  for (const [operator, fields] of Object.entries(operators)) {
    const insertOnly = operator === '$setOnInsert';
    const build = changeBuilders[insertOnly ? '$set' : operator];
    if (
      (build === undefined || !Object.hasOwn(changeBuilders, insertOnly ? '$set' : operator)) &&
      operator !== '$rename'
    ) {
      throw new CommandError(
        errorCode.failedToParse,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDocument(fields)) {
      throw new CommandError(
        errorCode.failedToParse,
        `Modifiers operate on fields but we found type ${Array.isArray(fields) ? 'array' : typeof fields} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${show(fields)}}`,
      );
    }
    for (const text of Object.keys(fields)) checkPath(text);
    if (build === undefined) {
      renames = readRenames(fields);
      continue;
    }
    for (const [text, operand] of Object.entries(fields)) {
      changes.push({
        path: parsePath(text),
        text,
        change: build(operand, text),
        insertOnly,
        traverses: traversingOperators.has(operator),
      });
    }
  }
  const paths = [
    ...changes.map((change) => change.text),
    ...renames.flatMap(({ from, to }) => [from.join('.'), to.join('.')]),
  ];
  checkConflicts(paths);
  const filters = readArrayFilters(arrayFilters);
  checkFiltersUsed(filters, paths);
  changes.sort((left, right) => comparePaths(left.path, right.path));
  return {
    kind: 'operators',
    apply: (document, inserting) => {
      const id = fieldOf(document, '_id');
      const positions: Positions = { filters, matched: (prefix) => matchedElement(document, filter, prefix) };
      for (const change of changes) {
        if (!change.insertOnly || inserting) applyChange(document, change, positions);
        if (change.path[0] === '_id') checkId(id, document, change.text);
      }
      for (const rename of renames) applyRename(document, rename);
      checkId(id, document, '_id');
      return document;
    },
  };
}

function compileReplacement(replacement: Document): Update {
  const dollar = Object.keys(replacement).find((name) => name.startsWith('$'));
  if (dollar !== undefined) {
    throw new CommandError(
      errorCode.dollarPrefixedFieldName,
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
  return {
    kind: 'replacement',
    apply: (document) => {
      const id = fieldOf(document, '_id');
      const { _id: given, ...rest } = replacement;
      const result: Document = id === missing ? {} : { _id: id };
      if (given !== undefined) result['_id'] = given;
      checkId(id, result, '');
      return Object.assign(result, rest);
    },
  };
}

function compilePipeline(stages: readonly Value[]): Update {
  const transformations = stages.map(compileTransformation);
  return {
    kind: 'pipeline',
    apply: (document) => {
      const id = fieldOf(document, '_id');
      const result = transformations.reduce((current, transform) => transform(current), document);
      checkId(id, result, '');
      return result;
    },
  };
}

/**
 * Compiles an update. `filter` is the query that finds the documents; the positional operator needs it.
 * @throws CommandError 9, 14, 40, 52 or 56 as the server; 238 for what only this store refuses
 */
export function compileUpdate(update: Value, filter: Document, arrayFilters: readonly Value[]): Update {
  if (Array.isArray(update)) {
    if (arrayFilters.length > 0) {
      throw new CommandError(
        errorCode.failedToParse,
        'arrayFilters may not be specified for pipeline-style updates',
      );
    }
    return compilePipeline(update);
  }
  if (!isDocument(update)) {
    throw new CommandError(errorCode.failedToParse, 'Update argument must be either an object or an array');
  }
  if (Object.keys(update)[0]?.startsWith('$')) return compileOperators(update, filter, arrayFilters);
  if (arrayFilters.length > 0) {
    throw new CommandError(
      errorCode.failedToParse,
      'arrayFilters may not be specified for replacement-style updates',
    );
  }
  return compileReplacement(update);
}

/** The document that an upsert starts from: the fields that the query fixes to one value. @throws CommandError 54 */
export function upsertStart(filter: Document, update: Update): Document {
  const document: Document = {};
  for (const { path, operator, operand } of conditionsOf(filter)) {
    const value: Value =
      operator === '$all' && Array.isArray(operand) && operand.length === 1 ? operand[0] : operand;
    const fixes = operator === '$eq' || (operator === '$all' && value !== operand);
    if (!fixes || rankOf(value) === rank.regex) continue;
    if (update.kind === 'replacement' && path !== '_id') continue;
    const parts = parsePath(path);
    if (readAt(document, parts) !== missing) {
      throw new CommandError(
        errorCode.notSingleValueField,
        `cannot infer query fields to set, path '${path}' is matched twice`,
      );
    }
    writeAt(document, parts, value);
  }
  return document;
}
