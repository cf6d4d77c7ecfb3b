/** What happens to alarms, as the stream `alarms/<gateway>` has it. */
import type { EventDraft } from '../event.ts';
import type { Milliseconds } from '../site.ts';
import type { AlarmId, AlarmSource, AlarmValues, Shelving } from './alarm.ts';
import type { AlarmKind } from './kinds.ts';

/** The event that said so: how far its stream has been read for alarms. */
export interface Origin {
  readonly stream: string;
  readonly seq: number;
  /** It says more, which follows: it is read once more after a restart in between. */
  readonly more?: true;
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
        /** Counts occurrences of any alarm, from 1. */
        readonly number: number;
        readonly values: AlarmValues;
        readonly origin: Origin;
      }
    >
  | Type<'alarm-over', Handled & { readonly number: number; readonly origin: Origin }>
  | Type<
      'alarm-acknowledged' | 'alarm-confirmed',
      Handled & { readonly number: number; readonly comment?: string }
    >
  | Type<'alarm-commented', Handled & { readonly comment: string }>
  | Type<'alarm-shelved', Handled & { readonly shelving: Shelving; readonly comment?: string }>
  | Type<'alarm-unshelved', Handled & { readonly by: 'person' | 'time' | 'occurrence' }>
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
  | Type<'alarms-caught-up', { readonly read: Readonly<Record<string, number>> }>;

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
