/** What stands in the way of other wires, or of taking a cabinet out of the site: people would lose something. */
import { type CabinetState, type CompartmentState, isTaken } from '../domain/cabinet/state.ts';
import type { CompartmentNumber, PanelId } from '../domain/site.ts';

/** Why a cabinet should not be taken out of the site now, in words; undefined where nothing is in the way. */
export function removalObstacle({
  setting,
  compartments,
  loans,
  sessions,
}: CabinetState): string | undefined {
  const taken = compartments.filter(isTaken);
  const reasons = [
    ...(taken.length > 0 ? [`${named(taken)} ${taken.length === 1 ? 'is' : 'are'} taken`] : []),
    ...(loans.length > 0 ? [`${loans.length === 1 ? 'an item is' : `${loans.length} items are`} lent`] : []),
    ...inUse(compartments.filter(isUsed)),
    ...(sessions.size > 0 ? ['somebody is served at a panel'] : []),
  ];
  return reasons.length === 0 ? undefined : `cabinet ${setting.id} cannot go: ${reasons.join('; ')}`;
}

/**
 * Why the wires of compartments should not be touched now; undefined where nothing is in the way.
 *
 * @param touched those that hang elsewhere afterwards, or whose line is interrupted
 */
export function wiresObstacle(
  { setting, compartments }: CabinetState,
  touched: ReadonlySet<CompartmentNumber>,
): string | undefined {
  const used = compartments.filter((each) => touched.has(each.number) && isUsed(each));
  if (used.length === 0) return undefined;
  return `the wires of cabinet ${setting.id} cannot be touched: ${inUse(used).join('; ')}`;
}

/** Why panels should not go, or work otherwise; undefined where nothing is in the way. */
export function panelsObstacle(
  { setting, sessions }: CabinetState,
  touched: ReadonlySet<PanelId>,
): string | undefined {
  const busy = [...sessions.values()].find(({ panel }) => touched.has(panel));
  if (!busy) return undefined;
  return `panel ${busy.panel} of cabinet ${setting.id} cannot go: somebody is served there`;
}

/** Whether a compartment is being opened, stands open for somebody, or waits for the word of an item reader. */
function isUsed({ opening, use, unsettled }: CompartmentState): boolean {
  return opening !== undefined || use !== undefined || unsettled !== undefined;
}

function inUse(used: readonly CompartmentState[]): readonly string[] {
  if (used.length === 0) return [];
  return [
    `${named(used)} ${used.length === 1 ? 'is' : 'are'} being opened or ${used.length === 1 ? 'stands' : 'stand'} open`,
  ];
}

function named(compartments: readonly CompartmentState[]): string {
  const numbers = compartments.map(({ number }) => number).join(', ');
  return `${compartments.length === 1 ? 'compartment' : 'compartments'} ${numbers}`;
}
