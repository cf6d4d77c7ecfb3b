import { expect } from 'chai';
import { outputsOf } from '../../../domain/cassette/outputs.ts';
import { RULES } from '../../../domain/cassette/rules.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import { ANNA, type Bench, BRUNO, bench, benchIn, K1 } from './machine.ts';

const HALF_AN_HOUR = 30 * 60_000;

function types(made: Bench): readonly string[] {
  return made.events.map(({ type }) => type);
}

function linkedAnew(made: Bench): void {
  made.link(false);
  made.link(true);
}

describe('service', () => {
  it('is entered with a reason, for a time, and cuts the trigger off', () => {
    const made = bench();
    expect(outputsOf(made.state).inhibited).to.equal(false);
    made.do('enter-service', { reason: 'loading', second: BRUNO });
    expect(made.last('service-entered')).to.deep.equal({
      from: 'rest',
      to: 'service',
      armedBy: {},
      timers: { service: HALF_AN_HOUR },
      reason: 'loading',
      second: BRUNO,
    });
    expect(made.events.at(-1)?.actor).to.deep.equal(ANNA);
    expect(outputsOf(made.state).inhibited).to.equal(true);
    const alone = bench();
    alone.do('enter-service');
    expect(alone.last('service-entered')).not.to.have.property('second');
  });

  it('lasts as long as was asked for, and never longer than the setting has it', () => {
    const short = bench();
    short.do({ do: 'enter-service', lasts: 60_000 });
    expect(short.last('service-entered').timers).to.deep.equal({ service: 60_000 });
    const long = bench();
    long.do({ do: 'enter-service', lasts: 10 * HALF_AN_HOUR });
    expect(long.last('service-entered').timers).to.deep.equal({ service: HALF_AN_HOUR });
  });

  it('takes two persons where the site has it so', () => {
    const made = bench({ service: { lasts: HALF_AN_HOUR, twoPersons: true } });
    expect(made.do('enter-service').refusal?.code).to.equal('second-person-missing');
    expect(made.do('enter-service', { second: ANNA }).refusal?.code).to.equal('second-person-same');
    const alsoAnna = { kind: 'user', id: 'anna' } as const;
    expect(made.do('enter-service', { second: alsoAnna }).refusal?.code).to.equal('second-person-same');
    made.do('enter-service', { second: BRUNO });
    expect(made.phase).to.equal('service');
  });

  it('reports what its sensors do, and nothing stains', () => {
    const made = benchIn('service');
    made.samples({ lidOpen: true, brokenIn: true, displaced: true, gas: 50, shocks: [9_000] }, 5_000);
    made.samples({}, 5_000);
    const told = made.all('sensor-changed').map(({ sensor, active }) => `${sensor} ${active}`);
    expect(told).to.deep.equal(['lid true', 'break-in true', 'lid false', 'break-in false']);
    expect(made.count('prepare')).to.equal(0);
    expect(made.all('pre-alarm-begun')).to.deep.equal([]);
  });

  it('ends with a word on whether notes lie inside', () => {
    for (const loaded of [true, false]) {
      const made = benchIn('service');
      made.do({ do: 'finish-service', loaded });
      expect(made.last('service-finished')).to.deep.equal({
        from: 'service',
        to: 'rest',
        armedBy: {},
        timers: {},
        loaded,
        by: 'command',
      });
      expect(made.state.recorded.loaded).to.equal(loaded);
      expect(made.state.live.ends).to.deep.equal({});
      expect(made.state.live.nextCheckpoint).to.equal(undefined);
      expect(nextDue(made.state, RULES)).to.equal(undefined);
      expect(outputsOf(made.state).inhibited).to.equal(false);
    }
  });

  it('forgets what was inside when it begins', () => {
    const made = benchIn('service');
    made.do({ do: 'finish-service', loaded: true });
    made.do('enter-service');
    expect(made.state.recorded.loaded).to.equal(false);
  });

  const obstacles = [
    ['no link', (made: Bench) => made.link(false), 'no-link'],
    ['a link that has told nothing yet', linkedAnew, 'no-link'],
    ['an open lid', (made: Bench) => made.sample({ lidOpen: true }), 'lid-open'],
    ['a spent stainer', (made: Bench) => made.sample({ stainer: 'fired' }), 'stainer-not-ready'],
    ['a faulty stainer', (made: Bench) => made.sample({ stainer: 'fault' }), 'stainer-not-ready'],
    ['an active break-in', (made: Bench) => made.sample({ brokenIn: true }), 'sensor-active'],
  ] as const;
  for (const [name, act, code] of obstacles) {
    it(`does not end with ${name}, neither by command nor by time`, () => {
      const made = benchIn('service');
      act(made);
      expect(made.do({ do: 'finish-service', loaded: true }).refusal?.code).to.equal(code);
      made.live(HALF_AN_HOUR);
      expect(made.last('service-overdue').refusal.code).to.equal(code);
      expect(made.state.recorded).to.include({ phase: 'service', serviceOverdue: true });
      expect(made.state.recorded.timers).to.deep.equal({});
      made.live(HALF_AN_HOUR);
      expect(made.all('service-overdue')).to.have.length(1);
      expect(made.phase).to.equal('service');
      expect(nextDue(made.state, RULES)).to.equal(undefined);
      made.link(true);
      made.sample({ stainer: 'inhibited' });
      made.do({ do: 'finish-service', loaded: true });
      expect(made.phase).to.equal('rest');
      expect(made.state.recorded.serviceOverdue).to.equal(false);
      made.do('enter-service');
      expect(made.state.recorded.serviceOverdue).to.equal(false);
    });
  }

  it('ends by itself when its time is over, not loaded as far as anybody said', () => {
    const made = benchIn('service');
    made.live(HALF_AN_HOUR - 1);
    expect(made.phase).to.equal('service');
    made.live(1);
    expect(made.last('service-finished')).to.include({ to: 'rest', loaded: false, by: 'time' });
    expect(made.state.live.ends).to.deep.equal({});
    expect(nextDue(made.state, RULES)).to.equal(undefined);
  });

  it('goes on after a restart with what is left of its time, and with its trigger cut off', () => {
    const made = benchIn('service');
    made.live(HALF_AN_HOUR - 60_000);
    made.restart();
    expect(outputsOf(made.state).inhibited).to.equal(true);
    made.link(true);
    made.sample();
    made.live(60_000);
    expect(made.phase).to.equal('rest');
  });

  it('refuses keys', () => {
    expect(benchIn('service').key(K1).refusal?.code).to.equal('key-has-no-effect-here');
  });

  it('is entered while the lid is open already, and is what ends its countdown', () => {
    const made = bench();
    made.samples({ lidOpen: true }, 1_000);
    made.do('enter-service');
    made.samples({ lidOpen: true }, 10_000);
    expect(made.count('prepare')).to.equal(0);
  });
});

describe('a test', () => {
  it('proves each sensor that is tried, once, and fires nothing', () => {
    const made = benchIn('service');
    made.do('begin-test', { reason: 'yearly' });
    expect(made.last('test-begun')).to.deep.equal({ reason: 'yearly' });
    expect(outputsOf(made.state)).to.include({ inhibited: true, signal: 'test' });
    made.events.length = 0;
    made.samples({ lidOpen: true, displaced: true, gas: 40 }, 2_000);
    made.samples({}, 500);
    made.samples({ lidOpen: true, shocks: [1_999] }, 500);
    made.sample({ shocks: [2_000] });
    made.sample({ shocks: [2_000] });
    made.samples({}, 500);
    const proved = ['lid', 'position', 'gas', 'shock'];
    expect(made.all('sensor-proved').map(({ sensor }) => sensor)).to.deep.equal(proved);
    expect(made.state.recorded.test).to.deep.equal(proved);
    expect(made.all('sensor-changed')).to.deep.equal([]);
    made.do('end-test');
    expect(made.last('test-ended')).to.deep.equal({ proved, by: 'command' });
    expect(made.state.recorded.test).to.equal(undefined);
    expect(made.count('prepare')).to.equal(0);
    made.samples({ lidOpen: true }, 200);
    expect(made.last('sensor-changed').sensor).to.equal('lid');
  });

  it('is begun in service alone, and one at a time', () => {
    for (const phase of ['rest', 'transit', 'full', 'stained'] as const) {
      expect(benchIn(phase).do('begin-test').refusal?.code).to.equal('not-in-service');
    }
    const made = benchIn('service');
    made.do('begin-test');
    expect(made.do('begin-test').refusal?.code).to.equal('test-running');
  });

  it('ends with the time of service', () => {
    const made = benchIn('service');
    made.do('begin-test');
    made.events.length = 0;
    made.live(HALF_AN_HOUR);
    expect(types(made).filter((type) => type !== 'time-checkpoint')).to.deep.equal([
      'test-ended',
      'service-finished',
    ]);
    expect(made.last('test-ended').by).to.equal('time');
    const open = benchIn('service');
    open.do('begin-test');
    open.sample({ lidOpen: true });
    open.live(HALF_AN_HOUR);
    expect(open.state.recorded).to.not.have.property('test');
    expect(open.phase).to.equal('service');
  });

  it('goes on after a restart, with what was proved', () => {
    const made = benchIn('service');
    made.do('begin-test');
    made.samples({ lidOpen: true }, 200);
    made.restart();
    expect(made.state.recorded.test).to.deep.equal(['lid']);
    made.link(true);
    made.samples({ lidOpen: true }, 200);
    expect(made.all('sensor-proved')).to.have.length(1);
  });
});

describe('a self-test', () => {
  it('is asked for at rest and in service, over a link', () => {
    for (const phase of ['rest', 'service'] as const) {
      const made = benchIn(phase);
      expect(made.do('self-test', { reason: 'weekly' }).effects).to.deep.equal([{ effect: 'self-test' }]);
      expect(made.last('self-test-asked')).to.deep.equal({ reason: 'weekly' });
      made.link(false);
      expect(made.do('self-test').refusal?.code).to.equal('no-link');
    }
    for (const phase of ['transit', 'full', 'stained'] as const) {
      const step = benchIn(phase).do('self-test');
      expect(step.refusal?.code).to.equal('not-at-rest');
      expect(step.effects).to.deep.equal([{ effect: 'signal', signal: 'refused' }]);
    }
  });
});

describe('a self-test of a controller that has done none', () => {
  for (const phase of ['rest', 'service', 'transit', 'full', 'stained'] as const) {
    const asks = phase === 'rest' || phase === 'service';
    it(`is ${asks ? '' : 'not '}asked for by itself in ${phase}, with the first sample of a link`, () => {
      const made = benchIn(phase);
      made.effects.length = 0;
      made.sample({ selfTest: 'not-run' });
      expect(made.count('self-test')).to.equal(0);
      made.link(false);
      made.link(true);
      made.sample({ selfTest: 'not-run' });
      expect(made.count('self-test')).to.equal(asks ? 1 : 0);
      made.sample({ selfTest: 'not-run' });
      expect(made.count('self-test')).to.equal(asks ? 1 : 0);
    });
  }

  it('is not asked for where one was done, well or not', () => {
    for (const selfTest of ['passed', 'failed'] as const) {
      const made = bench();
      made.link(false);
      made.link(true);
      made.sample({ selfTest });
      expect(made.count('self-test')).to.equal(0);
    }
  });
});

describe('a command of somebody who may not give it', () => {
  it('does nothing but go on record, with the reason of whoever found that out', () => {
    const made = bench();
    const refusal = { code: 'not-permitted', values: {} } as const;
    expect(made.do('enter-service', { refusal }).refusal).to.deep.equal(refusal);
    expect(made.last('command-refused')).to.deep.equal({ command: 'enter-service', refusal });
    expect(made.phase).to.equal('rest');
  });
});

describe('a reset', () => {
  it('leads from stained into service, by two persons, and forgets the cause', () => {
    const made = benchIn('stained');
    expect(made.do('reset-stained').refusal?.code).to.equal('second-person-missing');
    made.do('reset-stained', { second: BRUNO, reason: 'new cartridge' });
    expect(made.last('service-entered')).to.deep.equal({
      from: 'stained',
      to: 'service',
      armedBy: {},
      timers: { service: HALF_AN_HOUR },
      reason: 'new cartridge',
      second: BRUNO,
    });
    expect(made.state.recorded).to.not.have.property('stainCause');
  });

  it('takes one person where the site has it so', () => {
    const made = benchIn('stained', { resetByTwoPersons: false });
    made.do('reset-stained');
    expect(made.phase).to.equal('service');
  });

  it('is the only way out of stained, whatever its sensors do', () => {
    const made = benchIn('stained');
    made.samples({ brokenIn: true, lidOpen: true }, 5_000);
    made.samples({}, 5_000);
    made.restart();
    made.live(86_400_000);
    expect(made.phase).to.equal('stained');
    expect(made.count('prepare')).to.equal(1);
  });
});

describe('a command under duress', () => {
  it('does what it does, and tells of it', () => {
    const made = bench();
    made.do('enter-service', { duress: true });
    expect(made.last('duress-told')).to.deep.equal({ command: 'enter-service' });
    expect(made.phase).to.equal('service');
    made.events.length = 0;
    made.do('enter-service', { duress: true });
    expect(types(made)).to.deep.equal(['duress-told', 'command-refused']);
    made.do('enter-service', { duress: false });
    expect(made.all('duress-told')).to.have.length(1);
  });
});

describe('two persons in place of a key', () => {
  it('lead one stage down, with a reason, on record', () => {
    const made = benchIn('full');
    made.do('override-key', { reason: 'K2 lost', second: BRUNO });
    expect(made.last('key-overridden')).to.deep.equal({
      from: 'full',
      to: 'transit',
      armedBy: { first: K1.rom },
      timers: {},
      reason: 'K2 lost',
      second: BRUNO,
    });
    expect(made.events.at(-1)?.actor).to.deep.equal(ANNA);
    made.do('override-key', { second: BRUNO });
    expect(made.last('key-overridden')).to.deep.include({ from: 'transit', to: 'rest', armedBy: {} });
    expect(made.do('override-key', { second: BRUNO }).refusal?.code).to.equal('not-armed');
  });
});
