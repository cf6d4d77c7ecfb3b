/**
 * The server's own certificate: made at the first start, renewed before it ends where the server signed it itself, or one
 * of the site's authority, asked for by a signing request and looked at before it is taken.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { OPCUACertificateManager } from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';
import type { OwnCertificate } from '../gateway/opcua-administration.ts';
import { applicationUriOf, subjectOf, thumbprintOf } from './client-certificates.ts';
import { AdministrationRefused } from './refused.ts';

const DAY: Milliseconds = 86_400_000;
/** How long before its end a certificate is renewed, or its end is warned of. */
const RENEWED_BEFORE: Milliseconds = 30 * DAY;
/** Most certificates taken with the server's own: those of its issuers. */
const MOST_ISSUERS = 4;
/** Fewest bits of an RSA key in the security policies offered. */
const SHORTEST_KEY = 2048;
/** Most characters of a common name (RFC 5280, ub-common-name). */
const LONGEST_NAME = 64;
/** How long a certificate is good that the server signs itself. */
const VALID_FOR_DAYS = 10 * 365;

/** What became of the look at the own certificate. */
export type Renewal =
  | { readonly is: 'good' | 'renewed' }
  /** The certificate of an authority, which only that can renew; or a renewal that failed. */
  | { readonly is: 'ending'; readonly warning: string };

/** What the certificate says of the server. */
export interface ServerNames {
  readonly applicationUri: string;
  /** What people call the site; any text. */
  readonly siteName: string;
  /** Under which names and IP addresses clients reach the server. */
  readonly hosts: readonly string[];
}

export class OwnCertificateFile {
  readonly #manager: OPCUACertificateManager;
  readonly #names: ServerNames;
  readonly #now: () => Milliseconds;

  /** @param manager whose folder holds the certificate and its key; initialized before anything is asked of this */
  constructor(manager: OPCUACertificateManager, names: ServerNames, now: () => Milliseconds = Date.now) {
    this.#manager = manager;
    this.#names = names;
    this.#now = now;
  }

  get #file(): string {
    return join(this.#manager.ownCertFolder, 'certificate.pem');
  }

  /**
   * The certificate; undefined before the first start.
   *
   * @throws Error that names the file where it is damaged
   */
  async read(): Promise<X509Certificate | undefined> {
    let content: Buffer;
    try {
      content = await readFile(this.#file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return new X509Certificate(content);
    } catch {
      throw new Error(`${this.#file} is no certificate. Restore it, or remove it to have a new one made.`);
    }
  }

  /** What is shown of the certificate. */
  async show(): Promise<OwnCertificate> {
    const certificate = await this.read();
    if (!certificate) throw new AdministrationRefused('certificate-unfit', 'There is no certificate yet.');
    return viewOf(certificate);
  }

  /**
   * Makes the certificate where there is none, and a new one where it ends within 30 days and the server signed it
   * itself. The key stays: it is as good as it was, and a certificate that the site's authority issues upon a request made
   * before still fits. The certificate before is kept beside the new one.
   */
  async ensure(): Promise<Renewal> {
    const certificate = await this.read();
    if (!certificate) {
      await this.#make();
      return { is: 'good' };
    }
    if (certificate.validToDate.getTime() - this.#now() > RENEWED_BEFORE) return { is: 'good' };
    const end = certificate.validToDate.toISOString().slice(0, 10);
    if (certificate.issuer !== certificate.subject) {
      return {
        is: 'ending',
        warning:
          `The OPC UA certificate ends on ${end}. Its authority has to issue a new one: ` +
          'npm run admin -- opcua-csr, then opcua-certificate --file FILE.',
      };
    }
    const before = join(this.#manager.ownCertFolder, 'certificate-before.pem');
    await rename(this.#file, before);
    try {
      await this.#make();
      return { is: 'renewed' };
    } catch (error) {
      await rename(before, this.#file);
      return {
        is: 'ending',
        warning: `The OPC UA certificate, which ends on ${end}, could not be renewed: ${String(error)}.`,
      };
    }
  }

  async #make(): Promise<void> {
    await this.#manager.createSelfSignedCertificate({
      ...this.#described(),
      outputFile: this.#file,
      startDate: new Date(this.#now()),
      validity: VALID_FOR_DAYS,
    });
  }

  #described() {
    const { applicationUri, siteName, hosts } = this.#names;
    return {
      applicationUri,
      subject: { commonName: commonNameFor(siteName), organization: 'Sezam' },
      dns: hosts.filter((host) => isIP(host) === 0),
      ip: hosts.filter((host) => isIP(host) !== 0),
    };
  }

  /** A signing request for the key of the server, with its application URI and names, as PEM. */
  async request(): Promise<string> {
    const path = await this.#manager.createCertificateRequest({
      ...this.#described(),
      startDate: new Date(this.#now()),
      validity: 365,
    });
    const text = await readFile(path, 'utf8');
    await rm(path);
    return text;
  }

  /**
   * Takes a certificate in place of the one before, after it was looked at.
   *
   * @param pem the certificate, then those of its issuers in order, if any
   */
  async install(pem: string): Promise<OwnCertificate> {
    const [certificate, ...issuers] = certificatesIn(pem);
    if (!certificate) throw unfit('Give it as PEM: it begins with -----BEGIN CERTIFICATE-----.');
    await this.#check(certificate);
    if (issuers.length > MOST_ISSUERS)
      throw unfit(`More than ${MOST_ISSUERS} certificates of issuers stand in it.`);
    let below = certificate;
    for (const issuer of issuers) {
      if (!below.checkIssued(issuer) || !below.verify(issuer.publicKey)) {
        throw unfit(`"${subjectOf(issuer)}" did not issue "${subjectOf(below)}", which stands before it.`);
      }
      below = issuer;
    }
    const fresh = `${this.#file}.new`;
    await writeFile(fresh, [certificate, ...issuers].map(String).join(''), { mode: 0o644 });
    await rename(fresh, this.#file);
    return viewOf(certificate);
  }

  async #check(certificate: X509Certificate): Promise<void> {
    const key = createPrivateKey(await readFile(this.#manager.privateKey));
    if (!certificate.checkPrivateKey(key)) {
      throw unfit(
        'It is for another key. Have it issued for the request of this server: npm run admin -- opcua-csr.',
      );
    }
    if ((certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < SHORTEST_KEY) {
      throw unfit(`Its key has fewer than ${SHORTEST_KEY} bits.`);
    }
    const uri = applicationUriOf(certificate);
    if (uri !== this.#names.applicationUri) {
      throw unfit(
        `It names the application "${uri ?? ''}", and this server is "${this.#names.applicationUri}", as its request said.`,
      );
    }
    if (certificate.ca) throw unfit('It is that of an authority.');
    const now = this.#now();
    if (certificate.validToDate.getTime() <= now)
      throw unfit(`It ended on ${certificate.validToDate.toISOString()}.`);
    if (certificate.validFromDate.getTime() > now) {
      throw unfit(`It is not good before ${certificate.validFromDate.toISOString()}.`);
    }
  }
}

/**
 * A common name in letters that every tool reads: the library encodes no others, and takes an equals sign for the end of a
 * name.
 */
function commonNameFor(siteName: string): string {
  const plain = siteName
    .normalize('NFKD')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'L')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, ' ');
  return `Sezam ${plain}`.slice(0, LONGEST_NAME).trim();
}

function viewOf(certificate: X509Certificate): OwnCertificate {
  return {
    thumbprint: thumbprintOf(certificate),
    subject: subjectOf(certificate),
    issuer: subjectOf(certificate, 'issuer'),
    applicationUri: applicationUriOf(certificate) ?? '',
    validFrom: certificate.validFromDate.toISOString(),
    validUntil: certificate.validToDate.toISOString(),
  };
}

/** The certificates of a PEM file, in its order. */
function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw unfit('A certificate in it cannot be read.');
    }
  });
}

function unfit(why: string): AdministrationRefused {
  return new AdministrationRefused('certificate-unfit', `This certificate was not taken. ${why}`);
}
