/**
 * How well the server can do its work, as one number (OPC 10000-4, 6.6.2.4.2): 255 while everything is well, 2 to 199 while
 * parts are lost, 1 while there is nothing to be had. 0, maintenance, is shown while the server is being stopped.
 */
import type { CabinetState } from '../../domain/cabinet/state.ts';
import type { Health } from '../../gateway/api.ts';

const HEALTHY = 255;
/** Bounds of the range in which clients are served in part. */
const LEAST_DEGRADED = 2;
const MOST_DEGRADED = 199;
export const NO_DATA = 1;

/** A part, and whether it works. */
type Works = boolean;

/**
 * The service level from the health of a gateway.
 *
 * Lock boards and controllers of cassettes are where the data come from: without any of them, or where nothing can be
 * recorded any more, the level is 1. Otherwise it falls with the share that is lost of them and of buses, item readers, database
 * and journal.
 *
 * @param cabinets of the gateway, whose boards are counted one by one
 * @returns 1 to 255
 */
export function serviceLevelOf(health: Health, cabinets: readonly CabinetState[]): number {
  const { store, journal, itemReaders } = health;
  const sources = [...boardsOf(health, cabinets), ...health.cassettes.map(isOk)];
  const unrecorded = journal.condition === 'down' && store.condition !== 'ok';
  if (unrecorded || (sources.length > 0 && !sources.includes(true))) return NO_DATA;
  const parts = [...sources, ...health.buses.map(isOk), isOk(itemReaders), isOk(store), isOk(journal)];
  const lost = parts.filter((works) => !works).length;
  if (lost === 0) return HEALTHY;
  const share = (parts.length - lost) / parts.length;
  return LEAST_DEGRADED + Math.floor((MOST_DEGRADED - LEAST_DEGRADED) * share);
}

/** The boards of all cabinets; those of a cabinet that another gateway has taken over work for nobody here. */
function boardsOf(health: Health, cabinets: readonly CabinetState[]): Works[] {
  return cabinets.flatMap(({ setting, lostBoards }) => {
    const fenced = health.cabinets.find(({ id }) => id === setting.id)?.condition === 'down';
    const boards = new Set(setting.compartments.map(({ board }) => board));
    return [...boards].map((board) => !fenced && !lostBoards.has(board));
  });
}

function isOk({ condition }: { readonly condition: Health['condition'] }): Works {
  return condition === 'ok';
}
