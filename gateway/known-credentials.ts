import type { KnownCredential } from '../domain/identification.ts';
import type { CredentialDocument } from '../models/credentials.ts';
import type { Keyring } from './keyring.ts';
import type { DigestKind } from './ports.ts';

/** A credential in memory: what the domain knows of it, and what proves it. */
export interface HeldCredential extends KnownCredential {
  readonly kind: DigestKind;
  /** A PIN's argon2id hash. */
  readonly hash: string | undefined;
}

interface Held {
  readonly credential: HeldCredential;
  /** Under the key of `generation`. */
  digest: string;
}

/** Credentials in memory, each found by the digest of what it is, under the current key. */
export class KnownCredentials {
  readonly #ring: Keyring;
  readonly #byId = new Map<string, Held>();
  /** By `<kind>:<digest>`. */
  readonly #byDigest = new Map<string, HeldCredential>();
  #generation: number;

  constructor(ring: Keyring) {
    this.#ring = ring;
    this.#generation = ring.generation;
  }

  /**
   * Takes over a credential as it is stored. One whose digest is under a key that is not here yet stays known under
   * its old digest, where it was known before.
   */
  learn(document: CredentialDocument): void {
    const { _id: id, kind, digest: stored, generation = 1, removedAt } = document;
    this.#follow();
    const before = this.#byId.get(id);
    if (before) this.forget(id);
    if (kind === 'password' || removedAt || stored === undefined) return;
    const digest =
      generation > this.#generation ? before?.digest : this.#ring.lift({ digest: stored, generation });
    if (digest === undefined) return;
    const credential: HeldCredential = { ...knownCredential(document), kind, hash: document.hash };
    this.#byId.set(id, { credential, digest });
    this.#byDigest.set(`${kind}:${digest}`, credential);
  }

  forget(id: string): void {
    const held = this.#byId.get(id);
    if (!held) return;
    this.#byId.delete(id);
    const key = `${held.credential.kind}:${held.digest}`;
    if (this.#byDigest.get(key)?.id === id) this.#byDigest.delete(key);
  }

  clear(): void {
    this.#byId.clear();
    this.#byDigest.clear();
  }

  /** A credential by its id. */
  get(id: string): HeldCredential | undefined {
    return this.#byId.get(id)?.credential;
  }

  /** Whose is this? The value in the one way in which it is written. */
  find(kind: DigestKind, value: string): HeldCredential | undefined {
    this.#follow();
    return this.#byDigest.get(`${kind}:${this.#ring.digest(kind, value).digest}`);
  }

  /** Puts every digest under the current key, where that has changed. */
  #follow(): void {
    const { generation } = this.#ring;
    if (generation === this.#generation) return;
    this.#byDigest.clear();
    for (const held of this.#byId.values()) {
      held.digest = this.#ring.lift({ digest: held.digest, generation: this.#generation });
      this.#byDigest.set(`${held.credential.kind}:${held.digest}`, held.credential);
    }
    this.#generation = generation;
  }
}

function knownCredential(document: CredentialDocument): KnownCredential {
  const { _id: id, user, blocked, validFrom, validUntil, duress } = document;
  return {
    id,
    user,
    blocked,
    ...(validFrom && { validFrom: validFrom.getTime() }),
    ...(validUntil && { validUntil: validUntil.getTime() }),
    ...(duress && { duress }),
  };
}
