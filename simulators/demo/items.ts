import type { CabinetState } from '../../domain/cabinet/state.ts';
import type { ItemId } from '../../domain/site.ts';
import type { NewItem } from '../../gateway/administration/items.ts';
import type { DemoPlace } from './devices.ts';

/** A tagged thing of the demo site, and where it lies at the first start. */
interface DemoItem extends NewItem {
  readonly home: DemoPlace;
}

/** What cabinet C lends. */
export const DEMO_ITEMS: readonly DemoItem[] = [
  {
    name: 'Torque wrench',
    tag: 'E28011700000020B1A2C3D01',
    tagKind: 'rfid',
    home: { cabinet: 'C', compartment: 1 },
  },
  {
    name: 'Multimeter',
    tag: 'E28011700000020B1A2C3D02',
    tagKind: 'rfid',
    home: { cabinet: 'C', compartment: 2 },
  },
  {
    name: 'Thermal camera',
    tag: 'E28011700000020B1A2C3D03',
    tagKind: 'rfid',
    home: { cabinet: 'C', compartment: 3 },
  },
];

/**
 * Where an item lies, so that the simulated things are where the log left them; undefined where somebody has it.
 *
 * @param home where it lies if no cabinet has ever heard of it, or misses it
 */
export function placeOf(
  item: ItemId,
  home: DemoPlace,
  cabinets: readonly CabinetState[],
): DemoPlace | undefined {
  for (const { setting, compartments, loans } of cabinets) {
    const found = compartments.find(({ contents }) => contents.some((content) => content.item === item));
    if (found) return { cabinet: setting.id, compartment: found.number };
    if (loans.some((loan) => loan.item === item)) return undefined;
  }
  return home;
}
