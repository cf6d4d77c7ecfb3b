/**
 * Certificates with which persons log in. None lies on this computer's disk: a certificate is good while it is registered for
 * a person of the site, by its thumbprint. Whatever name stands in it means nothing. The library has seen the proof that
 * the client holds the key before it asks here.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { OPCUACertificateManager, type StatusCode, StatusCodes } from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';
import { type Rejection, splitChain } from './client-certificates.ts';

type Answer = (error: Error | null, status?: StatusCode) => void;

/** SHA-256 of the first certificate of a chain, 64 hex digits in capitals, as persons are registered with it. */
export function personThumbprint(chain: Buffer): string {
  return createHash('sha256')
    .update(splitChain(chain)[0] ?? chain)
    .digest('hex')
    .toUpperCase();
}

export class PersonCertificates extends OPCUACertificateManager {
  /** Told of every certificate that is not taken. */
  onRejected: (rejection: Rejection) => void = () => {};
  readonly #registered: (thumbprint: string) => Promise<boolean>;
  readonly #now: () => Milliseconds;

  /** @param registered asks whether a person who may log in is registered with a certificate */
  constructor(
    folder: string,
    registered: (thumbprint: string) => Promise<boolean>,
    now: () => Milliseconds = Date.now,
  ) {
    super({ rootFolder: folder, automaticallyAcceptUnknownCertificate: false, disableFileWatchers: true });
    this.#registered = registered;
    this.#now = now;
  }

  override checkCertificate(shown: Buffer | Buffer[]): Promise<StatusCode>;
  override checkCertificate(shown: Buffer | Buffer[], answer: Answer): void;
  override checkCertificate(shown: Buffer | Buffer[], answer?: Answer): Promise<StatusCode> | undefined {
    const checked = this.#check(Array.isArray(shown) ? Buffer.concat(shown) : shown);
    if (!answer) return checked;
    checked.then(
      (status) => answer(null, status),
      (error: unknown) => answer(error instanceof Error ? error : new Error(String(error))),
    );
    return undefined;
  }

  async #check(chain: Buffer): Promise<StatusCode> {
    const certificate = splitChain(chain)[0] ?? chain;
    const status = await this.#statusOf(certificate);
    if (status !== StatusCodes.Good) this.onRejected({ certificate, status: status.name });
    return status;
  }

  async #statusOf(raw: Buffer): Promise<StatusCode> {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(raw);
    } catch {
      return StatusCodes.BadCertificateInvalid;
    }
    const now = this.#now();
    if (now < certificate.validFromDate.getTime() || now >= certificate.validToDate.getTime())
      return StatusCodes.BadCertificateTimeInvalid;
    return (await this.#registered(personThumbprint(raw)))
      ? StatusCodes.Good
      : StatusCodes.BadCertificateUntrusted;
  }
}
