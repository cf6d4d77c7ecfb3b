import { expect } from 'chai';
import fc from 'fast-check';
import type { LoggedEvent } from '../../../domain/event.ts';
import type { Refusal } from '../../../domain/refusals.ts';
import { EMPTY_STREAM, type StreamHead, seal } from '../../../gateway/event-log/chain.ts';
import { type EventSearch, SearchTooSlow, StoreUnavailable } from '../../../gateway/event-log/event-store.ts';
import { fromCursor, toCursor } from '../../../gateway/query/event-cursor.ts';
import { EventPages } from '../../../gateway/query/event-pages.ts';
import type { EventPage, EventQuery } from '../../../gateway/query/queries.ts';
import { EventFinder } from '../../../models/event-search.ts';
import { EventRepository } from '../../../models/events.ts';
import { type FreshStore, openFreshStore } from '../../support/store.ts';

const START = Date.UTC(2026, 0, 1);

/** So many events of a cabinet, every five of them at the same moment. */
function history(cabinet: string, length: number, dataOf: (number: number) => object): LoggedEvent[] {
  let head: StreamHead = EMPTY_STREAM;
  return Array.from({ length }, (_, number) => {
    const draft = {
      type: number % 2 === 0 ? 'door-opened' : 'door-closed',
      actor: { kind: 'gateway', id: 'gateway' },
      data: { compartment: 1 + (number % 4), ...dataOf(number) },
    } as const;
    const event = seal(`cabinet/${cabinet}`, head, draft, START + Math.floor(number / 5) * 1_000);
    head = event;
    return event;
  });
}

describe('pages of events', () => {
  let fresh: FreshStore;
  let pages: EventPages;
  const inA = history('A', 60, (number) => ({ user: number % 3 === 0 ? 'ada' : 'bob' }));
  const inB = history('B', 40, () => ({ user: 'ada', item: 'drill' }));

  before(async () => {
    fresh = await openFreshStore();
    const events = new EventRepository(fresh.connection);
    await events.prepare();
    await events.append([...inA, ...inB]);
    pages = new EventPages(new EventFinder(fresh.connection));
  });

  after(() => fresh.remove());

  async function pageOf(query: EventQuery): Promise<EventPage> {
    const answer = await pages.page(query);
    if ('code' in answer) expect.fail(`refused: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The events of all pages, one after the other; the last page is the first that has no next one. */
  async function allOf(query: EventQuery): Promise<LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    let after: string | undefined;
    do {
      const page = await pageOf({ ...query, ...(after !== undefined && { after }) });
      if (page.next !== undefined) expect(page.events).to.have.lengthOf(query.limit ?? 100);
      events.push(...page.events);
      after = page.next;
    } while (after !== undefined);
    return events;
  }

  it('come newest first, a hundred at a time, unless something else is asked for', async () => {
    const { events, next } = await pageOf({});
    expect(events).to.have.lengthOf(100);
    expect(next).to.equal(undefined);
    const times = events.map(({ at }) => at);
    expect(times).to.deep.equal(times.toSorted().toReversed());
    expect((await pageOf({ limit: 99 })).next).to.be.a('string');
  });

  it('are as logged, in the order in which they were stored where they are of one moment', async () => {
    expect(await allOf({ cabinet: 'A', order: 'oldest-first', limit: 7 })).to.deep.equal(inA);
    expect(await allOf({ cabinet: 'A', limit: 1 })).to.deep.equal(inA.toReversed());
    expect(await allOf({ stream: 'cabinet/B', limit: 13 })).to.deep.equal(inB.toReversed());
  });

  it('are those of a user, an item, a compartment, of some types and of a time', async () => {
    const ofAda = [...inA, ...inB].filter(({ data }) => (data as { user: string }).user === 'ada');
    expect(await allOf({ user: 'ada', limit: 6 })).to.have.deep.members(ofAda);
    expect(await allOf({ item: 'drill', user: 'ada', limit: 40 })).to.deep.equal(inB.toReversed());
    const third = inA.filter(({ data }) => (data as { compartment: number }).compartment === 3);
    expect(await allOf({ cabinet: 'A', compartment: 3, limit: 4 })).to.deep.equal(third.toReversed());
    const closed = inB.filter(({ type }) => type === 'door-closed');
    expect(await allOf({ cabinet: 'B', types: ['door-closed', 'never'], limit: 3 })).to.deep.equal(
      closed.toReversed(),
    );
    const query = { cabinet: 'A', from: START + 2_000, until: START + 4_000, limit: 3 } as const;
    expect(await allOf(query)).to.deep.equal(inA.slice(10, 20).toReversed());
    expect(await allOf({ ...query, from: query.until })).to.deep.equal([]);
  });

  it('are empty where there is nothing', async () => {
    expect(await pageOf({ user: 'nobody' })).to.deep.equal({ ok: true, events: [] });
  });

  it('keep to a time also where they go on from a page of another one', async () => {
    const { next } = await pageOf({ cabinet: 'A', limit: 1 });
    const until = START + 2_000;
    const { events } = await pageOf({ cabinet: 'A', until, ...(next && { after: next }) });
    expect(events).to.deep.equal(inA.slice(0, 10).toReversed());
  });

  it('tell nothing of what proves a code', async () => {
    const code = { id: 'code-1', kind: 'pin', verifier: '$argon2id$secret' } as const;
    const head = inB.at(-1);
    if (!head) expect.fail('there are no events');
    const data = { step: { step: 'second-person', code }, code, list: [{ code }], user: 'guest-keeper' };
    const draft = { type: 'session-moved', actor: { kind: 'gateway', id: 'gateway' }, data } as const;
    await new EventRepository(fresh.connection).append([seal('cabinet/B', head, draft, START + 60_000)]);
    const { events } = await pageOf({ user: 'guest-keeper' });
    const shown = { id: 'code-1', kind: 'pin' };
    expect(events[0]?.data).to.deep.equal({
      step: { step: 'second-person', code: shown },
      code: shown,
      list: [{ code: shown }],
      user: 'guest-keeper',
    });
    await fresh.connection.collection('events').deleteOne({ 'data.user': 'guest-keeper' });
  });

  it('are refused to what is no query, in words that name the field', async () => {
    const wrong: readonly (readonly [unknown, string])[] = [
      [null, 'query'],
      ['all', 'query'],
      [[], 'query'],
      [{ users: 'ada' }, 'users'],
      [{ user: '' }, 'user'],
      [{ user: { $ne: null } }, 'user'],
      [{ item: 'x'.repeat(513) }, 'item'],
      [{ cabinet: 'A', compartment: 0 }, 'compartment'],
      [{ cabinet: 'A', compartment: 513 }, 'compartment'],
      [{ cabinet: 'A', compartment: '3' }, 'compartment'],
      [{ compartment: 3 }, 'compartment'],
      [{ cabinet: 'A', stream: 'cabinet/A' }, 'stream'],
      [{ types: [] }, 'types'],
      [{ types: ['a', 5] }, 'types.1'],
      [{ types: Array.from({ length: 33 }, (_, number) => `type-${number}`) }, 'types'],
      [{ from: '2026-01-01' }, 'from'],
      [{ until: 8_640_000_000_000_001 }, 'until'],
      [{ order: 'random' }, 'order'],
      [{ limit: 0 }, 'limit'],
      [{ limit: 1_001 }, 'limit'],
      [{ limit: 2.5 }, 'limit'],
      [{ after: 'the next page, please' }, 'after'],
      [{ after: toCursor({ at: START, id: 'f'.repeat(24) }).slice(1) }, 'after'],
      [{ after: 5 }, 'after'],
    ];
    for (const [query, field] of wrong) {
      const answer = (await pages.page(query)) as Refusal;
      expect(answer.code, JSON.stringify(query)).to.equal('query-malformed');
      expect(answer.values['field'], JSON.stringify(query)).to.equal(field);
      expect(answer.values['reason'], JSON.stringify(query))
        .to.be.a('string')
        .and.match(/^(must|is) /);
    }
  });

  it('are refused in words where the store looked for too long or does not answer', async () => {
    const failing = (error: Error): EventPages => new EventPages({ find: () => Promise.reject(error) });
    expect(await failing(new SearchTooSlow('50')).page({})).to.have.property('code', 'query-too-slow');
    expect(await failing(new StoreUnavailable('gone')).page({})).to.have.property('code', 'query-unanswered');
  });

  it('are looked up a few at a time; who comes when too many wait is turned away', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const held: EventSearch = {
      find: () =>
        new Promise((resolve) => {
          waiting.push(() => resolve([]));
          most = Math.max(most, waiting.length);
        }),
    };
    const busy = new EventPages(held);
    const answers = Array.from({ length: 60 }, () => busy.page({}));
    const [, refusedOnes] = await Promise.all([
      (async () => {
        for (let round = 0; round < 200; round += 1) {
          waiting.shift()?.();
          await new Promise(setImmediate);
        }
      })(),
      Promise.all(answers).then((all) => all.filter((answer) => 'code' in answer)),
    ]);
    expect(most).to.equal(3);
    expect(refusedOnes).to.deep.equal(Array(7).fill({ code: 'too-many-queries', values: {} }));
    const later = busy.page({});
    await new Promise(setImmediate);
    waiting.shift()?.();
    expect(await later).to.deep.equal({ ok: true, events: [] });
  });
});

describe('the cursor of a page', () => {
  it('stands for the place where the page ended', () => {
    const hex = fc.array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: 24, maxLength: 24 });
    const at = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });
    fc.assert(
      fc.property(at, hex, (time, digits) => {
        const place = { at: time, id: digits.join('') };
        expect(fromCursor(toCursor(place))).to.deep.equal(place);
      }),
    );
  });

  it('is told from everything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const place = fromCursor(text);
        if (place) expect(toCursor(place)).to.equal(text);
      }),
    );
    const beyond = Buffer.alloc(20, 0x7f).toString('base64url');
    expect(fromCursor(beyond)).to.equal(undefined);
    expect(fromCursor(`${toCursor({ at: 0, id: '0'.repeat(24) })}A`)).to.equal(undefined);
    expect(fromCursor(toCursor({ at: 0, id: '0'.repeat(24) }).replace(/A$/, 'B'))).to.equal(undefined);
  });
});
