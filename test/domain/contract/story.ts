import type { CabinetEvent } from '../../../domain/cabinet/events.ts';
import type { Decision } from '../../../domain/cabinet/inputs.ts';
import type { SessionStep } from '../../../domain/session/session.ts';

/** What became of an input, in words. */
export function told({ event, refusal }: Decision): string {
  if (refusal) return `refused: ${refusal.code}${inBrackets(refusal.values)}${event ? ', on record' : ''}`;
  return event ? sentence(event) : 'nothing';
}

/** An event as a sentence of a story. */
function sentence(event: CabinetEvent): string {
  switch (event.type) {
    case 'compartment-granted': {
      const { compartment, purpose, user, panel, picked, insteadOf, grant, allocation } = event.data;
      const whom = user ?? (event.actor.kind === 'guest' ? `a guest at ${panel}` : event.actor.kind);
      const how = [allocation, picked && 'picked', insteadOf && `instead of ${insteadOf}`].filter(Boolean);
      return `compartment ${compartment} is granted to ${whom} (${purpose}, ${how.join(', ')}, ${grant})`;
    }
    case 'grant-lapsed':
    case 'unlock-failed': {
      const { compartment, cause, freed, next } = event.data;
      const what = event.type === 'unlock-failed' ? 'the lock failed' : 'the grant lapsed';
      return `compartment ${compartment}: ${what} (${cause}${freed ? ', freed' : ''})${then(next)}`;
    }
    case 'door-closed': {
      const { compartment, outcome = 'nothing ended', item, next } = event.data;
      return `door ${compartment} is closed: ${outcome}${item ? ` ${item}` : ''}${then(next)}`;
    }
    case 'session-started':
    case 'session-moved': {
      const { session, panel, step } = event.data;
      const replaces = event.type === 'session-started' ? event.data.replaces : undefined;
      return `${session} at ${panel}${replaces ? `, in place of ${replaces}` : ''}${then(step)}`;
    }
    default:
      return `${event.type}${inBrackets(event.data)}`;
  }
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
