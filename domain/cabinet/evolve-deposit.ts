import type { Milliseconds } from '../site.ts';
import { change, givenUp, withNextStep, withoutDeposit, withoutSession, withSession } from './change.ts';
import type { CabinetEvent, CabinetEvents } from './events.ts';
import type { CabinetState } from './state.ts';

type DepositEvent = Extract<
  CabinetEvent,
  {
    type:
      | 'session-started'
      | 'session-moved'
      | 'session-ended'
      | 'deposit-stored'
      | 'deposit-abandoned'
      | 'deposit-mail';
  }
>;

/** Why a compartment is blocked after nobody finished a deposit in it. */
const ABANDONED = 'A deposit was left unfinished. Look inside, then unblock the compartment.';

/** What sessions and deposits make of the state. */
export function evolveDeposit(state: CabinetState, event: DepositEvent, at: Milliseconds): CabinetState {
  switch (event.type) {
    case 'session-started': {
      const { session, panel, person, step, replaces } = event.data;
      return withSession(withoutSession(state, replaces), {
        id: session,
        panel,
        ...(person && { person }),
        step,
        since: at,
      });
    }
    case 'session-moved':
      return withNextStep(state, event.data.session, event.data.step, at);
    case 'session-ended':
      return withoutSession(state, event.data.session);
    case 'deposit-stored':
      return stored(state, event.data, at);
    case 'deposit-abandoned':
      return abandoned(state, event.data, at);
    case 'deposit-mail':
      return mailed(state, event.data, at);
  }
}

function stored(state: CabinetState, data: CabinetEvents['deposit-stored'], at: Milliseconds): CabinetState {
  const { compartment, recipient, code, session } = data;
  const kept = change(state, compartment, at, (known) => {
    if (!known.deposit) return known;
    const { mail: _, ...deposit } = known.deposit;
    const { panel, person } = state.sessions.get(session) ?? {};
    return {
      ...known,
      deposit: {
        ...deposit,
        stage: 'stored',
        ...(recipient !== undefined && { recipient }),
        ...(panel !== undefined && { left: { panel, ...(person && { person }) } }),
      },
      codes: [code],
      wrongCodes: undefined,
    };
  });
  return withoutSession(kept, session);
}

/** Nobody knows what lies inside, so nobody is given the compartment until somebody has looked. */
function abandoned(
  state: CabinetState,
  { compartment, session }: CabinetEvents['deposit-abandoned'],
  at: Milliseconds,
): CabinetState {
  const left = change(state, compartment, at, (known) => ({
    ...withoutDeposit(known),
    use: givenUp(known.use),
    blocked: known.blocked ?? ABANDONED,
  }));
  return withoutSession(left, session);
}

/** A mail that was refused while the master is still there takes the code back: they choose again. */
function mailed(
  state: CabinetState,
  { compartment, deposit, outcome, session }: CabinetEvents['deposit-mail'],
  at: Milliseconds,
): CabinetState {
  const told = change(state, compartment, at, (known) => {
    if (known.deposit?.id !== deposit) return known;
    const mailedDeposit = { ...known.deposit, mail: outcome };
    return session
      ? { ...known, deposit: { ...mailedDeposit, stage: 'unfinished' }, codes: [] }
      : { ...known, deposit: mailedDeposit };
  });
  if (!session) return told;
  const { session: id, panel, person, step } = session;
  return withSession(told, { id, panel, ...(person && { person }), step, since: at });
}
