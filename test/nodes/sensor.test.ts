/** `sezam-sensor`: what changes at a cassette, and what a flow knows of its area. */
import { expect } from 'chai';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import { GATEWAY } from '../../domain/event.ts';
import type { CassetteNotice } from '../../gateway/api.ts';
import { type SensorPayload, SOURCES, sensorPayload } from '../../nodes/sensor/changes.ts';
import { aroundCassette } from './around-cassette.ts';
import { FlowBench } from './flow-bench.ts';
import { romOf } from './test-cassettes.ts';

const bench = new FlowBench();

function sensor(settings: object = {}, cassette = 'C1'): object[] {
  return aroundCassette('sezam-sensor', settings, ['change', 'refused'], cassette);
}

function told(): SensorPayload[] {
  return bench.arrivals.map(({ message }) => message.payload as SensorPayload);
}

/** What the node tells of an event. */
function of({ type, data }: Pick<CassetteEvent, 'type' | 'data'>): SensorPayload | undefined {
  const view = { phase: 'full' } as CassetteNotice['view'];
  return sensorPayload({
    cassette: 'C1',
    type,
    actor: GATEWAY,
    at: 1,
    data: { ...data },
    text: { en: '', pl: '', it: '' },
    view,
  });
}

describe('sezam-sensor', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('tells of sensors, gas and parts, with what the sensor does in the phase', async () => {
    bench.runGateway();
    await bench.load(sensor());
    const { cassettes } = bench.gateway;
    await cassettes.measure('C1', { gas: 12 });
    await cassettes.measure('C1', { gas: 0, battery: 'low' });
    await cassettes.measure('C1', { tilt: 60 });
    await cassettes.clock.advance(1_100);
    await cassettes.measure('C1', {});
    await bench.arrival(4);
    await bench.turn();
    const [warned, cleared, tilted] = told().filter(({ source }) => source !== 'battery');
    const battery = told().find(({ source }) => source === 'battery');
    expect(warned).to.deep.include({
      cassette: 'C1',
      source: 'gas',
      change: 'level',
      level: 'warning',
      value: 12,
    });
    expect(warned?.severity).to.equal(800);
    expect(cleared).to.deep.include({ source: 'gas', level: 'none' });
    expect(battery).to.deep.include({ source: 'battery', change: 'state', state: 'low', phase: 'rest' });
    expect(tilted).to.deep.include({ source: 'tilt', change: 'active', liveness: 'report', value: 60 });
    expect(tilted?.text.it).to.be.a('string').and.not.equal('');
    expect(bench.arrivals.every(({ message }) => message.topic === 'C1')).to.equal(true);
    expect(bench.status('node')).to.equal('yellow dot source-tilt');
  });

  it('tells of the countdown of a lid at rest, and that it was undone', async () => {
    bench.runGateway();
    await bench.load(sensor({ sources: 'lid' }));
    const { cassettes } = bench.gateway;
    await cassettes.measure('C1', { lidOpen: true, battery: 'low' });
    await cassettes.clock.advance(200);
    await cassettes.measure('C1', {});
    await bench.until(() => told().some(({ change }) => change === 'pre-alarm'));
    expect(bench.status('node')).to.match(/^red dot source-lid$/);
    await cassettes.measure('C1', { lidOpen: false });
    await bench.until(() => told().some(({ change }) => change === 'pre-alarm-over'));
    expect(new Set(told().map(({ source }) => source))).to.deep.equal(new Set(['lid']));
    expect(cassettes.firings('C1')).to.equal(0);
  });

  it('tells of the link', async () => {
    bench.runGateway();
    await bench.load(sensor({ sources: 'link' }));
    bench.gateway.cassettes.link('C1', false);
    bench.gateway.cassettes.link('C1', true);
    await bench.arrival(2);
    expect(told().map((each) => 'state' in each && each.state)).to.deep.equal(['lost', 'restored']);
  });

  it('keeps the last 256 of what happens while flows are deployed anew, in order', async () => {
    bench.runGateway();
    await bench.load(sensor({ sources: 'machine' }));
    await bench.deployAround(sensor({ sources: 'machine' }), async () => {
      for (let moved = 0; moved < 300; moved += 1) {
        await bench.gateway.cassettes.measure('C1', { inMachine: moved % 2 === 1 });
      }
    });
    await bench.arrival(256);
    await bench.turn();
    expect(bench.arrivals).to.have.length(256);
    const states = told().map((each) => 'state' in each && each.state);
    expect(states.slice(0, 2)).to.deep.equal(['removed', 'inserted']);
    expect(states.at(-1)).to.equal('inserted');
  });

  it('has a word for each event about a sensor or part, and none for others', () => {
    const proved = of({ type: 'sensor-proved', data: { sensor: 'shock' } });
    expect(proved).to.include({ source: 'shock', change: 'proved' });
    const unsteady = of({ type: 'sensor-unsteady', data: { sensor: 'lid', changes: 12 } });
    expect(unsteady).to.include({ source: 'lid', change: 'unsteady', changes: 12 });
    const rejected = of({ type: 'frames-rejected', data: { reason: 'replayed', count: 3 } });
    expect(rejected).to.include({ source: 'link', change: 'frames-rejected', reason: 'replayed', count: 3 });
    const taken = of({ type: 'part-changed', data: { part: 'machine', state: 'removed' } });
    expect(taken).to.include({ source: 'machine', change: 'state', state: 'removed' });
    expect(of({ type: 'transport-overdue', data: {} })).to.equal(undefined);
    expect(SOURCES).to.include.members([proved, unsteady, rejected, taken].map((each) => each?.source));
  });

  it('takes word of the area: a change is told, what stays is not', async () => {
    bench.runGateway();
    await bench.load(sensor({ sources: 'area' }));
    bench.gateway.cassettes.touchController('C1', romOf(1));
    for (const payload of [true, false, { inside: false }, { inside: true }]) {
      bench.node('node').receive({ payload });
    }
    await bench.completion(4);
    await bench.arrival(2);
    await bench.turn();
    expect(told().map((each) => 'state' in each && [each.state, each.by])).to.deep.equal([
      ['outside', 'flow:node'],
      ['inside', 'flow:node'],
    ]);
    expect(bench.completions.map(({ error }) => error)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(bench.arrivals.map(({ at }) => at)).to.deep.equal(['change', 'change']);
    expect(bench.gateway.cassettes.view('C1')?.phase, 'no attack').to.equal('transit');
  });

  it('refuses a message that says nothing of the area, and an unknown cassette', async () => {
    bench.runGateway();
    await bench.load(sensor({}, ''));
    bench.node('node').receive({ payload: { cassette: 'C1', inside: 'yes' } });
    expect((await bench.completion()).error?.code).to.equal('message-malformed');
    bench.node('node').receive({ payload: { cassette: 'C9', inside: true } });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('refused');
    expect(message.payload).to.include({ code: 'cassette-unknown', cassette: 'C9' });
    expect(bench.status('node')).to.equal('yellow dot refused');
  });
});
