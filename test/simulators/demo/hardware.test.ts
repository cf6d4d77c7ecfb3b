import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import demoSite from '../../../config/demo-site.json' with { type: 'json' };
import { checkSite } from '../../../config/read-site.ts';
import { CASSETTE_ACTS } from '../../../simulators/demo/cassettes.ts';
import { type DemoHardware, startDemoHardware } from '../../../simulators/demo/hardware.ts';
import { DEMO_KEYS } from '../../../simulators/demo/keys.ts';
import { eventually } from '../../support/eventually.ts';

const SITE = checkSite('demo-site.json', demoSite);
const TAG = 'E28011700000020B1A2C3D02';

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
      site: SITE,
      controlSocketPath: join(folder, 'demo.sock'),
      doorOpensMilliseconds: 5,
      doorClosesMilliseconds: 100,
      cardHeldMilliseconds: 0,
    });
    client = new Client(join(folder, 'demo.sock'));
    await once(client.socket, 'connect');
  });

  afterEach(async () => {
    client.socket.destroy();
    for (const socket of sockets.splice(0)) socket.destroy();
    await hardware.close();
    await rm(folder, { recursive: true });
  });

  async function wireTo(bus: string): Promise<{ socket: Socket; text: () => string }> {
    const chunks: Buffer[] = [];
    const socket = connect(hardware.ports.get(bus) ?? 0, '127.0.0.1');
    socket.on('data', (bytes) => chunks.push(bytes)).on('error', () => socket.destroy());
    sockets.push(socket);
    await once(socket, 'connect');
    return { socket, text: () => Buffer.concat(chunks).toString('latin1') };
  }

  it('lets nobody but this user at the control socket', async () => {
    const { mode } = await stat(join(folder, 'demo.sock'));
    expect(mode & 0o777).to.equal(0o600);
  });

  it('sends the frame of a presented card and tells of it', async () => {
    const reader = await wireTo('card-reader');
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
    const reader = await wireTo('card-reader');
    client.send({ do: 'present-card', card: '01000734E0', heldMilliseconds: 150 });
    await eventually('both frames', () => reader.text() === '\x0201000734E0D2\x03'.repeat(2));
  });

  it('types a PIN, of which the events tell the length alone', async () => {
    const keypad = await wireTo('keypad');
    client.send({ do: 'enter-pin', pin: '4711' });
    await eventually('the digits', () => keypad.text() === '4711#');
    await eventually('the event', () => client.events.includes('pin-entered'));
    expect(JSON.stringify(client.told)).not.to.include('4711');
  });

  it('springs a door open at a pulse, and has somebody close it after a while', async () => {
    const board = await wireTo('locks');
    board.socket.write(Buffer.from('020002510358', 'hex'));
    await eventually('the door is closed again', () => client.events.includes('door-closed'));
    expect(client.events).to.deep.equal(['pulse', 'door-opened', 'door-closed']);
    for (const told of client.told) expect(told).to.deep.include({ cabinet: 'A', compartment: 3 });
  });

  it('closes a door after a while though it was pulsed again while it was open', async () => {
    const board = await wireTo('locks');
    board.socket.write(Buffer.from('020002510358', 'hex'));
    await eventually('the door is open', () => client.events.includes('door-opened'));
    board.socket.write(Buffer.from('020002510358', 'hex'));
    await eventually('the door is closed again', () => client.events.includes('door-closed'));
    expect(client.events).to.deep.equal(['pulse', 'door-opened', 'pulse', 'door-closed']);
  });

  it('moves doors by compartment, of the first cabinet where none is named, and tells its state', async () => {
    client.send({ do: 'door', compartment: 24, open: true });
    client.send({ do: 'door', compartment: 1, open: true });
    client.send({ do: 'door', cabinet: 'D', compartment: 12, open: true });
    client.send({ do: 'status' });
    await eventually('four answers', () => client.answers.length === 4);
    const status = client.answers.at(-1);
    expect(status?.['openCompartments']).to.deep.equal({ A: [1, 24], B: [], C: [], D: [12], E: [], F: [] });
    expect(status?.['connected']).to.deep.include({ 'card-reader': false, 'locks-F': false });
    const board = await wireTo('locks');
    client.send({ do: 'door', compartment: 1, open: false });
    await eventually('the fifth answer', () => client.answers.length === 5);
    board.socket.write(Buffer.from('020000500355', 'hex'));
    await eventually('a reply', () => board.text().length === 12);
    expect(Buffer.from(board.text(), 'latin1')[4]).to.equal(0xff);
  });

  it('holds a card to the reader that is named, and to no other', async () => {
    const [first, other] = [await wireTo('card-reader'), await wireTo('card-reader-E')];
    client.send({ do: 'present-card', card: '62E3086CED', reader: 'card-reader-E' });
    await eventually('the frame', () => other.text() === '\x0262E3086CED08\x03');
    expect(first.text()).to.equal('');
    await eventually('the events', () => client.events.length === 2);
    for (const told of client.told.filter(({ event }) => event !== undefined)) {
      expect(told['reader']).to.equal('card-reader-E');
    }
  });

  it('scans a code, of which the events tell the length alone', async () => {
    const scanner = await wireTo('scanner-F');
    client.send({ do: 'scan', text: ']Q1PARCEL-0042' });
    await eventually('the line', () => scanner.text() === ']Q1PARCEL-0042\r');
    await eventually('the event', () => client.events.includes('code-scanned'));
    expect(JSON.stringify(client.told)).not.to.include('PARCEL');
  });

  it('keeps item readers silent until its things are laid out, and moves things through open doors only', async () => {
    const reader = await wireTo('item-reader-C');
    reader.socket.write('R1;53A0\r\n');
    await new Promise((wake) => setTimeout(wake, 50));
    hardware.layOut([{ cabinet: 'C', compartment: 2, tag: TAG }]);
    await eventually('the inventory', () => reader.text().startsWith(`I1:${TAG};`));
    expect(reader.text().match(/[AI]\d+:/g), 'nothing was answered before').to.deep.equal(['I1:']);
    const item = { tag: TAG, cabinet: 'C', compartment: 2 };
    const commands = [
      { do: 'take-item', ...item },
      { do: 'door', cabinet: 'C', compartment: 2, open: true },
      { do: 'put-item', ...item },
      { do: 'take-item', ...item },
      { do: 'take-item', ...item },
    ];
    for (const [index, command] of commands.entries()) {
      client.send(command);
      await eventually('its answer', () => client.answers.length === index + 1);
    }
    expect(client.answers.map(({ ok, error }) => error ?? ok)).to.deep.equal([
      'The door of compartment 2 of cabinet C is closed.',
      true,
      'This item lies in a compartment already.',
      true,
      'This item does not lie here.',
    ]);
    await eventually('an empty inventory', () => /I1:;/.test(reader.text()));
    expect(client.told.find(({ event }) => event === 'item-taken')).to.deep.include(item);
  });

  it('refuses a site with a device that nobody simulates', async () => {
    const [first, ...others] = SITE.readers;
    if (!first) throw new Error('The demo site has no reader.');
    const error = await startDemoHardware({
      site: { ...SITE, readers: [{ ...first, driver: 'palm-reader' }, ...others] },
      controlSocketPath: join(folder, 'other.sock'),
    }).catch((reason: unknown) => reason);
    expect(error)
      .to.be.instanceOf(RangeError)
      .with.property('message', `Nobody simulates the reader "${first.id}": its driver is "palm-reader".`);
  });

  it('refuses a site with a cassette that nobody simulates, and begins none of the others', async () => {
    const [first, ...others] = SITE.cassettes ?? [];
    if (!first) throw new Error('The demo site has no cassette.');
    const keyReaders = [{ id: 'vault-keys', bus: 'vault-keys', driver: 'ds2480b' }];
    const error = await startDemoHardware({
      site: { ...SITE, cassettes: [...others, { ...first, keyReaders }] },
      controlSocketPath: join(folder, 'other.sock'),
    }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RangeError);
    expect((error as Error).message).to.match(
      /^Nobody simulates cassette "C1": it takes a cassette-controller/,
    );
  });

  for (const { line, says } of [
    { line: { do: 'dance' }, says: 'Say what to do' },
    { line: 'not json', says: 'JSON' },
    { line: '"door"', says: 'JSON object' },
    { line: { do: 'present-card', card: '62E3086CE' }, says: 'ten hex digits' },
    {
      line: { do: 'present-card', card: '62E3086CED' },
      says: 'Nobody is connected to the port of reader "card-reader-1"',
    },
    { line: { do: 'present-card', card: '62E3086CED', heldMilliseconds: 1e9 }, says: '60000' },
    { line: { do: 'enter-pin', pin: '1234' }, says: 'Nobody is connected to the port of reader "keypad-1"' },
    { line: { do: 'enter-pin', pin: '12a4' }, says: '1 to 16 digits' },
    { line: { do: 'door', open: true }, says: 'Name the door' },
    { line: { do: 'door', compartment: 25, open: true }, says: 'compartment 1 to 24 of cabinet A' },
    { line: { do: 'door', compartment: '1', open: true }, says: 'Name the door' },
    { line: { do: 'door', cabinet: 'Z', compartment: 1, open: true }, says: 'There is no cabinet "Z" here' },
    { line: { do: 'door', compartment: 1, open: 'yes' }, says: 'true or false' },
    {
      line: { do: 'present-card', card: '62E3086CED', reader: 'keypad-D' },
      says: 'No reader "keypad-D" takes a card',
    },
    {
      line: { do: 'enter-pin', pin: '1234', reader: 'nowhere' },
      says: 'there is keypad-1, keypad-D, keypad-E',
    },
    { line: { do: 'scan', text: 'PARCEL\r' }, says: 'printable ASCII' },
    { line: { do: 'take-item', cabinet: 'C', compartment: 1 }, says: 'Name the tag' },
    { line: { do: 'put-item', cabinet: 'A', compartment: 1, tag: TAG }, says: 'No item reader looks into' },
    { line: { do: 'cassette', act: 'open-lid' }, says: 'there is C1, C2, C3' },
    { line: { do: 'cassette', cassette: 'C9', act: 'open-lid' }, says: 'There is no cassette "C9"' },
    { line: { do: 'cassette', cassette: 'C1', act: 'explode' }, says: 'Say what happens to the cassette:' },
    { line: { do: 'cassette', cassette: 'C1', act: 'toString' }, says: 'Say what happens to the cassette:' },
    { line: { do: 'cassette', cassette: 'C1', act: 'touch-key', value: '12' }, says: 'sixteen hex digits' },
    { line: { do: 'cassette', cassette: 'C1', act: 'gas' }, says: 'gas takes a number from 0 to 100' },
    { line: { do: 'cassette', cassette: 'C1', act: 'gas', value: 101 }, says: 'gas takes a number' },
    { line: { do: 'cassette', cassette: 'C1', act: 'tilt', value: '90' }, says: 'tilt takes a number' },
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

  it('plays everything that can happen to a cassette', async () => {
    const values: Readonly<Record<string, unknown>> = {
      'touch-key': DEMO_KEYS.branch.rom,
      gas: 5,
      blow: 900,
      tilt: 3,
      light: 1,
      temperature: -5,
    };
    for (const act of CASSETTE_ACTS) client.send({ do: 'cassette', cassette: 'C2', act, value: values[act] });
    await eventually('an answer to each', () => client.answers.length === CASSETTE_ACTS.length);
    expect(client.answers.filter(({ ok }) => ok !== true)).to.deep.equal([]);
    expect(Object.keys(values).filter((act) => !CASSETTE_ACTS.includes(act))).to.deep.equal([]);
  });

  it('drops a client that sends a line without end', async () => {
    client.socket.write('x'.repeat(20_000));
    await once(client.socket, 'close');
    const other = new Client(join(folder, 'demo.sock'));
    other.send({ do: 'status' });
    await eventually('an answer', () => other.answers.length === 1);
    other.socket.destroy();
  });

  it('leaves nothing open where a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const error = await startDemoHardware({
      site: SITE,
      ports: { keypad: port },
      controlSocketPath: join(folder, 'other.sock'),
    }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property('code', 'EADDRINUSE');
    await new Promise((resolve) => taken.close(resolve));
  });
});
