import type { CredentialRepository, Lift } from '../models/credentials.ts';
import type { KeyringDocument, KeyringRepository } from '../models/keyrings.ts';
import { Keyring, makeKey, nameOf, readKeys } from './keyring.ts';
import { SecretError } from './secrets.ts';

/** Digests that are lifted by one write. */
const BATCH = 500;

/** How a rotation went. */
export interface Rotated {
  /** The generation that is in use now. */
  readonly generation: number;
  /** How many stored digests were put under its key. */
  readonly lifted: number;
  /** Digests that stayed under an older key, because the same credential was added anew meanwhile. */
  readonly left: number;
}

export interface KeyRotationParts {
  readonly dataFolder: string;
  readonly keyrings: KeyringRepository;
  readonly credentials: CredentialRepository;
}

/**
 * Opens the keys of a data folder for a database: makes the first key where neither has one yet.
 *
 * @throws SecretError where the database was written with keys that this folder does not have
 */
export async function openKeyring(parts: KeyRotationParts): Promise<Keyring> {
  const { dataFolder, keyrings, credentials } = parts;
  let keys = await readKeys(dataFolder);
  let known = await keyrings.find();
  if (keys.length === 0) {
    if (known || (await credentials.hasDigests())) throw missing(dataFolder, 1, known?.generation ?? 1);
    keys = [await makeKey(dataFolder, 1)];
  }
  const ring = new Keyring(keys);
  known ??= await keyrings.begin(ring.idOf(1) ?? '');
  checkAgainst(ring, known, dataFolder);
  ring.use(known.generation);
  return ring;
}

/** Puts new keys in use, and every stored digest under them. */
export class KeyRotation {
  readonly #parts: KeyRotationParts;
  readonly #ring: Keyring;

  constructor(parts: KeyRotationParts, ring: Keyring) {
    this.#parts = parts;
    this.#ring = ring;
  }

  /**
   * Takes over what another gateway has rotated; true where the generation has changed. Rejects with `SecretError`
   * where the key is not in this data folder yet: people stay known as they were.
   */
  async follow(): Promise<boolean> {
    const known = await this.#parts.keyrings.find();
    if (!known || known.generation === this.#ring.generation) return false;
    this.#ring.learn(await readKeys(this.#parts.dataFolder));
    checkAgainst(this.#ring, known, this.#parts.dataFolder);
    this.#ring.use(known.generation);
    return true;
  }

  /**
   * Makes the next key, or takes the one that lies prepared, and puts it in use. Rejects with `SecretError` where
   * another gateway rotates at the same time. What is broken off here, `finish` completes.
   */
  async advance(): Promise<number> {
    const { dataFolder, keyrings } = this.#parts;
    await this.follow();
    const next = this.#ring.generation + 1;
    await makeKey(dataFolder, next);
    this.#ring.learn(await readKeys(dataFolder));
    const id = this.#ring.idOf(next) ?? '';
    if (!(await keyrings.advance(next - 1, id))) {
      throw new SecretError(
        `Another gateway has rotated the credential key meanwhile. Copy its secrets/${nameOf(next)} to ${dataFolder}/secrets/ in place of the one there.`,
      );
    }
    this.#ring.use(next);
    return next;
  }

  /** Puts every stored digest of an older generation under the current key; as often as it takes. */
  async finish(): Promise<Rotated> {
    const { credentials } = this.#parts;
    const { generation } = this.#ring;
    let lifted = 0;
    let left = 0;
    let after = '';
    for (;;) {
      const batch = await credentials.olderThan(generation, after, BATCH);
      const last = batch.at(-1);
      if (!last) return { generation, lifted, left };
      after = last._id;
      const failed = await this.#lift(
        batch.map(({ _id: id, digest = '', generation: from = 1 }) => ({
          id,
          from: digest,
          to: this.#ring.lift({ digest, generation: from }),
        })),
        generation,
      );
      left += failed;
      lifted += batch.length - failed;
    }
  }

  /** Returns how many met the same credential, added anew under the current key. */
  async #lift(lifts: readonly Lift[], generation: number): Promise<number> {
    try {
      await this.#parts.credentials.lift(lifts, generation);
      return 0;
    } catch (error) {
      const { writeErrors } = error as { writeErrors?: readonly { readonly code?: number }[] };
      if (!writeErrors?.every(({ code }) => code === 11_000)) throw error;
      return writeErrors.length;
    }
  }
}

function checkAgainst(ring: Keyring, known: KeyringDocument, dataFolder: string): void {
  if (known.generation > ring.prepared) throw missing(dataFolder, ring.prepared + 1, known.generation);
  known.keys.forEach((id, index) => {
    if (ring.idOf(index + 1) === id) return;
    throw new SecretError(
      `${dataFolder}/secrets/${nameOf(index + 1)} is not the key with which this database was written. Copy that file from the data folder of the gateway that was there first, or from a backup: gateways of one database share their credential keys.`,
    );
  });
}

function missing(dataFolder: string, from: number, to: number): SecretError {
  const files = Array.from({ length: to - from + 1 }, (_, index) => nameOf(from + index)).join(', ');
  return new SecretError(
    `The credentials in this database are under key generation ${to}, and ${dataFolder}/secrets/ has no ${files}. Copy that from the data folder of the gateway that rotated the key, or from a backup: gateways of one database share their credential keys.`,
  );
}
