import { type Refusal, refusal } from '../refusals.ts';
import { reachOf } from '../rights.ts';
import { isPick, isRefusal, type Person, type Proposal } from '../schemas/schema.ts';
import type { ReaderId, UserId } from '../site.ts';
import { isOpen } from './door.ts';
import type { Applicant, DecisionContext } from './inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf, statusOf } from './state.ts';

/** A defined user who asks for a compartment, and the reader at which they do, where there is one. */
export interface Asking extends Applicant {
  readonly reader?: ReaderId;
}

/**
 * What a defined user is offered: whether they may be here now, what the rules of the cabinet say, what the schema
 * chooses, and whether that can be opened.
 */
export function proposalFor(state: CabinetState, asking: Asking, context: DecisionContext): Proposal {
  const person = admitted(state, asking, context);
  if ('code' in person) return person;
  const proposal = openable(state, context.schema.choose(state, person), person);
  return passingBack(state, asking.user, proposal, context) ?? proposal;
}

/** What an undefined user who wants to deposit something is offered. */
export function offerFor(state: CabinetState, { schema }: DecisionContext): Proposal {
  const offer = schema.offer?.(state) ?? refusal('identification-needed');
  return openable(state, offer);
}

/** The person as the schema needs to know them, or why they may not be here now. */
export function admitted(
  { setting }: CabinetState,
  asking: Asking,
  { at }: DecisionContext,
): Person | Refusal {
  const reach = reachOf(asking, setting, at);
  return 'code' in reach ? reach : { user: asking.user, roles: asking.roles, ...reach };
}

/** Why a person has to wait, or to close what they opened, before they open anything else. */
function passingBack(
  state: CabinetState,
  user: UserId,
  proposal: Proposal,
  { at, schema }: DecisionContext,
): Refusal | undefined {
  const { closeFirst, waitFor } = state.setting.antiPassback;
  // Who has an item in their hands, or the door open to take one, must not get a second one.
  if (closeFirst || schema.lends) {
    const theirs = state.compartments.find(
      ({ door, use, opening, unsettled }) =>
        (use?.user === user && isOpen(door)) ||
        opening?.user === user ||
        (schema.lends && unsettled?.user === user),
    );
    // Their own one opens once more: the sensor may be broken, and nothing else comes within reach.
    const same = 'compartment' in proposal && proposal.compartment === theirs?.number;
    if (theirs && !same) return refusal('close-first', { compartment: theirs.number });
  }
  const last = state.lastUses.get(user);
  // A clock that was set back makes nobody wait.
  if (last === undefined || at < last || at - last >= waitFor) return undefined;
  return refusal('wait-first', { seconds: Math.ceil((last + waitFor - at) / 1_000) });
}

function openable(state: CabinetState, proposal: Proposal, person?: Person): Proposal {
  if (isRefusal(proposal) || isPick(proposal)) return proposal;
  const compartment = compartmentOf(state, proposal.compartment);
  if (!compartment) return refusal('compartment-unknown', { compartment: proposal.compartment });
  if (person?.among && !person.among.has(compartment.number)) {
    return refusal('no-right-to-compartment', { compartment: compartment.number });
  }
  return obstacle(state, compartment) ?? proposal;
}

/** Why a compartment that somebody has a right to cannot be opened by them now. */
export function obstacle(state: CabinetState, compartment: CompartmentState): Refusal | undefined {
  const values = { compartment: compartment.number };
  const status = statusOf(state, compartment);
  if (status === 'not-answering') return refusal('compartment-not-answering', values);
  if (status === 'out-of-order') return refusal('compartment-out-of-order', values);
  if (status === 'blocked') return refusal('compartment-blocked', values);
  if (compartment.opening) return refusal('compartment-in-use', values);
  // What opens once is not opened a second time before its door was closed.
  const opensOnce = compartment.use?.purpose === 'once' || compartment.use?.purpose === 'collect';
  return opensOnce ? refusal('compartment-in-use', values) : undefined;
}
