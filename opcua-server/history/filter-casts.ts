/** The operator Cast of filters (OPC 10000-4, 7.7.3): values as those of another type, null where that cannot be. */
import { DataType, type NodeId, Variant, VariantArrayType } from 'node-opcua';
import { type Comparable, comparableOf } from './filter-values.ts';

type Value = Comparable | undefined;
/** From a value of the event, or from what another element comes to. */
export type Cast = (from: Variant | Value) => Value;
type Conversion = (value: Comparable, from: DataType | undefined) => Value;

/** Smallest and largest value of each type of integers; of the wide ones as far as they are told apart. */
const INTEGERS: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  [DataType.SByte]: [-0x80, 0x7f],
  [DataType.Byte]: [0, 0xff],
  [DataType.Int16]: [-0x8000, 0x7fff],
  [DataType.UInt16]: [0, 0xffff],
  [DataType.Int32]: [-0x8000_0000, 0x7fff_ffff],
  [DataType.UInt32]: [0, 0xffff_ffff],
  [DataType.Int64]: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  [DataType.UInt64]: [0, Number.MAX_SAFE_INTEGER],
};
const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;
const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

const OTHERS: Readonly<Partial<Record<DataType, Conversion>>> = {
  [DataType.Boolean]: (value, from) => {
    if (from === DataType.DateTime) return undefined;
    if (typeof value === 'string') return TRUTHS.get(value.trim().toLowerCase());
    return typeof value === 'number' ? value !== 0 : value;
  },
  [DataType.Float]: (value, from) => numberOf(value, from),
  [DataType.Double]: (value, from) => numberOf(value, from),
  [DataType.String]: (value, from) =>
    from === DataType.DateTime && typeof value === 'number' ? new Date(value).toISOString() : String(value),
  [DataType.DateTime]: (value, from) => {
    if (from === DataType.DateTime) return value;
    const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  },
};

/** How values become those of a type; undefined for a type that nothing becomes here. */
export function castTo(type: NodeId): Cast | undefined {
  if (type.namespace !== 0 || typeof type.value !== 'number') return undefined;
  const range = INTEGERS[type.value as DataType];
  const convert = range ? integerWithin(range) : OTHERS[type.value as DataType];
  if (!convert) return undefined;
  return (from) => {
    if (!(from instanceof Variant)) return from === undefined ? undefined : convert(from, undefined);
    if (from.arrayType !== VariantArrayType.Scalar) return undefined;
    const value = comparableOf(from);
    return value === undefined ? undefined : convert(value, from.dataType);
  };
}

function integerWithin([least, most]: readonly [number, number]): Conversion {
  return (value, from) => {
    const number = numberOf(value, from);
    if (number === undefined) return undefined;
    const whole = Math.round(number);
    return whole < least || whole > most ? undefined : whole;
  };
}

function numberOf(value: Comparable, from: DataType | undefined): number | undefined {
  if (from === DataType.DateTime) return undefined;
  if (typeof value === 'string') return NUMBER.test(value) ? Number(value) : undefined;
  return Number(value);
}
