import type { RequestHandler, Response } from 'express';
import type { Milliseconds, PanelId } from '../../domain/site.ts';
import { bearerIn, bearers, type TurnedAway } from '../bearers.ts';
import { type FailureCode, fail } from './replies.ts';

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

/** What whoever sends a token that is none of a panel is told. */
const TURNED_AWAY: Readonly<Record<TurnedAway, readonly [401 | 429, FailureCode, string]>> = {
  'token-missing': [401, 'token-missing', 'Send the token of the panel: Authorization: Bearer <token>.'],
  'token-unknown': [401, 'token-unknown', 'This token is not known, or is good for nothing any more.'],
  'too-many-wrong-tokens': [429, 'too-many-requests', 'Too many wrong tokens. Wait a quarter of an hour.'],
  'too-many-requests': [429, 'too-many-requests', 'Too many requests. Wait a minute.'],
};

/** Lets in who sends the token of a panel; see `bearers`. */
export function panelBearers(authorityOf: (token: string) => Authority | undefined): RequestHandler[] {
  return bearers({
    bearerOf: authorityOf,
    realm: 'Sezam panel',
    turnAway: (_request, response, why) => fail(response, ...TURNED_AWAY[why]),
  });
}

/** Lets in who may work with the panel of the address. */
export const atThisPanel: RequestHandler = (request, response, next) => {
  if (authorityIn(response)?.panel === request.params['panel']) next();
  else fail(response, 403, 'other-panel', 'This token is for another panel.');
};

/** What whoever sent a request may do; undefined where nobody was let in. */
export function authorityIn(response: Response): Authority | undefined {
  return bearerIn(response) as Authority | undefined;
}
