import { decide } from '../domain/cabinet/decide.ts';
import { isOpen, leftOpenAt } from '../domain/cabinet/door.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import { type CabinetInput, type Decision, type Effect, refused } from '../domain/cabinet/inputs.ts';
import { type CabinetState, compartmentOf } from '../domain/cabinet/state.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import type { Schema } from '../domain/schemas/schema.ts';
import type {
  BoardId,
  CabinetId,
  CompartmentNumber,
  Milliseconds,
  UserGroupId,
  UserId,
} from '../domain/site.ts';
import { LogUnavailable } from './event-log/event-log.ts';
import type { BoardLink } from './hardware.ts';
import { Opening, type OpeningEnd } from './opening.ts';
import type { Clock, DoorReport, Unsubscribe } from './ports.ts';
import { newId } from './secrets.ts';
import { type Stream, StreamError } from './stream.ts';

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
}

/**
 * A cabinet at work: its stream, its locks and doors, the grants that wait for their pulse and the openings
 * under way. Decisions are the domain's; this carries out what follows from them.
 */
export class Cabinet {
  readonly id: CabinetId;
  readonly #stream: Stream<CabinetState, CabinetEvent>;
  readonly #schema: Schema;
  readonly #boards: ReadonlyMap<BoardId, BoardLink>;
  readonly #clock: Clock;
  readonly #groupsOf: (user: UserId) => readonly UserGroupId[];
  readonly #onTrouble: (message: string) => void;
  readonly #grants = new Map<string, { readonly held: HeldGrant; readonly cancel: Unsubscribe }>();
  readonly #openings = new Map<CompartmentNumber, Opening>();
  readonly #openDoors = new Map<CompartmentNumber, Unsubscribe>();
  /** The last word of each sensor that was put to the stream in this run. */
  readonly #reported = new Map<CompartmentNumber, 'open' | 'closed'>();
  /** Whether each board answers, as it last said itself. */
  readonly #answering = new Map<BoardId, boolean>();
  /** What could not be recorded and waits to be put again. */
  readonly #unrecorded = new Set<Unsubscribe>();
  readonly #unsubscribe: Unsubscribe[] = [];
  #stopped = false;

  constructor(options: {
    readonly id: CabinetId;
    readonly stream: Stream<CabinetState, CabinetEvent>;
    readonly schema: Schema;
    readonly boards: ReadonlyMap<BoardId, BoardLink>;
    readonly clock: Clock;
    readonly groupsOf: (user: UserId) => readonly UserGroupId[];
    /** Told what could not be recorded for now. */
    readonly onTrouble: (message: string) => void;
  }) {
    this.id = options.id;
    this.#stream = options.stream;
    this.#schema = options.schema;
    this.#boards = options.boards;
    this.#clock = options.clock;
    this.#groupsOf = options.groupsOf;
    this.#onTrouble = options.onTrouble;
  }

  get state(): CabinetState {
    return this.#stream.state;
  }

  /** Takes up what the stream left open and begins to listen to the boards. */
  start(): void {
    for (const compartment of this.state.compartments) {
      if (compartment.door !== 'open' || compartment.doorSince === undefined) continue;
      const due = leftOpenAt(compartment.doorSince, this.state.setting.doors.leftOpenAfter);
      this.#watchOpenDoor(compartment.number, Math.max(0, due - this.#clock.now()));
    }
    for (const [board, link] of this.#boards) {
      this.#unsubscribe.push(
        link.listen({
          report: (doors) => this.#report(board, doors),
          answering: (answers) => {
            this.#answering.set(board, answers);
            this.#untilRecorded(
              { input: 'board', board, answers },
              () => this.#answering.get(board) === answers,
            );
          },
        }),
      );
    }
  }

  /** Stops listening; openings under way end as failed at once, and are taken up at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const cancel of this.#openDoors.values()) cancel();
    for (const { cancel } of this.#grants.values()) cancel();
    for (const cancel of this.#unrecorded) cancel();
    for (const opening of this.#openings.values()) opening.abandon();
    this.#grants.clear();
    await this.#stream.close();
  }

  /** Puts an input to the cabinet and, once the decision is durable, carries out what follows. */
  async submit(input: CabinetInput): Promise<Answer> {
    const decision = await this.#decide(input);
    for (const effect of decision.effects) this.#carryOut(effect);
    return decision;
  }

  /** The grant that a durable decision put here, if it still waits for its pulse. */
  heldGrant(grant: string): HeldGrant | undefined {
    return this.#grants.get(grant)?.held;
  }

  /** Uses a grant, once: sends the pulse and follows the door. */
  async open(grant: string): Promise<OpeningEnd> {
    const waiting = this.#grants.get(grant);
    if (!waiting) {
      return { opened: false, refusal: refusal(this.#stopped ? 'gateway-stopping' : 'grant-expired') };
    }
    waiting.cancel();
    this.#grants.delete(grant);
    const { compartment } = waiting.held;
    const board = compartmentOf(this.state, compartment)?.board;
    const link = board === undefined ? undefined : this.#boards.get(board);
    if (!link) return { opened: false, refusal: refusal('compartment-not-answering', { compartment }) };
    const opening = new Opening({
      doors: this.state.setting.doors,
      clock: this.#clock,
      pulse: () => link.unlock(this.id, compartment),
      pulsed: () => this.#pulsed(compartment, grant),
      seenOpen: () => this.#reported.get(compartment) === 'open',
    });
    this.#openings.set(compartment, opening);
    const end = await opening.run();
    if (this.#openings.get(compartment) === opening) this.#openings.delete(compartment);
    if (end.outcome === 'opened') return { opened: true, compartment, grant };
    if (end.outcome === 'abandoned') return { opened: false, refusal: refusal('gateway-stopping') };
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
      this.#untilRecorded(input);
      return { opened: false, refusal: decision.refusal };
    }
    // Only the open door ends an opening whose pulses go out: it was put on record first.
    if (!decision.event) return { opened: true, compartment, grant };
    const again = decision.effects.find((effect) => effect.effect === 'ask-again');
    if (!again) {
      const code = cause === 'no-answer' ? 'compartment-not-answering' : 'lock-failed';
      return { opened: false, refusal: refusal(code, { compartment }) };
    }
    const next = newId('grant');
    const person = { user: again.user, groups: this.#groupsOf(again.user) };
    const { insteadOf, replaced } = again;
    const answer = await this.submit({ input: 'access-again', person, grant: next, insteadOf, replaced });
    return answer.refusal ? { opened: false, refusal: answer.refusal } : this.open(next);
  }

  /** The pulse has left. Where the sensor says "open" already, that is all that will ever be heard of it. */
  #pulsed(compartment: CompartmentNumber, grant: string): void {
    const known = compartmentOf(this.state, compartment);
    if (!known || known.opening?.grant !== grant || !isOpen(known.door)) return;
    this.#doorMoved(compartment, 'open', false);
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
          this.#untilRecorded({ input: 'grant-expired', compartment, grant });
        });
        this.#grants.set(grant, { held: { grant, compartment, validUntil }, cancel });
        return;
      }
      case 'watch-open-door':
        // A door that was merely found open ends nobody's opening.
        if (!compartmentOf(this.state, effect.compartment)?.opening) {
          this.#openings.get(effect.compartment)?.doorOpened();
        }
        this.#watchOpenDoor(effect.compartment, effect.for);
        return;
      case 'door-closed':
        this.#openDoors.get(effect.compartment)?.();
        this.#openDoors.delete(effect.compartment);
        return;
      case 'ask-again':
        // Only an opening under way asks again; it sees to that itself, so that its caller learns the end.
        return;
    }
  }

  #watchOpenDoor(compartment: CompartmentNumber, delay: Milliseconds): void {
    this.#openDoors.get(compartment)?.();
    this.#openDoors.set(
      compartment,
      this.#clock.after(delay, () => {
        this.#openDoors.delete(compartment);
        this.#background({ input: 'open-too-long', compartment }, () => {
          if (this.#mayRecordLater) this.#watchOpenDoor(compartment, RECORD_AGAIN);
        });
      }),
    );
  }

  /** A board's word: whatever differs from what is known becomes an input. */
  #report(board: BoardId, doors: DoorReport): void {
    const link = this.#boards.get(board);
    if (!link) return;
    const unknown: { open: CompartmentNumber[]; closed: CompartmentNumber[] } = { open: [], closed: [] };
    for (const [lock, door] of doors) {
      const number = link.compartmentAt(this.id, lock);
      const known = number === undefined ? undefined : compartmentOf(this.state, number);
      if (number === undefined || !known) continue;
      const before = this.#reported.get(number);
      if (before === door) continue;
      if (known.door === 'unknown' && !known.opening) {
        unknown[door].push(number);
        this.#reported.set(number, door);
        continue;
      }
      const first = before === undefined;
      if (first && known.opening && !this.#openings.has(number)) {
        this.#takeUpOrphan(number, known.opening.grant, door);
      } else if (first && known.door !== 'unknown' && isOpen(known.door) === (door === 'open')) {
        this.#reported.set(number, door);
      } else {
        this.#doorMoved(number, door, first);
      }
    }
    if (unknown.open.length + unknown.closed.length > 0) {
      this.#background({ input: 'doors-found', board, ...unknown }, () => {
        for (const number of [...unknown.open, ...unknown.closed]) this.#reported.delete(number);
      });
    }
  }

  /** An opening that was under way when the gateway went down: its door tells how it ended. */
  #takeUpOrphan(number: CompartmentNumber, grant: string, door: 'open' | 'closed'): void {
    if (this.#grants.has(grant)) return;
    if (door === 'open') {
      this.#doorMoved(number, door, true, true);
      return;
    }
    this.#reported.set(number, door);
    this.#background({ input: 'grant-orphaned', compartment: number, grant }, () =>
      this.#reported.delete(number),
    );
    if (compartmentOf(this.state, number)?.door === 'unknown') this.#doorMoved(number, door, true);
  }

  #doorMoved(
    compartment: CompartmentNumber,
    door: 'open' | 'closed',
    afterAbsence: boolean,
    expected = this.#openings.get(compartment)?.pulseSent ?? false,
  ): void {
    this.#reported.set(compartment, door);
    this.#background({ input: 'door', compartment, open: door === 'open', expected, afterAbsence }, () => {
      this.#reported.delete(compartment);
    });
  }

  /** An input that nobody waits for and that does not come again by itself: put for as long as it `holds`. */
  #untilRecorded(input: CabinetInput, holds: () => boolean = () => true): void {
    this.#background(input, () => {
      if (!this.#mayRecordLater) return;
      const cancel = this.#clock.after(RECORD_AGAIN, () => {
        this.#unrecorded.delete(cancel);
        if (holds()) this.#untilRecorded(input, holds);
      });
      this.#unrecorded.add(cancel);
    });
  }

  /** Whether what cannot be recorded now may be later: not after a stop, nor once another gateway has the stream. */
  get #mayRecordLater(): boolean {
    return !this.#stopped && !this.#stream.fenced;
  }

  /** An input that nobody waits for. `forget` is called where it could not be recorded, so that it comes again. */
  #background(input: CabinetInput, forget?: () => void): void {
    void this.submit(input).then((answer) => {
      if (!answer.refusal) return;
      forget?.();
      this.#onTrouble(`Cabinet ${this.id}: "${input.input}" could not be recorded (${answer.refusal.code}).`);
    });
  }

  /** The decision on an input, durable; a refusal where none could be taken. */
  async #decide(input: CabinetInput): Promise<Decision> {
    try {
      return await this.#stream.submit((state, at) => decide(state, input, { at, schema: this.#schema }));
    } catch (error) {
      return refused(this.#refusalFor(error));
    }
  }

  #refusalFor(error: unknown): Refusal {
    if (error instanceof LogUnavailable) return refusal('store-unavailable');
    if (error instanceof StreamError) {
      if (error.code === 'stream-busy') return refusal('gateway-busy');
      if (error.code === 'stream-closed') return refusal('gateway-stopping');
      return refusal('cabinet-owned-elsewhere', { cabinet: this.id });
    }
    throw error;
  }
}
