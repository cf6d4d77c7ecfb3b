/**
 * What firing takes at the least, in a thread like that of the cassettes: a sample comes in, an order to prepare goes out,
 * its answer comes in, an order to fire goes out. The same lengths, the same sockets, the same quiet gaps of the line;
 * no keys, no machine, nothing on record.
 */
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { DEFAULT_BUS_LIMITS } from '../drivers/bus-limits.ts';
import { goBeforeOthers } from '../gateway/cassettes/thread-priority.ts';
import { LENGTHS } from './controllers-protocol.ts';

const { port } = workerData as { readonly port: number };
const socket = connect({ host: '127.0.0.1', port, noDelay: true });
let prepared = false;
let received = 0;

socket.once('connect', () => parentPort?.postMessage(goBeforeOthers()));
socket.on('data', (bytes) => {
  received += bytes.length;
  if (received < (prepared ? LENGTHS.done : LENGTHS.sample)) return;
  received = 0;
  prepared = !prepared;
  setTimeout(() => socket.write(Buffer.alloc(LENGTHS.order)), DEFAULT_BUS_LIMITS.quietGap);
});
