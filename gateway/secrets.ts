import {
  argon2,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keptFile } from './kept-file.ts';
import type { DigestKind } from './ports.ts';

const argon2Async = promisify(argon2);

/** Parameters of argon2id for PINs and passwords: 19 MiB, two passes (OWASP Password Storage Cheat Sheet). */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;

/** Bytes of a key that is made for an installation. */
const KEY_BYTES = 32;

/** A key file is damaged or cannot be read; nothing is made in its place, since what it protects would be lost. */
export class SecretError extends Error {
  readonly code = 'secret-unreadable';

  constructor(message: string) {
    super(message);
    this.name = 'SecretError';
  }
}

/**
 * The key of an installation by name, as 64 hex digits: made at first use in `<data>/secrets/`, readable by this
 * operating-system user only, and never replaced by itself.
 */
export async function installationKey(dataFolder: string, name: string): Promise<string> {
  const folder = join(dataFolder, 'secrets');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  return checked(path, await keptFile(path, () => `${randomBytes(KEY_BYTES).toString('hex')}\n`));
}

/** The key in a file, 64 hex digits. Rejects with `SecretError` where the file cannot be read or holds anything else. */
export async function readKey(path: string): Promise<string> {
  try {
    return checked(path, await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SecretError) throw error;
    throw new SecretError(`${path} cannot be read (${(error as Error).message}).`);
  }
}

function checked(path: string, content: string): string {
  const key = content.trim();
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new SecretError(`${path} does not hold a key of 64 hex digits. Restore it from a backup.`);
  }
  return key;
}

/** The key of an installation, 64 hex digits, made ready for `digestOf`. */
export function digestKey(key: string): KeyObject {
  return createSecretKey(key, 'hex');
}

/** Finds what somebody identifies with, a card number for example, without storing it: HMAC-SHA256 with a key that is kept outside the database. */
export function digestOf(key: KeyObject, kind: DigestKind, value: string): string {
  return createHmac('sha256', key).update(`${kind}:${value}`).digest('hex');
}

/** A key that argon2id mixes into a hash, and the name under which it is found again. */
export interface Pepper {
  /** At most 8 bytes in base64 without padding, as the PHC string format has it. */
  readonly id: string;
  readonly pepper: KeyObject;
}

/**
 * Hashes a PIN or password with argon2id, as a string in PHC format with its salt and parameters; with a key, the
 * string names it as `keyid` and is worth nothing to whoever does not have it.
 */
export async function hashSecret(secret: string, key?: Pepper): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive(secret, nonce, MEMORY_KIB, PASSES, key?.pepper);
  const named = key ? `,keyid=${key.id}` : '';
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1${named}$${unpadded(nonce)}$${unpadded(tag)}`;
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1(?:,keyid=([A-Za-z0-9+/]{1,11}))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Whether a secret fits a hash that `hashSecret` made, with or without a key.
 *
 * @param pepperOf the key of a name; a hash whose key is not there fits nothing
 */
export async function verifySecret(
  secret: string,
  hash: string,
  pepperOf: (id: string) => KeyObject | undefined = () => undefined,
): Promise<boolean> {
  const parts = PHC.exec(hash);
  if (!parts) return false;
  const [, memory, passes, id, salt, expected] = parts;
  const pepper = id === undefined ? undefined : pepperOf(id);
  if (id !== undefined && !pepper) return false;
  const known = Buffer.from(expected ?? '', 'base64');
  const nonce = Buffer.from(salt ?? '', 'base64');
  const tag = await derive(secret, nonce, Number(memory), Number(passes), pepper);
  return known.length === tag.length && timingSafeEqual(known, tag);
}

/** An unguessable reference for something that is kept in memory: 256 bits. */
export function newToken(): string {
  return random(32).toString('base64url');
}

/** A new identifier, e.g. `user-3f09…`: 96 random bits. */
export function newId(prefix: string): string {
  return `${prefix}-${random(12).toString('hex')}`;
}

/** Random bytes are fetched in stock: asking the operating system for each decision takes longer than deciding. */
const stock = { bytes: Buffer.alloc(0), used: 0 };
const STOCK_BYTES = 4_096;

function random(count: number): Buffer {
  if (stock.used + count > stock.bytes.length) {
    stock.bytes = randomBytes(STOCK_BYTES);
    stock.used = 0;
  }
  stock.used += count;
  return stock.bytes.subarray(stock.used - count, stock.used);
}

/** Letters and digits that are not taken for one another. */
const READABLE = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** A code of digits that a person types once, every one as likely as the others. @param digits 1 to 9 */
export function newNumericCode(digits: number): string {
  return String(randomInt(10 ** digits)).padStart(digits, '0');
}

/** A password that is read off a screen once: 4 groups of 4 out of 31 characters, 79 bits. */
export function newOneTimePassword(): string {
  const group = (): string => Array.from({ length: 4 }, () => READABLE[randomInt(READABLE.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

function derive(
  secret: string,
  nonce: Buffer,
  memory: number,
  passes: number,
  pepper: KeyObject | undefined,
): Promise<Buffer> {
  return argon2Async('argon2id', {
    message: secret.normalize('NFC'),
    nonce,
    parallelism: 1,
    tagLength: TAG_BYTES,
    memory,
    passes,
    ...(pepper && { secret: pepper.export() }),
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
