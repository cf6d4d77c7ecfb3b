/** Values in filters, in a form in which they can be compared. */
import {
  DataType,
  type LocalizedText,
  type NodeId,
  type QualifiedName,
  type Variant,
  VariantArrayType,
} from 'node-opcua';

export type Comparable = string | number | boolean;

const number = (value: unknown): number => Number(value);
const text = (value: unknown): string => String(value);

/** How values of each type are compared; those of a type that is not listed are not. */
const COMPARED: Readonly<Partial<Record<DataType, (value: unknown) => Comparable | undefined>>> = {
  [DataType.Boolean]: Boolean,
  [DataType.SByte]: number,
  [DataType.Byte]: number,
  [DataType.Int16]: number,
  [DataType.UInt16]: number,
  [DataType.Int32]: number,
  [DataType.UInt32]: number,
  [DataType.Float]: number,
  [DataType.Double]: number,
  [DataType.Int64]: (value) => wide(value as readonly [number, number], true),
  [DataType.UInt64]: (value) => wide(value as readonly [number, number], false),
  [DataType.DateTime]: (value) => (value as Date).getTime(),
  [DataType.String]: text,
  [DataType.Guid]: text,
  [DataType.ByteString]: (value) => (value as Buffer).toString('hex'),
  [DataType.NodeId]: (value) => (value as NodeId).toString(),
  [DataType.LocalizedText]: (value) => (value as LocalizedText).text ?? undefined,
  [DataType.QualifiedName]: (value) => (value as QualifiedName).toString(),
};

/**
 * A value that equals another one if both are the same, whatever their integer types; undefined for null and for what
 * cannot be compared. Times are milliseconds.
 */
export function comparableOf({ dataType, arrayType, value }: Variant): Comparable | undefined {
  if (value === null || value === undefined || arrayType !== VariantArrayType.Scalar) return undefined;
  return COMPARED[dataType]?.(value);
}

function wide([high, low]: readonly [number, number], signed: boolean): number {
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return Number(signed ? BigInt.asIntN(64, bits) : bits);
}

/**
 * Whether a text fits a pattern of the operator Like: `%` for any characters, `_` for one, `[abc]` and `[^abc]` for one of
 * them or none of them, a backslash before what stands for itself. In time that grows with the product of both lengths at most.
 */
export function isLike(text: string, pattern: string): boolean {
  const parts = partsOf(pattern);
  let reached = new Set([0]);
  const spread = (places: Set<number>): Set<number> => {
    for (const place of places) if (parts[place] === 'any') places.add(place + 1);
    return places;
  };
  reached = spread(reached);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of reached) {
      const part = parts[place];
      if (part === 'any') next.add(place);
      else if (part?.(character)) next.add(place + 1);
    }
    if (next.size === 0) return false;
    reached = spread(next);
  }
  return reached.has(parts.length);
}

type Part = 'any' | ((character: string) => boolean);

function partsOf(pattern: string): Part[] {
  const characters = Array.from(pattern);
  const parts: Part[] = [];
  for (let place = 0; place < characters.length; place += 1) {
    const character = characters[place] ?? '';
    const end = character === '[' ? characters.indexOf(']', place + 1) : -1;
    if (character === '%') parts.push('any');
    else if (character === '_') parts.push(() => true);
    else if (end > place) {
      const inside = characters.slice(place + 1, end);
      const none = inside[0] === '^';
      const set = rangeOf(none ? inside.slice(1) : inside);
      parts.push((each) => set(each) !== none);
      place = end;
    } else {
      const plain = character === '\\' ? (characters[place + 1] ?? character) : character;
      if (character === '\\') place += 1;
      parts.push((each) => each === plain);
    }
  }
  return parts;
}

/** Characters of a list, in which `a-f` stands for all from a to f. */
function rangeOf(list: readonly string[]): (character: string) => boolean {
  const ranges: (readonly [string, string])[] = [];
  for (let place = 0; place < list.length; place += 1) {
    const first = list[place] ?? '';
    const last = list[place + 1] === '-' ? list[place + 2] : undefined;
    ranges.push([first, last ?? first]);
    if (last !== undefined) place += 2;
  }
  return (character) => ranges.some(([first, last]) => first <= character && character <= last);
}
