import type { CabinetId, PanelId } from '../domain/site.ts';
import type { SiteView } from './api.ts';
import type { Cabinet } from './cabinet.ts';

/** A panel and the cabinet that it serves. */
export interface PanelSeat {
  readonly panel: PanelId;
  readonly cabinet: Cabinet;
}

/** The panels of a site; a reader without one is a panel by itself. */
export function seatsOf(
  { panels, readers }: SiteView,
  cabinets: ReadonlyMap<CabinetId, Cabinet>,
): ReadonlyMap<PanelId, PanelSeat> {
  const seats = new Map<PanelId, PanelSeat>();
  const places = [
    ...panels.map(({ id, cabinet }) => ({ panel: id, cabinet })),
    ...readers.map(({ panel, cabinet }) => ({ panel, cabinet })),
  ];
  for (const { panel, cabinet: id } of places) {
    const cabinet = cabinets.get(id);
    if (cabinet) seats.set(panel, { panel, cabinet });
  }
  return seats;
}
