/** Reading and changing a document at the concrete paths of an update. */
import { CommandError, errorCode } from '../errors.ts';
import { isArrayIndex, type Path } from '../values/path.ts';
import { show } from '../values/show.ts';
import { type Document, fieldOf, isDocument, missing, setField, type Value } from '../values/types.ts';

/** Furthest that an update may extend an array, as the server has it. */
const maximumArrayGrowth = 1_500_000;

/** The value at a concrete path, or `missing`. */
export function readAt(document: Document, path: Path): Value {
  let value: Value = document;
  for (const component of path) {
    if (Array.isArray(value)) {
      value =
        isArrayIndex(component) && Number(component) < value.length ? value[Number(component)] : missing;
    } else {
      value = isDocument(value) ? fieldOf(value, component) : missing;
    }
    if (value === missing) return missing;
  }
  return value;
}

function notViable(component: string, path: Path, at: number, holder: Value): CommandError {
  const element = `{${path[at - 1] ?? ''}: ${show(holder)}}`;
  return new CommandError(
    errorCode.pathNotViable,
    `Cannot create field '${component}' in element ${element}`,
  );
}

function setChild(holder: Value, path: Path, at: number, value: Value): void {
  const component = path[at] as string;
  if (Array.isArray(holder)) {
    if (!isArrayIndex(component)) throw notViable(component, path, at, holder);
    const index = Number(component);
    if (index > holder.length + maximumArrayGrowth) {
      throw new CommandError(
        errorCode.badValue,
        `Cannot extend the array at '${path.slice(0, at).join('.')}' to element ${index}`,
      );
    }
    while (holder.length < index) holder.push(null);
    holder[index] = value;
  } else if (isDocument(holder)) {
    setField(holder, component, value);
  } else {
    throw notViable(component, path, at, holder);
  }
}

/** Sets the value at a concrete path, making the documents on the way. @throws CommandError 28 where a value is in the way */
export function writeAt(document: Document, path: Path, value: Value): void {
  let holder: Value = document;
  for (let at = 0; at < path.length - 1; at++) {
    let next = readAt({ holder }, ['holder', path[at] as string]);
    if (next === missing) {
      next = {};
      setChild(holder, path, at, next);
    }
    holder = next;
  }
  setChild(holder, path, path.length - 1, value);
}

/** Checks that nothing on the way to a concrete path is a value that has no fields. @throws CommandError 28 */
export function checkTraversable(document: Document, path: Path): void {
  let holder: Value = document;
  for (let at = 0; at < path.length; at++) {
    const component = path[at] as string;
    const blocked = Array.isArray(holder) ? !isArrayIndex(component) : !isDocument(holder);
    if (blocked) {
      throw new CommandError(
        errorCode.pathNotViable,
        `Cannot use the part (${component}) of (${path.join('.')}) to traverse the element ({${path[at - 1] ?? ''}: ${show(holder)}})`,
      );
    }
    holder = readAt({ holder }, ['holder', component]);
    if (holder === missing) return;
  }
}

/** True when a concrete path leads through an array. */
export function leadsThroughArray(document: Document, path: Path): boolean {
  return path.some((_component, at) => at > 0 && Array.isArray(readAt(document, path.slice(0, at))));
}

/** Removes the field at a concrete path; an array element becomes null, as the server does it. */
export function removeAt(document: Document, path: Path): void {
  const holder = readAt({ document }, ['document', ...path.slice(0, -1)]);
  const component = path.at(-1) as string;
  if (Array.isArray(holder)) {
    if (isArrayIndex(component) && Number(component) < holder.length) holder[Number(component)] = null;
  } else if (isDocument(holder)) {
    delete holder[component];
  }
}

/** Stands for the positional components of a path: which array elements they mean in one document. */
export interface Positions {
  /** The element that the query matched in the array at `prefix`, for `$`. */
  readonly matched: (prefix: Path) => number | undefined;
  /** The array filters by their identifier, for `$[identifier]`. */
  readonly filters: ReadonlyMap<string, (element: Value) => boolean>;
}

/** The concrete paths that a path with `$`, `$[]` and `$[identifier]` means in a document. @throws CommandError 2 */
export function concretePaths(document: Document, path: Path, positions: Positions): Path[] {
  const at = path.findIndex((component) => component.startsWith('$'));
  if (at < 0) return [path];
  const prefix = path.slice(0, at);
  const rest = path.slice(at + 1);
  const component = path[at] as string;
  const array = readAt(document, prefix);
  return elementsMeant(component, prefix, array, positions).flatMap((index) =>
    concretePaths(document, [...prefix, String(index), ...rest], positions),
  );
}

function elementsMeant(component: string, prefix: Path, array: Value, positions: Positions): number[] {
  if (component === '$') {
    const index = positions.matched(prefix);
    if (index === undefined) {
      throw new CommandError(
        errorCode.badValue,
        'The positional operator did not find the match needed from the query.',
      );
    }
    return [index];
  }
  if (!Array.isArray(array)) {
    const found =
      array === missing
        ? `The path '${prefix.join('.')}' must exist in the document`
        : `Cannot apply array updates to non-array element ${prefix.join('.')}: ${show(array)}`;
    throw new CommandError(errorCode.badValue, `${found} in order to apply array updates.`);
  }
  if (component === '$[]') return array.map((_element, index) => index);
  const filter = positions.filters.get(component.slice(2, -1));
  if (filter === undefined) {
    throw new CommandError(
      errorCode.badValue,
      `No array filter found for identifier '${component.slice(2, -1)}' in path '${[...prefix, component].join('.')}'`,
    );
  }
  return array.flatMap((element: Value, index) => (filter(element) ? [index] : []));
}
