import { type Asking, offerFor, proposalFor } from '../domain/cabinet/authorization.ts';
import { decide } from '../domain/cabinet/decide.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import {
  type Applicant,
  type CabinetInput,
  type Decision,
  type DecisionContext,
  type Effect,
  type Replacing,
  refused,
} from '../domain/cabinet/inputs.ts';
import { type CabinetState, compartmentOf } from '../domain/cabinet/state.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import type { Proposal, Schema } from '../domain/schemas/schema.ts';
import type { BoardId, CabinetId, CompartmentNumber, ItemId, Milliseconds, UserId } from '../domain/site.ts';
import type { BoardLink } from './board-link.ts';
import { Deadlines } from './deadlines.ts';
import { Doors } from './doors.ts';
import { LogUnavailable } from './event-log/event-log.ts';
import { Opening, type OpeningEnd } from './opening.ts';
import type { Clock, Unsubscribe } from './ports.ts';
import { newId } from './secrets.ts';
import { type Stream, StreamError } from './stream.ts';
import { Waits } from './waits.ts';

type InputOf<Name extends CabinetInput['input']> = Extract<CabinetInput, { input: Name }>;

/** How long to wait before what could not be recorded is put to the stream again. Milliseconds. */
const RECORD_AGAIN: Milliseconds = 5_000;

/** A grant held in memory: the right to open one compartment once. */
export interface HeldGrant {
  readonly grant: string;
  readonly compartment: CompartmentNumber;
  readonly validUntil: Milliseconds;
}

/** What came of asking a cabinet: a decision, or a refusal because it could not decide. */
export interface Answer {
  readonly event?: CabinetEvent;
  readonly refusal?: Refusal;
  readonly effects: readonly Effect[];
}

/** Everything that a cabinet at work is composed of. */
export interface CabinetParts {
  readonly id: CabinetId;
  readonly stream: Stream<CabinetState, CabinetEvent>;
  /** Every schema by its number: an administrator may choose another one at any time. */
  readonly schemas: ReadonlyMap<string, Schema>;
  /** Every board of the site at the moment; those of its compartments are its own. */
  readonly boards: ReadonlyMap<BoardId, BoardLink>;
  readonly clock: Clock;
  /** A defined user as they are known now. */
  readonly applicantOf: (user: UserId) => Applicant;
  /** Asks the item reader of a compartment; resolves once its word was put to `itemSeen`, with whether it answered. */
  readonly takeInventory?: (compartment: CompartmentNumber) => Promise<boolean>;
  /** Told what could not be recorded for now. */
  readonly onTrouble: (message: string) => void;
}

/**
 * A cabinet at work: its stream, its locks and doors, the grants that wait for their pulse and the openings
 * under way. Decisions are the domain's; this carries out what follows from them.
 */
export class Cabinet {
  readonly id: CabinetId;
  readonly #parts: CabinetParts;
  readonly #stream: Stream<CabinetState, CabinetEvent>;
  readonly #clock: Clock;
  readonly #doors: Doors;
  readonly #deadlines: Deadlines;
  readonly #grants = new Map<string, { readonly held: HeldGrant; readonly cancel: Unsubscribe }>();
  readonly #openings = new Map<CompartmentNumber, Opening>();
  /** Of what could not be recorded and is to be put again. */
  readonly #waits: Waits;
  /** By compartment and item, the last word of the item reader, while it is not on record. */
  readonly #itemsSeen = new Map<string, boolean>();
  #unfollow: Unsubscribe = () => {};
  /** Why nothing is done here any more. */
  #stopped: Refusal | undefined;

  constructor(parts: CabinetParts) {
    this.id = parts.id;
    this.#parts = parts;
    this.#stream = parts.stream;
    this.#clock = parts.clock;
    this.#waits = new Waits(parts.clock);
    this.#doors = new Doors({
      id: parts.id,
      state: () => this.state,
      boards: parts.boards,
      clock: parts.clock,
      pulseSent: (compartment) => this.#openings.get(compartment)?.pulseSent ?? false,
      opening: (compartment) => this.#openings.has(compartment),
      holdsGrant: (grant) => this.#grants.has(grant),
      background: (input, forget) => this.#background(input, forget),
      untilRecorded: (input, holds) => void this.#untilRecorded(input, holds),
      recordAgain: () => (this.#mayRecordLater ? RECORD_AGAIN : undefined),
    });
    this.#deadlines = new Deadlines(
      parts.clock,
      () => this.state,
      (input) => this.#untilRecorded(input),
    );
  }

  get state(): CabinetState {
    return this.#stream.state;
  }

  /** The schema that the cabinet works under now. */
  get schema(): Schema {
    return this.#schemaOf(this.state.setting.schema);
  }

  /** Takes up what the stream left open and begins to listen to the boards. */
  start(): void {
    this.#unfollow = this.#stream.onEvent(() => this.#deadlines.follow());
    this.#deadlines.follow();
    this.#doors.start();
    for (const { number, unsettled } of this.state.compartments) {
      if (unsettled) this.#settle(number);
    }
  }

  /**
   * The compartments hang on other wires.
   *
   * @param moved those of which another sensor tells from now on
   */
  rewired(moved: ReadonlySet<CompartmentNumber>): void {
    this.#doors.rewired(moved);
  }

  /**
   * Stops listening; openings under way end as failed at once, and are taken up at the next start.
   *
   * @param why what whoever still asks is told
   */
  async stop(why: Refusal = refusal('gateway-stopping')): Promise<void> {
    this.#stopped = why;
    this.#unfollow();
    this.#doors.stop();
    this.#deadlines.stop();
    for (const { cancel } of this.#grants.values()) cancel();
    this.#waits.end();
    for (const opening of this.#openings.values()) opening.abandon();
    this.#grants.clear();
    await this.#stream.close();
  }

  /**
   * Puts an input to the cabinet and, once the decision is durable, carries out what follows.
   *
   * @param unless asked in its turn: where it holds, nothing is decided
   */
  async submit(input: CabinetInput, unless?: (state: CabinetState) => boolean): Promise<Answer> {
    const decision = await this.#decide(input, unless);
    for (const effect of decision.effects) this.#carryOut(effect);
    return decision;
  }

  /** What a person would be offered now; an undefined user where nobody is named. Changes nothing. */
  proposal(asking: Asking | undefined): Proposal {
    const context = { at: this.#clock.now(), schema: this.schema };
    return asking ? proposalFor(this.state, asking, context) : offerFor(this.state, context);
  }

  /** The grant that a durable decision put here, if it still waits for its pulse. */
  heldGrant(grant: string): HeldGrant | undefined {
    return this.#grants.get(grant)?.held;
  }

  /**
   * An item reader saw an item in a compartment, or misses one; resolves when that is on record, or when it has said
   * otherwise meanwhile.
   */
  async itemSeen(compartment: CompartmentNumber, item: ItemId, present: boolean): Promise<void> {
    const key = `${compartment}/${item}`;
    const holds = (): boolean => this.#itemsSeen.get(key) === present;
    this.#itemsSeen.set(key, present);
    await this.#untilRecorded({ input: 'item-seen', compartment, item, present }, holds);
    if (holds()) this.#itemsSeen.delete(key);
  }

  /**
   * What became of the mail about a deposit; resolves when that is on record, with whether it was news to the cabinet.
   */
  async mailOutcome(outcome: Omit<InputOf<'mail-outcome'>, 'input' | 'session'>): Promise<boolean> {
    const { compartment, deposit } = outcome;
    const input: CabinetInput = { input: 'mail-outcome', ...outcome, session: newId('session') };
    const holds = (): boolean => compartmentOf(this.state, compartment)?.deposit?.id === deposit;
    const answer = await this.#untilRecorded(input, holds);
    return answer?.event !== undefined;
  }

  /** Uses a grant, once: sends the pulse and follows the door. */
  async open(grant: string): Promise<OpeningEnd> {
    const waiting = this.#grants.get(grant);
    if (!waiting) {
      return { opened: false, refusal: this.#stopped ?? refusal('grant-expired') };
    }
    waiting.cancel();
    this.#grants.delete(grant);
    const { compartment } = waiting.held;
    if (!this.#boardOf(compartment)) {
      return { opened: false, refusal: refusal('compartment-not-answering', { compartment }) };
    }
    const opening = new Opening({
      doors: this.state.setting.doors,
      clock: this.#clock,
      // Looked up for each pulse: it may hang elsewhere by then.
      pulse: () => this.#boardOf(compartment)?.unlock(this.id, compartment) ?? noBoard(compartment),
      pulsed: () => this.#doors.pulsed(compartment, grant),
      seenOpen: () => this.#doors.seenOpen(compartment),
    });
    this.#openings.set(compartment, opening);
    const end = await opening.run();
    if (this.#openings.get(compartment) === opening) this.#openings.delete(compartment);
    if (end.outcome === 'opened') return { opened: true, compartment, grant };
    if (end.outcome === 'abandoned') {
      return { opened: false, refusal: this.#stopped ?? refusal('gateway-stopping') };
    }
    return this.#failed(compartment, grant, end.cause, end.attempts);
  }

  async #failed(
    compartment: CompartmentNumber,
    grant: string,
    cause: 'no-answer' | 'door-did-not-open',
    attempts: number,
  ): Promise<OpeningEnd> {
    const input: CabinetInput = { input: 'lock-failed', compartment, grant, cause, attempts };
    const decision = await this.#decide(input);
    if (decision.refusal) {
      void this.#untilRecorded(input);
      return { opened: false, refusal: decision.refusal };
    }
    // Only the open door ends an opening whose pulses go out: it was put on record first.
    if (!decision.event) return { opened: true, compartment, grant };
    const again = decision.effects.find((effect) => effect.effect === 'ask-again');
    if (again) return this.#openAnother(again.replacing);
    const code = cause === 'no-answer' ? 'compartment-not-answering' : 'lock-failed';
    return { opened: false, refusal: refusal(code, { compartment }) };
  }

  async #openAnother(replacing: Replacing): Promise<OpeningEnd> {
    const grant = newId('grant');
    const { user } = replacing;
    const person = user === undefined ? undefined : this.#parts.applicantOf(user);
    const answer = await this.submit({
      input: 'access-again',
      ...(person && { person }),
      grant,
      replacing,
    });
    return answer.refusal ? { opened: false, refusal: answer.refusal } : this.open(grant);
  }

  #boardOf(compartment: CompartmentNumber): BoardLink | undefined {
    const board = compartmentOf(this.state, compartment)?.board;
    return board === undefined ? undefined : this.#parts.boards.get(board);
  }

  #carryOut(effect: Effect): void {
    // What was decided in the last moment is taken up at the next start.
    if (this.#stopped) return;
    switch (effect.effect) {
      case 'hold-grant': {
        const { grant, compartment, validFor } = effect;
        const validUntil = this.#clock.now() + validFor;
        const cancel = this.#clock.after(validFor, () => {
          this.#grants.delete(grant);
          void this.#untilRecorded({ input: 'grant-expired', compartment, grant });
        });
        this.#grants.set(grant, { held: { grant, compartment, validUntil }, cancel });
        return;
      }
      case 'watch-open-door':
        // A door that was merely found open ends nobody's opening.
        if (!compartmentOf(this.state, effect.compartment)?.opening) {
          this.#openings.get(effect.compartment)?.doorOpened();
        }
        this.#doors.watch(effect.compartment, effect.for);
        return;
      case 'door-closed':
        this.#doors.unwatch(effect.compartment);
        return;
      case 'take-inventory':
        this.#settle(effect.compartment);
        return;
      case 'ask-again':
        // Only an opening under way asks again; it sees to that itself, so that its caller learns the end.
        return;
      case 'mail-code':
        // Whoever set the code has it in clear and sees to the mail; nobody else could.
        return;
    }
  }

  /** What the item reader sees after a door was closed, then the word that this was all. */
  #settle(compartment: CompartmentNumber): void {
    void (this.#parts.takeInventory?.(compartment) ?? Promise.resolve(false)).then((answered) => {
      if (!this.#stopped) void this.#untilRecorded({ input: 'settle', compartment, answered });
    });
  }

  /**
   * An input that does not come again by itself: put again and again for as long as it `holds`. Resolves to what came of
   * it, once that is on record; to undefined where it is given up.
   */
  async #untilRecorded(input: CabinetInput, holds: () => boolean = () => true): Promise<Answer | undefined> {
    for (;;) {
      const answer = await this.submit(input);
      if (!answer.refusal) return answer;
      this.#tellUnrecorded(input, answer.refusal);
      if (!this.#mayRecordLater) return undefined;
      await this.#waits.wait(RECORD_AGAIN);
      if (!this.#mayRecordLater || !holds()) return undefined;
    }
  }

  /** Whether what cannot be recorded now may be later: not after a stop, nor once another gateway has the stream. */
  get #mayRecordLater(): boolean {
    return !this.#stopped && !this.#stream.fenced;
  }

  /** An input that nobody waits for. `forget` is called where it could not be recorded, so that it comes again. */
  #background(input: CabinetInput, forget: () => void): void {
    void this.submit(input).then((answer) => {
      if (!answer.refusal) return;
      forget();
      this.#tellUnrecorded(input, answer.refusal);
    });
  }

  #tellUnrecorded({ input }: CabinetInput, { code }: Refusal): void {
    this.#parts.onTrouble(`Cabinet ${this.id}: "${input}" could not be recorded (${code}).`);
  }

  #schemaOf(number: string): Schema {
    const schema = this.#parts.schemas.get(number);
    if (!schema) throw new Error(`Cabinet ${this.id} works under schema ${number}, which is not there.`);
    return schema;
  }

  /** A cabinet that was never configured decides under the schema that it is being given. */
  #contextFor(input: CabinetInput, state: CabinetState, at: Milliseconds): DecisionContext {
    const first = input.input === 'configure' && state.setting.schema === '';
    return { at, schema: this.#schemaOf(first ? input.setting.schema : state.setting.schema) };
  }

  /** The decision on an input, durable; a refusal where none could be taken. */
  async #decide(input: CabinetInput, unless?: (state: CabinetState) => boolean): Promise<Decision> {
    try {
      return await this.#stream.submit((state, at) =>
        unless?.(state) ? { effects: [] } : decide(state, input, this.#contextFor(input, state, at)),
      );
    } catch (error) {
      return refused(this.#refusalFor(error));
    }
  }

  #refusalFor(error: unknown): Refusal {
    if (error instanceof LogUnavailable) return refusal('store-unavailable');
    if (error instanceof StreamError) {
      if (error.code === 'stream-busy') return refusal('gateway-busy');
      if (error.code === 'stream-closed') return this.#stopped ?? refusal('gateway-stopping');
      return refusal('cabinet-owned-elsewhere', { cabinet: this.id });
    }
    throw error;
  }
}

function noBoard(compartment: CompartmentNumber): Promise<never> {
  return Promise.reject(new Error(`Compartment ${compartment} hangs on no board.`));
}
