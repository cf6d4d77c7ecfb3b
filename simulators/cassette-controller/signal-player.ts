import type { Led, SignalPattern, SignalStep } from '../../domain/cassette/signal.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import type { Timers } from '../simulator.ts';

/** What is seen and heard at this moment. */
export type Shown = Pick<SignalStep, 'led' | 'tone'>;

/** What a controller shows by itself while nobody leads it. */
const OWN: SignalPattern = {
  steps: [
    { led: 'red', tone: 0, lasts: 300 },
    { led: 'amber', tone: 0, lasts: 300 },
  ],
  repeat: true,
};

const LED_OF: readonly Led[] = ['off', 'green', 'amber', 'red'];

/** LEDs and buzzer: one pattern that lasts, and one that is played once in front of it. */
export class SignalPlayer {
  readonly #timers: Timers;
  readonly #changed: (shown: Shown) => void;
  #lasting: SignalPattern | undefined;
  #passing: SignalPattern | undefined;
  #led = false;
  #shown: Shown = { led: 'off', tone: 0 };
  #cancelStep: Unsubscribe | undefined;

  constructor(timers: Timers, changed: (shown: Shown) => void) {
    this.#timers = timers;
    this.#changed = changed;
  }

  get shown(): Shown {
    return this.#shown;
  }

  /** What was ordered to be shown, without what the controller shows by itself. */
  get ordered(): SignalPattern | undefined {
    return this.#passing ?? this.#lasting;
  }

  /** Power comes: nothing was ordered yet. */
  begin(): void {
    this.#led = false;
    this.#lasting = undefined;
    this.#passing = undefined;
    this.#restart();
  }

  /** Whether the gateway leads; without it the controller shows its own pattern. */
  setLed(led: boolean): void {
    if (this.#led === led) return;
    this.#led = led;
    this.#passing = undefined;
    this.#restart();
  }

  play(pattern: SignalPattern): void {
    if (!pattern.repeat) {
      this.#passing = pattern;
      this.#restart();
      return;
    }
    this.#lasting = pattern;
    // What is played once is not cut short.
    if (this.#passing === undefined) this.#restart();
  }

  #restart(): void {
    this.#cancelStep?.();
    this.#step(0);
  }

  #step(index: number): void {
    const pattern = (this.#led ? this.ordered : undefined) ?? OWN;
    const step = pattern.steps[index];
    if (step === undefined) {
      if (!pattern.repeat) this.#passing = undefined;
      this.#step(0);
      return;
    }
    this.#show(step);
    this.#cancelStep = this.#timers.after(step.lasts, () => this.#step(index + 1));
  }

  #show({ led, tone }: SignalStep): void {
    if (this.#shown.led === led && this.#shown.tone === tone) return;
    this.#shown = { led, tone };
    this.#changed(this.#shown);
  }
}

/** The pattern in the payload of a request; undefined where it is none. */
export function readSignal(payload: Buffer): SignalPattern | undefined {
  const [repeat = 2, count = 0] = payload;
  if (repeat > 1 || count < 1 || count > 16 || payload.length !== 2 + 5 * count) return undefined;
  const steps: SignalStep[] = [];
  for (let at = 2; at < payload.length; at += 5) {
    const led = LED_OF[payload.readUInt8(at)];
    const tone = payload.readUInt16BE(at + 1);
    const lasts = payload.readUInt16BE(at + 3);
    if (led === undefined || tone > 20_000 || lasts < 10 || lasts > 60_000) return undefined;
    steps.push({ led, tone, lasts });
  }
  return { steps, repeat: repeat === 1 };
}
