/** All alarms of a gateway: the fold of their events. */
import type { CabinetId } from '../site.ts';
import { AlarmBook } from './book.ts';
import type { ReadTo } from './events.ts';

export interface AlarmState {
  /** Alarms that go on, that somebody has still to see to, or that somebody has set apart for the next time. */
  readonly alarms: AlarmBook;
  /** Occurrences so far. */
  readonly occurrences: number;
  /** By stream, how far it has been read for signs. */
  readonly read: ReadonlyMap<string, ReadTo>;
  /** By cabinet, the alarms about it and its compartments that go on. Follows from the alarms. */
  readonly standing: ReadonlyMap<CabinetId, AlarmBook>;
}

export const NO_ALARMS: AlarmState = {
  alarms: AlarmBook.EMPTY,
  occurrences: 0,
  read: new Map(),
  standing: new Map(),
};
