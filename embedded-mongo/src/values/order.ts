/**
 * The one order of BSON values. Matching, sorting and index keys all rest on it, so that a query gives
 * the same answer with and without an index.
 * Source: MongoDB manual, "Comparison/Sort Order".
 */
import type { Binary, BSONRegExp, BSONSymbol, Code, DBRef, ObjectId, Timestamp } from 'bson';
import { compareNumbers } from './numbers.ts';
import { bsonTypeOf, type Document, type Value } from './types.ts';

/** Ranks of the types in the BSON order; also the first byte of an index key (all within 1…254, see index-keys.ts). */
export const rank = {
  minKey: 2,
  undefined: 3,
  null: 5,
  number: 10,
  string: 15,
  object: 20,
  array: 25,
  binary: 30,
  objectId: 35,
  boolean: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  reference: 55,
  code: 60,
  codeWithScope: 65,
  maxKey: 127,
} as const;

export type Rank = (typeof rank)[keyof typeof rank];

/** The rank of a value's type; a missing field ranks as null. */
export function rankOf(value: Value): Rank {
  switch (typeof value) {
    case 'string':
      return rank.string;
    case 'number':
    case 'bigint':
      return rank.number;
    case 'boolean':
      return rank.boolean;
    case 'symbol':
      return rank.null;
    case 'undefined':
      return rank.undefined;
    case 'object':
    case 'function':
      return rankOfObject(value as object | null);
  }
}

function rankOfObject(value: object | null): Rank {
  if (value === null) return rank.null;
  if (Array.isArray(value)) return rank.array;
  if (value instanceof Date) return rank.date;
  if (value instanceof RegExp) return rank.regex;
  switch (bsonTypeOf(value)) {
    case undefined:
      return rank.object;
    case 'ObjectId':
      return rank.objectId;
    case 'Int32':
    case 'Double':
    case 'Long':
    case 'Decimal128':
      return rank.number;
    case 'Binary':
      return rank.binary;
    case 'Timestamp':
      return rank.timestamp;
    case 'BSONRegExp':
      return rank.regex;
    case 'BSONSymbol':
      return rank.string;
    case 'Code':
      return (value as Code).scope ? rank.codeWithScope : rank.code;
    case 'MinKey':
      return rank.minKey;
    case 'MaxKey':
      return rank.maxKey;
    default:
      return rank.object;
  }
}

/** Orders two strings by their UTF-8 bytes. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    let leftUnit = left.charCodeAt(at);
    let rightUnit = right.charCodeAt(at);
    if (leftUnit !== rightUnit) {
      // UTF-16 puts surrogates below U+E000…U+FFFF, UTF-8 puts what they encode above.
      if (leftUnit >= 0xd800 && rightUnit >= 0xd800) {
        leftUnit = leftUnit >= 0xe000 ? leftUnit - 0x800 : leftUnit + 0x2000;
        rightUnit = rightUnit >= 0xe000 ? rightUnit - 0x800 : rightUnit + 0x2000;
      }
      return leftUnit - rightUnit;
    }
  }
  return left.length - right.length;
}

/** The fields of a DBRef as the document it is on the wire; any other object as it is. */
export function asDocument(value: Value): Document {
  return bsonTypeOf(value) === 'DBRef'
    ? ((value as DBRef).toJSON() as unknown as Document)
    : (value as Document);
}

/** Pattern and flags of either class of regular expression; flags in alphabetical order, as BSON stores them. */
export function regexParts(value: Value): { pattern: string; options: string } {
  if (value instanceof RegExp) {
    const { ignoreCase, multiline, dotAll, source } = value;
    return {
      pattern: source,
      options: (ignoreCase ? 'i' : '') + (multiline ? 'm' : '') + (dotAll ? 's' : ''),
    };
  }
  const { pattern, options } = value as BSONRegExp;
  return { pattern, options };
}

/** A string or symbol as its text. */
export function textOf(value: Value): string {
  return typeof value === 'string' ? value : (value as BSONSymbol).value;
}

function compareObjects(left: Document, right: Document): number {
  const leftNames = Object.keys(left);
  const rightNames = Object.keys(right);
  const length = Math.min(leftNames.length, rightNames.length);
  for (let at = 0; at < length; at++) {
    const leftName = leftNames[at] as string;
    const rightName = rightNames[at] as string;
    const order =
      rankOf(left[leftName]) - rankOf(right[rightName]) ||
      compareStrings(leftName, rightName) ||
      compareValues(left[leftName], right[rightName]);
    if (order !== 0) return order;
  }
  return leftNames.length - rightNames.length;
}

function compareArrays(left: readonly Value[], right: readonly Value[]): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const order = compareValues(left[at], right[at]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareBinaries(left: Binary, right: Binary): number {
  return (
    left.position - right.position ||
    left.sub_type - right.sub_type ||
    Buffer.compare(left.buffer.subarray(0, left.position), right.buffer.subarray(0, right.position))
  );
}

function compareTimestamps(left: Timestamp, right: Timestamp): number {
  return left.t - right.t || left.i - right.i;
}

function compareCodes(left: Code, right: Code): number {
  return (
    compareStrings(String(left.code), String(right.code)) ||
    compareObjects(left.scope ?? {}, right.scope ?? {})
  );
}

/**
 * Orders two values of any type: negative, zero or positive. Arrays compare whole, element by element;
 * what a query or a sort makes of arrays is not decided here.
 * @throws CommandError 238 for a Decimal128 outside the range of doubles.
 */
export function compareValues(left: Value, right: Value): number {
  const leftRank = rankOf(left);
  const rightRank = rankOf(right);
  if (leftRank !== rightRank) return leftRank - rightRank;
  switch (leftRank) {
    case rank.number:
      return compareNumbers(left, right);
    case rank.string:
      return compareStrings(textOf(left), textOf(right));
    case rank.object:
      return compareObjects(asDocument(left), asDocument(right));
    case rank.array:
      return compareArrays(left as Value[], right as Value[]);
    case rank.binary:
      return compareBinaries(left as Binary, right as Binary);
    case rank.objectId:
      return Buffer.compare((left as ObjectId).id, (right as ObjectId).id);
    case rank.boolean:
      return Number(left) - Number(right);
    case rank.date:
      return (left as Date).getTime() - (right as Date).getTime();
    case rank.timestamp:
      return compareTimestamps(left as Timestamp, right as Timestamp);
    case rank.regex: {
      const leftParts = regexParts(left);
      const rightParts = regexParts(right);
      return (
        compareStrings(leftParts.pattern, rightParts.pattern) ||
        compareStrings(leftParts.options, rightParts.options)
      );
    }
    case rank.code:
    case rank.codeWithScope:
      return compareCodes(left as Code, right as Code);
    case rank.minKey:
    case rank.undefined:
    case rank.null:
    case rank.reference:
    case rank.maxKey:
      return 0;
    default:
      return leftRank satisfies never;
  }
}

/** True when two values are the same in the BSON order. */
export function sameValue(left: Value, right: Value): boolean {
  return left === right || compareValues(left, right) === 0;
}
