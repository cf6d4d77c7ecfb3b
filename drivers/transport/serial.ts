import type { SerialPort } from 'serialport';
import type { LineSetting } from '../driver.ts';
import { DriverError, messageOf } from '../errors.ts';
import { createSerialPort } from './serial-port.ts';
import type { Transport, TransportListener } from './transport.ts';

/** A serial port of this computer: a UART, a USB adapter or a pseudo-terminal. */
export class SerialTransport implements Transport {
  readonly description: string;
  readonly openTimeLimit = 5_000;
  readonly #path: string;
  readonly #line: LineSetting;
  #port: SerialPort | undefined;

  /** @param path anything that the operating system opens as a serial port, e.g. `/dev/serial/by-id/…` or `COM3` */
  constructor(path: string, line: LineSetting) {
    this.#path = path;
    this.#line = line;
    const format = `${line.dataBits}${line.parity[0]?.toUpperCase()}${line.stopBits}`;
    this.description = `serial port ${path} (${line.baudRate} ${format})`;
  }

  async open(listener: TransportListener): Promise<void> {
    // A new object each time: a stream whose write failed carries nothing any more.
    const port = createSerialPort({ path: this.#path, ...this.#line });
    const lost = (error: Error | null): void => {
      if (this.#port !== port) return;
      this.#port = undefined;
      if (port.isOpen) port.close();
      const detail = error === null ? 'closed' : error.message;
      listener.lost(new DriverError('connection-lost', `${this.description} was lost: ${detail}.`));
    };
    port.on('data', (bytes: Buffer) => {
      if (this.#port === port) listener.received(bytes);
    });
    port.on('close', lost);
    port.on('error', lost);
    this.#port = port;
    try {
      await new Promise<void>((resolve, reject) => {
        port.open((error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      if (this.#port === port) this.#port = undefined;
      throw new DriverError(
        'cannot-open',
        `Cannot open ${this.description}: ${messageOf(error)}. Check the path, the cable and the rights on the device.`,
        { cause: error },
      );
    }
    if (this.#port !== port) {
      await closePort(port);
      throw new DriverError('cannot-open', `Opening ${this.description} was given up.`);
    }
  }

  write(bytes: Buffer): Promise<void> {
    const port = this.#port;
    if (port?.isOpen !== true) {
      return Promise.reject(new DriverError('not-connected', `${this.description} is not open.`));
    }
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(
          new DriverError('connection-lost', `Writing to ${this.description} failed: ${error.message}.`, {
            cause: error,
          }),
        );
      // serialport leaves the callbacks of a port that closes under them uncalled.
      const closed = (): void => fail(new Error('the port was closed'));
      port.once('close', closed);
      port.write(bytes, (error) => {
        if (error) {
          port.off('close', closed);
          fail(error);
        }
      });
      port.drain((error) => {
        port.off('close', closed);
        if (error) fail(error);
        else resolve();
      });
    });
  }

  async close(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    if (port !== undefined) await closePort(port);
  }
}

function closePort(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (port.isOpen) port.close(() => resolve());
    else resolve();
  });
}
