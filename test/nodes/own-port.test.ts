/** The example own-serial-port, as shipped, with the serial nodes of node-red-node-serialport on a real line. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { SerialPort } from 'serialport';
import { createPtyPair, type PtyPair } from '../../simulators/pty.ts';
import { type NodeRegistration, ROOT } from './built-nodes.ts';
import { FlowBench } from './flow-bench.ts';

const require = createRequire(import.meta.url);
const serialNodes = require('node-red-node-serialport/25-serial.js') as NodeRegistration;
const bench = new FlowBench();

/** The example with its port and bus set as a user would; the debug node records, comments and groups are left out. */
function example(serialport: string): object[] {
  const nodes = JSON.parse(readFileSync(join(ROOT, 'examples/own-serial-port.json'), 'utf8')) as {
    type: string;
    g?: string;
  }[];
  return nodes
    .filter(({ type }) => type !== 'comment' && type !== 'group')
    .map(({ g: _group, ...node }) => {
      if (node.type === 'serial-port') return { ...node, serialport };
      if (node.type === 'sezam-bus') return { ...node, bus: 'own' };
      if (node.type === 'debug') return { ...node, type: 'helper' };
      return node;
    });
}

describe('the example own-serial-port', () => {
  let line: PtyPair;
  let device: SerialPort;

  before(async () => {
    await bench.start();
    line = await createPtyPair();
    device = new SerialPort({ path: line.device, baudRate: 9600, autoOpen: false });
    device.open();
    await once(device, 'open');
  });

  after(async () => {
    await bench.unload();
    device.close();
    await once(device, 'close');
    await line.close();
    await bench.stop();
  });

  it('carries bytes both ways between the wire and the gateway, unchanged', async () => {
    bench.runGateway();
    await bench.load(example(line.gateway), [serialNodes]);
    await bench.until(() =>
      bench.statuses.some(({ id, status }) => id === 'port-in' && status.fill === 'green'),
    );

    // Every byte there is: none is taken for text or for the end of a line.
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    device.write(all);
    await bench.until(() => Buffer.concat(bench.gateway.received).length >= all.length);
    expect(Buffer.concat(bench.gateway.received)).to.deep.equal(all);

    const heard: Buffer[] = [];
    device.on('data', (bytes: Buffer) => heard.push(bytes));
    bench.gateway.write(all);
    await bench.until(() => Buffer.concat(heard).length >= all.length);
    expect(Buffer.concat(heard)).to.deep.equal(all);

    const directions = bench.arrivals.map(
      ({ message }) => (message.payload as { direction: string }).direction,
    );
    expect(directions).to.include.members(['received', 'sent']);
  });
});
