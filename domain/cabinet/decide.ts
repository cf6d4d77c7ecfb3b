import { GATEWAY } from '../event.ts';
import { decideAccess, decideAgain, decideTurnedAway } from './access.ts';
import { decideAdministration } from './administration.ts';
import { type CabinetInput, type Decision, type DecisionContext, decided } from './inputs.ts';
import {
  decideBoard,
  decideDoor,
  decideDoorsFound,
  decideGrantEnd,
  decideLockFailed,
  decideOpenTooLong,
} from './signals.ts';
import type { CabinetState } from './state.ts';

/**
 * Decides what an input does to a cabinet: the one door through which anything happens to it. Pure: the same
 * state, input and context give the same decision, so every decision can be replayed.
 */
export function decide(state: CabinetState, input: CabinetInput, context: DecisionContext): Decision {
  switch (input.input) {
    case 'access':
      return decideAccess(state, input, context);
    case 'access-again':
      return decideAgain(state, input, context);
    case 'turned-away':
      return decideTurnedAway(input);
    case 'grant-expired':
    case 'grant-orphaned':
      return decideGrantEnd(state, input);
    case 'lock-failed':
      return decideLockFailed(state, input);
    case 'door':
      return decideDoor(state, input);
    case 'doors-found':
      return decideDoorsFound(state, input);
    case 'open-too-long':
      return decideOpenTooLong(state, input);
    case 'board':
      return decideBoard(state, input);
    case 'configure':
      return decided({ type: 'cabinet-configured', actor: GATEWAY, data: { cabinet: input.setting } });
    case 'open':
    case 'release':
    case 'assign':
    case 'withdraw':
    case 'block':
    case 'unblock':
    case 'return-to-service':
      return decideAdministration(state, input, context);
  }
}
