import type { EventDraft } from '../event.ts';
import type { RefusalCode } from '../refusals.ts';
import type { BoardId, CabinetSetting, CompartmentNumber, ReaderId, UserId } from '../site.ts';

/** Why an opening came to nothing at the lock. `no-answer` ends by itself when the board answers again. */
export type LockFailure =
  /** The board did not answer. */
  | 'no-answer'
  /** The board answered, but the door stayed closed after every pulse. */
  | 'door-did-not-open';

/**
 * Everything that can happen to a cabinet, by type. The stream `cabinet/<id>` holds these and nothing else;
 * the state of a cabinet is their fold. Old events stay readable for ever: a field may be added, never
 * removed or given another meaning.
 */
export interface CabinetEvents {
  /** The cabinet was set up, or its configuration was changed in the site file. */
  'cabinet-configured': { readonly cabinet: CabinetSetting };
  /** Somebody asked for a compartment and did not get one. */
  'access-refused': {
    readonly reason: RefusalCode;
    /** What was presented, where the refusal is about that. */
    readonly kind?: 'card' | 'pin';
    readonly reader?: ReaderId;
    readonly user?: UserId;
    readonly credential?: string;
    readonly compartment?: CompartmentNumber;
  };
  /** A compartment may be opened once, under the named grant. The one decision that opens doors. */
  'compartment-granted': {
    readonly compartment: CompartmentNumber;
    /** Public id of the grant. The secret token that redeems it is never stored. */
    readonly grant: string;
    /** `new`: the user holds the compartment from now on; `existing`: held already; `none`: opened for another reason. */
    readonly allocation: 'new' | 'existing' | 'none';
    readonly schema?: string;
    readonly user?: UserId;
    readonly credential?: string;
    readonly reader?: ReaderId;
    /** In words, where an administrator opened it. */
    readonly reason?: string;
    /** The compartment that should have opened and failed, where this one replaces it. */
    readonly insteadOf?: CompartmentNumber;
    /** How many compartments have failed for this person before it, one after the other. */
    readonly replaced?: number;
  };
  /** A grant was not used: it expired before a pulse was sent, or the gateway was restarted in between. */
  'grant-lapsed': {
    readonly compartment: CompartmentNumber;
    readonly grant: string;
    readonly cause: 'expired' | 'restart';
    /** Whether the allocation that came with the grant was withdrawn again. */
    readonly freed: boolean;
  };
  /** Every pulse failed. */
  'unlock-failed': {
    readonly compartment: CompartmentNumber;
    readonly grant: string;
    readonly cause: LockFailure;
    readonly attempts: number;
    /** Whether the compartment was put out of order. */
    readonly outOfOrder: boolean;
    /** Whether the allocation that came with the grant was withdrawn again. */
    readonly freed: boolean;
  };
  /** The first that a board ever said of its doors. */
  'doors-found': {
    readonly board: BoardId;
    readonly open: readonly CompartmentNumber[];
    readonly closed: readonly CompartmentNumber[];
  };
  'door-opened': { readonly compartment: CompartmentNumber; readonly grant: string; readonly user?: UserId };
  'door-closed': { readonly compartment: CompartmentNumber };
  /** A door opened that nobody was granted: break-in, mechanical key, or a broken sensor. */
  'door-forced': {
    readonly compartment: CompartmentNumber;
    /** It was found open when the gateway came back. */
    readonly whileAway: boolean;
  };
  'door-left-open': { readonly compartment: CompartmentNumber };
  'compartment-assigned': {
    readonly compartment: CompartmentNumber;
    readonly user: UserId;
    readonly reason: string;
  };
  /** An administrator ended the right of the named users to the compartment. */
  'compartment-released': {
    readonly compartment: CompartmentNumber;
    readonly users: readonly UserId[];
    readonly reason: string;
  };
  'compartment-blocked': { readonly compartment: CompartmentNumber; readonly reason: string };
  'compartment-unblocked': { readonly compartment: CompartmentNumber; readonly reason: string };
  'compartment-returned-to-service': { readonly compartment: CompartmentNumber; readonly reason: string };
  /** A lock board stopped answering: its doors are unknown and its compartments are not given to anybody new. */
  'board-lost': { readonly board: BoardId };
  'board-found': { readonly board: BoardId };
}

export type CabinetEventType = keyof CabinetEvents;

/** A cabinet event before it has a place in the stream: a union discriminated by `type`. */
export type CabinetEvent = {
  [Type in CabinetEventType]: EventDraft<Type, CabinetEvents[Type]>;
}[CabinetEventType];
