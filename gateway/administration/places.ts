import type { SiteFile } from '../../config/site.ts';
import type { CabinetId, PanelId, ReaderId } from '../../domain/site.ts';

/** What there is at a cabinet that a right or an access can name. */
export interface CabinetPlaces {
  readonly compartmentGroups: readonly string[];
  readonly readers: readonly ReaderId[];
  /** A reader without a panel is one by itself. */
  readonly panels: readonly PanelId[];
}

/** The places of a site, by cabinet. */
export function placesOf(
  site: Pick<SiteFile, 'cabinets' | 'readers' | 'panels'>,
): ReadonlyMap<CabinetId, CabinetPlaces> {
  return new Map(
    site.cabinets.map(({ id, groups = [] }) => {
      const readers = site.readers.filter(({ cabinet }) => cabinet === id);
      const panels = (site.panels ?? []).filter(({ cabinet }) => cabinet === id);
      const places = {
        compartmentGroups: groups.map((group) => group.id),
        readers: readers.map((reader) => reader.id),
        panels: [
          ...new Set([...panels.map((panel) => panel.id), ...readers.map((each) => each.panel ?? each.id)]),
        ],
      };
      return [id, places];
    }),
  );
}
