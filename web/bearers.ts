import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';

/** Wrong tokens that one address may send in a quarter of an hour. */
const WRONG_TOKENS = 20;
const WRONG_WINDOW = 15 * 60_000;
/** Requests with one right token in a minute: ten a second, more than a person makes by far. */
const REQUESTS = 600;
const REQUEST_WINDOW = 60_000;

/** Whoever sent a token. */
interface Bearer {
  /** Id of the token; no secret. */
  readonly id: string;
}

/** Why somebody is not let in. */
export type TurnedAway = 'token-missing' | 'token-unknown' | 'too-many-wrong-tokens' | 'too-many-requests';

export interface BearerCheck {
  /** Whose token that is; undefined where it is good for nothing. */
  readonly bearerOf: (token: string) => Bearer | undefined;
  /** What the tokens are for, as browsers and programs are told (RFC 6750, 3). */
  readonly realm: string;
  /** Answers somebody who is not let in. */
  readonly turnAway: (request: Request, response: Response, why: TurnedAway) => void;
}

/**
 * Lets in who sends a token that is known: `Authorization: Bearer <token>` (RFC 6750, 2.1). Otherwise 401, or 429 for
 * an address that sent too many wrong ones; a right token is let in from there all the same, since nobody finds 256
 * bits by trying. A token in an address is never looked at: addresses stand in logs.
 */
export function bearers({ bearerOf, realm, turnAway }: BearerCheck): RequestHandler[] {
  const wrong = rateLimit({
    windowMs: WRONG_WINDOW,
    limit: WRONG_TOKENS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (request, response) => turnAway(request, response, 'too-many-wrong-tokens'),
  });
  const many = rateLimit({
    windowMs: REQUEST_WINDOW,
    limit: REQUESTS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (_request, response) => bearerIn(response)?.id ?? ipKeyGenerator('::'),
    handler: (request, response) => turnAway(request, response, 'too-many-requests'),
  });
  const check: RequestHandler = (request, response, next) => {
    const token = tokenIn(request);
    const bearer = token === undefined ? undefined : bearerOf(token);
    if (bearer) {
      response.locals['bearer'] = bearer;
      next();
      return;
    }
    response.set('WWW-Authenticate', `Bearer realm="${realm}"`);
    if (token === undefined) turnAway(request, response, 'token-missing');
    else wrong(request, response, () => turnAway(request, response, 'token-unknown'));
  };
  return [check, many];
}

/** Whoever `bearers` let in; undefined where that was nobody. */
export function bearerIn(response: Response): Bearer | undefined {
  return response.locals['bearer'] as Bearer | undefined;
}

function tokenIn(request: Request): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,256})$/i.exec(request.get('authorization') ?? '')?.[1];
}
