import {
  type CabinetState,
  type CompartmentState,
  type Deposit,
  isTaken,
  type Loan,
  statusOf,
} from '../../domain/cabinet/state.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { CompartmentOccupancy, Possession, PossessionQuery, Taking } from './queries.ts';

/** A row that is being made. Reports have thousands: fields are set on it rather than copied from object to object. */
type Row<Of> = { -readonly [Field in keyof Of]: Of[Field] };

const NONE: readonly never[] = [];

/** Every compartment of a cabinet as it is at a time, in the order of the numbers. */
export function occupancyOf(cabinet: CabinetState, at: Milliseconds): CompartmentOccupancy[] {
  const { id } = cabinet.setting;
  return cabinet.compartments.map((compartment) => {
    const { number, door, holders, deposit, contents, occupiedSince, blocked } = compartment;
    const row: Row<CompartmentOccupancy> = {
      cabinet: id,
      compartment: number,
      status: statusOf(cabinet, compartment),
      door,
      taken: takingsOf(compartment),
      holders,
      items:
        contents.length === 0 ? NONE : contents.flatMap(({ item }) => (item === undefined ? [] : [item])),
      overdue: deposit?.overdue === true,
    };
    if (deposit) Object.assign(row, partiesOf(deposit));
    if (occupiedSince !== undefined) {
      row.since = occupiedSince;
      row.age = ageOf(occupiedSince, at);
    }
    if (blocked !== undefined) row.blocked = blocked;
    return row;
  });
}

/** Everything of a cabinet that somebody has or that waits for somebody, as far as a query wants it. */
export function possessionsIn(
  cabinet: CabinetState,
  { user, item }: PossessionQuery,
  at: Milliseconds,
): Possession[] {
  const found: Possession[] = [];
  for (const compartment of cabinet.compartments) {
    const place = { cabinet: cabinet.setting.id, compartment: compartment.number };
    const since = sinceWhen(compartment.occupiedSince, at);
    for (const holder of item === undefined ? compartment.holders : []) {
      if (user === undefined || user === holder) {
        found.push({ kind: 'allocation', ...place, user: holder, ...since, overdue: false });
      }
    }
    const { deposit } = compartment;
    if (deposit && item === undefined && (user === undefined || concerns(deposit, user))) {
      found.push({ kind: 'deposit', ...place, ...depositOf(deposit, at) });
    }
    for (const content of user === undefined ? compartment.contents : []) {
      if (item === undefined || item === content.item) {
        found.push({ kind: 'item', ...place, ...content, ...since, overdue: false });
      }
    }
  }
  for (const loan of cabinet.loans) {
    if ((user === undefined || user === loan.user) && (item === undefined || item === loan.item)) {
      found.push({ kind: 'loan', cabinet: cabinet.setting.id, ...loanOf(loan, at) });
    }
  }
  return found;
}

function takingsOf(compartment: CompartmentState): readonly Taking[] {
  if (!isTaken(compartment)) return NONE;
  const { holders, deposit, contents, codes } = compartment;
  const taken: Taking[] = [];
  if (holders.length > 0) taken.push('allocation');
  if (deposit) taken.push('deposit');
  if (contents.length > 0) taken.push('item');
  if (codes.length > 0) taken.push('code');
  return taken;
}

function concerns({ by, recipient }: Deposit, user: string): boolean {
  return by === user || recipient === user;
}

function partiesOf({ by, recipient }: Deposit): { readonly depositor?: string; readonly recipient?: string } {
  return { ...(by !== undefined && { depositor: by }), ...(recipient !== undefined && { recipient }) };
}

function depositOf(deposit: Deposit, at: Milliseconds) {
  const { id, stage, since, mail, overdue = false } = deposit;
  return {
    deposit: id,
    stage,
    ...partiesOf(deposit),
    ...sinceWhen(since, at),
    overdue,
    ...(mail !== undefined && { mail }),
  };
}

function loanOf({ user, item, compartment, since, overdue = false }: Loan, at: Milliseconds) {
  return { user, compartment, ...(item !== undefined && { item }), ...sinceWhen(since, at), overdue };
}

function sinceWhen(
  since: Milliseconds | undefined,
  at: Milliseconds,
): { readonly since?: Milliseconds; readonly age?: Milliseconds } {
  return since === undefined ? {} : { since, age: ageOf(since, at) };
}

/** Never less than nothing: clocks are set back. */
function ageOf(since: Milliseconds, at: Milliseconds): Milliseconds {
  return Math.max(0, at - since);
}
