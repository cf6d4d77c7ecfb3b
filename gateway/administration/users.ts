import type { Actor } from '../../domain/event.ts';
import type { Role } from '../../domain/identification.ts';
import type { Milliseconds, UserId } from '../../domain/site.ts';
import type { Language } from '../../domain/texts/texts.ts';
import type { CredentialDocument } from '../../models/credentials.ts';
import type { UserChange, UserDocument } from '../../models/users.ts';
import { newId } from '../secrets.ts';
import { type Credentials, checkValidity, type NewCredential } from './credentials.ts';
import { AdministrationError, storing } from './errors.ts';
import type { AdministrationParts } from './parts.ts';
import type { Records } from './records.ts';

/** What a new user is made from. */
export interface NewUser {
  readonly name: string;
  readonly login?: string;
  readonly email?: string;
  readonly language?: Language;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly validFrom?: Milliseconds;
  readonly validUntil?: Milliseconds;
}

/** What of a user is to be changed; null takes an optional field away. */
export interface UserPatch {
  readonly name?: string;
  readonly email?: string | null;
  readonly language?: Language | null;
  readonly roles?: readonly Role[];
  readonly groups?: readonly string[];
  readonly validFrom?: Milliseconds | null;
  readonly validUntil?: Milliseconds | null;
}

/** The users of the site. */
export class Users {
  readonly #parts: AdministrationParts;
  readonly #records: Records;
  readonly #credentials: Credentials;

  constructor(parts: AdministrationParts, records: Records, credentials: Credentials) {
    this.#parts = parts;
    this.#records = records;
    this.#credentials = credentials;
  }

  /** Why somebody cannot be added; nothing where they can, as far as is known here. Throws an `AdministrationError`. */
  async check(user: NewUser): Promise<void> {
    await this.#checkGroups(user.groups);
    checkValidity(user, 'A user');
    const document = this.#documentOf(user, { kind: 'gateway', id: 'gateway' });
    await storing(() => this.#parts.users.validate(document), 'field-wrong', '');
    if (user.login !== undefined && this.#parts.directory.hasLogin(user.login)) throw loginTaken(user.login);
  }

  /**
   * Adds a user with all of their credentials, or nothing of it: the user comes last, and what belongs to a user who
   * is not there counts nowhere.
   */
  async add(user: NewUser, credentials: readonly NewCredential[], actor: Actor): Promise<UserId> {
    await this.check(user);
    for (const credential of credentials) this.#credentials.check(credential);
    const document = this.#documentOf(user, actor);
    const stored: CredentialDocument[] = [];
    try {
      for (const credential of credentials) {
        stored.push(await this.#credentials.store(document._id, credential, actor));
      }
      const { message } = loginTaken(user.login ?? '');
      await storing(() => this.#parts.users.add(document), 'login-taken', message);
    } catch (error) {
      if (stored.length > 0) await this.#parts.credentials.discard(stored.map(({ _id }) => _id));
      throw error;
    }
    this.#parts.directory.learnUser(document);
    for (const event of document.unrecorded ?? []) {
      await this.#records.settle(this.#parts.users, document._id, event);
    }
    for (const credential of stored) await this.#credentials.settle(credential);
    return document._id;
  }

  async change(user: UserId, patch: UserPatch, actor: Actor): Promise<void> {
    const before = await this.present(user);
    if (patch.groups) await this.#checkGroups(patch.groups);
    const lasting =
      before.roles.includes('administrator') && patch.roles?.includes('administrator') === false;
    if (lasting) await this.#refuseForLastAdministrator(user);
    const change = changeFor(patch);
    if (Object.keys(change).length === 0) {
      throw new AdministrationError('field-wrong', 'Say what is to be changed.');
    }
    const merged = { ...before, ...change };
    checkValidity(
      {
        ...(merged.validFrom && { validFrom: merged.validFrom.getTime() }),
        ...(merged.validUntil && { validUntil: merged.validUntil.getTime() }),
      },
      'A user',
    );
    const { roles, groups } = patch;
    const data = { user, fields: Object.keys(change), ...(roles && { roles }), ...(groups && { groups }) };
    await this.#update(user, change, this.#records.prepare({ type: 'user-changed', actor, data }));
  }

  async setBlocked(user: UserId, blocked: boolean, actor: Actor): Promise<void> {
    const type = blocked ? 'user-blocked' : 'user-unblocked';
    await this.#update(user, { blocked }, this.#records.prepare({ type, actor, data: { user } }));
  }

  /** Erases everything personal of a user, their credentials and their rights. The id stays, in the log too. */
  async erase(user: UserId, actor: Actor): Promise<void> {
    const { roles } = await this.present(user);
    if (roles.includes('administrator')) await this.#refuseForLastAdministrator(user);
    const event = this.#records.prepare({ type: 'user-erased', actor, data: { user } });
    if (!(await this.#parts.users.erase(user, new Date(this.#parts.clock.now()), event)))
      throw unknownUser(user);
    await this.#eraseRest(user);
    await this.#parts.directory.refresh();
    await this.#records.settle(this.#parts.users, user, event);
  }

  /** A user who is there. Throws an `AdministrationError` where there is none. */
  async present(user: UserId): Promise<UserDocument> {
    const found = await this.#parts.users.byId(user);
    if (!found) throw unknownUser(user);
    return found;
  }

  /** After a crash: completes what was begun, and puts it on record. */
  async recover(): Promise<void> {
    await this.#records.recover(this.#parts.users, async (id, { type }) => {
      if (type === 'user-erased') await this.#eraseRest(id);
      return true;
    });
  }

  async #update(user: UserId, change: UserChange, event: ReturnType<Records['prepare']>): Promise<void> {
    const { users, directory, clock } = this.#parts;
    const found = await storing(
      () => users.change(user, change, new Date(clock.now()), event),
      'field-wrong',
      'Another user has this already.',
    );
    if (!found) throw unknownUser(user);
    await directory.refresh();
    await this.#records.settle(users, user, event);
  }

  async #eraseRest(user: UserId): Promise<void> {
    const { credentials, rights, phoneAccesses, clock } = this.#parts;
    const at = new Date(clock.now());
    await credentials.removeAllOf(user, at);
    await rights.removeAllOf(user, at);
    await phoneAccesses.withdraw(user);
  }

  #documentOf(user: NewUser, actor: Actor): UserDocument {
    const { name, login, email, language, roles, groups, validFrom, validUntil } = user;
    const id = newId('user');
    return {
      _id: id,
      name,
      ...(login !== undefined && { login: login.toLowerCase() }),
      ...(email !== undefined && { email }),
      ...(language && { language }),
      roles,
      groups,
      blocked: false,
      ...(validFrom !== undefined && { validFrom: new Date(validFrom) }),
      ...(validUntil !== undefined && { validUntil: new Date(validUntil) }),
      unrecorded: [this.#records.prepare({ type: 'user-added', actor, data: { user: id, roles, groups } })],
      updatedAt: new Date(this.#parts.clock.now()),
    };
  }

  async #checkGroups(groups: readonly string[]): Promise<void> {
    for (const group of groups) {
      if (!(await this.#parts.groups.exists(group))) {
        throw new AdministrationError('group-unknown', `There is no user group "${group}" in the site file.`);
      }
    }
  }

  async #refuseForLastAdministrator(user: UserId): Promise<void> {
    if (await this.#parts.users.hasOtherAdministrator(user)) return;
    throw new AdministrationError(
      'last-administrator',
      `${user} is the last administrator who is not blocked. Make somebody else one first.`,
    );
  }
}

/** As the database takes it: a field without a value is taken away. */
function changeFor(patch: UserPatch): UserChange {
  const { name, email, language, roles, groups, validFrom, validUntil } = patch;
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email: email ?? undefined }),
    ...(language !== undefined && { language: language ?? undefined }),
    ...(roles && { roles }),
    ...(groups && { groups }),
    ...(validFrom !== undefined && { validFrom: dateOf(validFrom) }),
    ...(validUntil !== undefined && { validUntil: dateOf(validUntil) }),
  };
}

function dateOf(time: Milliseconds | null): Date | undefined {
  return time === null ? undefined : new Date(time);
}

function loginTaken(login: string): AdministrationError {
  return new AdministrationError('login-taken', `The login "${login}" is taken.`);
}

function unknownUser(id: string): AdministrationError {
  return new AdministrationError('user-unknown', `There is no user "${id}".`);
}
