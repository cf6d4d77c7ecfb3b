import type { Clock } from '../../gateway/ports.ts';

/** The time of this computer, for tests against real lines. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};
