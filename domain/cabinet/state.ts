import type { BoardId, CabinetSetting, CompartmentNumber, Milliseconds, ReaderId, UserId } from '../site.ts';
import type { DoorState } from './door.ts';
import type { LockFailure } from './events.ts';

/** An opening under way: granted, not yet ended by an open door, a failure or a lapse. */
export interface Opening {
  readonly grant: string;
  readonly allocation: 'new' | 'existing' | 'none';
  /** Absent where an administrator opens. */
  readonly user?: UserId;
  readonly since: Milliseconds;
  /** The compartment that this one replaces because its lock failed. */
  readonly insteadOf?: CompartmentNumber;
  /** How many compartments have failed for this person before it, one after the other. */
  readonly replaced?: number;
}

/** What is known of one compartment. */
export interface CompartmentState {
  readonly number: CompartmentNumber;
  readonly board: BoardId;
  readonly door: DoorState;
  /** Since when the door has been in that state. */
  readonly doorSince: Milliseconds | undefined;
  /** Users who hold the compartment. Two or more only under a schema that shares it (2.4). */
  readonly holders: readonly UserId[];
  /** Since when it has been held, while it has holders. */
  readonly occupiedSince: Milliseconds | undefined;
  readonly opening: Opening | undefined;
  /** The reason in words, while an administrator has blocked it. */
  readonly blocked: string | undefined;
  /** What its lock failed with, while it is out of order. */
  readonly outOfOrder: LockFailure | undefined;
}

/** Wrong PINs in a row at one reader. */
export interface WrongTries {
  readonly count: number;
  readonly last: Milliseconds;
}

/** What is known of one cabinet: the fold of its stream. */
export interface CabinetState {
  readonly setting: CabinetSetting;
  /** In the order of their numbers; `compartmentOf` finds one. */
  readonly compartments: readonly CompartmentState[];
  /** Boards that do not answer. */
  readonly lostBoards: ReadonlySet<BoardId>;
  /** Readers at which the last PIN was wrong. */
  readonly wrongTries: ReadonlyMap<ReaderId, WrongTries>;
}

/** The state of a compartment in one word, most urgent first; what OPC UA, panels and reports show. */
export type CompartmentStatus =
  | 'free'
  | 'occupied'
  | 'opening'
  | 'blocked'
  | 'out-of-order'
  | 'not-answering';

/** Names the status of a compartment: a fault shows before a block, a block before an opening, that before occupancy. */
export function statusOf(cabinet: CabinetState, compartment: CompartmentState): CompartmentStatus {
  if (cabinet.lostBoards.has(compartment.board)) return 'not-answering';
  if (compartment.outOfOrder !== undefined) return 'out-of-order';
  if (compartment.blocked !== undefined) return 'blocked';
  if (compartment.opening) return 'opening';
  return compartment.holders.length > 0 ? 'occupied' : 'free';
}

/** The compartment of a number, or undefined where the cabinet has none. */
export function compartmentOf(
  cabinet: CabinetState,
  number: CompartmentNumber,
): CompartmentState | undefined {
  return cabinet.compartments[placeOf(cabinet.compartments, number)];
}

/**
 * Where a compartment stands in the list of its cabinet; -1 where the cabinet has none of that number.
 * Most cabinets number theirs from 1 without a gap, so that is looked at first.
 */
export function placeOf(compartments: readonly CompartmentState[], number: CompartmentNumber): number {
  if (compartments[number - 1]?.number === number) return number - 1;
  return compartments.findIndex((compartment) => compartment.number === number);
}

/** The compartments that a user holds, lowest number first. */
export function compartmentsOf(cabinet: CabinetState, user: UserId): CompartmentState[] {
  return cabinet.compartments.filter((compartment) => compartment.holders.includes(user));
}
