import type { CredentialRepository } from '../models/credentials.ts';
import type { UserDocument, UserRepository } from '../models/users.ts';
import type { Principal } from './api.ts';
import type { Keyring } from './keyring.ts';
import type { Clock } from './ports.ts';

/** Logins checked at once; each takes 19 MiB and tens of milliseconds of a core. */
const MOST_AT_ONCE = 4;
/** Logins that may wait for their turn. */
const MOST_WAITING = 50;

/** Checks logins and passwords. */
export class Logins {
  readonly #users: UserRepository;
  readonly #credentials: CredentialRepository;
  readonly #ring: Keyring;
  readonly #clock: Clock;
  /** Verified where there is no such login, so that the answer takes as long. */
  #decoy: Promise<string> | undefined;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(parts: {
    readonly users: UserRepository;
    readonly credentials: CredentialRepository;
    readonly ring: Keyring;
    readonly clock: Clock;
  }) {
    this.#users = parts.users;
    this.#credentials = parts.credentials;
    this.#ring = parts.ring;
    this.#clock = parts.clock;
  }

  /**
   * Who logs in with this? Undefined where login and password do not fit, the user is blocked, the password is
   * a one-time one that must be replaced first, or too many logins wait.
   */
  async authenticate(login: string, password: string): Promise<Principal | undefined> {
    const checked = await this.#check(login, password);
    return checked && !checked.oneTime ? principalOf(checked.user) : undefined;
  }

  /** Who sets a new password: the one they have, be it a one-time one, proves them. */
  async provesIdentity(login: string, password: string): Promise<Principal | undefined> {
    const checked = await this.#check(login, password);
    return checked && principalOf(checked.user);
  }

  async #check(
    login: string,
    password: string,
  ): Promise<{ readonly user: UserDocument; readonly oneTime: boolean } | undefined> {
    if (login.length > 64 || password.length > 1_024) return undefined;
    const user = await this.#users.byLogin(login);
    const credential = user && (await this.#credentials.passwordOf(user._id));
    this.#decoy ??= this.#ring.hash('decoy');
    const hash = credential?.hash ?? (await this.#decoy);
    const checked = await this.#inTurn(() => this.#ring.verify(password, hash));
    if (!checked?.fits || !user || !credential?.hash || !this.#mayLogIn(user) || credential.blocked)
      return undefined;
    if (checked.stale) await this.#hashAnew(credential._id, password, credential.hash);
    return { user, oneTime: credential.oneTime === true };
  }

  #mayLogIn({ blocked, validFrom, validUntil }: UserDocument): boolean {
    const now = this.#clock.now();
    if (validFrom && now < validFrom.getTime()) return false;
    return !blocked && !(validUntil && now >= validUntil.getTime());
  }

  /** A hash under an old key, or under none, is replaced while the password is at hand. */
  async #hashAnew(id: string, password: string, from: string): Promise<void> {
    try {
      const to = await this.#ring.hash(password);
      await this.#credentials.replaceHash(id, from, to, new Date(this.#clock.now()));
    } catch {
      // Its next use will try again.
    }
  }

  /** Undefined where too many wait. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#underWay < MOST_AT_ONCE) this.#underWay += 1;
    else if (this.#waiting.length >= MOST_WAITING) return undefined;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes to whoever waits; only where nobody does is it free for a newcomer.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }
}

function principalOf(user: UserDocument): Principal {
  return { user: user._id, login: user.login ?? '', roles: user.roles };
}
