/** The state of all alarms as plain data, for storing. */
import type { Alarm } from './alarm.ts';
import { AlarmBook } from './book.ts';
import type { Origin } from './events.ts';
import { stands } from './evolve.ts';
import { type AlarmState, NO_ALARMS } from './state.ts';

/** Raised whenever the shape below changes; a snapshot of another version is passed over and the stream refolded. */
const SNAPSHOT_VERSION = 2;

export interface AlarmSnapshot {
  readonly version: number;
  readonly alarms: readonly Alarm[];
  readonly occurrences: number;
  readonly read: readonly Origin[];
}

export function alarmsToSnapshot({ alarms, occurrences, read }: AlarmState): AlarmSnapshot {
  return {
    version: SNAPSHOT_VERSION,
    alarms: [...alarms.values()],
    occurrences,
    read: [...read].map(([stream, to]) => ({ stream, ...to })),
  };
}

/** The state from plain data, or undefined where it is of another version. */
export function alarmsFromSnapshot(snapshot: AlarmSnapshot): AlarmState | undefined {
  const { version, alarms, occurrences, read } = snapshot;
  if (version !== SNAPSHOT_VERSION) return undefined;
  return {
    alarms: AlarmBook.of(alarms),
    occurrences,
    read: new Map(read.map(({ stream, ...to }) => [stream, to])),
    standing: alarms.reduce(stands, NO_ALARMS.standing),
  };
}
