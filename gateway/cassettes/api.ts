/** Cassettes as the adapters of the gateway see them. Nothing here carries the ROM of a key. */
import type { CassetteAlarm } from '../../domain/cassette/alarms.ts';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { CassetteCommand } from '../../domain/cassette/inputs.ts';
import type { CassetteKey, KeyRole } from '../../domain/cassette/key.ts';
import type { CassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { SignalPatterns } from '../../domain/cassette/signal.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { Actor, LoggedEvent } from '../../domain/event.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { LocalizedText } from '../../domain/texts/texts.ts';
import type { IdentityReference, PresentationReference, Requester } from '../api.ts';
import type { Unsubscribe } from '../ports.ts';

/** An event of a cassette as it may be told: ids of keys, never a ROM. Told at once, before it is on the disk. */
export interface CassetteNotice {
  readonly cassette: CassetteId;
  readonly type: CassetteEvent['type'];
  readonly actor: Actor;
  readonly at: Milliseconds;
  /** The data of the event without anything that holds a ROM. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly alarm?: CassetteAlarm;
  /** What happened in words. */
  readonly text: LocalizedText;
  /** The cassette after it. */
  readonly view: CassetteView;
}

/** On whose behalf a command is given: as for cabinets, or by a person who identified a moment ago. */
export type CassetteRequester = Requester | { readonly kind: 'person'; readonly identity: IdentityReference };

/** The second person of a command: identified at a reader, or by login and password. */
export type SecondPerson =
  | { readonly kind: 'person'; readonly identity: IdentityReference }
  | { readonly kind: 'login'; readonly login: string; readonly password: string };

export interface CassetteRequest {
  readonly cassette: CassetteId;
  readonly command: CassetteCommand;
  /** Why; it goes on record. 1 to 500 characters. */
  readonly reason: string;
  readonly second?: SecondPerson;
}

export interface CassetteDone {
  readonly ok: true;
  readonly cassette: CassetteId;
  readonly view: CassetteView;
}

export interface CassetteRefused {
  readonly ok: false;
  readonly refusal: CassetteRefusal;
  readonly text: LocalizedText;
}

/** A key as it is administered. */
export type KeyRegistration = Omit<CassetteKey, 'revoked'>;

/** A registered key as it is shown: the end of its number only, as people compare it with a label. */
export interface KeyView {
  readonly id: string;
  readonly role: KeyRole;
  /** The name of its family, e.g. `DS1990A`; undefined where it is not known. */
  readonly family?: string;
  /** The last four digits before the family code on its label. */
  readonly ending: string;
  readonly cassettes: readonly CassetteId[];
  readonly duress: boolean;
  readonly revoked: boolean;
  readonly validUntil?: Milliseconds;
}

/** What the records of the cassettes go through on their way into the log. */
export interface CassetteRecords {
  /** Records on the disk or in memory that are not in the store yet. */
  readonly waiting: number;
  /** Why they cannot be written to the disk; undefined where they can. */
  readonly trouble?: string;
}

/** Everything about cassettes. Never waits for the store, a flow or a client; works from the first second of a start. */
export interface Cassettes {
  /** What is seen and heard at every cassette of the site, by signal. */
  readonly signals: SignalPatterns;
  list(): readonly CassetteView[];
  /** Undefined where the site has none of that id. */
  view(id: CassetteId): CassetteView | undefined;
  /** Every event, once. */
  onNotice(listener: (notice: CassetteNotice) => void): Unsubscribe;
  /** Every event once it is in the log, in order within a cassette; later than its notice, and after a store that was away. */
  onLogged(listener: (event: LoggedEvent) => void): Unsubscribe;
  /** Every change of what a cassette shows, at most every 100 ms for each where only measured values change. */
  onView(listener: (view: CassetteView) => void): Unsubscribe;
  /** Gives a command; resolves once the machine has taken or refused it. */
  command(request: CassetteRequest, requester: CassetteRequester): Promise<CassetteDone | CassetteRefused>;
  /** A key that was held to a reader of the site, by its reference, is taken as touched to the cassette. */
  touch(cassette: CassetteId, presentation: PresentationReference): Promise<CassetteDone | CassetteRefused>;
  /** Whoever follows a cassette on its way says whether it is inside its area. */
  area(cassette: CassetteId, inside: boolean, source: string): Promise<CassetteDone | CassetteRefused>;
  /** The words for a refusal. */
  textOf(refusal: CassetteRefusal): LocalizedText;
  records(): CassetteRecords;
}
