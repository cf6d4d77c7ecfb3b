import type { UserId } from '../domain/site.ts';

/** A person as lists show them. */
export interface NamedPerson {
  readonly user: UserId;
  readonly name: string;
}

interface FoldedPerson extends NamedPerson {
  readonly folded: string;
}

/** Letters that Unicode does not take for a letter with a mark. */
const PLAIN: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe' };

/** Names in their order, for a panel at which somebody types a few letters of one. */
export class KnownNames {
  readonly #names = new Map<UserId, string>();
  readonly #collator = new Intl.Collator('pl');
  /** In the order of names; made anew when it is asked for after a change. */
  #sorted: readonly FoldedPerson[] | undefined;

  set(user: UserId, name: string): void {
    if (this.#names.get(user) === name) return;
    this.#names.set(user, name);
    this.#sorted = undefined;
  }

  delete(user: UserId): void {
    if (this.#names.delete(user)) this.#sorted = undefined;
  }

  clear(): void {
    this.#names.clear();
    this.#sorted = undefined;
  }

  /**
   * People whose name contains a text, whatever its case and the marks on its letters, in the order of names.
   *
   * @param most how many are wanted at most
   */
  containing(text: string, most: number, accepts: (user: UserId) => boolean): NamedPerson[] {
    const wanted = folded(text.trim());
    const found: NamedPerson[] = [];
    this.#sorted ??= this.#sort();
    for (const person of this.#sorted) {
      if (found.length >= most) break;
      if (person.folded.includes(wanted) && accepts(person.user)) {
        found.push({ user: person.user, name: person.name });
      }
    }
    return found;
  }

  #sort(): FoldedPerson[] {
    const people = Array.from(this.#names, ([user, name]) => ({ user, name, folded: folded(name) }));
    return people.sort((one, other) => this.#collator.compare(one.name, other.name));
  }
}

function folded(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[łøđßæœ]/g, (letter) => PLAIN[letter] ?? letter);
}
