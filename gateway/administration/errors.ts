import type { CredentialFlaw } from '../credential-kinds.ts';

export type AdministrationErrorCode =
  | 'login-taken'
  | 'credential-taken'
  | CredentialFlaw
  | 'certificate-expired'
  | 'private-key-given'
  | 'certificate-unfit'
  | 'client-unknown'
  | 'opcua-down'
  | 'password-too-short'
  | 'password-wrong'
  | 'tag-taken'
  | 'item-unknown'
  | 'user-unknown'
  | 'credential-unknown'
  | 'right-unknown'
  | 'group-unknown'
  | 'cabinet-unknown'
  | 'cassette-unknown'
  | 'tag-list-expired'
  | 'compartment-group-unknown'
  | 'reader-unknown'
  | 'panel-unknown'
  | 'panel-token-unknown'
  | 'api-token-unknown'
  | 'too-many-tokens'
  | 'right-malformed'
  | 'last-administrator'
  | 'keys-missing'
  | 'file-unusable'
  | 'import-under-way'
  | 'field-wrong'
  | 'malformed'
  | 'site-fixed'
  | 'site-file-wrong'
  | 'restart-required'
  | 'cabinet-in-use'
  | 'store-unavailable'
  | 'not-recorded'
  | 'reload-under-way';

/** What an administrator asked for cannot be done; nothing was changed. */
export class AdministrationError extends Error {
  readonly code: AdministrationErrorCode;

  constructor(code: AdministrationErrorCode, message: string) {
    super(message);
    this.name = 'AdministrationError';
    this.code = code;
  }
}

/** Error code of the database for a second document with a unique key. */
const DUPLICATE_KEY = 11_000;

/**
 * Stores something, and says in words what the database would not take.
 *
 * @param taken the code and the words where the same is stored already
 */
export async function storing<Result>(
  work: () => Promise<Result>,
  taken: AdministrationErrorCode,
  message: string,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code === DUPLICATE_KEY) throw new AdministrationError(taken, message);
    if ((error as Error).name === 'ValidationError')
      throw new AdministrationError('field-wrong', wordsOf(error));
    throw error;
  }
}

function wordsOf(error: unknown): string {
  const { errors = {}, message } = error as {
    readonly errors?: Readonly<Record<string, { readonly message: string }>>;
    readonly message: string;
  };
  return Object.values(errors)[0]?.message ?? message;
}
