import type { Identity, KnownCredential } from '../domain/identification.ts';
import { refusal } from '../domain/refusals.ts';
import type { CabinetId, Milliseconds, PanelId, UserId } from '../domain/site.ts';
import type { PhoneAccessRepository } from '../models/phone-accesses.ts';
import type { Keyring } from './keyring.ts';
import type { Clock } from './ports.ts';
import { newId, newNumericCode, newToken } from './secrets.ts';

/** Digits of the code that stands beside the link. */
const CODE_DIGITS = 8;

/** Shortest and longest time for which an access by phone may be good. Milliseconds. */
export const PHONE_ACCESS_VALID = { least: 60_000, most: 3_600_000 } as const;

/** An access as it was just made. Token and code are secret; they are nowhere else. */
export interface PhoneAccess {
  readonly id: string;
  /** 256 bits in base64url, for a link: in the fragment of its address, which browsers send to nobody. */
  readonly token: string;
  /** 8 digits, to be typed at a panel. Either of the two uses the access up. */
  readonly code: string;
  readonly validUntil: Milliseconds;
}

/** What an access by phone is good for. */
export interface PhoneAccessView {
  readonly user: UserId;
  readonly cabinet: CabinetId;
  /** Left out: every panel of the cabinet. */
  readonly panel?: PanelId;
  readonly validUntil: Milliseconds;
}

/** For whom and where an access by phone is. */
export interface PhoneAccessRequest {
  readonly cabinet: CabinetId;
  /** Left out: every panel of the cabinet. */
  readonly panel?: PanelId;
  /** Milliseconds, 1 minute to 1 hour. */
  readonly validFor: Milliseconds;
}

/** Accesses by phone: good once, for minutes, at one cabinet. They are in the database, so a restart forgets none. */
export class PhoneAccesses {
  readonly #accesses: PhoneAccessRepository;
  readonly #ring: Keyring;
  readonly #clock: Clock;

  constructor(accesses: PhoneAccessRepository, ring: Keyring, clock: Clock) {
    this.#accesses = accesses;
    this.#ring = ring;
    this.#clock = clock;
  }

  /** Makes an access for somebody in place of those that they have not used at that cabinet. */
  async issue(user: UserId, { cabinet, panel, validFor }: PhoneAccessRequest): Promise<PhoneAccess> {
    const now = this.#clock.now();
    const token = newToken();
    const code = await this.#freeCode(new Date(now));
    const id = newId('phone-access');
    const validUntil = now + validFor;
    await this.#accesses.withdraw(user, cabinet);
    await this.#accesses.add({
      _id: id,
      user,
      cabinet,
      ...(panel !== undefined && { panel }),
      digests: [token, code].map((value) => this.#ring.digest('phone', value).digest),
      expiresAt: new Date(validUntil),
    });
    return { id, token, code, validUntil };
  }

  /** Takes back whatever a user has not used. */
  withdraw(user: UserId): Promise<void> {
    return this.#accesses.withdraw(user);
  }

  /** What a token is good for, without using it up; undefined where it is none, was used or has expired. Rejects where the store does not answer. */
  async look(token: string): Promise<PhoneAccessView | undefined> {
    const at = new Date(this.#clock.now());
    const access = await this.#accesses.open(this.#ring.digests('phone', token), at);
    if (!access) return undefined;
    const { user, cabinet, panel, expiresAt } = access;
    return { user, cabinet, ...(panel !== undefined && { panel }), validUntil: expiresAt.getTime() };
  }

  /**
   * Whose token or code is this? Used up as soon as its owner is let through, and only then. Refusals:
   * `unknown-credential` where it is none, was used, has expired or is for another place, `store-unavailable` where
   * the database cannot tell.
   *
   * @param identityOf says whether the owner is let through
   */
  async use(
    value: string,
    place: { readonly cabinet: CabinetId; readonly panel?: PanelId },
    identityOf: (credential: KnownCredential) => Identity,
  ): Promise<Identity> {
    const unknown: Identity = { known: false, refusal: refusal('unknown-credential') };
    const at = new Date(this.#clock.now());
    try {
      const access = await this.#accesses.open(this.#ring.digests('phone', value), at);
      if (!access || access.cabinet !== place.cabinet) return unknown;
      if (access.panel !== undefined && access.panel !== place.panel) return unknown;
      const identity = identityOf({ id: access._id, user: access.user, blocked: false });
      if (!identity.known) return identity;
      return (await this.#accesses.use(access._id, at)) ? identity : unknown;
    } catch {
      return { known: false, refusal: refusal('store-unavailable') };
    }
  }

  /** A code that nobody else has at the moment. */
  async #freeCode(at: Date): Promise<string> {
    for (;;) {
      const code = newNumericCode(CODE_DIGITS);
      if (!(await this.#accesses.open(this.#ring.digests('phone', code), at))) return code;
    }
  }
}
