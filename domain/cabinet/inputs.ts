import type { Actor } from '../event.ts';
import type { CredentialKind, Role } from '../identification.ts';
import type { Refusal, RefusalCode } from '../refusals.ts';
import type { Right } from '../rights.ts';
import type { Schema } from '../schemas/schema.ts';
import type { AccessCode } from '../session/session.ts';
import type {
  BoardId,
  CabinetSetting,
  CompartmentNumber,
  ItemId,
  Milliseconds,
  PanelId,
  ReaderId,
  UserGroupId,
  UserId,
} from '../site.ts';
import type { CabinetEvent, CabinetEvents, FaultReason, LockFailure } from './events.ts';

/** A defined user as they are known at the moment of an input. */
export interface Applicant {
  readonly user: UserId;
  readonly groups: readonly UserGroupId[];
  readonly roles: readonly Role[];
  /** Rights to this cabinet that name the user or one of their groups. */
  readonly rights: readonly Right[];
}

/** What a person presented, where, and who they turned out to be. */
export interface Identification extends Applicant {
  readonly credential: string;
  readonly reader: ReaderId;
  readonly duress?: boolean;
}

/** Everything that can be asked of a cabinet or can happen to it. */
export type CabinetInput =
  /** An identified person asks for a compartment. `grant`: the public id that a grant will have. */
  | { readonly input: 'access'; readonly person: Identification; readonly grant: string }
  /** As `access`, after the compartment that the schema chose could not be opened. */
  | {
      readonly input: 'access-again';
      /** Absent where an undefined user deposits. */
      readonly person?: Applicant;
      readonly grant: string;
      readonly replacing: Replacing;
    }
  | SessionInput
  /** Somebody was turned away before the cabinet was asked; put it on record. */
  | {
      readonly input: 'turned-away';
      readonly reason: RefusalCode;
      /** Left out where the refusal is not about what was presented. */
      readonly kind?: CredentialKind;
      readonly reader: ReaderId;
      readonly user?: UserId;
      readonly credential?: string;
      readonly duress?: boolean;
    }
  | { readonly input: 'grant-expired'; readonly compartment: CompartmentNumber; readonly grant: string }
  /** The gateway came back, found an opening under way, and its door closed. */
  | { readonly input: 'grant-orphaned'; readonly compartment: CompartmentNumber; readonly grant: string }
  | {
      readonly input: 'lock-failed';
      readonly compartment: CompartmentNumber;
      readonly grant: string;
      readonly cause: LockFailure;
      readonly attempts: number;
    }
  /** A sensor's word. `expected`: a pulse has been sent to this lock for the opening under way. */
  | {
      readonly input: 'door';
      readonly compartment: CompartmentNumber;
      readonly open: boolean;
      readonly expected: boolean;
      /** First word after a restart. */
      readonly afterAbsence: boolean;
    }
  /** The first word of a board of which nothing is known yet. */
  | {
      readonly input: 'doors-found';
      readonly board: BoardId;
      readonly open: readonly CompartmentNumber[];
      readonly closed: readonly CompartmentNumber[];
    }
  | { readonly input: 'open-too-long'; readonly compartment: CompartmentNumber }
  | { readonly input: 'board'; readonly board: BoardId; readonly answers: boolean }
  /** An item reader found an item in a compartment, or misses one that was there. */
  | {
      readonly input: 'item-seen';
      readonly compartment: CompartmentNumber;
      readonly item: ItemId;
      readonly present: boolean;
    }
  /** Everything that the item reader has to say after a door was closed has been said; or it did not answer in time. */
  | { readonly input: 'settle'; readonly compartment: CompartmentNumber; readonly answered: boolean }
  /** Looks for a deposit or a loan that has become overdue; put again until it finds none. */
  | { readonly input: 'overdue-check' }
  /** What became of the mail about a deposit. `session`: id of the session that asks again, where it was refused. */
  | {
      readonly input: 'mail-outcome';
      readonly compartment: CompartmentNumber;
      readonly deposit: string;
      readonly outcome: 'sent' | 'deferred' | 'refused';
      readonly status?: string;
      readonly session: string;
    }
  | {
      readonly input: 'configure';
      readonly setting: CabinetSetting;
      /** The schema that the site file names; `setting.schema` where left out. */
      readonly schemaOfFile?: string;
    }
  | {
      readonly input: 'change-mode';
      readonly actor: Actor;
      readonly schema: string;
      /** Gives up what the cabinet holds. */
      readonly force: boolean;
      readonly reason: string;
    }
  | AdministrativeInput;

/** An input by its name. */
export type InputOf<Name extends CabinetInput['input']> = Extract<CabinetInput, { input: Name }>;

/** What people do at a panel. Ids of sessions and grants are made by whoever puts the input. */
export type SessionInput =
  /** Somebody identified at a panel: opens at once where nothing has to be asked, and begins a session otherwise. */
  | {
      readonly input: 'begin';
      readonly panel: PanelId;
      readonly person: Identification;
      readonly session: string;
      readonly grant: string;
    }
  /** An undefined user wants to deposit something. */
  | {
      readonly input: 'deposit';
      readonly panel: PanelId;
      readonly session: string;
      readonly grant: string;
    }
  /** An answer to `choose-compartment`. `person`: who began the session, as they are known now. */
  | {
      readonly input: 'pick';
      readonly session: string;
      readonly compartment: CompartmentNumber;
      readonly person?: Identification;
      readonly grant: string;
    }
  /** An answer to `second-person`. */
  | {
      readonly input: 'second';
      readonly session: string;
      /** Who began the session, as they are known now. */
      readonly person: Identification;
      readonly second: Identification;
      readonly grant: string;
    }
  /** An answer to `set-code` or `set-pin`. */
  | { readonly input: 'set-code'; readonly session: string; readonly code: AccessCode }
  /** An answer to `choose-recipient`. */
  | { readonly input: 'choose-recipient'; readonly session: string; readonly recipient: UserId }
  /**
   * The person does not want to go on. Where they have left something already, the door opens again so that they can
   * take it back.
   */
  | { readonly input: 'cancel'; readonly session: string; readonly grant: string }
  /** Nobody has gone on with a session for too long. */
  | { readonly input: 'session-expired'; readonly session: string; readonly since: Milliseconds }
  /** Somebody gave the number of a compartment and a code, or scanned one. */
  | {
      readonly input: 'collect';
      readonly compartment: CompartmentNumber;
      /** Id of the code that fits; absent where none does. */
      readonly code?: string;
      /** Where the wrong tries count. */
      readonly reader: ReaderId;
      readonly panel: PanelId;
      readonly grant: string;
    }
  | {
      readonly input: 'report-fault';
      readonly compartment: CompartmentNumber;
      readonly fault: FaultReason;
      readonly panel: PanelId;
      readonly user?: UserId;
    };

/** A compartment that failed, and for what: another one takes its place. */
export interface Replacing {
  readonly compartment: CompartmentNumber;
  readonly user?: UserId;
  readonly panel?: PanelId;
  readonly session?: string;
  /** How many compartments have failed for this person, one after the other. 1 or more. */
  readonly replaced: number;
  readonly newCode?: AccessCode;
}

/** What an administrator may ask. Each wants a reason in words. */
export type AdministrativeInput = AdministrativeRequest & {
  readonly actor: Actor;
  readonly reason: string;
  readonly compartment: CompartmentNumber;
};

type AdministrativeRequest =
  /** Hands over what lies inside: the closing of the door ends a deposit. Who holds the compartment for good keeps it. */
  | { readonly input: 'open'; readonly grant: string }
  /** Looks inside: nothing that belongs to anybody changes. */
  | { readonly input: 'service-open'; readonly grant: string }
  /** Ends the rights and the deposit in it; nothing opens. */
  | { readonly input: 'release' }
  | { readonly input: 'assign'; readonly user: UserId }
  | { readonly input: 'withdraw'; readonly user: UserId }
  | { readonly input: 'block' }
  | { readonly input: 'unblock' }
  | { readonly input: 'return-to-service' }
  /** A common code for those to whom the compartment is assigned (5.2). */
  | { readonly input: 'assign-code'; readonly code: AccessCode }
  /** An item lies in it for lending (mode 3). */
  | { readonly input: 'stock'; readonly item?: ItemId }
  /** Nothing lies in it. */
  | { readonly input: 'empty' };

/** What has to be done in the world once the event is durable. */
export type Effect =
  /** Hold a grant for this compartment; void after `validFor`. */
  | {
      readonly effect: 'hold-grant';
      readonly grant: string;
      readonly compartment: CompartmentNumber;
      readonly validFor: Milliseconds;
    }
  /** The compartment that the schema chose failed: ask again, with `access-again`. */
  | { readonly effect: 'ask-again'; readonly replacing: Replacing }
  /** Come back with `open-too-long` after the delay, unless the door is closed by then. */
  | {
      readonly effect: 'watch-open-door';
      readonly compartment: CompartmentNumber;
      readonly for: Milliseconds;
    }
  | { readonly effect: 'door-closed'; readonly compartment: CompartmentNumber }
  /** Ask the item reader of the compartment, and come back with what it sees and then with `settle`. */
  | { readonly effect: 'take-inventory'; readonly compartment: CompartmentNumber }
  /** The recipient of a deposit is to be told its code, and then comes `mail-outcome`. */
  | {
      readonly effect: 'mail-code';
      readonly compartment: CompartmentNumber;
      readonly deposit: string;
      readonly recipient: UserId;
    };

/**
 * The answer to an input: at most one event, which is the decision, and what follows from it once it is
 * durable. A refusal may be on record too, as an event.
 */
export interface Decision {
  readonly event?: CabinetEvent;
  readonly refusal?: Refusal;
  readonly effects: readonly Effect[];
}

/** What a decision rests on besides the state and the input. */
export interface DecisionContext {
  readonly at: Milliseconds;
  /** The schema of the cabinet. */
  readonly schema: Schema;
}

/** An input that changes nothing. */
export const NOTHING: Decision = { effects: [] };

/** A decision with its event and what follows. */
export function decided(event: CabinetEvent, effects: readonly Effect[] = []): Decision {
  return { event, effects };
}

/** A refusal that leaves no event. */
export function refused(refusal: Refusal): Decision {
  return { refusal, effects: [] };
}

/** A refusal that is put on record: `data` says of whom and where. */
export function refusedOnRecord(
  reason: Refusal,
  actor: Actor,
  data: Omit<CabinetEvents['access-refused'], 'reason'>,
): Decision {
  return {
    event: { type: 'access-refused', actor, data: { reason: reason.code, ...data } },
    refusal: reason,
    effects: [],
  };
}
