import { type Expression, evaluateExpression, isTrue } from '../aggregate/expressions.ts';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { isNumeric, toNumber } from '../values/numbers.ts';
import { type Document, isDocument, setField, type Value } from '../values/types.ts';
import { compileMatcher } from './matcher.ts';

/** Makes of a document what the client asked to see. */
export type Projection = (document: Document) => Document;

/** Where a projection stands in the tree of paths: a leaf, or the children by name. */
interface Node {
  readonly children: Map<string, Node>;
  /** Set for a leaf of a projection by value; absent for plain inclusion and exclusion. */
  compute?: (document: Document, own: Value) => Value;
  leaf: boolean;
}

function newNode(): Node {
  return { children: new Map(), leaf: false };
}

function addPath(root: Node, path: string, compute?: Node['compute']): void {
  let node = root;
  for (const component of path.split('.')) {
    if (component === '') throw new CommandError(15998, 'FieldPath field names may not be empty strings.');
    if (component.startsWith('$')) throw notSupported(`The path '${path}' in a projection`);
    if (node.leaf) throw new CommandError(31249, `Path collision at ${path}`);
    let child = node.children.get(component);
    if (child === undefined) {
      child = newNode();
      node.children.set(component, child);
    }
    node = child;
  }
  if (node.leaf || node.children.size > 0) throw new CommandError(31250, `Path collision at ${path}`);
  node.leaf = true;
  if (compute !== undefined) node.compute = compute;
}

function include(value: Value, node: Node, root: Document): Value {
  if (Array.isArray(value)) {
    return value
      .map((element: Value) => include(element, node, root))
      .filter((element) => element !== undefined);
  }
  if (!isDocument(value)) return undefined;
  return includeDocument(value, node, root);
}

function includeDocument(document: Document, node: Node, root: Document): Document {
  const result: Document = {};
  for (const name of Object.keys(document)) {
    const child = node.children.get(name);
    if (child === undefined || child.compute !== undefined) continue;
    const value = child.leaf ? document[name] : include(document[name], child, root);
    if (value !== undefined) setField(result, name, value);
  }
  for (const [name, child] of node.children) {
    if (child.compute === undefined) {
      if (!child.leaf && !(name in result) && hasComputed(child)) {
        setField(result, name, includeDocument({}, child, root));
      }
      continue;
    }
    const value = child.compute(root, Object.hasOwn(document, name) ? document[name] : undefined);
    if (value !== undefined) setField(result, name, value);
  }
  return result;
}

function hasComputed(node: Node): boolean {
  return node.compute !== undefined || [...node.children.values()].some(hasComputed);
}

function exclude(value: Value, node: Node, root: Document): Value {
  if (Array.isArray(value)) return value.map((element: Value) => exclude(element, node, root));
  return isDocument(value) ? excludeDocument(value, node, root) : value;
}

function excludeDocument(document: Document, node: Node, root: Document): Document {
  const result: Document = {};
  for (const name of Object.keys(document)) {
    const child = node.children.get(name);
    if (child === undefined) setField(result, name, document[name]);
    else if (child.compute !== undefined) {
      const value = child.compute(root, document[name]);
      if (value !== undefined) setField(result, name, value);
    } else if (!child.leaf) setField(result, name, exclude(document[name], child, root));
  }
  return result;
}

function sliceOf(operand: Value): (own: Value) => Value {
  const numbers = (Array.isArray(operand) ? operand : [operand]).map((item: Value) => toNumber(item));
  const [first, second] = numbers;
  if (
    first === undefined ||
    numbers.length > 2 ||
    (numbers.length === 2 && (second === undefined || second <= 0))
  ) {
    throw new CommandError(28667, 'Invalid $slice in a projection');
  }
  return (own) => {
    if (!Array.isArray(own)) return own;
    if (second === undefined) return first < 0 ? own.slice(first) : own.slice(0, first);
    const start = first < 0 ? Math.max(0, own.length + first) : first;
    return own.slice(start, start + second);
  };
}

function elementMatchOf(operand: Value): (own: Value) => Value {
  if (!isDocument(operand)) throw new CommandError(31274, '$elemMatch in a projection needs an Object');
  const matcher = compileMatcher({ element: { $elemMatch: operand } });
  return (own) => {
    if (!Array.isArray(own)) return undefined;
    const found: Value = own.find((element: Value) => matcher({ element: [element] }));
    return found === undefined ? undefined : [found];
  };
}

function isFlag(value: Value): boolean {
  return typeof value === 'boolean' || isNumeric(value);
}

interface Entries {
  readonly included: string[];
  readonly excluded: string[];
  readonly computed: {
    readonly path: string;
    readonly compute: NonNullable<Node['compute']>;
    readonly neutral: boolean;
  }[];
  id: boolean | undefined;
}

function computeOf(value: Value): { compute: NonNullable<Node['compute']>; neutral: boolean } {
  if (
    isDocument(value) &&
    '$slice' in value &&
    !(Array.isArray(value['$slice']) && !isNumeric(value['$slice'][0]))
  ) {
    const slice = sliceOf(value['$slice']);
    return { compute: (_root, own) => slice(own), neutral: true };
  }
  if (isDocument(value) && '$elemMatch' in value) {
    const match = elementMatchOf(value['$elemMatch']);
    return { compute: (_root, own) => match(own), neutral: false };
  }
  if (isDocument(value) && '$meta' in value) throw notSupported('$meta in a projection');
  const evaluate: Expression = evaluateExpression(value);
  return { compute: (root) => evaluate(root), neutral: false };
}

function sortEntries(projection: Document): Entries {
  const entries: Entries = { included: [], excluded: [], computed: [], id: undefined };
  for (const [path, value] of Object.entries(projection)) {
    if (isFlag(value)) {
      const wanted = isTrue(value);
      if (path === '_id') entries.id = wanted;
      else (wanted ? entries.included : entries.excluded).push(path);
    } else if (isDocument(value) && !Object.keys(value)[0]?.startsWith('$')) {
      throw notSupported(`A nested document at '${path}' in a projection (use dotted paths)`);
    } else {
      entries.computed.push({ path, ...computeOf(value) });
    }
  }
  return entries;
}

/**
 * Compiles a projection of `find` or `$project`. Undefined when it is empty and shows everything.
 * @throws CommandError 31253/31254 for a mixture, 238 for positional projections
 */
export function compileProjection(projection: Document): Projection | undefined {
  if (Object.keys(projection).length === 0) return undefined;
  const { included, excluded, computed, id } = sortEntries(projection);
  const inclusive =
    included.length > 0 ||
    computed.some((entry) => !entry.neutral) ||
    (id === true && excluded.length === 0 && computed.length === 0);
  if (inclusive && excluded.length > 0) {
    throw included.length > 0 &&
      Object.keys(projection).indexOf(excluded[0] as string) <
        Object.keys(projection).indexOf(included[0] as string)
      ? new CommandError(31253, `Cannot do inclusion on field ${included[0]} in exclusion projection`)
      : new CommandError(31254, `Cannot do exclusion on field ${excluded[0]} in inclusion projection`);
  }
  const root = newNode();
  for (const path of inclusive ? included : excluded) addPath(root, path);
  for (const { path, compute } of computed) addPath(root, path, compute);
  if (inclusive) {
    if (id !== false && !root.children.has('_id')) addPath(root, '_id');
    return (document) => includeDocument(document, root, document);
  }
  if (id === false) addPath(root, '_id');
  return (document) => excludeDocument(document, root, document);
}

/** @throws CommandError 14 when the option is no document */
export function readProjection(value: Value): Projection | undefined {
  if (value === undefined) return undefined;
  if (!isDocument(value)) {
    throw new CommandError(
      errorCode.typeMismatch,
      "BSON field 'projection' is the wrong type, expected type 'object'",
    );
  }
  return compileProjection(value);
}
