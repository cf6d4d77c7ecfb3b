import { Int32 } from 'bson';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { encode } from '../values/codec.ts';
import { toNumber } from '../values/numbers.ts';
import { showDocument } from '../values/show.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';

/** An index as `createIndexes` asks for it and `listIndexes` shows it. */
export interface IndexSpecification {
  readonly name: string;
  /** Field paths and their directions, in order. Not empty. */
  readonly fields: readonly { readonly path: string; readonly direction: 1 | -1 }[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partialFilter: Document | undefined;
  /** TTL in seconds, for an index over one date field. */
  readonly expireAfterSeconds: number | undefined;
  /** As stored and listed. */
  readonly document: Document;
}

/** Options that the server has and that this store refuses. */
const refusedOptions = new Set([
  'collation',
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'bucketSize',
  'wildcardProjection',
  'storageEngine',
  'prepareUnique',
  'clustered',
]);

/** Kinds of index that the server has and that this store refuses. */
const refusedKinds = new Set(['text', '2d', '2dsphere', 'hashed', 'columnstore']);

function specificationError(code: number, document: Document, reason: string): CommandError {
  return new CommandError(code, `Error in specification ${showDocument(document)} :: caused by :: ${reason}`);
}

function readFlag(document: Document, name: string): boolean {
  const value = document[name];
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  const number = toNumber(value);
  if (number === undefined) {
    throw specificationError(errorCode.typeMismatch, document, `The field '${name}' must be a boolean`);
  }
  return number !== 0;
}

function readFields(document: Document): IndexSpecification['fields'] {
  const key = document['key'];
  if (!isDocument(key)) {
    throw specificationError(
      errorCode.failedToParse,
      document,
      "The 'key' field is a required property of an index specification",
    );
  }
  const fields = Object.entries(key);
  if (fields.length === 0) {
    throw specificationError(errorCode.cannotCreateIndex, document, 'Index keys cannot be empty.');
  }
  return fields.map(([path, value]) => ({ path, direction: readDirection(document, path, value) }));
}

function readDirection(document: Document, path: string, value: Value): 1 | -1 {
  if (typeof value === 'string') {
    if (refusedKinds.has(value)) throw notSupported(`An index of kind '${value}'`);
    throw specificationError(errorCode.cannotCreateIndex, document, `Unknown index plugin '${value}'`);
  }
  const number = toNumber(value);
  if (number === undefined || Number.isNaN(number)) {
    throw specificationError(
      errorCode.cannotCreateIndex,
      document,
      'Values in v:2 index key pattern must be numbers or strings.',
    );
  }
  if (number === 0) {
    throw specificationError(
      errorCode.cannotCreateIndex,
      document,
      'Values in the index key pattern cannot be 0.',
    );
  }
  if (path === '' || path.split('.').includes('')) {
    throw specificationError(
      errorCode.cannotCreateIndex,
      document,
      'Index keys cannot contain an empty field.',
    );
  }
  if (path === '$**' || path.endsWith('.$**')) throw notSupported('A wildcard index');
  if (path.split('.').some((component) => component.startsWith('$'))) {
    throw specificationError(
      errorCode.cannotCreateIndex,
      document,
      "Index key contains an illegal field name: field name starts with '$'.",
    );
  }
  return number > 0 ? 1 : -1;
}

function readExpiry(document: Document, fields: IndexSpecification['fields']): number | undefined {
  const value = document['expireAfterSeconds'];
  if (value === undefined) return undefined;
  const seconds = toNumber(value);
  if (seconds === undefined || seconds < 0 || seconds > 2_147_483_647) {
    throw specificationError(
      errorCode.cannotCreateIndex,
      document,
      'TTL index "expireAfterSeconds" must be a number within 0 and 2147483647',
    );
  }
  if (fields.length > 1) {
    throw specificationError(
      errorCode.cannotCreateIndex,
      document,
      'TTL indexes are single-field indexes, compound indexes do not support TTL',
    );
  }
  if (fields[0]?.path === '_id') {
    throw new CommandError(
      errorCode.invalidIndexOption,
      "The field 'expireAfterSeconds' is not valid for an _id index specification",
    );
  }
  return seconds;
}

const knownOptions = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'background',
  'partialFilterExpression',
  'expireAfterSeconds',
  'hidden',
  'ns',
]);

/**
 * Reads and checks one element of `createIndexes`' `indexes`.
 * @throws CommandError 9, 14, 67, 197 or 238
 */
export function readIndexSpecification(document: Document): IndexSpecification {
  for (const name of Object.keys(document)) {
    if (refusedOptions.has(name)) throw notSupported(`The index option '${name}'`);
    if (!knownOptions.has(name)) {
      throw specificationError(
        errorCode.invalidIndexOption,
        document,
        `The field '${name}' is not valid for an index specification. Specification: ${showDocument(document)}`,
      );
    }
  }
  if (readFlag(document, 'hidden')) throw notSupported("The index option 'hidden'");
  const version = document['v'];
  if (version !== undefined && toNumber(version) !== 2)
    throw notSupported("An index version ('v') other than 2");
  const fields = readFields(document);
  const name = document['name'];
  if (typeof name !== 'string' || name === '') {
    throw specificationError(
      errorCode.failedToParse,
      document,
      "The 'name' field is a required property of an index specification",
    );
  }
  const sparse = readFlag(document, 'sparse');
  const partialFilter = document['partialFilterExpression'];
  if (partialFilter !== undefined && !isDocument(partialFilter)) {
    throw specificationError(
      errorCode.typeMismatch,
      document,
      "The field 'partialFilterExpression' must be an object",
    );
  }
  if (sparse && partialFilter !== undefined) {
    throw specificationError(
      errorCode.cannotCreateIndex,
      document,
      'cannot mix "partialFilterExpression" and "sparse" options',
    );
  }
  return {
    name,
    fields,
    unique: readFlag(document, 'unique') || isIdKey(fields),
    sparse,
    partialFilter,
    expireAfterSeconds: readExpiry(document, fields),
    document: { v: new Int32(2), ...document },
  };
}

function isIdKey(fields: IndexSpecification['fields']): boolean {
  return fields.length === 1 && fields[0]?.path === '_id';
}

/** The index that every collection has. */
export const idIndexSpecification: IndexSpecification = {
  name: '_id_',
  fields: [{ path: '_id', direction: 1 }],
  unique: true,
  sparse: false,
  partialFilter: undefined,
  expireAfterSeconds: undefined,
  document: { v: new Int32(2), key: { _id: new Int32(1) }, name: '_id_' },
};

/** True when two specifications have the same key, in the same order. */
export function sameKey(left: IndexSpecification, right: IndexSpecification): boolean {
  return (
    left.fields.length === right.fields.length &&
    left.fields.every((field, at) => {
      const other = right.fields[at];
      return other !== undefined && other.path === field.path && other.direction === field.direction;
    })
  );
}

function filterBytes(specification: IndexSpecification): Buffer {
  return Buffer.from(encode(specification.partialFilter ?? {}));
}

/** True when two indexes with the same key hold the same entries: sparse, unique and partial alike. */
export function sameSignature(left: IndexSpecification, right: IndexSpecification): boolean {
  return (
    sameKey(left, right) &&
    left.sparse === right.sparse &&
    left.unique === right.unique &&
    (left.partialFilter === undefined) === (right.partialFilter === undefined) &&
    filterBytes(left).equals(filterBytes(right))
  );
}

/** True when nothing at all tells two indexes apart but perhaps their names. */
export function sameOptions(left: IndexSpecification, right: IndexSpecification): boolean {
  return sameSignature(left, right) && left.expireAfterSeconds === right.expireAfterSeconds;
}

/** The key pattern as the client gave it, for messages and `keyPattern`. */
export function keyPatternOf(specification: IndexSpecification): Document {
  return specification.document['key'] as Document;
}
