/**
 * The seal of a record of a staining: SHA-256 and Ed25519 over its canonical form (RFC 8785), so that anybody can verify
 * it with the public key of the installation and nothing else.
 */
import {
  createPrivateKey,
  createPublicKey,
  hash as digestOf,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { Ajv } from 'ajv';
import type { Incident } from '../../domain/cassette/incident.ts';
import { canonical, flawOf } from '../event-log/chain.ts';
import { installationKey } from '../secrets.ts';

/** Something is wrong with the record of a staining, or it cannot be made, kept or read. */
export class IncidentError extends Error {
  readonly code:
    | 'incident-unknown'
    | 'incident-unreadable'
    | 'incident-damaged'
    | 'incident-incomplete'
    | 'incident-not-kept';

  constructor(code: IncidentError['code'], message: string) {
    super(message);
    this.name = 'IncidentError';
    this.code = code;
  }
}

/** A record with what proves it. */
export interface SealedIncident {
  readonly incident: Incident;
  /** SHA-256 of the canonical form of `incident`, 64 hex digits. */
  readonly digest: string;
  /** Ed25519 signature of the canonical form itself, base64. */
  readonly signature: string;
  /** The key that it was signed with: SubjectPublicKeyInfo (RFC 8410) in DER, base64. */
  readonly publicKey: string;
}

/** What looking a record over has found. */
export interface IncidentVerdict {
  /** Digest and signature fit: it is as it was sealed. What was sealed may have flaws of its own all the same. */
  readonly intact: boolean;
  /** What is wrong with it, in words; empty where nothing is. */
  readonly flaws: readonly string[];
  /** SHA-256 of the public key in DER, 64 hex digits: what people compare to know who signed it. */
  readonly fingerprint: string;
}

/** The name of the key in the folder of secrets: 32 bytes, which are an Ed25519 private key. */
const KEY_NAME = 'incident-key';

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key with which an installation signs its records: made at first use, and never replaced by itself.
 *
 * @throws SecretError where its file is damaged
 */
export async function incidentKey(dataFolder: string): Promise<KeyObject> {
  const seed = Buffer.from(await installationKey(dataFolder, KEY_NAME), 'hex');
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
}

/** The public key that goes with it, as whoever verifies records wants it. */
export function publicPart(key: KeyObject): { readonly pem: string; readonly fingerprint: string } {
  const publicKey = createPublicKey(key);
  return {
    pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    fingerprint: fingerprintOf(publicKey.export({ format: 'der', type: 'spki' })),
  };
}

/** Seals a record. */
export function seal(incident: Incident, key: KeyObject): SealedIncident {
  const text = canonical(incident);
  return {
    incident,
    digest: digestOf('sha256', text),
    signature: sign(null, Buffer.from(text), key).toString('base64'),
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64'),
  };
}

/**
 * A sealed record as a file has it: JSON of which the second line is the canonical form and nothing else, so that
 * `sed` and `openssl` are enough to verify it.
 */
export function sealedText({ incident, digest, signature, publicKey }: SealedIncident): string {
  return [
    '{"incident":',
    canonical(incident),
    `,"digest":"${digest}"`,
    `,"signature":"${signature}"`,
    `,"publicKey":"${publicKey}"}`,
    '',
  ].join('\n');
}

const TEXT = { type: 'string', maxLength: 1_024 } as const;
const NUMBER = { type: 'integer', minimum: 0 } as const;
const HASH = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const BASE64 = { type: 'string', pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 1_024 } as const;

const object = (properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

/** Everything that verifying relies on; the rest stands under the signature. */
const isSealed = new Ajv().compile<SealedIncident>(
  object({
    incident: object({
      version: { const: 1 },
      id: TEXT,
      site: object({ id: TEXT, name: TEXT, timeZone: TEXT }),
      cassette: object({ id: TEXT, name: TEXT }),
      stained: object({ at: TEXT, seq: NUMBER, cause: TEXT, phase: TEXT }),
      chain: object({ stream: TEXT, fromSeq: NUMBER, prev: HASH, toSeq: NUMBER, hash: HASH }),
      events: {
        type: 'array',
        minItems: 1,
        maxItems: 10_000,
        items: object({
          stream: TEXT,
          seq: NUMBER,
          at: TEXT,
          type: TEXT,
          actor: object({ kind: TEXT, id: TEXT }),
          data: { type: 'object' },
          prev: HASH,
          hash: HASH,
        }),
      },
    }),
    digest: HASH,
    signature: BASE64,
    publicKey: BASE64,
  }),
);

/**
 * The sealed record in a text.
 *
 * @param from what the text is, for people
 * @throws IncidentError where it is none
 */
export function parseSealed(text: string, from: string): SealedIncident {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new IncidentError('incident-unreadable', `${from} is not JSON: ${(error as Error).message}.`);
  }
  if (isSealed(value)) return value;
  const [flaw] = isSealed.errors ?? [];
  throw new IncidentError(
    'incident-unreadable',
    `${from} is not a sealed record of a staining: ${flaw?.instancePath ?? ''} ${flaw?.message ?? ''}.`,
  );
}

/** Looks over everything that can be verified without the log: digest, signature, and the chain of the events. */
export function verifySealed(sealed: SealedIncident): IncidentVerdict {
  const { incident, digest, signature, publicKey } = sealed;
  const der = Buffer.from(publicKey, 'base64');
  const text = canonicalIfAny(incident);
  const broken = [
    text !== undefined && digestOf('sha256', text) === digest
      ? undefined
      : 'The content does not have the digest that stands beside it.',
    text !== undefined && isSigned(text, signature, der)
      ? undefined
      : 'The signature does not belong to the content and the key.',
  ].filter((flaw) => flaw !== undefined);
  const wrong = [chainFlaw(incident), summaryFlaw(incident)].filter((flaw) => flaw !== undefined);
  return { intact: broken.length === 0, flaws: [...broken, ...wrong], fingerprint: fingerprintOf(der) };
}

function isSigned(text: string, signature: string, der: Buffer): boolean {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    // Whatever is no key has signed nothing.
    return false;
  }
}

function canonicalIfAny(incident: Incident): string | undefined {
  try {
    return canonical(incident);
  } catch {
    // What has no canonical form was not sealed.
    return undefined;
  }
}

/** The events follow one another as in the log, and stand where the record says. */
function chainFlaw({ chain, events }: Incident): string | undefined {
  let head = { seq: chain.fromSeq - 1, hash: chain.prev };
  for (const event of events) {
    const flaw = event.stream === chain.stream ? flawOf(event, head) : `it belongs to ${event.stream}`;
    if (flaw !== undefined) return `The chain breaks at event ${event.seq}: ${flaw}.`;
    head = { seq: event.seq, hash: event.hash };
  }
  if (head.seq === chain.toSeq && head.hash === chain.hash) return undefined;
  return `The chain does not end with event ${chain.toSeq} as the record says.`;
}

/** What the record says of the staining is what its last event says. */
function summaryFlaw({ cassette, stained, chain, events }: Incident): string | undefined {
  const last = events.at(-1);
  const same =
    last?.type === 'stained' &&
    last.at === stained.at &&
    last.seq === stained.seq &&
    last.data.cause === stained.cause &&
    last.data.from === stained.phase &&
    chain.stream === `cassette/${cassette.id}`;
  return same ? undefined : 'The last event is not the staining that the record tells of.';
}

function fingerprintOf(der: Buffer): string {
  return digestOf('sha256', der);
}
