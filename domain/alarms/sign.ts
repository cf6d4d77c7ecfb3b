/** What events say about alarms. */
import type { AlarmSource, AlarmValues } from './alarm.ts';
import type { AlarmKind } from './kinds.ts';

/** One thing that an event says: an alarm came up, or is over. */
export interface AlarmSign {
  readonly sign: 'raised' | 'over';
  readonly kind: AlarmKind;
  readonly source: AlarmSource;
  /** What tells it from others of its kind and source. */
  readonly part?: string;
  readonly values?: AlarmValues;
}
