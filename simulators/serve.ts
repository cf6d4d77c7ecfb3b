import { createServer, type Socket } from 'node:net';
import { createSerialPort } from '../drivers/transport/serial-port.ts';
import type { Simulator } from './simulator.ts';

const MOST_CONNECTIONS = 8;
/** A peer that does not read must not fill the memory. */
const MOST_UNREAD_BYTES = 1_000_000;

/** A simulator behind a loopback TCP port, as a serial device server would offer it. */
export interface ServedSimulator {
  readonly port: number;
  /** Cuts every connection; new ones are taken. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** Serves a simulator on 127.0.0.1. Port 0 takes any free one. Rejects where the port is taken. */
export async function serveTcp(simulator: Simulator, port: number): Promise<ServedSimulator> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    const disconnect = simulator.connect((bytes) => {
      if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
      else socket.write(bytes);
    });
    socket.on('data', (bytes) => simulator.receive(bytes));
    // A peer that goes away is what is simulated here, not a fault.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      disconnect();
      sockets.delete(socket);
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    dropConnections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropConnections();
      }),
  };
}

/** Puts a simulator on a serial port, such as one end of a pseudo-terminal pair. Returns how to take it off. */
export async function attachSerial(
  simulator: Simulator,
  path: string,
  baudRate: number,
): Promise<() => Promise<void>> {
  const port = createSerialPort({ path, baudRate });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve()));
  });
  const disconnect = simulator.connect((bytes) => {
    if (port.isOpen) port.write(bytes);
  });
  port.on('data', (bytes: Buffer) => simulator.receive(bytes));
  port.on('close', disconnect);
  port.on('error', disconnect);
  return () =>
    new Promise((resolve) => {
      disconnect();
      if (port.isOpen) port.close(() => resolve());
      else resolve();
    });
}
