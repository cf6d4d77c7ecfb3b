import { expect } from 'chai';
import { around, FlowBench } from './flow-bench.ts';
import { KNOWN_CARD } from './test-gateway.ts';

const bench = new FlowBench();

/** The way from card to door, as the demo flow has it. */
function wholeWay(): object[] {
  const node = (id: string, type: string, wires: string[][], settings: object = {}) => ({
    id,
    type,
    z: 'tab',
    name: '',
    gateway: 'gateway',
    configVersion: 1,
    ...settings,
    wires,
  });
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'gateway', type: 'sezam-gateway', name: '', siteFile: '', dataFolder: '', configVersion: 1 },
    node('reader', 'sezam-reader', [['identify', 'seen']], { reader: 'card-reader-1' }),
    node('identify', 'sezam-identify', [['allocate', 'seen'], ['refused']]),
    node('allocate', 'sezam-allocate', [['lock', 'seen'], ['refused']]),
    node('lock', 'sezam-lock', [['opened'], ['refused']]),
    ...['seen', 'opened', 'refused'].map((id) => ({ id, type: 'helper', z: 'tab', wires: [] })),
  ];
}

/** A reference that the gateway knows, of each kind. */
async function reference(name: 'presentation' | 'identity' | 'grant'): Promise<string> {
  const presentation = bench.gateway.present('card-reader-1', { kind: 'card', value: KNOWN_CARD });
  if (name === 'presentation') return presentation;
  const identified = await bench.gateway.identify(presentation);
  if (!identified.ok) throw new Error('The known card was refused.');
  if (name === 'identity') return identified.identity;
  const granted = await bench.gateway.allocate(identified.identity);
  if (!granted.ok) throw new Error('The known user was refused.');
  return granted.grant;
}

describe('identify, allocate and lock nodes', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('open a compartment for a card, and no message holds its number', async () => {
    bench.runGateway();
    await bench.load(wholeWay());
    bench.gateway.hold(KNOWN_CARD);
    await bench.until(() => bench.arrivals.some(({ at }) => at === 'opened'));
    expect(bench.gateway.opened).to.have.length(1);
    expect(bench.arrivals.map(({ at }) => at)).to.deep.equal(['seen', 'seen', 'seen', 'opened']);
    expect(JSON.stringify(bench.arrivals)).not.to.contain(KNOWN_CARD);
    const opened = bench.arrivals.at(-1)?.message;
    expect(opened?.topic).to.equal('card-reader-1');
    expect(opened?.payload).to.deep.equal({
      reader: 'card-reader-1',
      cabinet: 'A',
      user: 'user-1',
      compartment: 12,
      grantId: bench.gateway.opened[0],
    });
    expect(bench.status('identify')).to.equal('green dot identified');
    expect(bench.status('allocate')).to.equal('green dot granted');
    expect(bench.status('lock')).to.equal('green dot opened');
  });

  it('tell why an unknown card gets nothing, in three languages', async () => {
    bench.runGateway();
    await bench.load(wholeWay());
    bench.gateway.hold('0000000000');
    await bench.until(() => bench.arrivals.some(({ at }) => at === 'refused'));
    const refused = bench.arrivals.find(({ at }) => at === 'refused')?.message.payload;
    expect(refused).to.deep.equal({
      reader: 'card-reader-1',
      cabinet: 'A',
      code: 'unknown-credential',
      values: {},
      text: { en: 'en unknown-credential', pl: 'pl unknown-credential', it: 'it unknown-credential' },
    });
    expect(bench.gateway.opened).to.have.length(0);
    expect(bench.status('identify')).to.equal('yellow dot refused');
  });

  const stations = [
    { type: 'sezam-identify', takes: 'presentation', expired: 'identification-expired' },
    { type: 'sezam-allocate', takes: 'identity', expired: 'identification-expired' },
    { type: 'sezam-lock', takes: 'grant', expired: 'grant-expired' },
  ] as const;

  for (const { type, takes, expired } of stations) {
    describe(type, () => {
      const payloads: [string, unknown][] = [
        ['nothing', undefined],
        ['a text', 'open please'],
        ['a list', [{ [takes]: 'x' }]],
        ['an empty reference', { [takes]: '' }],
        ['a number for a reference', { [takes]: 7 }],
        ['a reference of absurd length', { [takes]: 'x'.repeat(10_000) }],
      ];
      for (const [what, payload] of payloads) {
        it(`refuses a message with ${what}`, async () => {
          bench.runGateway();
          await bench.load(around(type, {}, ['one', 'two']));
          bench.node('node').receive({ payload });
          const { error } = await bench.completion();
          expect(error?.code).to.equal(`message-without-${takes}`);
          expect(error?.message).to.contain(`msg.payload.${takes}`);
          expect(bench.status('node')).to.equal('red dot bad-message');
          expect(bench.arrivals).to.deep.equal([]);
          expect(bench.gateway.opened).to.deep.equal([]);
        });
      }

      it('refuses a reference that nobody handed out, by the second output', async () => {
        bench.runGateway();
        await bench.load(around(type, {}, ['one', 'two']));
        bench.node('node').receive({ payload: { [takes]: 'made-up' } });
        const { at, message } = await bench.arrival();
        expect(at).to.equal('two');
        expect((message.payload as { code: string }).code).to.equal(expired);
        expect(bench.gateway.opened).to.deep.equal([]);
      });

      it('takes each reference once', async () => {
        bench.runGateway();
        await bench.load(around(type, {}, ['one', 'two']));
        const payload = { [takes]: await reference(takes) };
        bench.node('node').receive({ payload: { ...payload } });
        bench.node('node').receive({ payload: { ...payload } });
        await bench.arrival(2);
        expect(bench.arrivals.map(({ at }) => at).sort()).to.deep.equal(['one', 'two']);
        expect(bench.completions.map(({ error }) => error)).to.deep.equal([undefined, undefined]);
      });

      it('keeps the other properties of the message', async () => {
        bench.runGateway();
        await bench.load(around(type, {}, ['one', 'two']));
        bench.node('node').receive({ payload: { [takes]: await reference(takes) }, topic: 't', lane: 3 });
        const { message } = await bench.arrival();
        expect(message).to.include({ topic: 't', lane: 3 });
        expect(message.payload).not.to.have.property(takes);
      });

      it('complains while no gateway is running, and works as soon as one is', async () => {
        await bench.load(around(type, {}, ['one', 'two']));
        expect(bench.status('node')).to.equal('red ring no-gateway');
        bench.node('node').receive({ payload: { [takes]: 'x' } });
        expect((await bench.completion()).error?.code).to.equal('gateway-not-running');
        bench.runGateway();
        expect(bench.status('node')).to.equal('green dot ready');
        bench.node('node').receive({ payload: { [takes]: await reference(takes) } });
        expect((await bench.arrival()).at).to.equal('one');
        bench.stopGateway();
        expect(bench.status('node')).to.equal('red ring no-gateway');
      });

      it('complains where it names no gateway', async () => {
        bench.runGateway();
        await bench.load(around(type, { gateway: '' }, ['one', 'two']));
        expect(bench.status('node')).to.equal('red ring not-configured');
        bench.node('node').receive({ payload: { [takes]: 'x' } });
        expect((await bench.completion()).error?.code).to.equal('gateway-not-configured');
      });

      it('hands an error of the gateway to done, once, with its code', async () => {
        bench.runGateway();
        const broken = Object.assign(new Error('The store is gone.'), { code: 'store-gone' });
        bench.gateway.identify = () => Promise.reject(broken);
        bench.gateway.allocate = () => Promise.reject(broken);
        bench.gateway.unlock = () => Promise.reject(broken);
        await bench.load(around(type, {}, ['one', 'two']));
        bench.node('node').receive({ payload: { [takes]: 'x' } });
        const { error } = await bench.completion();
        expect(error).to.equal(broken);
        expect(bench.status('node')).to.equal('red dot failed');
        expect(bench.completions).to.have.length(1);
      });

      it('gives an error without a code the code unexpected-error', async () => {
        bench.runGateway();
        const odd = (): never => {
          throw new TypeError('undefined is not a function');
        };
        bench.gateway.identify = odd;
        bench.gateway.allocate = odd;
        bench.gateway.unlock = odd;
        await bench.load(around(type, {}, ['one', 'two']));
        bench.node('node').receive({ payload: { [takes]: 'x' } });
        expect((await bench.completion()).error).to.include({
          code: 'unexpected-error',
          message: 'undefined is not a function',
        });
      });
    });
  }

  it('finish a message in flight when the flow is deployed anew, without sending it into the new flow', async () => {
    bench.runGateway();
    const flow = around('sezam-lock', {}, ['one', 'two']);
    await bench.load(flow);
    let moveDoor: () => void = () => {};
    bench.gateway.doorMoves = new Promise((resolve) => {
      moveDoor = resolve;
    });
    bench.node('node').receive({ payload: { grant: await reference('grant') } });
    const before = bench.node('node');
    await bench.deploy(flow.map((node) => ({ ...node })));
    expect(bench.node('node')).not.to.equal(before);
    moveDoor();
    const { error } = await bench.completion();
    expect(error).to.equal(undefined);
    expect(bench.gateway.opened).to.have.length(1);
    expect(bench.arrivals).to.deep.equal([]);
    bench.gateway.doorMoves = undefined;
    bench.node('node').receive({ payload: { grant: await reference('grant') } });
    expect((await bench.arrival()).at).to.equal('one');
    expect(bench.completions).to.have.length(2);
  });
});
