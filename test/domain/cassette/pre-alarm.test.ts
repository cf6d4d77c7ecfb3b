import { expect } from 'chai';
import { RULES } from '../../../domain/cassette/rules.ts';
import { CASSETTE_DEFAULTS } from '../../../domain/cassette/setting.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import { BRUNO, bench, benchIn } from './machine.ts';

describe('a countdown before a sensor is confirmed', () => {
  it('runs for an open lid at rest, is signalled, and ends with the lid', () => {
    const made = bench();
    made.samples({ lidOpen: true }, 100);
    expect(made.last('pre-alarm-begun')).to.deep.equal({ sensor: 'lid', lasts: 3_000 });
    made.samples({ lidOpen: true }, 2_900);
    expect(made.count('prepare')).to.equal(0);
    made.sample();
    expect(made.last('pre-alarm-ended')).to.deep.equal({ sensor: 'lid' });
    made.samples({}, 10_000);
    expect(made.phase).to.equal('rest');
    expect(made.count('prepare')).to.equal(0);
    expect(made.all('sensor-changed')).to.deep.equal([]);
  });

  it('stains when it is over', () => {
    const made = bench();
    made.samples({ lidOpen: true }, 3_000);
    expect(made.count('prepare')).to.equal(0);
    made.samples({ lidOpen: true }, 100);
    expect(made.last('attack-confirmed')).to.include({ cause: 'lid', phase: 'rest' });
    expect(made.all('pre-alarm-begun')).to.have.length(1);
  });

  it('is over by a sample, which it asks for', () => {
    const made = bench();
    made.samples({ lidOpen: true }, 100);
    const before = made.count('sample');
    expect(nextDue(made.state, RULES)).to.equal(made.at + 3_000);
    made.live(2_999);
    expect(made.count('sample')).to.equal(before);
    made.live(1);
    expect(made.count('sample')).to.equal(before + 1);
    expect(made.count('prepare')).to.equal(0);
  });

  it('is none once the cassette is armed, and none for other sensors', () => {
    const made = benchIn('transit');
    made.samples({ lidOpen: true }, 200);
    expect(made.last('attack-confirmed').cause).to.equal('lid');
    const resting = bench();
    resting.samples({ brokenIn: true }, 100);
    expect(resting.last('attack-confirmed').cause).to.equal('break-in');
  });

  it('begins anew in another phase, as that phase has it', () => {
    const { sensors } = CASSETTE_DEFAULTS;
    const given = {
      sensors: { ...sensors, position: { debounce: 200, preAlarm: { full: 1_000 } } },
      alsoLive: { transit: [], full: [] },
    };
    const made = benchIn('full', given);
    made.samples({ displaced: true }, 900);
    expect(made.all('pre-alarm-begun')).to.have.length(1);
    made.do('override-key', { second: BRUNO });
    expect(made.state.live.sensors.position.preAlarmUntil).to.equal(undefined);
    made.samples({ displaced: true }, 5_000);
    expect(made.count('prepare')).to.equal(0);
  });

  it('is forgotten with the link', () => {
    const made = bench();
    made.samples({ lidOpen: true }, 2_000);
    made.link(false);
    made.pass(5_000);
    made.link(true);
    made.samples({ lidOpen: true }, 3_000);
    expect(made.count('prepare')).to.equal(0);
    expect(made.all('pre-alarm-begun')).to.have.length(2);
  });
});
