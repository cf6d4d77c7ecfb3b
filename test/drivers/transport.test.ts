import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { DriverError } from '../../drivers/errors.ts';
import { createTransport } from '../../drivers/transport/create.ts';
import { FlowTransport } from '../../drivers/transport/flow.ts';
import type { Transport, TransportListener } from '../../drivers/transport/transport.ts';
import { createPtyPair } from '../../simulators/pty.ts';
import { eventually } from '../support/eventually.ts';
import { driverErrorOf } from './driver-error.ts';

const LINE = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;

class Heard implements TransportListener {
  readonly chunks: Buffer[] = [];
  readonly losses: Error[] = [];

  received(bytes: Buffer): void {
    this.chunks.push(bytes);
  }

  lost(error: Error): void {
    this.losses.push(error);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await driverErrorOf(work)).code;
}

describe('TCP transport', () => {
  let server: Server;
  let sockets: Socket[];
  let transport: Transport;

  beforeEach(async () => {
    sockets = [];
    server = createServer((socket) => sockets.push(socket.on('error', () => socket.destroy())));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    transport = createTransport({ type: 'tcp', host: '127.0.0.1', port }, LINE);
  });

  afterEach(async () => {
    await transport.close();
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });

  it('carries bytes both ways', async () => {
    const heard = new Heard();
    await transport.open(heard);
    await eventually('a connection', () => sockets.length === 1);
    const received: Buffer[] = [];
    sockets[0]?.on('data', (bytes: Buffer) => received.push(bytes)).write('\x02there\xff', 'latin1');
    await transport.write(Buffer.from('\x00here', 'latin1'));
    await eventually('bytes there', () => Buffer.concat(received).toString('latin1') === '\x00here');
    await eventually('bytes here', () => heard.text === '\x02there\xff');
  });

  for (const how of ['end', 'resetAndDestroy'] as const) {
    it(`tells once that the peer is gone (${how}), and opens again`, async () => {
      const heard = new Heard();
      await transport.open(heard);
      await eventually('a connection', () => sockets.length === 1);
      sockets[0]?.[how]();
      await eventually('the loss', () => heard.losses.length > 0);
      expect(await codeOf(transport.write(Buffer.from('x')))).to.equal('not-connected');
      await transport.open(heard);
      await transport.write(Buffer.from('x'));
      expect(heard.losses).to.have.length(1);
      expect(heard.losses[0]).to.be.instanceOf(DriverError).with.property('code', 'connection-lost');
    });
  }

  it('says nothing of a loss where it was closed here', async () => {
    const heard = new Heard();
    await transport.open(heard);
    await transport.close();
    await transport.close();
    expect(heard.losses).to.deep.equal([]);
    expect(await codeOf(transport.write(Buffer.from('x')))).to.equal('not-connected');
  });

  it('delivers nothing after it was closed, even what the operating system had taken already', async () => {
    await transport.open(new Heard());
    await eventually('a connection', () => sockets.length === 1);
    const [peer] = sockets;
    let delivered = 0;
    let ended = '';
    peer?.pause();
    peer?.on('error', (error: NodeJS.ErrnoException) => {
      ended = error.code ?? '';
    });
    peer?.on('end', () => {
      ended = 'end';
    });
    // Nobody reads: after a while the operating system takes no more, and holds what has not left yet.
    const chunk = Buffer.alloc(65_536);
    let taken = 0;
    for (let more = true; more; ) {
      more = await Promise.race([
        transport.write(chunk).then(
          () => true,
          () => false,
        ),
        new Promise<boolean>((resolve) => setTimeout(resolve, 200, false)),
      ]);
      if (more) taken += chunk.length;
    }
    await transport.close();
    peer?.on('data', (bytes: Buffer) => {
      delivered += bytes.length;
    });
    peer?.resume();
    await eventually('the end of the connection', () => ended !== '');
    expect(ended).to.equal('ECONNRESET');
    expect(delivered).to.be.below(taken);
  });

  it('rejects where nobody listens, naming the address', async () => {
    await new Promise((resolve) => server.close(resolve));
    const opening = transport.open(new Heard());
    await opening.catch(() => {});
    expect(await codeOf(opening)).to.equal('cannot-open');
    await opening.catch((error: Error) => expect(error.message).to.match(/127\.0\.0\.1:\d+.*ECONNREFUSED/));
  });

  it('rejects where it is closed while it connects', async () => {
    const opening = transport.open(new Heard());
    await Promise.all([
      codeOf(opening).then((code) => expect(code).to.equal('cannot-open')),
      transport.close(),
    ]);
  });
});

describe('Serial transport', () => {
  it('carries bytes both ways, tells of an unplugged cable once, and opens again', async () => {
    const pair = await createPtyPair();
    const here = createTransport({ type: 'serial', path: pair.gateway, baudRate: 19_200 }, LINE);
    const there = createTransport({ type: 'serial', path: pair.device }, LINE);
    const [heardHere, heardThere] = [new Heard(), new Heard()];
    try {
      await Promise.all([here.open(heardHere), there.open(heardThere)]);
      await Promise.all([here.write(Buffer.from([0, 2, 0xff])), there.write(Buffer.from('\x03\r\n'))]);
      await eventually('bytes there', () => heardThere.text === '\x00\x02\xff');
      await eventually('bytes here', () => heardHere.text === '\x03\r\n');
      await pair.unplug();
      await eventually('the losses', () => heardHere.losses.length + heardThere.losses.length === 2);
      expect(await codeOf(here.write(Buffer.from('x')))).to.equal('not-connected');
      expect(await codeOf(here.open(heardHere))).to.equal('cannot-open');
      await pair.plug();
      await Promise.all([here.open(heardHere), there.open(heardThere)]);
      await here.write(Buffer.from('again'));
      await eventually('bytes there', () => heardThere.text.endsWith('again'));
      expect(heardHere.losses).to.have.length(1);
    } finally {
      await here.close();
      await there.close();
      await pair.close();
    }
  });

  it('names the path and the line', async () => {
    const transport = createTransport({ type: 'serial', path: '/nowhere/tty', baudRate: 4800 }, LINE);
    expect(transport.description).to.equal('serial port /nowhere/tty (4800 8N1)');
    const opening = transport.open(new Heard());
    expect(await codeOf(opening)).to.equal('cannot-open');
    await opening.catch((error: Error) => expect(error.message).to.include('/nowhere/tty'));
    await transport.close();
  });
});

describe('Flow transport', () => {
  it('opens when a flow node connects, and is lost when it goes', async () => {
    const flow = new FlowTransport();
    const heard = new Heard();
    const sent: string[] = [];
    flow.receive(Buffer.from('too early'));
    let open = false;
    const opening = flow.open(heard).then(() => {
      open = true;
    });
    expect(await codeOf(flow.write(Buffer.from('x')))).to.equal('not-connected');
    expect(open).to.equal(false);
    const disconnect = flow.connect((bytes) => sent.push(bytes.toString()));
    await opening;
    await flow.write(Buffer.from('out'));
    flow.receive(Buffer.from('in'));
    expect([sent, heard.text]).to.deep.equal([['out'], 'in']);
    disconnect();
    disconnect();
    expect(heard.losses).to.have.length(1);
    flow.receive(Buffer.from('too late'));
    expect(heard.text).to.equal('in');
  });

  it('refuses a second flow node, and takes one after the first has gone', async () => {
    const flow = new FlowTransport();
    const disconnect = flow.connect(() => {});
    expect(() => flow.connect(() => {})).to.throw(DriverError, 'Another flow node');
    disconnect();
    flow.connect(() => {});
    disconnect();
    await flow.open(new Heard());
    await flow.close();
  });

  it('rejects a write that the flow throws at, and an opening that is given up', async () => {
    const flow = new FlowTransport();
    const opening = flow.open(new Heard());
    await Promise.all([codeOf(opening).then((code) => expect(code).to.equal('cannot-open')), flow.close()]);
    flow.connect(() => {
      throw new Error('no wire');
    });
    await flow.open(new Heard());
    expect(await codeOf(flow.write(Buffer.from('x')))).to.equal('connection-lost');
  });
});
