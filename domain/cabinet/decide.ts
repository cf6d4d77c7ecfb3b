import { GATEWAY } from '../event.ts';
import { decideAccess, decideAgain, decideTurnedAway } from './access.ts';
import { decideAdministration } from './administration.ts';
import { decideItemSeen, decideSettle } from './closing.ts';
import { decideCollect, decideFault, decideMail, decideOverdue } from './deposits.ts';
import { type CabinetInput, type Decision, type DecisionContext, decided } from './inputs.ts';
import { decideModeChange } from './mode.ts';
import {
  decideBegin,
  decideCancel,
  decideCode,
  decideDeposit,
  decidePick,
  decideRecipient,
  decideSecond,
  decideSessionExpired,
} from './sessions.ts';
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
    case 'begin':
      return decideBegin(state, input, context);
    case 'deposit':
      return decideDeposit(state, input, context);
    case 'pick':
      return decidePick(state, input, context);
    case 'second':
      return decideSecond(state, input, context);
    case 'set-code':
      return decideCode(state, input, context);
    case 'choose-recipient':
      return decideRecipient(state, input);
    case 'cancel':
      return decideCancel(state, input);
    case 'session-expired':
      return decideSessionExpired(state, input);
    case 'collect':
      return decideCollect(state, input, context);
    case 'report-fault':
      return decideFault(state, input);
    case 'mail-outcome':
      return decideMail(state, input);
    case 'overdue-check':
      return decideOverdue(state, context);
    case 'grant-expired':
    case 'grant-orphaned':
      return decideGrantEnd(state, input, context);
    case 'lock-failed':
      return decideLockFailed(state, input, context);
    case 'door':
      return decideDoor(state, input, context);
    case 'item-seen':
      return decideItemSeen(state, input);
    case 'settle':
      return decideSettle(state, input, context);
    case 'doors-found':
      return decideDoorsFound(state, input);
    case 'open-too-long':
      return decideOpenTooLong(state, input);
    case 'board':
      return decideBoard(state, input);
    case 'configure':
      return decided({
        type: 'cabinet-configured',
        actor: GATEWAY,
        data: {
          cabinet: input.setting,
          ...(input.schemaOfFile !== undefined && { schemaOfFile: input.schemaOfFile }),
        },
      });
    case 'change-mode':
      return decideModeChange(state, input);
    case 'open':
    case 'service-open':
    case 'assign-code':
    case 'stock':
    case 'empty':
    case 'release':
    case 'assign':
    case 'withdraw':
    case 'block':
    case 'unblock':
    case 'return-to-service':
      return decideAdministration(state, input, context);
  }
}
