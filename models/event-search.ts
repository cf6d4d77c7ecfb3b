import { type Connection, Types } from 'mongoose';
import {
  type EventFilter,
  type EventPlace,
  type EventRange,
  type EventSearch,
  SearchTooSlow,
  StoreUnavailable,
} from '../gateway/event-log/event-store.ts';
import { SEARCH_INDEXES } from './event-indexes.ts';
import { EVENTS, type EventDocument, fromDocument } from './events.ts';

/** How long the store may look for one page. Milliseconds. */
const PATIENCE = 5_000;
/** Error code of the server for a search that took longer. */
const TOO_SLOW = 50;
/** More types than these are looked for among all events: they are many then, and soon enough are found. */
const MOST_TYPES_ONE_BY_ONE = 8;

type Stored = EventDocument & { readonly _id: Types.ObjectId };
type Condition = Readonly<Record<string, unknown>>;

/** Events of one index entry: what all of them have in common, and the index that has them in order. */
interface Lead {
  readonly condition: Condition;
  readonly index: Condition;
}

/** Searches of the collection `events`. Each is led by an index; what else was asked for is looked at event by event. */
export class EventFinder implements EventSearch {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async find(filter: EventFilter, range: EventRange): ReturnType<EventSearch['find']> {
    const { leads, rest } = planOf(filter);
    try {
      const found = await Promise.all(leads.map((lead) => this.#findOne(lead, rest, filter, range)));
      return merged(found, range).map((stored) => ({
        place: { at: stored.at.getTime(), id: stored._id.toHexString() },
        event: fromDocument(stored),
      }));
    } catch (error) {
      throw (error as { code?: unknown }).code === TOO_SLOW
        ? new SearchTooSlow(error)
        : new StoreUnavailable(error);
    }
  }

  /** The first events of one lead: what is left of the moment at which the page before ended, then what comes after. */
  async #findOne(
    { condition, index }: Lead,
    rest: readonly Condition[],
    filter: EventFilter,
    { order, after, limit }: EventRange,
  ): Promise<Stored[]> {
    const direction = order === 'oldest-first' ? 1 : -1;
    const found: Stored[] = [];
    for (const part of partsOf(filter, order, after)) {
      const wanted = limit - found.length;
      if (wanted <= 0) break;
      const documents = await this.#connection
        .collection<Stored>(EVENTS)
        .find({ ...condition, ...part, ...(rest.length > 0 && { $and: rest }) } as object, {
          sort: { at: direction, _id: direction },
          limit: wanted,
          batchSize: wanted,
          hint: index as Record<string, 1>,
          maxTimeMS: PATIENCE,
        })
        .toArray();
      found.push(...documents);
    }
    return found;
  }
}

/** Something that was asked for: the condition, and the index entries that lead to all events that meet it. */
interface Criterion {
  readonly condition: Condition;
  /** None where a search cannot begin with it. */
  readonly leads: readonly Lead[];
}

/** The narrowest criterion leads; the others are looked at event by event. */
function planOf(filter: EventFilter): {
  readonly leads: readonly Lead[];
  readonly rest: readonly Condition[];
} {
  const criteria = criteriaOf(filter);
  const leader = criteria.find(({ leads }) => leads.length > 0);
  return {
    leads: leader?.leads ?? [{ condition: {}, index: SEARCH_INDEXES.time.key }],
    rest: criteria.filter((criterion) => criterion !== leader).map(({ condition }) => condition),
  };
}

/** The criteria of a filter, narrowest first. */
function criteriaOf({ item, user, compartment, stream, types }: EventFilter): readonly Criterion[] {
  const criteria: Criterion[] = [];
  const add = (condition: Condition, index: Condition): void => {
    criteria.push({ condition, leads: [{ condition, index }] });
  };
  if (item !== undefined) criteria.push(oneOf(leadsOfItem(item)));
  if (user !== undefined) criteria.push(oneOf(leadsOfUser(user)));
  if (compartment !== undefined) {
    add({ 'data.compartment': compartment, stream }, SEARCH_INDEXES.compartment.key);
  }
  if (types !== undefined) {
    const apart = types.length <= MOST_TYPES_ONE_BY_ONE ? [...new Set(types)] : [];
    criteria.push({
      condition: { type: { $in: types } },
      leads: apart.map((type) => ({ condition: { type }, index: SEARCH_INDEXES.type.key })),
    });
  }
  if (stream !== undefined) add({ stream }, SEARCH_INDEXES.stream.key);
  return criteria;
}

function oneOf(leads: readonly Lead[]): Criterion {
  return { condition: { $or: leads.map(({ condition }) => condition) }, leads };
}

/** The ways in which an event may be an item's. */
function leadsOfItem(item: string): readonly Lead[] {
  return [
    { condition: { 'data.item': item }, index: SEARCH_INDEXES.item.key },
    { condition: { 'data.lost.item': item }, index: SEARCH_INDEXES.lostItem.key },
  ];
}

/** The ways in which an event may be a user's. */
function leadsOfUser(user: string): readonly Lead[] {
  return [
    { condition: { 'data.user': user }, index: SEARCH_INDEXES.user.key },
    { condition: { 'data.users': user }, index: SEARCH_INDEXES.users.key },
    { condition: { 'data.lost.user': user }, index: SEARCH_INDEXES.loser.key },
    { condition: { 'data.recipient': user }, index: SEARCH_INDEXES.recipient.key },
    { condition: { 'data.second.user': user }, index: SEARCH_INDEXES.secondPerson.key },
    {
      condition: { 'actor.kind': 'administrator', 'actor.id': user },
      index: SEARCH_INDEXES.administrator.key,
    },
    {
      condition: { 'actor.kind': 'user', 'actor.id': user, 'data.session': { $exists: true } },
      index: SEARCH_INDEXES.session.key,
    },
  ];
}

/** The times of a filter behind a place, as ranges that an index answers without looking at an event twice. */
function partsOf(
  { from, until }: EventFilter,
  order: EventRange['order'],
  after: EventPlace | undefined,
): readonly Condition[] {
  const since = from ?? Number.NEGATIVE_INFINITY;
  const before = until ?? Number.POSITIVE_INFINITY;
  if (!after) return between(since, before);
  const { at } = after;
  const sameMoment = {
    at: new Date(at),
    _id: { [order === 'oldest-first' ? '$gt' : '$lt']: new Types.ObjectId(after.id) },
  };
  return [
    ...(since <= at && at < before ? [sameMoment] : []),
    ...(order === 'oldest-first'
      ? between(Math.max(since, at + 1), before)
      : between(since, Math.min(before, at))),
  ];
}

/** From a time on, before another; none where that is empty. */
function between(from: number, until: number): readonly Condition[] {
  if (from >= until) return [];
  const at = {
    ...(Number.isFinite(from) && { $gte: new Date(from) }),
    ...(Number.isFinite(until) && { $lt: new Date(until) }),
  };
  return [Object.keys(at).length > 0 ? { at } : {}];
}

/** The first events of several lists that are in order; one that is in several of them comes once. */
function merged(lists: readonly (readonly Stored[])[], { order, limit }: EventRange): readonly Stored[] {
  const [only] = lists;
  if (lists.length === 1 && only) return only;
  const byId = new Map(lists.flat().map((stored) => [stored._id.toHexString(), stored]));
  const direction = order === 'oldest-first' ? 1 : -1;
  const oldestFirst = (one: Stored, other: Stored): number =>
    one.at.getTime() - other.at.getTime() || (one._id.toHexString() < other._id.toHexString() ? -1 : 1);
  return [...byId.values()].sort((one, other) => direction * oldestFirst(one, other)).slice(0, limit);
}
