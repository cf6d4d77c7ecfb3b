/**
 * The server's identity on disk: its application URI, its certificate and key, and the lists of client certificates that are
 * trusted or were rejected. Everything is made at the first start by Node's own cryptography; no other program is needed.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClientCertificates, forgetOldest, MOST_REJECTED } from './client-certificates.ts';
import { OwnCertificateFile, type ServerNames } from './own-certificate.ts';
import { PersonCertificates } from './person-certificates.ts';

interface Identity {
  /** Names this installation among all others, for ever; stands in its certificate. */
  readonly applicationUri: string;
  /** Client applications: `trusted/`, `rejected/`, `issuers/`. */
  readonly applications: ClientCertificates;
  /** Certificates of persons, of which none lies here. */
  readonly persons: PersonCertificates;
  readonly own: OwnCertificateFile;
}

/**
 * Opens the identity in `folder`, which is made, closed to other users of the computer, where it is missing.
 *
 * @param names what the server's own certificate says
 * @param registered asks whether a person is registered with a certificate
 */
export async function openIdentity(
  folder: string,
  trustUnknownClients: boolean,
  names: Omit<ServerNames, 'applicationUri'>,
  registered: (thumbprint: string) => Promise<boolean>,
): Promise<Identity> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A folder that was there before, or a umask, may have left it open.
  await chmod(folder, 0o700);
  const applications = join(folder, 'applications');
  await forgetOldest(join(applications, 'rejected'), MOST_REJECTED);
  const applicationUri = await applicationUriIn(folder);
  const clients = new ClientCertificates(applications, trustUnknownClients);
  await clients.followRevocations(false);
  await clients.initialize();
  return {
    applicationUri,
    applications: clients,
    persons: new PersonCertificates(join(folder, 'persons'), registered),
    own: new OwnCertificateFile(clients, { applicationUri, ...names }),
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
