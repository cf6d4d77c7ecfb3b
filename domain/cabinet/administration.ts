import { type Refusal, refusal } from '../refusals.ts';
import type { UserId } from '../site.ts';
import { type AdministrativeInput, type Decision, type DecisionContext, decided, refused } from './inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf, compartmentsOf } from './state.ts';

/**
 * What an administrator asks of a compartment. A reason in words is required; what is asked must make sense
 * for the compartment as it stands, and is refused whole otherwise.
 */
export function decideAdministration(
  state: CabinetState,
  input: AdministrativeInput,
  context: DecisionContext,
): Decision {
  const { actor, compartment: number } = input;
  const reason = input.reason.trim();
  if (reason === '') return refused(refusal('reason-required'));
  const compartment = compartmentOf(state, number);
  if (!compartment) {
    return refused(refusal('compartment-unknown', { compartment: number, cabinet: state.setting.id }));
  }
  const values = { compartment: number };
  switch (input.input) {
    case 'open':
      if (compartment.opening) return refused(refusal('compartment-in-use', values));
      return decided(
        {
          type: 'compartment-granted',
          actor,
          data: { compartment: number, grant: input.grant, allocation: 'none', reason },
        },
        [
          {
            effect: 'hold-grant',
            grant: input.grant,
            compartment: number,
            validFor: state.setting.doors.grantValidFor,
          },
        ],
      );
    case 'release':
      if (compartment.holders.length === 0) return refused(refusal('compartment-free', values));
      return released(input, compartment.holders, reason);
    case 'withdraw':
      if (!compartment.holders.includes(input.user)) return refused(refusal('compartment-free', values));
      return released(input, [input.user], reason);
    case 'assign': {
      const obstacle = assignmentObstacle(state, compartment, input.user, context);
      if (obstacle) return refused(obstacle);
      return decided({
        type: 'compartment-assigned',
        actor,
        data: { compartment: number, user: input.user, reason },
      });
    }
    case 'block':
      if (compartment.blocked !== undefined) return refused(refusal('compartment-blocked', values));
      return decided({ type: 'compartment-blocked', actor, data: { compartment: number, reason } });
    case 'unblock':
      if (compartment.blocked === undefined) return refused(refusal('compartment-not-blocked', values));
      return decided({ type: 'compartment-unblocked', actor, data: { compartment: number, reason } });
    case 'return-to-service':
      if (compartment.outOfOrder === undefined) return refused(refusal('compartment-in-service', values));
      return decided({
        type: 'compartment-returned-to-service',
        actor,
        data: { compartment: number, reason },
      });
  }
}

function released(input: AdministrativeInput, users: readonly UserId[], reason: string): Decision {
  return decided({
    type: 'compartment-released',
    actor: input.actor,
    data: { compartment: input.compartment, users, reason },
  });
}

function assignmentObstacle(
  state: CabinetState,
  compartment: CompartmentState,
  user: UserId,
  { schema }: DecisionContext,
): Refusal | undefined {
  const values = { compartment: compartment.number, schema: state.setting.schema };
  if (schema.assignment === 'none') return refusal('not-assignable', values);
  const [already] = compartmentsOf(state, user);
  if (already) return refusal('already-assigned', { compartment: already.number });
  if (schema.assignment === 'one-user' && compartment.holders.length > 0) {
    return refusal('compartment-assigned-to-another', values);
  }
  return undefined;
}
