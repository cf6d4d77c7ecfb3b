import type { LockFailure } from './events.ts';

/**
 * One opening on its way from a grant to an open door: how often the pulse is sent, and when it has failed for
 * good. Durable facts are the cabinet's; this machine lives only as long as somebody waits at the door.
 */
export type OpeningState =
  | { readonly phase: 'granted' }
  /** The pulse is on its way to the board. */
  | { readonly phase: 'pulsing'; readonly attempt: number }
  /** The pulse has left; the door has until the deadline. */
  | { readonly phase: 'watching'; readonly attempt: number }
  | { readonly phase: 'opened' }
  | { readonly phase: 'failed'; readonly attempts: number; readonly cause: LockFailure };

export type OpeningInput = 'redeemed' | 'pulse-sent' | 'no-answer' | 'door-opened' | 'deadline';

/** What the executor has to do next; `none` where it only has to wait. */
export type OpeningAction = 'send-pulse' | 'await-door' | 'conclude' | 'none';

export interface OpeningStep {
  readonly to: OpeningState;
  readonly action: OpeningAction;
}

/**
 * One step. Inputs that do not fit the phase change nothing: a late deadline, a second redemption.
 *
 * @param attempts pulses sent in all before the opening has failed; 1 to 10
 */
export function nextOpening(state: OpeningState, input: OpeningInput, attempts: number): OpeningStep {
  switch (state.phase) {
    case 'granted':
      return input === 'redeemed'
        ? { to: { phase: 'pulsing', attempt: 1 }, action: 'send-pulse' }
        : { to: state, action: 'none' };
    case 'pulsing':
      if (input === 'pulse-sent') {
        return { to: { phase: 'watching', attempt: state.attempt }, action: 'await-door' };
      }
      if (input === 'door-opened') return { to: { phase: 'opened' }, action: 'conclude' };
      if (input === 'no-answer') return again(state.attempt, attempts, 'no-answer');
      return { to: state, action: 'none' };
    case 'watching':
      if (input === 'door-opened') return { to: { phase: 'opened' }, action: 'conclude' };
      if (input === 'deadline') return again(state.attempt, attempts, 'door-did-not-open');
      return { to: state, action: 'none' };
    case 'opened':
    case 'failed':
      return { to: state, action: 'none' };
  }
}

function again(attempt: number, attempts: number, cause: LockFailure): OpeningStep {
  return attempt < attempts
    ? { to: { phase: 'pulsing', attempt: attempt + 1 }, action: 'send-pulse' }
    : { to: { phase: 'failed', attempts: attempt, cause }, action: 'conclude' };
}
