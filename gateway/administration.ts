import type { Actor } from '../domain/event.ts';
import type { Right } from '../domain/rights.ts';
import type { ItemId, PanelId, UserId } from '../domain/site.ts';
import type { UserDocument } from '../models/users.ts';
import { ApiTokens } from './administration/api-tokens.ts';
import { Credentials, type CredentialView, type NewCredential } from './administration/credentials.ts';
import { AdministrationError } from './administration/errors.ts';
import { Items, type ItemView, type NewItem } from './administration/items.ts';
import { PanelTokens } from './administration/panel-tokens.ts';
import type { AdministrationParts } from './administration/parts.ts';
import { Passwords } from './administration/passwords.ts';
import { Records } from './administration/records.ts';
import {
  type GivenRight,
  type NewRight,
  type RightFilter,
  Rights,
  unknownCabinet,
} from './administration/rights.ts';
import type { SiteEvent } from './administration/site-events.ts';
import { type NewUser, type UserPatch, Users } from './administration/users.ts';
import type { KeyAdministration } from './cassettes/key-administration.ts';
import { type ImportOptions, type ImportSummary, importPeople } from './import/people-import.ts';
import type { Rotated } from './key-rotation.ts';
import {
  PHONE_ACCESS_VALID,
  type PhoneAccess,
  type PhoneAccessRequest,
  type PhoneAccessView,
} from './phone-access.ts';
import type { Scan } from './ports.ts';
import { SecretError } from './secrets.ts';

export { AdministrationError } from './administration/errors.ts';
export type { SiteEvent } from './administration/site-events.ts';

/**
 * People, what they are known by, what they may, and items: stored, told to the directory, and put on record in the
 * gateway's own stream. What cannot be done rejects with an `AdministrationError` and has changed nothing.
 */
export class Administration {
  /** What lets touch panels in. */
  readonly panelTokens: PanelTokens;
  /** What lets programs of users in over the HTTP API. */
  readonly apiTokens: ApiTokens;
  /** The Dallas keys of cassettes. */
  readonly cassetteKeys: KeyAdministration;
  readonly #parts: AdministrationParts;
  readonly #records: Records;
  readonly #users: Users;
  readonly #credentials: Credentials;
  readonly #passwords: Passwords;
  readonly #rights: Rights;
  readonly #items: Items;
  #importing = false;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
    this.#records = new Records(parts.stream);
    this.#credentials = new Credentials(parts, this.#records);
    this.#users = new Users(parts, this.#records, this.#credentials);
    this.apiTokens = new ApiTokens(parts, this.#credentials, this.#users);
    this.#passwords = new Passwords(parts, this.#records, this.#users);
    this.#rights = new Rights(parts, this.#records, this.#users);
    this.#items = new Items(parts, this.#records);
    this.cassetteKeys = parts.cassetteKeys;
    const { tokens, site, clock } = parts;
    const panels = (): ReadonlySet<PanelId> =>
      new Set([...parts.places.values()].flatMap((places) => places.panels));
    this.panelTokens = new PanelTokens({ tokens, site, clock, panels }, this.#records);
  }

  /** IANA name of the site's time zone; days are meant in it. */
  get timeZone(): string {
    return this.#parts.timeZone;
  }

  /** Finishes what a crash broke off: changes without a record, and a rotation of the key. */
  async recover(): Promise<void> {
    await this.#users.recover();
    await this.#credentials.recover();
    await this.#rights.recover();
    await this.#items.recover();
    await this.panelTokens.recover();
    await this.#parts.rotation.finish();
  }

  /** Puts something on record that is neither a person's nor a cabinet's. */
  record(event: SiteEvent): Promise<void> {
    return this.#records.record(event);
  }

  users(): Promise<UserDocument[]> {
    return this.#parts.users.all();
  }

  userByLogin(login: string): Promise<UserDocument | null> {
    return this.#parts.users.byLogin(login);
  }

  /** Adds a user, with credentials or without, and returns their id. All of it is taken, or nothing. */
  addUser(user: NewUser, actor: Actor, credentials: readonly NewCredential[] = []): Promise<UserId> {
    return this.#users.add(user, credentials, actor);
  }

  /** Refuses a user whom `addUser` would refuse, as far as is known before. */
  async checkUser(user: NewUser, credentials: readonly NewCredential[]): Promise<void> {
    await this.#users.check(user);
    for (const credential of credentials) this.#credentials.check(credential);
  }

  /** What is the same for the same credential, and tells nobody which it is. */
  keyOf(scan: Scan): string {
    return `${scan.kind}:${this.#parts.directory.digest(scan)}`;
  }

  /** Adds people from a CSV file, one file at a time; see `importPeople`. Days are meant in the site's time zone. */
  async importPeople(options: Omit<ImportOptions, 'timeZone'>): Promise<ImportSummary> {
    if (this.#importing) throw new AdministrationError('import-under-way', 'Another import is under way.');
    this.#importing = true;
    try {
      return await importPeople(this, { ...options, timeZone: this.#parts.timeZone });
    } finally {
      this.#importing = false;
    }
  }

  /** Changes groups, roles, address, language, name or validity of a user. */
  changeUser(user: UserId, patch: UserPatch, actor: Actor): Promise<void> {
    return this.#users.change(user, patch, actor);
  }

  setUserBlocked(user: UserId, blocked: boolean, actor: Actor): Promise<void> {
    return this.#users.setBlocked(user, blocked, actor);
  }

  /** Erases everything personal of a user, with credentials and rights; the id stays. Refused for the last administrator. */
  eraseUser(user: UserId, actor: Actor): Promise<void> {
    return this.#users.erase(user, actor);
  }

  /** Gives a user something to identify with, and returns the credential's id. */
  async addCredential(user: UserId, credential: NewCredential, actor: Actor): Promise<string> {
    await this.#users.present(user);
    return this.#credentials.add(user, credential, actor);
  }

  /** Registers the certificate with which a user logs in over OPC UA, as PEM, and returns the credential's id. */
  async addCertificate(user: UserId, pem: string, actor: Actor): Promise<string> {
    await this.#users.present(user);
    return this.#credentials.addCertificate(user, pem, actor);
  }

  setCredentialBlocked(credential: string, blocked: boolean, actor: Actor): Promise<void> {
    return this.#credentials.setBlocked(credential, blocked, actor);
  }

  /** Takes a credential away; the same card may be given to somebody else then. */
  removeCredential(credential: string, actor: Actor): Promise<void> {
    return this.#credentials.remove(credential, actor);
  }

  /** What a user is known by: ids and kinds, never what it is. */
  async credentialsOf(user: UserId): Promise<CredentialView[]> {
    await this.#users.present(user);
    return this.#credentials.list(user);
  }

  /** Gives a right, and says which others overlap with it: they add up. */
  addRight(right: NewRight, actor: Actor): Promise<GivenRight> {
    return this.#rights.add(right, actor);
  }

  removeRight(right: string, actor: Actor): Promise<void> {
    return this.#rights.remove(right, actor);
  }

  rights(filter: RightFilter = {}): Promise<Right[]> {
    return this.#rights.list(filter);
  }

  /** Gives a user a password to be used once, to set their own with; returns it. It is stored as a hash only. */
  issueOneTimePassword(user: UserId, actor: Actor): Promise<string> {
    return this.#passwords.issueOneTime(user, actor);
  }

  /** Replaces a user's password; the one they have, be it a one-time one, proves them. */
  changePassword(login: string, current: string, next: string): Promise<void> {
    return this.#passwords.change(login, current, next);
  }

  /**
   * Makes sure that somebody can administer: adds the first administrator where there is none, and gives
   * whoever has not set a password of their own yet a new one-time password. Undefined where nobody needs one.
   */
  firstAdministrator(): Promise<{ readonly login: string; readonly password: string } | undefined> {
    return this.#passwords.firstAdministrator();
  }

  /** Lets a user in once by phone: with a link or a code, at one cabinet, for minutes. */
  async issuePhoneAccess(user: UserId, request: PhoneAccessRequest, actor: Actor): Promise<PhoneAccess> {
    const { cabinet, panel, validFor } = request;
    const { least, most } = PHONE_ACCESS_VALID;
    if (!Number.isInteger(validFor) || validFor < least || validFor > most) {
      throw new AdministrationError('field-wrong', 'An access by phone is good for 1 to 60 minutes.');
    }
    const places = this.#parts.places.get(cabinet);
    if (!places) throw unknownCabinet(cabinet);
    if (panel !== undefined && !places.panels.includes(panel)) {
      throw new AdministrationError('panel-unknown', `Cabinet ${cabinet} has no panel "${panel}".`);
    }
    await this.#users.present(user);
    const access = await this.#parts.phoneAccesses.issue(user, request);
    const data = { access: access.id, user, cabinet, ...(panel !== undefined && { panel }) };
    await this.record({ type: 'phone-access-issued', actor, data });
    return access;
  }

  /** What the token of a link is good for, without using it up; undefined where it is good for nothing. */
  phoneAccess(token: string): Promise<PhoneAccessView | undefined> {
    return this.#parts.phoneAccesses.look(token);
  }

  /** Puts a new credential key in use, and every stored digest under it. */
  async rotateKey(actor: Actor): Promise<Rotated> {
    const { rotation } = this.#parts;
    try {
      const generation = await rotation.advance();
      await this.record({ type: 'credential-key-rotated', actor, data: { generation } });
      return await rotation.finish();
    } catch (error) {
      if (error instanceof SecretError) throw new AdministrationError('keys-missing', error.message);
      throw error;
    }
  }

  /** Adds an item and returns its id. */
  addItem(item: NewItem, actor: Actor): Promise<ItemId> {
    return this.#items.add(item, actor);
  }

  renameItem(item: ItemId, name: string, actor: Actor): Promise<void> {
    return this.#items.rename(item, name, actor);
  }

  /** Takes an item out of use; its tag may go to another one. */
  removeItem(item: ItemId, actor: Actor): Promise<void> {
    return this.#items.remove(item, actor);
  }

  /** Items in use, by name. */
  items(): Promise<ItemView[]> {
    return this.#items.list();
  }
}
