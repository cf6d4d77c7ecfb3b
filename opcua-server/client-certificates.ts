/**
 * The trust list of client applications: certificates that are trusted, that were rejected, and those of authorities with
 * what they revoked. The library verifies; here is what it leaves open: bounds on what strangers may leave on the disk,
 * who was seen when, and trusting and distrusting while the server runs.
 */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';
import type { ClientCertificate } from '../gateway/opcua-administration.ts';
import { AdministrationRefused } from './refused.ts';

/** Most certificates of unknown clients kept to be looked at: the newest. */
export const MOST_REJECTED = 100;
/** Most certificates listed of each folder. */
const MOST_LISTED = 1_000;
/** Most certificates and bytes in the chain of a client; verifying takes time. */
const MOST_IN_CHAIN = 5;
const LONGEST_CHAIN = 16_384;
/** Most clients of which is remembered when they were seen. */
const MOST_SEEN = 500;

/** The names under which the library's verification knows the status codes of certificates. */
type Verdict = Awaited<ReturnType<OPCUACertificateManager['verifyCertificate']>>;
type VerifyOptions = Parameters<OPCUACertificateManager['verifyCertificate']>[1];
type Chain = Parameters<OPCUACertificateManager['verifyCertificate']>[0];

/** A certificate that was not accepted, and the name of the status code that says why. */
export interface Rejection {
  readonly certificate: Buffer;
  readonly status: string;
}

interface Stored {
  readonly certificate: X509Certificate;
  readonly stored: Date;
}

export class ClientCertificates extends OPCUACertificateManager {
  /** Told of every certificate that a client showed in vain. */
  onRejected: (rejection: Rejection) => void = () => {};
  readonly #now: () => Milliseconds;
  /** When each thumbprint was shown last, longest ago first. */
  readonly #seen = new Map<string, Milliseconds>();
  #tidying: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();
  /** The files of revocation lists as they were read last. */
  #revocations = '';

  /** @param trustUnknown whether a certificate that is seen for the first time is trusted by itself */
  constructor(folder: string, trustUnknown: boolean, now: () => Milliseconds = Date.now) {
    super({ rootFolder: folder, automaticallyAcceptUnknownCertificate: trustUnknown });
    this.#now = now;
  }

  /** What a client shows when it opens a channel. */
  override async verifyCertificate(shown: Chain, options?: VerifyOptions): Promise<Verdict> {
    const bytes = Array.isArray(shown) ? Buffer.concat(shown) : shown;
    const chain = bytes.length > LONGEST_CHAIN ? [] : splitChain(bytes);
    const [certificate] = chain;
    if (!certificate || chain.length > MOST_IN_CHAIN) {
      this.onRejected({ certificate: certificate ?? Buffer.alloc(0), status: 'BadCertificateInvalid' });
      return 'BadCertificateInvalid' as Verdict;
    }
    this.#saw(certificate);
    await this.#reading;
    const verdict = await super.verifyCertificate(shown, options);
    const taken = verdict === 'Good' || (this.automaticallyAcceptUnknownCertificate && UNKNOWN.has(verdict));
    if (!taken) this.onRejected({ certificate, status: verdict });
    return verdict;
  }

  /** Whether a client that is connected would still be let in. */
  async stillTrusts(shown: Buffer): Promise<boolean> {
    await this.#reading;
    const verdict = await super.verifyCertificate(shown, { acceptCertificateWithValidIssuerChain: true });
    return verdict === 'Good';
  }

  /**
   * Keeps a certificate to be looked at. The library asks for it for every certificate of an incomplete chain, and would
   * move one that is trusted: a stranger could so put others off the trust list.
   */
  override async rejectCertificate(shown: Buffer | Buffer[]): Promise<void> {
    const certificate = first(shown);
    if ((await read(this.trustedFolder)).some((trusted) => trusted.certificate.raw.equals(certificate)))
      return;
    await super.rejectCertificate(shown);
    await this.tidy();
  }

  /** Rejected certificates and trusted ones, the latest first among the rejected. */
  async list(): Promise<readonly ClientCertificate[]> {
    const [rejected, trusted] = await Promise.all([read(this.rejectedFolder), read(this.trustedFolder)]);
    rejected.sort((a, b) => b.stored.getTime() - a.stored.getTime());
    return [
      ...rejected.map((each) => this.#view('rejected', each)),
      ...trusted.map((each) => this.#view('trusted', each)),
    ];
  }

  /** Trusts a certificate that was rejected; one that is trusted already stays so. */
  async trust(thumbprint: string): Promise<ClientCertificate> {
    const { rejected, trusted } = await this.#find(thumbprint);
    if (trusted) return this.#view('trusted', trusted);
    if (!rejected) {
      throw new AdministrationRefused(
        'client-unknown',
        `No client with the certificate ${thumbprint} was rejected. Let it connect once, then list the clients.`,
      );
    }
    await this.trustCertificate(rejected.certificate.raw);
    return this.#view('trusted', rejected);
  }

  /** Ends the trust in a certificate; it is kept among the rejected ones. */
  async distrust(thumbprint: string): Promise<ClientCertificate> {
    const { rejected, trusted } = await this.#find(thumbprint);
    if (!trusted) {
      if (rejected) return this.#view('rejected', rejected);
      throw new AdministrationRefused(
        'client-unknown',
        `The certificate ${thumbprint} is not on the trust list. A certificate that an authority vouches for is revoked by its list.`,
      );
    }
    await super.rejectCertificate(trusted.certificate.raw);
    await this.tidy();
    return this.#view('rejected', trusted);
  }

  /**
   * Reads the revocation lists anew where their files have changed. The library reads a file once, when it appears: one that
   * is written slowly, or over another one, it would never know.
   *
   * @param read false where they are about to be read anyway
   */
  async followRevocations(read = true): Promise<void> {
    const files = await Promise.all([stampsOf(this.crlFolder), stampsOf(this.issuersCrlFolder)]);
    const revocations = files.join();
    if (revocations === this.#revocations) return;
    this.#revocations = revocations;
    if (!read) return;
    const reading = this.reloadCertificates();
    // Whoever is verified meanwhile waits, and is not to fail where it fails.
    this.#reading = reading.catch(() => {
      this.#revocations = '';
    });
    await reading;
  }

  /** Removes the oldest rejected certificates beyond the bound. What cannot be removed now is removed later. */
  async tidy(): Promise<void> {
    const tidying = this.#tidying
      .then(() => forgetOldest(this.rejectedFolder, MOST_REJECTED))
      .catch(() => {});
    this.#tidying = tidying;
    await tidying;
  }

  #saw(certificate: Buffer): void {
    let thumbprint: string;
    try {
      thumbprint = thumbprintOf(new X509Certificate(certificate));
    } catch {
      return;
    }
    this.#seen.delete(thumbprint);
    this.#seen.set(thumbprint, this.#now());
    if (this.#seen.size <= MOST_SEEN) return;
    const [longestAgo] = this.#seen.keys();
    if (longestAgo !== undefined) this.#seen.delete(longestAgo);
  }

  async #find(thumbprint: string): Promise<{ rejected: Stored | undefined; trusted: Stored | undefined }> {
    const wanted = thumbprint.replace(/[\s:]/g, '').toLowerCase();
    const among = (all: readonly Stored[]): Stored | undefined =>
      all.find(({ certificate }) => thumbprintOf(certificate) === wanted);
    return {
      rejected: among(await read(this.rejectedFolder)),
      trusted: among(await read(this.trustedFolder)),
    };
  }

  #view(trust: ClientCertificate['trust'], { certificate, stored }: Stored): ClientCertificate {
    const thumbprint = thumbprintOf(certificate);
    const applicationUri = applicationUriOf(certificate);
    const seen = this.#seen.get(thumbprint) ?? (trust === 'rejected' ? stored.getTime() : undefined);
    return {
      trust,
      thumbprint,
      subject: subjectOf(certificate),
      ...(applicationUri !== undefined && { applicationUri }),
      validFrom: certificate.validFromDate.toISOString(),
      validUntil: certificate.validToDate.toISOString(),
      ...(seen !== undefined && { seen: new Date(seen).toISOString() }),
    };
  }
}

/** Clients that are told of when they are turned away for the first time; the list knows of more. */
const MOST_INTRODUCED = 20;

/**
 * Tells whoever looks after the server of clients that are not trusted yet, once each, and how to let them in.
 *
 * @returns what takes note of rejections
 */
export function introduceStrangers(tell: (text: string) => void): (rejection: Rejection) => void {
  const introduced = new Set<string>();
  return ({ certificate, status }) => {
    if (status !== 'BadCertificateUntrusted' || introduced.size >= MOST_INTRODUCED) return;
    const known = new X509Certificate(certificate);
    const thumbprint = thumbprintOf(known);
    if (introduced.has(thumbprint)) return;
    introduced.add(thumbprint);
    tell(
      `An OPC UA client that is not trusted was turned away: ${subjectOf(known)}. ` +
        `To let it in: npm run admin -- trust-client --thumbprint ${thumbprint}`,
    );
  };
}

/** Verdicts that a site which trusts unknown clients passes over. */
const UNKNOWN: ReadonlySet<string> = new Set(['BadCertificateUntrusted', 'BadCertificateRevocationUnknown']);

/** SHA-1 of a certificate, 40 hex digits in small letters. */
export function thumbprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(':', '').toLowerCase();
}

/** Longest subject and URI shown, in characters: strangers write them. */
const LONGEST_SHOWN = 200;

/** Whom a certificate names, in one line without characters that nobody sees. */
export function subjectOf(certificate: X509Certificate, whose: 'subject' | 'issuer' = 'subject'): string {
  return shownText(certificate[whose].split('\n').reverse().join(', '));
}

/** The URI among the alternative names of a certificate, which in OPC UA names an application. */
export function applicationUriOf(certificate: X509Certificate): string | undefined {
  const uri = /(?:^|, )URI:("(?:[^"\\]|\\.)*"|[^,]*)/.exec(certificate.subjectAltName ?? '')?.[1];
  return uri === undefined ? undefined : shownText(uri.replace(/^"|"$/g, ''));
}

function shownText(text: string): string {
  return text.replace(/\p{C}/gu, ' ').slice(0, LONGEST_SHOWN);
}

function first(shown: Buffer | Buffer[]): Buffer {
  const bytes = Array.isArray(shown) ? Buffer.concat(shown) : shown;
  return splitChain(bytes)[0] ?? bytes;
}

/** The certificates that stand one after the other in DER; those before one that is cut off. */
export function splitChain(bytes: Buffer): Buffer[] {
  const chain: Buffer[] = [];
  for (let at = 0; bytes.length - at > 4; ) {
    // A sequence whose length takes two bytes: every certificate has between 256 and 65,535.
    if (bytes.readUInt16BE(at) !== 0x3082) break;
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) break;
    chain.push(bytes.subarray(at, end));
    at = end;
  }
  return chain;
}

/** The certificates of a folder; what is none, or goes away meanwhile, is passed over. */
async function read(folder: string): Promise<Stored[]> {
  const found: Stored[] = [];
  for (const name of (await readdir(folder)).sort().slice(0, MOST_LISTED)) {
    const path = join(folder, name);
    try {
      const certificate = new X509Certificate(await readFile(path));
      found.push({ certificate, stored: (await stat(path)).mtime });
    } catch {
      // A stray file is nothing that could be trusted.
    }
  }
  return found;
}

/** What changes with the files of a folder: names, sizes and times. */
async function stampsOf(folder: string): Promise<string> {
  const stamps: string[] = [];
  try {
    for (const name of await readdir(folder)) {
      const { size, mtimeMs } = await stat(join(folder, name));
      stamps.push(`${name} ${size} ${mtimeMs}`);
    }
  } catch (error) {
    // Not there yet, or gone while it was looked at: the next look sees what there is.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return stamps.sort().join();
}

/** Removes the oldest files of a folder until no more than `most` are left. A folder that is not there has none. */
export async function forgetOldest(folder: string, most: number): Promise<void> {
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
    try {
      files.push({ path, age: (await stat(path)).mtimeMs });
    } catch (error) {
      // Trusted meanwhile, which moves the file.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  files.sort((a, b) => a.age - b.age);
  for (const { path } of files.slice(0, Math.max(0, files.length - most))) await rm(path, { force: true });
}
