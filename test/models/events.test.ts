import { expect } from 'chai';
import type { LoggedEvent } from '../../domain/event.ts';
import { EMPTY_STREAM, flawOf } from '../../gateway/event-log/chain.ts';
import { EventRepository } from '../../models/events.ts';
import { chainOf, following } from '../gateway/support/chains.ts';
import { type FreshStore, openFreshStore } from '../support/store.ts';

describe('the event repository', () => {
  let fresh: FreshStore;
  let events: EventRepository;

  before(async () => {
    fresh = await openFreshStore();
    events = new EventRepository(fresh.connection);
    await events.prepare();
  });

  after(() => fresh.remove());
  afterEach(() => fresh.empty());

  function stored(stream: string, after = 0): Promise<LoggedEvent[]> {
    return Array.fromAsync(events.read(stream, after));
  }

  it('stores events of many streams in one go', async () => {
    const chains = ['a', 'b', 'c'].map((name) => chainOf(`cabinet/${name}`, 4));
    expect(await events.append(chains.flat())).to.deep.equal(Array(12).fill('stored'));
    for (const chain of chains) expect(await stored(chain[0]?.stream ?? '')).to.deep.equal(chain);
    expect(await events.streams()).to.deep.equal(['cabinet/a', 'cabinet/b', 'cabinet/c']);
    expect(await events.append([])).to.deep.equal([]);
  });

  it('tells what was there already from what another writer put there', async () => {
    const [first, second, third] = chainOf('cabinet/A', 3) as [LoggedEvent, LoggedEvent, LoggedEvent];
    const other = following('cabinet/A', first, { writer: 'another' });
    const neighbour = chainOf('cabinet/B', 1);
    await events.append([first]);
    expect(await events.append([first])).to.deep.equal(['repeated']);
    expect(await events.append([first, second])).to.deep.equal(['repeated', 'stored']);
    expect(await events.append([other])).to.deep.equal(['conflict']);
    expect(await events.append([other, ...neighbour])).to.deep.equal(['conflict', 'stored']);
    expect(await events.append([second, third, ...neighbour])).to.deep.equal([
      'repeated',
      'stored',
      'repeated',
    ]);
    expect(await stored('cabinet/A')).to.deep.equal([first, second, third]);
  });

  it('stores nothing of a stream after a conflict in it', async () => {
    const ours = chainOf('cabinet/A', 6);
    const theirs = following('cabinet/A', ours[1] as LoggedEvent, { writer: 'another' });
    await events.append([...ours.slice(0, 2), theirs]);
    const neighbour = chainOf('cabinet/B', 3);
    // The two streams come mixed, as a journal has them.
    const mixed = [
      ours[1],
      neighbour[0],
      ours[2],
      neighbour[1],
      ours[3],
      ours[4],
      neighbour[2],
    ] as LoggedEvent[];
    expect(await events.append(mixed)).to.deep.equal([
      'repeated',
      'stored',
      'conflict',
      'stored',
      'conflict',
      'conflict',
      'stored',
    ]);
    expect(await stored('cabinet/A')).to.deep.equal([...ours.slice(0, 2), theirs]);
    expect(await stored('cabinet/B')).to.deep.equal(neighbour);
  });

  it('fills what is missing in between', async () => {
    const chain = chainOf('cabinet/A', 6);
    await events.append([chain[0], chain[1], chain[3]] as LoggedEvent[]);
    expect(await events.append(chain)).to.deep.equal([
      'repeated',
      'repeated',
      'stored',
      'repeated',
      'stored',
      'stored',
    ]);
    expect(await stored('cabinet/A')).to.deep.equal(chain);
  });

  it('reads a long stream in pages, from wherever it is asked', async () => {
    const chain = chainOf('cabinet/A', 2_345);
    await events.append(chain);
    await events.append(chainOf('cabinet/B', 5));
    expect(await stored('cabinet/A')).to.deep.equal(chain);
    expect(await stored('cabinet/A', 1_999)).to.deep.equal(chain.slice(1_999));
    expect(await stored('cabinet/A', 2_345)).to.deep.equal([]);
    expect(await stored('cabinet/Z')).to.deep.equal([]);
    for await (const { seq } of events.read('cabinet/A', 0)) if (seq === 3) break;
  });

  it('gives events back so that their hashes still fit', async () => {
    const data = {
      nothing: null,
      absent: undefined,
      deep: { list: [1, -0, 1.5, 2 ** 40, 1e21, 'zażółć 🗝 \u0000', [], {}], absent: undefined },
      '': 'no name',
    };
    const event = following('cabinet/A', EMPTY_STREAM, data);
    await events.append([event]);
    const next = [following('cabinet/A', event, data), following('cabinet/B', EMPTY_STREAM, data)];
    await events.append(next);
    const [first, second] = (await stored('cabinet/A')) as [LoggedEvent, LoggedEvent];
    expect(flawOf(first, EMPTY_STREAM)).to.equal(undefined);
    expect(flawOf(second, first)).to.equal(undefined);
  });

  it('keeps one snapshot for each stream, the last', async () => {
    expect(await events.snapshot('cabinet/A')).to.equal(undefined);
    const snapshot = { stream: 'cabinet/A', seq: 1, hash: 'a', state: { list: [1], deep: { empty: {} } } };
    await events.saveSnapshot(snapshot);
    expect(await events.snapshot('cabinet/A')).to.deep.equal(snapshot);
    await events.saveSnapshot({ ...snapshot, seq: 2, state: { version: 2 } });
    expect(await events.snapshot('cabinet/A')).to.deep.equal({ ...snapshot, seq: 2, state: { version: 2 } });
  });

  it('leaves out of a snapshot what is undefined', async () => {
    await events.saveSnapshot({
      stream: 'cabinet/A',
      seq: 1,
      hash: 'a',
      state: { compartments: [{ number: 1, blocked: undefined }] },
    });
    expect((await events.snapshot('cabinet/A'))?.state).to.deep.equal({ compartments: [{ number: 1 }] });
  });

  it('has the indexes that writers and reports rest on', async () => {
    const indexes = await fresh.connection.collection('events').indexes();
    expect(indexes.map(({ key }) => JSON.stringify(key))).to.have.members([
      '{"_id":1}',
      '{"stream":1,"seq":1}',
      '{"at":1,"_id":1}',
      '{"stream":1,"at":1,"_id":1}',
      '{"type":1,"at":1,"_id":1}',
      '{"data.compartment":1,"stream":1,"at":1,"_id":1}',
      '{"data.item":1,"at":1,"_id":1}',
      '{"data.lost.item":1,"at":1,"_id":1}',
      '{"data.user":1,"at":1,"_id":1}',
      '{"data.users":1,"at":1,"_id":1}',
      '{"data.lost.user":1,"at":1,"_id":1}',
      '{"data.recipient":1,"at":1,"_id":1}',
      '{"data.second.user":1,"at":1,"_id":1}',
      '{"actor.id":1,"at":1,"_id":1}',
      '{"actor.id":1,"actor.kind":1,"at":1,"_id":1}',
    ]);
    expect(indexes.find(({ key }) => 'seq' in key)).to.include({ unique: true });
    await events.prepare();
  });

  it('keeps times as dates, for indexes and queries', async () => {
    await events.append(chainOf('cabinet/A', 1));
    const document = await fresh.connection.collection('events').findOne({});
    expect(document?.['at']).to.deep.equal(new Date('2026-01-01T00:00:00.000Z'));
  });

  it('says that the store is unavailable once its connection is closed', async () => {
    await events.ping();
    const other = await openFreshStore();
    const repository = new EventRepository(other.connection);
    await other.remove();
    const refused = await repository.ping().catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'store-unavailable');
  });
});
