/**
 * Events of the log on their way to the OPC UA server's thread, while somebody listens there: none is sent for nobody. Those of one turn
 * of the event loop leave together, while one batch is on its way the next ones wait, and what waits is bounded: on top of
 * that the oldest are left out, and it is told that some were. The log has all of them.
 */
import type { LoggedEvent } from '../domain/event.ts';
import type { Gateway } from '../gateway/api.ts';
import type { Unsubscribe } from '../gateway/ports.ts';
import type { ToThread } from './protocol.ts';

type Logged = Extract<ToThread, { kind: 'logged' }>;

/** Events that may wait. */
const MOST_WAITING = 2_000;

export class LoggedFeed {
  readonly #gateway: Gateway;
  readonly #send: (batch: Logged) => void;
  #leave: readonly Unsubscribe[] = [];
  #waiting: LoggedEvent[] = [];
  /** Some were left out since the last batch. */
  #gap = false;
  #underWay = false;
  #turn: NodeJS.Immediate | undefined;

  constructor(gateway: Gateway, send: (batch: Logged) => void) {
    this.#gateway = gateway;
    this.#send = send;
  }

  /** Somebody listens on the other side, or nobody does any more. */
  listen(listening: boolean): void {
    this.close();
    if (!listening) return;
    this.#leave = [
      this.#gateway.onChange(({ event }) => this.#note(event)),
      this.#gateway.cassettes.onLogged((event) => this.#note(event)),
    ];
  }

  /** The other side has taken a batch. */
  taken(): void {
    this.#underWay = false;
    if (this.#waiting.length > 0) this.#flushSoon();
  }

  close(): void {
    for (const leave of this.#leave) leave();
    this.#leave = [];
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#waiting = [];
    this.#gap = false;
    this.#underWay = false;
  }

  #note(event: LoggedEvent): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift();
      this.#gap = true;
    }
    this.#waiting.push(event);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#underWay) return;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      const events = this.#waiting;
      const gap = this.#gap;
      this.#waiting = [];
      this.#gap = false;
      this.#underWay = true;
      this.#send({ kind: 'logged', events, gap });
    });
  }
}
