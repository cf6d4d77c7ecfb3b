import { type Refusal, refusal } from '../refusals.ts';
import { type Choice, isPick, isRefusal, type Proposal } from '../schemas/schema.ts';
import { sessionAt } from '../session/prompt.ts';
import {
  type AccessCode,
  awaitsAnswer,
  hasLeftSomething,
  type Session,
  type SessionStep,
} from '../session/session.ts';
import type { CompartmentNumber, PanelId } from '../site.ts';
import { refuseOnRecord } from './access.ts';
import { admitted, obstacle, offerFor, proposalFor } from './authorization.ts';
import { actorAt, grantFor } from './grant.ts';
import {
  type Decision,
  type DecisionContext,
  decided,
  type Identification,
  type InputOf,
  NOTHING,
  refused,
  refusedOnRecord,
} from './inputs.ts';
import { type CabinetState, compartmentOf } from './state.ts';

/**
 * The session at a panel that gives way to a newcomer, or why a newcomer has to wait: somebody has something inside
 * already and has to finish.
 */
function seatAt(state: CabinetState, panel: PanelId): { readonly replaces?: string } | Refusal {
  let replaces: string | undefined;
  for (const session of state.sessions.values()) {
    if (session.panel !== panel || !awaitsAnswer(session)) continue;
    if (hasLeftSomething(session)) return refusal('panel-busy');
    replaces = session.id;
  }
  return replaces === undefined ? {} : { replaces };
}

/** Somebody identified at a panel. */
export function decideBegin(
  state: CabinetState,
  { panel, person, session, grant }: InputOf<'begin'>,
  context: DecisionContext,
): Decision {
  const seat = seatAt(state, panel);
  if ('code' in seat) return refuseOnRecord(seat, person, { panel });
  const proposal = proposalFor(state, person, context);
  if (isRefusal(proposal)) return refuseOnRecord(proposal, person, { panel });
  const step = firstStep(state, proposal, context);
  if (!step) return grantAt(state, proposal as Choice, { person, panel, session, grant, ...seat });
  const { user, credential, reader, duress } = person;
  return decided({
    type: 'session-started',
    actor: { kind: 'user', id: user },
    data: {
      session,
      panel,
      person: { user, credential, reader },
      user,
      step,
      ...seat,
      ...(duress && { duress: true }),
    },
  });
}

/** What has to be asked before anything opens; undefined where nothing has. */
function firstStep(
  { setting }: CabinetState,
  proposal: Exclude<Proposal, Refusal>,
  { schema }: DecisionContext,
): SessionStep | undefined {
  if (schema.deposits?.code === 'before') return { step: 'set-code' };
  if (isPick(proposal)) return { step: 'choose-compartment', purpose: proposal.purpose };
  return setting.twoPersons ? { step: 'second-person' } : undefined;
}

/** An undefined user wants to deposit something. */
export function decideDeposit(
  state: CabinetState,
  { panel, session, grant }: InputOf<'deposit'>,
  context: DecisionContext,
): Decision {
  const actor = actorAt(undefined, panel);
  const seat = seatAt(state, panel);
  const offer = 'code' in seat ? seat : offerFor(state, context);
  if (isRefusal(offer)) return refusedOnRecord(offer, actor, { panel });
  const replacing = 'code' in seat ? {} : seat;
  if (!isPick(offer)) return grantFor(state, offer, { grant, panel, session, ...replacing }, actor);
  const step = { step: 'choose-compartment', purpose: offer.purpose } as const;
  return decided({ type: 'session-started', actor, data: { session, panel, step, ...replacing } });
}

/** The person picked a compartment. What they may pick is looked at anew: somebody else may have been quicker. */
export function decidePick(
  state: CabinetState,
  { session: id, compartment, person, grant }: InputOf<'pick'>,
  context: DecisionContext,
): Decision {
  const session = state.sessions.get(id);
  if (!session) return refused(refusal('session-over'));
  const { step } = session;
  if (step.step !== 'choose-compartment') return refused(refusal('answer-unexpected'));
  if (session.person && person?.user !== session.person.user) return refused(refusal('session-over'));
  const proposal = person ? proposalFor(state, person, context) : offerFor(state, context);
  if (isRefusal(proposal)) return endedBy(proposal, session, person);
  const choice = picked(proposal, compartment);
  if (!choice) return refused(refusal('compartment-taken', { compartment }));
  if (person && state.setting.twoPersons) {
    const next: SessionStep = {
      step: 'second-person',
      pick: compartment,
      ...(step.code && { code: step.code }),
    };
    return moved(session, next);
  }
  return grantAt(state, choice, {
    person,
    panel: session.panel,
    session: id,
    grant,
    picked: true,
    newCode: step.code,
  });
}

function picked(proposal: Exclude<Proposal, Refusal>, compartment: CompartmentNumber): Choice | undefined {
  if (!isPick(proposal)) return proposal.compartment === compartment ? proposal : undefined;
  const { pick, allocation, purpose } = proposal;
  return pick.includes(compartment) ? { compartment, allocation, purpose } : undefined;
}

/** A second person identified. What the first one asked for is looked at anew. */
export function decideSecond(
  state: CabinetState,
  { session: id, person, second, grant }: InputOf<'second'>,
  context: DecisionContext,
): Decision {
  const session = state.sessions.get(id);
  if (!session || session.person?.user !== person.user) return refused(refusal('session-over'));
  const { step, panel } = session;
  if (step.step !== 'second-person') return refused(refusal('answer-unexpected'));
  if (second.user === person.user) return refuseOnRecord(refusal('second-person-same'), second, { panel });
  if (!maySecond(state, second, context)) {
    return refuseOnRecord(refusal('second-person-not-permitted'), second, { panel });
  }
  const proposal = proposalFor(state, person, context);
  if (isRefusal(proposal)) return endedBy(proposal, session, person);
  const choice = isPick(proposal) ? picked(proposal, step.pick ?? 0) : proposal;
  if (!choice) return endedBy(refusal('compartment-taken', { compartment: step.pick ?? 0 }), session, person);
  return grantAt(state, choice, {
    person: { ...person, duress: Boolean(person.duress) || Boolean(second.duress) },
    panel,
    session: id,
    grant,
    picked: step.pick !== undefined,
    newCode: step.code,
    second: { user: second.user, credential: second.credential },
  });
}

function maySecond(state: CabinetState, second: Identification, context: DecisionContext): boolean {
  const groups = state.setting.twoPersons?.userGroups ?? [];
  return groups.length > 0
    ? groups.some((group) => second.groups.includes(group))
    : !('code' in admitted(state, second, context));
}

/** A code was given: for a deposit that is still to be left, or for one that lies inside. */
export function decideCode(
  state: CabinetState,
  { session: id, code }: InputOf<'set-code'>,
  { schema }: DecisionContext,
): Decision {
  const session = state.sessions.get(id);
  if (!session) return refused(refusal('session-over'));
  const { step } = session;
  if (!schema.deposits?.codes.includes(code.kind)) return refused(refusal('answer-unexpected'));
  if (step.step === 'set-code')
    return moved(session, { step: 'choose-compartment', purpose: 'deposit', code });
  if (step.step !== 'set-pin') return refused(refusal('answer-unexpected'));
  const { compartment, recipient } = step;
  const deposit = compartmentOf(state, compartment)?.deposit?.id;
  if (deposit === undefined) return refused(refusal('session-over'));
  return decided(
    {
      type: 'deposit-stored',
      actor: actorAt(session.person?.user, session.panel),
      data: {
        compartment,
        deposit,
        session: id,
        code,
        ...(recipient !== undefined && { recipient }),
        ...(session.person && { user: session.person.user }),
      },
    },
    recipient === undefined ? [] : [{ effect: 'mail-code', compartment, deposit, recipient }],
  );
}

/** A master chose who is to collect the deposit. */
export function decideRecipient(
  state: CabinetState,
  { session: id, recipient }: InputOf<'choose-recipient'>,
): Decision {
  const session = state.sessions.get(id);
  if (!session) return refused(refusal('session-over'));
  if (session.step.step !== 'choose-recipient') return refused(refusal('answer-unexpected'));
  return moved(session, { step: 'set-pin', compartment: session.step.compartment, recipient });
}

/** The person does not go on. What they left already they may take back. */
export function decideCancel(state: CabinetState, { session: id, grant }: InputOf<'cancel'>): Decision {
  const session = state.sessions.get(id);
  if (!session) return refused(refusal('session-over'));
  const { step, panel, person } = session;
  switch (step.step) {
    case 'choose-compartment':
    case 'second-person':
    case 'set-code':
      return decided({
        type: 'session-ended',
        actor: actorAt(person?.user, panel),
        data: { session: id, panel, cause: 'cancelled' },
      });
    case 'deposit':
      return refused(refusal('close-first', { compartment: step.compartment }));
    case 'choose-recipient':
    case 'set-pin': {
      const compartment = compartmentOf(state, step.compartment);
      if (!compartment?.deposit) return refused(refusal('session-over'));
      const hindered = obstacle(state, compartment);
      if (hindered) return refused(hindered);
      return grantFor(
        state,
        { compartment: step.compartment, allocation: 'none', purpose: 'collect' },
        { grant, panel, session: id, deposit: compartment.deposit.id, ...person },
        actorAt(person?.user, panel),
      );
    }
  }
}

/** Nobody went on with a session. What lies inside without a code is nobody's to open but an administrator's. */
export function decideSessionExpired(
  state: CabinetState,
  { session: id, since }: InputOf<'session-expired'>,
): Decision {
  const session = state.sessions.get(id);
  if (!session || session.since !== since) return NOTHING;
  const { step, panel, person } = session;
  // Who waits for their turn at the panel has not been asked yet.
  if (awaitsAnswer(session) && sessionAt(state, panel) !== session) return NOTHING;
  const actor = actorAt(person?.user, panel);
  const compartment = 'compartment' in step ? compartmentOf(state, step.compartment) : undefined;
  const deposit = compartment?.deposit;
  const takesBack = compartment?.use?.purpose === 'collect';
  // Where its lock failed and no other one was given, somebody else may have left something there since.
  const opened = [compartment?.opening?.session, compartment?.use?.session].includes(id);
  const elsewhere = step.step === 'deposit' && !opened;
  if (!compartment || !deposit || elsewhere || takesBack) {
    return decided({ type: 'session-ended', actor, data: { session: id, panel, cause: 'timed-out' } });
  }
  // An opening under way has an end of its own, and moves the session on.
  if (compartment.opening) return NOTHING;
  return decided({
    type: 'deposit-abandoned',
    actor,
    data: {
      compartment: compartment.number,
      deposit: deposit.id,
      session: id,
      panel,
      cause: CAUSES[step.step as keyof typeof CAUSES],
      ...(person && { user: person.user }),
    },
  });
}

const CAUSES = { deposit: 'door-open', 'choose-recipient': 'no-recipient', 'set-pin': 'no-code' } as const;

function moved(session: Session, step: SessionStep): Decision {
  return decided({
    type: 'session-moved',
    actor: actorAt(session.person?.user, session.panel),
    data: { session: session.id, panel: session.panel, step },
  });
}

/** A refusal that ends a session, on record. */
function endedBy(reason: Refusal, { id, panel }: Session, person: Identification | undefined): Decision {
  if (person) return refuseOnRecord(reason, person, { panel, session: id });
  return refusedOnRecord(reason, actorAt(undefined, panel), { panel, session: id });
}

/** The grant at a panel: a deposit goes on as a session, anything else has nothing more to ask. */
function grantAt(
  state: CabinetState,
  choice: Choice,
  at: {
    readonly person?: Identification | undefined;
    readonly panel: PanelId;
    readonly session: string;
    readonly grant: string;
    readonly replaces?: string;
    readonly picked?: boolean;
    readonly newCode?: AccessCode | undefined;
    readonly second?: { readonly user: string; readonly credential: string };
  },
): Decision {
  const { person, ...where } = at;
  const { user, credential, reader, duress } = person ?? {};
  return grantFor(state, choice, { ...where, user, credential, reader, duress }, actorAt(user, at.panel));
}
