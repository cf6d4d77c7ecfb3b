import type { Right, WeeklyWindow } from '../../domain/rights.ts';

const MINUTES_OF_DAY = 1_440;
const MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY;

/** Whether two rights to one cabinet allow some of the same compartments, at some of the same readers and times. */
export function overlap(one: Omit<Right, 'id'>, other: Omit<Right, 'id'>): boolean {
  return (
    share(one.compartmentGroups, other.compartmentGroups) &&
    share(one.readers, other.readers) &&
    (one.validFrom ?? 0) < (other.validUntil ?? Number.POSITIVE_INFINITY) &&
    (other.validFrom ?? 0) < (one.validUntil ?? Number.POSITIVE_INFINITY) &&
    meet(one.weekly, other.weekly)
  );
}

/** Whether two lists have something in common; a list that is left out stands for everything. */
function share(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return !one || !other || one.some((each) => other.includes(each));
}

function meet(one: readonly WeeklyWindow[] | undefined, other: readonly WeeklyWindow[] | undefined): boolean {
  if (!one || !other) return true;
  const others = other.flatMap(spans);
  return one.flatMap(spans).some(([from, to]) => others.some(([begin, end]) => from < end && begin < to));
}

/** A window as minutes of the week, Monday 00:00 being 0; what runs over the end of Sunday begins the week again. */
function spans({ days, from, to }: WeeklyWindow): readonly (readonly [number, number])[] {
  const length = (minutes(to) - minutes(from) + MINUTES_OF_DAY) % MINUTES_OF_DAY || MINUTES_OF_DAY;
  return days.flatMap((day) => {
    const begin = (day - 1) * MINUTES_OF_DAY + minutes(from);
    const end = begin + length;
    if (end <= MINUTES_OF_WEEK) return [[begin, end] as const];
    return [[begin, MINUTES_OF_WEEK] as const, [0, end - MINUTES_OF_WEEK] as const];
  });
}

function minutes(timeOfDay: string): number {
  const [hours = 0, rest = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + rest;
}
