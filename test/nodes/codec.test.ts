import { expect } from 'chai';
import { bytesIn, MOST_BYTES } from '../../nodes/codec/codec.ts';
import { around, FlowBench } from './flow-bench.ts';

const bench = new FlowBench();
const frame = Buffer.from([0x02, 0x00, 0x31, 0x33, 0x03]);

function codec(settings: object = {}): object[] {
  return around('sezam-codec', { bus: 'bus', ...settings }, ['send', 'traffic']);
}

describe('sezam-codec', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('hands received bytes to the gateway, and tells of them without showing them', async () => {
    bench.runGateway();
    await bench.load(codec());
    expect(bench.status('node')).to.equal('green dot connected');
    bench.node('node').receive({ payload: frame });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('traffic');
    expect(message.topic).to.equal('own');
    expect(message.payload).to.include({ direction: 'received', bus: 'own', bytes: 5 });
    expect(JSON.stringify(message)).not.to.match(/buffer|"data"/i);
    expect(bench.gateway.received).to.deep.equal([frame]);
    expect((await bench.completion()).error).to.equal(undefined);
  });

  it('sends what the gateway has for the wire', async () => {
    bench.runGateway();
    await bench.load(codec());
    bench.gateway.write(frame);
    await bench.arrival(2);
    const sent = bench.arrivals.find(({ at }) => at === 'send')?.message;
    expect(sent?.payload).to.deep.equal(frame);
    expect(bench.arrivals.find(({ at }) => at === 'traffic')?.message.payload).to.include({
      direction: 'sent',
      bytes: 5,
    });
  });

  const wrong: [string, unknown, string][] = [
    ['text', '\u000200', 'bytes-expected'],
    ['nothing', undefined, 'bytes-expected'],
    ['null', null, 'bytes-expected'],
    ['a list of numbers', [2, 3], 'bytes-expected'],
    ['too much at once', Buffer.alloc(MOST_BYTES + 1), 'too-many-bytes'],
  ];
  for (const [what, payload, code] of wrong) {
    it(`refuses ${what}`, async () => {
      bench.runGateway();
      await bench.load(codec());
      bench.node('node').receive({ payload });
      expect((await bench.completion()).error?.code).to.equal(code);
      expect(bench.gateway.received).to.deep.equal([]);
      expect(bench.status('node')).to.equal('red dot bad-message');
    });
  }

  it('takes any array of bytes, and exactly its bytes', () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    expect(bytesIn(whole.subarray(1, 3))).to.deep.equal(Buffer.from([2, 3]));
    expect(bytesIn(Buffer.alloc(MOST_BYTES))).to.have.length(MOST_BYTES);
  });

  it('shows that another node has the bus', async () => {
    bench.runGateway();
    const second = { id: 'second', type: 'sezam-codec', z: 'tab', bus: 'bus', configVersion: 1, wires: [] };
    await bench.load([...codec(), second]);
    const states = [bench.status('node'), bench.status('second')];
    expect(states).to.have.members(['green dot connected', 'red dot failed']);
  });

  it('hands over no bytes where another node has the bus: they would reach it twice', async () => {
    bench.runGateway();
    const second = { id: 'second', type: 'sezam-codec', z: 'tab', bus: 'bus', configVersion: 1, wires: [] };
    await bench.load([...codec(), second]);
    for (const id of ['node', 'second']) bench.node(id).receive({ payload: frame });
    await bench.arrival();
    expect(bench.gateway.received).to.deep.equal([frame]);
  });

  it('gives the port back on a deploy and takes it again', async () => {
    bench.runGateway();
    const flow = codec();
    await bench.load(flow);
    await bench.deploy(flow.map((node) => ({ ...node })));
    expect(bench.status('node')).to.equal('green dot connected');
    bench.gateway.write(frame);
    await bench.arrival(2);
    expect(bench.arrivals.filter(({ at }) => at === 'send')).to.have.length(1);
  });

  it('loses its bus when that is taken out of the site, and takes it again once it is back', async () => {
    bench.runGateway();
    await bench.load(codec());
    const { buses } = bench.gateway.site;
    bench.gateway.becomeSite({ buses: [] });
    expect(bench.status('node')).to.equal('red dot failed');
    bench.gateway.becomeSite({ buses });
    expect(bench.status('node')).to.equal('green dot connected');
    bench.gateway.write(frame);
    await bench.arrival(2);
    expect(bench.arrivals.filter(({ at }) => at === 'send')).to.have.length(1);
  });

  it('keeps its port while the site changes elsewhere', async () => {
    bench.runGateway();
    await bench.load(codec());
    bench.gateway.becomeSite({ readers: [] });
    expect(bench.gateway.flowConnections).to.equal(1);
    expect(bench.status('node')).to.equal('green dot connected');
  });

  it('complains about a bus that no flow owns', async () => {
    bench.runGateway();
    const flow = codec().map((node) =>
      (node as { id: string }).id === 'bus' ? { ...node, bus: 'wire' } : node,
    );
    await bench.load(flow);
    expect(bench.status('node')).to.equal('red dot failed');
    bench.node('node').receive({ payload: frame });
    expect((await bench.completion()).error?.code).to.equal('bus-unknown');
  });

  it('complains where it names no bus', async () => {
    bench.runGateway();
    await bench.load(codec({ bus: '' }));
    expect(bench.status('node')).to.equal('red ring not-configured');
    bench.node('node').receive({ payload: frame });
    expect((await bench.completion()).error?.code).to.equal('bus-not-configured');
  });

  it('complains while no gateway is running', async () => {
    await bench.load(codec());
    expect(bench.status('node')).to.equal('red ring no-gateway');
    bench.node('node').receive({ payload: frame });
    expect((await bench.completion()).error?.code).to.equal('gateway-not-running');
    bench.runGateway();
    expect(bench.status('node')).to.equal('green dot connected');
  });
});
