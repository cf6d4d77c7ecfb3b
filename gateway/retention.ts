import type { Actor } from '../domain/event.ts';
import type { Milliseconds, UserId } from '../domain/site.ts';
import type { Administration } from './administration.ts';
import type { Queries } from './query/queries.ts';

const DAY: Milliseconds = 86_400_000;
const RETENTION: Actor = { kind: 'gateway', id: 'retention' };

/**
 * Erases everything personal of users whose time ended long enough ago; their ids stay in the log. Whoever still has
 * something in a cabinet of this gateway is kept until they have not. Administrators are erased by hand only.
 *
 * @param days how many days ago their time must have ended at least
 * @returns who was erased
 */
export async function eraseExpiredUsers({
  administration,
  queries,
  days,
  now,
}: {
  readonly administration: Pick<Administration, 'users' | 'eraseUser'>;
  readonly queries: Pick<Queries, 'whoHasWhat'>;
  readonly days: number;
  readonly now: Milliseconds;
}): Promise<readonly UserId[]> {
  const erased: UserId[] = [];
  for (const { _id: user, roles, validUntil } of await administration.users()) {
    if (!validUntil || validUntil.getTime() > now - days * DAY || roles.includes('administrator')) continue;
    const holdings = queries.whoHasWhat({ user });
    if (!holdings.ok || holdings.possessions.length > 0) continue;
    await administration.eraseUser(user, RETENTION);
    erased.push(user);
  }
  return erased;
}
