import type { CompartmentNumber, Milliseconds, PanelId, ReaderId, UserId } from '../site.ts';

/** What a code that opens one compartment is. */
export type AccessCodeKind = 'pin' | 'barcode' | 'qr';

/**
 * A code that belongs to one compartment and not to a user: the PIN of a deposit, a scanned barcode, the common PIN
 * of several users. `verifier` proves the code and does not betray it: an argon2id hash with a key that is kept
 * outside the database for a PIN, a keyed digest for what is scanned.
 */
export interface AccessCode {
  readonly id: string;
  readonly kind: AccessCodeKind;
  readonly verifier: string;
}

/**
 * What the door of a compartment was opened for; decides what its closing means.
 * - `own`: the person holds the compartment and goes on holding it
 * - `once`: the first of several; closing frees it and withdraws every right to it (5.2)
 * - `take`, `return`: an item that is lent (mode 3)
 * - `deposit`, `collect`: something is left for a later pick-up (modes 4 and 6)
 * - `service`: an administrator looks inside; nothing changes
 */
export type Purpose = 'own' | 'once' | 'take' | 'return' | 'deposit' | 'collect' | 'service';

/** Who identified at a panel. Groups and rights are looked up anew at every step, since they may end. */
export interface SessionPerson {
  readonly user: UserId;
  readonly credential: string;
  readonly reader: ReaderId;
}

/** What a session waits for. */
export type SessionStep =
  /** A compartment is to be picked. `code`: the code that was given beforehand (6.3). */
  | { readonly step: 'choose-compartment'; readonly purpose: Purpose; readonly code?: AccessCode }
  /** Another person has to identify before this compartment, or the first one that fits, opens. */
  | { readonly step: 'second-person'; readonly pick?: CompartmentNumber; readonly code?: AccessCode }
  /** A code is to be set before a compartment is picked (6.3). */
  | { readonly step: 'set-code' }
  /** The compartment was granted for a deposit; its door has to be closed. */
  | { readonly step: 'deposit'; readonly compartment: CompartmentNumber }
  /** The deposit lies inside; its recipient is to be chosen. */
  | { readonly step: 'choose-recipient'; readonly compartment: CompartmentNumber }
  /** The deposit lies inside; a PIN is to be set. */
  | { readonly step: 'set-pin'; readonly compartment: CompartmentNumber; readonly recipient?: UserId };

/** Something with several steps that goes on at a panel. It is durable: a restart finds it where it was. */
export interface Session {
  readonly id: string;
  readonly panel: PanelId;
  /** Absent where an undefined user deposits. */
  readonly person?: SessionPerson;
  readonly step: SessionStep;
  /** Since when it has been at this step. */
  readonly since: Milliseconds;
}

/** Why a session ended before its flow did. */
export type SessionEnd = 'cancelled' | 'timed-out' | 'replaced' | 'failed';

/** Whether something lies in a compartment that a session has to finish; otherwise it may end without a trace. */
export function hasLeftSomething({ step }: Session): boolean {
  return step.step === 'choose-recipient' || step.step === 'set-pin';
}

/** Whether a session waits for an answer at its panel, and not for a door. */
export function awaitsAnswer({ step }: Session): boolean {
  return step.step !== 'deposit';
}
