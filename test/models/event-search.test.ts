import { expect } from 'chai';
import fc from 'fast-check';
import type { Connection } from 'mongoose';
import { type Actor, GATEWAY, type LoggedEvent } from '../../domain/event.ts';
import { EMPTY_STREAM, type StreamHead, seal } from '../../gateway/event-log/chain.ts';
import type { EventFilter, EventPlace, EventRange } from '../../gateway/event-log/event-store.ts';
import { SEARCH_INDEXES } from '../../models/event-indexes.ts';
import { EventFinder } from '../../models/event-search.ts';
import { EVENTS, EventRepository } from '../../models/events.ts';
import { type FreshStore, openFreshStore } from '../support/store.ts';

const START = Date.UTC(2026, 0, 1);
const USERS = ['ada', 'bob', 'cyd'];
const ITEMS = ['drill', 'saw'];
const TYPES = ['door-opened', 'door-closed', 'item-removed'];

/** What an event of these tests is made from. Times are few, so that many events share one. */
interface Sketch {
  readonly stream: string;
  readonly type: string;
  readonly at: number;
  readonly actor?: Actor | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Seals events into the chains of their streams. */
function logOf(sketches: readonly Sketch[]): LoggedEvent[] {
  const heads = new Map<string, StreamHead>();
  return sketches.map(({ stream, type, at, actor = GATEWAY, data }) => {
    const event = seal(stream, heads.get(stream) ?? EMPTY_STREAM, { type, actor, data }, at);
    heads.set(stream, event);
    return event;
  });
}

/** Whether an event is wanted: looked at by hand, without an index. */
function fits(event: LoggedEvent, filter: EventFilter): boolean {
  const data = event.data as Record<string, unknown>;
  const { user } = filter;
  const second = data['second'] as { readonly user?: string } | undefined;
  const lost =
    (data['lost'] as readonly { readonly user?: string; readonly item?: string }[] | undefined) ?? [];
  const theirs =
    user === undefined ||
    data['user'] === user ||
    data['recipient'] === user ||
    second?.user === user ||
    ((data['users'] as readonly string[] | undefined) ?? []).includes(user) ||
    lost.some((loss) => loss.user === user) ||
    (event.actor.kind === 'administrator' && event.actor.id === user) ||
    (event.actor.kind === 'user' && event.actor.id === user && data['session'] !== undefined);
  const at = Date.parse(event.at);
  return (
    theirs &&
    (filter.stream === undefined || event.stream === filter.stream) &&
    (filter.compartment === undefined || data['compartment'] === filter.compartment) &&
    (filter.item === undefined ||
      data['item'] === filter.item ||
      lost.some((loss) => loss.item === filter.item)) &&
    (filter.types === undefined || filter.types.includes(event.type)) &&
    (filter.from === undefined || at >= filter.from) &&
    (filter.until === undefined || at < filter.until)
  );
}

describe('the search of events', () => {
  let fresh: FreshStore;
  let events: EventRepository;
  let finder: EventFinder;

  before(async () => {
    fresh = await openFreshStore();
    events = new EventRepository(fresh.connection);
    await events.prepare();
    finder = new EventFinder(fresh.connection);
  });

  after(() => fresh.remove());
  afterEach(() => fresh.empty());

  /** All pages, one after the other. */
  async function paged(
    filter: EventFilter,
    order: EventRange['order'],
    limit: number,
  ): Promise<{ readonly event: LoggedEvent; readonly place: EventPlace }[]> {
    const all: { readonly event: LoggedEvent; readonly place: EventPlace }[] = [];
    for (;;) {
      const after = all.at(-1)?.place;
      const page = await finder.find(filter, { order, limit, ...(after && { after }) });
      expect(page.length).to.be.at.most(limit);
      all.push(...page);
      if (page.length < limit) return all;
    }
  }

  it('gives every event once, page by page, in either order, also of one moment', async () => {
    const sketch = fc.record({
      stream: fc.constantFrom('cabinet/A', 'cabinet/B', 'site/g'),
      type: fc.constantFrom(...TYPES),
      at: fc.integer({ min: 0, max: 3 }).map((minute) => START + minute * 60_000),
      actor: fc.option(
        fc.record({
          kind: fc.constantFrom('administrator', 'user', 'machine'),
          id: fc.constantFrom(...USERS),
        }),
        { nil: undefined },
      ),
      data: fc.record(
        {
          compartment: fc.integer({ min: 1, max: 3 }),
          user: fc.constantFrom(...USERS),
          users: fc.subarray(USERS),
          recipient: fc.constantFrom(...USERS),
          second: fc.record({ user: fc.constantFrom(...USERS), credential: fc.constant('card') }),
          item: fc.constantFrom(...ITEMS),
          session: fc.constant('session-1'),
          lost: fc.array(
            fc.oneof(
              fc.record({ lost: fc.constant('right'), user: fc.constantFrom(...USERS) }),
              fc.record({ lost: fc.constant('content'), item: fc.constantFrom(...ITEMS) }),
            ),
            { maxLength: 3 },
          ),
        },
        { requiredKeys: [] },
      ),
    });
    const filter = fc
      .record(
        {
          stream: fc.constantFrom('cabinet/A', 'cabinet/B', 'site/g'),
          compartment: fc.integer({ min: 1, max: 3 }),
          user: fc.constantFrom(...USERS),
          item: fc.constantFrom(...ITEMS),
          types: fc.oneof(
            fc.subarray(TYPES, { minLength: 1 }),
            fc.constant([...TYPES, ...Array.from({ length: 9 }, (_, number) => `other-${number}`)]),
          ),
          from: fc.integer({ min: 0, max: 3 }).map((minute) => START + minute * 60_000),
          until: fc.integer({ min: 1, max: 4 }).map((minute) => START + minute * 60_000),
        },
        { requiredKeys: [] },
      )
      .map(({ compartment, ...rest }): EventFilter => {
        return compartment === undefined ? rest : { stream: 'cabinet/A', ...rest, compartment };
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(sketch, { maxLength: 60 }),
        filter,
        fc.constantFrom('newest-first', 'oldest-first'),
        fc.integer({ min: 1, max: 7 }),
        async (sketches, wanted, order, limit) => {
          await fresh.empty();
          const log = logOf(sketches);
          await events.append(log);
          const found = await paged(wanted, order, limit);
          const expected = log.filter((event) => fits(event, wanted));
          expect(found.map(({ event }) => event)).to.have.deep.members(expected);
          const places = found.map(({ place }) => `${place.at}-${place.id}`);
          const sorted = places.toSorted();
          expect(places).to.deep.equal(order === 'oldest-first' ? sorted : sorted.toReversed());
        },
      ),
      { numRuns: 40 },
    );
  });

  it('goes on where a page ended, whatever has been added in front since', async () => {
    const log = logOf(Array.from({ length: 9 }, (_, number) => doorOpened(START + number * 1_000)));
    await events.append(log.slice(0, 6));
    const [, second] = await finder.find({ user: 'ada' }, { order: 'newest-first', limit: 2 });
    if (!second) expect.fail('a page of two has fewer');
    await events.append(log.slice(6));
    const after = await finder.find(
      { user: 'ada' },
      { order: 'newest-first', limit: 9, after: second.place },
    );
    expect(after.map(({ event }) => event)).to.deep.equal(log.slice(0, 4).toReversed());
  });

  it('looks at no other events than those that it gives', async () => {
    const log = logOf(
      Array.from({ length: 300 }, (_, number) => ({
        stream: `cabinet/${number % 3}`,
        type: number % 50 === 0 ? 'door-forced' : 'door-opened',
        at: START + number * 1_000,
        ...(number % 30 === 0 && {
          actor: { kind: number % 60 === 0 ? 'administrator' : 'user', id: 'ada' } as const,
        }),
        data: {
          compartment: number % 10,
          ...(number % 20 === 0 && { user: 'ada', item: 'drill' }),
          ...(number % 60 === 0 && { users: ['ada', 'bob'], recipient: 'ada', second: { user: 'ada' } }),
          ...(number % 90 === 0 && { lost: [{ user: 'ada' }, { item: 'drill', user: 'bob' }] }),
          session: 'session-1',
        },
      })),
    );
    await events.append(log);
    const conditions: Readonly<Record<keyof typeof SEARCH_INDEXES, object>> = {
      time: {},
      stream: { stream: 'cabinet/1' },
      type: { type: 'door-forced' },
      compartment: { 'data.compartment': 4, stream: 'cabinet/1' },
      item: { 'data.item': 'drill' },
      user: { 'data.user': 'ada' },
      users: { 'data.users': 'ada' },
      recipient: { 'data.recipient': 'ada' },
      secondPerson: { 'data.second.user': 'ada' },
      administrator: { 'actor.kind': 'administrator', 'actor.id': 'ada' },
      lostItem: { 'data.lost.item': 'drill' },
      loser: { 'data.lost.user': 'ada' },
      session: { 'actor.kind': 'user', 'actor.id': 'ada', 'data.session': { $exists: true } },
    };
    for (const [name, { key }] of Object.entries(SEARCH_INDEXES)) {
      const condition = conditions[name as keyof typeof conditions];
      const { totalKeysExamined, totalDocsExamined } = await examined(fresh.connection, condition, key);
      expect(totalKeysExamined, name).to.be.within(1, 5);
      expect(totalDocsExamined, name).to.be.within(1, 5);
    }
  });
});

function doorOpened(at: number): Sketch {
  return { stream: 'cabinet/A', type: 'door-opened', at, data: { compartment: 1, user: 'ada' } };
}

/** How much the store reads for the newest four events of a condition since the tenth second. */
async function examined(
  connection: Connection,
  condition: object,
  index: object,
): Promise<{ readonly totalKeysExamined: number; readonly totalDocsExamined: number }> {
  const plan = await connection
    .collection(EVENTS)
    .find({ ...condition, at: { $gte: new Date(START + 10_000) } })
    .sort({ at: -1, _id: -1 })
    .limit(4)
    .hint(index as Record<string, 1>)
    .explain('executionStats');
  return plan['executionStats'] as { totalKeysExamined: number; totalDocsExamined: number };
}
