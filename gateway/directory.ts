import type { KeyObject } from 'node:crypto';
import { type Identity, identify, type KnownCredential, type KnownUser } from '../domain/identification.ts';
import { refusal } from '../domain/refusals.ts';
import type { UserId } from '../domain/site.ts';
import type { CredentialDocument, CredentialRepository } from '../models/credentials.ts';
import type { UserDocument, UserRepository } from '../models/users.ts';
import type { Principal } from './api.ts';
import type { Clock, Scan, Unsubscribe } from './ports.ts';
import { digestKey, digestOf, verifySecret } from './secrets.ts';

/** How often changes that other gateways made are looked for. Milliseconds. */
const REFRESH_EVERY = 2_000;
/** Computers' clocks differ: look this far back for changes. Milliseconds. */
const LOOK_BACK = 30_000;

interface DirectoryUser extends KnownUser {
  readonly login: string | undefined;
  readonly roles: UserDocument['roles'];
}

interface HeldCredential extends KnownCredential {
  readonly hash: string | undefined;
}

/**
 * Who is who, in memory: identification waits neither for the database nor for its absence. Changes made here
 * count at once, changes made by other gateways within seconds.
 */
export class Directory {
  readonly #users: UserRepository;
  readonly #credentials: CredentialRepository;
  readonly #key: KeyObject;
  readonly #clock: Clock;
  readonly #knownUsers = new Map<UserId, DirectoryUser>();
  /** Users by the login that they have, in lower case. */
  readonly #logins = new Map<string, UserId>();
  /** By `<kind>:<digest>`. */
  readonly #knownCredentials = new Map<string, HeldCredential>();
  #loadedAt = 0;
  #cancel: Unsubscribe = () => {};
  #stopped = false;

  constructor(options: {
    readonly users: UserRepository;
    readonly credentials: CredentialRepository;
    /** Key of the digests, 64 hex digits. */
    readonly key: string;
    readonly clock: Clock;
  }) {
    this.#users = options.users;
    this.#credentials = options.credentials;
    this.#key = digestKey(options.key);
    this.#clock = options.clock;
  }

  /** Loads everybody, then keeps up with changes. */
  async start(): Promise<void> {
    await this.refresh();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Takes over what has changed in the database. */
  async refresh(): Promise<void> {
    const since = new Date(Math.max(0, this.#loadedAt - LOOK_BACK));
    const now = this.#clock.now();
    const [users, credentials] = await Promise.all([
      this.#users.changedSince(since),
      this.#credentials.changedSince(since),
    ]);
    for (const user of users) this.learnUser(user);
    for (const credential of credentials) this.learnCredential(credential);
    this.#loadedAt = now;
  }

  learnUser({ _id: id, login, groups, roles, blocked }: UserDocument): void {
    const before = this.#knownUsers.get(id)?.login;
    if (before !== undefined && before !== login) this.#logins.delete(before);
    if (login !== undefined) this.#logins.set(login, id);
    this.#knownUsers.set(id, { id, login, groups, roles, blocked });
  }

  learnCredential({ _id: id, user, kind, digest, hash, blocked }: CredentialDocument): void {
    if (digest) this.#knownCredentials.set(`${kind}:${digest}`, { id, user, blocked, hash });
  }

  user(id: UserId): KnownUser | undefined {
    return this.#knownUsers.get(id);
  }

  /** Whether somebody may administer now, whatever they were allowed when they logged in. */
  isAdministrator(id: UserId): boolean {
    const user = this.#knownUsers.get(id);
    return user !== undefined && !user.blocked && user.roles.includes('administrator');
  }

  /** Who has a login, with the roles of the moment; undefined where nobody has it or the person is blocked. */
  principalOf(login: string): Principal | undefined {
    const user = this.#knownUsers.get(this.#logins.get(login.toLowerCase()) ?? '');
    return user && !user.blocked
      ? { user: user.id, login: login.toLowerCase(), roles: user.roles }
      : undefined;
  }

  /** The digest by which a card or PIN is found. */
  digest(scan: Scan): string {
    return digestOf(this.#key, scan.kind, scan.value);
  }

  /** Who presented this? A PIN that the digest finds must also fit its hash. */
  async identify(scan: Scan): Promise<Identity> {
    const credential = this.#knownCredentials.get(`${scan.kind}:${this.digest(scan)}`);
    if (credential && scan.kind === 'pin') {
      const fits = credential.hash !== undefined && (await verifySecret(scan.value, credential.hash));
      if (!fits) return { known: false, refusal: refusal('unknown-credential') };
    }
    return identify(credential, credential && this.#knownUsers.get(credential.user));
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(REFRESH_EVERY, () => {
      // While the database is away people are known as they were; the log tells its absence.
      void this.refresh()
        .catch(() => {})
        .finally(() => this.#schedule());
    });
  }
}
