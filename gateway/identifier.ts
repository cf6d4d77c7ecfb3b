import { GUESSABLE, lockedFor } from '../domain/attempts.ts';
import type { Applicant, Identification } from '../domain/cabinet/inputs.ts';
import {
  type CredentialKind,
  type Identity,
  identify,
  type KnownCredential,
  type KnownUser,
} from '../domain/identification.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import type { SessionPerson } from '../domain/session/session.ts';
import type { CabinetId, Milliseconds, PanelId, ReaderId, UserId } from '../domain/site.ts';
import type { Cabinet } from './cabinet.ts';
import type { Directory } from './directory.ts';
import type { Logins } from './logins.ts';
import type { Clock, Scan, Unsubscribe } from './ports.ts';
import { Turns } from './turns.ts';

/** How long a person waits for the database, where only that can tell who they are. Milliseconds. */
const STORE_ANSWERS_WITHIN: Milliseconds = 3_000;

/** Where somebody presents something. */
export interface PresentedAt {
  readonly cabinet: Cabinet;
  /** The reader; a panel's own input counts as a reader of the panel's id. */
  readonly reader: ReaderId;
  readonly panel: PanelId;
  /** Members of these user groups are served here; left out: everybody. */
  readonly userGroups?: readonly string[];
}

/** Who it is, or why nobody is let through; that is on record then. */
export type Identified =
  | { readonly known: true; readonly person: Identification }
  | { readonly known: false; readonly refusal: Refusal };

/** Finds out who presents something at a cabinet, and puts on record whom it turns away. */
export class Identifier {
  readonly #directory: Directory;
  readonly #logins: Logins;
  readonly #clock: Clock;
  readonly #onTrouble: (message: string) => void;
  readonly #turns = new Turns();

  constructor(parts: {
    readonly directory: Directory;
    readonly logins: Logins;
    readonly clock: Clock;
    readonly onTrouble: (message: string) => void;
  }) {
    this.#directory = parts.directory;
    this.#logins = parts.logins;
    this.#clock = parts.clock;
    this.#onTrouble = parts.onTrouble;
  }

  /** Who presented this? What can be guessed waits for its turn, so that each wrong try counts. */
  async identify(at: PresentedAt, scan: Scan): Promise<Identified> {
    const attempt = (): Promise<Identified> => this.#identified(at, scan, () => this.#find(at, scan));
    if (!canBeGuessed(scan)) return attempt();
    return this.#turns.run(at.reader, attempt, { known: false, refusal: refusal('gateway-busy') });
  }

  /** The same by login and password. */
  async logIn(at: PresentedAt, login: string, password: string): Promise<Identified> {
    const find = async (): Promise<Identity> => {
      const principal = await this.#logins.authenticate(login, password);
      const user = principal && this.#directory.user(principal.user);
      const credential = user && { id: `login-of-${user.id}`, user: user.id, blocked: false };
      return identify(credential, user, this.#clock.now());
    };
    const attempt = (): Promise<Identified> =>
      this.#identified(at, { kind: 'password' }, () => this.#fromStore(find));
    return this.#turns.run(at.reader, attempt, { known: false, refusal: refusal('gateway-busy') });
  }

  /** Tries a code when its turn comes at a reader; why it was not taken, undefined where it was. */
  inTurn(reader: ReaderId, attempt: () => Promise<Refusal | undefined>): Promise<Refusal | undefined> {
    return this.#turns.run(reader, attempt, refusal('gateway-busy'));
  }

  /** A user as a cabinet needs to know them now. */
  applicant(user: UserId, cabinet: CabinetId): Applicant {
    return applicantOf(this.#directory, user, cabinet);
  }

  /**
   * Whoever identified a while ago, as they are known now: they or what they identified with may have been blocked
   * since. That nobody is let through any more is on record then.
   */
  async again(cabinet: Cabinet, { user, credential, reader }: SessionPerson): Promise<Identified> {
    const known = this.#directory.user(user);
    const identity = identify(this.#held(credential, user), known, this.#clock.now());
    if (!identity.known) {
      const whose = { reader, user, credential, ...duressOf(identity.credential) };
      return { known: false, refusal: await this.turnAway(cabinet, identity.refusal, whose) };
    }
    const duress = duressOf(identity.credential);
    return {
      known: true,
      person: { ...this.applicant(user, cabinet.id), credential, reader, ...duress },
    };
  }

  /** Why the recipient of a deposit may not collect it with its code now, on record; undefined where they may. */
  async mayNotCollect(
    cabinet: Cabinet,
    { user, credential, reader }: SessionPerson,
  ): Promise<Refusal | undefined> {
    const code = { id: credential, user, blocked: false };
    const identity = identify(code, this.#directory.user(user), this.#clock.now());
    if (identity.known) return undefined;
    return this.turnAway(cabinet, identity.refusal, { reader, user, credential });
  }

  /**
   * Puts on record that somebody was turned away before the cabinet was asked; returns why. Where it cannot be put on
   * record that is what is returned, lest wrong PINs that do not count be told from right ones.
   */
  async turnAway(
    cabinet: Cabinet,
    reason: Refusal,
    record: {
      /** Left out where the refusal is not about what was presented. */
      readonly kind?: CredentialKind;
      readonly reader: ReaderId;
      readonly user?: UserId;
      readonly credential?: string;
      readonly duress?: boolean;
    },
  ): Promise<Refusal> {
    const answer = await cabinet.submit({ input: 'turned-away', reason: reason.code, ...record });
    if (!answer.refusal) return reason;
    this.#onTrouble(`Reader ${record.reader}: "${reason.code}" could not be recorded.`);
    return answer.refusal;
  }

  /** What somebody identified with, as it is known now; undefined where it was taken from them. */
  #held(id: string, user: UserId): KnownCredential | undefined {
    return NOT_HELD.test(id) ? { id, user, blocked: false } : this.#directory.credential(id);
  }

  #find({ cabinet, panel }: PresentedAt, scan: Scan): Promise<Identity> {
    const find = (): Promise<Identity> => this.#directory.identify(scan, { cabinet: cabinet.id, panel });
    return scan.kind === 'phone' ? this.#fromStore(find) : find();
  }

  /** What only the database can tell. One that does not answer must not hold up whoever comes next. */
  async #fromStore(find: () => Promise<Identity>): Promise<Identity> {
    const unavailable: Identity = { known: false, refusal: refusal('store-unavailable') };
    let cancel: Unsubscribe = () => {};
    const limit = new Promise<Identity>((resolve) => {
      cancel = this.#clock.after(STORE_ANSWERS_WITHIN, () => resolve(unavailable));
    });
    return Promise.race([find().catch(() => unavailable), limit]).finally(cancel);
  }

  async #identified(at: PresentedAt, tried: Tried, find: () => Promise<Identity>): Promise<Identified> {
    const { cabinet, reader, userGroups } = at;
    const { kind } = tried;
    const refuse = async (reason: Refusal, whose: object = {}): Promise<Identified> => ({
      known: false,
      refusal: await this.turnAway(cabinet, reason, { kind, reader, ...whose }),
    });
    const wait = canBeGuessed(tried) ? this.#waitAt(cabinet, reader) : 0;
    if (wait > 0) return refuse(refusal('too-many-attempts', { seconds: Math.ceil(wait / 1_000) }));
    const identity = await find();
    if (!identity.known) {
      const { credential, refusal: reason } = identity;
      return refuse(
        reason,
        credential && { user: credential.user, credential: credential.id, ...duressOf(credential) },
      );
    }
    const { user, credential } = identity;
    if (userGroups && !serves(userGroups, user)) {
      const whose = { user: user.id, credential: credential.id, ...duressOf(credential) };
      return refuse(refusal('wrong-reader'), whose);
    }
    return {
      known: true,
      person: {
        user: user.id,
        groups: user.groups,
        roles: user.roles,
        rights: this.#directory.rightsOf(user.id, cabinet.id),
        credential: credential.id,
        reader,
        ...duressOf(credential),
      },
    };
  }

  /** Milliseconds for which a reader still takes nothing that can be guessed. */
  #waitAt(cabinet: Cabinet, reader: ReaderId): number {
    const tries = cabinet.state.wrongTries.get(reader);
    return tries ? lockedFor(tries.count, tries.last, this.#clock.now()) : 0;
  }
}

/** What is not kept in memory: a password, and an access by phone, which is used up by now. */
const NOT_HELD = /^(?:login-of|phone-access)-/;

/** What was presented; the value of a password is nobody's business here. */
interface Tried {
  readonly kind: CredentialKind;
  readonly value?: string;
}

/** Digits of the longest code that a phone is given to type. Longer values come from links and readers. */
const LONGEST_PHONE_CODE = 16;

/** Whether trying would find it: then wrong ones make people wait. */
function canBeGuessed(tried: Tried): boolean {
  return GUESSABLE.has(tried.kind) && !isLongPhoneId(tried);
}

/** Whether it is the token of a link, or the id of a phone that a reader answers with, and not a code to be typed. */
export function isLongPhoneId({ kind, value = '' }: Tried): boolean {
  return kind === 'phone' && value.length > LONGEST_PHONE_CODE;
}

/** A user as a cabinet needs to know them now. Somebody who is gone has no group, role or right. */
export function applicantOf(directory: Directory, user: UserId, cabinet: CabinetId): Applicant {
  const known = directory.user(user);
  return {
    user,
    groups: known?.groups ?? [],
    roles: known?.roles ?? [],
    rights: known ? directory.rightsOf(user, cabinet) : [],
  };
}

/** Whether something was presented under threat: a silent alarm, whatever becomes of it. */
function duressOf(credential: KnownCredential | undefined): { readonly duress?: true } {
  return credential?.duress ? { duress: true } : {};
}

function serves(userGroups: readonly string[], { groups }: KnownUser): boolean {
  return userGroups.some((group) => groups.includes(group));
}
