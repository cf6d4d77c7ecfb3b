import {
  type Identity,
  identify,
  type KnownCredential,
  type KnownUser,
  type Role,
} from '../domain/identification.ts';
import { refusal } from '../domain/refusals.ts';
import type { Right } from '../domain/rights.ts';
import type { CabinetId, Milliseconds, PanelId, UserId } from '../domain/site.ts';
import type { Language } from '../domain/texts/texts.ts';
import {
  type CredentialDocument,
  type CredentialRepository,
  REMOVED_KEPT_FOR,
} from '../models/credentials.ts';
import { type RightDocument, type RightRepository, rightOf } from '../models/rights.ts';
import type { UserDocument, UserRepository } from '../models/users.ts';
import type { Principal, Recipient } from './api.ts';
import { normalised } from './credential-kinds.ts';
import type { KeyRotation } from './key-rotation.ts';
import type { Keyring } from './keyring.ts';
import { type HeldCredential, KnownCredentials } from './known-credentials.ts';
import { KnownNames } from './known-names.ts';
import { KnownRights } from './known-rights.ts';
import type { PhoneAccesses } from './phone-access.ts';
import type { Clock, Scan } from './ports.ts';
import { SharedChanges } from './shared-changes.ts';

/** Whoever was away for longer may have missed removals, which are not remembered for ever. */
const READ_ALL_AFTER: Milliseconds = (REMOVED_KEPT_FOR * 1_000) / 2;

interface DirectoryUser extends KnownUser {
  readonly name: string;
  readonly login: string | undefined;
  readonly email: string | undefined;
  readonly language: Language | undefined;
}

/** How somebody is written to. */
export interface Contact {
  readonly name: string;
  readonly email?: string;
  readonly language?: Language;
}

/** Where somebody identifies; an access by phone counts at the panel for which it was given. */
export interface Place {
  readonly cabinet: CabinetId;
  readonly panel?: PanelId;
}

export interface DirectoryParts {
  readonly users: UserRepository;
  readonly credentials: CredentialRepository;
  readonly rights: RightRepository;
  readonly ring: Keyring;
  readonly rotation: KeyRotation;
  readonly phoneAccesses: PhoneAccesses;
  readonly clock: Clock;
  /** Told in words what an operator of this computer should know. */
  readonly onTrouble?: (message: string) => void;
}

/**
 * Who is who, in memory: identification waits neither for the database nor for its absence. Changes made here
 * count at once, changes made by other gateways within seconds.
 */
export class Directory {
  readonly #parts: DirectoryParts;
  readonly #users = new Map<UserId, DirectoryUser>();
  /** Users by the login that they have, in lower case. */
  readonly #logins = new Map<string, UserId>();
  readonly #names = new KnownNames();
  readonly #credentials: KnownCredentials;
  readonly #rights = new KnownRights();
  readonly #changes: SharedChanges;
  /** Until what is in memory was read as a whole, under the keys of now. */
  #readAll = true;
  /** What was told of missing keys, so that it is told once. */
  #told = '';

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
    this.#credentials = new KnownCredentials(parts.ring);
    this.#changes = new SharedChanges(parts.clock, (since, age) => this.#takeOver(since, age));
  }

  /** Loads everybody, then keeps up with changes. */
  start(): Promise<void> {
    return this.#changes.start();
  }

  stop(): void {
    this.#changes.stop();
  }

  /** Takes over what has changed in the database. One look at a time: an older one must not undo a newer one. */
  refresh(): Promise<void> {
    return this.#changes.refresh();
  }

  async #takeOver(changedSince: Date, age: Milliseconds): Promise<void> {
    const { users, credentials, rights } = this.#parts;
    if ((await this.#keysChanged()) || age > READ_ALL_AFTER) this.#readAll = true;
    const whole = this.#readAll;
    const since = whole ? new Date(0) : changedSince;
    const [changedUsers, changedCredentials, changedRights] = await Promise.all([
      users.changedSince(since),
      credentials.changedSince(since),
      rights.changedSince(since),
    ]);
    if (whole) this.#forgetAll();
    for (const user of changedUsers) this.learnUser(user);
    for (const credential of changedCredentials) this.learnCredential(credential);
    for (const right of changedRights) this.learnRight(right);
    this.#readAll = false;
  }

  learnUser(document: UserDocument): void {
    const { _id: id, name, login, email, language, groups, roles, blocked, validFrom, validUntil } = document;
    const before = this.#users.get(id)?.login;
    if (before !== undefined && before !== login) this.#logins.delete(before);
    if (document.erasedAt) {
      this.#users.delete(id);
      this.#names.delete(id);
      return;
    }
    if (login !== undefined) this.#logins.set(login, id);
    this.#names.set(id, name);
    this.#users.set(id, {
      id,
      name,
      login,
      email,
      language,
      groups,
      roles,
      blocked,
      ...(validFrom && { validFrom: validFrom.getTime() }),
      ...(validUntil && { validUntil: validUntil.getTime() }),
    });
  }

  learnCredential(document: CredentialDocument): void {
    this.#credentials.learn(document);
  }

  learnRight(document: RightDocument): void {
    if (document.removedAt) this.#rights.forget(document._id);
    else this.#rights.learn(rightOf(document));
  }

  user(id: UserId): KnownUser | undefined {
    const found = this.#users.get(id);
    return found && knownUser(found);
  }

  /** A credential by its id; passwords and accesses by phone are not among them. */
  credential(id: string): KnownCredential | undefined {
    return this.#credentials.get(id);
  }

  /** How somebody is written to; undefined where nobody has that id. */
  contactOf(id: UserId): Contact | undefined {
    const user = this.#users.get(id);
    if (!user) return undefined;
    const { name, email, language } = user;
    return { name, ...(email !== undefined && { email }), ...(language && { language }) };
  }

  /**
   * Defined users whose name contains a text, whatever its case and the marks on its letters, by name. Whoever is
   * blocked, or whose time is over, is not among them.
   *
   * @param most how many are wanted at most
   */
  recipients(nameContains: string, most: number): readonly Recipient[] {
    const now = this.#parts.clock.now();
    return this.#names.containing(nameContains, most, (id) => this.#isRecipient(id, now));
  }

  /** Whether somebody may be chosen to collect a deposit: whoever `recipients` may name. */
  isRecipient(id: UserId): boolean {
    return this.#isRecipient(id, this.#parts.clock.now());
  }

  #isRecipient(id: UserId, now: Milliseconds): boolean {
    const user = this.#users.get(id);
    return user?.roles.includes('defined') === true && mayComeBy(user, now);
  }

  /** The rights to a cabinet that name a user or a group of theirs, whether they hold now or not. */
  rightsOf(user: UserId, cabinet: CabinetId): Right[] {
    return this.#rights.of(user, this.#users.get(user)?.groups ?? [], cabinet);
  }

  /** The rights to a cabinet that name a user group. */
  rightsOfGroup(userGroup: string, cabinet: CabinetId): Right[] {
    return this.#rights.of(undefined, [userGroup], cabinet);
  }

  /** The roles of somebody who is let in, whatever they had when they logged in; none otherwise. */
  rolesOf(id: UserId): readonly Role[] {
    const user = this.#users.get(id);
    return user && this.#isLetIn(user) ? user.roles : [];
  }

  /** Who has a login, with the roles of the moment; undefined where nobody has it or the person is not let in. */
  principalOf(login: string): Principal | undefined {
    const user = this.#users.get(this.#logins.get(login.toLowerCase()) ?? '');
    return user && this.#isLetIn(user)
      ? { user: user.id, login: login.toLowerCase(), roles: user.roles }
      : undefined;
  }

  /** Whether a login is somebody's, as far as this gateway knows. */
  hasLogin(login: string): boolean {
    return this.#logins.has(login.toLowerCase());
  }

  /** Whether something is somebody's credential, as far as this gateway knows. */
  hasCredential(scan: Scan): boolean {
    const { kind, value } = normalised(scan);
    return this.#credentials.find(kind, value) !== undefined;
  }

  /** Whether a certificate is registered for somebody, as far as this gateway knows. */
  knowsCertificate(thumbprint: string): boolean {
    return this.#credentials.find('certificate', thumbprint) !== undefined;
  }

  /**
   * Who is registered with a certificate, with the roles of the moment; undefined where nobody is, the certificate or
   * the person is blocked, or the time of one of them is not now. Whoever asks has seen the proof of possession.
   *
   * @param thumbprint SHA-256 of the certificate, 64 hex digits in capitals
   */
  principalOfCertificate(thumbprint: string): Principal | undefined {
    return this.#principalOf(this.#credentials.find('certificate', thumbprint));
  }

  /**
   * Who an API token lets in, with the roles of the moment; undefined where it is nobody's, it or the person is
   * blocked, or the time of one of them is not now.
   *
   * @param id of the credential
   * @param secret what it is; left out by whoever was shown it before
   */
  principalOfApiToken(id: string, secret?: string): Principal | undefined {
    const credential =
      secret === undefined ? this.#credentials.get(id) : this.#credentials.find('api-token', secret);
    if (credential?.kind !== 'api-token' || credential.id !== id) return undefined;
    return this.#principalOf(credential);
  }

  #principalOf(credential: HeldCredential | undefined): Principal | undefined {
    if (!credential) return undefined;
    const identity = this.#identity(credential);
    if (!identity.known) return undefined;
    const { id: user, roles } = identity.user;
    return { user, login: this.#users.get(user)?.login ?? '', roles };
  }

  /** The digest by which what a reader read is known. */
  digest(scan: Scan): string {
    const { kind, value } = normalised(scan);
    return this.#parts.ring.digest(kind, value).digest;
  }

  /**
   * Who presented this? A PIN that the digest finds must also fit its hash; an access by phone is used up.
   *
   * @param place where it was presented; an access by phone is taken nowhere else
   */
  async identify(scan: Scan, place?: Place): Promise<Identity> {
    const { kind, value } = normalised(scan);
    const credential = this.#credentials.find(kind, value);
    if (credential) return this.#proven(credential, value);
    if (kind !== 'phone' || !place) return identify(undefined, undefined, this.#parts.clock.now());
    return this.#parts.phoneAccesses.use(value, place, (found) => this.#identity(found));
  }

  async #proven(credential: HeldCredential, value: string): Promise<Identity> {
    if (credential.kind === 'pin') {
      const { hash } = credential;
      const { fits, stale } = hash
        ? await this.#parts.ring.verify(value, hash)
        : { fits: false, stale: false };
      if (!fits) return { known: false, refusal: refusal('unknown-credential') };
      if (stale && hash) void this.#hashAnew(credential.id, value, hash);
    }
    return this.#identity(credential);
  }

  #isLetIn({ blocked, validFrom, validUntil }: KnownUser): boolean {
    const now = this.#parts.clock.now();
    return (
      !blocked &&
      (validFrom === undefined || validFrom <= now) &&
      (validUntil === undefined || now < validUntil)
    );
  }

  #identity(credential: KnownCredential): Identity {
    const user = this.#users.get(credential.user);
    return identify(credential, user && knownUser(user), this.#parts.clock.now());
  }

  /** A hash under an old key, or under none, is replaced while the secret is at hand. */
  async #hashAnew(id: string, value: string, from: string): Promise<void> {
    const { ring, credentials, clock } = this.#parts;
    try {
      await credentials.replaceHash(id, from, await ring.hash(value), new Date(clock.now()));
    } catch {
      // Its next use will try again.
    }
  }

  async #keysChanged(): Promise<boolean> {
    try {
      const changed = await this.#parts.rotation.follow();
      this.#told = '';
      return changed;
    } catch (error) {
      const { message, name } = error as Error;
      if (name !== 'SecretError') throw error;
      if (this.#told !== message)
        this.#parts.onTrouble?.(`${message} Until then, new people are not known here.`);
      this.#told = message;
      return false;
    }
  }

  #forgetAll(): void {
    for (const known of [this.#users, this.#logins, this.#names, this.#credentials, this.#rights])
      known.clear();
  }
}

/** What the domain may know of a user: nothing personal. */
function knownUser({ id, groups, roles, blocked, validFrom, validUntil }: DirectoryUser): KnownUser {
  return {
    id,
    groups,
    roles,
    blocked,
    ...(validFrom !== undefined && { validFrom }),
    ...(validUntil !== undefined && { validUntil }),
  };
}

function mayComeBy({ blocked, validUntil }: KnownUser, now: Milliseconds): boolean {
  return !blocked && (validUntil === undefined || now < validUntil);
}
