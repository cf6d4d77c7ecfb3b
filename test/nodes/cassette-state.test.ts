/** `sezam-cassette-state`: what a cassette is in, by itself and when asked. */
import { expect } from 'chai';
import type { StatePayload } from '../../nodes/cassette-state/cassette-state.ts';
import { aroundCassette } from './around-cassette.ts';
import { FlowBench } from './flow-bench.ts';
import { romOf } from './test-cassettes.ts';

const bench = new FlowBench();
const K1 = romOf(1);
const K2 = romOf(2);

function state(settings: object = {}, cassette = 'C1'): object[] {
  return aroundCassette('sezam-cassette-state', settings, ['state', 'refused'], cassette);
}

function told(): StatePayload[] {
  return bench.arrivals.map(({ message }) => message.payload as StatePayload);
}

describe('sezam-cassette-state', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('tells the state at the start, and each change of the phase', async () => {
    bench.runGateway();
    await bench.load(state());
    const { cassettes } = bench.gateway;
    await bench.arrival();
    cassettes.touchController('C1', K1);
    cassettes.touchController('C1', K2);
    await cassettes.measure('C1', { battery: 'low' });
    await bench.arrival(3);
    await bench.turn();
    expect(told().map(({ change, phase, from }) => [change, from?.phase, phase])).to.deep.equal([
      ['none', undefined, 'rest'],
      ['phase', 'rest', 'transit'],
      ['phase', 'transit', 'full'],
    ]);
    expect(told()[2]).to.deep.include({
      cassette: 'C1',
      mode: 'outsourced',
      linked: true,
      name: 'Cassette C1',
    });
    expect(
      told()[2]
        ?.sensors.filter(({ live }) => live)
        .map((each) => each.sensor),
    ).to.include('gas');
    expect(told()[2]).not.to.have.property('id');
    expect(JSON.stringify(bench.arrivals)).not.to.contain(K1);
    expect(bench.status('node')).to.equal('green dot cassette-full');
  });

  it('without the start, keeps silent until something changes', async () => {
    bench.runGateway();
    await bench.load(state({ atStart: false }));
    await bench.turn();
    expect(bench.arrivals).to.deep.equal([]);
    bench.gateway.cassettes.touchController('C1', K1);
    expect((await bench.arrival()).message.payload).to.include({ change: 'phase', phase: 'transit' });
  });

  it('tells of a cassette that begins to work later', async () => {
    bench.gateway.cassettes.wait('C1');
    bench.runGateway();
    await bench.load(state());
    await bench.until(() => bench.status('node') === 'yellow ring starting');
    bench.node('node').receive({ payload: {} });
    expect((await bench.arrival()).message.payload).to.include({ code: 'cassettes-not-running' });
    bench.gateway.cassettes.begin('C1');
    expect((await bench.arrival(2)).message.payload).to.include({ change: 'none', phase: 'rest' });
    expect(bench.status('node')).to.equal('green dot cassette-rest');
  });

  it('tells of what goes on within a phase where it is asked to, and that it is stained', async () => {
    bench.runGateway();
    await bench.load(state({ report: 'sub-state', atStart: false }));
    const { cassettes } = bench.gateway;
    await cassettes.measure('C1', { lidOpen: true });
    await cassettes.clock.advance(200);
    await cassettes.measure('C1', {});
    await bench.arrival();
    expect(told()[0]).to.deep.include({ change: 'sub-state', phase: 'rest', subState: 'pre-alarm' });
    expect(bench.status('node')).to.equal('red dot cassette-pre-alarm');
    await cassettes.clock.advance(4_000);
    await bench.until(() => told().some(({ phase }) => phase === 'stained'));
    expect(told().map(({ subState }) => subState)).to.include('firing');
    expect(told().at(-1)).to.deep.include({ phase: 'stained', cause: 'lid' });
    expect(cassettes.firings('C1')).to.equal(1);
    expect(bench.status('node')).to.equal('red dot cassette-stained');
  });

  it('tells every change where it is asked to', async () => {
    bench.runGateway();
    await bench.load(state({ report: 'any', atStart: false }));
    await bench.gateway.cassettes.measure('C1', { gas: 1 });
    expect((await bench.arrival()).message.payload).to.deep.include({ change: 'any', phase: 'rest' });
    expect(told()[0]?.readings?.gas).to.equal(1);
  });

  it('answers a message with the state now', async () => {
    bench.runGateway();
    await bench.load(state({ atStart: false }));
    bench.node('node').receive({ topic: 'asked', payload: Date.now() });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('state');
    expect(message.topic).to.equal('asked');
    expect(message.payload).to.deep.include({ cassette: 'C1', change: 'none', phase: 'rest' });
    expect((await bench.completion()).error).to.equal(undefined);
  });

  it('for every cassette, shows the most urgent, and is asked by name', async () => {
    bench.runGateway();
    await bench.load(state({}, ''));
    await bench.arrival(2);
    expect(told().map(({ cassette }) => cassette)).to.deep.equal(['C1', 'C3']);
    bench.gateway.cassettes.link('C3', false);
    bench.gateway.cassettes.touchController('C1', K1);
    await bench.arrival(3);
    expect(bench.status('node')).to.equal('red ring lost');
    bench.node('node').receive({ payload: { cassette: 'C3' } });
    expect((await bench.arrival(4)).message.payload).to.include({ cassette: 'C3', linked: false });
    bench.node('node').receive({ payload: { cassette: 'C9' } });
    const { at, message } = await bench.arrival(5);
    expect(at).to.equal('refused');
    expect(message.payload).to.include({ code: 'cassette-unknown', cassette: 'C9' });
    bench.node('node').receive({ payload: {} });
    expect((await bench.completion(3)).error?.code).to.equal('message-malformed');
  });

  describe('while flows are deployed anew', () => {
    it('tells afterwards what changed meanwhile, step by step', async () => {
      bench.runGateway();
      await bench.load(state({ atStart: false }));
      await bench.deployAround(state({ atStart: false }), () => {
        bench.gateway.cassettes.touchController('C1', K1);
        bench.gateway.cassettes.touchController('C1', K2);
      });
      await bench.arrival(2);
      bench.gateway.cassettes.touchController('C1', K2);
      await bench.arrival(3);
      await bench.turn();
      expect(told().map(({ from, phase }) => [from?.phase, phase])).to.deep.equal([
        ['rest', 'transit'],
        ['transit', 'full'],
        ['full', 'transit'],
      ]);
    });

    it('keeps one subscription for each node', async () => {
      bench.runGateway();
      await bench.load(state());
      const { listeners } = bench.gateway;
      for (const type of ['full', 'flows', 'nodes'] as const) {
        await bench.deploy(state({ report: type === 'full' ? 'phase' : 'any' }), type);
        expect(bench.gateway.listeners, type).to.equal(listeners);
      }
    });

    it('forgets what was meant for a node that was set to another cassette', async () => {
      bench.runGateway();
      await bench.load(state({ atStart: false }));
      await bench.deployAround(state({ atStart: false }, 'C3'), () => {
        bench.gateway.cassettes.touchController('C1', K1);
      });
      bench.gateway.cassettes.touchController('C3', K1);
      await bench.arrival();
      await bench.turn();
      expect(told().map(({ cassette, phase }) => [cassette, phase])).to.deep.equal([['C3', 'grace']]);
    });
  });
});
