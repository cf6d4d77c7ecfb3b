import { type CabinetState, statusOf } from '../cabinet/state.ts';
import { type Refusal, refusal } from '../refusals.ts';
import type { BoardId, CompartmentNumber, UserGroupId, UserId } from '../site.ts';

/** An identified person, as a schema needs to know them. */
export interface Person {
  readonly user: UserId;
  readonly groups: readonly UserGroupId[];
}

/** The compartment that a schema picked, and whether the person holds it from now on or did before. */
export interface Choice {
  readonly compartment: CompartmentNumber;
  readonly allocation: 'new' | 'existing';
}

/** How many users an administrator may assign to one compartment under a schema. */
export type Assignment = 'none' | 'one-user' | 'several-users';

/**
 * One of the flows B1…B17 of System S.2.2. A file of this folder exports one as `schema`; which modes offer it
 * under which number stands in `config/modes.json`.
 */
export interface Schema {
  /** The flow's block in the source, `B1` to `B17`. */
  readonly block: string;
  readonly assignment: Assignment;
  /** Which compartment opens for this person, or why none does. Pure. */
  choose(cabinet: CabinetState, person: Person): Choice | Refusal;
}

/** Tells a refusal from a choice. */
export function isRefusal(answer: Choice | Refusal): answer is Refusal {
  return 'code' in answer;
}

/** Boards with a lock that did not answer: not trusted with anything new until they have been heard again. */
function suspectBoards(cabinet: CabinetState): ReadonlySet<BoardId> {
  const suspects = new Set(cabinet.lostBoards);
  for (const compartment of cabinet.compartments) {
    if (compartment.outOfOrder === 'no-answer') suspects.add(compartment.board);
  }
  return suspects;
}

/** The compartment that a person holds already, the lowest number where there are several. */
export function held(cabinet: CabinetState, { user }: Person): Choice | undefined {
  for (const { number, holders } of cabinet.compartments) {
    if (holders.length > 0 && holders.includes(user)) return { compartment: number, allocation: 'existing' };
  }
  return undefined;
}

/**
 * First free = lowest number that is free, closed, not blocked, not out of order (System S.2.2), and on a board
 * that is known to answer. `among` limits the choice to some compartments. Where boards do not answer and
 * nothing else is free, the refusal says that instead of "all taken".
 */
export function firstFree(cabinet: CabinetState, among?: ReadonlySet<CompartmentNumber>): Choice | Refusal {
  const suspects = suspectBoards(cabinet);
  let unreachable = false;
  for (const compartment of cabinet.compartments) {
    if (compartment.holders.length > 0) continue;
    if (among && !among.has(compartment.number)) continue;
    const unheard = suspects.has(compartment.board) || compartment.door === 'unknown';
    if (!unheard && compartment.door === 'closed' && statusOf(cabinet, compartment) === 'free') {
      return { compartment: compartment.number, allocation: 'new' };
    }
    unreachable ||= unheard;
  }
  return unreachable
    ? refusal('cabinet-not-answering', { cabinet: cabinet.setting.id })
    : refusal('no-free-compartment', { cabinet: cabinet.setting.id });
}
