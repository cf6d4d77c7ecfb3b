import type { SimulatedLine, Timers } from '../simulator.ts';
import type { RequestName, Spoiling } from './options.ts';

const MOST_KEPT = 1_000;

/** The controller's transmitter, with the faults that a line may have. */
export class Replies {
  /** The last 1000 replies, whole, whatever became of them on their way; oldest first. */
  readonly sent: Buffer[] = [];
  readonly #line: SimulatedLine;
  readonly #timers: Timers;
  readonly #delay: number;
  #spoilings: { readonly how: Spoiling; readonly to: RequestName | undefined; left: number }[] = [];

  constructor(line: SimulatedLine, timers: Timers, delay: number) {
    this.#line = line;
    this.#timers = timers;
    this.#delay = delay;
  }

  spoil(how: Spoiling, count: number, to: RequestName | undefined): void {
    this.#spoilings.push({ how, to, left: count });
  }

  spoilNothing(): void {
    this.#spoilings = [];
  }

  send(reply: Buffer, to: RequestName | undefined): void {
    this.sent.push(reply);
    if (this.sent.length > MOST_KEPT) this.sent.shift();
    const how = this.#spoilingOf(to);
    if (this.#delay === 0) this.#put(reply, how);
    else this.#timers.after(this.#delay, () => this.#put(reply, how));
  }

  #spoilingOf(to: RequestName | undefined): Spoiling | undefined {
    const spoiling = this.#spoilings.find(
      (each) => each.left > 0 && (each.to === undefined || each.to === to),
    );
    if (spoiling !== undefined) spoiling.left -= 1;
    return spoiling?.how;
  }

  #put(reply: Buffer, how: Spoiling | undefined): void {
    if (how === 'drop') return;
    const half = reply.length >> 1;
    if (how === 'corrupt')
      this.#line.send(reply.map((byte, at) => (at === half ? byte ^ 0x10 : byte)) as Buffer);
    else if (how === 'truncate') this.#line.send(reply.subarray(0, half));
    else if (how === 'split') {
      this.#line.send(reply.subarray(0, half));
      this.#timers.after(2, () => this.#line.send(reply.subarray(half)));
    } else if (how === 'after-garbage') {
      this.#line.send(Buffer.concat([Buffer.from('00ffa55c0140', 'hex'), reply]));
    } else this.#line.send(reply);
  }
}
