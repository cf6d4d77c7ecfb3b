import { type CabinetState, compartmentOf } from '../cabinet/state.ts';
import type { Schema } from '../schemas/schema.ts';
import type { CompartmentNumber, Milliseconds, PanelId, SessionRules } from '../site.ts';
import { type AccessCodeKind, awaitsAnswer, hasLeftSomething, type Session } from './session.ts';

/** What a panel asks or says. The words for people are in `texts/prompts/`, in English, Polish and Italian. */
export const PROMPT_CODES = [
  'identify',
  'deposit-or-collect',
  'identify-or-collect',
  'identify-or-code',
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

/** How long a session may rest at its step. */
export function restsFor({ step }: Session, { answerWithin, useWithin }: SessionRules): Milliseconds {
  return step.step === 'deposit' ? useWithin : answerWithin;
}

/**
 * The session of a panel that its prompt is about. Who has something inside already is asked first, in the order in
 * which they closed their doors; then whoever is asked before anything opens; then the last one that waits for a door.
 */
export function sessionAt(cabinet: CabinetState, panel: PanelId): Session | undefined {
  let asked: Session | undefined;
  let atDoor: Session | undefined;
  for (const session of cabinet.sessions.values()) {
    if (session.panel !== panel) continue;
    if (hasLeftSomething(session)) return session;
    if (awaitsAnswer(session)) asked = session;
    else atDoor = session;
  }
  return asked ?? atDoor;
}

/**
 * What a panel asks. Pure.
 *
 * @param pickable compartments that the person of the session, or an undefined user, may pick from now
 */
export function panelState(
  cabinet: CabinetState,
  panel: PanelId,
  schema: Schema,
  pickable: (session: Session) => readonly CompartmentNumber[],
): PanelState {
  const session = sessionAt(cabinet, panel);
  if (!session) return { panel, prompt: idle(schema) };
  return {
    panel,
    prompt: promptOf(cabinet, session, schema, pickable),
    session: session.id,
    until: session.since + restsFor(session, cabinet.setting.sessions),
  };
}

/** What a panel asks while nothing goes on. */
function idle({ deposits, once }: Schema): Prompt {
  if (deposits?.by === 'anybody') return ask('deposit-or-collect', {}, ['deposit', 'collect', 'fault']);
  if (deposits) return ask('identify-or-collect', {}, ['identify', 'collect', 'fault']);
  if (once) return ask('identify-or-code', {}, ['identify', 'collect', 'fault']);
  return ask('identify', {}, ['identify', 'fault']);
}

function promptOf(
  cabinet: CabinetState,
  session: Session,
  schema: Schema,
  pickable: (session: Session) => readonly CompartmentNumber[],
): Prompt {
  const { step } = session;
  const { pins } = cabinet.setting;
  const codes = schema.deposits?.codes ?? [];
  switch (step.step) {
    case 'choose-compartment':
      return { ...ask('choose-compartment', {}, ['compartment', 'cancel']), compartments: pickable(session) };
    case 'second-person':
      return ask('second-person', {}, ['identify', 'cancel']);
    case 'set-code':
      return { ...ask('set-code', { ...pins }, ['code', 'cancel']), codes, pin: pins };
    case 'deposit':
      // The panel does not wait for a door: whoever comes next may begin.
      return ask(
        takesBack(cabinet, step.compartment) ? 'take-out-and-close' : 'put-in-and-close',
        { compartment: step.compartment },
        idle(schema).answers,
      );
    case 'choose-recipient':
      return ask('choose-recipient', { compartment: step.compartment }, ['recipient', 'cancel']);
    case 'set-pin':
      return {
        ...ask('set-pin', { ...pins, compartment: step.compartment }, ['code', 'cancel']),
        codes,
        pin: pins,
      };
  }
}

function takesBack(cabinet: CabinetState, number: CompartmentNumber): boolean {
  const { opening, use } = compartmentOf(cabinet, number) ?? {};
  return (opening ?? use)?.purpose === 'collect';
}

function ask(code: PromptCode, values: Prompt['values'], answers: readonly AnswerKind[]): Prompt {
  return { code, values, answers };
}
