import { connect, type Socket } from 'node:net';
import { DriverError } from '../errors.ts';
import type { Transport, TransportListener } from './transport.ts';

const KEEP_ALIVE_MILLISECONDS = 10_000;

/** A serial device server or RS-485 gateway in raw TCP mode: the bytes of the socket are the bytes of the line. */
export class TcpTransport implements Transport {
  readonly description: string;
  readonly openTimeLimit = 5_000;
  readonly silenceLimit = 30_000;
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
    this.description = `serial device server ${host}:${port}`;
  }

  open(listener: TransportListener): Promise<void> {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.setKeepAlive(true, KEEP_ALIVE_MILLISECONDS);
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      let connected = false;
      let detail = 'the other side closed the connection';
      socket.once('connect', () => {
        connected = true;
        resolve();
      });
      socket.on('data', (bytes) => {
        if (this.#socket === socket) listener.received(bytes);
      });
      socket.on('error', (error) => {
        detail = error.message;
      });
      socket.on('end', () => socket.destroy());
      socket.once('close', () => {
        const wanted = this.#socket !== socket;
        if (!wanted) this.#socket = undefined;
        if (!connected) {
          const reason = wanted ? 'connecting took too long' : detail;
          reject(
            new DriverError(
              'cannot-open',
              `Cannot connect to ${this.description}: ${reason}. Check its address, its supply and that it is in raw TCP mode.`,
            ),
          );
        } else if (!wanted) {
          listener.lost(new DriverError('connection-lost', `${this.description} was lost: ${detail}.`));
        }
      });
    });
  }

  write(bytes: Buffer): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || !socket.writable) {
      return Promise.reject(new DriverError('not-connected', `${this.description} is not connected.`));
    }
    return new Promise((resolve, reject) => {
      socket.write(bytes, (error) => {
        if (error == null) resolve();
        else {
          reject(
            new DriverError('connection-lost', `Writing to ${this.description} failed: ${error.message}.`, {
              cause: error,
            }),
          );
        }
      });
    });
  }

  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      // A reset makes the kernel forget what it has not delivered; left to itself it would go on trying for minutes,
      // and a pulse would come when its person has gone.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    });
  }
}
