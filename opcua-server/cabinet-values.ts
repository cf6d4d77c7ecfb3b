/** What cabinets show over OPC UA, made from their states. */
import {
  type CabinetState,
  type CompartmentState,
  compartmentOf,
  statusOf,
} from '../domain/cabinet/state.ts';
import type { BoardId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { SiteView } from '../gateway/api.ts';
import type { CabinetValue, CompartmentValue, LockBoardValue, ReaderValue } from './cabinet-value.ts';

/** When a compartment became what it is. */
export type TimeOf = (compartment: CompartmentNumber) => Milliseconds;

/**
 * A cabinet as a whole.
 *
 * @param lostBuses that are not connected
 * @param at time of what is not about a compartment
 */
export function cabinetValue(
  cabinet: CabinetState,
  site: SiteView,
  lostBuses: ReadonlySet<string>,
  timeOf: TimeOf,
  at: Milliseconds,
): CabinetValue {
  const { id, schema } = cabinet.setting;
  const { name = id, nameplate } = site.cabinets.find((view) => view.id === id) ?? {};
  return {
    id,
    name,
    schema,
    ...(nameplate && { nameplate }),
    compartments: cabinet.compartments.map((each) => compartmentValue(cabinet, each, timeOf(each.number))),
    boards: boardValues(cabinet, site, at),
    readers: readerValues(cabinet, site, lostBuses, at),
  };
}

/** Its compartments that may show something else than before, as they are now. */
export function changedCompartments(
  before: CabinetState,
  after: CabinetState,
  timeOf: TimeOf,
): readonly CompartmentValue[] {
  // States share what did not change: comparing references is enough. A board that was lost or found changes all of its
  // compartments.
  const sameBoards = before.lostBoards === after.lostBoards;
  return after.compartments
    .filter(
      (compartment) =>
        compartmentOf(before, compartment.number) !== compartment ||
        (!sameBoards && before.lostBoards.has(compartment.board) !== after.lostBoards.has(compartment.board)),
    )
    .map((compartment) => compartmentValue(after, compartment, timeOf(compartment.number)));
}

/** Its lock boards that answer and did not, or the other way round. */
export function changedBoards(
  before: CabinetState,
  after: CabinetState,
  site: SiteView,
  at: Milliseconds,
): readonly LockBoardValue[] {
  if (before.lostBoards === after.lostBoards) return [];
  return boardValues(after, site, at).filter(
    ({ id }) => before.lostBoards.has(id) !== after.lostBoards.has(id),
  );
}

/** The readers of a cabinet. */
export function readerValues(
  { setting }: CabinetState,
  { readers }: SiteView,
  lostBuses: ReadonlySet<string>,
  at: Milliseconds,
): readonly ReaderValue[] {
  return readers
    .filter(({ cabinet }) => cabinet === setting.id)
    .map(({ id, bus, panel }) => ({ id, bus, panel, connected: !lostBuses.has(bus), at }));
}

function boardValues(
  { compartments, lostBoards }: CabinetState,
  site: SiteView,
  at: Milliseconds,
): readonly LockBoardValue[] {
  const numbers = new Map<BoardId, CompartmentNumber[]>();
  for (const { board, number } of compartments) {
    const known = numbers.get(board);
    if (known) known.push(number);
    else numbers.set(board, [number]);
  }
  return [...numbers].map(([id, list]) => {
    const { bus = '', driver = '' } = site.boards.find((board) => board.id === id) ?? {};
    return { id, bus, model: driver, answering: !lostBoards.has(id), compartments: list, at };
  });
}

function compartmentValue(
  cabinet: CabinetState,
  compartment: CompartmentState,
  at: Milliseconds,
): CompartmentValue {
  const { number, door, occupiedSince, holders } = compartment;
  return { number, status: statusOf(cabinet, compartment), door, occupiedSince, holders, at };
}
