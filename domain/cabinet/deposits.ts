import { lockedFor } from '../attempts.ts';
import { GATEWAY } from '../event.ts';
import { type Refusal, refusal } from '../refusals.ts';
import type { SessionStep } from '../session/session.ts';
import type { CompartmentNumber, Milliseconds, ReaderId } from '../site.ts';
import { obstacle } from './authorization.ts';
import { actorAt, grantFor } from './grant.ts';
import {
  type Decision,
  type DecisionContext,
  decided,
  type InputOf,
  NOTHING,
  refusedOnRecord,
} from './inputs.ts';
import { type CabinetState, compartmentOf, type Loan } from './state.ts';

/** Why no code is taken at a reader, or for a compartment, for a while; undefined where one is. */
export function codeLockout(
  state: CabinetState,
  reader: ReaderId,
  compartment: CompartmentNumber | undefined,
  at: Milliseconds,
): Refusal | undefined {
  const tries = [
    state.wrongTries.get(reader),
    compartment === undefined ? undefined : compartmentOf(state, compartment)?.wrongCodes,
  ];
  const wait = Math.max(...tries.map((each) => (each ? lockedFor(each.count, each.last, at) : 0)));
  return wait > 0 ? refusal('too-many-attempts', { seconds: Math.ceil(wait / 1_000) }) : undefined;
}

/**
 * Somebody gave the number of a compartment and a code. That a compartment does not exist, holds nothing, or has
 * another code are one and the same answer, since each would tell a stranger something.
 */
export function decideCollect(
  state: CabinetState,
  { compartment: number, code, reader, panel, grant }: InputOf<'collect'>,
  { at }: DecisionContext,
): Decision {
  const locked = codeLockout(state, reader, number, at);
  if (locked) return turnedAway(locked);
  const compartment = compartmentOf(state, number);
  const fits = compartment?.codes.some(({ id }) => id === code) ?? false;
  // The code of a deposit counts once its door was closed upon it.
  const ready = compartment?.deposit === undefined || compartment.deposit.stage === 'stored';
  if (!compartment || !fits || !ready) return turnedAway(refusal('wrong-code'));
  const hindered = obstacle(state, compartment);
  if (hindered) return turnedAway(hindered);
  const { deposit } = compartment;
  const user = deposit?.recipient;
  return grantFor(
    state,
    { compartment: number, allocation: 'none', purpose: deposit ? 'collect' : 'once' },
    { grant, user, reader, panel, code, deposit: deposit?.id },
    actorAt(user, panel),
  );

  function turnedAway(reason: Refusal): Decision {
    const known = compartmentOf(state, number) !== undefined;
    return refusedOnRecord(reason, actorAt(undefined, panel), {
      reader,
      panel,
      ...(known && { compartment: number }),
    });
  }
}

/** Somebody at a panel says that something is wrong with a compartment. */
export function decideFault(
  state: CabinetState,
  { compartment, fault, panel, user }: InputOf<'report-fault'>,
): Decision {
  if (!compartmentOf(state, compartment)) {
    return { refusal: refusal('compartment-unknown', { compartment }), effects: [] };
  }
  return decided({
    type: 'fault-reported',
    actor: actorAt(user, panel),
    data: { compartment, fault, panel, ...(user !== undefined && { user }) },
  });
}

/**
 * What became of the mail about a deposit. Where it is refused at once, the master is still there and chooses another
 * recipient; where it is refused later, the administrator learns it.
 */
export function decideMail(
  state: CabinetState,
  { compartment, deposit: id, outcome, status, session }: InputOf<'mail-outcome'>,
): Decision {
  const { deposit, opening, use } = compartmentOf(state, compartment) ?? {};
  if (deposit?.id !== id || deposit.recipient === undefined || deposit.mail === outcome) return NOTHING;
  const rests = deposit.stage === 'stored' && !opening && !use;
  const asksAgain = outcome === 'refused' && deposit.mail === undefined && rests;
  const again = asksAgain ? deposit.left : undefined;
  const step: SessionStep = { step: 'choose-recipient', compartment };
  return decided({
    type: 'deposit-mail',
    actor: GATEWAY,
    data: {
      compartment,
      deposit: id,
      outcome,
      user: deposit.recipient,
      ...(status !== undefined && { status }),
      ...(again && { session: { session, ...again, step } }),
    },
  });
}

/** The first deposit or loan that has lasted longer than it may and of which that has not been said yet. */
export function decideOverdue(state: CabinetState, { at }: DecisionContext): Decision {
  const due = dueNext(state);
  if (!due || due.at > at) return NOTHING;
  const { compartment, deposit, user, item } = due;
  return decided({
    type: 'overdue',
    actor: GATEWAY,
    data: {
      compartment,
      ...(deposit !== undefined && { deposit }),
      ...(user !== undefined && { user }),
      ...(item !== undefined && { item }),
    },
  });
}

/** Something that will be overdue, and when. */
interface Due {
  readonly at: Milliseconds;
  readonly compartment: CompartmentNumber;
  readonly deposit?: string | undefined;
  readonly user?: string | undefined;
  readonly item?: string | undefined;
}

/** What becomes overdue next; undefined where nothing does. */
export function dueNext(state: CabinetState): Due | undefined {
  const after = state.setting.overdueAfter;
  if (after === undefined) return undefined;
  let next: Due | undefined;
  const consider = (due: Due): void => {
    if (!next || due.at < next.at) next = due;
  };
  for (const { number, deposit } of state.compartments) {
    if (!deposit || deposit.overdue || deposit.stage !== 'stored') continue;
    consider({
      at: deposit.since + after,
      compartment: number,
      deposit: deposit.id,
      user: deposit.recipient,
    });
  }
  for (const loan of state.loans) if (!loan.overdue) consider(dueOf(loan, after));
  return next;
}

function dueOf({ since, compartment, user, item }: Loan, after: Milliseconds): Due {
  return { at: since + after, compartment, user, item };
}
