import { expect } from 'chai';
import fc from 'fast-check';
import type { Readings, Sensor } from '../../../domain/cassette/readings.ts';
import { RULES } from '../../../domain/cassette/rules.ts';
import { CASSETTE_DEFAULTS } from '../../../domain/cassette/setting.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import { bench, benchIn, K1, K2 } from './machine.ts';
import { ACTIVE } from './tables.ts';

const FULL_SENSORS = ['lid', 'break-in', 'position', 'gas'] as const;

describe('a live sensor', () => {
  for (const sensor of FULL_SENSORS) {
    const { debounce } = CASSETTE_DEFAULTS.sensors[sensor];

    it(`${sensor}: is confirmed by a second sample after ${debounce} ms, not before`, () => {
      const made = benchIn('full');
      const first = made.sample(ACTIVE[sensor]);
      expect(first.effects).to.deep.equal([{ effect: 'sample' }]);
      made.at += debounce - 1;
      made.sample(ACTIVE[sensor]);
      expect(made.count('prepare')).to.equal(0);
      made.at += 1;
      const confirming = made.sample(ACTIVE[sensor]);
      expect(confirming.effects).to.deep.include({ effect: 'prepare', ticket: 1 });
      expect(made.last('attack-confirmed')).to.include({ cause: sensor, phase: 'full' });
      expect(made.last('attack-confirmed').readings).to.include(ACTIVE[sensor]);
      expect(made.last('sensor-changed')).to.include({ sensor, active: true, liveness: 'live' });
    });

    it(`${sensor}: does not stain by one sample, however long ago it was`, () => {
      const made = benchIn('full');
      made.sample(ACTIVE[sensor]);
      made.live(3_600_000);
      expect(made.count('prepare')).to.equal(0);
      expect(made.count('sample')).to.be.greaterThan(1);
    });

    it(`${sensor}: begins anew after a sample that shows it quiet`, () => {
      const made = benchIn('full');
      made.sample(ACTIVE[sensor]);
      made.at += debounce;
      made.sample();
      made.sample(ACTIVE[sensor]);
      made.at += debounce - 1;
      made.sample(ACTIVE[sensor]);
      expect(made.count('prepare')).to.equal(0);
    });

    it(`${sensor}: begins anew after the link was lost, and after a restart`, () => {
      const made = benchIn('full');
      made.sample(ACTIVE[sensor]);
      made.at += debounce;
      made.link(false);
      made.link(true);
      made.sample(ACTIVE[sensor]);
      expect(made.count('prepare')).to.equal(0);
      made.at += debounce;
      made.restart();
      made.link(true);
      made.sample(ACTIVE[sensor]);
      expect(made.count('prepare')).to.equal(0);
      made.at += debounce;
      made.sample(ACTIVE[sensor]);
      expect(made.count('prepare')).to.equal(1);
    });
  }

  it('asks for a second sample as soon as it would confirm', () => {
    const made = benchIn('full');
    expect(nextDue(made.state, RULES)).to.equal(undefined);
    made.sample({ lidOpen: true });
    expect(nextDue(made.state, RULES)).to.equal(made.at + 100);
    made.live(99);
    expect(made.count('sample')).to.equal(1);
    made.live(1);
    expect(made.count('sample')).to.equal(2);
  });

  it('asks for no sample where there is nothing to be confirmed', () => {
    const made = benchIn('full');
    made.samples({ tilt: 90 }, 5_000);
    expect(made.all('sensor-changed')).to.have.length(1);
    expect(nextDue(made.state, RULES)).to.equal(undefined);
    made.samples({}, 5_000);
    expect(nextDue(made.state, RULES)).to.equal(undefined);
    expect(made.count('sample')).to.equal(0);
  });

  it('that was active within its hysteresis is not, after the link was lost', () => {
    const made = benchIn('full');
    made.sample({ gas: 20 });
    made.link(false);
    made.link(true);
    made.sample({ gas: 19 });
    expect(made.state.live.sensors.gas.active).to.equal(false);
    made.at += 1_000;
    made.sample({ gas: 19 });
    expect(made.count('prepare')).to.equal(0);
  });

  it('is the first of several that are confirmed at once, in their order', () => {
    const made = benchIn('full');
    made.sample({ lidOpen: true, brokenIn: true, displaced: true });
    made.at += 1_000;
    made.sample({ lidOpen: true, brokenIn: true, displaced: true });
    expect(made.last('attack-confirmed').cause).to.equal('lid');
    const armed = benchIn('transit');
    armed.sample({ displaced: true, brokenIn: true });
    expect(armed.key(K2).refusal?.values).to.deep.equal({ sensor: 'break-in' });
    const tilted = benchIn('full', { alsoLive: { transit: ['light', 'tilt'], full: [] } });
    tilted.sample({ tilt: 90, light: 500 });
    expect(tilted.key(K2).refusal?.values).to.deep.equal({ sensor: 'tilt' });
  });

  it('counts no sample that comes without a link', () => {
    const made = benchIn('full');
    made.link(false);
    made.samples({ brokenIn: true }, 1_000);
    expect(made.count('prepare')).to.equal(0);
    expect(made.state.live.readings).to.equal(undefined);
  });

  it('is confirmed once: more samples confirm no second attack', () => {
    const made = benchIn('full');
    made.samples({ brokenIn: true, lidOpen: true, displaced: true }, 2_000);
    expect(made.all('attack-confirmed')).to.have.length(1);
    expect(made.count('prepare')).to.equal(1);
  });

  it('that flaps faster than its debounce never stains, and is told to be unsteady', () => {
    const made = benchIn('full');
    for (let times = 0; times < 300; times += 1) {
      made.at += 90;
      made.sample(times % 2 === 0 ? { lidOpen: true } : {});
    }
    expect(made.count('prepare')).to.equal(0);
    expect(made.last('sensor-unsteady')).to.deep.equal({ sensor: 'lid', changes: 12 });
    expect(made.all('sensor-unsteady')).to.have.length(1);
    expect(made.state.live.sensors.lid.unsteady).to.equal(true);
    made.at += 60_001;
    made.sample();
    expect(made.state.live.sensors.lid).to.include({ unsteady: false, changes: 0 });
  });

  for (const [lasts, unsteady] of [
    [60_000, true],
    [60_001, false],
  ] as const) {
    it(`is ${unsteady ? 'unsteady' : 'steady'} with twelve changes in ${lasts} ms, whatever comes between`, () => {
      const made = benchIn('full');
      const began = made.at;
      for (let change = 0; change < 12; change += 1) {
        made.at = change === 11 ? began + lasts : began + change * 5_000;
        const shown = change % 2 === 0 ? { lidOpen: true } : {};
        made.sample(shown);
        made.sample(shown);
      }
      expect(made.all('sensor-unsteady')).to.have.length(unsteady ? 1 : 0);
      expect(made.count('prepare')).to.equal(0);
    });
  }

  it('is steady as long as it changes seldom enough', () => {
    const made = benchIn('full');
    for (let times = 0; times < 60; times += 1) {
      made.at += 5_500;
      made.sample(times % 2 === 0 ? { lidOpen: true } : {});
    }
    expect(made.all('sensor-unsteady')).to.have.length(0);
  });

  it('is told to be unsteady again when it goes on in another window', () => {
    const made = benchIn('full');
    for (let times = 0; times < 2_000; times += 1) {
      made.at += 60;
      made.sample(times % 2 === 0 ? { lidOpen: true } : {});
    }
    expect(made.all('sensor-unsteady')).to.have.length(1);
  });

  it('does not stain in the sample in which it falls quiet', () => {
    const made = benchIn('full');
    made.sample({ lidOpen: true });
    made.at += 100;
    made.sample();
    expect(made.all('sensor-changed')).to.deep.equal([]);
  });
});

describe('a measured value', () => {
  const cases: readonly (readonly [Sensor, (value: number) => Partial<Readings>, number[], number[]])[] = [
    // Beyond from here on; then still beyond; then not.
    ['gas', (gas) => ({ gas }), [19, 20, 19, 18], [17]],
    ['tilt', (tilt) => ({ tilt }), [44, 45, 40], [39]],
    ['light', (light) => ({ light }), [19, 20, 15], [14]],
    ['temperature', (temperature) => ({ temperature }), [69, 70, 67], [66]],
    ['temperature', (temperature) => ({ temperature }), [-19, -20, -17], [-16]],
  ];
  for (const [sensor, of, [under, ...beyond], [back]] of cases) {
    it(`${sensor} is active from ${beyond[0]} until ${back}`, () => {
      const made = benchIn('full');
      made.sample(of(under ?? 0));
      expect(made.state.live.sensors[sensor].active, `${under}`).to.equal(false);
      for (const value of beyond) {
        made.sample(of(value));
        expect(made.state.live.sensors[sensor].active, `${value}`).to.equal(true);
      }
      made.sample(of(back ?? 0));
      expect(made.state.live.sensors[sensor].active, `${back}`).to.equal(false);
      made.sample(of(beyond.at(-1) ?? 0));
      expect(made.state.live.sensors[sensor].active, 'within the hysteresis, from below').to.equal(false);
    });
  }

  it('is on record with the change it makes', () => {
    const made = benchIn('full');
    made.samples({ temperature: 71 }, 10_000);
    const changed = { sensor: 'temperature', active: true, liveness: 'report', value: 71 };
    expect(made.all('sensor-changed')).to.deep.equal([changed]);
    made.sample({ temperature: 20 });
    expect(made.last('sensor-changed')).to.deep.equal({ ...changed, active: false, value: 20 });
    expect(made.count('prepare')).to.equal(0);
  });

  it('that the controller has no sensor for is not active', () => {
    const made = benchIn('full', { alsoLive: { transit: [], full: ['tilt', 'light', 'temperature'] } });
    const {
      gas: _gas,
      tilt: _tilt,
      light: _light,
      temperature: _temperature,
      ...without
    } = made.state.live.readings as Readings;
    made.take({ input: 'sample', readings: without });
    made.at += 60_000;
    made.take({ input: 'sample', readings: without });
    expect(made.count('prepare')).to.equal(0);
    for (const sensor of ['gas', 'tilt', 'light', 'temperature'] as const) {
      expect(made.state.live.sensors[sensor].active).to.equal(false);
    }
  });

  for (const sensor of ['tilt', 'light', 'temperature'] as const) {
    it(`${sensor} stains where the site made it live, and nowhere else`, () => {
      for (const stage of ['transit', 'full'] as const) {
        const alsoLive = { transit: [], full: [], [stage]: [sensor] };
        for (const phase of ['rest', 'transit', 'full'] as const) {
          const made = benchIn(phase, { alsoLive });
          made.samples(ACTIVE[sensor], 11_000);
          expect(made.all('attack-confirmed'), `${stage}, in ${phase}`).to.have.length(
            phase === stage ? 1 : 0,
          );
        }
        const grace = benchIn('grace', { mode: 'internal-protected-zone', alsoLive });
        grace.samples(ACTIVE[sensor], 11_000);
        expect(grace.all('attack-confirmed')).to.have.length(stage === 'transit' ? 1 : 0);
      }
    });
  }
});

describe('gas', () => {
  it('has a warning and a critical level, with hysteresis, and drives itself out from the warning on', () => {
    const made = bench();
    const levels: string[] = [];
    for (const gas of [9, 10, 9, 8, 7, 20, 19, 18, 17, 8, 7, 30, 0]) {
      made.sample({ gas });
      levels.push(made.state.live.gasLevel);
    }
    expect(levels.join(' ')).to.equal(
      'none warning warning warning none critical critical critical warning warning none critical none',
    );
    expect(made.all('gas-level-changed')).to.deep.equal([
      { level: 'warning', value: 10 },
      { level: 'none', value: 7 },
      { level: 'critical', value: 20 },
      { level: 'warning', value: 17 },
      { level: 'none', value: 7 },
      { level: 'critical', value: 30 },
      { level: 'none', value: 0 },
    ]);
  });

  it('stays at its level while the controller does not measure it', () => {
    const made = bench();
    made.sample({ gas: 12 });
    const { gas: _gas, ...without } = made.state.live.readings as Readings;
    made.take({ input: 'sample', readings: without });
    expect(made.state.live.gasLevel).to.equal('warning');
    expect(made.all('gas-level-changed')).to.have.length(1);
  });

  it('stains from the critical level on, in full alone', () => {
    for (const phase of ['rest', 'transit', 'full'] as const) {
      for (const gas of [19, 20]) {
        const made = benchIn(phase);
        made.samples({ gas }, 1_100);
        expect(made.count('prepare'), `${gas} % in ${phase}`).to.equal(
          phase === 'full' && gas === 20 ? 1 : 0,
        );
      }
    }
  });
});

describe('the parts of the controller', () => {
  it('are on record when they change, and only then', () => {
    const made = bench();
    expect(made.all('part-changed')).to.deep.equal([
      { part: 'battery', state: 'ok' },
      { part: 'ink', state: 'ok' },
      { part: 'trigger', state: 'ok' },
      { part: 'power', state: 'mains' },
      { part: 'self-test', state: 'passed' },
      { part: 'stainer', state: 'ready' },
      { part: 'notes', state: 'present' },
      { part: 'machine', state: 'inserted' },
    ]);
    const before = made.all('part-changed').length;
    made.sample({ battery: 'low', ink: 'fault', trigger: 'unknown', power: 'battery', inMachine: false });
    made.sample({ battery: 'low', ink: 'fault', trigger: 'unknown', power: 'battery', inMachine: false });
    expect(made.all('part-changed').slice(before)).to.deep.equal([
      { part: 'battery', state: 'low' },
      { part: 'ink', state: 'fault' },
      { part: 'trigger', state: 'unknown' },
      { part: 'power', state: 'battery' },
      { part: 'machine', state: 'removed' },
    ]);
    made.sample({ selfTest: 'failed', stainer: 'inhibited', notes: 'absent' });
    expect(made.state.recorded.parts).to.deep.equal({
      battery: 'ok',
      ink: 'ok',
      trigger: 'ok',
      power: 'mains',
      'self-test': 'failed',
      stainer: 'inhibited',
      notes: 'absent',
      machine: 'inserted',
    });
  });

  it('of which the stainer is ready while it is prepared', () => {
    const made = bench();
    const before = made.all('part-changed').length;
    made.sample({ stainer: 'prepared' });
    expect(made.all('part-changed')).to.have.length(before);
  });
});

it('whatever a sensor does, it is confirmed exactly when it was active for its debounce without a break', () => {
  const sample = fc.record({ after: fc.integer({ min: 0, max: 120 }), open: fc.boolean() });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
      const made = bench();
      made.key(K1);
      let since: number | undefined;
      for (const { after, open } of samples) {
        made.at += after;
        const ripe = open && since !== undefined && made.at - since >= 100;
        const step = made.sample({ lidOpen: open });
        const prepares = step.effects.some(({ effect }) => effect === 'prepare');
        expect(prepares).to.equal(ripe);
        if (prepares) return;
        since = open ? (since ?? made.at) : undefined;
      }
    }),
  );
});
