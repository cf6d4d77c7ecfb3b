import { codeLockout } from '../domain/cabinet/deposits.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import type { CabinetInput, Identification } from '../domain/cabinet/inputs.ts';
import { compartmentOf } from '../domain/cabinet/state.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import { sessionAt } from '../domain/session/prompt.ts';
import {
  type AccessCode,
  type AccessCodeKind,
  awaitsAnswer,
  type Session,
} from '../domain/session/session.ts';
import type { CompartmentNumber, PanelId, UserId } from '../domain/site.ts';
import type { PanelAnswer, PanelView, PresentationReference, Refused } from './api.ts';
import type { Cabinet } from './cabinet.ts';
import { refusedCode } from './credential-kinds.ts';
import { DepositMails } from './deposit-mails.ts';
import type { Directory } from './directory.ts';
import { type Identified, type Identifier, isLongPhoneId, type PresentedAt } from './identifier.ts';
import type { Keyring } from './keyring.ts';
import type { PanelDisplay } from './panel-display.ts';
import type { PanelSeat } from './panel-seats.ts';
import type { Clock, CodeMail, Scan } from './ports.ts';
import { newId } from './secrets.ts';
import { Turns } from './turns.ts';

/** How long a typed compartment number waits for its code. Milliseconds. */
const NUMBER_WAITS = 30_000;
/** A compartment number as it is typed; a PIN has more digits. */
const COMPARTMENT_NUMBER = /^\d{1,3}$/;
/** What undefined users type at a plain keypad to leave something; compartments are counted from 1. */
const TYPED_DEPOSIT = 0;

/** What a reader of a panel read. */
export interface PanelScan {
  readonly scan: Scan;
  readonly at: PresentedAt;
}

export interface PanelParts {
  readonly seats: ReadonlyMap<PanelId, PanelSeat>;
  readonly identifier: Identifier;
  readonly directory: Directory;
  readonly ring: Keyring;
  readonly display: PanelDisplay;
  readonly clock: Clock;
  /** Mail to recipients; left out where none is set up. */
  readonly codeMail?: CodeMail | undefined;
  /** What a reference stands for, once; undefined where it was used or has expired. */
  readonly take: (presentation: PresentationReference) => PanelScan | undefined;
}

/**
 * The panels of a site: what people do there becomes inputs of the cabinet. What has to be remembered between two
 * answers lies in the cabinet's state; only a compartment number that was just typed is kept here.
 */
export class Panels {
  readonly #parts: PanelParts;
  /** Tried where a compartment has no code, so that the answer takes as long. */
  #decoy: Promise<string> | undefined;
  readonly #mails: DepositMails;
  /** What is answered at a panel meets the prompt that the answer before led to, however fast people type. */
  readonly #answers = new Turns();
  readonly #typed = new Map<PanelId, { readonly compartment: CompartmentNumber; readonly at: number }>();

  constructor(parts: PanelParts) {
    this.#parts = parts;
    this.#mails = new DepositMails(parts);
  }

  /** Takes up deposits whose mail was under way when the gateway went down, or the cabinet was taken out of the site. */
  resume(cabinet: Cabinet): void {
    this.#mails.resume(cabinet);
  }

  /** What has ended needs no mail any more. */
  follow(event: CabinetEvent): void {
    this.#mails.follow(event);
  }

  /** Takes an answer at a panel; see `Gateway.answer`. */
  async answer(
    panel: PanelId,
    answer: PanelAnswer,
    session?: string,
  ): Promise<{ readonly ok: true; readonly view: PanelView } | Refused> {
    const seat = this.#parts.seats.get(panel);
    const { display } = this.#parts;
    if (!seat) return display.refused(panel, refusal('panel-unknown', { panel }));
    const attempt = async (): Promise<Refusal | undefined> => {
      const meant = sessionAt(seat.cabinet.state, panel);
      const over = session !== undefined && meant?.id !== session;
      return over ? refusal('session-over') : this.#take(seat, answer, meant);
    };
    const reason = await this.#answers.run(panel, attempt, refusal('gateway-busy'));
    return reason ? display.refused(panel, reason) : display.answered(panel);
  }

  /** Why an answer was not taken; undefined where it was. */
  async #take(
    seat: PanelSeat,
    answer: PanelAnswer,
    session: Session | undefined,
  ): Promise<Refusal | undefined> {
    const { panel } = seat;
    switch (answer.answer) {
      case 'presentation': {
        const presented = this.#parts.take(answer.presentation);
        if (!presented) return refusal('identification-expired');
        if (presented.at.panel !== panel) return refusal('wrong-reader');
        return this.#scanned(seat, presented, session);
      }
      case 'scan':
        // Whoever follows a link may be anywhere; a second person has to come.
        if (session?.step.step === 'second-person' && isLongPhoneId(answer.scan))
          return refusal('panel-busy');
        return this.#scanned(seat, { scan: answer.scan, at: ownInput(seat) }, session);
      case 'login': {
        const { login, password } = answer;
        return this.#identified(
          seat,
          await this.#parts.identifier.logIn(ownInput(seat), login, password),
          session,
        );
      }
      case 'deposit':
        return this.#put(seat, { input: 'deposit', panel, ...fresh() });
      case 'collect':
        return this.#collect(seat, answer.compartment, answer.pin, ownInput(seat));
      case 'compartment':
        return this.#pick(seat, answer.compartment, session);
      case 'recipient':
        return this.#recipient(seat, answer.user, session);
      case 'cancel':
        if (!session) return refusal('answer-unexpected');
        return this.#put(seat, { input: 'cancel', session: session.id, grant: newId('grant') });
      case 'fault': {
        const { compartment, fault } = answer;
        // Whoever has gone to their door has said nothing.
        const user = session && awaitsAnswer(session) ? session.person?.user : undefined;
        return this.#put(seat, {
          input: 'report-fault',
          compartment,
          fault,
          panel,
          ...(user !== undefined && { user }),
        });
      }
    }
  }

  /** What was read or typed is the code that was asked for, part of a pick-up, or an identification. */
  async #scanned(
    seat: PanelSeat,
    { scan, at }: PanelScan,
    session: Session | undefined,
  ): Promise<Refusal | undefined> {
    const { deposits, once } = seat.cabinet.schema;
    const step = session?.step.step;
    if (session && (step === 'set-code' || step === 'set-pin')) return this.#setCode(seat, session, scan);
    if (scan.kind === 'pin') {
      const typed = COMPARTMENT_NUMBER.test(scan.value) ? Number(scan.value) : undefined;
      if (typed === TYPED_DEPOSIT && deposits?.by === 'anybody') {
        this.#typed.delete(seat.panel);
        return this.#put(seat, { input: 'deposit', panel: seat.panel, ...fresh() });
      }
      if (typed !== undefined && step === 'choose-compartment') return this.#pick(seat, typed, session);
      const waiting = this.#typed.get(seat.panel);
      this.#typed.delete(seat.panel);
      if (typed !== undefined && (deposits || once)) {
        this.#typed.set(seat.panel, { compartment: typed, at: this.#parts.clock.now() });
        return undefined;
      }
      // Should the clock be set in between, the number is forgotten.
      if (waiting && Math.abs(this.#parts.clock.now() - waiting.at) < NUMBER_WAITS) {
        return this.#collect(seat, waiting.compartment, scan.value, at);
      }
    }
    if (scan.kind === 'barcode' || scan.kind === 'qr') {
      const found = this.#compartmentFor(seat, scan.kind, scan.value);
      if (found) return this.#collectWith(seat, found.compartment, found.code, at);
    }
    return this.#identified(seat, await this.#parts.identifier.identify(at, scan), session);
  }

  async #identified(
    seat: PanelSeat,
    identified: Identified,
    session: Session | undefined,
  ): Promise<Refusal | undefined> {
    if (!identified.known) return identified.refusal;
    const { person } = identified;
    const { panel, cabinet } = seat;
    if (session?.step.step === 'second-person') {
      const first = await this.#personOf(session, cabinet);
      if (first && 'code' in first) return first;
      if (first) {
        return this.#put(seat, {
          input: 'second',
          session: session.id,
          person: first,
          second: person,
          grant: newId('grant'),
        });
      }
    }
    if (cabinet.schema.deposits?.recipient && !this.#parts.codeMail) {
      return this.#parts.identifier.turnAway(cabinet, refusal('mail-not-set-up'), whoOf(person));
    }
    return this.#put(seat, { input: 'begin', panel, person, ...fresh() });
  }

  async #pick(
    seat: PanelSeat,
    compartment: CompartmentNumber,
    session: Session | undefined,
  ): Promise<Refusal | undefined> {
    if (session?.step.step !== 'choose-compartment') return refusal('answer-unexpected');
    const person = await this.#personOf(session, seat.cabinet);
    if (person && 'code' in person) return person;
    return this.#put(seat, {
      input: 'pick',
      session: session.id,
      compartment,
      ...(person && { person }),
      grant: newId('grant'),
    });
  }

  #recipient(
    seat: PanelSeat,
    user: UserId,
    session: Session | undefined,
  ): Promise<Refusal | undefined> | Refusal {
    if (session?.step.step !== 'choose-recipient') return refusal('answer-unexpected');
    const { directory } = this.#parts;
    if (!directory.isRecipient(user)) return refusal('recipient-unknown');
    if (directory.contactOf(user)?.email === undefined) return refusal('recipient-without-email');
    return this.#put(seat, { input: 'choose-recipient', session: session.id, recipient: user });
  }

  /** A new code for a deposit. It is kept as what proves it; the code itself goes into the mail, if anywhere. */
  async #setCode(
    seat: PanelSeat,
    session: Session,
    { kind: given, value }: Scan,
  ): Promise<Refusal | undefined> {
    const { schema, state } = seat.cabinet;
    const kind = schema.deposits?.codes.find((each) => each === given);
    if (!kind) return refusal('answer-unexpected');
    const flaw = refusedCode({ kind, value }, state.setting.pins);
    if (flaw) return flaw;
    const code = await this.#codeOf(kind, value);
    const answer = await seat.cabinet.submit({ input: 'set-code', session: session.id, code });
    if (answer.refusal) return answer.refusal;
    const mail = answer.effects.find((effect) => effect.effect === 'mail-code');
    if (mail) void this.#mails.deliver(seat.panel, seat.cabinet, mail, value);
    else if (answer.event?.type === 'deposit-stored') {
      this.#parts.display.say({
        panel: seat.panel,
        code: 'stored',
        values: { compartment: answer.event.data.compartment },
      });
    }
    return undefined;
  }

  async #codeOf(kind: AccessCodeKind, value: string): Promise<AccessCode> {
    const { ring } = this.#parts;
    const verifier = kind === 'pin' ? await ring.hashAccessCode(value) : ring.scanVerifier(kind, value);
    return { id: newId('code'), kind, verifier };
  }

  /** The number of a compartment and a PIN. What takes time is done for every number alike. */
  #collect(
    seat: PanelSeat,
    compartment: CompartmentNumber,
    pin: string,
    at: PresentedAt,
  ): Promise<Refusal | undefined> {
    const { identifier, ring, clock } = this.#parts;
    return identifier.inTurn(at.reader, async () => {
      const { state } = seat.cabinet;
      if (codeLockout(state, at.reader, compartment, clock.now())) {
        return this.#collectWith(seat, compartment, undefined, at);
      }
      const codes = (compartmentOf(state, compartment)?.codes ?? []).filter(({ kind }) => kind === 'pin');
      this.#decoy ??= ring.hashAccessCode('0000');
      const tried = codes.length > 0 ? codes : [{ id: undefined, verifier: await this.#decoy }];
      let fitting: string | undefined;
      for (const { id, verifier } of tried) {
        if (await ring.verifyAccessCode(pin, verifier)) fitting = id;
      }
      return this.#collectWith(seat, compartment, fitting, at);
    });
  }

  async #collectWith(
    seat: PanelSeat,
    compartment: CompartmentNumber,
    code: string | undefined,
    { reader }: PresentedAt,
  ): Promise<Refusal | undefined> {
    const user = compartmentOf(seat.cabinet.state, compartment)?.deposit?.recipient;
    if (code !== undefined && user !== undefined) {
      const recipient = { user, credential: code, reader };
      const reason = await this.#parts.identifier.mayNotCollect(seat.cabinet, recipient);
      if (reason) return reason;
    }
    return this.#put(seat, {
      input: 'collect',
      compartment,
      ...(code !== undefined && { code }),
      reader,
      panel: seat.panel,
      grant: newId('grant'),
    });
  }

  /** The lowest compartment that a scanned code opens. */
  #compartmentFor(
    { cabinet }: PanelSeat,
    kind: 'barcode' | 'qr',
    value: string,
  ): { readonly compartment: CompartmentNumber; readonly code: string } | undefined {
    const fits = this.#parts.ring.scanFits(kind, value);
    for (const { number, codes, deposit } of cabinet.state.compartments) {
      if (deposit && deposit.stage !== 'stored') continue;
      const code = codes.find((each) => each.kind === kind && fits(each.verifier));
      if (code) return { compartment: number, code: code.id };
    }
    return undefined;
  }

  /** Whoever began a session, as they are known now; a refusal where they may not go on; undefined for an undefined user. */
  async #personOf({ person }: Session, cabinet: Cabinet): Promise<Identification | Refusal | undefined> {
    if (!person) return undefined;
    const again = await this.#parts.identifier.again(cabinet, person);
    return again.known ? again.person : again.refusal;
  }

  /** Puts an input; where it grants a compartment, that opens by itself. */
  async #put(seat: PanelSeat, input: CabinetInput): Promise<Refusal | undefined> {
    const answer = await seat.cabinet.submit(input);
    if (answer.refusal) return answer.refusal;
    if (answer.event?.type === 'compartment-granted') void this.#open(seat, answer.event.data.grant);
    return undefined;
  }

  async #open({ panel, cabinet }: PanelSeat, grant: string): Promise<void> {
    const end = await cabinet.open(grant);
    if (!end.opened) this.#parts.display.say({ panel, ...end.refusal });
  }
}

/** Ids of a session and a grant that an input may make use of. */
function fresh(): { readonly session: string; readonly grant: string } {
  return { session: newId('session'), grant: newId('grant') };
}

/** Whose identification a refusal is about. */
function whoOf({ user, credential, reader, duress }: Identification) {
  return { user, credential, reader, ...(duress && { duress }) };
}

/** What is typed or scanned at the panel itself counts as read by a reader of the panel's id. */
function ownInput({ panel, cabinet }: PanelSeat): PresentedAt {
  return { cabinet, reader: panel, panel };
}
