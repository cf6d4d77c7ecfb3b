import type { Document } from './values/types.ts';

/** Codes and names of the server's errors that this store can answer with. Source: error_codes.yml of MongoDB 7.0. */
const codeNames: Readonly<Record<number, string>> = {
  1: 'InternalError',
  2: 'BadValue',
  9: 'FailedToParse',
  14: 'TypeMismatch',
  17: 'ProtocolError',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  91: 'ShutdownInProgress',
  146: 'ExceededMemoryLimit',
  171: 'CannotIndexParallelArrays',
  197: 'InvalidIndexSpecificationOption',
  238: 'NotImplemented',
  292: 'QueryExceededMemoryLimitNoDiskUseAllowed',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  14031: 'OutOfDiskSpace',
};

export const errorCode = {
  internal: 1,
  badValue: 2,
  failedToParse: 9,
  typeMismatch: 14,
  protocol: 17,
  illegalOperation: 20,
  namespaceNotFound: 26,
  indexNotFound: 27,
  pathNotViable: 28,
  conflictingUpdateOperators: 40,
  cursorNotFound: 43,
  namespaceExists: 48,
  tookTooLong: 50,
  dollarPrefixedFieldName: 52,
  invalidIdField: 53,
  notSingleValueField: 54,
  commandNotFound: 59,
  immutableField: 66,
  cannotCreateIndex: 67,
  invalidOptions: 72,
  invalidNamespace: 73,
  indexOptionsConflict: 85,
  indexKeySpecsConflict: 86,
  shutdownInProgress: 91,
  exceededMemoryLimit: 146,
  cannotIndexParallelArrays: 171,
  invalidIndexOption: 197,
  notImplemented: 238,
  sortExceededMemory: 292,
  objectTooLarge: 10334,
  duplicateKey: 11000,
  outOfDiskSpace: 14031,
  unknownStage: 40324,
  missingField: 40414,
  unknownField: 40415,
} as const;

/** An error that is an answer: the command failed as a server's would, and nothing of the store is in doubt. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number;
  /** Further fields of the answer, such as `keyPattern` and `keyValue`. */
  readonly details: Document;

  constructor(code: number, message: string, details: Document = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** The answer to the client. */
  toReply(): Document {
    return {
      ok: 0,
      errmsg: this.message,
      code: this.code,
      codeName: codeNames[this.code] ?? `Location${this.code}`,
      ...this.details,
    };
  }

  /** The entry in `writeErrors` for the operation at `index` of a write command. */
  toWriteError(index: number): Document {
    return { index, code: this.code, errmsg: this.message, ...this.details };
  }
}

/** Refuses what the server has and this store has not. Never ignored: a client must not believe that it was done. */
export function notSupported(what: string): CommandError {
  return new CommandError(errorCode.notImplemented, `${what} is not supported by the embedded store`);
}

/** Reasons for which the embedded store does not start. */
export type EmbeddedMongoErrorCode =
  | 'folder-in-use'
  | 'folder-unusable'
  | 'store-unreadable'
  | 'socket-path-too-long'
  | 'worker-failed';

/** The store could not be started. The message names the folder and the way out. */
export class EmbeddedMongoError extends Error {
  override readonly name = 'EmbeddedMongoError';
  readonly code: EmbeddedMongoErrorCode;

  constructor(code: EmbeddedMongoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
