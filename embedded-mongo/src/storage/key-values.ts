import { CommandError, errorCode } from '../errors.ts';
import { rank, rankOf } from '../values/order.ts';
import { childOf, isArrayIndex, type Path } from '../values/path.ts';
import { type Document, missing, type Value } from '../values/types.ts';

/** What an index (or a sort) sees of one document. */
export interface KeyValues {
  /** One tuple per key, a value per field; `missing` where the document has none. Not empty. */
  readonly tuples: readonly (readonly Value[])[];
  /** Whether an array was on the way, so that the document may have several keys. */
  readonly multikey: boolean;
}

/** A field on its way down: where it stands, and what of its path is left. */
interface Slot {
  readonly value: Value;
  readonly rest: Path;
  readonly settled: boolean;
}

/** Follows a path down to its value, or to the first array on the way. */
function descend(slot: Slot): Slot {
  let { value, rest } = slot;
  if (slot.settled) return slot;
  while (true) {
    if (Array.isArray(value)) {
      const component = rest[0];
      if (component === undefined || !isArrayIndex(component)) return { value, rest, settled: false };
      const ambiguous = value.some((element) => childOf(element, component) !== missing);
      if (ambiguous) return { value, rest, settled: false };
      value = Number(component) < value.length ? value[Number(component)] : missing;
      rest = rest.slice(1);
      if (Array.isArray(value) && rest.length > 0) continue;
      if (rest.length === 0) return { value, rest, settled: !Array.isArray(value) };
      continue;
    }
    const component = rest[0];
    if (component === undefined) return { value, rest, settled: true };
    if (rankOf(value) !== rank.object) return { value: missing, rest: [], settled: true };
    value = childOf(value, component);
    rest = rest.slice(1);
  }
}

function spread(slots: readonly Slot[], tuples: Value[][]): boolean {
  const reached = slots.map(descend);
  const spreading = reached.filter((slot) => !slot.settled);
  const first = spreading[0];
  if (first === undefined) {
    tuples.push(reached.map((slot) => slot.value));
    return false;
  }
  if (spreading.some((slot) => slot.value !== first.value)) {
    throw new CommandError(errorCode.cannotIndexParallelArrays, 'cannot index parallel arrays');
  }
  const elements = first.value as Value[];
  // An empty array is keyed as undefined, below null, so that it can be told from a missing field.
  const entries: Value[] = elements.length === 0 ? [undefined] : elements;
  for (const element of entries) {
    spread(
      reached.map((slot) => {
        if (slot.settled) return slot;
        if (slot.rest.length === 0) return { value: element, rest: [], settled: true };
        if (rankOf(element) !== rank.object) return { value: missing, rest: [], settled: true };
        return { value: element, rest: slot.rest, settled: false };
      }),
      tuples,
    );
  }
  return true;
}

/**
 * The tuples of values under which a document is found by an index over `paths`: one without arrays, one
 * per element when a path leads into an array.
 * @throws CommandError 171 when two paths lead into different arrays.
 */
export function keyValuesOf(document: Document, paths: readonly Path[]): KeyValues {
  const tuples: Value[][] = [];
  const slots = paths.map((path): Slot => ({ value: document, rest: path, settled: false }));
  const multikey = spread(slots, tuples);
  return { tuples, multikey };
}
