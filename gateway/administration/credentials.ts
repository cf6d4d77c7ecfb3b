import type { Actor } from '../../domain/event.ts';
import type { CredentialKind } from '../../domain/identification.ts';
import type { Milliseconds, UserId } from '../../domain/site.ts';
import type { CredentialDocument } from '../../models/credentials.ts';
import { flawOf, normalised } from '../credential-kinds.ts';
import type { DigestKind, Scan } from '../ports.ts';
import { newId } from '../secrets.ts';
import { AdministrationError, storing } from './errors.ts';
import type { AdministrationParts } from './parts.ts';
import { readPersonCertificate } from './person-certificate.ts';
import type { Records } from './records.ts';

/** What a new credential is made from. */
export type NewCredential = Scan & {
  readonly validFrom?: Milliseconds;
  readonly validUntil?: Milliseconds;
  /** A PIN that its owner types under threat. */
  readonly duress?: boolean;
};

/** What is stored of a new credential. */
interface Kept extends Pick<NewCredential, 'validFrom' | 'validUntil' | 'duress'> {
  readonly kind: DigestKind;
  readonly value: string;
  /** Of a PIN. */
  readonly hash?: string;
  /** Of an API token. */
  readonly name?: string;
}

/** A new API token: what it is, and until when it is good. */
export interface NewToken {
  /** 256 random bits in base64url. */
  readonly secret: string;
  /** What its owner calls it. */
  readonly name?: string;
  readonly validUntil: Milliseconds;
}

/** A credential as administrators see it: never what it is. */
export interface CredentialView {
  readonly id: string;
  readonly kind: CredentialKind;
  readonly blocked: boolean;
  readonly duress?: true;
  readonly validFrom?: Milliseconds;
  readonly validUntil?: Milliseconds;
  /** Of an API token. */
  readonly name?: string;
}

/** The credentials of users. */
export class Credentials {
  readonly #parts: AdministrationParts;
  readonly #records: Records;

  constructor(parts: AdministrationParts, records: Records) {
    this.#parts = parts;
    this.#records = records;
  }

  /** Why something cannot be a credential, or a new one; nothing where it can. Throws an `AdministrationError`. */
  check(credential: NewCredential): void {
    const scan = normalised(credential);
    const flaw = flawOf(scan, this.#parts.pins);
    if (flaw) throw new AdministrationError(flaw.code, flaw.words);
    if (credential.duress && scan.kind !== 'pin') {
      throw new AdministrationError('field-wrong', 'Only a PIN can be a duress PIN.');
    }
    checkValidity(credential, 'A credential');
    if (this.#parts.directory.hasCredential(scan)) throw taken(scan.kind);
  }

  /** Stores a credential of somebody, with the event for it; told to nobody yet. Checked before. */
  async store(user: UserId, credential: NewCredential, actor: Actor): Promise<CredentialDocument> {
    const scan = normalised(credential);
    const hash = scan.kind === 'pin' ? await this.#parts.ring.hash(scan.value) : undefined;
    return this.#keep(user, { ...credential, ...scan, ...(hash !== undefined && { hash }) }, actor);
  }

  async #keep(user: UserId, credential: Kept, actor: Actor): Promise<CredentialDocument> {
    const { credentials, ring, clock } = this.#parts;
    const { kind, value, hash, name, validFrom, validUntil, duress } = credential;
    const id = newId('credential');
    const document: CredentialDocument = {
      _id: id,
      user,
      kind,
      // Made last, since the key may be rotated while a PIN is hashed.
      ...ring.digest(kind, value),
      ...(hash !== undefined && { hash }),
      ...(name !== undefined && { name }),
      ...(duress && { duress }),
      ...(validFrom !== undefined && { validFrom: new Date(validFrom) }),
      ...(validUntil !== undefined && { validUntil: new Date(validUntil) }),
      blocked: false,
      unrecorded: [
        this.#records.prepare({ type: 'credential-added', actor, data: { credential: id, user, kind } }),
      ],
      updatedAt: new Date(clock.now()),
    };
    const { message } = taken(kind);
    await storing(() => credentials.add(document), 'credential-taken', message);
    return document;
  }

  /** Tells everybody of a credential that was stored, and puts it on record. */
  async settle(document: CredentialDocument): Promise<void> {
    this.#parts.directory.learnCredential(document);
    for (const event of document.unrecorded ?? []) {
      await this.#records.settle(this.#parts.credentials, document._id, event);
    }
  }

  async add(user: UserId, credential: NewCredential, actor: Actor): Promise<string> {
    this.check(credential);
    const document = await this.store(user, credential, actor);
    await this.settle(document);
    return document._id;
  }

  /**
   * Registers the certificate with which a user logs in over OPC UA; it is good for as long as it says itself.
   *
   * @param pem the certificate, as PEM; a private key with it is refused
   */
  async addCertificate(user: UserId, pem: string, actor: Actor): Promise<string> {
    const { directory, clock } = this.#parts;
    const { thumbprint, validFrom, validUntil } = readPersonCertificate(pem, clock.now());
    if (directory.knowsCertificate(thumbprint)) throw taken('certificate');
    const kept = { kind: 'certificate', value: thumbprint, validFrom, validUntil } as const;
    const document = await this.#keep(user, kept, actor);
    await this.settle(document);
    return document._id;
  }

  /** Registers what lets a program of a user in over the HTTP API; stored as a digest only. Returns the credential's id. */
  async addToken(user: UserId, { secret, ...token }: NewToken, actor: Actor): Promise<string> {
    const document = await this.#keep(user, { kind: 'api-token', value: secret, ...token }, actor);
    await this.settle(document);
    return document._id;
  }

  async setBlocked(credential: string, blocked: boolean, actor: Actor): Promise<void> {
    const { credentials, directory, clock } = this.#parts;
    const type = blocked ? 'credential-blocked' : 'credential-unblocked';
    const event = this.#records.prepare({ type, actor, data: { credential } });
    if (!(await credentials.setBlocked(credential, blocked, new Date(clock.now()), event))) {
      throw unknownCredential(credential);
    }
    await directory.refresh();
    await this.#records.settle(credentials, credential, event);
  }

  async remove(credential: string, actor: Actor): Promise<void> {
    const { credentials, directory, clock } = this.#parts;
    const found = await credentials.byId(credential);
    if (!found) throw unknownCredential(credential);
    const event = this.#records.prepare({
      type: 'credential-removed',
      actor,
      data: { credential, user: found.user },
    });
    if (!(await credentials.remove(credential, new Date(clock.now()), event))) {
      throw unknownCredential(credential);
    }
    await directory.refresh();
    await this.#records.settle(credentials, credential, event);
  }

  async list(user: UserId): Promise<CredentialView[]> {
    const found = await this.#parts.credentials.of(user);
    return found.map(({ _id: id, kind, blocked, duress, validFrom, validUntil, name }) => ({
      id,
      kind,
      blocked,
      ...(name !== undefined && { name }),
      ...(duress && { duress }),
      ...(validFrom && { validFrom: validFrom.getTime() }),
      ...(validUntil && { validUntil: validUntil.getTime() }),
    }));
  }

  /**
   * After a crash: what was stored for a user who was not added in the end is deleted, everything else is put on
   * record.
   */
  async recover(): Promise<void> {
    const { credentials, users } = this.#parts;
    await this.#records.recover(credentials, async (id, { type, data }) => {
      if (type !== 'credential-added' || (await users.exists(String(data['user'])))) return true;
      await credentials.discard([id]);
      return false;
    });
  }
}

/** Refuses a validity that ends before it begins. */
export function checkValidity(
  { validFrom, validUntil }: { readonly validFrom?: Milliseconds; readonly validUntil?: Milliseconds },
  what: string,
): void {
  if (validFrom !== undefined && validUntil !== undefined && validUntil <= validFrom) {
    throw new AdministrationError('field-wrong', `${what} cannot end before it begins to be valid.`);
  }
}

/** Who knows that a PIN is taken knows somebody's PIN, so that is said as little as can be. */
function taken(kind: DigestKind): AdministrationError {
  const words =
    kind === 'pin' ? 'This PIN cannot be used. Choose another one.' : `This ${WORDS[kind]} is known already.`;
  return new AdministrationError('credential-taken', words);
}

const WORDS = {
  card: 'card',
  phone: 'phone',
  ibutton: 'iButton',
  barcode: 'barcode',
  qr: 'QR code',
  biometric: 'biometric template',
  certificate: 'certificate',
  'api-token': 'API token',
} as const;

function unknownCredential(id: string): AdministrationError {
  return new AdministrationError('credential-unknown', `There is no credential "${id}".`);
}
