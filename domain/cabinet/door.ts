import type { Milliseconds } from '../site.ts';

/**
 * The door of one compartment as events tell it. `forced` and `left-open` are open doors with an alarm.
 * `unknown` until its board has first answered.
 */
export type DoorState = 'unknown' | 'closed' | 'open' | 'left-open' | 'forced';

/** What can happen to a door. */
export type DoorInput =
  /** The sensor says open. `expected`: a pulse was sent for an opening that is still under way. */
  | { readonly input: 'sensor-open'; readonly expected: boolean }
  | { readonly input: 'sensor-closed' }
  /** The time that a door may stand open has passed. */
  | { readonly input: 'open-too-long' };

/** What a door's change means to the log. */
export type DoorOutcome = 'opened' | 'closed' | 'forced' | 'left-open' | 'found';

/** One step of the door machine: where it goes and what is to be recorded. */
export interface DoorStep {
  readonly to: DoorState;
  readonly outcome: DoorOutcome;
}

/** Whether somebody could reach inside. */
export function isOpen(door: DoorState): boolean {
  return door === 'open' || door === 'left-open' || door === 'forced';
}

/**
 * The door machine. Returns undefined where the input changes nothing, as a sensor that repeats itself does.
 *
 * A door that is open already and for which a pulse was sent counts as opened anew: the sensor may be broken,
 * and the pulse was sent whatever it said.
 */
export function nextDoor(door: DoorState, input: DoorInput): DoorStep | undefined {
  switch (input.input) {
    case 'sensor-open':
      if (input.expected) return { to: 'open', outcome: 'opened' };
      if (door === 'unknown') return { to: 'open', outcome: 'found' };
      if (door === 'closed') return { to: 'forced', outcome: 'forced' };
      return undefined;
    case 'sensor-closed':
      if (door === 'unknown') return { to: 'closed', outcome: 'found' };
      if (isOpen(door)) return { to: 'closed', outcome: 'closed' };
      return undefined;
    case 'open-too-long':
      return door === 'open' ? { to: 'left-open', outcome: 'left-open' } : undefined;
  }
}

/** For how long a door that was opened at `since` may stand open still. A clock that was set back makes it no longer. */
export function mayStandOpenFor(
  since: Milliseconds,
  leftOpenAfter: Milliseconds,
  now: Milliseconds,
): Milliseconds {
  const passed = Math.max(0, now - since);
  return Math.max(0, leftOpenAfter - passed);
}
