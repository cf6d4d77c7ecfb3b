import type { Actor } from '../../domain/event.ts';
import type { Milliseconds, UserId } from '../../domain/site.ts';
import type { Principal } from '../api.ts';
import { newToken } from '../secrets.ts';
import type { Credentials } from './credentials.ts';
import { AdministrationError } from './errors.ts';
import type { AdministrationParts } from './parts.ts';
import type { Users } from './users.ts';

/** Days for which a token may be good, and those for which it is where nothing is said. */
export const TOKEN_DAYS = { least: 1, most: 1_825, usual: 365 } as const;
/** Longest name of a token. Characters. */
export const LONGEST_TOKEN_NAME = 128;
/** Tokens that one user may have. */
const MOST_PER_USER = 50;
const DAY: Milliseconds = 86_400_000;
/** `<id>.<secret>`: the id is no secret, the rest is 256 bits in base64url. */
const SHAPE = /^(credential-[0-9a-f]{24})\.([A-Za-z0-9_-]{43})$/;

/** A token as it was just made; it is nowhere else. */
export interface NewApiToken {
  readonly id: string;
  readonly user: UserId;
  readonly token: string;
  readonly validUntil: Milliseconds;
}

/** A token as administrators see it: never what it is. */
export interface ApiTokenView {
  readonly id: string;
  readonly user: UserId;
  /** What it was called when it was made. */
  readonly name?: string;
  readonly blocked: boolean;
  readonly validUntil: Milliseconds;
}

/** Whoever sent a token, with the roles of the moment. */
export interface Bearer {
  /** Id of the token's credential. */
  readonly id: string;
  readonly principal: Principal;
}

/**
 * What lets programs of users in over the HTTP API. A token is a credential of its user as any other: blocked, ended
 * and erased with them, known to every gateway of the store, looked up in memory, by a keyed digest.
 */
export class ApiTokens {
  readonly #parts: AdministrationParts;
  readonly #credentials: Credentials;
  readonly #users: Users;

  constructor(parts: AdministrationParts, credentials: Credentials, users: Users) {
    this.#parts = parts;
    this.#credentials = credentials;
    this.#users = users;
  }

  /**
   * Makes a token of a user. It is stored as a digest only: this is the one time that it is told.
   *
   * @param about.days for how long it is good: 1 to 1,825 days, 365 where it is left out
   */
  async add(
    user: UserId,
    about: { readonly name?: string; readonly days?: number },
    actor: Actor,
  ): Promise<NewApiToken> {
    const { name, days = TOKEN_DAYS.usual } = about;
    const { least, most } = TOKEN_DAYS;
    if (!Number.isInteger(days) || days < least || days > most) {
      throw new AdministrationError('field-wrong', `A token is good for ${least} to ${most} days.`);
    }
    if (name !== undefined && (name.trim() === '' || name.length > LONGEST_TOKEN_NAME)) {
      throw new AdministrationError(
        'field-wrong',
        `The name of a token has 1 to ${LONGEST_TOKEN_NAME} characters.`,
      );
    }
    await this.#users.present(user);
    const own = await this.#credentials.list(user);
    if (own.filter(({ kind }) => kind === 'api-token').length >= MOST_PER_USER) {
      throw new AdministrationError(
        'too-many-tokens',
        `User ${user} has ${MOST_PER_USER} tokens already. Remove those that are in no use.`,
      );
    }
    const secret = newToken();
    const validUntil = this.#parts.clock.now() + days * DAY;
    const token = { secret, validUntil, ...(name !== undefined && { name }) };
    const id = await this.#credentials.addToken(user, token, actor);
    return { id, user, token: `${id}.${secret}`, validUntil };
  }

  /** Ends the right of a token at once. */
  async remove(id: string, actor: Actor): Promise<void> {
    const found = await this.#parts.credentials.byId(id);
    if (found?.kind !== 'api-token') {
      throw new AdministrationError('api-token-unknown', `There is no API token "${id}".`);
    }
    await this.#credentials.remove(id, actor);
  }

  /** The tokens of everybody, by user; those whose time is over as well, until they are removed. */
  async list(): Promise<readonly ApiTokenView[]> {
    const found = await this.#parts.credentials.ofKind('api-token');
    return found.map(({ _id: id, user, name, blocked, validUntil }) => ({
      id,
      user,
      ...(name !== undefined && { name }),
      blocked,
      validUntil: validUntil?.getTime() ?? 0,
    }));
  }

  /** Whose token this is; undefined where it is none, its time is over, or it or its user is blocked. */
  bearerOf(token: string): Bearer | undefined {
    const [, id = '', secret = ''] = SHAPE.exec(token) ?? [];
    const principal = id === '' ? undefined : this.#parts.directory.principalOfApiToken(id, secret);
    return principal && { id, principal };
  }

  /** What has become of whoever sent a token before; undefined where it is good for nothing any more. */
  bearerBy(id: string): Bearer | undefined {
    const principal = this.#parts.directory.principalOfApiToken(id);
    return principal && { id, principal };
  }
}
