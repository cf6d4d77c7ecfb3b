import type { CabinetId, Milliseconds, ReaderId, UserGroupId, UserId } from './site.ts';

/** A day of the week as ISO 8601 counts them: 1 Monday to 7 Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A time of day, `HH:MM`, 00:00 to 23:59, on the clocks of the site. */
export type TimeOfDay = string;

/**
 * Hours of a week. A window that ends at or before its beginning runs into the next day; it belongs to the day on
 * which it begins. It includes its beginning and excludes its end.
 */
export interface WeeklyWindow {
  readonly days: readonly Weekday[];
  readonly from: TimeOfDay;
  readonly to: TimeOfDay;
}

/**
 * The right of one user, or of the members of one user group, to a cabinet or to some of its compartment groups.
 * Rights add up: whoever has several may do what any of them allows.
 */
export interface Right {
  readonly id: string;
  readonly cabinet: CabinetId;
  /** Either a user or a user group. */
  readonly user?: UserId;
  readonly userGroup?: UserGroupId;
  /** Ids of compartment groups of the cabinet; left out: all of its compartments. */
  readonly compartmentGroups?: readonly string[];
  /** Readers at which the right counts; left out: all of them. */
  readonly readers?: readonly ReaderId[];
  /** Whether the person may pick the compartment where the schema would pick the first free one. */
  readonly pick?: boolean;
  readonly validFrom?: Milliseconds;
  /** The right ends at this time. */
  readonly validUntil?: Milliseconds;
  /** Left out: at all times. */
  readonly weekly?: readonly WeeklyWindow[];
}

/** Whether a window is open at a time, on the clocks of a time zone (IANA name). */
export function isWithin(_window: WeeklyWindow, _at: Milliseconds, _timeZone: string): boolean {
  throw new Error('to be written');
}
