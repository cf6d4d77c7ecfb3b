/**
 * The server's identity on disk: its application URI, its certificate and key, and the lists of client certificates that are
 * trusted or were rejected. Everything is made at the first start by Node's own cryptography; no other program is needed.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';

interface Identity {
  /** Names this installation among all others, for ever; stands in its certificate. */
  readonly applicationUri: string;
  /** Own certificate, and client applications: `trusted/`, `rejected/`. */
  readonly applications: OPCUACertificateManager;
  /** Certificates of persons. None is trusted: logging in by certificate is not offered. */
  readonly persons: OPCUACertificateManager;
  /** Ends the care for the folder. */
  close(): void;
}

/** Most certificates of unknown clients kept to be looked at; the library keeps as many as anybody cares to send. */
const MOST_REJECTED = 100;
const TIDY_EVERY: Milliseconds = 60_000;

/** Opens the identity in `folder`, which is made, closed to other users of the computer, where it is missing. */
export async function openIdentity(folder: string, trustUnknownClients: boolean): Promise<Identity> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A folder that was there before, or a umask, may have left it open.
  await chmod(folder, 0o700);
  const applications = join(folder, 'applications');
  const rejected = join(applications, 'rejected');
  await forgetOldest(rejected, MOST_REJECTED);
  // Tidying is not worth an error: what could not be removed now is removed later.
  const tidying = setInterval(() => void forgetOldest(rejected, MOST_REJECTED).catch(() => {}), TIDY_EVERY);
  tidying.unref();
  return {
    applicationUri: await applicationUriIn(folder),
    applications: new OPCUACertificateManager({
      rootFolder: applications,
      automaticallyAcceptUnknownCertificate: trustUnknownClients,
    }),
    persons: new OPCUACertificateManager({
      rootFolder: join(folder, 'persons'),
      automaticallyAcceptUnknownCertificate: false,
      disableFileWatchers: true,
    }),
    close: () => clearInterval(tidying),
  };
}

/** Removes the oldest files of a folder until no more than `most` are left. A folder that is not there has none. */
async function forgetOldest(folder: string, most: number): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (names.length <= most) return;
  const files: { path: string; age: Milliseconds }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    files.push({ path, age: (await stat(path)).mtimeMs });
  }
  files.sort((a, b) => a.age - b.age);
  for (const { path } of files.slice(0, files.length - most)) await rm(path, { force: true });
}

/**
 * A random URI rather than the host's name: containers and renamed computers keep their identity, and with it the trust of
 * their clients.
 */
async function applicationUriIn(folder: string): Promise<string> {
  const file = join(folder, 'application-uri');
  try {
    const known = (await readFile(file, 'utf8')).trim();
    if (known) return known;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const fresh = `urn:sezam:gateway:${randomUUID()}`;
  await writeFile(file, `${fresh}\n`, { mode: 0o600 });
  return fresh;
}
