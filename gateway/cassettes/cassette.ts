/**
 * One cassette at work: hands every input to its machine, carries out what that answers, puts what happened on record,
 * and sees to it that the controller shows and does what it should. Waits for nothing.
 */
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { CassetteInput } from '../../domain/cassette/inputs.ts';
import { nextCassette } from '../../domain/cassette/next.ts';
import { outputsOf } from '../../domain/cassette/outputs.ts';
import type { CassetteRefusal } from '../../domain/cassette/refusal.ts';
import { cassetteRefusal } from '../../domain/cassette/refusal.ts';
import { RULES } from '../../domain/cassette/rules.ts';
import type { CassetteSetting } from '../../domain/cassette/setting.ts';
import type { PassingSignal, SignalPatterns, StandingSignal } from '../../domain/cassette/signal.ts';
import { type CassetteState, type RecordedState, restored } from '../../domain/cassette/state.ts';
import { nextDue } from '../../domain/cassette/timers.ts';
import type { CassetteEffect } from '../../domain/cassette/turn.ts';
import { type CassetteView, viewOf } from '../../domain/cassette/view.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { CassetteController, Clock, ControllerFrameFault, Unsubscribe } from '../ports.ts';

/** Frames that are passed over are put on record at most once in so long, with how many they were. */
const TELL_REJECTED_EVERY: Milliseconds = 60_000;
/** A machine that fails is told of at most once in so long: it may do so at every sample. */
const TELL_TROUBLE_EVERY: Milliseconds = 60_000;

export interface CassetteParts {
  readonly id: CassetteId;
  readonly name: string;
  /** What the site file says; the machine decides when it counts. */
  readonly setting: CassetteSetting;
  readonly controller: CassetteController;
  readonly signals: SignalPatterns;
  readonly clock: Clock;
  /** Puts events on record; returns at once. `wall`: when they happened. */
  readonly record: (events: readonly CassetteEvent[], wall: Milliseconds) => void;
  readonly onEvents: (events: readonly CassetteEvent[], wall: Milliseconds, view: CassetteView) => void;
  readonly onChange: () => void;
  /** The machine itself has failed at an input: told, and gone on with. */
  readonly onTrouble: (text: string) => void;
  /** Told of a key at the reader of the controller. */
  readonly onKey: (rom: string) => void;
}

export class Cassette {
  readonly id: CassetteId;
  readonly #parts: CassetteParts;
  #state: CassetteState;
  #cancelDue: Unsubscribe = () => {};
  /** What the controller has acknowledged; undefined where that is not known. */
  #shown: StandingSignal | undefined;
  #antiGas: boolean | undefined;
  readonly #bringing = new Set<'inhibit' | 'signal' | 'anti-gas'>();
  #cancelPassing: Unsubscribe | undefined;
  readonly #rejected = new Map<ControllerFrameFault, number>();
  #cancelRejected: Unsubscribe | undefined;
  #troubleToldAt: Milliseconds | undefined;
  #stopped = false;

  /** @param recorded what the log says of it */
  constructor(parts: CassetteParts, recorded: RecordedState) {
    this.id = parts.id;
    this.#parts = parts;
    this.#state = restored(recorded, parts.clock.monotonic());
  }

  get view(): CassetteView {
    const { id, name, setting, clock } = this.#parts;
    return viewOf(this.#state, { id, name, mode: setting.mode }, clock.monotonic());
  }

  get recorded(): RecordedState {
    return this.#state.recorded;
  }

  /** What its readers of keys have to go by. */
  get setting(): CassetteSetting {
    return this.#state.recorded.setting ?? this.#parts.setting;
  }

  start(): void {
    // First what was under way is given up: it would lock a changed configuration.
    this.take({ input: 'restart' });
    this.take({ input: 'configure', setting: this.#parts.setting });
    this.#parts.controller.start({
      sampled: (readings) => void this.take({ input: 'sample', readings }),
      key: (rom) => this.#parts.onKey(rom),
      linked: (up) => {
        // A controller that was away may show anything.
        this.#shown = undefined;
        this.#antiGas = undefined;
        this.take({ input: 'link', up });
      },
      rejected: (reason) => this.#countRejected(reason),
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelDue();
    this.#cancelPassing?.();
    this.#cancelRejected?.();
    await this.#parts.controller.stop();
  }

  /** Takes one input at once; answers why a command or a key did nothing. */
  take(input: CassetteInput): CassetteRefusal | undefined {
    if (this.#stopped) return cassetteRefusal('cassettes-not-running');
    const { clock } = this.#parts;
    const wall = clock.now();
    const before = this.#state.recorded.phase;
    try {
      const step = nextCassette(this.#state, input, { at: clock.monotonic(), wall });
      this.#state = step.state;
      // Firing first: everything else may take its time.
      for (const effect of step.effects) this.#carryOut(effect);
      if (step.events.length > 0) {
        this.#parts.record(step.events, wall);
        this.#parts.onEvents(step.events, wall, this.view);
      }
      this.#planDue();
      this.#bring();
      this.#parts.onChange();
      if (input.input !== 'configure' && this.#state.recorded.phase !== before) this.#reconfigure();
      return step.refusal;
    } catch (error) {
      this.#tellTrouble(input, error);
      return cassetteRefusal('cassettes-not-running');
    }
  }

  #tellTrouble({ input }: CassetteInput, error: unknown): void {
    const { clock, onTrouble } = this.#parts;
    const now = clock.monotonic();
    if (this.#troubleToldAt !== undefined && now - this.#troubleToldAt < TELL_TROUBLE_EVERY) return;
    this.#troubleToldAt = now;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    onTrouble(`Cassette ${this.id} failed at ${input}: ${text}`);
  }

  /** A configuration that was locked counts as soon as nothing stands against it. */
  #reconfigure(): void {
    const { phase, setting } = this.#state.recorded;
    const free = phase === 'rest' || phase === 'service';
    if (free && setting !== undefined) this.take({ input: 'configure', setting: this.#parts.setting });
  }

  #carryOut(effect: CassetteEffect): void {
    const { controller } = this.#parts;
    switch (effect.effect) {
      case 'prepare':
      case 'fire': {
        const { effect: to, ticket } = effect;
        controller[to](ticket).then(
          () => this.take({ input: 'answer', to, ticket, ok: true }),
          (error: unknown) => this.take({ input: 'answer', to, ticket, ok: false, reason: codeOf(error) }),
        );
        return;
      }
      case 'sample':
        // Where it fails the next one comes by itself.
        controller.sample().catch(() => {});
        return;
      case 'self-test':
        controller.selfTest().catch(() => {});
        return;
      case 'signal':
        this.#showOnce(effect.signal);
    }
  }

  #planDue(): void {
    this.#cancelDue();
    this.#cancelDue = () => {};
    const due = nextDue(this.#state, RULES);
    if (due === undefined) return;
    const delay = Math.max(0, due - this.#parts.clock.monotonic());
    this.#cancelDue = this.#parts.clock.after(Math.ceil(delay), () => this.take({ input: 'tick' }));
  }

  /** Brings the controller to what it should show and do; what fails is tried again with the next input. */
  #bring(): void {
    if (this.#state.live.link === 'down') return;
    const { controller, signals } = this.#parts;
    const { inhibited, signal, antiGas } = outputsOf(this.#state);
    const stainer = this.#state.live.readings?.stainer;
    const connected = stainer === 'ready' || stainer === 'prepared';
    if (inhibited ? connected : stainer === 'inhibited') {
      this.#order('inhibit', () => controller.inhibit(inhibited));
    }
    if (antiGas !== (this.#antiGas ?? false)) {
      this.#order('anti-gas', async () => {
        await controller.antiGas(antiGas);
        this.#antiGas = antiGas;
      });
    }
    if (signal !== this.#shown && this.#cancelPassing === undefined) {
      this.#order('signal', async () => {
        await controller.signal(signals[signal]);
        this.#shown = signal;
      });
    }
  }

  #order(what: 'inhibit' | 'signal' | 'anti-gas', carryOut: () => Promise<void>): void {
    if (this.#bringing.has(what)) return;
    this.#bringing.add(what);
    carryOut()
      .catch(() => {})
      .finally(() => this.#bringing.delete(what));
  }

  #showOnce(signal: PassingSignal): void {
    const { controller, signals, clock } = this.#parts;
    if (this.#state.live.link === 'down') return;
    const pattern = signals[signal];
    this.#cancelPassing?.();
    this.#shown = undefined;
    const lasts = pattern.steps.reduce((sum, step) => sum + step.lasts, 0);
    this.#cancelPassing = clock.after(lasts, () => {
      this.#cancelPassing = undefined;
      this.#bring();
    });
    controller.signal(pattern).catch(() => {});
  }

  #countRejected(reason: ControllerFrameFault): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
    if (this.#cancelRejected) return;
    this.#tellRejected();
    this.#cancelRejected = this.#parts.clock.after(TELL_REJECTED_EVERY, () => {
      this.#cancelRejected = undefined;
      this.#tellRejected();
    });
  }

  #tellRejected(): void {
    const counted = [...this.#rejected];
    this.#rejected.clear();
    for (const [reason, count] of counted) this.take({ input: 'rejected', reason, count });
  }
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' ? code : 'failed';
}
