import { Ajv } from 'ajv';
import type { LoggedEvent } from '../../domain/event.ts';
import { type Refusal, refusal } from '../../domain/refusals.ts';
import { MOST_COMPARTMENTS } from '../../domain/site.ts';
import {
  type EventFilter,
  type EventRange,
  type EventSearch,
  SearchTooSlow,
  StoreUnavailable,
} from '../event-log/event-store.ts';
import { fromCursor, toCursor } from './event-cursor.ts';
import { ID, malformed, refusalFor } from './malformed.ts';
import type { EventPage, EventQuery } from './queries.ts';

/** Events on a page where the query does not say. */
const USUAL_LIMIT = 100;
const LARGEST_LIMIT = 1_000;
const MOST_TYPES = 32;
/** Searches under way at once: decisions go by the same connections, and must not wait for reports. */
const SEARCHES_AT_ONCE = 3;
/** Searches that may wait for their turn. */
const MOST_WAITING = 50;

const TIME = { type: 'integer', minimum: -8_640_000_000_000_000, maximum: 8_640_000_000_000_000 } as const;

const validate = new Ajv().compile<EventQuery>({
  type: 'object',
  additionalProperties: false,
  properties: {
    stream: ID,
    cabinet: ID,
    compartment: { type: 'integer', minimum: 1, maximum: MOST_COMPARTMENTS },
    user: ID,
    item: ID,
    types: { type: 'array', minItems: 1, maxItems: MOST_TYPES, items: ID },
    from: TIME,
    until: TIME,
    order: { enum: ['newest-first', 'oldest-first'] },
    after: ID,
    limit: { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT },
  },
});

/** Answers queries for events, page by page, a few at a time. */
export class EventPages {
  readonly #search: EventSearch;
  readonly #turns: (() => void)[] = [];
  #underWay = 0;

  constructor(search: EventSearch) {
    this.#search = search;
  }

  /** The page that a query asks for, or why there is none. */
  async page(query: unknown): Promise<EventPage | Refusal> {
    const asked = readQuery(query);
    if ('code' in asked) return asked;
    if (this.#turns.length >= MOST_WAITING) return refusal('too-many-queries');
    if (this.#underWay >= SEARCHES_AT_ONCE) await new Promise<void>((resolve) => this.#turns.push(resolve));
    else this.#underWay += 1;
    try {
      return await this.#find(asked.filter, asked.range);
    } catch (error) {
      if (error instanceof SearchTooSlow) return refusal('query-too-slow');
      if (error instanceof StoreUnavailable) return refusal('query-unanswered');
      throw error;
    } finally {
      // Whoever comes next takes over the place of this one.
      const next = this.#turns.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }

  async #find(filter: EventFilter, range: EventRange): Promise<EventPage> {
    const { limit } = range;
    // One more than is given tells whether there is a next page.
    const found = await this.#search.find(filter, { ...range, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      ok: true,
      events: page.map(({ event }) => withoutVerifiers(event)),
      ...(last && { next: toCursor(last.place) }),
    };
  }
}

/** Checks a query and says it in the terms of the store. */
function readQuery(query: unknown): { readonly filter: EventFilter; readonly range: EventRange } | Refusal {
  if (!validate(query)) return refusalFor(validate.errors);
  const { cabinet, order = 'newest-first', after, limit = USUAL_LIMIT, ...named } = query;
  if (cabinet !== undefined && named.stream !== undefined) {
    return malformed('stream', 'must not be given together with cabinet');
  }
  const stream = cabinet === undefined ? named.stream : `cabinet/${cabinet}`;
  if (named.compartment !== undefined && stream === undefined) {
    return malformed('compartment', 'must be given together with cabinet');
  }
  const place = after === undefined ? undefined : fromCursor(after);
  if (after !== undefined && !place) return malformed('after', 'must be the "next" of a page');
  return {
    filter: { ...named, ...(stream !== undefined && { stream }) },
    range: { order, limit, ...(place && { after: place }) },
  };
}

/**
 * The event without what proves codes, which is worth guessing at, and without the numbers of Dallas keys, which a
 * blank key can be given: nobody outside of the gateway has a use for either. The log itself keeps both.
 */
export function withoutVerifiers(event: LoggedEvent): LoggedEvent {
  const hidden = OF_KEYS.test(event.stream) ? HIDDEN_OF_KEYS : HIDDEN;
  return { ...event, data: stripped(event.data, hidden) };
}

/** Streams of cassettes and of their keys. */
const OF_KEYS = /^(?:cassette|keys)\//;
const HIDDEN: ReadonlySet<string> = new Set(['verifier']);
const HIDDEN_OF_KEYS: ReadonlySet<string> = new Set([...HIDDEN, 'rom', 'armedBy']);

function stripped(value: unknown, hidden: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((member) => stripped(member, hidden));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !hidden.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, stripped(member, hidden)]));
}
