/** Alarms as conditions that begin, end, and are seen to by people (OPC UA Part 9 has the same ideas; ISA-18.2 the words). */
import type { Actor } from '../event.ts';
import type { CabinetId, CassetteId, CompartmentNumber, Milliseconds } from '../site.ts';
import type { AlarmKind } from './kinds.ts';

/** What an alarm is about. */
export type AlarmSource =
  | { readonly source: 'compartment'; readonly cabinet: CabinetId; readonly compartment: CompartmentNumber }
  | { readonly source: 'cabinet'; readonly cabinet: CabinetId }
  | { readonly source: 'cassette'; readonly cassette: CassetteId }
  | { readonly source: 'gateway' };

/**
 * `<kind>@<source>`, and `:<part>` where it has one, e.g. `door-forced@A/12`, `board-lost@A:left`, `stained@cassette:C1`,
 * `bus-lost@gateway:locks`: the same for each occurrence.
 */
export type AlarmId = string;

/** Names and numbers that the sentence of an alarm mentions. Never a secret, never a name of a person. */
export type AlarmValues = Readonly<Record<string, string | number>>;

/** What somebody said of an alarm. */
export interface AlarmComment {
  readonly text: string;
  readonly actor: Actor;
  readonly at: Milliseconds;
}

/** One time that an alarm came up. */
export interface Occurrence {
  /** Counts up with each occurrence of any alarm of the gateway. */
  readonly number: number;
  readonly since: Milliseconds;
  /** When it was over; left out while it is active. */
  readonly ended?: Milliseconds;
  readonly values: AlarmValues;
  readonly acknowledged: boolean;
  readonly acknowledgedAt?: Milliseconds;
  /** Somebody has said that what caused it was seen to, where its kind asks for that. Only once it is acknowledged. */
  readonly confirmed: boolean;
  readonly confirmedAt?: Milliseconds;
}

/** Kept quiet for a while: until a time, or until it comes up again. */
export type Shelving =
  | { readonly shelved: 'until'; readonly until: Milliseconds }
  | { readonly shelved: 'once' };

export interface Alarm {
  readonly id: AlarmId;
  readonly kind: AlarmKind;
  readonly source: AlarmSource;
  /** What tells it from others of its kind and source, such as a board or a reader. */
  readonly part?: string;
  /** The occurrence of the moment, or the last one. */
  readonly current: Occurrence;
  /** Earlier occurrences that nobody acknowledged before the next one came; oldest first, at most 10. */
  readonly earlier: readonly Occurrence[];
  readonly shelving?: Shelving;
  /** Taken out by a person while something is worked on; it goes on, and calls nobody. */
  readonly outOfService: boolean;
  /** Taken out by logic of the site. */
  readonly suppressed: boolean;
  /** Its sound is off until the next occurrence. */
  readonly silenced: boolean;
  readonly enabled: boolean;
  readonly comment?: AlarmComment;
  /** Counts up with each change, from 1 when it is taken into the book. With the number of an occurrence it names one change for ever. */
  readonly revision: number;
  /** Time of the event that changed it last. */
  readonly changedAt: Milliseconds;
}

/** Whether an alarm is to be seen at all: it is active, or somebody has still to see to it. */
export function isRetained({ enabled, current, earlier }: Alarm): boolean {
  return enabled && (isOpen(current) || earlier.length > 0);
}

/** Whether an occurrence goes on, or somebody has still to see to it. */
export function isOpen({ ended, acknowledged, confirmed }: Occurrence): boolean {
  return ended === undefined || !acknowledged || !confirmed;
}

/** Whether it calls for somebody: it is to be seen, and nobody has taken it out. */
export function calls(alarm: Alarm): boolean {
  const quiet = alarm.shelving !== undefined || alarm.outOfService || alarm.suppressed;
  return isRetained(alarm) && !quiet;
}

/** The id of an alarm. @param part what tells it from others of its kind and source, such as a bus or a reader */
export function alarmId(kind: AlarmKind, source: AlarmSource, part?: string): AlarmId {
  return `${kind}@${sourceName(source)}${part === undefined ? '' : `:${part}`}`;
}

/** A source by the ids of the site, no two alike: `A/12`, `A`, `cassette:C1`, `gateway`. */
function sourceName(source: AlarmSource): string {
  switch (source.source) {
    case 'compartment':
      return `${source.cabinet}/${source.compartment}`;
    case 'cabinet':
      return source.cabinet;
    case 'cassette':
      return `cassette:${source.cassette}`;
    case 'gateway':
      return 'gateway';
  }
}
