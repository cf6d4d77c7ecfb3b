/** Looks for secrets where none may lie. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from 'mongoose';

/** The ways in which a secret could have been written down: as text, in base64, and as bytes where it is hex. */
function waysToWrite(secret: string): readonly Buffer[] {
  const texts = [secret, secret.toLowerCase(), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
  const hex = /^(?:[0-9a-f]{2})+$/i.test(secret) && secret.length >= 8 ? [Buffer.from(secret, 'hex')] : [];
  return [...texts.map((text) => Buffer.from(text)), Buffer.from(secret, 'utf16le'), ...hex];
}

/** The secrets that some bytes hold, in any of the ways in which they could have been written down. */
export function secretsIn(bytes: Uint8Array, secrets: readonly string[]): string[] {
  const here = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return secrets.filter((secret) => waysToWrite(secret).some((way) => here.includes(way)));
}

/** Which files below a folder hold which secrets, as `file: secret`; sockets are no files. */
export async function secretsBelow(folder: string, secrets: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    for (const secret of secretsIn(await readFile(path), secrets)) found.push(`${path}: ${secret}`);
  }
  return found;
}

/** Which collections of a database hold which secrets in any document, as `collection: secret`. */
export async function secretsStored({ db }: Connection, secrets: readonly string[]): Promise<string[]> {
  if (!db) throw new Error('The connection is closed.');
  const found = new Set<string>();
  for (const { name } of await db.listCollections().toArray()) {
    for await (const document of db.collection(name).find()) {
      const bytes = Buffer.from(JSON.stringify(document));
      for (const secret of secretsIn(bytes, secrets)) found.add(`${name}: ${secret}`);
    }
  }
  return [...found];
}
