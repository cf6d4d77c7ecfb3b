import { GATEWAY } from '../event.ts';
import { type Refusal, refusal } from '../refusals.ts';
import { type Choice, isRefusal, type Person } from '../schemas/schema.ts';
import type { CabinetEvents } from './events.ts';
import {
  type CabinetInput,
  type Decision,
  type DecisionContext,
  decided,
  type Identification,
} from './inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf, statusOf } from './state.ts';

type InputOf<Name extends CabinetInput['input']> = Extract<CabinetInput, { input: Name }>;

/** An identified person asks for a compartment: granted or refused, and on record either way. */
export function decideAccess(
  state: CabinetState,
  { person, grant }: InputOf<'access'>,
  context: DecisionContext,
): Decision {
  const choice = choose(state, person, context);
  if (isRefusal(choice)) return refuseOnRecord(choice, person);
  return grantFor(state, choice, {
    actor: { kind: 'user', id: person.user },
    grant,
    user: person.user,
    credential: person.credential,
    reader: person.reader,
  });
}

/** The lock of a new allocation failed: the next free compartment, or an end that leaves the person with words. */
export function decideAgain(
  state: CabinetState,
  { person, grant, insteadOf, replaced }: InputOf<'access-again'>,
  context: DecisionContext,
): Decision {
  const choice = choose(state, person, context);
  if (isRefusal(choice)) {
    const failed = refusal('lock-failed', { compartment: insteadOf });
    return {
      event: {
        type: 'access-refused',
        actor: GATEWAY,
        data: { reason: failed.code, user: person.user, compartment: insteadOf },
      },
      refusal: failed,
      effects: [],
    };
  }
  return grantFor(state, choice, {
    actor: { kind: 'user', id: person.user },
    grant,
    user: person.user,
    insteadOf,
    replaced,
  });
}

/** Puts on record that somebody was turned away before the cabinet was asked. */
export function decideTurnedAway({
  reason,
  kind,
  reader,
  user,
  credential,
}: InputOf<'turned-away'>): Decision {
  return decided({
    type: 'access-refused',
    actor: user ? { kind: 'user', id: user } : { kind: 'reader', id: reader },
    data: { reason, kind, reader, ...(user && { user }), ...(credential && { credential }) },
  });
}

function choose(state: CabinetState, person: Person, context: DecisionContext): Choice | Refusal {
  const { setting } = state;
  const admitted =
    setting.userGroups.length === 0 || setting.userGroups.some((group) => person.groups.includes(group));
  if (!admitted) return refusal('no-right-to-cabinet', { cabinet: setting.id });
  const choice = context.schema.choose(state, person);
  if (isRefusal(choice)) return choice;
  const compartment = compartmentOf(state, choice.compartment);
  if (!compartment) return refusal('compartment-unknown', { compartment: choice.compartment });
  return obstacle(state, compartment) ?? choice;
}

/** Why a compartment that a person has a right to cannot be opened by them now. */
function obstacle(state: CabinetState, compartment: CompartmentState): Refusal | undefined {
  const values = { compartment: compartment.number };
  const status = statusOf(state, compartment);
  if (status === 'not-answering') return refusal('compartment-not-answering', values);
  if (status === 'out-of-order') return refusal('compartment-out-of-order', values);
  if (status === 'blocked') return refusal('compartment-blocked', values);
  if (compartment.opening) return refusal('compartment-in-use', values);
  return undefined;
}

function refuseOnRecord(reason: Refusal, person: Identification): Decision {
  const { user, credential, reader } = person;
  const { compartment } = reason.values;
  return {
    event: {
      type: 'access-refused',
      actor: { kind: 'user', id: user },
      data: {
        reason: reason.code,
        user,
        credential,
        reader,
        ...(typeof compartment === 'number' && { compartment }),
      },
    },
    refusal: reason,
    effects: [],
  };
}

/** The grant for a choice, with the event that records it. */
function grantFor(
  state: CabinetState,
  { compartment, allocation }: Choice,
  to: {
    readonly actor: { readonly kind: 'user'; readonly id: string };
    readonly grant: string;
    readonly user: string;
    readonly credential?: string;
    readonly reader?: string;
    readonly insteadOf?: number;
    readonly replaced?: number;
  },
): Decision {
  const { actor, ...who } = to;
  const data: CabinetEvents['compartment-granted'] = {
    compartment,
    allocation,
    schema: state.setting.schema,
    ...who,
  };
  return decided({ type: 'compartment-granted', actor, data }, [
    {
      effect: 'hold-grant',
      grant: to.grant,
      compartment,
      validFor: state.setting.doors.grantValidFor,
    },
  ]);
}
