import type { ErrorRequestHandler, Response } from 'express';
import type { RefusalCode } from '../../domain/refusals.ts';
import type { Refused } from '../../gateway/api.ts';

/** Why a request was not taken, where that is no matter of the panel. */
export const FAILURE_CODES = [
  'malformed',
  'token-missing',
  'token-unknown',
  'other-panel',
  'too-many-requests',
  'starting',
  'failed',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** Refusals after which the same answer may be taken: later, or by whoever looks at the panel anew. */
const CONFLICTS: ReadonlySet<RefusalCode> = new Set([
  'answer-unexpected',
  'close-first',
  'compartment-in-use',
  'compartment-taken',
  'no-free-compartment',
  'panel-busy',
  'session-over',
  'too-many-attempts',
  'wait-first',
]);

/** Refusals that are about the gateway and not about what was asked. */
const UNAVAILABLE: ReadonlySet<RefusalCode> = new Set([
  'cabinet-owned-elsewhere',
  'gateway-busy',
  'gateway-stopping',
  'store-unavailable',
]);

/** The HTTP status of a refusal: 404 for no such panel, 409, 422 or 503. */
export function statusOf(code: RefusalCode): number {
  if (code === 'panel-unknown') return 404;
  if (UNAVAILABLE.has(code)) return 503;
  return CONFLICTS.has(code) ? 409 : 422;
}

/** Answers with a refusal and its text. */
export function refuse(response: Response, { refusal, text }: Refused): void {
  const { code, values } = refusal;
  response.status(statusOf(code)).json({ code, values, text });
}

/** Answers that a request was not taken. */
export function fail(response: Response, status: number, code: FailureCode, message: string): void {
  response.status(status).json({ code, message });
}

/** Answers that the gateway does not run yet, or any more. */
export function failStarting(response: Response): void {
  response.set('Retry-After', '2');
  fail(response, 503, 'starting', 'Sezam is starting. Try again in a moment.');
}

/**
 * The end of every router of this API. What cannot be read is the sender's fault; of anything else the operator is
 * told the kind of error only, and nothing is handed on to a handler that would print a body with its secrets.
 */
export function lastResort(notice: (message: string) => void): ErrorRequestHandler {
  return (error: { readonly status?: unknown; readonly name?: string }, _request, response, _next) => {
    const { status, name } = error;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      fail(response, status, 'malformed', 'The request cannot be read. Send at most 4 kB of JSON.');
      return;
    }
    notice(`A request of a panel failed (${name ?? 'unknown error'}).`);
    if (response.headersSent) response.destroy();
    else fail(response, 500, 'failed', 'That did not work. Try again, or ask the administrator.');
  };
}
