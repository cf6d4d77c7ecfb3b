import { type Refusal, refusal } from './refusals.ts';
import type {
  CabinetId,
  CabinetSetting,
  CompartmentGroup,
  CompartmentNumber,
  Milliseconds,
  ReaderId,
  UserGroupId,
  UserId,
} from './site.ts';

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

/** Who asks for access to a cabinet, as far as rights are concerned. */
export interface Claimant {
  readonly user: UserId;
  readonly groups: readonly UserGroupId[];
  /** Rights that may concern them; those of other people and cabinets are passed over. */
  readonly rights: readonly Right[];
  /** Where they identified; left out where nobody stands at a reader: then no right is refused for its readers. */
  readonly reader?: ReaderId;
}

/** How far the rights of a person go in one cabinet at one time. */
export interface Reach {
  /** The compartments where they may go; left out: all of the cabinet. Never empty. */
  readonly among?: ReadonlySet<CompartmentNumber>;
  /** The compartments of the groups that were given to them; empty where no group was. */
  readonly given: ReadonlySet<CompartmentNumber>;
  /** Whether they may pick the compartment where the schema would pick the first free one. */
  readonly picks: boolean;
}

/** Why a right does not hold, the reason that is easiest to mend first; that one is told where there are several. */
const OBSTACLES = ['outside-hours', 'wrong-reader', 'not-valid-yet', 'no-longer-valid'] as const;
type Obstacle = (typeof OBSTACLES)[number];

const NO_COMPARTMENTS: ReadonlySet<CompartmentNumber> = new Set();

/**
 * Whether a window is open at a time, on the clocks of a time zone (IANA name; `RangeError` for a name that is none).
 * Clocks on the wall decide: an hour that is skipped in spring is missing from the window, an hour that comes twice
 * in autumn is in it twice. A window that ends where it begins lasts until the same time of the next day.
 */
export function isWithin(window: WeeklyWindow, at: Milliseconds, timeZone: string): boolean {
  const { day, time } = wallClock(at, timeZone);
  const { days, from, to } = window;
  if (from < to) return from <= time && time < to && days.includes(day);
  return (from <= time && days.includes(day)) || (time < to && days.includes(dayBefore(day)));
}

/** Whether a right is valid at a time and one of its windows is open, on the clocks of a time zone (IANA name). */
export function holdsAt(right: Right, at: Milliseconds, timeZone: string): boolean {
  return obstacleOf(right, at, timeZone) === undefined;
}

/**
 * Where the rights of a person let them go in a cabinet, or why nowhere. Membership in a user group of the cabinet
 * is a right without limits; so is being defined at all, where the cabinet names no user groups and nobody gave the
 * person rights to it. Refusals: `no-right-to-cabinet` where nothing was ever given to them, and otherwise what
 * keeps their rights from holding here and now.
 */
export function reachOf(claimant: Claimant, setting: CabinetSetting, at: Milliseconds): Reach | Refusal {
  const named = claimant.rights.filter((right) => concerns(right, claimant, setting));
  const member = setting.userGroups.some((group) => claimant.groups.includes(group));
  if (!member && setting.userGroups.length > 0 && named.length === 0) return noRight(setting);
  const givenByGroup = setting.groups.filter(({ userGroups }) =>
    userGroups.some((group) => claimant.groups.includes(group)),
  );
  if (named.length === 0) return { given: compartmentsIn(givenByGroup), picks: false };

  const holding: Right[] = [];
  const obstacles = new Set<Obstacle>();
  for (const right of named) {
    const obstacle = obstacleOf(right, at, setting.timeZone, claimant.reader);
    if (obstacle) obstacles.add(obstacle);
    else holding.push(right);
  }
  const givenByRight = setting.groups.filter(({ id }) =>
    holding.some(({ compartmentGroups }) => compartmentGroups?.includes(id)),
  );
  const reach = {
    given: compartmentsIn([...givenByGroup, ...givenByRight]),
    picks: holding.some(({ pick }) => pick === true),
  };
  if (member || holding.some(({ compartmentGroups }) => compartmentGroups === undefined)) return reach;
  const among = compartmentsIn(givenByRight);
  if (among.size > 0) return { among, ...reach };
  const obstacle = OBSTACLES.find((candidate) => obstacles.has(candidate));
  return obstacle ? refusal(obstacle, { cabinet: setting.id }) : noRight(setting);
}

function noRight(setting: CabinetSetting): Refusal {
  return refusal('no-right-to-cabinet', { cabinet: setting.id });
}

/** Whether a right is one to this cabinet, and this person's or that of a group of theirs. */
function concerns(right: Right, { user, groups }: Claimant, setting: CabinetSetting): boolean {
  if (right.cabinet !== setting.id) return false;
  return right.user === user || (right.userGroup !== undefined && groups.includes(right.userGroup));
}

/** What keeps a right from holding; undefined where it holds. Without a reader, its readers are not looked at. */
function obstacleOf(
  { validFrom, validUntil, readers, weekly }: Right,
  at: Milliseconds,
  timeZone: string,
  reader?: ReaderId,
): Obstacle | undefined {
  if (validFrom !== undefined && at < validFrom) return 'not-valid-yet';
  if (validUntil !== undefined && at >= validUntil) return 'no-longer-valid';
  if (readers && reader !== undefined && !readers.includes(reader)) return 'wrong-reader';
  if (weekly && !weekly.some((window) => isWithin(window, at, timeZone))) return 'outside-hours';
  return undefined;
}

function compartmentsIn(groups: readonly CompartmentGroup[]): ReadonlySet<CompartmentNumber> {
  if (groups.length === 0) return NO_COMPARTMENTS;
  return new Set(groups.flatMap(({ compartments }) => compartments));
}

function dayBefore(day: Weekday): Weekday {
  return day === 1 ? 7 : ((day - 1) as Weekday);
}

/** One formatter per time zone: making one takes a hundred times longer than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

const WEEKDAYS: Readonly<Record<string, Weekday>> = {
  Mon: 1,
  Tue: 2,
  Wed: 3,
  Thu: 4,
  Fri: 5,
  Sat: 6,
  Sun: 7,
};

/** The day of the week and the time of day (`HH:MM`) that clocks in a time zone show. */
function wallClock(at: Milliseconds, timeZone: string): { readonly day: Weekday; readonly time: TimeOfDay } {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    const shown = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    formatter = new Intl.DateTimeFormat('en-US', { ...shown, timeZone });
    formatters.set(timeZone, formatter);
  }
  let day: Weekday | undefined;
  let hour = '';
  let minute = '';
  for (const { type, value } of formatter.formatToParts(at)) {
    if (type === 'weekday') day = WEEKDAYS[value];
    else if (type === 'hour') hour = value;
    else if (type === 'minute') minute = value;
  }
  if (day === undefined) throw new RangeError(`No weekday is known for ${at} in ${timeZone}.`);
  return { day, time: `${hour}:${minute}` };
}
