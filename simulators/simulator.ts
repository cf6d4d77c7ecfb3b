import type { Unsubscribe } from '../gateway/ports.ts';

/** A piece of simulated hardware, seen from its wires. */
export interface Simulator {
  /** Takes bytes that the gateway sent. */
  receive(bytes: Buffer): void;
  /** Adds a listener on the line: `send` gets every byte that the hardware puts on it. */
  connect(send: (bytes: Buffer) => void): Unsubscribe;
  /** Stops every timer. The simulator is of no use afterwards. */
  close(): void;
}

/** The wires of a simulator: whoever is connected hears everything. */
export class SimulatedLine {
  readonly #listeners = new Set<(bytes: Buffer) => void>();

  get connections(): number {
    return this.#listeners.size;
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    const own = (bytes: Buffer): void => send(bytes);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  send(bytes: Buffer): void {
    for (const send of this.#listeners) send(bytes);
  }
}

/** Timers that end together. */
export class Timers {
  readonly #running = new Set<NodeJS.Timeout>();

  after(milliseconds: number, action: () => void): Unsubscribe {
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      action();
    }, milliseconds);
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }

  close(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
