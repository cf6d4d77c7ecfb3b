import { expect } from 'chai';
import { RULES } from '../../../domain/cassette/rules.ts';
import type { CassetteSetting } from '../../../domain/cassette/setting.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import { ANNA, Bench, BRUNO, bench, benchIn, K, K1, K2, settingOf } from './machine.ts';
import { phasesOf } from './oracle.ts';

function configure(made: Bench, setting: CassetteSetting): readonly string[] {
  return made.take({ input: 'configure', setting }).events.map(({ type }) => type);
}

describe('the configuration of a cassette', () => {
  it('is taken at first, and on record', () => {
    const made = new Bench();
    const setting = settingOf();
    expect(configure(made, setting)).to.deep.equal(['cassette-configured']);
    expect(made.last('cassette-configured')).to.deep.equal({ setting });
    expect(made.state.recorded.setting).to.equal(setting);
    expect(made.phase).to.equal('rest');
  });

  it('is waited for: nothing falls due before', () => {
    expect(nextDue(new Bench().state, RULES)).to.equal(undefined);
  });

  it('is on record once, in whatever order its fields stand', () => {
    const made = benchIn('full');
    const { setting } = made.state.recorded;
    if (!setting) throw new Error('It was configured.');
    const turned = Object.fromEntries(Object.entries(setting).reverse()) as unknown as CassetteSetting;
    expect(configure(made, turned)).to.deep.equal([]);
    expect(configure(made, structuredClone(setting))).to.deep.equal([]);
  });

  it('tells the order of a list from another', () => {
    const one = bench({ alsoLive: { transit: ['tilt', 'light'], full: [] } });
    const other = settingOf({ alsoLive: { transit: ['light', 'tilt'], full: [] } });
    expect(configure(one, other)).to.deep.equal(['cassette-configured']);
  });

  for (const mode of ['outsourced', 'internal-protected-zone'] as const) {
    for (const phase of phasesOf(mode)) {
      const free = ['rest', 'service', 'stained'].includes(phase);
      it(`${free ? 'changes' : 'is locked'} in ${phase} of mode ${mode}`, () => {
        const made = benchIn(phase, { mode });
        const before = made.state;
        const step = made.take({ input: 'configure', setting: settingOf({ mode: 'internal' }) });
        if (free) {
          expect(step.refusal).to.equal(undefined);
          expect(made.state.recorded.setting?.mode).to.equal('internal');
        } else {
          expect(step.refusal).to.deep.equal({ code: 'configuration-locked', values: { phase } });
          expect(made.last('configuration-locked')).to.deep.equal({ phase });
          expect(made.state.recorded).to.deep.equal(before.recorded);
        }
        expect(made.phase).to.equal(phase);
        expect(step.effects).to.deep.equal([]);
      });
    }
  }

  it('is locked while an attack is under way, even at rest', () => {
    const made = bench();
    made.samples({ brokenIn: true }, 200);
    expect(configure(made, settingOf({ mode: 'internal' }))).to.deep.equal(['configuration-locked']);
    expect(made.state.recorded.setting?.mode).to.equal('outsourced');
  });

  it('counts from then on', () => {
    const made = bench();
    configure(made, settingOf({ mode: 'internal' }));
    made.key(K);
    expect(made.phase).to.equal('full');
  });
});

describe('a restart', () => {
  it('leaves the phase, who armed it, and what was said to be loaded', () => {
    for (const phase of phasesOf('internal-protected-zone')) {
      const made = benchIn(phase, { mode: 'internal-protected-zone' });
      const before = made.state.recorded;
      const step = made.restart();
      expect(step.events.map(({ type }) => type)).to.deep.equal(['cassette-restarted']);
      expect(made.last('cassette-restarted')).to.deep.equal({ phase });
      expect(made.state.recorded).to.deep.equal(before);
      expect(made.state.recorded).to.deep.equal(made.folded);
      expect(step.effects).to.deep.equal([]);
    }
  });

  it('is disarmed afterwards by the keys that armed it, and by no other', () => {
    const made = benchIn('full');
    made.restart();
    expect(made.key({ ...K2, rom: '021CB801000000A2' }).refusal?.code).to.equal('not-the-same-key');
    made.key(K2);
    made.key(K1);
    expect(made.phase).to.equal('rest');
  });
});

describe('what is only told', () => {
  it('is on record as it came, and changes nothing', () => {
    const made = benchIn('full');
    made.events.length = 0;
    made.take({ input: 'rejected', reason: 'replayed', count: 5 });
    made.take({ input: 'records-lost', count: 9 });
    const sealed = { incident: 'i1', digest: 'd', fromSeq: 3, toSeq: 8 };
    made.take({ input: 'incident', sealed });
    expect(made.events).to.deep.equal([
      {
        type: 'frames-rejected',
        actor: { kind: 'gateway', id: 'gateway' },
        data: { reason: 'replayed', count: 5 },
      },
      { type: 'records-lost', actor: { kind: 'gateway', id: 'gateway' }, data: { count: 9 } },
      { type: 'incident-sealed', actor: { kind: 'gateway', id: 'gateway' }, data: sealed },
    ]);
    expect(made.phase).to.equal('full');
  });

  it('of its area is on record when it leaves it, and when it is back', () => {
    const made = benchIn('transit');
    made.events.length = 0;
    for (const inside of [true, false, false, true, true, false]) {
      made.take({ input: 'area', inside, source: 'tracker' });
    }
    expect(made.events.map(({ type }) => type)).to.deep.equal(['area-left', 'area-entered', 'area-left']);
    expect(made.last('area-left')).to.deep.equal({ source: 'tracker' });
    expect(made.state.recorded.outsideArea).to.equal(true);
    expect(made.phase).to.equal('transit');
  });

  it('of its link is on record when it changes', () => {
    const made = bench();
    made.events.length = 0;
    for (const up of [true, false, false, true, true]) made.link(up);
    expect(made.events.map(({ type }) => type)).to.deep.equal(['link-lost', 'link-restored']);
  });

  it('is the last key, by its name and not by its ROM', () => {
    const made = bench();
    made.take({ input: 'key', rom: K1.rom, reader: 'reader' }, 1_000);
    expect(made.state.recorded.lastKey).to.deep.equal({ accepted: false, at: 1_000 });
    made.take({ input: 'key', rom: K2.rom, reader: 'reader', known: K2 }, 2_000);
    expect(made.state.recorded.lastKey).to.deep.equal({ key: 'k2', role: 'K2', accepted: false, at: 2_000 });
    made.take({ input: 'key', rom: K1.rom, reader: 'reader', known: K1 }, 3_000);
    expect(made.state.recorded.lastKey).to.deep.equal({ key: 'k1', role: 'K1', accepted: true, at: 3_000 });
  });
});

describe('arming by insertion', () => {
  const AUTOMATIC = { automaticFull: true } as const;

  function carried(given: Parameters<typeof bench>[0] = {}): Bench {
    const made = benchIn('transit', { ...AUTOMATIC, ...given });
    made.sample({ inMachine: false });
    return made;
  }

  it('arms fully what is put into the machine, without a key', () => {
    const made = carried();
    const step = made.sample();
    expect(made.phase).to.equal('full');
    expect(made.last('armed-by-insertion')).to.deep.equal({
      from: 'transit',
      to: 'full',
      armedBy: { first: K1.rom, second: 'automatic' },
      timers: {},
    });
    expect(step.effects).to.deep.equal([{ effect: 'signal', signal: 'accepted' }]);
  });

  it('ends a grace time', () => {
    const made = benchIn('grace', { mode: 'internal-protected-zone', ...AUTOMATIC });
    made.sample({ inMachine: false });
    made.sample();
    expect(made.state.live.ends).to.deep.equal({});
    made.live(86_400_000);
    expect(made.phase).to.equal('full');
  });

  it('is not what is done where the site has it otherwise', () => {
    const made = carried({ automaticFull: false });
    made.samples({}, 1_000);
    expect(made.phase).to.equal('transit');
  });

  it('arms nothing at rest or in service', () => {
    for (const phase of ['rest', 'service'] as const) {
      const made = benchIn(phase, AUTOMATIC);
      made.sample({ inMachine: false });
      made.samples({}, 1_000);
      expect(made.phase).to.equal(phase);
    }
  });

  it('arms nothing that was in the machine all the time', () => {
    const made = benchIn('transit', AUTOMATIC);
    made.samples({}, 1_000);
    made.restart();
    made.link(true);
    made.samples({}, 1_000);
    expect(made.phase).to.equal('transit');
  });

  for (const [name, given] of [
    ['a sensor is active', { displaced: true }],
    ['the self-test failed', { selfTest: 'failed' }],
    ['the stainer is not ready', { stainer: 'inhibited' }],
  ] as const) {
    it(`waits while ${name}`, () => {
      const made = carried();
      made.sample(given);
      expect(made.phase).to.equal('transit');
      made.sample();
      expect(made.phase).to.equal('full');
    });
  }

  it('does not wait any more once the cassette was taken out, or the link was lost', () => {
    const out = carried();
    out.sample({ displaced: true });
    out.sample({ inMachine: false, displaced: true });
    expect(out.phase).to.equal('transit');
    const lost = carried();
    lost.sample({ displaced: true });
    lost.link(false);
    lost.link(true);
    lost.samples({}, 1_000);
    expect(lost.phase).to.equal('transit');
  });

  it('notices an insertion that happened while there was no link', () => {
    const made = carried();
    made.link(false);
    made.link(true);
    made.sample();
    expect(made.phase).to.equal('full');
  });

  it('is undone by any key of the machine, and does not happen again until it was taken out', () => {
    const made = carried();
    made.sample();
    made.key(K2);
    expect(made.phase).to.equal('transit');
    made.samples({}, 1_000);
    expect(made.phase).to.equal('transit');
    made.sample({ inMachine: false });
    made.sample();
    expect(made.phase).to.equal('full');
  });

  it('is undone by no other key, and by two persons', () => {
    const made = carried();
    made.sample();
    expect(made.key(K1).refusal?.code).to.equal('key-has-no-effect-here');
    made.do('override-key', { actor: ANNA, second: BRUNO });
    expect(made.phase).to.equal('transit');
  });

  it('does not happen while an attack is under way', () => {
    const made = carried();
    made.samples({ brokenIn: true, inMachine: false }, 200);
    made.sample();
    expect(made.all('armed-by-insertion')).to.deep.equal([]);
  });
});

describe('a journey', () => {
  it('that lasts too long is told, once, and nothing stains', () => {
    const made = benchIn('transit', { transportWithin: 3_600_000 });
    made.live(3_599_999);
    expect(made.all('transport-overdue')).to.deep.equal([]);
    made.live(1);
    expect(made.all('transport-overdue')).to.have.length(1);
    expect(made.state.recorded).to.include({ transportOverdue: true, phase: 'transit' });
    expect(made.state.recorded.timers).to.deep.equal({});
    made.live(86_400_000);
    expect(made.all('transport-overdue')).to.have.length(1);
    expect(made.count('prepare')).to.equal(0);
    expect(made.state.live.nextCheckpoint).to.equal(undefined);
  });

  it('goes on after a restart with what is left of its time', () => {
    const made = benchIn('transit', { transportWithin: 3_600_000 });
    made.live(3_000_000);
    made.restart();
    made.live(600_000);
    expect(made.state.recorded.transportOverdue).to.equal(true);
  });

  it('is over with the next change of phase', () => {
    const made = benchIn('transit', { transportWithin: 1_000 });
    made.live(1_000);
    made.key(K2);
    expect(made.state.recorded).to.include({ phase: 'full', transportOverdue: false });
    made.live(86_400_000);
    expect(made.all('transport-overdue')).to.have.length(1);
    made.key(K2);
    made.live(1_000);
    expect(made.all('transport-overdue')).to.have.length(2);
  });

  it('has no end where the site sets none', () => {
    const made = benchIn('transit');
    made.live(30 * 86_400_000);
    expect(made.all('transport-overdue')).to.deep.equal([]);
    expect(made.state.live.nextCheckpoint).to.equal(undefined);
  });

  it('of mode 3 runs beside the grace time', () => {
    const made = benchIn('grace', { mode: 'internal-protected-zone', transportWithin: 60_000 });
    expect(made.state.recorded.timers).to.deep.equal({ grace: 600_000, transport: 60_000 });
    made.live(60_000);
    expect(made.all('transport-overdue')).to.have.length(1);
    expect(made.state.recorded.timers).to.deep.equal({ grace: 540_000 });
    expect(made.phase).to.equal('grace');
  });
});
