import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DigestKind } from './ports.ts';
import { digestOf, hashSecret, installationKey, readKey, SecretError, verifySecret } from './secrets.ts';

/** Name of the first key's file in `<data>/secrets/`; generation 2 has `-2` at its end, and so on. */
const KEY_FILE = 'credential-key';

/** Bytes of a key id: as many as the PHC string format lets `keyid` have. */
const KEY_ID_BYTES = 8;

/** A digest with the generation of the key under which it was made. */
export interface Digest {
  readonly digest: string;
  readonly generation: number;
}

/** One key with what is derived from it. */
interface Key {
  readonly key: KeyObject;
  /** Names the key and does not betray it: 8 bytes in base64, as in a PHC string. */
  readonly id: string;
  /** What argon2id mixes in, so that a stolen database alone lets nobody try PINs. */
  readonly pepper: KeyObject;
}

/**
 * The keys of an installation, by generation. Digests form a chain: that of generation 1 is an HMAC of the value, that
 * of generation n an HMAC of the digest before it. A stored digest can so be lifted to a new key without the value,
 * and whoever has an old key alone can compare nothing any more.
 */
export class Keyring {
  readonly #keys: Key[];
  #generation: number;

  /** @param keys 64 hex digits each, from generation 1 on; all of them are in use */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map(made);
    this.#generation = keys.length;
  }

  /** The generation of new digests; 1 or more. */
  get generation(): number {
    return this.#generation;
  }

  /** How many keys there are; more than `generation` where a new one was prepared and is not in use. */
  get prepared(): number {
    return this.#keys.length;
  }

  /** The name of a key, 11 characters; undefined where there is no such generation. */
  idOf(generation: number): string | undefined {
    return this.#keys[generation - 1]?.id;
  }

  /** Takes the keys of a folder anew: those in use stay, those that were only prepared may have been replaced. */
  learn(keys: readonly string[]): void {
    this.#keys.splice(this.#generation, Number.POSITIVE_INFINITY, ...keys.slice(this.#generation).map(made));
  }

  /** Makes new digests under this generation from now on. Throws where its key is not there. */
  use(generation: number): void {
    if (generation < 1 || generation > this.#keys.length) {
      throw new SecretError(`There is no credential key of generation ${generation}.`);
    }
    this.#generation = generation;
  }

  /** The digest by which something that identifies is found, under the current key. */
  digest(kind: DigestKind, value: string): Digest {
    const first = digestOf(this.#key(1), kind, value);
    return { digest: this.lift({ digest: first, generation: 1 }), generation: this.#generation };
  }

  /** The digests of something under every key in use, the current one first. */
  digests(kind: DigestKind, value: string): readonly string[] {
    let digest = digestOf(this.#key(1), kind, value);
    const all = [digest];
    for (let generation = 2; generation <= this.#generation; generation += 1) {
      digest = this.#linked(generation, digest);
      all.unshift(digest);
    }
    return all;
  }

  /** A digest of an older generation, or of the current one, as it is under the current key. */
  lift({ digest, generation }: Digest): string {
    let lifted = digest;
    for (let next = generation + 1; next <= this.#generation; next += 1) lifted = this.#linked(next, lifted);
    return lifted;
  }

  /** Hashes a PIN or password under the current key; the hash names the key. */
  hash(secret: string): Promise<string> {
    return hashSecret(secret, this.#current());
  }

  /** Whether a secret fits a hash. A hash that is `stale` wants to be made anew, under the current key. */
  async verify(secret: string, hash: string): Promise<{ readonly fits: boolean; readonly stale: boolean }> {
    const current = this.#current();
    const fits = await verifySecret(secret, hash, (id) => this.#keys.find((key) => key.id === id)?.pepper);
    return { fits, stale: !hash.includes(`,keyid=${current.id}$`) };
  }

  /** The verifier of a PIN that opens one compartment. */
  hashAccessCode(pin: string): Promise<string> {
    return this.hash(pin);
  }

  /** Whether a PIN fits the verifier of a compartment's code, under whichever key that was made. */
  async verifyAccessCode(pin: string, verifier: string): Promise<boolean> {
    return (await this.verify(pin, verifier)).fits;
  }

  /**
   * The verifier of a scanned code that opens one compartment: `$hmac-sha256$keyid=<key>$<digest>`. It stays in the
   * event log, where nothing can be lifted to another key, so it names the key under which it was made.
   */
  scanVerifier(kind: 'barcode' | 'qr', value: string): string {
    return scanVerifierUnder(this.#current(), kind, value);
  }

  /** What tells whether a scanned code fits a verifier, under whichever key that was made. */
  scanFits(kind: 'barcode' | 'qr', value: string): (verifier: string) => boolean {
    const fitting = this.#keys.map((key) => Buffer.from(scanVerifierUnder(key, kind, value)));
    return (verifier) => {
      const known = Buffer.from(verifier);
      return fitting.some((each) => each.length === known.length && timingSafeEqual(each, known));
    };
  }

  #linked(generation: number, digest: string): string {
    return createHmac('sha256', this.#key(generation)).update(`digest:${digest}`).digest('hex');
  }

  #key(generation: number): KeyObject {
    const held = this.#keys[generation - 1];
    if (!held) throw new SecretError(`There is no credential key of generation ${generation}.`);
    return held.key;
  }

  #current(): Key {
    return this.#keys[this.#generation - 1] as Key;
  }
}

/**
 * The keys in a data folder, from generation 1 on, as 64 hex digits each. Empty where there are none.
 *
 * @throws SecretError where a file is damaged, or a generation is missing between others
 */
export async function readKeys(dataFolder: string): Promise<readonly string[]> {
  const folder = join(dataFolder, 'secrets');
  const generations = (await names(folder)).map(generationOf).filter((each) => each !== undefined);
  const highest = Math.max(0, ...generations);
  const keys: string[] = [];
  for (let generation = 1; generation <= highest; generation += 1) {
    if (!generations.includes(generation)) {
      throw new SecretError(
        `${join(folder, nameOf(generation))} is missing, though ${nameOf(highest)} is there. Restore it from a backup: without it neither cards nor PINs nor codes of deposits are known.`,
      );
    }
    keys.push(await readKey(join(folder, nameOf(generation))));
  }
  return keys;
}

/** Makes the key of a generation in a data folder, or finds the one that is there. */
export function makeKey(dataFolder: string, generation: number): Promise<string> {
  return installationKey(dataFolder, nameOf(generation));
}

function made(hex: string): Key {
  const key = createSecretKey(hex, 'hex');
  const derived = (purpose: string): Buffer => createHmac('sha256', key).update(purpose).digest();
  const id = derived('key-id').subarray(0, KEY_ID_BYTES).toString('base64').replace(/=+$/, '');
  return { key, id, pepper: createSecretKey(derived('argon2id')) };
}

function scanVerifierUnder({ key, id }: Key, kind: string, value: string): string {
  const digest = createHmac('sha256', key).update(`access-code:${kind}:${value}`).digest('hex');
  return `$hmac-sha256$keyid=${id}$${digest}`;
}

/** Name of the key file of a generation. */
export function nameOf(generation: number): string {
  return generation === 1 ? KEY_FILE : `${KEY_FILE}-${generation}`;
}

function generationOf(name: string): number | undefined {
  if (name === KEY_FILE) return 1;
  const number = /^credential-key-([1-9]\d{0,3})$/.exec(name)?.[1];
  return number === undefined || number === '1' ? undefined : Number(number);
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
