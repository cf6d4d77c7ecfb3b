import type { Milliseconds } from '../domain/site.ts';

/** Limits of a bus, each with a default that suits two-wire boards at 9600 to 19200 Bd. */
export interface BusLimits {
  /** Silence kept between two frames, so that a board can tell them apart. Default 5. */
  readonly quietGap: Milliseconds;
  /** How long one frame may take to leave. Default 2000. */
  readonly writeWithin: Milliseconds;
  /** The longest that a request may wait for its turn. Default 3000: a pulse must not come when its person has gone. */
  readonly waitWithin: Milliseconds;
  /** Requests that may wait. Default 64. */
  readonly queue: number;
  /** Urgent requests in a row after which one poll has its turn, so that no stream of them keeps devices unheard. Default 8. */
  readonly urgentInARow: number;
  /** Waits before the connection is tried again: doubled each time, from the first to the longest. Default 250, 5000. */
  readonly firstReconnect: Milliseconds;
  readonly longestReconnect: Milliseconds;
}

export const DEFAULT_BUS_LIMITS: BusLimits = {
  quietGap: 5,
  writeWithin: 2_000,
  waitWithin: 3_000,
  queue: 64,
  urgentInARow: 8,
  firstReconnect: 250,
  longestReconnect: 5_000,
};
