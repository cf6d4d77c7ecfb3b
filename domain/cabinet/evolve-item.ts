import type { CompartmentNumber, ItemId, Milliseconds, UserId } from '../site.ts';
import { change, changeAll } from './change.ts';
import type { CabinetEvent, CabinetEvents } from './events.ts';
import type { CabinetState, Content, Loan } from './state.ts';

type ItemEvent = Extract<
  CabinetEvent,
  {
    type:
      | 'compartment-stocked'
      | 'compartment-emptied'
      | 'item-placed'
      | 'item-removed'
      | 'use-settled'
      | 'overdue';
  }
>;

/** Whose hands, and which item; the item is absent where nobody said which one it is. */
interface Handling {
  readonly user?: UserId | undefined;
  readonly item?: ItemId | undefined;
}

/** What items and loans make of the state. */
export function evolveItem(state: CabinetState, event: ItemEvent, at: Milliseconds): CabinetState {
  switch (event.type) {
    case 'compartment-stocked':
      return returned(state, event.data.compartment, { item: event.data.item }, at);
    case 'compartment-emptied':
      return change(state, event.data.compartment, at, (known) => ({ ...known, contents: [] }));
    case 'item-placed':
      return returned(state, event.data.compartment, event.data, at);
    case 'item-removed':
      return taken(state, event.data.compartment, event.data, at);
    case 'use-settled':
      return settled(state, event.data, at);
    case 'overdue':
      return overdue(state, event.data, at);
  }
}

/** An item leaves a compartment; whoever had the door open has it from now on. */
export function taken(
  state: CabinetState,
  compartment: CompartmentNumber,
  { user, item }: Handling,
  at: Milliseconds,
): CabinetState {
  const left = change(state, compartment, at, (known) => {
    const place = known.contents.findIndex((content) => content.item === item);
    return place < 0 ? known : { ...known, contents: known.contents.toSpliced(place, 1) };
  });
  if (user === undefined) return left;
  const loan: Loan = { user, ...(item !== undefined && { item }), compartment, since: at };
  return { ...left, loans: [...left.loans, loan] };
}

/** An item comes into a compartment; nobody has it any more. */
export function returned(
  state: CabinetState,
  compartment: CompartmentNumber,
  handling: Handling,
  at: Milliseconds,
): CabinetState {
  const { user, item } = handling;
  const theirs = state.loans.findIndex((loan) => item !== undefined && loan.item === item);
  // A loan of which nobody said what was taken ends with whatever its user brings.
  const ended =
    theirs >= 0 ? theirs : state.loans.findIndex((loan) => loan.user === user && matches(loan, item));
  const kept = ended >= 0 ? { ...state, loans: state.loans.toSpliced(ended, 1) } : state;
  return placed(kept, compartment, handling, at);
}

function matches(loan: Loan, item: ItemId | undefined): boolean {
  return loan.item === undefined || item === undefined;
}

/** An item is in one place at a time. */
function placed(
  state: CabinetState,
  compartment: CompartmentNumber,
  { item }: Handling,
  at: Milliseconds,
): CabinetState {
  const elsewhere =
    item !== undefined &&
    state.compartments.some(({ contents }) => contents.some((each) => each.item === item))
      ? changeAll(state, at, (known) => ({
          ...known,
          contents: known.contents.filter((content) => content.item !== item),
        }))
      : state;
  return change(elsewhere, compartment, at, (known) => ({
    ...known,
    contents: [...withoutUnnamed(known.contents, item), item === undefined ? {} : { item }],
  }));
}

/** An item that was said to lie there without a name is the one that is named now. */
function withoutUnnamed(contents: readonly Content[], item: ItemId | undefined): readonly Content[] {
  const unnamed = item === undefined ? -1 : contents.findIndex((content) => content.item === undefined);
  return unnamed < 0 ? contents : contents.toSpliced(unnamed, 1);
}

/** Where the item reader was silent, the use counts as what it was opened for. */
function settled(state: CabinetState, data: CabinetEvents['use-settled'], at: Milliseconds): CabinetState {
  const { compartment, outcome, user, item, unverified } = data;
  const cleared = change(state, compartment, at, (known) => ({ ...known, unsettled: undefined }));
  if (!unverified || user === undefined) return cleared;
  if (outcome === 'taken') return taken(cleared, compartment, { user, item }, at);
  if (outcome === 'returned') return returned(cleared, compartment, { user, item }, at);
  return cleared;
}

function overdue(state: CabinetState, data: CabinetEvents['overdue'], at: Milliseconds): CabinetState {
  const { compartment, deposit, user, item } = data;
  if (deposit !== undefined) {
    return change(state, compartment, at, (known) =>
      known.deposit?.id === deposit ? { ...known, deposit: { ...known.deposit, overdue: true } } : known,
    );
  }
  const place = state.loans.findIndex(
    (loan) => !loan.overdue && loan.user === user && loan.item === item && loan.compartment === compartment,
  );
  const loan = state.loans[place];
  return loan ? { ...state, loans: state.loans.with(place, { ...loan, overdue: true }) } : state;
}
