import type { Actor } from '../event.ts';
import type { Refusal, RefusalCode } from '../refusals.ts';
import type { Person, Schema } from '../schemas/schema.ts';
import type { BoardId, CabinetSetting, CompartmentNumber, Milliseconds, ReaderId, UserId } from '../site.ts';
import type { CabinetEvent, LockFailure } from './events.ts';

/** What a person presented, where, and who they turned out to be. */
export interface Identification extends Person {
  readonly credential: string;
  readonly reader: ReaderId;
}

/** Everything that can be asked of a cabinet or can happen to it. */
export type CabinetInput =
  /** An identified person asks for a compartment. `grant`: the public id that a grant will have. */
  | { readonly input: 'access'; readonly person: Identification; readonly grant: string }
  /** As `access`, after the compartment that was granted as a new one could not be opened. */
  | {
      readonly input: 'access-again';
      readonly person: Person;
      readonly grant: string;
      readonly insteadOf: CompartmentNumber;
      /** How many compartments have failed for this person, one after the other. 1 or more. */
      readonly replaced: number;
    }
  /** Somebody was turned away before the cabinet was asked; put it on record. */
  | {
      readonly input: 'turned-away';
      readonly reason: RefusalCode;
      readonly kind: 'card' | 'pin';
      readonly reader: ReaderId;
      readonly user?: UserId;
      readonly credential?: string;
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
  | { readonly input: 'configure'; readonly setting: CabinetSetting }
  | AdministrativeInput;

/** What an administrator may ask. Each wants a reason in words. */
export type AdministrativeInput = {
  readonly actor: Actor;
  readonly reason: string;
  readonly compartment: CompartmentNumber;
} & (
  | { readonly input: 'open'; readonly grant: string }
  | { readonly input: 'release' }
  | { readonly input: 'assign'; readonly user: UserId }
  | { readonly input: 'withdraw'; readonly user: UserId }
  | { readonly input: 'block' }
  | { readonly input: 'unblock' }
  | { readonly input: 'return-to-service' }
);

/** What has to be done in the world once the event is durable. */
export type Effect =
  /** Hold a grant for this compartment; void after `validFor`. */
  | {
      readonly effect: 'hold-grant';
      readonly grant: string;
      readonly compartment: CompartmentNumber;
      readonly validFor: Milliseconds;
    }
  /** The compartment failed under a new allocation: ask again for this user, with `access-again`. */
  | {
      readonly effect: 'ask-again';
      readonly user: UserId;
      readonly insteadOf: CompartmentNumber;
      readonly replaced: number;
    }
  /** Come back with `open-too-long` after the delay, unless the door is closed by then. */
  | {
      readonly effect: 'watch-open-door';
      readonly compartment: CompartmentNumber;
      readonly for: Milliseconds;
    }
  | { readonly effect: 'door-closed'; readonly compartment: CompartmentNumber };

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
