import type { Actor, EventDraft } from '../domain/event.ts';
import type { CredentialRepository } from '../models/credentials.ts';
import type { GroupRepository } from '../models/groups.ts';
import type { ItemRepository } from '../models/items.ts';
import type { ROLES, UserDocument, UserRepository } from '../models/users.ts';
import type { Directory } from './directory.ts';
import type { Logins } from './logins.ts';
import type { Clock, Scan } from './ports.ts';
import { hashSecret, newId, newOneTimePassword } from './secrets.ts';
import type { Stream } from './stream.ts';

/** PINs have 4 to 16 digits. */
const PIN = /^\d{4,16}$/;
/** Card numbers are 8 to 20 hex digits. */
const CARD = /^(?:[0-9A-F]{2}){4,10}$/;
/** Characters that a password has at least; NIST SP 800-63B asks for 8 with a second factor and 15 without. */
const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 256;

/** Login of the first administrator, unless somebody has it already. */
const FIRST_LOGIN = 'admin';

/** Error code of the database for a second document with a unique key. */
const DUPLICATE_KEY = 11000;

export type AdministrationErrorCode =
  | 'login-taken'
  | 'credential-taken'
  | 'card-malformed'
  | 'pin-malformed'
  | 'password-too-short'
  | 'password-wrong'
  | 'tag-taken'
  | 'user-unknown'
  | 'group-unknown'
  | 'field-wrong'
  | 'malformed';

/** What an administrator asked for cannot be done; nothing was changed. */
export class AdministrationError extends Error {
  readonly code: AdministrationErrorCode;

  constructor(code: AdministrationErrorCode, message: string) {
    super(message);
    this.name = 'AdministrationError';
    this.code = code;
  }
}

/** Everything that the stream `site/<gateway>` records. Ids only: names and logins stay in `users`. */
interface SiteEvents {
  readonly 'gateway-started': { readonly gateway: string; readonly version: string };
  readonly 'gateway-stopped': { readonly gateway: string };
  /** Bytes at the end of the journal were no whole record after a crash. */
  readonly 'journal-torn': { readonly bytes: number };
  readonly 'log-verified': { readonly events: number; readonly damaged: readonly string[] };
  readonly 'user-added': {
    readonly user: string;
    readonly roles: readonly string[];
    readonly groups: readonly string[];
  };
  readonly 'user-blocked': { readonly user: string };
  readonly 'user-unblocked': { readonly user: string };
  readonly 'credential-added': { readonly credential: string; readonly user: string; readonly kind: string };
  readonly 'credential-blocked': { readonly credential: string };
  readonly 'credential-unblocked': { readonly credential: string };
  readonly 'password-set': { readonly user: string; readonly oneTime: boolean };
  readonly 'item-added': { readonly item: string };
}

/** An event of the stream `site/<gateway>`. */
export type SiteEvent = {
  [Type in keyof SiteEvents]: EventDraft<Type, SiteEvents[Type]>;
}[keyof SiteEvents];

/** What a new user is made from. */
export interface NewUser {
  readonly name: string;
  readonly login?: string;
  readonly roles: readonly (typeof ROLES)[number][];
  readonly groups: readonly string[];
}

/** Users, credentials and items: stored, told to the directory, and put on record in the gateway's own stream. */
export class Administration {
  readonly #users: UserRepository;
  readonly #credentials: CredentialRepository;
  readonly #groups: GroupRepository;
  readonly #items: ItemRepository;
  readonly #directory: Directory;
  readonly #logins: Logins;
  readonly #stream: Stream<null, SiteEvent>;
  readonly #clock: Clock;

  constructor(options: {
    readonly users: UserRepository;
    readonly credentials: CredentialRepository;
    readonly groups: GroupRepository;
    readonly items: ItemRepository;
    readonly directory: Directory;
    readonly logins: Logins;
    readonly stream: Stream<null, SiteEvent>;
    readonly clock: Clock;
  }) {
    this.#users = options.users;
    this.#credentials = options.credentials;
    this.#groups = options.groups;
    this.#items = options.items;
    this.#directory = options.directory;
    this.#logins = options.logins;
    this.#stream = options.stream;
    this.#clock = options.clock;
  }

  /** Puts something on record that is neither a person's nor a cabinet's. */
  async record(event: SiteEvent): Promise<void> {
    await this.#stream.submit(() => ({ event }));
  }

  users(): Promise<UserDocument[]> {
    return this.#users.all();
  }

  userByLogin(login: string): Promise<UserDocument | null> {
    return this.#users.byLogin(login);
  }

  /** Adds a user and returns their id. */
  async addUser(user: NewUser, actor: Actor): Promise<string> {
    const { name, login, roles, groups } = user;
    for (const group of groups) {
      if (!(await this.#groups.exists(group))) {
        throw new AdministrationError('group-unknown', `There is no user group "${group}" in the site file.`);
      }
    }
    const document: UserDocument = {
      _id: newId('user'),
      name,
      ...(login !== undefined && { login: login.toLowerCase() }),
      roles,
      groups,
      blocked: false,
      updatedAt: new Date(this.#clock.now()),
    };
    await this.#storing(() => this.#users.add(document), 'login-taken', `The login "${login}" is taken.`);
    this.#directory.learnUser(document);
    await this.record({ type: 'user-added', actor, data: { user: document._id, roles, groups } });
    return document._id;
  }

  /** Gives a user a card or a PIN and returns the credential's id. */
  async addCredential(userId: string, scan: Scan, actor: Actor): Promise<string> {
    await this.#user(userId);
    const value = scan.kind === 'card' ? scan.value.toUpperCase() : scan.value;
    if (scan.kind === 'card' && !CARD.test(value)) {
      throw new AdministrationError('card-malformed', 'A card number is 8 to 20 hex digits, an even count.');
    }
    if (scan.kind === 'pin' && !PIN.test(value)) {
      throw new AdministrationError('pin-malformed', 'A PIN has 4 to 16 digits.');
    }
    const document = {
      _id: newId('credential'),
      user: userId,
      kind: scan.kind,
      digest: this.#directory.digest({ kind: scan.kind, value }),
      ...(scan.kind === 'pin' && { hash: await hashSecret(value) }),
      blocked: false,
      updatedAt: new Date(this.#clock.now()),
    };
    await this.#storing(
      () => this.#credentials.add(document),
      'credential-taken',
      scan.kind === 'card' ? 'This card is known already.' : 'This PIN cannot be used. Choose another one.',
    );
    this.#directory.learnCredential(document);
    await this.record({
      type: 'credential-added',
      actor,
      data: { credential: document._id, user: userId, kind: scan.kind },
    });
    return document._id;
  }

  async setUserBlocked(user: string, blocked: boolean, actor: Actor): Promise<void> {
    if (!(await this.#users.setBlocked(user, blocked, new Date(this.#clock.now())))) throw unknownUser(user);
    await this.#directory.refresh();
    await this.record({ type: blocked ? 'user-blocked' : 'user-unblocked', actor, data: { user } });
  }

  async setCredentialBlocked(credential: string, blocked: boolean, actor: Actor): Promise<void> {
    if (!(await this.#credentials.setBlocked(credential, blocked, new Date(this.#clock.now())))) {
      throw new AdministrationError('field-wrong', `There is no credential "${credential}".`);
    }
    await this.#directory.refresh();
    await this.record({
      type: blocked ? 'credential-blocked' : 'credential-unblocked',
      actor,
      data: { credential },
    });
  }

  /** Gives a user a password to be used once, to set their own with; returns it. It is stored as a hash only. */
  async issueOneTimePassword(user: string, actor: Actor): Promise<string> {
    await this.#user(user);
    const password = newOneTimePassword();
    await this.#setPassword(user, password, true, actor);
    return password;
  }

  /** Replaces a user's password; the one they have, be it a one-time one, proves them. */
  async changePassword(login: string, current: string, next: string): Promise<void> {
    if (next.length < SHORTEST_PASSWORD || next.length > LONGEST_PASSWORD) {
      throw new AdministrationError(
        'password-too-short',
        `A password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters; several words make a good one.`,
      );
    }
    const principal = await this.#logins.provesIdentity(login, current);
    if (!principal) throw new AdministrationError('password-wrong', 'Login and password do not fit.');
    await this.#setPassword(principal.user, next, false, { kind: 'user', id: principal.user });
  }

  /** Adds an item and returns its id. */
  async addItem(
    item: { readonly name: string; readonly tag: string; readonly tagKind: 'nfc' | 'barcode' | 'qr' },
    actor: Actor,
  ): Promise<string> {
    const document = { _id: newId('item'), ...item, updatedAt: new Date(this.#clock.now()) };
    await this.#storing(
      () => this.#items.add(document),
      'tag-taken',
      `The tag of "${item.name}" is known already.`,
    );
    await this.record({ type: 'item-added', actor, data: { item: document._id } });
    return document._id;
  }

  /**
   * Makes sure that somebody can administer: adds the first administrator where there is none, and gives
   * whoever has not set a password of their own yet a new one-time password. Undefined where nobody needs one.
   */
  async firstAdministrator(): Promise<{ readonly login: string; readonly password: string } | undefined> {
    const actor: Actor = { kind: 'gateway', id: 'gateway' };
    if (!(await this.#users.hasAdministrator())) {
      const login = (await this.#users.byLogin(FIRST_LOGIN)) ? newId(FIRST_LOGIN) : FIRST_LOGIN;
      const user = await this.addUser(
        { name: 'Administrator', login, roles: ['administrator'], groups: [] },
        actor,
      );
      return { login, password: await this.issueOneTimePassword(user, actor) };
    }
    const admin = await this.#users.byLogin(FIRST_LOGIN);
    if (!admin?.roles.includes('administrator')) return undefined;
    const password = await this.#credentials.passwordOf(admin._id);
    if (password && password.oneTime !== true) return undefined;
    return { login: FIRST_LOGIN, password: await this.issueOneTimePassword(admin._id, actor) };
  }

  async #setPassword(user: string, password: string, oneTime: boolean, actor: Actor): Promise<void> {
    await this.#credentials.setPassword({
      id: newId('credential'),
      user,
      hash: await hashSecret(password),
      oneTime,
      at: new Date(this.#clock.now()),
    });
    await this.record({ type: 'password-set', actor, data: { user, oneTime } });
  }

  async #user(id: string): Promise<UserDocument> {
    const user = await this.#users.byId(id);
    if (!user) throw unknownUser(id);
    return user;
  }

  async #storing(work: () => Promise<void>, taken: AdministrationErrorCode, message: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) throw new AdministrationError(taken, message);
      if ((error as Error).name === 'ValidationError') {
        throw new AdministrationError('field-wrong', (error as Error).message);
      }
      throw error;
    }
  }
}

function unknownUser(id: string): AdministrationError {
  return new AdministrationError('user-unknown', `There is no user "${id}".`);
}
