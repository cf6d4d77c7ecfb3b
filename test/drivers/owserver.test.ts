import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { Bus } from '../../drivers/bus.ts';
import { encodeDirectoryRequest } from '../../drivers/owserver/codec.ts';
import { driver } from '../../drivers/owserver/index.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import { createTransport } from '../../drivers/transport/create.ts';
import type { CredentialReader } from '../../gateway/ports.ts';
import { eventually } from '../support/eventually.ts';
import { realClock } from '../support/real-clock.ts';
import { type RunningOwserver, startOwserver } from './owserver-process.ts';

const REGISTRY = await loadDrivers();
/** The first search of a server that has just started may take a while on a loaded machine. */
const WITHIN = 60_000;

/** A reader at a port, and what it hands on. */
class Reading {
  readonly scans: string[] = [];
  readonly rejected: string[] = [];
  readonly bus: Bus;
  readonly #reader: CredentialReader;

  constructor(port: number, settings: Readonly<Record<string, unknown>> = {}) {
    const transport = createTransport({ type: 'tcp', host: '127.0.0.1', port }, driver.line);
    const limits = { firstReconnect: 20, longestReconnect: 50 };
    this.bus = new Bus({ id: 'tcp', transport, clock: realClock, limits });
    const whole = REGISTRY.settingsFor(driver, 'keys', {
      pollMilliseconds: 20,
      silentPollMilliseconds: 100,
      ...settings,
    });
    this.#reader = driver.create({ id: 'keys', bus: this.bus, settings: whole, clock: realClock });
    this.#reader.start({
      scanned: ({ kind, value }) => this.scans.push(`${kind} ${value}`),
      rejected: (reason) => this.rejected.push(reason),
    });
    this.bus.start();
  }

  get keys(): string[] {
    return [...new Set(this.scans)].sort();
  }

  async scanned(times = 1): Promise<void> {
    await eventually(`${times} scans`, () => this.scans.length >= times, WITHIN);
  }

  stopReading(): Promise<void> {
    return this.#reader.stop();
  }

  async stop(): Promise<void> {
    await this.stopReading();
    await this.bus.stop();
  }
}

describe('Keys at a real owserver', () => {
  let owserver: RunningOwserver;
  let reading: Reading;
  /** What ends all that a test has started, in the order of the starts. */
  const ends: (() => Promise<void>)[] = [];

  async function start(
    arguments_: readonly string[],
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    owserver = await startOwserver(arguments_);
    ends.push(() => owserver.stop());
    reading = new Reading(owserver.port, settings);
    ends.push(() => reading.stop());
  }

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('are handed on again and again, in the order of transmission', async () => {
    await start(['--fake=01.606CBF030000']);
    await reading.scanned(3);
    expect(reading.keys).to.deep.equal(['ibutton 01606CBF03000021']);
    expect(reading.rejected).to.deep.equal([]);
  });

  it('are those of the known families, the ones made for customers included, and no other devices', async () => {
    await start(['--fake=01,08,18,33,37,23,28,B3,81']);
    await reading.scanned(14);
    const families = reading.keys.map((key) => key.slice(8, 10));
    expect(families).to.deep.equal(['01', '08', '18', '33', '37', '81', 'B3']);
    expect(reading.rejected).to.deep.equal([]);
  });

  it('are those of the families that are set', async () => {
    await start(['--fake=01,23.D45357010000,28'], { families: ['23'] });
    await reading.scanned(2);
    expect(reading.keys).to.deep.equal(['ibutton 23D453570100009E']);
  });

  it('are not what an adapter has inside', async () => {
    await start(['--fake=81.606CBF030000,01.606CBF030000'], { ignored: ['81606CBF030000B6'] });
    await reading.scanned(3);
    expect(reading.keys).to.deep.equal(['ibutton 01606CBF03000021']);
  });

  it('are found among pings', async () => {
    await start(['--pingcrazy', '--fake=01.6060CF030000']);
    await reading.scanned(3);
    expect(reading.keys).to.deep.equal(['ibutton 016060CF030000A8']);
    expect(reading.rejected).to.deep.equal([]);
  });

  it('are found where the server closes the connection after each answer', async () => {
    await start(['--no_persistence', '--fake=01.6060CF030000']);
    await reading.scanned(3);
    expect(reading.keys).to.deep.equal(['ibutton 016060CF030000A8']);
    expect(reading.rejected).to.deep.equal([]);
  });

  it('are none where the one device is a thermometer', async () => {
    await start(['--fake=28']);
    const answers: Buffer[] = [];
    reading.bus.onBytes((bytes) => answers.push(bytes));
    await eventually('some answers', () => answers.length >= 3, WITHIN);
    expect(reading.scans).to.deep.equal([]);
    expect(reading.rejected).to.deep.equal([]);
  });

  it('are others after the server was started anew with others', async () => {
    await start(['--fake=01.606CBF030000']);
    await reading.scanned();
    await owserver.stop();
    await eventually('the connection is lost', () => reading.bus.health.state !== 'connected');
    reading.scans.length = 0;
    owserver = await startOwserver(['--fake=01.6060CF030000'], owserver.port);
    await reading.scanned(2);
    expect(reading.keys).to.deep.equal(['ibutton 016060CF030000A8']);
  });

  it('are not handed on any more once the reader is stopped', async () => {
    await start(['--fake=01.606CBF030000']);
    await reading.scanned();
    await reading.stopReading();
    const { length } = reading.scans;
    const answer = await reading.bus.exchange({
      frame: encodeDirectoryRequest(),
      priority: 'poll',
      purpose: 'a request of our own',
      accept: (bytes) => bytes,
      replyWithin: WITHIN,
      retries: 0,
    });
    expect(answer.length).to.be.greaterThan(0);
    expect(reading.scans).to.have.length(length);
  });
});

describe('Keys at a server that is not well', () => {
  const KEY = answer(0, '/uncached/01606CBF03000021\0');
  let server: Server;
  let reading: Reading;
  const sockets = new Set<Socket>();
  let requests: number;
  /** What the server sends for each request; the last one again and again. */
  let answers: readonly Buffer[];

  function answer(result: number, payload: string): Buffer {
    const header = Buffer.alloc(24);
    header.writeInt32BE(payload.length, 4);
    header.writeInt32BE(result, 8);
    return Buffer.concat([header, Buffer.from(payload, 'latin1')]);
  }

  async function start(...sent: readonly Buffer[]): Promise<void> {
    requests = 0;
    answers = sent;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
      socket.on('data', () => {
        socket.write(answers[Math.min(requests, answers.length - 1)] ?? Buffer.alloc(0));
        requests += 1;
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port.');
    reading = new Reading(address.port, { replyMilliseconds: 100 });
  }

  afterEach(async () => {
    await reading.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  const asked = (times: number): Promise<void> =>
    eventually(`${times} requests`, () => requests >= times, WITHIN);

  it('are read once it answers again', async () => {
    await start(Buffer.alloc(0), KEY.subarray(0, -1), KEY);
    await reading.scanned(2);
    expect(requests).to.be.at.least(4);
    expect(reading.keys).to.deep.equal(['ibutton 01606CBF03000021']);
    expect(reading.rejected).to.deep.equal([]);
  });

  it('are refused once, however often it tells of an error', async () => {
    await start(answer(-5, ''), answer(-5, ''), answer(-5, ''), KEY);
    await reading.scanned();
    expect(reading.rejected).to.deep.equal(['malformed']);
  });

  it('are refused where the answer is none of an owserver', async () => {
    await start(Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian\r\n'));
    await asked(3);
    expect(reading.rejected).to.deep.equal(['malformed']);
    expect(reading.scans).to.deep.equal([]);
  });

  it('are refused where their checksum is wrong, beside one that is read', async () => {
    await start(answer(0, '/uncached/01FA525810000010,/uncached/01606CBF03000021\0'));
    await reading.scanned(3);
    expect(reading.keys).to.deep.equal(['ibutton 01606CBF03000021']);
    expect(reading.rejected).to.deep.equal(['checksum']);
  });

  it('are no zeros', async () => {
    await start(answer(0, '/uncached/0000000000000000\0'), answer(0, ''), KEY);
    await reading.scanned();
    expect(reading.keys).to.deep.equal(['ibutton 01606CBF03000021']);
  });
});
