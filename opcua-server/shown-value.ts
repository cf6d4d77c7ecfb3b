/** A variable of the site that is written when it changes, with its quality and the time of the change. */
import {
  type DataType,
  LocalizedText,
  type StatusCode,
  StatusCodes,
  type UAVariable,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';

/** A value as the library takes it; null: the null time. */
export type Plain =
  | string
  | number
  | boolean
  | Date
  | LocalizedText
  | null
  | readonly string[]
  | readonly number[]
  | Numbers;

/** Many numbers of one type, as the library keeps them. */
export type Numbers = Uint16Array | Int32Array | Uint32Array;

/** The status of a value that is known, and that may no longer be so. */
export function qualityOf(stale: boolean): StatusCode {
  return stale ? StatusCodes.UncertainLastUsableValue : StatusCodes.Good;
}

export class ShownValue {
  readonly #variable: UAVariable;
  readonly #dataType: DataType;
  #value: Plain | undefined;
  /** Undefined as long as nothing is shown. */
  #status: StatusCode | undefined;

  constructor(variable: UAVariable, dataType: DataType) {
    this.#variable = variable;
    this.#dataType = dataType;
  }

  /** Whether a value is the one that is shown. */
  shows(value: Plain): boolean {
    return this.#value !== undefined && isSame(this.#value, value);
  }

  /** Writes what differs from what is shown; `at`: when it became so. */
  show(value: Plain, at: Milliseconds, status: StatusCode = StatusCodes.Good): void {
    if (this.#status === status && this.shows(value)) return;
    this.#value = value;
    this.#status = status;
    this.#variable.setValueFromSource(variantOf(this.#dataType, value), status, dateOf(at));
  }
}

let lastDate = new Date(0);

/** One object for all values of a time: a site that starts has thousands of values, all of the same moment. */
function dateOf(at: Milliseconds): Date {
  if (lastDate.getTime() !== at) lastDate = new Date(at);
  return lastDate;
}

function isSame(a: Plain, b: Plain): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof LocalizedText && b instanceof LocalizedText)
    return a.text === b.text && a.locale === b.locale;
  if (isNumbers(a) && isNumbers(b))
    return a.length === b.length && a.every((each, index) => each === b[index]);
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((element, index) => element === b[index]);
}

function isNumbers(value: Plain): value is Numbers {
  return ArrayBuffer.isView(value);
}

function variantOf(dataType: DataType, value: Plain): VariantOptions {
  // The library hands arrays on as they are: a copy stays what it was when it was shown.
  if (isNumbers(value)) return { dataType, arrayType: VariantArrayType.Array, value: value.slice() };
  if (!Array.isArray(value)) return { dataType, value };
  return { dataType, arrayType: VariantArrayType.Array, value: [...value] };
}
