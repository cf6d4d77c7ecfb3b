import { expect } from 'chai';
import { type Bench, BRUNO, benchIn, K2 } from './machine.ts';

/** Blows of a strength, one sample each, so far apart. */
function strike(made: Bench, level: number, times: number, apart: number): void {
  for (let time = 0; time < times; time += 1) {
    if (time > 0) made.at += apart;
    made.sample({ shocks: [level] });
  }
}

describe('shock', () => {
  it('of two light blows within two seconds stains in full', () => {
    const made = benchIn('full');
    strike(made, 2_000, 2, 2_000);
    expect(made.count('prepare')).to.equal(0);
    const step = made.sample();
    expect(step.effects).to.deep.include({ effect: 'prepare', ticket: 1 });
    expect(made.last('attack-confirmed').cause).to.equal('shock');
    expect(made.last('sensor-changed')).to.deep.equal({
      sensor: 'shock',
      active: true,
      liveness: 'high',
      value: 2_000,
    });
  });

  it('needs another sample than the one that told of it, which it asks for', () => {
    const made = benchIn('full');
    const step = made.sample({ shocks: [9_000, 9_000, 9_000] });
    expect(step.effects).to.deep.equal([{ effect: 'sample' }]);
    made.live(60_000);
    expect(made.count('prepare')).to.equal(0);
  });

  it('asks for no other sample than that', () => {
    const made = benchIn('full');
    made.sample({ shocks: [2_000] });
    made.sample();
    expect(made.count('sample')).to.equal(0);
    made.sample({ shocks: [2_000] });
    expect(made.count('sample')).to.equal(1);
    made.sample();
    made.sample();
    expect(made.count('sample')).to.equal(1);
  });

  it('counts in a window: blows that are too old are none', () => {
    const made = benchIn('full');
    strike(made, 2_000, 2, 2_001);
    made.sample();
    expect(made.count('prepare')).to.equal(0);
    const late = benchIn('full');
    late.sample({ shocks: [2_000, 2_000] });
    late.at += 2_001;
    late.sample();
    expect(late.count('prepare')).to.equal(0);
  });

  it('of a strength below the level is none', () => {
    const made = benchIn('full');
    strike(made, 1_999, 20, 100);
    made.sample();
    expect(made.count('prepare')).to.equal(0);
    expect(made.state.live.blows).to.deep.equal([]);
  });

  for (const phase of ['transit', 'grace'] as const) {
    it(`takes four hard blows in ${phase}, where the cassette is carried`, () => {
      const mode = phase === 'grace' ? 'internal-protected-zone' : 'outsourced';
      const made = benchIn(phase, { mode });
      strike(made, 5_999, 16, 50);
      made.sample();
      expect(made.count('prepare')).to.equal(0);
      strike(made, 6_000, 3, 400);
      made.sample();
      expect(made.count('prepare')).to.equal(0);
      made.sample({ shocks: [6_000] });
      made.sample();
      expect(made.count('prepare')).to.equal(1);
      expect(made.last('sensor-changed')).to.include({ sensor: 'shock', liveness: 'low', value: 6_000 });
    });
  }

  it('is not hidden by any number of light blows', () => {
    const made = benchIn('transit');
    for (let time = 0; time < 4; time += 1) {
      made.sample({ shocks: [7_000] });
      for (let drill = 0; drill < 5; drill += 1) {
        made.at += 90;
        made.sample({ shocks: Array<number>(16).fill(3_000) });
      }
    }
    expect(made.last('attack-confirmed').cause).to.equal('shock');
    expect(made.state.live.blows.length).to.be.at.most(32);
  });

  it('is remembered within bounds', () => {
    const made = benchIn('transit');
    for (let time = 0; time < 100; time += 1) made.sample({ shocks: Array<number>(16).fill(3_000) });
    expect(made.state.live.blows).to.have.length(16);
  });

  it('does not carry over into another phase, with another sensitivity', () => {
    const made = benchIn('full');
    made.sample({ shocks: [6_500] });
    made.key(K2);
    made.sample({ shocks: [6_500, 6_500, 6_500] });
    made.sample();
    expect(made.phase).to.equal('transit');
    expect(made.count('prepare')).to.equal(0);
    const carried = benchIn('transit');
    carried.sample({ shocks: [3_000] });
    carried.at += 2_001;
    carried.sample();
    carried.key(K2);
    carried.sample({ shocks: [3_000] });
    carried.sample();
    expect(carried.count('prepare')).to.equal(0);
  });

  it('stands in the way of arming for as long as it is remembered', () => {
    const made = benchIn('transit');
    made.sample({ shocks: [2_000] });
    expect(made.key(K2).refusal).to.deep.equal({ code: 'sensor-active', values: { sensor: 'shock' } });
    made.at += 2_001;
    made.sample();
    expect(made.key(K2).refusal).to.equal(undefined);
  });

  it('is forgotten with the link, and with a restart', () => {
    const made = benchIn('full');
    made.sample({ shocks: [9_000, 9_000] });
    made.link(false);
    made.link(true);
    made.sample();
    made.sample({ shocks: [9_000, 9_000] });
    made.restart();
    made.link(true);
    made.sample();
    expect(made.count('prepare')).to.equal(0);
  });

  it('at rest and in service is nothing', () => {
    for (const phase of ['rest', 'service'] as const) {
      const made = benchIn(phase);
      strike(made, 20_000, 16, 10);
      made.sample();
      expect(made.count('prepare')).to.equal(0);
      expect(made.all('sensor-changed')).to.deep.equal([]);
      expect(made.count('sample')).to.equal(0);
      expect(made.state.live.sensors.shock).to.include({ active: false, confirmed: false });
    }
  });

  it('in stained is on record, and over when its window is', () => {
    const made = benchIn('stained');
    made.events.length = 0;
    strike(made, 2_000, 2, 10);
    made.sample();
    const log = { sensor: 'shock', active: true, liveness: 'log', value: 2_000 } as const;
    expect(made.all('sensor-changed')).to.deep.equal([log]);
    made.at += 2_001;
    made.sample();
    expect(made.last('sensor-changed')).to.include({ sensor: 'shock', active: false });
  });

  it('that was logged in stained stains nothing after the reset', () => {
    const made = benchIn('stained');
    strike(made, 2_000, 2, 10);
    made.sample();
    expect(made.state.live.sensors.shock.confirmed).to.equal(true);
    made.do('reset-stained', { second: BRUNO });
    made.do({ do: 'finish-service', loaded: true });
    made.sample();
    made.key({ id: 'k1', rom: '01606CBF03000021', role: 'K1', cassettes: [], duress: false, revoked: false });
    made.sample();
    expect(made.phase).to.equal('transit');
    expect(made.count('prepare')).to.equal(1);
  });
});
