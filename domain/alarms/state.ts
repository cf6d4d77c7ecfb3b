/** All alarms of a gateway: the fold of their events. */
import type { Alarm, AlarmId } from './alarm.ts';

export interface AlarmState {
  /** Alarms that go on, that somebody has still to see to, or that somebody has set apart for the next time. */
  readonly alarms: ReadonlyMap<AlarmId, Alarm>;
  /** By stream, the number of the last event that has been read for signs. */
  /** Occurrences so far. */
  readonly occurrences: number;
  readonly read: ReadonlyMap<string, number>;
}

export const NO_ALARMS: AlarmState = { alarms: new Map(), occurrences: 0, read: new Map() };
