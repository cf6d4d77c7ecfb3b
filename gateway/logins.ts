import type { CredentialRepository } from '../models/credentials.ts';
import type { UserDocument, UserRepository } from '../models/users.ts';
import type { Principal } from './api.ts';
import { hashSecret, verifySecret } from './secrets.ts';

/** Logins checked at once; each takes 19 MiB and tens of milliseconds of a core. */
const MOST_AT_ONCE = 4;
/** Logins that may wait for their turn. */
const MOST_WAITING = 50;

/** Checks logins and passwords. */
export class Logins {
  readonly #users: UserRepository;
  readonly #credentials: CredentialRepository;
  /** Verified where there is no such login, so that the answer takes as long. */
  #decoy: Promise<string> | undefined;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(users: UserRepository, credentials: CredentialRepository) {
    this.#users = users;
    this.#credentials = credentials;
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
    this.#decoy ??= hashSecret('decoy');
    const hash = credential?.hash ?? (await this.#decoy);
    const fits = await this.#inTurn(() => verifySecret(password, hash));
    if (!fits || !user || !credential?.hash || user.blocked || credential.blocked) return undefined;
    return { user, oneTime: credential.oneTime === true };
  }

  async #inTurn(work: () => Promise<boolean>): Promise<boolean> {
    if (this.#underWay < MOST_AT_ONCE) this.#underWay += 1;
    else if (this.#waiting.length >= MOST_WAITING) return false;
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
