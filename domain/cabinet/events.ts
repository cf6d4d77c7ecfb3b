import type { EventDraft } from '../event.ts';
import type { CredentialKind } from '../identification.ts';
import type { RefusalCode } from '../refusals.ts';
import type { AccessCode, Purpose, SessionEnd, SessionPerson, SessionStep } from '../session/session.ts';
import type {
  BoardId,
  CabinetSetting,
  CompartmentNumber,
  ItemId,
  PanelId,
  ReaderId,
  UserId,
} from '../site.ts';

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
  'cabinet-configured': {
    readonly cabinet: CabinetSetting;
    /** The schema that the site file names, where an administrator chose another one since. */
    readonly schemaOfFile?: string;
  };
  /** An administrator chose another schema. What the cabinet held under the one before is given up. */
  'mode-changed': {
    readonly from: string;
    readonly to: string;
    readonly reason: string;
    readonly lost: readonly Loss[];
    /** Compartments that something may still lie in; they are blocked until somebody has looked. */
    readonly inspect: readonly CompartmentNumber[];
  };
  /** Somebody asked for a compartment and did not get one. */
  'access-refused': {
    readonly reason: RefusalCode;
    /** What was presented, where the refusal is about that. */
    readonly kind?: CredentialKind;
    readonly reader?: ReaderId;
    readonly panel?: PanelId;
    readonly user?: UserId;
    readonly credential?: string;
    readonly compartment?: CompartmentNumber;
    readonly session?: string;
    /** Who asked did so under threat: a silent alarm. */
    readonly duress?: true;
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
    /** What the door opens for; absent in old events: `service` for an administrator, `own` otherwise. */
    readonly purpose?: Purpose;
    readonly panel?: PanelId;
    readonly session?: string;
    readonly picked?: true;
    /** Id of the deposit that is to be left here, or collected. */
    readonly deposit?: string;
    /** Id of the code that opened it. */
    readonly code?: string;
    /** The code that was set beforehand for the deposit that is to be left here (6.3). */
    readonly newCode?: AccessCode;
    /** The session at the same panel that it took the place of. */
    readonly replaces?: string;
    /** The second of two persons. */
    readonly second?: { readonly user: UserId; readonly credential: string };
    /** Who asked did so under threat: a silent alarm. */
    readonly duress?: true;
  };
  /** A grant was not used: it expired before a pulse was sent, or the gateway was restarted in between. */
  'grant-lapsed': {
    readonly compartment: CompartmentNumber;
    readonly grant: string;
    readonly cause: 'expired' | 'restart';
    /** Whether the allocation that came with the grant was withdrawn again. */
    readonly freed: boolean;
    /** Where its session goes on, if it does. */
    readonly next?: SessionStep;
    readonly session?: string;
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
    /** Where its session goes on, if it does. */
    readonly next?: SessionStep;
    readonly session?: string;
  };
  /** The first that a board ever said of its doors. */
  'doors-found': {
    readonly board: BoardId;
    readonly open: readonly CompartmentNumber[];
    readonly closed: readonly CompartmentNumber[];
  };
  'door-opened': { readonly compartment: CompartmentNumber; readonly grant: string; readonly user?: UserId };
  'door-closed': {
    readonly compartment: CompartmentNumber;
    /** What the closing ended, where it ended something. */
    readonly outcome?: ClosingOutcome;
    readonly grant?: string;
    readonly user?: UserId;
    readonly item?: ItemId;
    readonly deposit?: string;
    /** Where the session of a deposit goes on; absent where it has reached its end. */
    readonly next?: SessionStep;
    readonly session?: string;
    /** Who lost their right to the compartment with the closing. */
    readonly users?: readonly UserId[];
  };
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
    /** The deposit that was given up with it. */
    readonly deposit?: string;
    readonly reason: string;
  };
  'compartment-blocked': { readonly compartment: CompartmentNumber; readonly reason: string };
  'compartment-unblocked': { readonly compartment: CompartmentNumber; readonly reason: string };
  'compartment-returned-to-service': { readonly compartment: CompartmentNumber; readonly reason: string };
  /** A common code for everybody to whom the compartment is assigned (5.2). */
  'code-assigned': {
    readonly compartment: CompartmentNumber;
    readonly code: AccessCode;
    readonly reason: string;
  };
  /** Something with several steps began at a panel. */
  'session-started': {
    readonly session: string;
    readonly panel: PanelId;
    readonly person?: SessionPerson;
    readonly user?: UserId;
    readonly step: SessionStep;
    /** The session at the same panel that it took the place of. */
    readonly replaces?: string;
    readonly duress?: true;
  };
  /** An answer took a session to its next step. */
  'session-moved': { readonly session: string; readonly panel: PanelId; readonly step: SessionStep };
  /** A session ended before its flow did; nothing was left behind. */
  'session-ended': { readonly session: string; readonly panel: PanelId; readonly cause: SessionEnd };
  /** A deposit has its code: from now on that opens the compartment, once. */
  'deposit-stored': {
    readonly compartment: CompartmentNumber;
    readonly deposit: string;
    readonly session: string;
    readonly code: AccessCode;
    readonly recipient?: UserId;
    readonly user?: UserId;
  };
  /** Nobody finished a deposit. The compartment is blocked until somebody has looked inside. */
  'deposit-abandoned': {
    readonly compartment: CompartmentNumber;
    readonly deposit: string;
    readonly session: string;
    readonly panel: PanelId;
    readonly cause: 'door-open' | 'no-code' | 'no-recipient';
    readonly user?: UserId;
  };
  /** What became of the mail to the recipient of a deposit. `refused` for good; `deferred`: it is tried again. */
  'deposit-mail': {
    readonly compartment: CompartmentNumber;
    readonly deposit: string;
    readonly outcome: 'sent' | 'deferred' | 'refused';
    /** Id of the recipient. */
    readonly user: UserId;
    /** The mail server's status, e.g. `550 5.1.1`, where it gave one. */
    readonly status?: string;
    /** The session that asks for another recipient, at the panel where the deposit was left. */
    readonly session?: {
      readonly session: string;
      readonly panel: PanelId;
      readonly person?: SessionPerson;
      readonly step: SessionStep;
    };
  };
  /** An administrator says that an item lies in a compartment for lending. */
  'compartment-stocked': {
    readonly compartment: CompartmentNumber;
    readonly item?: ItemId;
    readonly reason: string;
  };
  /** An administrator says that nothing lies in a compartment. */
  'compartment-emptied': { readonly compartment: CompartmentNumber; readonly reason: string };
  /** An item reader found an item. `user`: who had the door open. */
  'item-placed': { readonly compartment: CompartmentNumber; readonly item: ItemId; readonly user?: UserId };
  /** An item reader misses an item. `user`: who had the door open, and has the item now. */
  'item-removed': { readonly compartment: CompartmentNumber; readonly item: ItemId; readonly user?: UserId };
  /** What an item reader's word made of a use that was ended. */
  'use-settled': {
    readonly compartment: CompartmentNumber;
    readonly grant: string;
    readonly outcome:
      | 'taken'
      | 'returned'
      | 'nothing-taken'
      | 'nothing-returned'
      | 'wrong-item'
      /** An item that should lie here was gone after somebody else's use. */
      | 'item-missing'
      /** Nothing worth telling. */
      | 'unchanged';
    readonly user?: UserId;
    readonly item?: ItemId;
    /** The item reader did not answer; the use counts as what it was opened for. */
    readonly unverified?: true;
  };
  /** A deposit or a loan has lasted longer than it may. */
  overdue: {
    readonly compartment: CompartmentNumber;
    readonly deposit?: string;
    readonly user?: UserId;
    readonly item?: ItemId;
  };
  /** Somebody at a panel says that something is wrong with a compartment. */
  'fault-reported': {
    readonly compartment: CompartmentNumber;
    readonly fault: FaultReason;
    readonly panel: PanelId;
    readonly user?: UserId;
  };
  /** A lock board stopped answering: its doors are unknown and its compartments are not given to anybody new. */
  'board-lost': { readonly board: BoardId };
  'board-found': { readonly board: BoardId };
}

/**
 * What the closing of a door ended.
 * - `deposited`: something was left; its session goes on, or it is stored already
 * - `collected`: a deposit was picked up; its code has expired and the compartment is free
 * - `ended`: the one opening of 5.2; every right to the compartment is withdrawn
 * - `taken`, `returned`: an item, where no item reader looks inside
 * - `unsettled`: the item reader is to say what happened
 */
export type ClosingOutcome = 'deposited' | 'collected' | 'ended' | 'taken' | 'returned' | 'unsettled';

/** What people may say is wrong with a compartment. */
export const FAULT_REASONS = [
  'does-not-open',
  'does-not-close',
  'dirty',
  'damaged',
  'not-empty',
  'other',
] as const;
export type FaultReason = (typeof FAULT_REASONS)[number];

/** Something that a change of mode gives up. */
export type Loss =
  | { readonly lost: 'right'; readonly compartment: CompartmentNumber; readonly user: UserId }
  | { readonly lost: 'deposit'; readonly compartment: CompartmentNumber; readonly deposit: string }
  | { readonly lost: 'code'; readonly compartment: CompartmentNumber; readonly code: string }
  | { readonly lost: 'content'; readonly compartment: CompartmentNumber; readonly item?: ItemId }
  | {
      readonly lost: 'loan';
      readonly compartment: CompartmentNumber;
      readonly user: UserId;
      readonly item?: ItemId;
    }
  | { readonly lost: 'session'; readonly session: string; readonly panel: PanelId };

export type CabinetEventType = keyof CabinetEvents;

/** A cabinet event before it has a place in the stream: a union discriminated by `type`. */
export type CabinetEvent = {
  [Type in CabinetEventType]: EventDraft<Type, CabinetEvents[Type]>;
}[CabinetEventType];
