/**
 * Cassettes with their controllers behind loopback TCP, in a process of their own, so that whoever measures is not what
 * is measured: both ends of every time are taken here, by one clock.
 */
import { createSecretKey } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { goBeforeOthers } from '../gateway/cassettes/thread-priority.ts';
import type { Unsubscribe } from '../gateway/ports.ts';
import { CassetteControllerSimulator } from '../simulators/cassette-controller.ts';
import { serveTcp } from '../simulators/serve.ts';
import { SharedLine } from '../simulators/shared-line.ts';
import type { Simulator } from '../simulators/simulator.ts';
import { type FromControllers, LENGTHS, type Reaction, type ToControllers } from './controllers-protocol.ts';

/** Types of frames, and where a frame tells its address and its type (docs/cassette-protocol.md). */
const PREPARE = 0x03;
const FIRE = 0x04;
const SAMPLED = 0x82;
const ADDRESS_AT = 4;
const TYPE_AT = 5;

// Controllers have processors of their own: how long this one waits for its turn is no part of the answer.
goBeforeOthers();

function tell(message: FromControllers): void {
  process.send?.(message);
}

/** A cassette that is attacked, and what came of it so far. */
interface Attacked {
  readonly attackedAt: number;
  readonly reacted: (reaction: Reaction) => void;
  /** When the last sample was handed to the socket; the last one before `prepare` is the one that confirmed. */
  sampledAt?: number;
  /** Frames of the gateway on this bus since that sample. */
  framesSince: number;
  preparedAt?: number;
}

/** A line of controllers, with a clock on what goes over it. */
class TimedLine implements Simulator {
  readonly #inner: SharedLine;
  readonly #attacked = new Map<number, Attacked>();

  constructor(devices: readonly CassetteControllerSimulator[]) {
    this.#inner = new SharedLine(devices);
  }

  attack(address: number, reacted: (reaction: Reaction) => void): void {
    this.#attacked.set(address, { attackedAt: performance.now(), reacted, framesSince: 0 });
  }

  receive(bytes: Buffer): void {
    this.#heard(bytes, performance.now());
    this.#inner.receive(bytes);
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    return this.#inner.connect((bytes) => {
      send(bytes);
      const attacked = this.#attacked.get(bytes[ADDRESS_AT] ?? 0);
      if (attacked === undefined || attacked.preparedAt !== undefined || bytes[TYPE_AT] !== SAMPLED) return;
      attacked.sampledAt = performance.now();
      attacked.framesSince = 0;
    });
  }

  close(): void {
    this.#inner.close();
  }

  /** The gateway has one request under way and writes each in one piece. */
  #heard(bytes: Buffer, at: number): void {
    for (const other of this.#attacked.values()) other.framesSince += 1;
    const address = bytes[ADDRESS_AT] ?? 0;
    const attacked = this.#attacked.get(address);
    if (attacked?.sampledAt === undefined) return;
    if (bytes[TYPE_AT] === PREPARE) attacked.preparedAt ??= at;
    if (bytes[TYPE_AT] !== FIRE || attacked.preparedAt === undefined) return;
    this.#attacked.delete(address);
    attacked.reacted({
      toPrepare: attacked.preparedAt - attacked.sampledAt,
      toFire: at - attacked.sampledAt,
      sinceAttack: at - attacked.attackedAt,
      frames: attacked.framesSince,
    });
  }
}

interface Served {
  readonly simulator: CassetteControllerSimulator;
  readonly line: TimedLine;
  readonly address: number;
}

const cassettes: Served[] = [];
let pinger: Socket | undefined;

/** Opens a port for each bus; cassettes are numbered in the order of their buses and addresses. */
async function serve(buses: readonly (readonly string[])[]): Promise<void> {
  const ports: number[] = [];
  for (const keys of buses) {
    const simulators = keys.map(
      (key, index) =>
        new CassetteControllerSimulator({ key: createSecretKey(key, 'hex'), address: index + 1 }),
    );
    const line = new TimedLine(simulators);
    cassettes.push(...simulators.map((simulator, index) => ({ simulator, line, address: index + 1 })));
    ports.push((await serveTcp(line, 0)).port);
  }
  tell({ kind: 'served', ports, pingPort: await servePings() });
}

/** A port at which somebody reacts who does nothing else. */
function servePings(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    pinger = socket;
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}

/** Somebody drills; once the stainer has fired, a workshop repairs shell and stainer. */
function attack(cassette: number): void {
  const { simulator, line, address } = cassettes[cassette] ?? unknown(cassette);
  line.attack(address, (reaction) => {
    setImmediate(() => {
      simulator.repairShell();
      simulator.replaceStainer();
      tell({ kind: 'reacted', cassette, reaction });
    });
  });
  simulator.breakIn();
}

function ping(): void {
  const socket = pinger;
  if (socket === undefined) throw new Error('Nobody has connected to be pinged.');
  let preparedAt: number | undefined;
  let received = 0;
  const hear = (bytes: Buffer): void => {
    const at = performance.now();
    received += bytes.length;
    if (preparedAt === undefined) {
      if (received < LENGTHS.order) return;
      preparedAt = at;
      received = 0;
      socket.write(Buffer.alloc(LENGTHS.done));
      return;
    }
    if (received < LENGTHS.order) return;
    socket.off('data', hear);
    tell({ kind: 'pinged', toPrepare: preparedAt - sampledAt, toFire: at - sampledAt });
  };
  socket.on('data', hear);
  socket.write(Buffer.alloc(LENGTHS.sample));
  const sampledAt = performance.now();
}

function unknown(cassette: number): never {
  throw new RangeError(`There is no cassette ${cassette}.`);
}

process.on('message', (message: ToControllers) => {
  if (message.kind === 'serve') void serve(message.buses);
  else if (message.kind === 'attack') attack(message.cassette);
  else ping();
});
// Whoever started it has ended, or wants no more of it.
process.on('disconnect', () => process.exit(0));
