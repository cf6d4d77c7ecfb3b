/** One input being taken: the state as it becomes, the events that make it so, and what is to be done. */
import type { Actor } from '../event.ts';
import { GATEWAY } from '../event.ts';
import type { Milliseconds } from '../site.ts';
import type { CassetteEvent, CassetteEventType, EventOf } from './events.ts';
import { evolveCassette } from './evolve.ts';
import type { Rules } from './rules.ts';
import type { CassetteSetting } from './setting.ts';
import type { PassingSignal } from './signal.ts';
import type { CassetteState, LiveState, RecordedState } from './state.ts';

/** What the runtime has to do at once, in this order. */
export type CassetteEffect =
  | { readonly effect: 'prepare'; readonly ticket: number }
  | { readonly effect: 'fire'; readonly ticket: number }
  /** Asks the controller for another sample at once. */
  | { readonly effect: 'sample' }
  | { readonly effect: 'self-test' }
  /** Shown once; then the standing signal goes on. */
  | { readonly effect: 'signal'; readonly signal: PassingSignal };

export class Turn {
  readonly rules: Rules;
  readonly at: Milliseconds;
  /** Wall-clock time, for what is shown; nothing is decided by it. */
  readonly wall: Milliseconds;
  readonly events: CassetteEvent[] = [];
  readonly effects: CassetteEffect[] = [];
  #recorded: RecordedState;
  #live: LiveState;

  constructor(state: CassetteState, rules: Rules, at: Milliseconds, wall: Milliseconds) {
    this.rules = rules;
    // Monotonic time does not go back; should it, it stands still here.
    this.at = Math.max(at, state.live.at);
    this.wall = wall;
    this.#recorded = state.recorded;
    this.#live = { ...state.live, at: this.at };
  }

  get recorded(): RecordedState {
    return this.#recorded;
  }

  get live(): LiveState {
    return this.#live;
  }

  get state(): CassetteState {
    return { recorded: this.#recorded, live: this.#live };
  }

  /** Everything but `configure` comes after it. */
  get setting(): CassetteSetting {
    if (!this.#recorded.setting) throw new Error('A cassette was asked before it was configured.');
    return this.#recorded.setting;
  }

  emit<Name extends CassetteEventType>(
    type: Name,
    data: EventOf<Name>['data'],
    actor: Actor = GATEWAY,
  ): void {
    const event = { type, actor, data } as EventOf<Name>;
    this.events.push(event);
    this.#recorded = evolveCassette(this.#recorded, event, this.wall);
  }

  follow(live: Partial<LiveState>): void {
    this.#live = { ...this.#live, ...live };
  }

  /** Takes parts of the live state away. */
  forget(...names: readonly ('firing' | 'pendingKey' | 'readings' | 'nextCheckpoint')[]): void {
    const rest: Partial<Record<keyof LiveState, unknown>> = { ...this.#live };
    for (const name of names) delete rest[name];
    this.#live = rest as LiveState;
  }

  act(effect: CassetteEffect): void {
    this.effects.push(effect);
  }
}
