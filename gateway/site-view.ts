import type { SiteFile } from '../config/site.ts';
import type { SiteView } from './api.ts';

/** A site as nodes, clients and displays know it: what there is, and what it is called. */
export function siteView(site: SiteFile): SiteView {
  return {
    id: site.site.id,
    name: site.site.name,
    cabinets: site.cabinets.map(({ id, name, nameplate }) => ({ id, name, ...(nameplate && { nameplate }) })),
    boards: site.boards.map(({ id, bus, driver }) => ({ id, bus, driver })),
    cassettes: (site.cassettes ?? []).map(({ id, name }) => ({ id, name })),
    panels: (site.panels ?? []).map(({ id, name, cabinet }) => ({ id, name, cabinet })),
    readers: site.readers.map(({ id, cabinet, panel, bus, decide, quietMilliseconds, userGroups }) => ({
      id,
      cabinet,
      panel: panel ?? id,
      bus,
      decide: decide ?? 'flow',
      ...(userGroups !== undefined && { userGroups }),
      ...(quietMilliseconds !== undefined && { quiet: quietMilliseconds }),
    })),
    buses: site.buses.map(({ id, transport }) => ({ id, transport: transport.type })),
  };
}
