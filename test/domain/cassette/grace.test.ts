import { expect } from 'chai';
import { RULES } from '../../../domain/cassette/rules.ts';
import { CASSETTE_DEFAULTS } from '../../../domain/cassette/setting.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import { type Bench, BRUNO, benchIn, K1, K2 } from './machine.ts';

const MINUTE = 60_000;
const GRACE = CASSETTE_DEFAULTS.grace.lasts;

function inGrace(given: Parameters<typeof benchIn>[1] = {}): Bench {
  return benchIn('grace', { mode: 'internal-protected-zone', ...given });
}

function warnings(made: Bench): readonly number[] {
  return made.all('grace-warning').map(({ left }) => left / 1_000);
}

describe('the grace time', () => {
  it('begins with the first key', () => {
    const made = inGrace();
    expect(made.last('key-used')).to.deep.include({ to: 'grace', timers: { grace: GRACE } });
    expect(made.state.live.ends).to.deep.equal({ grace: made.at + GRACE });
  });

  it('warns more and more, and stains when it is over', () => {
    const made = inGrace();
    made.live(GRACE - 1);
    expect(warnings(made)).to.deep.equal([300, 120, 60, 30, 15, 5]);
    expect(made.count('prepare')).to.equal(0);
    made.live(1);
    expect(made.last('attack-confirmed')).to.deep.include({ cause: 'grace-expired', phase: 'grace' });
    expect(made.effects.at(-1)).to.deep.equal({ effect: 'prepare', ticket: 1 });
    made.answer('prepare');
    made.answer('fire');
    expect(made.last('stained')).to.include({ from: 'grace', to: 'stained', cause: 'grace-expired' });
  });

  it('warns once for several warnings that are passed at once', () => {
    const made = inGrace();
    made.pass(GRACE - 10_000);
    expect(warnings(made)).to.deep.equal([10]);
    made.pass(1);
    expect(warnings(made)).to.deep.equal([10]);
    made.pass(5_000);
    expect(warnings(made)).to.deep.equal([10, 4.999]);
  });

  for (const [name, act, phase] of [
    ['K2', (made: Bench) => made.key(K2), 'full'],
    ['the same K1', (made: Bench) => made.key(K1), 'rest'],
    ['two persons', (made: Bench) => made.do('override-key', { second: BRUNO }), 'rest'],
  ] as const) {
    it(`is over with ${name}, at its last moment`, () => {
      const made = inGrace();
      made.live(GRACE - 1);
      act(made);
      expect(made.phase).to.equal(phase);
      made.live(GRACE);
      expect(made.phase).to.equal(phase);
      expect(made.count('prepare')).to.equal(0);
      expect(made.state.live.ends).to.deep.equal({});
      expect(made.state.recorded.timers).to.deep.equal({});
    });

    it(`is not over with ${name} a moment later`, () => {
      const made = inGrace();
      made.pass(GRACE);
      act(made);
      expect(made.phase).to.equal('grace');
      expect(made.all('attack-confirmed')).to.have.length(1);
    });
  }

  it('does not run on the way back', () => {
    const made = benchIn('transit', { mode: 'internal-protected-zone' });
    made.live(10 * GRACE);
    expect(made.phase).to.equal('transit');
    expect(made.count('prepare')).to.equal(0);
  });

  it('stands still for no clock that is set', () => {
    const made = inGrace();
    made.at += 5 * MINUTE;
    made.take({ input: 'tick' }, 0);
    made.at += 5 * MINUTE - 1;
    made.take({ input: 'tick' }, Number.MAX_SAFE_INTEGER);
    expect(made.count('prepare')).to.equal(0);
    made.at += 1;
    made.take({ input: 'tick' }, -86_400_000);
    expect(made.count('prepare')).to.equal(1);
  });

  it('stands still where monotonic time is given back', () => {
    const made = inGrace();
    made.pass(9 * MINUTE);
    made.at -= 8 * MINUTE;
    made.take({ input: 'tick' });
    expect(made.state.live.at).to.equal(made.at + 8 * MINUTE);
    made.pass(9 * MINUTE);
    expect(made.count('prepare')).to.equal(1);
  });

  it('goes on after a restart with the time that is left, as of the last record of it', () => {
    const made = inGrace();
    made.live(4 * MINUTE + 3_000);
    expect(made.state.recorded.timers).to.deep.equal({ grace: 6 * MINUTE });
    made.at += 3_600_000;
    made.restart();
    expect(made.phase).to.equal('grace');
    made.link(true);
    made.sample();
    expect(made.state.live.ends).to.deep.equal({ grace: made.at + 6 * MINUTE });
    made.live(6 * MINUTE - 1);
    expect(made.count('prepare')).to.equal(0);
    made.live(1);
    expect(made.count('prepare')).to.equal(1);
  });

  it('is on record every five seconds', () => {
    const made = inGrace();
    made.live(MINUTE);
    const left = made.all('time-checkpoint').map(({ timers }) => (timers.grace ?? 0) / 1_000);
    expect(left).to.deep.equal([595, 590, 585, 580, 575, 570, 565, 560, 555, 550, 545, 540]);
  });

  it('warns after a restart of what was not warned of before', () => {
    const made = inGrace();
    made.live(6 * MINUTE);
    made.restart();
    made.link(true);
    made.sample();
    made.live(4 * MINUTE - 1);
    expect(warnings(made)).to.deep.equal([300, 120, 60, 30, 15, 5]);
  });

  it('does not fire on a restart: there is a moment left, though it had ended', () => {
    const made = inGrace();
    made.live(GRACE - 1_000);
    made.restart();
    made.pass(3_600_000);
    expect(made.all('grace-deferred')).to.have.length(1);
    made.link(true);
    expect(made.last('grace-extended')).to.deep.equal({ left: 30_000 });
    made.sample();
    expect(made.count('prepare')).to.equal(0);
    made.live(29_999);
    expect(made.count('prepare')).to.equal(0);
    expect(warnings(made).slice(-2)).to.deep.equal([15, 5]);
    made.live(1);
    expect(made.count('prepare')).to.equal(1);
  });

  it('of which a staining had begun gives a moment as well after a restart', () => {
    const made = inGrace();
    made.pass(GRACE);
    expect(made.count('prepare')).to.equal(1);
    made.restart();
    expect(made.last('cassette-restarted')).to.deep.equal({ phase: 'grace', interrupted: 'grace-expired' });
    expect(made.state.recorded.timers).to.deep.equal({ grace: 0 });
    made.link(true);
    made.sample();
    expect(made.key(K1).refusal).to.equal(undefined);
    expect(made.phase).to.equal('rest');
  });

  it('that ended while the gateway stood still leaves a moment, and ends then', () => {
    const made = inGrace();
    made.pass(GRACE + 29_999);
    expect(made.count('prepare')).to.equal(1);
    const still = inGrace();
    still.pass(GRACE + 30_000);
    expect(still.count('prepare')).to.equal(0);
    expect(still.last('grace-extended')).to.deep.equal({ left: 30_000 });
    still.live(29_999);
    expect(still.count('prepare')).to.equal(0);
    still.live(1);
    expect(still.count('prepare')).to.equal(1);
  });

  it('leaves none where the site sets none', () => {
    const made = inGrace({ grace: { ...CASSETTE_DEFAULTS.grace, leastAfterReturn: 0 } });
    made.pass(10 * GRACE);
    expect(made.all('grace-extended')).to.deep.equal([]);
    expect(made.count('prepare')).to.equal(1);
    const lost = inGrace({ grace: { ...CASSETTE_DEFAULTS.grace, leastAfterReturn: 0 } });
    lost.live(GRACE - 1);
    lost.link(false);
    lost.link(true);
    lost.sample();
    lost.live(1);
    expect(lost.count('prepare')).to.equal(1);
  });

  it('that has ended is on record as ended, also between two records of it', () => {
    const made = inGrace({ checkpointEvery: 100 * MINUTE });
    made.pass(GRACE);
    expect(made.all('time-checkpoint')).to.deep.equal([]);
    expect(made.state.recorded.timers).to.deep.equal({ grace: 0 });
    const opened = inGrace({ checkpointEvery: 100 * MINUTE });
    opened.samples({ lidOpen: true }, 100);
    expect(opened.state.recorded.timers).to.deep.equal({ grace: GRACE });
  });

  it('ends, with the link lost, without firing, and is told once', () => {
    const made = inGrace();
    made.link(false);
    made.live(GRACE);
    expect(made.all('grace-deferred')).to.have.length(1);
    made.live(GRACE);
    expect(made.all('grace-deferred')).to.have.length(1);
    expect(made.count('prepare')).to.equal(0);
    expect(made.state.recorded.timers).to.deep.equal({ grace: 0 });
    expect(made.phase).to.equal('grace');
    made.link(true);
    expect(made.state.live.graceDeferred).to.equal(false);
    expect(made.state.recorded.timers).to.deep.equal({ grace: 30_000 });
    made.sample();
    made.key(K2);
    expect(made.phase).to.equal('full');
  });

  it('is told to be deferred again when that happens again', () => {
    const made = inGrace();
    made.link(false);
    made.live(GRACE);
    made.link(true);
    made.link(false);
    made.live(30_000);
    expect(made.all('grace-deferred')).to.have.length(2);
  });

  it('is not extended where enough of it is left, nor where nothing runs', () => {
    const made = inGrace();
    made.live(GRACE - 30_000);
    made.link(false);
    made.link(true);
    expect(made.all('grace-extended')).to.have.length(0);
    made.live(1);
    made.link(false);
    made.link(true);
    expect(made.all('grace-extended')).to.deep.equal([{ left: 30_000 }]);
    const full = benchIn('full', { mode: 'internal-protected-zone' });
    full.link(false);
    full.link(true);
    expect(full.all('grace-extended')).to.have.length(0);
  });

  it('is not extended once it has ended with a link', () => {
    const made = inGrace();
    made.pass(GRACE);
    made.link(false);
    made.link(true);
    expect(made.all('grace-extended')).to.have.length(0);
    expect(made.count('prepare')).to.equal(2);
  });

  it('waits for the first sample of a link before it fires', () => {
    const made = inGrace();
    made.link(false);
    made.live(GRACE);
    made.link(true);
    made.live(30_000);
    expect(made.count('prepare')).to.equal(0);
    made.sample();
    made.pass(1);
    expect(made.count('prepare')).to.equal(1);
  });

  it('falls due when it does: every warning, every signal, every record, and its end', () => {
    const made = inGrace({ checkpointEvery: 100 * MINUTE });
    const began = made.at;
    const left: number[] = [];
    for (;;) {
      const due = nextDue(made.state, RULES);
      if (due === undefined || made.state.recorded.attack !== undefined) break;
      left.push((began + GRACE - due) / 1_000);
      made.at = due;
      made.take({ input: 'tick' });
    }
    expect(left).to.deep.equal([300, 120, 60, 30, 15, 5, 0]);
  });

  it('has its sensors as transit has', () => {
    const made = inGrace();
    made.samples({ lidOpen: true }, 200);
    expect(made.last('attack-confirmed')).to.deep.include({ cause: 'lid', phase: 'grace' });
  });
});
