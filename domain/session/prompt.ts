import type { CompartmentNumber, Milliseconds, PanelId } from '../site.ts';
import type { AccessCodeKind } from './session.ts';

/** What a panel asks or says. The words for people are in `texts/prompts/`, in English, Polish and Italian. */
export const PROMPT_CODES = [
  'identify',
  'deposit-or-collect',
  'identify-or-collect',
  'choose-compartment',
  'second-person',
  'set-pin',
  'set-code',
  'choose-recipient',
  'put-in-and-close',
  'open',
  'take-out-and-close',
  'take-item-and-close',
  'return-item-and-close',
  'next-compartment',
  'stored',
  'mail-sent',
  'mail-later',
  'collected',
  'taken',
  'returned',
  'nothing-taken',
  'nothing-returned',
  'wrong-item',
  'abandoned',
  'cancelled',
  'timed-out',
  'fault-noted',
] as const;
export type PromptCode = (typeof PROMPT_CODES)[number];

/** What may be answered to a prompt. */
export type AnswerKind =
  /** A card, PIN, or whatever else a person identifies with. */
  | 'identify'
  /** "I want to deposit something." */
  | 'deposit'
  /** The number of a compartment and its code, or a scanned code alone. */
  | 'collect'
  | 'compartment'
  | 'recipient'
  /** A new PIN, or a scanned code, for a deposit. */
  | 'code'
  | 'cancel'
  | 'fault';

/** A prompt as data: what is asked, and what may be answered. */
export interface Prompt {
  readonly code: PromptCode;
  /** Values for the placeholders of the text. */
  readonly values: Readonly<Record<string, string | number>>;
  readonly answers: readonly AnswerKind[];
  /** Where a compartment is to be chosen: which ones may be. */
  readonly compartments?: readonly CompartmentNumber[];
  /** Where a code is to be set: what it may be. */
  readonly codes?: readonly AccessCodeKind[];
  /** Where a PIN is to be set: fewest and most digits. */
  readonly pin?: { readonly least: number; readonly most: number };
}

/** What goes on at a panel: its prompt, and the session that it belongs to, where there is one. */
export interface PanelState {
  readonly panel: PanelId;
  readonly prompt: Prompt;
  readonly session?: string;
  /** Until when an answer is awaited. */
  readonly until?: Milliseconds;
}
