import type { Unsubscribe } from '../gateway/ports.ts';
import { SimulatedLine, type Simulator, Timers } from './simulator.ts';

/** A keypad with somebody who types on it. */
export class KeypadSimulator implements Simulator {
  readonly #line = new SimulatedLine();
  readonly #timers = new Timers();
  readonly #keyMilliseconds: number;

  /** @param keyMilliseconds from one key to the next */
  constructor(keyMilliseconds = 0) {
    this.#keyMilliseconds = keyMilliseconds;
  }

  get connections(): number {
    return this.#line.connections;
  }

  /** Types a PIN and the end key. Resolves when the last key is down. */
  enterPin(pin: string, end = '#'): Promise<void> {
    return this.type(`${pin}${end}`);
  }

  /** Types any ASCII characters, one by one. */
  type(keys: string): Promise<void> {
    return new Promise((resolve) => {
      const press = (at: number): void => {
        this.#line.send(Buffer.from(keys.charAt(at), 'latin1'));
        if (at + 1 >= keys.length) resolve();
        else this.#timers.after(this.#keyMilliseconds, () => press(at + 1));
      };
      press(0);
    });
  }

  receive(): void {
    // The keypad's input is not wired.
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    return this.#line.connect(send);
  }

  close(): void {
    this.#timers.close();
  }
}
