/** What can be asked of a gateway: who holds what, and what happened. Asking changes nothing. */

import type { DoorState } from '../../domain/cabinet/door.ts';
import type { CompartmentStatus, Deposit } from '../../domain/cabinet/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { CabinetId, CompartmentNumber, ItemId, Milliseconds, UserId } from '../../domain/site.ts';
import type { Refused } from '../api.ts';

/**
 * What a compartment is taken by.
 * - `allocation`: somebody holds it
 * - `deposit`: something was left in it for a later pick-up
 * - `item`: an item lies in it for lending
 * - `code`: a code opens it
 */
export type Taking = 'allocation' | 'deposit' | 'item' | 'code';

/** One compartment in a report on occupancy. */
export interface CompartmentOccupancy {
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
  readonly status: CompartmentStatus;
  readonly door: DoorState;
  /** By what it is taken; several at once are possible; empty where it is not taken. */
  readonly taken: readonly Taking[];
  /** Who holds it; two or more only under a schema that shares it. */
  readonly holders: readonly UserId[];
  /** The master who left the deposit, where one did. */
  readonly depositor?: UserId;
  /** Who is to collect the deposit, where that is a defined user. */
  readonly recipient?: UserId;
  /** Items that lie inside, as far as they are known by name. */
  readonly items: readonly ItemId[];
  /** Since when it has been taken, and for how long, at the time of asking. */
  readonly since?: Milliseconds;
  readonly age?: Milliseconds;
  /** Whether a deposit lies there for longer than it may. */
  readonly overdue: boolean;
  /** The reason in words, while an administrator has blocked it. */
  readonly blocked?: string;
}

/** Something that somebody has, or that waits for somebody. `since` and `age` are in milliseconds. */
export type Possession = {
  readonly cabinet: CabinetId;
  /** Where it is; of a loan: where it was taken from. */
  readonly compartment: CompartmentNumber;
  readonly since?: Milliseconds;
  readonly age?: Milliseconds;
  readonly overdue: boolean;
} /** The user holds the compartment. */ & (
  | { readonly kind: 'allocation'; readonly user: UserId }
  /** Something was left in the compartment; `depositor` is absent where an undefined user left it. */
  | {
      readonly kind: 'deposit';
      readonly deposit: string;
      readonly stage: Deposit['stage'];
      readonly depositor?: UserId;
      readonly recipient?: UserId;
      readonly mail?: NonNullable<Deposit['mail']>;
    }
  /** The user has an item that they have not returned; `item` is absent where nobody said which one. */
  | { readonly kind: 'loan'; readonly user: UserId; readonly item?: ItemId }
  /** An item lies in the compartment. */
  | { readonly kind: 'item'; readonly item?: ItemId }
);

/** Limits a report on possessions; what both name has to fit both. */
export interface PossessionQuery {
  /** Who holds, has left, is to collect, or has borrowed it. */
  readonly user?: UserId;
  readonly item?: ItemId;
}

/** Which events are wanted. What is left out does not limit; everything that is named has to fit. */
export interface EventQuery {
  /** A stream by its name, e.g. `site/7f3a`. Not together with `cabinet`. */
  readonly stream?: string;
  readonly cabinet?: CabinetId;
  /** A compartment of the named cabinet or stream. 1 to 512. */
  readonly compartment?: CompartmentNumber;
  /** A user to whom it happened, or who did it: as the person, as recipient, as second person, as administrator. */
  readonly user?: UserId;
  readonly item?: ItemId;
  /** Types of events, at most 32. */
  readonly types?: readonly string[];
  /** Not before this time. */
  readonly from?: Milliseconds;
  /** Before this time. */
  readonly until?: Milliseconds;
  /** `newest-first` where it is left out. */
  readonly order?: 'newest-first' | 'oldest-first';
  /** The `next` of the page before; the rest of the query has to be the same. */
  readonly after?: string;
  /** Most events on the page, 1 to 1000; 100 where it is left out. */
  readonly limit?: number;
}

/** A page of events, of the newest or oldest first; of the same moment in the order in which they were stored. */
export interface EventPage {
  readonly ok: true;
  /** As logged, without what proves a code (`verifier`); `hash` is still the one of the whole event. */
  readonly events: readonly LoggedEvent[];
  /** What to ask on with; absent on the last page. */
  readonly next?: string;
}

/** Everything that can be asked. */
export interface Queries {
  /**
   * Every compartment of one cabinet, or of all cabinets of this gateway, as they are now. From memory.
   * Refused with `cabinet-unknown`.
   */
  occupancy(
    cabinet?: CabinetId,
  ): { readonly ok: true; readonly compartments: readonly CompartmentOccupancy[] } | Refused;
  /**
   * Allocations, deposits, loans and items in the cabinets of this gateway, as they are now. From memory. Refused
   * with `query-malformed`.
   */
  whoHasWhat(
    query?: PossessionQuery,
  ): { readonly ok: true; readonly possessions: readonly Possession[] } | Refused;
  /**
   * Events of the store, of all gateways that share it. Refused with `query-malformed` (which is checked at run
   * time, so that anything may be handed over), `query-too-slow`, `query-unanswered` where the store is away, or
   * `too-many-queries`.
   */
  events(query: EventQuery): Promise<EventPage | Refused>;
}
