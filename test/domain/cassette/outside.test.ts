import { expect } from 'chai';
import { alarmOf, type CassetteAlarm } from '../../../domain/cassette/alarms.ts';
import type { CassetteEvent } from '../../../domain/cassette/events.ts';
import { outputsOf } from '../../../domain/cassette/outputs.ts';
import { CASSETTE_DEFAULTS } from '../../../domain/cassette/setting.ts';
import { DEFAULT_SIGNALS, PASSING_SIGNALS, STANDING_SIGNALS } from '../../../domain/cassette/signal.ts';
import { type CassetteView, viewOf } from '../../../domain/cassette/view.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { Bench, BRUNO, bench, benchIn, K1, K2, UNKNOWN_ROM } from './machine.ts';
import { phasesOf } from './oracle.ts';

const zone = { mode: 'internal-protected-zone' } as const;

function signalOf(made: Bench): string {
  return outputsOf(made.state).signal;
}

function view(made: Bench, later = 0): CassetteView {
  return viewOf(made.state, { id: 'c1', name: 'Cassette 1', mode: 'internal' }, made.at + later);
}

describe('what a cassette signals', () => {
  it('is its phase, where nothing else is more urgent', () => {
    for (const phase of phasesOf('internal-protected-zone')) {
      expect(signalOf(benchIn(phase, zone))).to.equal(phase);
    }
    expect(signalOf(new Bench())).to.equal('unconfigured');
  });

  it('hastens with the end of the grace time', () => {
    const made = benchIn('grace', zone);
    const began = made.at;
    const changes: (readonly [number, string])[] = [];
    for (let before = signalOf(made); made.state.recorded.attack === undefined; made.live(500)) {
      const now = signalOf(made);
      if (now !== before) changes.push([(began + 600_000 - made.at) / 1_000, now]);
      before = now;
    }
    expect(changes).to.deep.equal([
      [60, 'grace-soon'],
      [15, 'grace-last'],
    ]);
    expect(signalOf(made)).to.equal('stained');
  });

  it('is solid from the moment that an attack is confirmed', () => {
    const made = benchIn('full');
    made.samples({ brokenIn: true }, 200);
    expect(signalOf(made)).to.equal('stained');
  });

  it('is the countdown, before anything else but a staining', () => {
    const made = bench({ secondFactor: { required: true, within: 60_000 } });
    made.key(K1);
    expect(signalOf(made)).to.equal('second-factor');
    made.samples({ lidOpen: true, ink: 'fault' }, 200);
    expect(signalOf(made)).to.equal('pre-alarm');
    made.samples({ lidOpen: true }, 4_000);
    expect(signalOf(made)).to.equal('stained');
  });

  it('is a fault, before the phase and a test', () => {
    const faults = [
      { battery: 'fault' },
      { ink: 'fault' },
      { trigger: 'fault' },
      { stainer: 'fault' },
      { selfTest: 'failed' },
    ] as const;
    for (const fault of faults) {
      for (const phase of phasesOf('internal-protected-zone')) {
        const made = benchIn(phase, zone);
        if (phase === 'service') made.do('begin-test');
        made.sample(fault);
        expect(signalOf(made)).to.equal(phase === 'stained' ? 'stained' : 'fault');
      }
    }
    const low = benchIn('full');
    low.sample({ battery: 'low', ink: 'low', trigger: 'unknown', selfTest: 'not-run' });
    expect(signalOf(low)).to.equal('full');
    low.link(false);
    expect(signalOf(low)).to.equal('full');
  });

  it('is a test while one runs', () => {
    const made = benchIn('service');
    made.do('begin-test');
    expect(signalOf(made)).to.equal('test');
  });

  it('is urgent in grace, though a key waits for its second factor', () => {
    const made = benchIn('rest', { ...zone, secondFactor: { required: true, within: 600_000 } });
    made.key(K1);
    made.do('confirm-key');
    made.live(545_000);
    made.key(K1);
    expect(signalOf(made)).to.equal('grace-soon');
  });

  it('has a pattern for everything, repeated as long as it lasts, or shown once', () => {
    expect(Object.keys(DEFAULT_SIGNALS).sort()).to.deep.equal(
      [...STANDING_SIGNALS, ...PASSING_SIGNALS].sort(),
    );
    for (const [signal, { repeat, steps }] of Object.entries(DEFAULT_SIGNALS)) {
      expect(repeat).to.equal(STANDING_SIGNALS.some((each) => each === signal));
      expect(steps.length).to.be.within(1, 16);
      for (const { lasts, tone } of steps) {
        expect(lasts).to.be.within(10, 60_000);
        expect(tone).to.be.within(0, 20_000);
      }
    }
  });

  it('looks and sounds as the description has it', () => {
    const looks = (signal: keyof typeof DEFAULT_SIGNALS): readonly string[] =>
      DEFAULT_SIGNALS[signal].steps.map(({ led }) => led);
    expect(looks('rest')).to.deep.equal(['green', 'off']);
    expect(looks('transit')).to.deep.equal(['amber', 'off']);
    expect(looks('full')).to.deep.equal(['red', 'off']);
    expect(looks('fault')).to.deep.equal(['red', 'amber']);
    expect(looks('stained')).to.deep.equal(['red']);
    const period = (signal: 'grace' | 'grace-soon' | 'grace-last'): number =>
      DEFAULT_SIGNALS[signal].steps.reduce((sum, { lasts }) => sum + lasts, 0);
    expect(period('grace')).to.be.greaterThan(period('grace-soon'));
    expect(period('grace-soon')).to.be.greaterThan(period('grace-last'));
    expect(DEFAULT_SIGNALS.refused.steps.filter(({ tone }) => tone > 0)).to.have.length(3);
  });
});

describe('what a cassette drives', () => {
  it('is its trigger, cut off in service and before it was configured', () => {
    for (const phase of phasesOf('internal-protected-zone')) {
      expect(outputsOf(benchIn(phase, zone).state).inhibited).to.equal(phase === 'service');
    }
    expect(outputsOf(new Bench().state).inhibited).to.equal(true);
  });

  it('is gas out, from the warning on, in every phase, and on while nothing is heard', () => {
    for (const phase of phasesOf('outsourced')) {
      const made = benchIn(phase);
      expect(outputsOf(made.state).antiGas).to.equal(false);
      made.sample({ gas: 10 });
      expect(outputsOf(made.state).antiGas).to.equal(true);
      made.link(false);
      expect(outputsOf(made.state).antiGas).to.equal(true);
      made.link(true);
      made.sample({ gas: 0 });
      expect(outputsOf(made.state).antiGas).to.equal(false);
    }
  });
});

describe('a cassette as it is shown', () => {
  it('has its phase, its sensors, and what it measures', () => {
    const made = benchIn('full');
    made.samples({ lidOpen: true, tilt: 50 }, 50);
    const { sensors, ...shown } = view(made);
    expect(shown).to.deep.include({
      id: 'c1',
      name: 'Cassette 1',
      mode: 'outsourced',
      phase: 'full',
      subState: 'none',
      linked: true,
      gasLevel: 'none',
      signal: 'full',
      antiGas: false,
      left: {},
      transportOverdue: false,
      outsideArea: false,
      proved: [],
    });
    expect(shown.readings).to.include({ lidOpen: true, tilt: 50 });
    expect(sensors.filter(({ live }) => live).map(({ sensor }) => sensor)).to.deep.equal([
      'lid',
      'break-in',
      'shock',
      'position',
      'gas',
    ]);
    expect(sensors.filter(({ active }) => active).map(({ sensor }) => sensor)).to.deep.equal(['lid', 'tilt']);
    expect(sensors.filter(({ confirmed }) => confirmed)).to.deep.equal([]);
  });

  it('counts its times down to the moment', () => {
    const made = benchIn('grace', { ...zone, transportWithin: 60_000 });
    expect(view(made, 1_000).left).to.deep.equal({ grace: 599_000, transport: 59_000 });
    expect(view(made, 120_000).left).to.deep.equal({ grace: 480_000, transport: 0 });
    expect(view(benchIn('service')).left).to.deep.equal({ service: 1_800_000 });
  });

  it('names the mode of its site file until it was configured', () => {
    const { mode, subState, phase, sensors } = view(new Bench());
    expect([mode, subState, phase]).to.deep.equal(['internal', 'not-configured', 'rest']);
    expect(sensors.filter(({ live }) => live)).to.deep.equal([]);
  });

  it('says on which side the temperature is beyond its limits, while it is', () => {
    const made = bench();
    const beyond = [20, 70, 67, 66, -20, -17, -16].map((temperature) => {
      made.sample({ temperature });
      return view(made).temperatureBeyond;
    });
    expect(beyond).to.deep.equal([undefined, 'above', 'above', undefined, 'below', 'below', undefined]);
    const cold = bench({ temperature: { above: 10, below: -30, hysteresis: 1 } });
    cold.sample({ temperature: 12 });
    expect(view(cold).temperatureBeyond).to.equal('above');
    made.sample({ temperature: 90 });
    made.link(false);
    expect(view(made)).to.not.have.property('temperatureBeyond');
  });

  it('measures nothing without a link', () => {
    const made = bench();
    made.link(false);
    expect(view(made).linked).to.equal(false);
    expect(view(made)).to.not.have.property('readings');
  });

  it('has a sub-state for what goes on', () => {
    const overdue = benchIn('service');
    overdue.link(false);
    overdue.live(3_600_000);
    const late = benchIn('transit', { transportWithin: 1 });
    late.live(1);
    const countdown = bench();
    countdown.samples({ lidOpen: true }, 200);
    const { sensors } = CASSETTE_DEFAULTS;
    const lid = { debounce: 100, preAlarm: { transit: 5_000 } };
    const both = benchIn('transit', { transportWithin: 1, sensors: { ...sensors, lid } });
    both.live(1);
    both.samples({ lidOpen: true }, 200);
    const waits = bench({ secondFactor: { required: true, within: 60_000 } });
    waits.key(K1);
    const firing = benchIn('full');
    firing.samples({ brokenIn: true }, 200);
    const tested = benchIn('service');
    tested.do('begin-test');
    tested.samples({ lidOpen: true }, 200);
    const states = [bench(), overdue, late, countdown, both, waits, firing, tested].map(
      (made) => view(made).subState,
    );
    expect(states).to.deep.equal([
      'none',
      'overdue',
      'overdue',
      'pre-alarm',
      'pre-alarm',
      'second-factor',
      'firing',
      'test',
    ]);
    expect(view(tested).proved).to.deep.equal(['lid']);
    expect(view(firing).cause).to.equal('break-in');
    expect(view(late).transportOverdue).to.equal(true);
  });

  it('keeps its cause until the reset', () => {
    const made = benchIn('stained');
    expect(view(made).cause).to.equal('break-in');
    made.do('reset-stained', { second: BRUNO });
    expect(view(made)).to.not.have.property('cause');
  });

  it('holds no number of a key, whatever was touched to it', () => {
    const made = benchIn('full', { secondFactor: { required: false, within: 1 } });
    for (const key of [K1, K2, K1]) made.key(key);
    expect(view(made).lastKey).to.deep.include({ key: 'k1', accepted: true });
    expect(JSON.stringify(view(made))).not.to.match(new RegExp(`${K1.rom}|${K2.rom}`));
    made.take({ input: 'key', rom: UNKNOWN_ROM, reader: 'reader' });
    expect(view(made).lastKey).to.not.have.any.keys('key', 'role', 'rom');
    expect(JSON.stringify(view(made))).not.to.include(UNKNOWN_ROM);
  });
});

describe('the alarms of a cassette', () => {
  const event = (type: string, data: object): CassetteEvent =>
    ({ type, actor: GATEWAY, data }) as unknown as CassetteEvent;
  const refusal = { code: 'key-unknown', values: {} };
  const cases: readonly (readonly [type: string, data: object, severity: number | undefined])[] = [
    ['stained', { cause: 'lid' }, 1_000],
    ['attack-confirmed', { cause: 'lid' }, 1_000],
    ['firing-failed', { step: 'fire' }, 1_000],
    ['cassette-restarted', { phase: 'full', interrupted: 'lid' }, 1_000],
    ['cassette-restarted', { phase: 'full' }, undefined],
    ['key-used', {}, undefined],
    ['key-refused', { refusal }, 600],
    ['key-overridden', {}, 600],
    ['command-refused', { refusal }, 400],
    ['second-factor-awaited', {}, undefined],
    ['sensor-changed', { sensor: 'tilt', active: true }, 500],
    ['sensor-changed', { sensor: 'tilt', active: false }, undefined],
    ['gas-level-changed', { level: 'warning' }, 800],
    ['gas-level-changed', { level: 'critical' }, 950],
    ['gas-level-changed', { level: 'none' }, undefined],
    ['part-changed', { part: 'ink', state: 'fault' }, 800],
    ['part-changed', { part: 'self-test', state: 'failed' }, 800],
    ['part-changed', { part: 'battery', state: 'low' }, 400],
    ['part-changed', { part: 'battery', state: 'ok' }, undefined],
    ['frames-rejected', { reason: 'malformed' }, 300],
    ['frames-rejected', { reason: 'replayed' }, 800],
    ['frames-rejected', { reason: 'not-authentic' }, 800],
    ['link-lost', {}, 800],
    ['link-restored', {}, undefined],
    ['records-lost', { count: 1 }, 900],
    ['time-checkpoint', { timers: {} }, undefined],
  ];
  for (const [type, data, severity] of cases) {
    it(`${type} ${JSON.stringify(data)} is ${severity ?? 'none'}`, () => {
      const expected: CassetteAlarm | undefined =
        severity === undefined ? undefined : { severity, silent: false };
      expect(alarmOf(event(type, data))).to.deep.equal(expected);
    });
  }

  it('of somebody who is forced are silent, and the most urgent', () => {
    const silent = { severity: 1_000, silent: true };
    for (const type of ['key-used', 'key-refused', 'second-factor-awaited']) {
      expect(alarmOf(event(type, { duress: true, refusal }))).to.deep.equal(silent);
    }
    expect(alarmOf(event('duress-told', { command: 'override-key' }))).to.deep.equal(silent);
  });
});
