/**
 * The server's identity on disk: its application URI, its certificate and key, and the lists of client certificates that are
 * trusted or were rejected. Everything is made at the first start by Node's own cryptography; no other program is needed.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';

export interface Identity {
  /** Names this installation among all others, for ever; stands in its certificate. */
  readonly applicationUri: string;
  /** Own certificate, and client applications: `trusted/`, `rejected/`. */
  readonly applications: OPCUACertificateManager;
  /** Certificates of persons. None is trusted: logging in by certificate is not offered. */
  readonly persons: OPCUACertificateManager;
}

/** Opens the identity in `folder`, which is made, closed to other users of the computer, where it is missing. */
export async function openIdentity(folder: string, trustUnknownClients: boolean): Promise<Identity> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A folder that was there before, or a umask, may have left it open.
  await chmod(folder, 0o700);
  return {
    applicationUri: await applicationUriIn(folder),
    applications: new OPCUACertificateManager({
      rootFolder: join(folder, 'applications'),
      automaticallyAcceptUnknownCertificate: trustUnknownClients,
    }),
    persons: new OPCUACertificateManager({
      rootFolder: join(folder, 'persons'),
      automaticallyAcceptUnknownCertificate: false,
      disableFileWatchers: true,
    }),
  };
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
