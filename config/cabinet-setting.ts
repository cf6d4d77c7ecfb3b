import {
  CABINET_DEFAULTS,
  type CabinetSetting,
  type CompartmentNumber,
  type CompartmentSetting,
  type PinBounds,
} from '../domain/site.ts';
import type { SiteCabinet, SiteFile } from './site.ts';

/** Times and counts of doors where the site file names none. Seconds, and pulses. */
const DOOR_DEFAULTS = {
  opensWithinSeconds: 3,
  attempts: 3,
  leftOpenAfterSeconds: 60,
  grantValidSeconds: 10,
} as const;

/** Bounds of the PINs that users have: what the site file says, 4 to 16 digits otherwise. */
export function pinBounds(site: Pick<SiteFile, 'pins'>): PinBounds {
  return { ...CABINET_DEFAULTS.pins, ...site.pins };
}

/** A cabinet of a checked site file, as the domain knows it. */
export function cabinetSetting(cabinet: SiteCabinet, site: Pick<SiteFile, 'site' | 'pins'>): CabinetSetting {
  const { twoPersons, overdueAfterHours } = cabinet;
  return {
    id: cabinet.id,
    kind: cabinet.kind,
    schema: cabinet.schema,
    compartments: compartmentsOf(cabinet),
    groups: (cabinet.groups ?? []).map(({ id, compartments, userGroups }) => ({
      id,
      compartments: parseNumbers(compartments),
      userGroups,
    })),
    userGroups: cabinet.userGroups ?? [],
    ...rulesOf(cabinet),
    pins: { ...pinBounds(site), ...cabinet.pins },
    ...(twoPersons && { twoPersons: { userGroups: twoPersons.userGroups ?? [] } }),
    ...(overdueAfterHours !== undefined && { overdueAfter: Math.round(overdueAfterHours * 3_600_000) }),
    timeZone: site.site.timeZone,
  };
}

/** The rules of doors, sessions and passing back, each with its default and in milliseconds. */
function rulesOf({
  doors: ownDoors,
  sessions,
  antiPassback,
}: SiteCabinet): Pick<CabinetSetting, 'doors' | 'sessions' | 'antiPassback'> {
  const doors = { ...DOOR_DEFAULTS, ...ownDoors };
  const { sessions: usual, antiPassback: none } = CABINET_DEFAULTS;
  return {
    doors: {
      opensWithin: doors.opensWithinSeconds * 1_000,
      attempts: doors.attempts,
      leftOpenAfter: doors.leftOpenAfterSeconds * 1_000,
      grantValidFor: doors.grantValidSeconds * 1_000,
    },
    sessions: {
      answerWithin: inMilliseconds(sessions?.answerWithinSeconds) ?? usual.answerWithin,
      useWithin: inMilliseconds(sessions?.useWithinSeconds) ?? usual.useWithin,
    },
    antiPassback: {
      closeFirst: antiPassback?.closeFirst ?? none.closeFirst,
      waitFor: inMilliseconds(antiPassback?.waitSeconds) ?? none.waitFor,
    },
  };
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

/** The compartments of a cabinet, in the order of the site file. */
export function compartmentsOf({ compartments, antennas = [] }: SiteCabinet): CompartmentSetting[] {
  const watched = (number: CompartmentNumber): boolean =>
    antennas.some(({ from, to }) => number >= from && number <= to);
  return compartments.flatMap(({ from, to, board }) =>
    Array.from({ length: to - from + 1 }, (_, step) => {
      const number = from + step;
      return { number, board, ...(watched(number) && { itemReader: true }) };
    }),
  );
}

/** The numbers of a list such as `1-8, 12`, each once, in order. At most 1,000 are read. */
export function parseNumbers(list: string): CompartmentNumber[] {
  const numbers = new Set<number>();
  for (const part of list.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number);
    for (let number = from; number <= to && numbers.size < 1_000; number += 1) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}
