import { type Refusal, refusal } from './refusals.ts';
import type { Milliseconds, UserGroupId, UserId } from './site.ts';

/** A administrator, M master, U defined user (System S.2.2), and an operator who looks on, and does what the site lets them. */
export const ROLES = ['administrator', 'master', 'defined', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** What people identify with. Where the system knows a login and a password, the kind is `password`. */
export const CREDENTIAL_KINDS = [
  'card',
  'pin',
  'password',
  'phone',
  'ibutton',
  'barcode',
  'qr',
  'biometric',
  /** An X.509 certificate of a person; logs in over OPC UA, and identifies nobody at a cabinet. */
  'certificate',
  /** Lets a program of theirs in over the HTTP API, and identifies nobody at a cabinet. */
  'api-token',
] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** A credential as the directory knows it. Its secret is not here: it was found by a keyed digest. */
export interface KnownCredential {
  readonly id: string;
  readonly user: UserId;
  readonly blocked: boolean;
  /** Not taken before this time. */
  readonly validFrom?: Milliseconds;
  /** Not taken from this time on. */
  readonly validUntil?: Milliseconds;
  /** A PIN that its owner types under threat: it works, and raises a silent alarm. */
  readonly duress?: boolean;
}

/** A user as the directory knows them. */
export interface KnownUser {
  readonly id: UserId;
  readonly groups: readonly UserGroupId[];
  readonly roles: readonly Role[];
  readonly blocked: boolean;
  /** The right to be here at all begins and ends, where it does. */
  readonly validFrom?: Milliseconds;
  readonly validUntil?: Milliseconds;
}

/** Who it is, or why nobody is let through. */
export type Identity =
  | { readonly known: true; readonly user: KnownUser; readonly credential: KnownCredential }
  | {
      readonly known: false;
      readonly refusal: Refusal;
      /** Whose it is, where it is known but blocked. */
      readonly credential?: KnownCredential;
    };

/**
 * Identifies by what the directory found. A blocked or expired credential or user is told apart from an unknown
 * one: the person holds the real thing and has to know whom to ask.
 */
export function identify(
  credential: KnownCredential | undefined,
  user: KnownUser | undefined,
  at: Milliseconds,
): Identity {
  if (!credential || !user) return { known: false, refusal: refusal('unknown-credential') };
  if (credential.blocked) return { known: false, refusal: refusal('credential-blocked'), credential };
  if (user.blocked) return { known: false, refusal: refusal('user-blocked'), credential };
  for (const { validFrom, validUntil } of [credential, user]) {
    if (validFrom !== undefined && at < validFrom) {
      return { known: false, refusal: refusal('not-valid-yet'), credential };
    }
    if (validUntil !== undefined && at >= validUntil) {
      return { known: false, refusal: refusal('no-longer-valid'), credential };
    }
  }
  return { known: true, user, credential };
}
