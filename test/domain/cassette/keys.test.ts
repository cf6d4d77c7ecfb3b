import { expect } from 'chai';
import { alarmOf } from '../../../domain/cassette/alarms.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { ANNA, type Bench, BRUNO, bench, benchIn, K, K1, K1_OTHER, K2, K2_OTHER } from './machine.ts';

const SECOND_FACTOR = { secondFactor: { required: true, within: 30_000 } } as const;

describe('a key at a cassette', () => {
  it('is on record with its full ROM and with what it did', () => {
    const made = bench();
    const step = made.key(K1);
    expect(made.last('key-used')).to.deep.equal({
      rom: K1.rom,
      reader: 'reader',
      key: 'k1',
      role: 'K1',
      from: 'rest',
      to: 'transit',
      armedBy: { first: K1.rom },
      timers: {},
    });
    expect(step.events[0]?.actor).to.deep.equal(GATEWAY);
    expect(step.effects).to.deep.equal([{ effect: 'signal', signal: 'accepted' }]);
    expect(step.refusal).to.equal(undefined);
    made.key(K2);
    expect(made.last('key-used').armedBy).to.deep.equal({ first: K1.rom, second: K2.rom });
    made.key(K2);
    expect(made.last('key-used').armedBy).to.deep.equal({ first: K1.rom });
    made.key(K1);
    expect(made.last('key-used').armedBy).to.deep.equal({});
  });

  it('disarms by its ROM, whatever it is called by then', () => {
    const made = benchIn('full');
    made.key({ ...K2, id: 'renamed' });
    expect(made.phase).to.equal('transit');
    made.key({ ...K1_OTHER, id: K1.id });
    expect(made.phase).to.equal('transit');
  });

  it('disarms without a link, and whatever is wrong with the controller', () => {
    const made = benchIn('full');
    made.sample({ selfTest: 'failed', stainer: 'fault', inMachine: false, notes: 'absent' });
    made.link(false);
    made.key(K2);
    made.key(K1);
    expect(made.phase).to.equal('rest');
  });

  it('that was revoked while it was armed does not disarm any more', () => {
    const made = benchIn('transit');
    made.key({ ...K1, revoked: true });
    expect(made.phase).to.equal('transit');
  });

  it('does nothing while firing is under way, and leaves it alone', () => {
    const made = benchIn('full');
    made.samples({ brokenIn: true }, 200);
    made.answer('prepare');
    for (const key of [K2, K1, K2_OTHER]) expect(made.key(key).refusal?.code).to.equal('attack-under-way');
    made.answer('fire');
    expect(made.phase).to.equal('stained');
  });

  it('counts for the cassettes it was given for', () => {
    const made = bench();
    made.key({ ...K1, cassettes: ['c0', 'c1'] });
    expect(made.phase).to.equal('transit');
  });

  it('is refused by what is wrong with it before anything that is wrong with the cassette', () => {
    const made = bench();
    made.link(false);
    expect(made.key({ ...K1, revoked: true }).refusal?.code).to.equal('key-revoked');
    expect(made.key(K1).refusal?.code).to.equal('no-link');
  });

  it('needs a sample since the link came back', () => {
    const made = bench();
    made.link(false);
    made.link(true);
    expect(made.key(K1).refusal?.code).to.equal('no-link');
    made.sample();
    expect(made.key(K1).refusal).to.equal(undefined);
  });

  it('arms what somebody said is loaded, where the controller cannot tell', () => {
    const made = benchIn('service');
    made.sample({ notes: 'unknown' });
    made.do({ do: 'finish-service', loaded: true });
    made.key(K1);
    expect(made.phase).to.equal('transit');
  });

  it('does not arm what the controller sees empty, whatever was said', () => {
    const made = benchIn('service');
    made.do({ do: 'finish-service', loaded: true });
    made.sample({ notes: 'absent' });
    expect(made.key(K1).refusal?.code).to.equal('not-loaded');
  });

  it('arms an empty cassette where the site has it so', () => {
    const made = bench({ loadedRequired: false });
    made.sample({ notes: 'absent' });
    made.key(K1);
    expect(made.phase).to.equal('transit');
  });

  it('does not arm while a sensor is active that the site made live', () => {
    const made = benchIn('transit', { alsoLive: { transit: [], full: ['light'] } });
    made.sample({ light: 500 });
    expect(made.key(K2).refusal).to.deep.equal({ code: 'sensor-active', values: { sensor: 'light' } });
    made.sample();
    expect(made.key(K2).refusal).to.equal(undefined);
  });

  it('steps down to no phase where an active sensor would stain at once', () => {
    const made = benchIn('full', { alsoLive: { transit: ['tilt'], full: [] } });
    made.samples({ tilt: 90 }, 2_000);
    expect(made.key(K2).refusal).to.deep.equal({ code: 'sensor-active', values: { sensor: 'tilt' } });
    expect(made.do('override-key', { second: BRUNO }).refusal?.code).to.equal('sensor-active');
    made.sample();
    made.key(K2);
    made.samples({}, 2_000);
    expect(made.phase).to.equal('transit');
    expect(made.count('prepare')).to.equal(0);
  });

  it('steps down while a sensor is active that is live already, and which has yet to be confirmed', () => {
    const made = benchIn('full');
    made.sample({ lidOpen: true });
    expect(made.key(K2).refusal).to.equal(undefined);
    made.at += 100;
    made.sample({ lidOpen: true });
    expect(made.last('attack-confirmed').cause).to.equal('lid');
  });
});

describe('a second factor for K1', () => {
  it('is waited for, and then the key does what it does, by whoever confirmed it', () => {
    const made = bench(SECOND_FACTOR);
    const step = made.key(K1);
    expect(made.phase).to.equal('rest');
    expect(made.last('second-factor-awaited')).to.deep.equal({
      rom: K1.rom,
      reader: 'reader',
      key: 'k1',
      role: 'K1',
      within: 30_000,
    });
    expect(step.effects).to.deep.equal([]);
    made.pass(29_999);
    const confirmed = made.do('confirm-key', { actor: BRUNO });
    expect(made.phase).to.equal('transit');
    expect(confirmed.events.map(({ type, actor }) => [type, actor])).to.deep.equal([['key-used', BRUNO]]);
    expect(made.last('key-used')).to.include({ rom: K1.rom, key: 'k1', role: 'K1', reader: 'reader' });
    expect(made.do('confirm-key').refusal?.code).to.equal('nothing-to-confirm');
  });

  it('is asked for in both directions, and of K1 alone', () => {
    const made = bench(SECOND_FACTOR);
    made.key(K1);
    made.do('confirm-key');
    made.key(K2);
    expect(made.phase).to.equal('full');
    made.key(K2);
    made.key(K1);
    expect(made.phase).to.equal('transit');
    made.do('confirm-key');
    expect(made.phase).to.equal('rest');
  });

  it('is not asked for in mode 2', () => {
    const made = bench({ mode: 'internal', ...SECOND_FACTOR });
    made.key(K);
    expect(made.phase).to.equal('full');
  });

  it('that does not come is on record as a refusal, once', () => {
    const made = bench(SECOND_FACTOR);
    made.key(K1);
    made.live(30_000);
    made.live(30_000);
    const refused = made.all('key-refused');
    expect(refused.map(({ rom, refusal }) => [rom, refusal.code])).to.deep.equal([
      [K1.rom, 'second-factor-missing'],
    ]);
    expect(made.effects.at(-1)).to.deep.equal({ effect: 'signal', signal: 'refused' });
    expect(made.do('confirm-key').refusal?.code).to.equal('nothing-to-confirm');
    expect(made.phase).to.equal('rest');
  });

  it('looks at everything once more', () => {
    const made = bench(SECOND_FACTOR);
    made.key(K1);
    made.sample({ lidOpen: true });
    expect(made.do('confirm-key').refusal?.code).to.equal('lid-open');
    made.sample();
    expect(made.do('confirm-key').refusal).to.equal(undefined);
    expect(made.phase).to.equal('transit');
  });

  const ends: readonly (readonly [name: string, act: (made: Bench) => unknown])[] = [
    ['another key is touched', (made) => made.key(K1_OTHER)],
    ['service begins', (made) => made.do('enter-service')],
    ['an attack is confirmed', (made) => made.samples({ brokenIn: true }, 200)],
  ];
  for (const [name, act] of ends) {
    it(`is over when ${name}: the key that waited is refused, on record`, () => {
      const made = bench(SECOND_FACTOR);
      made.key(K1);
      act(made);
      const [refused] = made.all('key-refused');
      expect([refused?.rom, refused?.refusal.code]).to.deep.equal([K1.rom, 'second-factor-missing']);
    });
  }

  it('is for the key that was touched last', () => {
    const made = bench(SECOND_FACTOR);
    made.key(K1);
    made.key(K1_OTHER);
    made.do('confirm-key');
    expect(made.last('key-used').rom).to.equal(K1_OTHER.rom);
  });

  it('is over when K2 is used meanwhile', () => {
    const made = bench(SECOND_FACTOR);
    made.key(K1);
    made.do('confirm-key');
    made.key(K1);
    made.key(K2);
    expect(made.events.slice(-2).map(({ type }) => type)).to.deep.equal(['key-refused', 'key-used']);
    expect(made.state.recorded.lastKey?.key).to.equal('k2');
    expect(made.do('confirm-key').refusal?.code).to.equal('nothing-to-confirm');
  });

  it('is not waited for any more after a restart of a machine that was not made anew', () => {
    const made = bench(SECOND_FACTOR);
    made.key(K1);
    made.take({ input: 'restart' });
    expect(made.do('confirm-key').refusal?.code).to.equal('nothing-to-confirm');
  });

  it('is not waited for any more after a restart', () => {
    const made = bench(SECOND_FACTOR);
    made.key(K1);
    made.restart();
    expect(made.do('confirm-key').refusal?.code).to.equal('nothing-to-confirm');
    expect(made.phase).to.equal('rest');
  });
});

describe('a key of somebody who is forced', () => {
  const DURESS = { ...K1, duress: true };
  const silent = { severity: 1_000, silent: true };

  it('does what its role does, and raises a silent alarm', () => {
    const made = bench();
    const step = made.key(DURESS);
    expect(made.phase).to.equal('transit');
    expect(step.events.map(alarmOf)).to.deep.equal([silent]);
    expect(step.effects).to.deep.equal([{ effect: 'signal', signal: 'accepted' }]);
  });

  it('raises it as well where it is refused, or waits for a second factor', () => {
    const made = bench();
    made.sample({ lidOpen: true });
    expect(made.key(DURESS).events.map(alarmOf)).to.deep.equal([silent]);
    const waits = bench(SECOND_FACTOR);
    expect(waits.key(DURESS).events.map(alarmOf)).to.deep.equal([silent]);
    expect(waits.do('confirm-key', { actor: ANNA }).events.map(alarmOf)).to.deep.equal([silent]);
  });

  it('looks like any other key in what is kept of it', () => {
    const one = bench();
    one.key(DURESS);
    const other = bench();
    other.key(K1);
    expect(one.state.recorded).to.deep.equal(other.state.recorded);
  });
});
