import { type CabinetState, type CompartmentState, isTaken, statusOf } from '../cabinet/state.ts';
import type { Role } from '../identification.ts';
import { type Refusal, refusal } from '../refusals.ts';
import type { AccessCodeKind, Purpose } from '../session/session.ts';
import type { BoardId, CompartmentNumber, UserId } from '../site.ts';

/** An identified person whom the cabinet admits, as a schema needs to know them. */
export interface Person {
  readonly user: UserId;
  readonly roles: readonly Role[];
  /** Where their rights let them go; left out: everywhere. */
  readonly among?: ReadonlySet<CompartmentNumber>;
  /** The compartments of the groups that were given to them; empty where no group was. */
  readonly given: ReadonlySet<CompartmentNumber>;
  /** Whether they may pick the compartment where the schema would pick the first free one. */
  readonly picks: boolean;
}

/** The compartment that a schema picked, what it opens for, and whether the person holds it from now on or did before. */
export interface Choice {
  readonly compartment: CompartmentNumber;
  readonly allocation: 'new' | 'existing' | 'none';
  readonly purpose: Purpose;
}

/** The person picks one of these compartments. Never empty; lowest number first. */
export interface Pick {
  readonly pick: readonly CompartmentNumber[];
  readonly allocation: 'new' | 'none';
  readonly purpose: Purpose;
}

/** What a schema answers: a compartment, a choice that the person has, or why there is nothing to open. */
export type Proposal = Choice | Pick | Refusal;

/** How many users an administrator may assign to one compartment under a schema. */
export type Assignment = 'none' | 'one-user' | 'several-users';

/** How something is left for a later pick-up. */
export interface DepositRules {
  /** Who leaves it: an undefined user, or a master. */
  readonly by: 'anybody' | 'master';
  /** Whether a defined user is chosen who is to collect it, and is told the code by mail. */
  readonly recipient: boolean;
  /** Whether the code is set before the compartment opens, or after it was closed. */
  readonly code: 'before' | 'after';
  /** What may be the code. */
  readonly codes: readonly AccessCodeKind[];
}

/**
 * One of the flows B1…B17 of System S.2.2. A file of this folder exports one as `schema`; which modes offer it
 * under which number stands in `config/modes.json`.
 */
export interface Schema {
  /** The flow's block in the source, `B1` to `B17`. */
  readonly block: string;
  readonly assignment: Assignment;
  /** Whether the compartment opens once for all to whom it is assigned (5.2). */
  readonly once?: boolean;
  /** Whether items are lent: taken and returned (mode 3). */
  readonly lends?: boolean;
  readonly deposits?: DepositRules;
  /** Which compartment opens for this person, or which they may pick from, or why none does. Pure. */
  choose(cabinet: CabinetState, person: Person): Proposal;
  /** The same for an undefined user who wants to deposit something. Only where `deposits.by` is `anybody`. Pure. */
  offer?(cabinet: CabinetState): Proposal;
}

/** Tells a refusal from a proposal. */
export function isRefusal(answer: Proposal): answer is Refusal {
  return 'code' in answer;
}

/** Tells a choice that the person has from one that the schema made. */
export function isPick(answer: Proposal): answer is Pick {
  return 'pick' in answer;
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
export function held(cabinet: CabinetState, { user }: Person, purpose: Purpose = 'own'): Choice | undefined {
  for (const { number, holders } of cabinet.compartments) {
    if (holders.length > 0 && holders.includes(user)) {
      return { compartment: number, allocation: 'existing', purpose };
    }
  }
  return undefined;
}

/** What a compartment opens for, and whether the person holds it from then on. */
type Taking<Allocation extends Choice['allocation']> = {
  readonly allocation: Allocation;
  readonly purpose: Purpose;
};

/** Limits to some compartments; left out: all of the cabinet. */
type Among = ReadonlySet<CompartmentNumber> | undefined;

/**
 * First free = lowest number that is free, closed, not blocked, not out of order (System S.2.2), and on a board
 * that is known to answer. `among` limits the choice to some compartments. Where boards do not answer and
 * nothing else is free, the refusal says that instead of "all taken".
 */
export function firstFree(
  cabinet: CabinetState,
  among: Among,
  taking: Taking<Choice['allocation']>,
): Choice | Refusal {
  const { found, unreachable } = seek(cabinet, among, isFree, 1);
  const [compartment] = found;
  if (compartment !== undefined) return { compartment, ...taking };
  return refusal(unreachable ? 'cabinet-not-answering' : 'no-free-compartment', {
    cabinet: cabinet.setting.id,
  });
}

/** Every free compartment, for the person to pick one; otherwise as `firstFree`. */
export function anyFree(
  cabinet: CabinetState,
  among: Among,
  taking: Taking<Pick['allocation']>,
): Pick | Refusal {
  const { found, unreachable } = seek(cabinet, among, isFree);
  if (found.length > 0) return { pick: found, ...taking };
  return refusal(unreachable ? 'cabinet-not-answering' : 'no-free-compartment', {
    cabinet: cabinet.setting.id,
  });
}

/** The lowest compartment that holds an item and can be opened. */
export function firstWithItem(cabinet: CabinetState, among: Among): Choice | Refusal {
  const { found, unreachable } = seek(cabinet, among, hasItem, 1);
  const [compartment] = found;
  if (compartment !== undefined) return { compartment, allocation: 'none', purpose: 'take' };
  return refusal(unreachable ? 'cabinet-not-answering' : 'no-item-here', { cabinet: cabinet.setting.id });
}

/** Every compartment that holds an item and can be opened, for the person to pick one. */
export function anyWithItem(cabinet: CabinetState, among: Among): Pick | Refusal {
  const { found, unreachable } = seek(cabinet, among, hasItem);
  if (found.length > 0) return { pick: found, allocation: 'none', purpose: 'take' };
  return refusal(unreachable ? 'cabinet-not-answering' : 'no-item-here', { cabinet: cabinet.setting.id });
}

/** Whether a person has an item of this cabinet that they have not returned. */
export function hasLoan(cabinet: CabinetState, { user }: Person): boolean {
  return cabinet.loans.some((loan) => loan.user === user);
}

/** Compartments that are in both; undefined stands for all of the cabinet. */
export function within(among: Among, given: ReadonlySet<CompartmentNumber>): ReadonlySet<CompartmentNumber> {
  return among ? new Set([...given].filter((number) => among.has(number))) : given;
}

function isFree(cabinet: CabinetState, compartment: CompartmentState): boolean {
  return statusOf(cabinet, compartment) === 'free';
}

function hasItem(cabinet: CabinetState, compartment: CompartmentState): boolean {
  return compartment.contents.length > 0 && statusOf(cabinet, compartment) === 'occupied';
}

/**
 * Closed compartments that fit, lowest number first, on boards that are known to answer; and whether one would have
 * been looked at whose board is not heard.
 */
function seek(
  cabinet: CabinetState,
  among: Among,
  fits: (cabinet: CabinetState, compartment: CompartmentState) => boolean,
  most = Number.POSITIVE_INFINITY,
): { readonly found: readonly CompartmentNumber[]; readonly unreachable: boolean } {
  const suspects = suspectBoards(cabinet);
  const wantsTaken = fits === hasItem;
  const found: CompartmentNumber[] = [];
  let unreachable = false;
  for (const compartment of cabinet.compartments) {
    if (isTaken(compartment) !== wantsTaken) continue;
    if (among && !among.has(compartment.number)) continue;
    const unheard = suspects.has(compartment.board) || compartment.door === 'unknown';
    if (unheard) unreachable = true;
    else if (
      compartment.door === 'closed' &&
      compartment.unsettled === undefined &&
      fits(cabinet, compartment)
    ) {
      found.push(compartment.number);
      if (found.length >= most) break;
    }
  }
  return { found, unreachable };
}

/** B1, B2, B9, B13: the compartment that an administrator assigned, or the reason why there is none. */
export function assignedForGood(cabinet: CabinetState, person: Person): Choice | Refusal {
  return held(cabinet, person) ?? refusal('no-compartment-assigned', { cabinet: cabinet.setting.id });
}

/** B7, B8: the return goes to the first free one of the groups that were given; otherwise the person picks an item there. */
export function lendFromGroups(cabinet: CabinetState, person: Person): Proposal {
  if (person.given.size === 0) return refusal('no-group-given', { cabinet: cabinet.setting.id });
  const among = within(person.among, person.given);
  return hasLoan(cabinet, person)
    ? firstFree(cabinet, among, { allocation: 'none', purpose: 'return' })
    : anyWithItem(cabinet, among);
}

/** What every deposit of modes 4 and 6 takes a compartment for. */
export const DEPOSIT = { allocation: 'none', purpose: 'deposit' } as const;

/** Mode 4: undefined users leave things and set a PIN once the door is closed. */
export const GUEST_DEPOSITS: DepositRules = {
  by: 'anybody',
  recipient: false,
  code: 'after',
  codes: ['pin'],
};

/** 6.1 and 6.2: masters leave things for defined users, who are told the PIN by mail. */
export const MAILED_DEPOSITS: DepositRules = { by: 'master', recipient: true, code: 'after', codes: ['pin'] };

/** Why somebody who is no master deposits nothing; undefined for a master. */
export function asMaster({ roles }: Person): Refusal | undefined {
  return roles.includes('master') ? undefined : refusal('collect-with-code');
}
