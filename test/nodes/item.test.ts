/** `sezam-item`: what events say of items, and where an item is. */
import { expect } from 'chai';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { GATEWAY } from '../../domain/event.ts';
import type { Possession } from '../../gateway/api.ts';
import { ITEM_KINDS, type ItemPayload, whereabouts } from '../../nodes/item/item.ts';
import { around, FlowBench } from './flow-bench.ts';

const bench = new FlowBench();

function item(settings: object = {}): object[] {
  return around('sezam-item', settings, ['event', 'whereabouts', 'refused']);
}

const actor = GATEWAY;
const place = { compartment: 3, item: 'wrench' } as const;
const use = { compartment: 3, grant: 'g1', user: 'user-1' } as const;

/** Each kind, and an event that tells of it. */
const TOLD: Readonly<Record<(typeof ITEM_KINDS)[number], CabinetEvent>> = {
  placed: { type: 'item-placed', actor, data: { ...place, user: 'user-1' } },
  removed: { type: 'item-removed', actor, data: place },
  taken: { type: 'use-settled', actor, data: { ...use, item: 'wrench', outcome: 'taken' } },
  returned: { type: 'door-closed', actor, data: { ...use, item: 'wrench', outcome: 'returned' } },
  'nothing-taken': { type: 'use-settled', actor, data: { ...use, outcome: 'nothing-taken' } },
  'nothing-returned': {
    type: 'use-settled',
    actor,
    data: { ...use, outcome: 'nothing-returned', unverified: true },
  },
  'wrong-item': { type: 'use-settled', actor, data: { ...use, item: 'drill', outcome: 'wrong-item' } },
  'item-missing': { type: 'use-settled', actor, data: { ...use, item: 'wrench', outcome: 'item-missing' } },
  overdue: { type: 'overdue', actor, data: { ...place, user: 'user-1' } },
  stocked: { type: 'compartment-stocked', actor, data: { ...place, reason: 'Delivered' } },
  emptied: { type: 'compartment-emptied', actor, data: { compartment: 3, reason: 'Inventory' } },
};

/** Events that say nothing of an item. */
const SILENT: readonly CabinetEvent[] = [
  { type: 'door-closed', actor, data: { compartment: 3 } },
  { type: 'door-closed', actor, data: { ...use, outcome: 'unsettled' } },
  { type: 'door-closed', actor, data: { ...use, outcome: 'collected' } },
  { type: 'use-settled', actor, data: { ...use, outcome: 'unchanged' } },
  { type: 'overdue', actor, data: { compartment: 3, deposit: 'deposit-1' } },
];

describe('sezam-item', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('tells each kind of event, and nothing else', async () => {
    bench.runGateway();
    await bench.load(item());
    for (const event of SILENT) bench.gateway.store(event);
    for (const event of Object.values(TOLD)) bench.gateway.store(event);
    await bench.arrival(ITEM_KINDS.length);
    await bench.turn();
    const payloads = bench.arrivals.map(({ message }) => message.payload as ItemPayload);
    expect(payloads.map(({ kind }) => kind)).to.deep.equal([...ITEM_KINDS]);
    expect(payloads[0]).to.deep.include({
      kind: 'placed',
      cabinet: 'A',
      compartment: 3,
      item: 'wrench',
      user: 'user-1',
      seq: SILENT.length + 1,
    });
    expect(payloads[0]?.at).to.be.a('number');
    expect(payloads[5]).to.include({ kind: 'nothing-returned', unverified: true });
    expect(bench.arrivals.map(({ at }) => at)).to.deep.equal(ITEM_KINDS.map(() => 'event'));
    expect(bench.arrivals[0]?.message.topic).to.equal('wrench');
    expect(bench.arrivals.at(-1)?.message.topic, 'nobody knows which item it is').to.equal('A');
    expect(bench.status('node')).to.equal('green dot item-emptied');
  });

  it('keeps to the chosen cabinet, item and kinds', async () => {
    bench.runGateway();
    await bench.load(item({ cabinet: 'B', item: 'wrench', kinds: 'placed,overdue,wrong-item' }));
    bench.gateway.store(TOLD.placed, 'A');
    bench.gateway.store(TOLD.removed, 'B');
    bench.gateway.store(TOLD['wrong-item'], 'B');
    bench.gateway.store(TOLD.overdue, 'B');
    const { message } = await bench.arrival();
    await bench.turn();
    expect(message.payload).to.include({ kind: 'overdue', cabinet: 'B' });
    expect(bench.arrivals).to.have.length(1);
    expect(bench.status('node')).to.equal('yellow dot item-overdue');
  });

  const lies: Possession = { kind: 'item', cabinet: 'A', compartment: 3, item: 'wrench', overdue: false };
  const lent: Possession = {
    kind: 'loan',
    cabinet: 'A',
    compartment: 4,
    user: 'user-1',
    item: 'wrench',
    since: 9,
    age: 1,
    overdue: true,
  };

  it('says where an item is', async () => {
    bench.runGateway();
    bench.gateway.possessions = [lies];
    await bench.load(item());
    bench.node('node').receive({ payload: { item: 'wrench' }, topic: 'asked' });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('whereabouts');
    expect(message.topic).to.equal('asked');
    expect(message.payload).to.deep.equal({
      item: 'wrench',
      places: [{ cabinet: 'A', compartment: 3 }],
      loans: [],
    });
    expect(bench.gateway.queried).to.deep.equal([{ item: 'wrench' }]);
    expect(bench.status('node')).to.equal('green dot found');
  });

  it('says who has an item that the node is set to, whatever the message holds', async () => {
    bench.runGateway();
    bench.gateway.possessions = [lent];
    await bench.load(item({ item: 'wrench' }));
    bench.node('node').receive({ payload: Date.now() });
    const { message } = await bench.arrival();
    expect(message.payload).to.deep.include({
      places: [],
      loans: [{ user: 'user-1', cabinet: 'A', compartment: 4, since: 9, overdue: true }],
    });
  });

  it('says that nobody knows where an item is', async () => {
    bench.runGateway();
    await bench.load(item());
    bench.node('node').receive({ payload: { item: 'lost' } });
    expect((await bench.arrival()).message.payload).to.deep.equal(whereabouts('lost', []));
    expect(bench.status('node')).to.equal('yellow dot found');
  });

  it('sends a refusal by the third output', async () => {
    bench.runGateway();
    bench.gateway.refuses = 'query-malformed';
    await bench.load(item());
    bench.node('node').receive({ payload: { item: 'wrench' } });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('refused');
    expect(message.payload).to.include({ code: 'query-malformed' });
  });

  it('refuses a message that names no item, and one that names another', async () => {
    bench.runGateway();
    await bench.load(item());
    bench.node('node').receive({ payload: {} });
    expect((await bench.completion()).error?.code).to.equal('message-malformed');
    await bench.deploy(item({ item: 'wrench' }));
    bench.node('node').receive({ payload: { item: 'drill' } });
    expect((await bench.completion(2)).error?.code).to.equal('setting-contradicted');
  });

  it('shows that there is no gateway, and listens no more when it is gone', async () => {
    await bench.load(item());
    expect(bench.status('node')).to.equal('red ring no-gateway');
    bench.runGateway();
    expect(bench.status('node')).to.equal('green dot ready');
    const before = bench.gateway.listeners;
    await bench.deploy(item().filter((node) => (node as { id: string }).id !== 'node'));
    expect(bench.gateway.listeners).to.be.lessThan(before);
  });
});
