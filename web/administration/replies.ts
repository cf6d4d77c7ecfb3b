import type { ErrorRequestHandler, Request, Response } from 'express';
import type { AlarmRefusalCode } from '../../domain/alarms/refusal.ts';
import type { Language } from '../../domain/texts/texts.ts';
import type { AlarmRefused } from '../../gateway/api.ts';
import { type FailureCode, type FailureValues, failureText, languageIn } from './texts.ts';

/** Seconds after which what is not available now is worth another try. */
const TRY_AGAIN_AFTER = 2;

const STATUS_OF_FAILURE: Readonly<Record<FailureCode, number>> = {
  malformed: 400,
  'token-missing': 401,
  'token-unknown': 401,
  'not-permitted': 403,
  'not-found': 404,
  'client-unknown': 404,
  'too-many-wrong-tokens': 429,
  'too-many-requests': 429,
  failed: 500,
  'opcua-down': 503,
  starting: 503,
  'too-many-streams': 503,
};

const STATUS_OF_REFUSAL: Readonly<Record<AlarmRefusalCode, number>> = {
  'comment-missing': 400,
  'not-permitted': 403,
  'alarm-unknown': 404,
  'occurrence-unknown': 404,
  'already-acknowledged': 409,
  'already-confirmed': 409,
  'not-acknowledged': 409,
  'already-shelved': 409,
  'not-shelved': 409,
  'already-so': 409,
  'shelving-too-long': 422,
  'alarms-busy': 503,
  'not-stored': 503,
  'alarms-not-running': 503,
};

/** Answers with what an alarm's book refused. */
export function refuse(request: Request, response: Response, { refusal, text }: AlarmRefused): void {
  const { code, values } = refusal;
  const language = languageFor(request, response);
  answer(response, STATUS_OF_REFUSAL[code], { code, values, text: text[language] });
}

/** Answers that a request was not taken, in the language that it asks for. */
export function fail(
  request: Request,
  response: Response,
  code: FailureCode,
  values: FailureValues = {},
  status = STATUS_OF_FAILURE[code],
): void {
  const language = languageFor(request, response);
  answer(response, status, { code, values, text: failureText(code, values, language) });
}

/** The language that is asked for; the answer says which it is, and that it depends on that. */
export function languageFor(request: Request, response: Response): Language {
  const language = languageIn(request);
  response.set('Content-Language', language);
  response.vary('Accept-Language');
  return language;
}

function answer(response: Response, status: number, body: object): void {
  if (status === 503) response.set('Retry-After', String(TRY_AGAIN_AFTER));
  response.status(status).json(body);
}

/**
 * The end of the router. What cannot be read is the sender's fault; of anything else the operator of this computer is
 * told the kind of error only.
 */
export function lastResort(notice: (message: string) => void): ErrorRequestHandler {
  return (error: { readonly status?: unknown; readonly name?: string }, request, response, _next) => {
    const { status, name } = error;
    if (response.headersSent) {
      notice(`An answer of the administration API broke off (${name ?? 'unknown error'}).`);
      response.destroy();
      return;
    }
    if (typeof status === 'number' && status >= 400 && status < 500) {
      const detail = 'send an address that is percent-encoded, and at most 8 kB of JSON.';
      fail(request, response, 'malformed', { detail }, status);
      return;
    }
    notice(`A request of the administration API failed (${name ?? 'unknown error'}).`);
    fail(request, response, 'failed');
  };
}
