import { CommandError, errorCode, notSupported } from '../errors.ts';
import { encodeKey } from '../storage/index-keys.ts';
import { keyValuesOf } from '../storage/key-values.ts';
import { toNumber } from '../values/numbers.ts';
import { type Path, parsePath } from '../values/path.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';

/** One field of a sort. */
export interface SortField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** Reads `{ at: -1, _id: -1 }`. @throws CommandError 2, 15974/15975 as the server, 238 for `$meta` */
export function readSort(sort: Document): SortField[] {
  return Object.entries(sort).map(([path, value]) => {
    if (isDocument(value)) throw notSupported(`Sorting by ${Object.keys(value)[0] ?? 'a document'}`);
    const direction = toNumber(value);
    if (direction === undefined) {
      throw new CommandError(15974, `Illegal key in $sort specification: ${path}: ${String(value)}`);
    }
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    if (path === '$natural') throw notSupported('Sorting by $natural together with fields');
    return { path, direction };
  });
}

/** A document's place in the sort, as bytes that compare as the sort does. */
export type SortKey = (document: Document) => Uint8Array;

/** Compiles the key of a sort: of a document with arrays, the least key counts. */
export function compileSortKey(fields: readonly SortField[]): SortKey {
  const paths: Path[] = fields.map((field) => parsePath(field.path));
  const directions = fields.map((field) => field.direction);
  return (document) => {
    const { tuples } = tuplesOf(document, paths);
    const keys = tuples.map((tuple) => encodeKey(tuple, directions));
    return keys.reduce((least, key) => (Buffer.compare(key, least) < 0 ? key : least));
  };
}

function tuplesOf(
  document: Document,
  paths: readonly Path[],
): { readonly tuples: readonly (readonly Value[])[] } {
  try {
    return keyValuesOf(document, paths);
  } catch (error) {
    if (error instanceof CommandError && error.code === errorCode.cannotIndexParallelArrays) {
      throw new CommandError(errorCode.badValue, 'cannot sort with keys that are parallel arrays');
    }
    throw error;
  }
}
