import { X509Certificate } from 'node:crypto';
import type { Milliseconds } from '../../domain/site.ts';
import { AdministrationError } from './errors.ts';

/** Fewest bits of an RSA key that the security policies of OPC UA take (OPC 10000-7, Basic256Sha256). */
const SHORTEST_KEY = 2048;
const LONGEST_KEY = 4096;
/** Longest file taken, in characters; a certificate has some 2,000. */
export const LONGEST_CERTIFICATE_FILE = 12_000;

/** What is registered of a person's certificate. */
export interface PersonCertificate {
  /** SHA-256 of the certificate, 64 hex digits in capitals. */
  readonly thumbprint: string;
  readonly validFrom: Milliseconds;
  readonly validUntil: Milliseconds;
}

/**
 * Reads the certificate with which a person is to log in.
 *
 * @param pem one certificate; others after it, such as its issuers, are not looked at
 * @throws AdministrationError `certificate-malformed`, `certificate-expired` or `private-key-given`
 */
export function readPersonCertificate(pem: string, now: Milliseconds): PersonCertificate {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw new AdministrationError(
      'private-key-given',
      'This file holds a private key. Give the certificate alone, and keep the key with its owner.',
    );
  }
  const certificate = parse(pem);
  const { asymmetricKeyType: type, asymmetricKeyDetails } = certificate.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (type !== 'rsa' || bits < SHORTEST_KEY || bits > LONGEST_KEY) {
    throw malformed(`OPC UA takes RSA keys of ${SHORTEST_KEY} to ${LONGEST_KEY} bits here.`);
  }
  if (certificate.ca) throw malformed('It is that of an authority, not that of a person.');
  const validFrom = certificate.validFromDate.getTime();
  const validUntil = certificate.validToDate.getTime();
  if (validUntil <= now) {
    throw new AdministrationError(
      'certificate-expired',
      `This certificate ended on ${certificate.validToDate.toISOString()}.`,
    );
  }
  return { thumbprint: certificate.fingerprint256.replaceAll(':', ''), validFrom, validUntil };
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw malformed('Give it as PEM: it begins with -----BEGIN CERTIFICATE-----.');
  }
}

function malformed(why: string): AdministrationError {
  return new AdministrationError('certificate-malformed', `This is no certificate of a person. ${why}`);
}
