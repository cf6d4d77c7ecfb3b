/** The real book of alarms over a stream in memory: every decision is durable at once. */
import type { AlarmEvent } from '../../domain/alarms/events.ts';
import { evolveAlarms } from '../../domain/alarms/evolve.ts';
import { type AlarmState, NO_ALARMS } from '../../domain/alarms/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { Role } from '../../domain/identification.ts';
import { AlarmDesk, type AlarmDeskParts } from '../../gateway/alarms/desk.ts';
import { EMPTY_STREAM, seal } from '../../gateway/event-log/chain.ts';
import type { Clock } from '../../gateway/ports.ts';
import { ManualClock } from './manual-clock.ts';

/** @param rolesOf the roles of a user; administrators all where it is left out */
export function memoryAlarms({
  clock = new ManualClock(),
  rolesOf = () => ['administrator'],
}: {
  readonly clock?: Clock;
  readonly rolesOf?: (user: string) => readonly Role[];
} = {}): AlarmDesk {
  return new AlarmDesk({ stream: new MemoryStream(clock), clock, rolesOf });
}

class MemoryStream implements Pick<AlarmDeskParts['stream'], 'state' | 'submit' | 'submitRun' | 'onEvent'> {
  state: AlarmState = NO_ALARMS;
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: LoggedEvent, state: AlarmState) => void>();
  #head = EMPTY_STREAM;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  onEvent(listener: (event: LoggedEvent, state: AlarmState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async submit<Decision extends { readonly event?: AlarmEvent }>(
    decide: (state: AlarmState, at: number) => Decision,
  ): Promise<Decision> {
    const at = this.#clock.now();
    const decision = decide(this.state, at);
    if (decision.event) this.#take(decision.event, at);
    return decision;
  }

  async submitRun<Decision extends { readonly events: readonly AlarmEvent[] }>(
    decide: (state: AlarmState, at: number) => Decision,
  ): Promise<Decision> {
    const at = this.#clock.now();
    const decision = decide(this.state, at);
    for (const event of decision.events) this.#take(event, at);
    return decision;
  }

  #take(draft: AlarmEvent, at: number): void {
    const event = seal('alarms/memory', this.#head, draft, at);
    this.#head = { seq: event.seq, hash: event.hash };
    this.state = evolveAlarms(this.state, draft, at);
    for (const listener of this.#listeners) listener(event, this.state);
  }
}
