/**
 * Hardware behind loopback TCP, in a thread of its own, for measuring the whole product: readers at which nobody
 * presents anything, and boards that answer every query.
 */
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { ALL_CLOSED, STATUS } from './board.ts';
import { BOARDS, type CabinetWires } from './site.ts';

const { cabinets } = workerData as { readonly cabinets: number };
const HOST = '127.0.0.1';

function serve(take: (socket: Socket) => void): Promise<CabinetWires['reader']> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    take(socket);
  });
  return new Promise((resolve) => {
    server.listen(0, HOST, () => {
      const address = server.address();
      resolve({ type: 'tcp', host: HOST, port: typeof address === 'object' && address ? address.port : 0 });
    });
  });
}

/** A board reads whole frames of six bytes, as the gateway writes them. */
function board(socket: Socket): void {
  socket.on('data', (bytes) => {
    for (let at = 0; at + 6 <= bytes.length; at += 6) {
      if (bytes[at + 3] === STATUS) socket.write(ALL_CLOSED);
    }
  });
}

const wires: CabinetWires[] = [];
for (let cabinet = 0; cabinet < cabinets; cabinet += 1) {
  const reader = await serve((socket) => socket.resume());
  const boards: CabinetWires['boards'][number][] = [];
  for (let index = 0; index < BOARDS; index += 1) boards.push(await serve(board));
  wires.push({ reader, boards });
}
parentPort?.postMessage(wires);
