import type { OpcUaTag } from '../../gateway/opcua-administration.ts';

/** How a tool takes a list of tags: written piece by piece, tags in the order of the address space. */
export interface TagList {
  /** What comes before the first tag. */
  begin(): string;
  tag(tag: OpcUaTag): string;
  /** What comes after the last one. */
  end(): string;
}

/** Depth of the site's own object: `Objects`, then `Sezam`. */
const ABOVE = 2;
/** What every tool takes in a name; dots and slashes divide groups. */
const UNFIT = /[^A-Za-z0-9 _-]+/g;

/**
 * Names of tags and of the groups that they stand in, fit for tools that take letters, digits, blanks, hyphens and
 * underscores: nothing that begins with an underscore, and no two alike in one group.
 */
export class TagNames {
  /** By the path of a group, as it is called in the tool: what is in use there, and for what. */
  readonly #groups = new Map<string, Map<string, string>>();

  /** The path of a tag below the site, group by group; the last one is its own name. */
  of({ path }: OpcUaTag): readonly string[] {
    const names: string[] = [];
    for (const name of path.slice(ABOVE)) names.push(this.#nameIn(names.join('/'), name));
    return names;
  }

  #nameIn(group: string, name: string): string {
    const known = this.#groups.get(group) ?? new Map<string, string>();
    this.#groups.set(group, known);
    const taken = known.get(`is ${name}`);
    if (taken !== undefined) return taken;
    const fit = fitted(name);
    let free = fit;
    // Tools do not tell capital and small letters apart.
    for (let count = 2; known.has(`has ${free.toLowerCase()}`); count += 1) free = `${fit}-${count}`;
    known.set(`has ${free.toLowerCase()}`, name);
    known.set(`is ${name}`, free);
    return free;
  }
}

/** A name without what tools do not take in one: marks are taken from letters, the rest becomes an underscore. */
function fitted(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').replace(UNFIT, '_');
  return plain.replace(/^[_ -]+/, '').trim() || 'tag';
}
