import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Milliseconds, PanelId } from '../../domain/site.ts';
import { fail } from './replies.ts';

/** Wrong tokens that one address may send in a quarter of an hour. */
const WRONG_TOKENS = 20;
const WRONG_WINDOW = 15 * 60_000;
/** Requests with one right token in a minute: ten a second, more than a person at a panel makes by far. */
const REQUESTS = 600;
const REQUEST_WINDOW = 60_000;

/** One visit by phone. */
export interface Visit {
  /** Since when; what was said at the panel before is nothing of it. */
  readonly since: Milliseconds;
  /** Id of its session, where it has one. */
  readonly session?: string;
}

/** What whoever holds a token may do. */
export interface Authority {
  /** Id of the token. */
  readonly id: string;
  readonly panel: PanelId;
  /** Where it is good for one visit alone. */
  readonly visit?: Visit;
  /** After this time it is good for nothing. */
  readonly until?: Milliseconds;
}

/**
 * Lets in who sends a token that is known: `Authorization: Bearer <token>`. Otherwise 401, or 429 for an address that
 * sent too many wrong ones; a right token is let in from there all the same, since nobody finds 256 bits by trying.
 */
export function bearers(authorityOf: (token: string) => Authority | undefined): RequestHandler[] {
  const wrong = rateLimit({
    windowMs: WRONG_WINDOW,
    limit: WRONG_TOKENS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, response) =>
      fail(response, 429, 'too-many-requests', 'Too many wrong tokens. Wait a quarter of an hour.'),
  });
  const many = rateLimit({
    windowMs: REQUEST_WINDOW,
    limit: REQUESTS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (_request, response) => authorityIn(response)?.id ?? ipKeyGenerator('::'),
    handler: (_request, response) =>
      fail(response, 429, 'too-many-requests', 'Too many requests. Wait a minute.'),
  });
  const check: RequestHandler = (request, response, next) => {
    const token = tokenIn(request);
    const authority = token === undefined ? undefined : authorityOf(token);
    if (authority) {
      response.locals['authority'] = authority;
      next();
      return;
    }
    response.set('WWW-Authenticate', 'Bearer realm="Sezam panel"');
    if (token === undefined) {
      fail(response, 401, 'token-missing', 'Send the token of the panel: Authorization: Bearer <token>.');
      return;
    }
    wrong(request, response, () =>
      fail(response, 401, 'token-unknown', 'This token is not known, or is good for nothing any more.'),
    );
  };
  return [check, many];
}

/** Lets in who may work with the panel of the address. */
export const atThisPanel: RequestHandler = (request, response, next) => {
  if (authorityIn(response)?.panel === request.params['panel']) next();
  else fail(response, 403, 'other-panel', 'This token is for another panel.');
};

/** What whoever sent a request may do; undefined where nobody was let in. */
export function authorityIn(response: Response): Authority | undefined {
  return response.locals['authority'] as Authority | undefined;
}

function tokenIn(request: Request): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,256})$/i.exec(request.get('authorization') ?? '')?.[1];
}
