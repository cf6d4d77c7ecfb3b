/**
 * Strangers who attack the OPC UA server from a thread of their own, until they are told to stop: floods of questions, read and
 * not read, openings that cost the server its private key, messages that never end, and connections that say nothing.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { GetEndpointsRequest, SecurityPolicy } from 'node-opcua';
import {
  bodyOf,
  helloMessage,
  openMessage,
  RawConnection,
} from '../../opcua-server/support/raw-connection.ts';

const { endpointUrl, certificate, thumbprint } = workerData as {
  readonly endpointUrl: string;
  readonly certificate: Uint8Array;
  readonly thumbprint: Uint8Array;
};
const QUESTION = bodyOf(new GetEndpointsRequest({ endpointUrl: 'opc.tcp://127.0.0.1' }));
const BURST = 500;
const told = { asked: 0, answered: 0, openings: 0, floods: 0 };

parentPort?.on('message', (what: 'tell' | 'stop') => {
  if (what === 'stop') process.exit(0);
  else parentPort?.postMessage({ ...told });
});

/** Goes on with new connections as old ones are ended. */
async function again(attack: (connection: RawConnection) => Promise<void>): Promise<void> {
  for (;;) {
    try {
      const connection = await RawConnection.to(endpointUrl);
      await attack(connection);
      connection.close();
    } catch {
      // Refused, or hung up on: once more.
    }
  }
}

async function ask(connection: RawConnection): Promise<void> {
  await connection.open();
  while (!connection.closed) {
    for (let count = 0; count < BURST; count += 1) connection.write(connection.chunk(QUESTION));
    told.asked += BURST;
    for (let count = 0; count < BURST; count += 1) {
      if (!(await connection.next())) return;
      told.answered += 1;
    }
  }
}

async function openInVain(connection: RawConnection): Promise<void> {
  await connection.hello();
  const body = Buffer.alloc(248, 0x5a);
  const policy = SecurityPolicy.Basic256Sha256;
  connection.write(openMessage(body, policy, Buffer.from(certificate), Buffer.from(thumbprint)));
  told.openings += 1;
  await connection.hungUp();
}

async function floodWithChunks(connection: RawConnection): Promise<void> {
  await connection.open();
  for (let count = 0; count < 50; count += 1) connection.write(connection.chunk(Buffer.alloc(8_000), 'C'));
  told.floods += 1;
  await connection.hungUp();
}

async function sayNothing(connection: RawConnection): Promise<void> {
  connection.write(helloMessage().subarray(0, 10));
  await connection.hungUp();
}

async function readNothing(connection: RawConnection): Promise<void> {
  await connection.open();
  connection.socket.pause();
  for (let count = 0; count < 5_000; count += 1) connection.write(connection.chunk(QUESTION));
  while (!connection.closed) await new Promise((wake) => setTimeout(wake, 20));
}

const attacks = [
  ask,
  ask,
  openInVain,
  openInVain,
  floodWithChunks,
  readNothing,
  sayNothing,
  sayNothing,
  sayNothing,
];
for (const attack of attacks) void again(attack);
