import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type DemoHardware, startDemoHardware } from '../../simulators/demo-site.ts';
import { eventually } from '../support/eventually.ts';

interface Told {
  readonly event?: string;
  readonly ok?: boolean;
  readonly error?: string;
  readonly [field: string]: unknown;
}

/** A client of the control socket that keeps what it was told. */
class Client {
  readonly told: Told[] = [];
  readonly socket: Socket;
  #unread = '';

  constructor(path: string) {
    this.socket = connect(path).setEncoding('utf8');
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('data', (text) => {
      const lines = `${this.#unread}${String(text)}`.split('\n');
      this.#unread = lines.pop() ?? '';
      for (const line of lines) this.told.push(JSON.parse(line) as Told);
    });
  }

  send(line: object | string): void {
    this.socket.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }

  get events(): string[] {
    return this.told.flatMap(({ event }) => event ?? []);
  }

  get answers(): Told[] {
    return this.told.filter((told) => told.event === undefined);
  }
}

describe('Demo hardware', () => {
  let folder: string;
  let hardware: DemoHardware;
  let client: Client;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-demo-'));
    hardware = await startDemoHardware({
      readerPort: 0,
      boardPort: 0,
      keypadPort: 0,
      controlSocketPath: join(folder, 'demo.sock'),
      doorOpensMilliseconds: 5,
      doorClosesMilliseconds: 30,
      cardHeldMilliseconds: 0,
    });
    client = new Client(hardware.controlSocketPath);
    await once(client.socket, 'connect');
  });

  afterEach(async () => {
    client.socket.destroy();
    for (const socket of sockets.splice(0)) socket.destroy();
    await hardware.close();
    await rm(folder, { recursive: true });
  });

  async function wireTo(port: number): Promise<{ socket: Socket; text: () => string }> {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (bytes) => chunks.push(bytes)).on('error', () => socket.destroy());
    sockets.push(socket);
    await once(socket, 'connect');
    return { socket, text: () => Buffer.concat(chunks).toString('latin1') };
  }

  it('lets nobody but this user at the control socket', async () => {
    const { mode } = await stat(hardware.controlSocketPath);
    expect(mode & 0o777).to.equal(0o600);
  });

  it('sends the frame of a presented card and tells of it', async () => {
    const reader = await wireTo(hardware.readerPort);
    client.send({ do: 'present-card', card: '62e3086ced' });
    await eventually('the frame', () => reader.text() === '\x0262E3086CED08\x03');
    await eventually('the events', () => client.events.length === 2);
    expect(client.told).to.deep.include.members([{ ok: true }]);
    expect(client.told.find(({ event }) => event === 'card-removed')).to.deep.include({
      card: '62E3086CED',
      frames: 1,
    });
  });

  it('repeats the frame of a card that is held', async () => {
    const reader = await wireTo(hardware.readerPort);
    client.send({ do: 'present-card', card: '01000734E0', heldMilliseconds: 150 });
    await eventually('both frames', () => reader.text() === '\x0201000734E0D2\x03'.repeat(2));
  });

  it('types a PIN, of which the events tell the length alone', async () => {
    const keypad = await wireTo(hardware.keypadPort);
    client.send({ do: 'enter-pin', pin: '4711' });
    await eventually('the digits', () => keypad.text() === '4711#');
    await eventually('the event', () => client.events.includes('pin-entered'));
    expect(JSON.stringify(client.told)).not.to.include('4711');
  });

  it('springs a door open at a pulse, and has somebody close it after a while', async () => {
    const board = await wireTo(hardware.boardPort);
    board.socket.write(Buffer.from('020002510358', 'hex'));
    await eventually('the door is closed again', () => client.events.includes('door-closed'));
    expect(client.events).to.deep.equal(['pulse', 'door-opened', 'door-closed']);
    for (const told of client.told) expect(told).to.deep.include({ lock: 2, compartment: 3 });
  });

  it('closes a door after a while though it was pulsed again while it was open', async () => {
    const board = await wireTo(hardware.boardPort);
    board.socket.write(Buffer.from('020002510358', 'hex'));
    await eventually('the door is open', () => client.events.includes('door-opened'));
    board.socket.write(Buffer.from('020002510358', 'hex'));
    await eventually('the door is closed again', () => client.events.includes('door-closed'));
    expect(client.events).to.deep.equal(['pulse', 'door-opened', 'pulse', 'door-closed']);
  });

  it('moves doors by lock or compartment, and tells its state', async () => {
    client.send({ do: 'door', compartment: 24, open: true });
    client.send({ do: 'door', lock: 0, open: true });
    client.send({ do: 'status' });
    await eventually('three answers', () => client.answers.length === 3);
    expect(client.answers.at(-1)).to.deep.equal({
      ok: true,
      connected: { reader: false, board: false, keypad: false },
      openCompartments: [1, 24],
      pulses: 0,
    });
    const board = await wireTo(hardware.boardPort);
    client.send({ do: 'door', lock: 0, open: false });
    await eventually('the fourth answer', () => client.answers.length === 4);
    board.socket.write(Buffer.from('020000500355', 'hex'));
    await eventually('a reply', () => board.text().length === 12);
    expect(Buffer.from(board.text(), 'latin1')[4]).to.equal(0xff);
  });

  for (const { line, says } of [
    { line: { do: 'dance' }, says: 'Say what to do' },
    { line: 'not json', says: 'JSON' },
    { line: '"door"', says: 'JSON object' },
    { line: { do: 'present-card', card: '62E3086CE' }, says: 'ten hex digits' },
    { line: { do: 'present-card', card: '62E3086CED' }, says: 'Nobody is connected to the reader' },
    { line: { do: 'present-card', card: '62E3086CED', heldMilliseconds: 1e9 }, says: '60000' },
    { line: { do: 'enter-pin', pin: '1234' }, says: 'Nobody is connected to the keypad' },
    { line: { do: 'enter-pin', pin: '12a4' }, says: '1 to 16 digits' },
    { line: { do: 'door', open: true }, says: 'Name the door' },
    { line: { do: 'door', compartment: 49, open: true }, says: 'Name the door' },
    { line: { do: 'door', lock: 1, open: 'yes' }, says: 'true or false' },
  ]) {
    it(`answers ${JSON.stringify(line)} with what is wrong, and goes on`, async () => {
      client.send(line);
      client.send({ do: 'status' });
      await eventually('two answers', () => client.answers.length === 2);
      expect(client.answers[0]?.ok).to.equal(false);
      expect(client.answers[0]?.error).to.include(says);
      expect(client.answers[1]?.ok).to.equal(true);
    });
  }

  it('drops a client that sends a line without end', async () => {
    client.socket.write('x'.repeat(20_000));
    await once(client.socket, 'close');
    const other = new Client(hardware.controlSocketPath);
    other.send({ do: 'status' });
    await eventually('an answer', () => other.answers.length === 1);
    other.socket.destroy();
  });

  it('leaves nothing open where a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const error = await startDemoHardware({
      readerPort: 0,
      boardPort: 0,
      keypadPort: port,
      controlSocketPath: join(folder, 'other.sock'),
    }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property('code', 'EADDRINUSE');
    await new Promise((resolve) => taken.close(resolve));
  });
});
