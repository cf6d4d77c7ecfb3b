/** What differs between two site files, by the ids of what they describe. */
import { cassetteBuses } from './cassette-setting.ts';
import { sameJson } from './same-json.ts';
import type { SiteFile } from './site.ts';

/** The lists of a site file whose entries come, go and change while a gateway runs. */
export const LIVE_LISTS = ['cabinets', 'panels', 'buses', 'boards', 'readers', 'itemReaders'] as const;
/** Other fields that count at once. */
const LIVE_FIELDS = ['pins', 'retention', 'userGroups'] as const;

export type LiveList = (typeof LIVE_LISTS)[number];

/** Ids of what was added, removed and changed. */
export interface ListDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export type SiteDifference = Readonly<Record<LiveList, ListDifference>> & {
  /** Names of other fields that differ, e.g. `pins`. */
  readonly fields: readonly string[];
};

/** What a site file says otherwise than the one before. */
export function siteDifference(before: SiteFile, after: SiteFile): SiteDifference {
  const lists = LIVE_LISTS.map(
    (list) => [list, listDifference(before[list] ?? [], after[list] ?? [])] as const,
  );
  const fields = LIVE_FIELDS.filter((field) => !sameJson(before[field], after[field]));
  return { ...(Object.fromEntries(lists) as Record<LiveList, ListDifference>), fields };
}

/** Whether there is any difference. */
export function isDifferent({ fields, ...lists }: SiteDifference): boolean {
  return (
    fields.length > 0 ||
    Object.values(lists).some(
      ({ added, removed, changed }) => added.length + removed.length + changed.length > 0,
    )
  );
}

/** The fields of a site file that differ and count only from the next start on, e.g. `site.name`, `cassettes`. */
export function restartFields(before: SiteFile, after: SiteFile): readonly string[] {
  const live: ReadonlySet<string> = new Set([...LIVE_LISTS, ...LIVE_FIELDS, 'site']);
  const one = before as unknown as Readonly<Record<string, unknown>>;
  const other = after as unknown as Readonly<Record<string, unknown>>;
  const differing = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (field) => !live.has(field) && !sameJson(one[field], other[field]),
  );
  const about = (['id', 'name', 'timeZone', 'language'] as const)
    .filter((field) => before.site[field] !== after.site[field])
    .map((field) => `site.${field}`);
  return [...about, ...differing, ...cassetteBusFields(before, after)];
}

/** The buses of cassettes, where they differ: their wires are guarded without a break. */
function cassetteBusFields(before: SiteFile, after: SiteFile): readonly string[] {
  const guarded = new Set([...cassetteBuses(before), ...cassetteBuses(after)]);
  const transportOf = ({ buses }: SiteFile, bus: string): unknown =>
    buses.find(({ id }) => id === bus)?.transport;
  return [...guarded]
    .filter((bus) => !sameJson(transportOf(before, bus), transportOf(after, bus)))
    .map((bus) => `buses "${bus}"`);
}

function listDifference(
  before: readonly { readonly id: string }[],
  after: readonly { readonly id: string }[],
): ListDifference {
  const known = new Map(before.map((each) => [each.id, each]));
  const wanted = new Map(after.map((each) => [each.id, each]));
  return {
    added: [...wanted.keys()].filter((id) => !known.has(id)),
    removed: [...known.keys()].filter((id) => !wanted.has(id)),
    changed: [...wanted].flatMap(([id, each]) => {
      const other = known.get(id);
      return other && !sameJson(other, each) ? [id] : [];
    }),
  };
}
