import {
  argon2,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keptFile } from './kept-file.ts';

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
}

/**
 * The key of an installation by name, as 64 hex digits: made at first use in `<data>/secrets/`, readable by this
 * operating-system user only, and never replaced by itself.
 */
export async function installationKey(dataFolder: string, name: string): Promise<string> {
  const folder = join(dataFolder, 'secrets');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const key = (await keptFile(path, () => `${randomBytes(KEY_BYTES).toString('hex')}\n`)).trim();
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new SecretError(`${path} does not hold a key of 64 hex digits. Restore it from a backup.`);
  }
  return key;
}

/** The key of an installation, 64 hex digits, made ready for `digestOf`. */
export function digestKey(key: string): KeyObject {
  return createSecretKey(key, 'hex');
}

/** Finds a card number or a PIN without storing it: HMAC-SHA256 with a key that is kept outside the database. */
export function digestOf(key: KeyObject, kind: 'card' | 'pin', value: string): string {
  return createHmac('sha256', key).update(`${kind}:${value}`).digest('hex');
}

/** Hashes a PIN or password with argon2id, as a string in PHC format with its salt and parameters. */
export async function hashSecret(secret: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive(secret, nonce, MEMORY_KIB, PASSES);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** Whether a secret fits a hash that `hashSecret` made. */
export async function verifySecret(secret: string, hash: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
  if (!parts) return false;
  const [, memory, passes, salt, expected] = parts;
  const known = Buffer.from(expected ?? '', 'base64');
  const tag = await derive(secret, Buffer.from(salt ?? '', 'base64'), Number(memory), Number(passes));
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

/** A password that is read off a screen once: 4 groups of 4 out of 31 characters, 79 bits. */
export function newOneTimePassword(): string {
  const group = (): string => Array.from({ length: 4 }, () => READABLE[randomInt(READABLE.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

function derive(secret: string, nonce: Buffer, memory: number, passes: number): Promise<Buffer> {
  return argon2Async('argon2id', {
    message: secret.normalize('NFC'),
    nonce,
    parallelism: 1,
    tagLength: TAG_BYTES,
    memory,
    passes,
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
