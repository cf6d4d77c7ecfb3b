import type { StainerState } from '../../domain/cassette/readings.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import type { Timers } from '../simulator.ts';

/** What a stainer answers to an order: that it was carried out, or the code of a refusal. */
export type OrderResult = 'done' | 'not-prepared' | 'wrong-ticket' | 'inhibited' | 'spent' | 'fault';

export interface StainerOptions {
  readonly timers: Timers;
  /** Whether it is cut off at first. */
  readonly inhibited: boolean;
  readonly preparedMilliseconds: number;
  readonly changed: (state: StainerState) => void;
  readonly fired: (ticket: number) => void;
}

/** The two steps of firing. What stays through a loss of supply is that it was spent, and whether it is inhibited. */
export class Stainer {
  #inhibited: boolean;
  #spent = false;
  #faulty = false;
  #ticket: number | undefined;
  #cancelFallBack: Unsubscribe | undefined;
  readonly #options: StainerOptions;

  constructor(options: StainerOptions) {
    this.#options = options;
    this.#inhibited = options.inhibited;
  }

  get state(): StainerState {
    if (this.#spent) return 'fired';
    if (this.#faulty) return 'fault';
    if (this.#inhibited) return 'inhibited';
    return this.#ticket === undefined ? 'ready' : 'prepared';
  }

  prepare(ticket: number): OrderResult {
    const hindrance = this.#hindrance();
    if (hindrance !== undefined) return hindrance;
    this.#change(() => {
      this.#forget();
      this.#ticket = ticket;
      this.#cancelFallBack = this.#options.timers.after(this.#options.preparedMilliseconds, () =>
        this.fallBack(),
      );
    });
    return 'done';
  }

  fire(ticket: number): OrderResult {
    const hindrance = this.#hindrance();
    if (hindrance !== undefined) return hindrance;
    if (this.#ticket === undefined) return 'not-prepared';
    if (this.#ticket !== ticket) {
      this.fallBack();
      return 'wrong-ticket';
    }
    this.#change(() => {
      this.#forget();
      this.#spent = true;
    });
    this.#options.fired(ticket);
    return 'done';
  }

  setInhibited(inhibited: boolean): void {
    this.#change(() => {
      this.#forget();
      this.#inhibited = inhibited;
    });
  }

  /** Whatever was prepared is prepared no more. */
  fallBack(): void {
    this.#change(() => this.#forget());
  }

  setFaulty(faulty: boolean): void {
    this.#change(() => {
      this.#forget();
      this.#faulty = faulty;
    });
  }

  /** A person puts a new cartridge in. */
  replace(): void {
    this.#change(() => {
      this.#spent = false;
    });
  }

  #hindrance(): OrderResult | undefined {
    if (this.#spent) return 'spent';
    if (this.#faulty) return 'fault';
    return this.#inhibited ? 'inhibited' : undefined;
  }

  #forget(): void {
    this.#ticket = undefined;
    this.#cancelFallBack?.();
    this.#cancelFallBack = undefined;
  }

  #change(change: () => void): void {
    const before = this.state;
    change();
    if (this.state !== before) this.#options.changed(this.state);
  }
}
