import type { Right } from '../domain/rights.ts';
import type { CabinetId, UserGroupId, UserId } from '../domain/site.ts';

/** Rights in memory, found by whom they are for. */
export class KnownRights {
  readonly #rights = new Map<string, Right>();
  readonly #ofUsers = new Map<UserId, Set<Right>>();
  readonly #ofGroups = new Map<UserGroupId, Set<Right>>();

  learn(right: Right): void {
    this.forget(right.id);
    this.#rights.set(right.id, right);
    const { user, userGroup } = right;
    if (user !== undefined) entry(this.#ofUsers, user).add(right);
    if (userGroup !== undefined) entry(this.#ofGroups, userGroup).add(right);
  }

  forget(id: string): void {
    const right = this.#rights.get(id);
    if (!right) return;
    this.#rights.delete(id);
    if (right.user !== undefined) this.#ofUsers.get(right.user)?.delete(right);
    if (right.userGroup !== undefined) this.#ofGroups.get(right.userGroup)?.delete(right);
  }

  clear(): void {
    for (const known of [this.#rights, this.#ofUsers, this.#ofGroups]) known.clear();
  }

  /** The rights to a cabinet that name a user or one of these groups. */
  of(user: UserId | undefined, groups: readonly UserGroupId[], cabinet: CabinetId): Right[] {
    const found = user === undefined ? [] : [...(this.#ofUsers.get(user) ?? [])];
    for (const group of groups) found.push(...(this.#ofGroups.get(group) ?? []));
    return found.filter((right) => right.cabinet === cabinet);
  }
}

function entry(index: Map<string, Set<Right>>, key: string): Set<Right> {
  let rights = index.get(key);
  if (!rights) {
    rights = new Set();
    index.set(key, rights);
  }
  return rights;
}
