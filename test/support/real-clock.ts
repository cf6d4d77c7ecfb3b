/** The time of this computer, for tests against real lines. */
export { systemClock as realClock } from '../../gateway/clock.ts';
