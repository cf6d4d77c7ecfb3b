import type { AccessCode, Purpose, Session, SessionPerson } from '../session/session.ts';
import type {
  BoardId,
  CabinetSetting,
  CompartmentNumber,
  ItemId,
  Milliseconds,
  PanelId,
  ReaderId,
  UserId,
} from '../site.ts';
import type { DoorState } from './door.ts';
import type { LockFailure } from './events.ts';

/** An opening under way: granted, not yet ended by an open door, a failure or a lapse. */
export interface Opening {
  readonly grant: string;
  readonly allocation: 'new' | 'existing' | 'none';
  readonly purpose: Purpose;
  /** Absent where an administrator or an undefined user opens. */
  readonly user?: UserId;
  readonly panel?: PanelId;
  readonly session?: string;
  /** Whether the person picked the compartment; where it fails they pick again, and are given no other one. */
  readonly picked?: boolean;
  readonly since: Milliseconds;
  /** The compartment that this one replaces because its lock failed. */
  readonly insteadOf?: CompartmentNumber;
  /** How many compartments have failed for this person before it, one after the other. */
  readonly replaced?: number;
}

/** What an open door was opened for, from its opening until it is closed. */
export interface Use {
  readonly grant: string;
  readonly purpose: Purpose;
  readonly user?: UserId;
  readonly panel?: PanelId;
  readonly session?: string;
  readonly since: Milliseconds;
  /** The items that lay inside when the door opened, where an item reader says so. */
  readonly found?: readonly ItemId[];
  /** How many items the user had then, where they had any. */
  readonly owed?: number;
}

/** Something that was left in a compartment for a later pick-up. */
export interface Deposit {
  readonly id: string;
  /** The master who left it; absent where an undefined user did. */
  readonly by?: UserId;
  /** Who is to collect it, where that is a defined user. */
  readonly recipient?: UserId;
  /** `open`: being left; `unfinished`: inside, without a code yet; `stored`: inside, and its code opens once. */
  readonly stage: 'open' | 'unfinished' | 'stored';
  readonly since: Milliseconds;
  /** The panel at which it was left and by whom, so that they can be asked again. */
  readonly left?: { readonly panel: PanelId; readonly person?: SessionPerson };
  /** What became of the mail with its code. */
  readonly mail?: 'sent' | 'deferred' | 'refused';
  readonly overdue?: boolean;
}

/** An item that a compartment holds for lending. */
export interface Content {
  /** Absent where nobody said which item it is. */
  readonly item?: ItemId;
}

/** An item that a user has. */
export interface Loan {
  readonly user: UserId;
  readonly item?: ItemId;
  /** Where it was taken from. */
  readonly compartment: CompartmentNumber;
  readonly since: Milliseconds;
  readonly overdue?: boolean;
}

/** What is known of one compartment. */
export interface CompartmentState {
  readonly number: CompartmentNumber;
  readonly board: BoardId;
  readonly door: DoorState;
  /** Since when the door has been in that state. */
  readonly doorSince: Milliseconds | undefined;
  /** Users who hold the compartment. Two or more only under a schema that shares it (2.4, 5.2). */
  readonly holders: readonly UserId[];
  /** Since when it has been taken: held, with a deposit, or holding an item. */
  readonly occupiedSince: Milliseconds | undefined;
  readonly opening: Opening | undefined;
  readonly use: Use | undefined;
  /** A use that has ended and waits for the word of the item reader. */
  readonly unsettled: Use | undefined;
  readonly deposit: Deposit | undefined;
  /** Codes that open it, each once. */
  readonly codes: readonly AccessCode[];
  readonly contents: readonly Content[];
  /** Wrong codes in a row, typed for this compartment. */
  readonly wrongCodes: WrongTries | undefined;
  /** The reason in words, while an administrator has blocked it. */
  readonly blocked: string | undefined;
  /** What its lock failed with, while it is out of order. */
  readonly outOfOrder: LockFailure | undefined;
}

/** What a compartment is before anything has happened to it; its number and board aside. */
export const WITHOUT_ANYTHING = {
  door: 'unknown',
  doorSince: undefined,
  holders: [],
  occupiedSince: undefined,
  opening: undefined,
  use: undefined,
  unsettled: undefined,
  deposit: undefined,
  codes: [],
  contents: [],
  wrongCodes: undefined,
  blocked: undefined,
  outOfOrder: undefined,
} as const satisfies Omit<CompartmentState, 'number' | 'board'>;

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
  /** Readers and panels at which the last PIN or code was wrong. */
  readonly wrongTries: ReadonlyMap<ReaderId, WrongTries>;
  /** What goes on at panels, by session. */
  readonly sessions: ReadonlyMap<string, Session>;
  readonly loans: readonly Loan[];
  /** When each person last opened a compartment, as far as the rule against passing back needs to know. */
  readonly lastUses: ReadonlyMap<UserId, Milliseconds>;
  /** The schema that the site file named when it was last taken over; an administrator may have chosen another since. */
  readonly schemaOfFile: string;
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
  return isTaken(compartment) ? 'occupied' : 'free';
}

/** Whether a compartment is somebody's, holds a deposit or an item, or has a code that opens it. */
export function isTaken({ holders, deposit, contents, codes }: CompartmentState): boolean {
  return holders.length > 0 || deposit !== undefined || contents.length > 0 || codes.length > 0;
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
