import type { RequestHandler, Response } from 'express';
import type { Role } from '../../domain/identification.ts';
import type { Bearer } from '../../gateway/administration/api-tokens.ts';
import { bearerIn } from '../bearers.ts';
import { fail } from './replies.ts';

/** Whoever watches over a site: they see every alarm, silent ones too. */
export const WATCHING: readonly Role[] = ['administrator', 'operator'];
/** Whoever says what is trusted. */
export const ADMINISTERING: readonly Role[] = ['administrator'];

/** Whether somebody has one of some roles. */
export function hasOneOf({ principal }: Bearer, roles: readonly Role[]): boolean {
  return roles.some((role) => principal.roles.includes(role));
}

/** Lets in who has one of some roles now. */
export function forRoles(roles: readonly Role[]): RequestHandler {
  return (request, response, next) => {
    const bearer = whoAsks(response);
    if (bearer && hasOneOf(bearer, roles)) next();
    else fail(request, response, 'not-permitted');
  };
}

/** Whoever sent a request, with the roles of that moment; undefined where nobody was let in. */
export function whoAsks(response: Response): Bearer | undefined {
  return bearerIn(response) as Bearer | undefined;
}
