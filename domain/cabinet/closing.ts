import { GATEWAY } from '../event.ts';
import type { DepositRules, Schema } from '../schemas/schema.ts';
import type { SessionStep } from '../session/session.ts';
import type { CompartmentNumber, ItemId } from '../site.ts';
import type { CabinetEvents } from './events.ts';
import {
  type Decision,
  type DecisionContext,
  decided,
  type Effect,
  type InputOf,
  NOTHING,
} from './inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf, type Use } from './state.ts';

type Closed = CabinetEvents['door-closed'];
type Settled = CabinetEvents['use-settled'];

/** What is asked once a deposit lies inside; undefined where its code is known already. */
export function afterDeposit(
  rules: DepositRules | undefined,
  compartment: CompartmentNumber,
): SessionStep | undefined {
  if (!rules || rules.code === 'before') return undefined;
  return rules.recipient ? { step: 'choose-recipient', compartment } : { step: 'set-pin', compartment };
}

/** A door was closed: what that ends follows from what it was opened for. */
export function decideClosed(
  state: CabinetState,
  compartment: CompartmentState,
  { schema }: DecisionContext,
): Decision {
  const { number, use } = compartment;
  const watched = state.setting.compartments.some((each) => each.number === number && each.itemReader);
  const data: Closed = { compartment: number, ...(use && ending(state, compartment, use, schema, watched)) };
  const effects: Effect[] = [{ effect: 'door-closed', compartment: number }];
  if (watched) effects.push({ effect: 'take-inventory', compartment: number });
  return decided({ type: 'door-closed', actor: GATEWAY, data }, effects);
}

function ending(
  state: CabinetState,
  compartment: CompartmentState,
  use: Use,
  schema: Schema,
  watched: boolean,
): Omit<Closed, 'compartment'> {
  const { number, deposit, holders } = compartment;
  const { grant, user, session } = use;
  const whose = { grant, ...(user !== undefined && { user }) };
  switch (use.purpose) {
    case 'deposit': {
      const next = afterDeposit(schema.deposits, number);
      return {
        outcome: 'deposited',
        ...whose,
        ...(deposit && { deposit: deposit.id }),
        ...(next && { next }),
        ...(session !== undefined && { session }),
      };
    }
    case 'collect':
      return {
        outcome: 'collected',
        ...whose,
        ...(deposit && { deposit: deposit.id }),
        ...(session !== undefined && { session }),
      };
    case 'once':
      return { outcome: 'ended', ...whose, users: holders };
    case 'take':
    case 'return':
      return watched ? { outcome: 'unsettled', ...whose } : { ...handed(state, compartment, use), ...whose };
    case 'own':
    case 'service':
      return watched ? { outcome: 'unsettled', ...whose } : whose;
  }
}

/** What changed hands where nobody looks inside: what the door was opened for. */
function handed(
  { loans }: CabinetState,
  { contents }: CompartmentState,
  { purpose, user }: Use,
): { readonly outcome: 'taken' | 'returned'; readonly item?: ItemId } {
  const outcome = purpose === 'return' ? 'returned' : 'taken';
  const { item } = (purpose === 'return' ? loans.find((loan) => loan.user === user) : contents[0]) ?? {};
  return { outcome, ...(item !== undefined && { item }) };
}

/** An item reader found an item in a compartment, or misses one that was there. */
export function decideItemSeen(
  state: CabinetState,
  { compartment: number, item, present }: InputOf<'item-seen'>,
): Decision {
  const compartment = compartmentOf(state, number);
  if (!compartment) return NOTHING;
  const known = compartment.contents.some((content) => content.item === item);
  if (known === present) return NOTHING;
  const user = (compartment.use ?? compartment.unsettled)?.user;
  return decided({
    type: present ? 'item-placed' : 'item-removed',
    actor: user === undefined ? GATEWAY : { kind: 'user', id: user },
    data: { compartment: number, item, ...(user !== undefined && { user }) },
  });
}

/** The item reader has told everything about a compartment whose door was closed; or it is silent. */
export function decideSettle(
  state: CabinetState,
  { compartment: number, answered }: InputOf<'settle'>,
  { schema }: DecisionContext,
): Decision {
  const compartment = compartmentOf(state, number);
  const use = compartment?.unsettled;
  if (!compartment || !use) return NOTHING;
  const { grant, user } = use;
  // A reader that fell silent half-way has told what changed hands all the same.
  const told = answered || hasChanged(compartment, use);
  const outcome = told ? seen(state, compartment, use, schema) : assumed(state, compartment, use);
  return decided({
    type: 'use-settled',
    actor: user === undefined ? GATEWAY : { kind: 'user', id: user },
    data: { compartment: number, grant, ...(user !== undefined && { user }), ...outcome },
  });
}

type Outcome = Pick<Settled, 'outcome' | 'item' | 'unverified'>;

function itemsIn({ contents }: CompartmentState): ItemId[] {
  return contents.flatMap(({ item }) => (item === undefined ? [] : [item]));
}

/** Whether other items lie inside than when the door was opened. */
function hasChanged(compartment: CompartmentState, { found = [] }: Use): boolean {
  const now = itemsIn(compartment);
  return now.length !== found.length || now.some((item) => !found.includes(item));
}

/** What the item reader saw, against what the door was opened for. */
function seen(state: CabinetState, compartment: CompartmentState, use: Use, schema: Schema): Outcome {
  const before = use.found ?? [];
  const now = itemsIn(compartment);
  const gone = before.find((item) => !now.includes(item));
  const come = now.find((item) => !before.includes(item));
  switch (use.purpose) {
    case 'take':
      return gone === undefined ? { outcome: 'nothing-taken' } : { outcome: 'taken', item: gone };
    case 'return': {
      if (come === undefined) return { outcome: 'nothing-returned' };
      const owed = state.loans.filter((loan) => loan.user === use.user).length;
      return { outcome: owed < (use.owed ?? 1) ? 'returned' : 'wrong-item', item: come };
    }
    case 'own':
    case 'once':
    case 'deposit':
    case 'collect':
    case 'service':
      return schema.lends && gone !== undefined
        ? { outcome: 'item-missing', item: gone }
        : { outcome: 'unchanged' };
  }
}

/** The item reader does not answer: the use counts as what it was opened for. */
function assumed(state: CabinetState, compartment: CompartmentState, use: Use): Outcome {
  if (use.purpose !== 'take' && use.purpose !== 'return') return { outcome: 'unchanged', unverified: true };
  return { ...handed(state, compartment, use), unverified: true };
}
