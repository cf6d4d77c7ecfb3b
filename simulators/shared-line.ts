import type { Unsubscribe } from '../gateway/ports.ts';
import type { Simulator } from './simulator.ts';

/** Several devices on one line, such as controllers of different addresses on one RS-485 bus: all hear the gateway. */
export class SharedLine implements Simulator {
  readonly #devices: readonly Simulator[];

  constructor(devices: readonly Simulator[]) {
    this.#devices = devices;
  }

  receive(bytes: Buffer): void {
    for (const device of this.#devices) device.receive(bytes);
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    const disconnects = this.#devices.map((device) => device.connect(send));
    return () => {
      for (const disconnect of disconnects) disconnect();
    };
  }

  close(): void {
    for (const device of this.#devices) device.close();
  }
}
