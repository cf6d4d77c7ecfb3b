/**
 * Certificates, requests and revocation lists for tests, made as RFC 5280 has them: whatever a test needs, wrong dates and
 * foreign issuers included, which no library makes on request.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';

const DAY = 86_400_000;

/** A key with a certificate for it. */
export interface Certified {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  /** The certificate as PEM. */
  readonly pem: string;
}

export interface CertificateOptions {
  readonly name: string;
  /** Stands among the alternative names, as an OPC UA application has it. */
  readonly applicationUri?: string;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  /** Whose certificate issues it; itself where it is left out. */
  readonly issuer?: Certified;
  /** Makes it the certificate of an authority. */
  readonly authority?: boolean;
  /** Whose key it certifies; a new one where it is left out. */
  readonly publicKey?: KeyObject;
  readonly keyPair?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

/** A new RSA key pair of 2048 bits. */
export function newKeyPair(bits = 2048): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: bits });
}

let serial = 1;

/** Makes a certificate, good from yesterday for a year unless it is said otherwise. */
export function certify(options: CertificateOptions): Certified {
  const { name, applicationUri, issuer, authority = false } = options;
  const pair = options.keyPair ?? (options.publicKey ? undefined : newKeyPair());
  const publicKey = options.publicKey ?? pair?.publicKey;
  const signer = issuer?.privateKey ?? pair?.privateKey;
  if (!publicKey || !signer) throw new Error('A certificate for a foreign key needs an issuer.');
  const { validFrom = new Date(Date.now() - DAY), validUntil = new Date(Date.now() + 365 * DAY) } = options;
  const keyId = keyIdOf(publicKey);
  const issuerKeyId = issuer ? keyIdOf(issuer.certificate.publicKey) : keyId;
  serial += 1;
  const body = sequence(
    tagged(0, integer(2)),
    integer(serial),
    SHA256_WITH_RSA,
    issuer ? subjectOf(issuer.certificate.raw) : nameOf(name),
    sequence(time(validFrom), time(validUntil)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(
        extension('2.5.29.14', octets(keyId)),
        extension('2.5.29.35', sequence(der(0x80, issuerKeyId))),
        extension('2.5.29.19', sequence(...(authority ? [der(0x01, Buffer.from([0xff]))] : []))),
        // Authorities: keyCertSign, cRLSign. Others: digitalSignature to dataEncipherment.
        extension('2.5.29.15', der(0x03, Buffer.from(authority ? [1, 0x06] : [4, 0xf0]))),
        extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
        ...(applicationUri === undefined
          ? []
          : [extension('2.5.29.17', sequence(der(0x86, Buffer.from(applicationUri))))]),
      ),
    ),
  );
  const raw = signed(body, signer);
  return {
    certificate: new X509Certificate(raw),
    privateKey: pair?.privateKey ?? signer,
    pem: pemOf('CERTIFICATE', raw),
  };
}

/** The list of what an authority has revoked, as PEM. */
export function revocationList(authority: Certified, revoked: readonly Certified[]): string {
  const entries = revoked.map(({ certificate }) =>
    sequence(der(0x02, Buffer.from(`00${certificate.serialNumber}`, 'hex')), time(new Date())),
  );
  const body = sequence(
    integer(1),
    SHA256_WITH_RSA,
    subjectOf(authority.certificate.raw),
    time(new Date(Date.now() - DAY)),
    time(new Date(Date.now() + DAY)),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    tagged(
      0,
      sequence(
        extension('2.5.29.35', sequence(der(0x80, keyIdOf(authority.certificate.publicKey)))),
        extension('2.5.29.20', integer(1)),
      ),
    ),
  );
  return pemOf('X509 CRL', signed(body, authority.privateKey));
}

/** The key that a certificate signing request (RFC 2986), given as PEM, wants certified. */
export function keyOfRequest(pem: string): KeyObject {
  const raw = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const [information = raw] = children(raw);
  const [, , key] = children(information);
  if (!key) throw new Error('This is no certificate signing request.');
  return createPublicKey({ key, type: 'spki', format: 'der' });
}

const SHA256_WITH_RSA = sequence(oid('1.2.840.113549.1.1.11'), der(0x05, Buffer.alloc(0)));

function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'pkcs1', format: 'der' }))
    .digest();
}

function signed(body: Buffer, key: KeyObject): Buffer {
  return sequence(
    body,
    SHA256_WITH_RSA,
    der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, key)])),
  );
}

function nameOf(commonName: string): Buffer {
  const part = (type: string, value: string): Buffer =>
    der(0x31, sequence(oid(type), der(0x0c, Buffer.from(value))));
  return sequence(part('2.5.4.10', 'Sezam Test'), part('2.5.4.3', commonName));
}

/** The subject of a certificate as it is written in it. */
function subjectOf(raw: Buffer): Buffer {
  const [body] = children(raw);
  const subject = body && children(body)[5];
  if (!subject) throw new Error('This is no certificate.');
  return subject;
}

function extension(type: string, value: Buffer): Buffer {
  return sequence(oid(type), octets(value));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function tagged(tag: number, value: Buffer): Buffer {
  return der(0xa0 + tag, value);
}

function octets(value: Buffer): Buffer {
  return der(0x04, value);
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return der(0x02, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  const digits = length.toString(16);
  const size = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 + size.length]), size, value]);
}

/** The elements inside a constructed element, each with its tag and length. */
function children(raw: Buffer): Buffer[] {
  const inside = raw.subarray(headOf(raw).head);
  const found: Buffer[] = [];
  for (let at = 0; at < inside.length; ) {
    const { head, length } = headOf(inside.subarray(at));
    found.push(inside.subarray(at, at + head + length));
    at += head + length;
  }
  return found;
}

function headOf(raw: Buffer): { readonly head: number; readonly length: number } {
  const short = raw[1] ?? 0;
  if (short < 0x80) return { head: 2, length: short };
  const size = short - 0x80;
  return { head: 2 + size, length: raw.readUIntBE(2, size) };
}

function pemOf(label: string, raw: Buffer): string {
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
