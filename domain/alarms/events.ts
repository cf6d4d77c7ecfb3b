/** What happens to alarms, as the stream `alarms/<gateway>` has it. */
import type { EventDraft } from '../event.ts';
import type { Milliseconds } from '../site.ts';
import type { AlarmId, AlarmSource, AlarmValues, Shelving } from './alarm.ts';
import type { AlarmKind } from './kinds.ts';

/** How far a stream has been read for signs of alarms. */
export interface ReadTo {
  /** Number of the last event that was read. */
  readonly seq: number;
  /** Time of that event. Another one of the same number that is later took the place of one that was never stored. */
  readonly at: Milliseconds;
  /** Only so many of its signs are settled; all are where it is left out. */
  readonly signs?: number;
}

/** The event that said so. Its stream has been read up to it then. */
export interface Origin extends ReadTo {
  readonly stream: string;
}

type Type<Name extends string, Data> = EventDraft<Name, Data>;

/** Something that a person did to an alarm. */
interface Handled {
  readonly alarm: AlarmId;
}

export type AlarmEvent =
  | Type<
      'alarm-raised',
      Handled & {
        readonly kind: AlarmKind;
        readonly source: AlarmSource;
        readonly part?: string;
        /** Counts occurrences of any alarm, from 1. */
        readonly number: number;
        readonly values: AlarmValues;
        /** Left out where it was not an event that told, but the state of something. */
        readonly origin?: Origin;
      }
    >
  | Type<'alarm-over', Handled & { readonly number: number; readonly origin?: Origin }>
  | Type<
      'alarm-acknowledged' | 'alarm-confirmed',
      Handled & { readonly number: number; readonly comment?: string }
    >
  | Type<'alarm-commented', Handled & { readonly comment: string }>
  | Type<'alarm-shelved', Handled & { readonly shelving: Shelving; readonly comment?: string }>
  | Type<'alarm-unshelved', Handled & { readonly by: 'person' | 'time'; readonly comment?: string }>
  | Type<
      | 'alarm-suppressed'
      | 'alarm-released'
      | 'alarm-taken-out'
      | 'alarm-put-back'
      | 'alarm-silenced'
      | 'alarm-enabled'
      | 'alarm-disabled',
      Handled & { readonly comment?: string }
    >
  /** So far have the streams been read in which nothing was to be found. */
  | Type<'alarms-caught-up', { readonly read: readonly Origin[] }>;

/** What a person may do to an alarm, and what that is called in the log. */
export const HANDLINGS = {
  suppress: 'alarm-suppressed',
  release: 'alarm-released',
  'take-out': 'alarm-taken-out',
  'put-back': 'alarm-put-back',
  silence: 'alarm-silenced',
  enable: 'alarm-enabled',
  disable: 'alarm-disabled',
} as const;

/** What somebody asks for. */
export type AlarmCommand =
  | {
      readonly do: 'acknowledge' | 'confirm';
      readonly alarm: AlarmId;
      /** Number of the occurrence; the one of the moment where it is left out. */
      readonly number?: number;
      readonly comment?: string;
    }
  | { readonly do: 'comment'; readonly alarm: AlarmId; readonly comment: string }
  | {
      readonly do: 'shelve';
      readonly alarm: AlarmId;
      readonly lasts: Milliseconds;
      readonly comment?: string;
    }
  | { readonly do: 'shelve-once' | 'unshelve'; readonly alarm: AlarmId; readonly comment?: string }
  | { readonly do: keyof typeof HANDLINGS; readonly alarm: AlarmId; readonly comment?: string };
