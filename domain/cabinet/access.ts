import { GATEWAY } from '../event.ts';
import { type Refusal, refusal } from '../refusals.ts';
import { type Choice, isPick, isRefusal, type Proposal } from '../schemas/schema.ts';
import type { PanelId } from '../site.ts';
import { type Asking, offerFor, proposalFor } from './authorization.ts';
import { actorAt, grantFor } from './grant.ts';
import {
  type Decision,
  type DecisionContext,
  decided,
  type Identification,
  type InputOf,
  refusedOnRecord,
} from './inputs.ts';
import type { CabinetState } from './state.ts';

/**
 * An identified person asks for a compartment where nothing can be asked back, as in a flow: granted or refused, and
 * on record either way.
 */
export function decideAccess(
  state: CabinetState,
  { person, grant }: InputOf<'access'>,
  context: DecisionContext,
): Decision {
  const choice = withoutQuestion(state, person, context);
  if (isRefusal(choice)) return refuseOnRecord(choice, person);
  const { user, credential, reader, duress } = person;
  return grantFor(state, choice, { grant, user, credential, reader, duress }, { kind: 'user', id: user });
}

/** The choice that needs no further word from the person. Who may pick gets the first free one here. */
function withoutQuestion(state: CabinetState, person: Asking, context: DecisionContext): Choice | Refusal {
  const asked = refusal('panel-needed', { cabinet: state.setting.id });
  const proposal = proposalFor(state, unasked(person), context);
  if (isRefusal(proposal)) return proposal;
  if (isPick(proposal) || proposal.purpose === 'deposit' || state.setting.twoPersons) return asked;
  return proposal;
}

/** A person who is not asked which compartment they want, whether they may pick one or not. */
function unasked<Person extends Asking>(person: Person): Person {
  return { ...person, rights: person.rights.map((right) => ({ ...right, pick: false })) };
}

/** The compartment that the schema chose failed: the next one, or an end that leaves the person with words. */
export function decideAgain(
  state: CabinetState,
  { person, grant, replacing }: InputOf<'access-again'>,
  context: DecisionContext,
): Decision {
  const { compartment: insteadOf, user, panel, session, replaced, newCode } = replacing;
  const proposal: Proposal = person ? proposalFor(state, unasked(person), context) : offerFor(state, context);
  if (isRefusal(proposal) || isPick(proposal)) {
    const failed = refusal('lock-failed', { compartment: insteadOf });
    return refusedOnRecord(failed, GATEWAY, {
      compartment: insteadOf,
      ...(user !== undefined && { user }),
      ...(panel !== undefined && { panel }),
      ...(session !== undefined && { session }),
    });
  }
  return grantFor(
    state,
    proposal,
    { grant, user, panel, session, insteadOf, replaced, newCode },
    actorAt(user, panel ?? ''),
  );
}

/** Puts on record that somebody was turned away before the cabinet was asked. */
export function decideTurnedAway({
  reason,
  kind,
  reader,
  user,
  credential,
  duress,
}: InputOf<'turned-away'>): Decision {
  return decided({
    type: 'access-refused',
    actor: user ? { kind: 'user', id: user } : { kind: 'reader', id: reader },
    data: {
      reason,
      ...(kind && { kind }),
      reader,
      ...(user && { user }),
      ...(credential && { credential }),
      ...(duress && { duress: true }),
    },
  });
}

/** A refusal of an identified person, on record; the session that it ends, where it ends one. */
export function refuseOnRecord(
  reason: Refusal,
  { user, credential, reader, duress }: Identification,
  at: { readonly panel?: PanelId; readonly session?: string } = {},
): Decision {
  const { compartment } = reason.values;
  return refusedOnRecord(
    reason,
    { kind: 'user', id: user },
    {
      user,
      credential,
      reader,
      ...(typeof compartment === 'number' && { compartment }),
      ...at,
      ...(duress && { duress: true }),
    },
  );
}
