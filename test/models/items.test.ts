import { expect } from 'chai';
import { type ItemDocument, ItemRepository } from '../../models/items.ts';
import type { UnrecordedEvent } from '../../models/unrecorded.ts';
import { type FreshStore, openFreshStore } from '../support/store.ts';

const AT = new Date('2026-01-01T12:00:00Z');
const LATER = new Date('2026-01-01T13:00:00Z');
const DRILL: ItemDocument = { _id: 'i1', name: 'Drill', tag: 'E2003412', tagKind: 'rfid', updatedAt: AT };

function event(change: string): UnrecordedEvent {
  return { change, stream: 'site/g1', type: 'item-renamed', actor: { kind: 'user', id: 'u1' }, data: {} };
}

describe('the model of items', () => {
  let fresh: FreshStore;
  let items: ItemRepository;

  before(async () => {
    fresh = await openFreshStore();
    items = new ItemRepository(fresh.connection);
    await items.prepare();
  });

  after(() => fresh.remove());
  beforeEach(() => items.add(DRILL));
  afterEach(() => fresh.empty());

  it('finds an item by its tag', async () => {
    expect(await items.byTag('rfid', 'E2003412')).to.deep.equal(DRILL);
    expect(await items.byTag('nfc', 'E2003412')).to.equal(null);
    expect(await items.byTag('rfid', 'E2003413')).to.equal(null);
  });

  it('gives an item another name, together with the event for it', async () => {
    expect(await items.rename('i1', 'Big drill', LATER, event('c1'))).to.equal(true);
    const renamed = { ...DRILL, name: 'Big drill', unrecorded: [event('c1')], updatedAt: LATER };
    expect(await items.changedSince(LATER)).to.deep.equal([renamed]);
    expect((await items.unrecorded('site/g1')).map(({ _id }) => _id)).to.deep.equal(['i1']);
    await items.recorded('i1', 'c1');
    expect(await items.unrecorded('site/g1')).to.deep.equal([]);
    expect(await items.rename('i0', 'Nothing', LATER, event('c2'))).to.equal(false);
  });

  for (const name of ['', ' ', 'x'.repeat(201)]) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 3))} of ${name.length} characters`, async () => {
      const error = await items.rename('i1', name, LATER, event('c1')).catch((thrown: unknown) => thrown);
      expect((error as Error).name).to.equal('ValidationError');
      expect((await items.all())[0]?.name).to.equal('Drill');
    });
  }

  it('gives the tag of an item that is out of use to another one', async () => {
    expect(await items.remove('i1', LATER, event('c1'))).to.equal(true);
    expect(await items.byTag('rfid', 'E2003412')).to.equal(null);
    expect(await items.all()).to.deep.equal([]);
    await items.add({ ...DRILL, _id: 'i2' });
    expect(await items.remove('i2', LATER, event('c2'))).to.equal(true);
    await items.add({ ...DRILL, _id: 'i3' });
    expect(
      (await items.changedSince(AT)).map(({ _id, name, removedAt }) => [_id, name, removedAt]),
    ).to.have.deep.members([
      ['i1', 'Drill', LATER],
      ['i2', 'Drill', LATER],
      ['i3', 'Drill', undefined],
    ]);
    expect(await items.remove('i1', LATER, event('c3'))).to.equal(false);
    expect(await items.rename('i1', 'Ghost', LATER, event('c4'))).to.equal(false);
  });
});
