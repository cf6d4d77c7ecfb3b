import type { Actor } from '../../domain/event.ts';
import type { UserId } from '../../domain/site.ts';
import { newId, newOneTimePassword } from '../secrets.ts';
import { AdministrationError } from './errors.ts';
import type { AdministrationParts } from './parts.ts';
import type { Records } from './records.ts';
import type { Users } from './users.ts';

/** Characters that a password has at least; NIST SP 800-63B asks for 8 with a second factor and 15 without. */
const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 256;

/** Login of the first administrator, unless somebody has it already. */
const FIRST_LOGIN = 'admin';

/** The passwords of users, and the first administrator. */
export class Passwords {
  readonly #parts: AdministrationParts;
  readonly #records: Records;
  readonly #users: Users;

  constructor(parts: AdministrationParts, records: Records, users: Users) {
    this.#parts = parts;
    this.#records = records;
    this.#users = users;
  }

  async issueOneTime(user: UserId, actor: Actor): Promise<string> {
    await this.#users.present(user);
    const password = newOneTimePassword();
    await this.#set(user, password, true, actor);
    return password;
  }

  async change(login: string, current: string, next: string): Promise<void> {
    if (next.length < SHORTEST_PASSWORD || next.length > LONGEST_PASSWORD) {
      throw new AdministrationError(
        'password-too-short',
        `A password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters; several words make a good one.`,
      );
    }
    const principal = await this.#parts.logins.provesIdentity(login, current);
    if (!principal) throw new AdministrationError('password-wrong', 'Login and password do not fit.');
    await this.#set(principal.user, next, false, { kind: 'user', id: principal.user });
  }

  async firstAdministrator(): Promise<{ readonly login: string; readonly password: string } | undefined> {
    const { users, credentials } = this.#parts;
    const actor: Actor = { kind: 'gateway', id: 'gateway' };
    if (!(await users.hasAdministrator())) {
      const login = (await users.byLogin(FIRST_LOGIN)) ? newId(FIRST_LOGIN) : FIRST_LOGIN;
      const administrator = { name: 'Administrator', login, roles: ['administrator'], groups: [] } as const;
      const user = await this.#users.add(administrator, [], actor);
      return { login, password: await this.issueOneTime(user, actor) };
    }
    const admin = await users.byLogin(FIRST_LOGIN);
    if (!admin?.roles.includes('administrator')) return undefined;
    const password = await credentials.passwordOf(admin._id);
    if (password && password.oneTime !== true) return undefined;
    return { login: FIRST_LOGIN, password: await this.issueOneTime(admin._id, actor) };
  }

  async #set(user: UserId, password: string, oneTime: boolean, actor: Actor): Promise<void> {
    const { credentials, ring, clock } = this.#parts;
    const event = this.#records.prepare({ type: 'password-set', actor, data: { user, oneTime } });
    const hash = await ring.hash(password);
    const at = new Date(clock.now());
    const { id } = await credentials.setPassword({ id: newId('credential'), user, hash, oneTime, at, event });
    await this.#records.settle(credentials, id, event);
  }
}
