import type { Transport, TransportListener } from '../../drivers/transport/transport.ts';

/** A line whose faults are made by hand, for what no real line does on demand. */
export class ScriptedTransport implements Transport {
  readonly description = 'scripted line';
  readonly openTimeLimit = 1_000;
  readonly silenceLimit = 10_000;
  readonly written: string[] = [];
  openings = 0;
  /** What the next openings and writes do. */
  opens: 'well' | 'badly' | 'never' = 'well';
  writes: 'well' | 'badly' | 'never' = 'well';
  #listener: TransportListener | undefined;
  #giveUp: ((error: Error) => void) | undefined;

  open(listener: TransportListener): Promise<void> {
    this.openings += 1;
    if (this.opens === 'badly') return Promise.reject(new Error('no such port'));
    if (this.opens === 'never') {
      return new Promise((_resolve, reject) => {
        this.#giveUp = reject;
      });
    }
    this.#listener = listener;
    return Promise.resolve();
  }

  write(bytes: Buffer): Promise<void> {
    if (this.writes === 'badly') return Promise.reject(new Error('input/output error'));
    this.written.push(bytes.toString('latin1'));
    if (this.writes === 'never') return new Promise(() => {});
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#listener = undefined;
    this.#giveUp?.(new Error('opening took too long'));
    this.#giveUp = undefined;
    return Promise.resolve();
  }

  receive(text: string): void {
    this.#listener?.received(Buffer.from(text, 'latin1'));
  }

  lose(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.lost(new Error('unplugged'));
  }
}
