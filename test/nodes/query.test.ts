/** `sezam-query`: what it asks, and how the answer leaves. */
import { expect } from 'chai';
import type { CompartmentOccupancy, Possession } from '../../gateway/api.ts';
import { queryRequest } from '../../nodes/query/query.ts';
import { around, FlowBench } from './flow-bench.ts';

const bench = new FlowBench();

function query(settings: object = {}): object[] {
  return around('sezam-query', settings, ['answer', 'refused']);
}

const TAKEN: CompartmentOccupancy = {
  cabinet: 'A',
  compartment: 7,
  status: 'occupied',
  door: 'closed',
  taken: ['allocation'],
  holders: ['user-1'],
  items: [],
  since: 1,
  age: 2,
  overdue: false,
};
const HELD: Possession = { kind: 'allocation', cabinet: 'A', compartment: 7, user: 'user-1', overdue: false };

describe('sezam-query', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('answers how full a cabinet is', async () => {
    bench.runGateway();
    bench.gateway.occupancy = [TAKEN];
    await bench.load(query({ ask: 'occupancy', cabinet: 'A' }));
    bench.node('node').receive({ payload: Date.now(), topic: 't' });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('answer');
    expect(message).to.include({ topic: 't' });
    expect(message.payload).to.deep.equal({
      ask: 'occupancy',
      query: { cabinet: 'A' },
      compartments: [TAKEN],
    });
    expect(bench.gateway.queried).to.deep.equal([{ cabinet: 'A' }]);
    expect(bench.status('node')).to.equal('green dot found');
  });

  it('answers who has what, for the user that a message names', async () => {
    bench.runGateway();
    bench.gateway.possessions = [HELD];
    await bench.load(query());
    bench.node('node').receive({ payload: { ask: 'possessions', user: 'user-1', cabinet: 'A' } });
    const { message } = await bench.arrival();
    expect(message.payload).to.deep.include({ possessions: [HELD], query: { user: 'user-1' } });
    expect(bench.gateway.queried).to.deep.equal([{ user: 'user-1' }]);
  });

  it('answers what happened, page by page', async () => {
    bench.runGateway();
    bench.gateway.eventPage = { ok: true, events: [], next: 'cursor-2' };
    await bench.load(
      query({
        ask: 'events',
        cabinet: 'A',
        types: 'door-forced,door-closed',
        order: 'oldest-first',
        limit: '20',
      }),
    );
    bench.node('node').receive({ payload: { from: 1_000 } });
    const { message } = await bench.arrival();
    const first = message.payload as { ask: string; query: object; next: string };
    expect(first.next).to.equal('cursor-2');
    bench.node('node').receive({ payload: { ask: first.ask, ...first.query, after: first.next } });
    await bench.arrival(2);
    const asked = {
      cabinet: 'A',
      types: ['door-forced', 'door-closed'],
      order: 'oldest-first',
      limit: 20,
      from: 1_000,
    };
    expect(bench.gateway.queried).to.deep.equal([asked, { ...asked, after: 'cursor-2' }]);
  });

  it('hands on what a message says as it is: the gateway refuses what it does not understand', async () => {
    bench.runGateway();
    bench.gateway.refuses = 'query-malformed';
    await bench.load(query({ ask: 'events' }));
    bench.node('node').receive({ payload: { from: 'yesterday', limit: 'many' } });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('refused');
    expect(message.payload).to.include({ code: 'query-malformed' });
    expect(bench.gateway.queried).to.deep.equal([{ from: 'yesterday', limit: Number.NaN }]);
    expect(bench.status('node')).to.equal('yellow dot refused');
  });

  for (const payload of [undefined, {}, { ask: 'everything' }, { ask: ['events'] }]) {
    it(`refuses a message with ${JSON.stringify(payload)}`, async () => {
      bench.runGateway();
      await bench.load(query());
      bench.node('node').receive({ payload });
      expect((await bench.completion()).error?.code).to.equal('message-malformed');
      expect(bench.gateway.queried).to.deep.equal([]);
    });
  }

  it('is not turned to another cabinet by a message', () => {
    expect(() => queryRequest({ ask: 'occupancy', cabinet: 'A' }, { cabinet: 'B' }))
      .to.throw('msg.payload.cabinet is "B", but this node is set to "A"')
      .with.property('code', 'setting-contradicted');
  });

  it('hands out copies', async () => {
    bench.runGateway();
    bench.gateway.occupancy = [structuredClone(TAKEN)];
    await bench.load(query({ ask: 'occupancy' }));
    bench.node('node').receive({ payload: {} });
    const { compartments } = (await bench.arrival()).message.payload as {
      compartments: { status: string }[];
    };
    const [first] = compartments;
    if (first) first.status = 'changed';
    expect(bench.gateway.occupancy[0]?.status).to.equal('occupied');
  });
});
