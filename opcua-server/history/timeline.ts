/** How the value of a variable follows from the events of the log. */
import { type StatusCode, StatusCodes, Variant } from 'node-opcua';
import type { LoggedEvent } from '../../domain/event.ts';
import type { Milliseconds } from '../../domain/site.ts';
import { type HistoryLog, merged, type Source, type Steps } from './log.ts';

/** What a variable showed. */
export interface Shown {
  readonly value: Variant;
  readonly status: StatusCode;
}

/** What a variable showed from a time on. */
export interface Change {
  readonly at: Milliseconds;
  readonly shown: Shown;
}

const NO_VALUE: Shown = { value: new Variant(), status: StatusCodes.BadNoData };

/** What was before a time. */
export interface Past<State> {
  /** What the events are folded from, and when that was. */
  readonly state: State;
  readonly since: Milliseconds;
  /** Oldest first. */
  readonly events: readonly LoggedEvent[];
}

/** The fold of the events that a variable depends on. */
export interface Timeline<State = unknown> {
  /** The events that it depends on. */
  readonly sources: readonly Source[];
  /** Finds in the log what was before a time. */
  before(log: HistoryLog, time: Milliseconds): Steps<never, Past<State>>;
  next(state: State, event: LoggedEvent): State;
  /** Undefined where there was no value yet. */
  shown(state: State): Shown | undefined;
}

/** A timeline under way: the state after the last event, and since when what is shown has been so. */
export class Follower<State> {
  readonly #timeline: Timeline<State>;
  #state: State;
  #last: Change | undefined;

  private constructor(timeline: Timeline<State>, { state, since }: Past<State>) {
    this.#timeline = timeline;
    this.#state = state;
    const shown = timeline.shown(state);
    this.#last = shown && { at: since, shown };
  }

  /** A follower that knows everything before a time. */
  static async *before<State>(
    timeline: Timeline<State>,
    log: HistoryLog,
    time: Milliseconds,
  ): Steps<never, Follower<State>> {
    const past = yield* timeline.before(log, time);
    const follower = new Follower(timeline, past);
    for (const event of past.events) follower.take(event);
    return follower;
  }

  /** What is shown; undefined where there is no value yet. */
  get last(): Change | undefined {
    return this.#last;
  }

  /** Takes the next event; true where it changes what is shown. */
  take(event: LoggedEvent): boolean {
    this.#state = this.#timeline.next(this.#state, event);
    const shown = this.#timeline.shown(this.#state);
    if (same(shown, this.#last?.shown)) return false;
    this.#last = { at: Date.parse(event.at), shown: shown ?? NO_VALUE };
    return true;
  }
}

/**
 * The changes of a variable from a time on, before another: of several at the same moment the last one. The
 * follower knows what was before, and goes along.
 */
export async function* changesOf<State>(
  log: HistoryLog,
  timeline: Timeline<State>,
  follower: Follower<State>,
  from: Milliseconds,
  until: Milliseconds | undefined,
): Steps<Change> {
  let pending: Change | undefined;
  for await (const event of merged(timeline.sources.map((source) => log.read(source, from, until)))) {
    if (!event) {
      yield undefined;
      continue;
    }
    if (pending && pending.at !== Date.parse(event.at)) {
      yield pending;
      pending = undefined;
    }
    if (follower.take(event)) pending = follower.last;
  }
  if (pending) yield pending;
}

/** What had a value and has none any more shows NO_VALUE; what never had one shows nothing. */
function same(one: Shown | undefined, other: Shown | undefined): boolean {
  if (!one || !other) return (one ?? NO_VALUE) === (other ?? NO_VALUE);
  return one.status === other.status && one.value.value === other.value.value;
}
