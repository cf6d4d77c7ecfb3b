/** What people see and hear at a cassette: patterns of light and sound as data. */
import type { Milliseconds } from '../site.ts';

export const LEDS = ['off', 'green', 'amber', 'red'] as const;
export type Led = (typeof LEDS)[number];

/** One step of a pattern. */
export interface SignalStep {
  readonly led: Led;
  /** Tone in Hz, 0 for silence, up to 20000. */
  readonly tone: number;
  /** 10 to 60000. */
  readonly lasts: Milliseconds;
}

/** Steps in their order, 1 to 16. `repeat`: over and over, until another pattern takes its place; otherwise once. */
export interface SignalPattern {
  readonly steps: readonly SignalStep[];
  readonly repeat: boolean;
}

/** What is signalled: what lasts as long as its state, and, after the line, what is signalled once. */
export const STANDING_SIGNALS = [
  'unconfigured',
  'service',
  'test',
  'rest',
  'transit',
  'grace',
  'grace-soon',
  'grace-last',
  'full',
  'pre-alarm',
  'second-factor',
  'fault',
  'stained',
] as const;
export const PASSING_SIGNALS = ['accepted', 'refused'] as const;
export type StandingSignal = (typeof STANDING_SIGNALS)[number];
export type PassingSignal = (typeof PASSING_SIGNALS)[number];
export type Signal = StandingSignal | PassingSignal;

export type SignalPatterns = Readonly<Record<Signal, SignalPattern>>;

const step = (led: Led, lasts: Milliseconds, tone = 0): SignalStep => ({ led, tone, lasts });
const over = (...steps: readonly SignalStep[]): SignalPattern => ({ steps, repeat: true });
const once = (...steps: readonly SignalStep[]): SignalPattern => ({ steps, repeat: false });

/**
 * The patterns of a site that says nothing else. A blip is short and rare, a blink has two equal halves; what calls for
 * a hand has sound.
 */
export const DEFAULT_SIGNALS: SignalPatterns = {
  unconfigured: over(step('off', 1_000)),
  service: over(step('green', 500), step('amber', 500)),
  test: over(step('green', 200), step('amber', 200), step('red', 200)),
  rest: over(step('green', 50), step('off', 2_950)),
  transit: over(step('amber', 500), step('off', 500)),
  grace: over(step('amber', 500, 2_000), step('off', 4_500)),
  'grace-soon': over(step('amber', 250, 2_400), step('off', 750)),
  'grace-last': over(step('amber', 100, 3_000), step('off', 150)),
  full: over(step('red', 50), step('off', 2_950)),
  'pre-alarm': over(step('red', 100, 3_200), step('off', 100)),
  'second-factor': over(step('amber', 100), step('green', 100)),
  fault: over(step('red', 300), step('amber', 300)),
  stained: over(step('red', 1_000)),
  accepted: once(step('green', 150, 2_600), step('off', 50)),
  refused: once(
    step('red', 150, 400),
    step('off', 100),
    step('red', 150, 400),
    step('off', 100),
    step('red', 150, 400),
    step('off', 100),
  ),
};
