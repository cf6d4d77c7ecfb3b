import { type Refusal, refusal } from '../refusals.ts';
import type { Purpose } from '../session/session.ts';
import type { UserId } from '../site.ts';
import { grantFor } from './grant.ts';
import { type AdministrativeInput, type Decision, type DecisionContext, decided, refused } from './inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf, compartmentsOf, isTaken } from './state.ts';

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
    case 'service-open': {
      if (compartment.opening) return refused(refusal('compartment-in-use', values));
      const { grant } = input;
      const purpose = input.input === 'open' ? handsOver(compartment, context) : 'service';
      return grantFor(state, { compartment: number, allocation: 'none', purpose }, { grant, reason }, actor);
    }
    case 'release': {
      const { holders, codes, deposit } = compartment;
      if (compartment.opening) return refused(refusal('compartment-in-use', values));
      if (holders.length + codes.length === 0 && !deposit)
        return refused(refusal('compartment-free', values));
      return released(input, holders, reason, deposit?.id);
    }
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
    case 'assign-code':
      if (!context.schema.once) {
        return refused(refusal('not-assignable', { ...values, schema: state.setting.schema }));
      }
      if (isHandingOver(compartment)) return refused(refusal('compartment-in-use', values));
      return decided({
        type: 'code-assigned',
        actor,
        data: { compartment: number, code: input.code, reason },
      });
    case 'stock': {
      const obstacle = stockObstacle(state, compartment, context);
      if (obstacle) return refused(obstacle);
      const { item } = input;
      const data = { compartment: number, ...(item !== undefined && { item }), reason };
      return decided({ type: 'compartment-stocked', actor, data });
    }
    case 'empty':
      if (isHandingOver(compartment)) return refused(refusal('compartment-in-use', values));
      if (compartment.contents.length === 0) return refused(refusal('compartment-empty', values));
      return decided({ type: 'compartment-emptied', actor, data: { compartment: number, reason } });
    case 'return-to-service':
      if (compartment.outOfOrder === undefined) return refused(refusal('compartment-in-service', values));
      return decided({
        type: 'compartment-returned-to-service',
        actor,
        data: { compartment: number, reason },
      });
  }
}

/** Whether the closing of the door will change what belongs to whom; what is said before it would be lost. */
function isHandingOver({ opening, use, unsettled }: CompartmentState): boolean {
  const purposes: readonly (Purpose | undefined)[] = [opening?.purpose, use?.purpose, unsettled?.purpose];
  return purposes.some((purpose) => purpose === 'once' || purpose === 'take' || purpose === 'return');
}

/** What the closing of the door ends where what lies inside is handed over. */
function handsOver({ deposit, holders, codes }: CompartmentState, { schema }: DecisionContext): Purpose {
  if (deposit) return deposit.stage === 'open' ? 'service' : 'collect';
  return schema.once && holders.length + codes.length > 0 ? 'once' : 'service';
}

function released(
  input: AdministrativeInput,
  users: readonly UserId[],
  reason: string,
  deposit?: string,
): Decision {
  return decided({
    type: 'compartment-released',
    actor: input.actor,
    data: { compartment: input.compartment, users, reason, ...(deposit !== undefined && { deposit }) },
  });
}

/** Items are lent where the schema lends, from compartments that nothing else is in. */
function stockObstacle(
  state: CabinetState,
  compartment: CompartmentState,
  { schema }: DecisionContext,
): Refusal | undefined {
  const values = { compartment: compartment.number, schema: state.setting.schema };
  if (!schema.lends) return refusal('not-assignable', values);
  if (compartment.opening || compartment.use || compartment.unsettled) {
    return refusal('compartment-in-use', values);
  }
  return isTaken(compartment) ? refusal('compartment-occupied', values) : undefined;
}

function assignmentObstacle(
  state: CabinetState,
  compartment: CompartmentState,
  user: UserId,
  { schema }: DecisionContext,
): Refusal | undefined {
  const values = { compartment: compartment.number, schema: state.setting.schema };
  if (schema.assignment === 'none') return refusal('not-assignable', values);
  if (isHandingOver(compartment)) return refusal('compartment-in-use', values);
  const [already] = compartmentsOf(state, user);
  if (already) return refusal('already-assigned', { compartment: already.number });
  if (schema.assignment === 'one-user' && compartment.holders.length > 0) {
    return refusal('compartment-assigned-to-another', values);
  }
  return undefined;
}
