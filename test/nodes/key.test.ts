/** `sezam-key`: what becomes of keys, and keys that a flow brings. */
import { expect } from 'chai';
import type { KeyPayload } from '../../nodes/key/key.ts';
import { aroundCassette } from './around-cassette.ts';
import { FlowBench } from './flow-bench.ts';
import { romOf } from './test-cassettes.ts';
import { KNOWN_CARD, TestGateway } from './test-gateway.ts';

const bench = new FlowBench();
const K1 = romOf(1);
const K2 = romOf(2);
const STRANGER = romOf(9);

function key(settings: object = {}, cassette = 'C1'): object[] {
  return aroundCassette('sezam-key', settings, ['taken', 'refused'], cassette);
}

function told(): [at: string, payload: KeyPayload][] {
  return bench.arrivals.map(({ at, message }) => [at, message.payload as KeyPayload]);
}

describe('sezam-key', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('tells which key led where, and why another did nothing, without a ROM', async () => {
    bench.runGateway();
    await bench.load(key());
    bench.gateway.cassettes.touchController('C1', K1);
    bench.gateway.cassettes.touchController('C1', STRANGER);
    bench.gateway.cassettes.touchController('C3', K1);
    await bench.arrival(2);
    await bench.turn();
    const [[first, used], [second, refused]] = told() as [[string, KeyPayload], [string, KeyPayload]];
    expect(first).to.equal('taken');
    expect(used).to.deep.include({
      cassette: 'C1',
      outcome: 'used',
      accepted: true,
      key: 'key-K1',
      role: 'K1',
      reader: 'C1/controller',
      from: 'rest',
      to: 'transit',
    });
    expect(used.at).to.be.a('number');
    expect(second).to.equal('refused');
    expect(refused).to.deep.include({
      outcome: 'refused',
      accepted: false,
      code: 'key-unknown',
      from: 'transit',
      to: 'transit',
    });
    expect(refused).not.to.have.any.keys('key', 'role');
    expect(refused.text).to.have.keys('en', 'pl', 'it');
    expect(bench.arrivals, 'the other cassette').to.have.length(2);
    expect(bench.arrivals[0]?.message.topic).to.equal('C1');
    for (const rom of [K1, STRANGER]) expect(JSON.stringify(bench.arrivals)).not.to.contain(rom);
    expect(bench.status('node')).to.equal('yellow dot refused');
  });

  it('takes a key that was held to a reader of the site: the message itself tells what it did, once', async () => {
    bench.runGateway();
    const reader = { id: 'reader', type: 'sezam-reader', z: 'tab', gateway: 'gateway', reader: 'keypad-1' };
    await bench.load([...key({ outcomes: 'refused' }), { ...reader, wires: [['node']] }]);
    bench.gateway.holdUp({ kind: 'ibutton', value: K1 }, 'keypad-1');
    await bench.arrival();
    bench.gateway.holdUp({ kind: 'ibutton', value: STRANGER }, 'keypad-1');
    await bench.arrival(2);
    await bench.turn();
    const [taken, refused] = told();
    expect(taken?.[0]).to.equal('taken');
    expect(taken?.[1]).to.deep.include({ key: 'key-K1', reader: 'keypad-1', from: 'rest', to: 'transit' });
    expect(refused?.[0]).to.equal('refused');
    expect(refused?.[1]).to.deep.include({ cassette: 'C1', code: 'key-unknown', outcome: 'refused' });
    expect(bench.arrivals).to.have.length(2);
    expect(bench.arrivals[0]?.message.topic, 'the message of the reader').to.equal('keypad-1');
    expect(bench.gateway.cassettes.view('C1')?.phase).to.equal('transit');
    expect(bench.completions.filter(({ id }) => id === 'node').map(({ error }) => error)).to.deep.equal([
      undefined,
      undefined,
    ]);
  });

  it('refuses what is no key, and a reference that was used', async () => {
    bench.runGateway();
    await bench.load(key());
    const card = bench.gateway.present('card-reader-1', { kind: 'card', value: KNOWN_CARD });
    bench.node('node').receive({ payload: { presentation: card } });
    await bench.arrival();
    bench.node('node').receive({ payload: { presentation: card } });
    await bench.arrival(2);
    expect(told().map(([at, { code, cassette }]) => [at, code, cassette])).to.deep.equal([
      ['refused', 'not-a-key', 'C1'],
      ['refused', 'presentation-expired', 'C1'],
    ]);
  });

  it('tells of a key that awaits a person', async () => {
    bench.gateway = new TestGateway({ secondFactor: { required: true, within: 30_000 } });
    bench.runGateway();
    await bench.load(key());
    bench.gateway.cassettes.touchController('C1', K1);
    const { at, message } = await bench.arrival();
    expect(at).to.equal('taken');
    expect(message.payload).to.deep.include({
      outcome: 'awaits-second-factor',
      accepted: false,
      within: 30_000,
      from: 'rest',
      to: 'rest',
    });
    expect(bench.status('node')).to.equal('green ring key-awaits');
  });

  it('tells each of several keys once: two by messages at the same time, one at the cassette', async () => {
    bench.runGateway();
    await bench.load(key());
    for (const [topic, rom] of [
      ['first', K1],
      ['second', STRANGER],
    ] as const) {
      const presentation = bench.gateway.present('keypad-1', { kind: 'ibutton', value: rom });
      bench.node('node').receive({ topic, payload: { presentation, reader: 'keypad-1' } });
    }
    bench.gateway.cassettes.touchController('C1', romOf(8));
    await bench.arrival(3);
    await bench.turn();
    const seen = bench.arrivals.map(({ at, message }) => {
      const { reader, outcome } = message.payload as KeyPayload;
      return [message.topic, at, reader, outcome];
    });
    expect(seen).to.have.deep.members([
      ['first', 'taken', 'keypad-1', 'used'],
      ['second', 'refused', 'keypad-1', 'refused'],
      ['C1', 'refused', 'C1/controller', 'refused'],
    ]);
    expect(bench.completions.map(({ error }) => error)).to.deep.equal([undefined, undefined]);
  });

  it('keeps to the chosen outcomes', async () => {
    bench.runGateway();
    await bench.load(key({ outcomes: 'used' }));
    bench.gateway.cassettes.touchController('C1', STRANGER);
    bench.gateway.cassettes.touchController('C1', K1);
    await bench.arrival();
    await bench.turn();
    expect(told().map(([at]) => at)).to.deep.equal(['taken']);
  });

  it('looks the same where a key calls for help in secret', async () => {
    bench.gateway = new TestGateway({}, { duress: true });
    bench.runGateway();
    await bench.load(key());
    bench.gateway.cassettes.touchController('C1', K1);
    bench.gateway.cassettes.touchController('C1', romOf(1));
    await bench.arrival(2);
    expect(told().map(([, { outcome }]) => outcome)).to.deep.equal(['used', 'used']);
    expect(JSON.stringify([bench.arrivals, bench.statuses])).not.to.match(
      /duress|przymus|coercizione|silent/,
    );
  });

  it('for every cassette, tells of each and takes the name of one from the message', async () => {
    bench.runGateway();
    await bench.load(key({}, ''));
    bench.gateway.cassettes.touchController('C3', K1);
    await bench.arrival();
    const touch = (cassette?: string): void => {
      const presentation = bench.gateway.present('keypad-1', { kind: 'ibutton', value: K2 });
      bench.node('node').receive({ payload: { presentation, ...(cassette !== undefined && { cassette }) } });
    };
    touch('C3');
    await bench.arrival(2);
    expect(told().map(([, { cassette, to }]) => [cassette, to])).to.deep.equal([
      ['C3', 'grace'],
      ['C3', 'full'],
    ]);
    touch('nowhere');
    expect((await bench.arrival(3)).message.payload).to.include({
      code: 'cassette-unknown',
      cassette: 'nowhere',
    });
    touch();
    expect((await bench.completion(3)).error?.code).to.equal('message-malformed');
  });

  it('complains of a missing cassette, a missing reference, and another cassette than its own', async () => {
    bench.runGateway();
    await bench.load(key({ cassette: '' }));
    expect(bench.status('node')).to.equal('red ring not-configured');
    bench.node('node').receive({ payload: { presentation: 'x' } });
    expect((await bench.completion()).error?.code).to.equal('setting-missing');
    await bench.deploy(key());
    bench.node('node').receive({ payload: {} });
    expect((await bench.completion(2)).error?.code).to.equal('message-without-presentation');
    bench.node('node').receive({ payload: { presentation: 'x', cassette: 'C3' } });
    expect((await bench.completion(3)).error?.code).to.equal('setting-contradicted');
    await bench.deploy(key({}, 'elsewhere'));
    await bench.until(() => bench.status('node') === 'red ring not-configured');
  });

  it('shows that there is no gateway, and begins when there is one', async () => {
    await bench.load(key());
    expect(bench.status('node')).to.equal('red ring no-gateway');
    bench.node('node').receive({ payload: { presentation: 'x' } });
    expect((await bench.completion()).error?.code).to.equal('gateway-not-running');
    bench.runGateway();
    bench.gateway.cassettes.touchController('C1', K1);
    expect((await bench.arrival()).message.payload).to.include({ outcome: 'used' });
    const before = bench.gateway.listeners;
    await bench.deploy(key().filter((node) => (node as { id: string }).id !== 'node'));
    expect(bench.gateway.listeners).to.be.lessThan(before);
  });
});
