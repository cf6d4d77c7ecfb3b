/** Stages that make one document of one: `$set`, `$unset`, `$project`, `$replaceRoot` and their aliases. */
import { CommandError, errorCode } from '../errors.ts';
import { compileProjection } from '../query/projection.ts';
import { show } from '../values/show.ts';
import { type Document, isDocument, setField, type Value } from '../values/types.ts';
import { type Expression, evaluateExpression } from './expressions.ts';

/** Makes the next document; the given one is left as it is. */
export type Transformation = (document: Document) => Document;

interface Assignment {
  readonly children: Map<string, Assignment>;
  value: Expression | undefined;
}

function addAssignment(root: Assignment, path: string, value: Value): void {
  let node = root;
  for (const component of path.split('.')) {
    let child = node.children.get(component);
    if (child === undefined) {
      child = { children: new Map(), value: undefined };
      node.children.set(component, child);
    }
    node = child;
  }
  if (isDocument(value) && !Object.keys(value)[0]?.startsWith('$') && Object.keys(value).length > 0) {
    for (const [name, nested] of Object.entries(value)) addAssignment(node, name, nested);
  } else {
    node.value = evaluateExpression(value);
  }
}

function assign(value: Value, node: Assignment, root: Document): Value {
  if (node.value !== undefined) return node.value(root);
  if (Array.isArray(value)) return value.map((element: Value) => assign(element, node, root));
  const result: Document = isDocument(value) ? { ...value } : {};
  for (const [name, child] of node.children) {
    const assigned = assign(Object.hasOwn(result, name) ? result[name] : undefined, child, root);
    if (assigned === undefined) delete result[name];
    else setField(result, name, assigned);
  }
  return result;
}

function addFields(specification: Value): Transformation {
  if (!isDocument(specification))
    throw new CommandError(40272, '$addFields specification stage must be an object');
  const root: Assignment = { children: new Map(), value: undefined };
  for (const [path, value] of Object.entries(specification)) addAssignment(root, path, value);
  return (document) => assign(document, root, document) as Document;
}

function unset(specification: Value): Transformation {
  const paths: Value[] = Array.isArray(specification) ? specification : [specification];
  const projection: Document = {};
  for (const path of paths) {
    if (typeof path !== 'string') {
      throw new CommandError(31002, '$unset specification must be a string or an array');
    }
    projection[path] = false;
  }
  return compileProjection(projection) ?? ((document) => document);
}

function project(specification: Value): Transformation {
  if (!isDocument(specification) || Object.keys(specification).length === 0) {
    throw new CommandError(15969, '$project specification must be an object with at least one field');
  }
  return compileProjection(specification) ?? ((document) => document);
}

function replaceRoot(expression: Value): Transformation {
  const evaluate = evaluateExpression(expression);
  return (document) => {
    const result = evaluate(document);
    if (isDocument(result)) return result;
    throw new CommandError(
      40228,
      `'newRoot' expression must evaluate to an object, but resulting value was: ${show(result ?? null)}`,
    );
  };
}

const builders: Readonly<Record<string, (specification: Value) => Transformation>> = {
  $addFields: addFields,
  $set: addFields,
  $unset: unset,
  $project: project,
  $replaceRoot: (specification) => {
    if (!isDocument(specification) || !('newRoot' in specification)) {
      throw new CommandError(40231, 'no newRoot specified for the $replaceRoot stage');
    }
    return replaceRoot(specification['newRoot']);
  },
  $replaceWith: replaceRoot,
};

/** Whether a stage is one of these. */
export function isTransformation(name: string): boolean {
  return Object.hasOwn(builders, name);
}

/** Compiles a stage such as `{ $set: { a: 1 } }`. @throws CommandError 40324 for any other stage */
export function compileTransformation(stage: Value): Transformation {
  const [entry] = isDocument(stage) ? Object.entries(stage) : [];
  const build = entry === undefined ? undefined : builders[entry[0]];
  if (entry === undefined || build === undefined) {
    throw new CommandError(errorCode.unknownStage, `Unrecognized pipeline stage name: '${entry?.[0] ?? ''}'`);
  }
  return build(entry[1]);
}
