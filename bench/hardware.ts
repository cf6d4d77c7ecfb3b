/**
 * The hardware of the benchmark, in a thread of its own: readers that send frames, boards that answer queries and
 * tell when a pulse has come. One clock measures from the first byte of a card to the last byte of its pulse.
 */
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { rdm6300Frame } from '../simulators/rdm6300.ts';
import { BOARDS, type CabinetPorts, cardOf } from './site.ts';

/** What the benchmark asks of its hardware. */
export type HardwareCommand =
  /** At each of the cabinets at once: persons, one after the other, each when the pulse for the one before has come. */
  | {
      readonly do: 'present';
      readonly cabinets: readonly number[];
      readonly from: number;
      readonly count: number;
    }
  /** Bytes to a server that sends them back at once, there and back as many times. */
  | { readonly do: 'echo'; readonly port: number; readonly count: number }
  | { readonly do: 'close' };

/** What the hardware says: its ports at first, then times in milliseconds for each command. */
export type HardwareAnswer =
  | { readonly ready: readonly CabinetPorts[] }
  | { readonly times: readonly number[]; readonly elapsed: number };

const { cabinets } = workerData as { readonly cabinets: number };
const PULSE_WITHIN = 30_000;
const ALL_CLOSED = statusReply(0xff);

const servers: Server[] = [];
const readers: (Socket | undefined)[] = [];
const waiting: ((at: number) => void)[] = [];

function statusReply(states: number): Buffer {
  const frame = [0x02, 0x00, 0x00, 0x65, ...Array.from({ length: 6 }, () => states), 0x03];
  return Buffer.from([...frame, frame.reduce((sum, byte) => sum + byte, 0) & 0xff]);
}

function serve(take: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    take(socket);
  });
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}

/** A board reads whole frames of six bytes, as the gateway writes them. */
function board(cabinet: number, socket: Socket): void {
  socket.on('data', (bytes) => {
    for (let at = 0; at + 6 <= bytes.length; at += 6) {
      if (bytes[at + 3] === 0x50) socket.write(ALL_CLOSED);
      if (bytes[at + 3] === 0x51) waiting[cabinet]?.(performance.now());
    }
  });
}

async function presentOne(cabinet: number, person: number): Promise<number> {
  const reader = readers[cabinet];
  if (!reader) throw new Error(`Nobody is connected to reader ${cabinet}.`);
  const frame = rdm6300Frame(cardOf(cabinet, person));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const late = setTimeout(
    () => reject(new Error(`Person ${person} of cabinet ${cabinet}: no pulse came.`)),
    PULSE_WITHIN,
  );
  waiting[cabinet] = resolve;
  const started = performance.now();
  reader.write(frame);
  const ended = await promise;
  clearTimeout(late);
  return ended - started;
}

async function present(cabinets: readonly number[], from: number, count: number): Promise<number[]> {
  const times: number[] = [];
  const serveCabinet = async (cabinet: number): Promise<void> => {
    for (let person = from; person < from + count; person += 1) times.push(await presentOne(cabinet, person));
  };
  await Promise.all(cabinets.map(serveCabinet));
  return times;
}

async function echo(port: number, count: number): Promise<number[]> {
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  const frame = rdm6300Frame(cardOf(0, 0));
  const times: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const back = new Promise((resolve) => socket.once('data', resolve));
    const started = performance.now();
    socket.write(frame);
    await back;
    times.push(performance.now() - started);
  }
  socket.destroy();
  return times;
}

async function obey(command: HardwareCommand): Promise<void> {
  if (command.do === 'close') {
    for (const server of servers) server.close();
    parentPort?.close();
    process.exit(0);
  }
  const started = performance.now();
  const times =
    command.do === 'present'
      ? await present(command.cabinets, command.from, command.count)
      : await echo(command.port, command.count);
  parentPort?.postMessage({ times, elapsed: performance.now() - started } satisfies HardwareAnswer);
}

const ready: CabinetPorts[] = [];
for (let cabinet = 0; cabinet < cabinets; cabinet += 1) {
  const reader = await serve((socket) => {
    readers[cabinet] = socket;
  });
  const boards: number[] = [];
  for (let index = 0; index < BOARDS; index += 1)
    boards.push(await serve((socket) => board(cabinet, socket)));
  ready.push({ reader, boards });
}
parentPort?.on('message', (command: HardwareCommand) => void obey(command));
parentPort?.postMessage({ ready } satisfies HardwareAnswer);
