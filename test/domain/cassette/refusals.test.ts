import { expect } from 'chai';
import { keySeen, keysGone, NO_CONTACT } from '../../../domain/cassette/key-contact.ts';
import { CASSETTE_REFUSAL_CODES, type CassetteRefusalCode } from '../../../domain/cassette/refusal.ts';
import { CASSETTE_DEFAULTS } from '../../../domain/cassette/setting.ts';
import { ANNA, Bench, BRUNO, bench, benchIn, K1, K1_OTHER, K2, refusalsIn, UNKNOWN_ROM } from './machine.ts';

const { contact } = CASSETTE_DEFAULTS;

/** Codes that only the gateway around the machine gives. */
const OF_THE_GATEWAY = [
  'key-not-read',
  'cassette-unknown',
  'cassettes-not-running',
  'not-permitted',
  'person-needed',
  'second-person-not-known',
  'presentation-expired',
  'not-a-key',
] as const;
type Own = Exclude<CassetteRefusalCode, (typeof OF_THE_GATEWAY)[number]>;

/** What a reader makes of a key; refused there, before it reaches the machine. */
function atReader(...seen: readonly (readonly [rom: string, at: number])[]): readonly CassetteRefusalCode[] {
  const codes: CassetteRefusalCode[] = [];
  let state = NO_CONTACT;
  const last = seen.at(-1)?.[1] ?? 0;
  for (const [rom, at] of seen) {
    const step = keySeen(state, rom, at, contact, true);
    state = step.state;
    for (const each of step.contacts) if (each.contact === 'refused') codes.push(each.refusal.code);
  }
  for (const each of keysGone(state, last + contact.goneAfter, contact).contacts) {
    if (each.contact === 'refused') codes.push(each.refusal.code);
  }
  return codes;
}

function last(made: Bench): readonly CassetteRefusalCode[] {
  return refusalsIn(made.events).slice(-1);
}

function after(made: Bench, act: (made: Bench) => unknown): readonly CassetteRefusalCode[] {
  act(made);
  return last(made);
}

function attacked(): Bench {
  const made = benchIn('full');
  made.samples({ brokenIn: true }, 200);
  return made;
}

/** One way to each refusal; the sample shows what is in the way. */
const WAYS: Readonly<Record<Own, () => readonly CassetteRefusalCode[]>> = {
  'key-unknown': () =>
    after(bench(), (made) => made.take({ input: 'key', rom: UNKNOWN_ROM, reader: 'reader' })),
  'key-revoked': () => after(bench(), (made) => made.key({ ...K1, revoked: true })),
  'key-expired': () => after(bench(), (made) => made.key(K1, { expired: true })),
  'key-not-for-this-cassette': () => after(bench(), (made) => made.key({ ...K1, cassettes: ['c2', 'c3'] })),
  'key-wrong-checksum': () => atReader(['01FA525810000010', 0]),
  'key-all-zero': () => atReader(['0000000000000000', 0]),
  'key-contact-short': () => atReader([K1.rom, 0], [K1.rom, 100]),
  'key-too-soon': () => atReader([K1.rom, 0], [K1.rom, 250], [K1.rom, 500], [K1.rom, 1_000]),
  'two-keys': () => atReader([K1.rom, 0], [K2.rom, 100]).slice(0, 1),
  'key-has-no-effect-here': () => after(bench(), (made) => made.key(K2)),
  'not-the-same-key': () => after(benchIn('transit'), (made) => made.key(K1_OTHER)),
  'second-factor-missing': () =>
    after(bench({ secondFactor: { required: true, within: 1_000 } }), (made) => {
      made.key(K1);
      made.pass(1_000);
    }),
  'not-loaded': () =>
    after(bench(), (made) => {
      made.sample({ notes: 'absent' });
      made.key(K1);
    }),
  'lid-open': () =>
    after(bench(), (made) => {
      made.sample({ lidOpen: true });
      made.key(K1);
    }),
  'self-test-failed': () =>
    after(bench(), (made) => {
      made.sample({ selfTest: 'not-run' });
      made.key(K1);
    }),
  'not-in-machine': () =>
    after(benchIn('transit'), (made) => {
      made.sample({ inMachine: false });
      made.key(K2);
    }),
  'sensor-active': () =>
    after(benchIn('transit'), (made) => {
      made.sample({ displaced: true });
      made.key(K2);
    }),
  'no-link': () =>
    after(bench(), (made) => {
      made.link(false);
      made.key(K1);
    }),
  'stainer-not-ready': () =>
    after(bench(), (made) => {
      made.sample({ stainer: 'inhibited' });
      made.key(K1);
    }),
  'ink-not-ok': () =>
    after(bench(), (made) => {
      made.sample({ ink: 'fault' });
      made.key(K1);
    }),
  'trigger-not-ok': () =>
    after(bench(), (made) => {
      made.sample({ trigger: 'fault' });
      made.key(K1);
    }),
  'battery-not-ok': () =>
    after(bench(), (made) => {
      made.sample({ battery: 'fault' });
      made.key(K1);
    }),
  'attack-under-way': () => after(attacked(), (made) => made.key(K2)),
  'stained-already': () => after(benchIn('stained'), (made) => made.key(K1)),
  'not-stained': () => after(bench(), (made) => made.do('reset-stained', { second: BRUNO })),
  'not-at-rest': () => after(benchIn('transit'), (made) => made.do('enter-service')),
  'not-in-service': () => after(bench(), (made) => made.do('begin-test')),
  'not-in-test': () => after(benchIn('service'), (made) => made.do('end-test')),
  'not-armed': () => after(bench(), (made) => made.do('override-key', { second: BRUNO })),
  'test-running': () =>
    after(benchIn('service'), (made) => {
      made.do('begin-test');
      made.do({ do: 'finish-service', loaded: false });
    }),
  'nothing-to-confirm': () => after(bench(), (made) => made.do('confirm-key')),
  'reason-missing': () => after(bench(), (made) => made.do('enter-service', { reason: ' \t' })),
  'second-person-missing': () => after(benchIn('full'), (made) => made.do('override-key')),
  'second-person-same': () => after(benchIn('full'), (made) => made.do('override-key', { second: ANNA })),
  'cassette-not-configured': () => after(new Bench(), (made) => made.do('enter-service')),
  'configuration-locked': () => {
    const made = benchIn('transit');
    const { setting } = made.state.recorded;
    if (!setting) return [];
    const step = made.take({ input: 'configure', setting: { ...setting, automaticFull: true } });
    return step.refusal ? [step.refusal.code] : [];
  },
};

describe('refusals of a cassette', () => {
  it('are known, every one', () => {
    expect([...Object.keys(WAYS), ...OF_THE_GATEWAY].sort()).to.deep.equal(
      [...CASSETTE_REFUSAL_CODES].sort(),
    );
  });

  for (const [code, way] of Object.entries(WAYS)) {
    it(`${code} is given, and on record`, () => {
      expect(way()).to.deep.equal([code]);
    });
  }

  it('are given to whoever asks, and signalled', () => {
    const made = benchIn('full');
    const key = made.key(K1);
    expect(key.refusal?.code).to.equal('key-has-no-effect-here');
    expect(key.effects).to.deep.equal([{ effect: 'signal', signal: 'refused' }]);
    const asked = made.do('enter-service');
    expect(asked.refusal).to.deep.equal({ code: 'not-at-rest', values: { phase: 'full' } });
    expect(asked.effects).to.deep.equal([{ effect: 'signal', signal: 'refused' }]);
    expect(made.last('command-refused')).to.deep.equal({
      command: 'enter-service',
      refusal: asked.refusal,
    });
    expect(made.events.at(-1)?.actor).to.deep.equal(ANNA);
  });

  it('keep the full ROM and the reader of a key, known or not', () => {
    const made = bench();
    made.key(K2);
    expect(made.last('key-refused')).to.deep.equal({
      rom: K2.rom,
      reader: 'reader',
      key: 'k2',
      role: 'K2',
      refusal: { code: 'key-has-no-effect-here', values: { phase: 'rest' } },
    });
    made.take({ input: 'key', rom: UNKNOWN_ROM, reader: 'door' });
    expect(made.last('key-refused')).to.deep.equal({
      rom: UNKNOWN_ROM,
      reader: 'door',
      refusal: { code: 'key-unknown', values: {} },
    });
  });

  it('of what a reader could not read leave the ROM out', () => {
    const made = bench();
    const refusal = { code: 'key-not-read', values: {} } as const;
    const step = made.take({ input: 'key-fault', reader: 'reader', refusal });
    expect(step.refusal).to.deep.equal(refusal);
    expect(made.last('key-refused')).to.deep.equal({ reader: 'reader', refusal });
  });

  it('are on record even before the cassette was configured', () => {
    const made = new Bench();
    expect(made.key(K1).refusal?.code).to.equal('cassette-not-configured');
    const fault = made.take({
      input: 'key-fault',
      reader: 'reader',
      rom: K1.rom,
      refusal: { code: 'two-keys', values: {} },
    });
    expect(fault.refusal?.code).to.equal('two-keys');
    expect(made.do('enter-service').refusal?.code).to.equal('cassette-not-configured');
    for (const input of ['tick', 'restart'] as const) expect(made.take({ input }).events).to.deep.equal([]);
    made.link(true);
    made.sample({ brokenIn: true });
    expect(made.events.map(({ type }) => type)).to.deep.equal([
      'key-refused',
      'key-refused',
      'command-refused',
    ]);
    expect(made.phase).to.equal('rest');
  });
});
