import type { CabinetEvent } from '../../../domain/cabinet/events.ts';
import type { Decision } from '../../../domain/cabinet/inputs.ts';
import type { SessionStep } from '../../../domain/session/session.ts';

/** What became of an input, in words. */
export function told({ event, refusal }: Decision): string {
  if (refusal) return `refused: ${refusal.code}${inBrackets(refusal.values)}${event ? ', on record' : ''}`;
  return event ? sentence(event) : 'nothing';
}

/** An event as a sentence of a story. */
function sentence({ type, data }: CabinetEvent): string {
  if (type === 'compartment-granted') {
    const { compartment, purpose, user, panel = 'the desk', picked, insteadOf, grant, allocation } = data;
    const how = [purpose, allocation, picked && 'picked', insteadOf && `instead of ${insteadOf}`, grant];
    return `compartment ${compartment} is granted to ${user ?? `somebody at ${panel}`} (${how.filter(Boolean).join(', ')})`;
  }
  if (type === 'grant-lapsed' || type === 'unlock-failed') {
    const what = type === 'unlock-failed' ? 'the lock failed' : 'the grant lapsed';
    const freed = data.freed ? ', freed' : '';
    return `compartment ${data.compartment}: ${what} (${data.cause}${freed})${then(data.next)}`;
  }
  if (type === 'door-closed') {
    const { compartment, outcome = 'nothing ended', item = '', next } = data;
    return `door ${compartment} is closed: ${outcome} ${item}${then(next)}`;
  }
  if (type === 'session-started' || type === 'session-moved') {
    const replaces = 'replaces' in data ? `, in place of ${data.replaces}` : '';
    return `${data.session} at ${data.panel}${replaces}${then(data.step)}`;
  }
  return `${type}${inBrackets(data)}`;
}

function then(step: SessionStep | undefined): string {
  return step ? `, then ${step.step}${'compartment' in step ? ` for ${step.compartment}` : ''}` : '';
}

function inBrackets(values: object): string {
  const parts = Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'object' ? [] : [`${name} ${value}`],
  );
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}
