import type { IndexDirection } from 'mongoose';

/** An index of the events that begins with what is looked for and goes on in the order of all events. */
export interface SearchIndex {
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
}

/**
 * An index in which only the events stand that have the field: a sparse one would have all of them, since every
 * event has a time.
 */
function ofField(path: string): SearchIndex {
  return { key: { [path]: 1, at: 1, _id: 1 }, partialFilterExpression: { [path]: { $exists: true } } };
}

/**
 * What searches of the log rest on. Each ends in `at` and `_id`, so that a page begins where the one before ended,
 * also among events of the same moment, and nothing has to be sorted.
 */
export const SEARCH_INDEXES = {
  time: { key: { at: 1, _id: 1 } },
  stream: { key: { stream: 1, at: 1, _id: 1 } },
  type: { key: { type: 1, at: 1, _id: 1 } },
  compartment: {
    key: { 'data.compartment': 1, stream: 1, at: 1, _id: 1 },
    partialFilterExpression: { 'data.compartment': { $exists: true } },
  },
  item: ofField('data.item'),
  /** Items that a change of mode gave up. */
  lostItem: ofField('data.lost.item'),
  user: ofField('data.user'),
  /** Those who lost a right together. */
  users: ofField('data.users'),
  /** Those who lost something by a change of mode. */
  loser: ofField('data.lost.user'),
  recipient: ofField('data.recipient'),
  secondPerson: ofField('data.second.user'),
  /** What a user did in the administrator's role; most of what else they do names them as `data.user`. */
  administrator: {
    key: { 'actor.id': 1, at: 1, _id: 1 },
    partialFilterExpression: { 'actor.kind': 'administrator' },
  },
  /** A session is told by its id after it began; who goes on with it is the actor. */
  session: {
    key: { 'actor.id': 1, 'actor.kind': 1, at: 1, _id: 1 },
    partialFilterExpression: { 'actor.kind': 'user', 'data.session': { $exists: true } },
  },
} satisfies Readonly<Record<string, SearchIndex>>;
