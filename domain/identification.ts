import { type Refusal, refusal } from './refusals.ts';
import type { UserGroupId, UserId } from './site.ts';

/** A credential as the directory knows it. Its secret is not here: it was found by a keyed digest. */
export interface KnownCredential {
  readonly id: string;
  readonly user: UserId;
  readonly blocked: boolean;
}

/** A user as the directory knows them. */
export interface KnownUser {
  readonly id: UserId;
  readonly groups: readonly UserGroupId[];
  readonly blocked: boolean;
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
 * Identifies by what the directory found. A blocked credential or user is told apart from an unknown one: the
 * person holds the real thing and has to know whom to ask.
 */
export function identify(credential: KnownCredential | undefined, user: KnownUser | undefined): Identity {
  if (!credential || !user) return { known: false, refusal: refusal('unknown-credential') };
  if (credential.blocked) return { known: false, refusal: refusal('credential-blocked'), credential };
  if (user.blocked) return { known: false, refusal: refusal('user-blocked'), credential };
  return { known: true, user, credential };
}
