/** Reading the fields of a command: each is known and checked, or the command is refused. */
import { Long } from 'bson';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { isNumeric, toNumber } from '../values/numbers.ts';
import { typeNameOf } from '../values/type-names.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';

/**
 * Fields that any command may carry and that change nothing here: sessions group commands, read
 * preferences choose among servers, and what is written is always as durable as `{ w: 1, j: true }`.
 * `maxTimeMS` bounds a server that is busy with others; here a command never waits for another, and only
 * `find` looks at it, since a search through many documents holds up everybody else.
 */
const commonFields = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'comment',
  'maxTimeMS',
  'writeConcern',
  'readConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  '$audit',
  '$client',
]);

/** Fields that begin or belong to a transaction, which this store has not. */
const transactionFields = new Set(['txnNumber', 'startTransaction', 'autocommit']);

function checkReadConcern(value: Value): void {
  const level = isDocument(value) ? value['level'] : undefined;
  // Everything that can be read here is durable or fails together with the read.
  if (level === undefined || level === 'local' || level === 'available' || level === 'majority') return;
  throw notSupported(`The read concern '${typeof level === 'string' ? level : typeNameOf(level)}'`);
}

function checkWriteConcern(value: Value): void {
  if (!isDocument(value)) return;
  const { w } = value;
  const number = toNumber(w);
  if (w === undefined || w === 'majority' || number === 0 || number === 1) return;
  throw new CommandError(errorCode.badValue, "cannot use 'w' > 1 when a host is not replicated");
}

/** The fields that a command knows: those that it carries out, and those that the server has and it refuses. */
export interface KnownFields {
  readonly carriedOut: readonly string[];
  readonly refused?: readonly string[];
}

/**
 * Checks that a command carries no field that would be ignored. A refused option that says the same as
 * leaving it out (false, null, an empty document) is let through.
 * @throws CommandError 20 for transactions, 238 for refused options, 40415 for unknown ones
 */
export function checkFields(command: Document, known: KnownFields): void {
  const name = Object.keys(command)[0] ?? '';
  for (const field of Object.keys(command)) {
    if (field === name || commonFields.has(field) || known.carriedOut.includes(field)) continue;
    if (transactionFields.has(field)) {
      throw new CommandError(
        errorCode.illegalOperation,
        'Transaction numbers are only allowed on a replica set member or mongos',
      );
    }
    checkRefused(name, field, command[field], known.refused ?? []);
  }
  checkReadConcern(command['readConcern']);
  checkWriteConcern(command['writeConcern']);
}

function saysNothing(value: Value): boolean {
  return value === false || value === null || (isDocument(value) && Object.keys(value).length === 0);
}

function checkRefused(owner: string, field: string, value: Value, refused: readonly string[]): void {
  if (!refused.includes(field)) {
    throw new CommandError(errorCode.unknownField, `BSON field '${owner}.${field}' is an unknown field.`);
  }
  if (!saysNothing(value)) throw notSupported(`The option '${field}' of ${owner}`);
}

/** As `checkFields`, for a document inside of a command, such as an element of `updates`. */
export function checkNestedFields(owner: string, document: Document, known: KnownFields): void {
  for (const field of Object.keys(document)) {
    if (!known.carriedOut.includes(field)) checkRefused(owner, field, document[field], known.refused ?? []);
  }
}

function wrongType(command: Document, field: string, expected: string): CommandError {
  const name = Object.keys(command)[0] ?? '';
  return new CommandError(
    errorCode.typeMismatch,
    `BSON field '${name}.${field}' is the wrong type '${typeNameOf(command[field])}', expected type '${expected}'`,
  );
}

/** The collection that a command names. @throws CommandError 73 */
export function collectionName(command: Document): string {
  const field = Object.keys(command)[0] ?? '';
  const name = command[field];
  if (typeof name !== 'string') {
    throw new CommandError(
      errorCode.invalidNamespace,
      `collection name has invalid type ${typeNameOf(name)}`,
    );
  }
  if (name === '') {
    throw new CommandError(
      errorCode.invalidNamespace,
      `Invalid namespace specified '${databaseName(command)}.'`,
    );
  }
  return name;
}

export function databaseName(command: Document): string {
  const name = command['$db'];
  if (typeof name !== 'string' || name === '') {
    throw new CommandError(errorCode.failedToParse, 'OP_MSG requests require a $db argument');
  }
  return name;
}

export function optionalDocument(command: Document, field: string): Document | undefined {
  const value = command[field];
  if (value === undefined || value === null) return undefined;
  if (!isDocument(value)) throw wrongType(command, field, 'object');
  return value;
}

export function requiredDocument(command: Document, field: string): Document {
  const value = optionalDocument(command, field);
  if (value === undefined) throw missingField(command, field);
  return value;
}

function missingField(command: Document, field: string): CommandError {
  const name = Object.keys(command)[0] ?? '';
  return new CommandError(
    errorCode.missingField,
    `BSON field '${name}.${field}' is missing but a required field`,
  );
}

export function requiredArray(command: Document, field: string): readonly Value[] {
  const value = command[field];
  if (value === undefined) throw missingField(command, field);
  if (!Array.isArray(value)) throw wrongType(command, field, 'array');
  return value;
}

/** A whole number that is not negative; undefined when the field is not there. @throws CommandError 2, 14 or 51024 */
export function optionalCount(command: Document, field: string): number | undefined {
  const value = command[field];
  if (value === undefined || value === null) return undefined;
  if (!isNumeric(value)) throw wrongType(command, field, 'long');
  const number = Math.trunc(toNumber(value) ?? 0);
  if (number < 0) {
    throw new CommandError(51024, `BSON field '${field}' value must be >= 0, actual value '${number}'`);
  }
  return number;
}

export function optionalFlag(command: Document, field: string, otherwise: boolean): boolean {
  const value = command[field];
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'boolean') return value;
  if (isNumeric(value)) return toNumber(value) !== 0;
  throw wrongType(command, field, 'bool');
}

/** A cursor's id. @throws CommandError 14 */
export function cursorId(command: Document, field: string, value: Value): Long {
  if (Long.isLong(value)) return value;
  if (isNumeric(value)) return Long.fromNumber(toNumber(value) ?? 0);
  throw wrongType(command, field, 'long');
}
