import type { Milliseconds } from '../domain/site.ts';
import type { BusHealth, Clock, Unsubscribe } from '../gateway/ports.ts';
import { type BusLimits, DEFAULT_BUS_LIMITS } from './bus-limits.ts';
import { DriverError, messageOf } from './errors.ts';
import type { Transport } from './transport/transport.ts';

/**
 * The answer to an attack goes before everything; what a person waits for is urgent and goes before the polls; whatever is
 * on the wire is never interrupted.
 */
export type Priority = 'attack' | 'urgent' | 'poll';

/** One frame to send. */
export interface Sending {
  /**
   * The frame, or how to make it when it leaves, for what is numbered in the order of sending. That is called at each
   * try. What it throws rejects the request, and nothing is sent.
   */
  readonly frame: Buffer | (() => Buffer);
  readonly priority: Priority;
  /** What it is, for messages: `the opening pulse for lock 3 of board "b1"`. */
  readonly purpose: string;
  /** Silence to keep after it in ms, where the device needs more than the bus's quiet gap. */
  readonly pauseAfter?: Milliseconds;
}

/** One frame to send, and the reply that it should bring. */
export interface Exchange<Reply> extends Sending {
  /**
   * Fed every chunk of bytes received while the request is in flight, through all its tries; returns the reply
   * as soon as it is complete. It passes over everything else: garbage, an echo of the request, other boards.
   */
  readonly accept: (bytes: Buffer) => Reply | undefined;
  /** How long one try waits for its reply after the frame has left. */
  readonly replyWithin: Milliseconds;
  /** Further tries after the first, 0 or more. */
  readonly retries: number;
}

export interface BusOptions {
  readonly id: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly limits?: Partial<BusLimits>;
  /** From 0 up to 1; spreads the reconnects of many buses. Default `Math.random`. */
  readonly random?: () => number;
}

interface Waiting {
  readonly sending: Sending;
  readonly exchange: Exchange<unknown> | undefined;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
  triesLeft: number;
  cancelExpiry?: Unsubscribe;
}

/** How often bytes may begin the quiet gap anew, so that somebody who talks without end cannot hold the line. */
const MOST_GAP_RESTARTS = 20;

/**
 * A line and whatever hangs on it. Carries one request at a time: the next frame leaves when the reply is in,
 * or its time is over, and the line has been quiet for a moment. A lost line is opened again and again, with
 * growing waits; what was waiting for it is refused at once and never sent late.
 */
export class Bus {
  readonly id: string;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #limits: BusLimits;
  readonly #random: () => number;
  readonly #healthListeners = new Set<(health: BusHealth) => void>();
  readonly #receivers = new Set<(bytes: Buffer) => void>();
  readonly #queues: Record<Priority, Waiting[]> = { attack: [], urgent: [], poll: [] };
  #health: BusHealth;
  /** Changes with each opening, so that whatever an earlier connection still says is not heard. */
  #connection: object | undefined;
  #inFlight: Waiting | undefined;
  #urgentInARow = 0;
  #cancelWriteLimit: Unsubscribe | undefined;
  #cancelReplyTimer: Unsubscribe | undefined;
  #cancelGap: Unsubscribe | undefined;
  /** Bytes begin the gap anew while this is below `MOST_GAP_RESTARTS`. */
  #gapRestarts = 0;
  #cancelReconnect: Unsubscribe | undefined;
  #failedOpenings = 0;
  #cancelSteady: Unsubscribe | undefined;
  #cancelSilence: Unsubscribe | undefined;

  constructor(options: BusOptions) {
    this.id = options.id;
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#limits = { ...DEFAULT_BUS_LIMITS, ...options.limits };
    this.#random = options.random ?? Math.random;
    this.#health = { id: this.id, state: 'stopped', since: this.#clock.now() };
  }

  get health(): BusHealth {
    return this.#health;
  }

  /** Calls `listener` at each change of the state, or of the error in it, from now on. */
  onHealth(listener: (health: BusHealth) => void): Unsubscribe {
    this.#healthListeners.add(listener);
    return () => this.#healthListeners.delete(listener);
  }

  /** Hands every byte received to `receiver`, in the chunks in which it came: for devices that speak unasked. */
  onBytes(receiver: (bytes: Buffer) => void): Unsubscribe {
    this.#receivers.add(receiver);
    return () => this.#receivers.delete(receiver);
  }

  /** Opens the line and keeps it open until `stop`. Does nothing on a bus that runs. */
  start(): void {
    if (this.#health.state !== 'stopped') return;
    this.#failedOpenings = 0;
    this.#setState('connecting');
    this.#open();
  }

  /** Closes the line. What was waiting or in flight is rejected with `stopped`. */
  async stop(): Promise<void> {
    if (this.#health.state === 'stopped') return;
    this.#setState('stopped');
    this.#drop(new DriverError('stopped', `Bus "${this.id}" was stopped.`));
    this.#cancelReconnect?.();
    await this.#transport.close();
  }

  /**
   * Sends a frame that has no reply. Resolves when it has left (see `Transport.write`). Rejects with a
   * `DriverError`: `not-connected`, `bus-busy` and `stopped` where nothing was sent, `connection-lost` where
   * the frame may have left.
   */
  send(sending: Sending): Promise<void> {
    return this.#enqueue(sending, undefined, 0) as Promise<void>;
  }

  /** Sends a request and resolves to its reply. Rejects as `send` does, and with `no-answer` after the last try. */
  exchange<Reply>(exchange: Exchange<Reply>): Promise<Reply> {
    return this.#enqueue(exchange, exchange, exchange.retries) as Promise<Reply>;
  }

  #enqueue(sending: Sending, exchange: Exchange<unknown> | undefined, retries: number): Promise<unknown> {
    const { state } = this.#health;
    if (state === 'stopped') {
      return Promise.reject(
        new DriverError('stopped', `Bus "${this.id}" is stopped; ${sending.purpose} was not sent.`),
      );
    }
    if (state !== 'connected') return Promise.reject(this.#notConnected(sending));
    const { attack, urgent, poll } = this.#queues;
    if (attack.length + urgent.length + poll.length >= this.#limits.queue) {
      const replaced = this.#makeRoom(sending.priority);
      if (replaced === undefined) {
        const reason = `${this.#limits.queue} requests are waiting already`;
        return Promise.reject(this.#busy(sending, reason));
      }
      replaced.cancelExpiry?.();
      replaced.reject(this.#busy(replaced.sending, 'a more urgent one took its place'));
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { sending, exchange, resolve, reject, triesLeft: 1 + retries };
      const queue = this.#queues[sending.priority];
      queue.push(waiting);
      this.#next();
      if (!queue.includes(waiting)) return;
      waiting.cancelExpiry = this.#clock.after(this.#limits.waitWithin, () => {
        queue.splice(queue.indexOf(waiting), 1);
        reject(this.#busy(sending, `it waited longer than ${this.#limits.waitWithin} ms`));
      });
    });
  }

  /** A full queue must not keep a person from their door, nor an attack unanswered: the youngest of what matters least. */
  #makeRoom(priority: Priority): Waiting | undefined {
    if (priority === 'poll') return undefined;
    const { urgent, poll } = this.#queues;
    return poll.pop() ?? (priority === 'attack' ? urgent.pop() : undefined);
  }

  #next(): void {
    if (this.#inFlight !== undefined || this.#cancelGap !== undefined) return;
    if (this.#health.state !== 'connected') return;
    const waiting = this.#takeNext();
    if (waiting !== undefined) this.#transmit(waiting);
  }

  #takeNext(): Waiting | undefined {
    const { attack, urgent, poll } = this.#queues;
    // Even before a retry, which may then come to nothing because it is numbered lower: its sender tries anew.
    if (attack.length > 0) return attack.shift();
    const [first] = urgent;
    // A retry is never overtaken by what is numbered after it.
    const pollsTurn =
      this.#urgentInARow >= this.#limits.urgentInARow && first !== undefined && !wasTried(first);
    const next = pollsTurn ? (poll.shift() ?? urgent.shift()) : (urgent.shift() ?? poll.shift());
    this.#urgentInARow = next?.sending.priority === 'urgent' ? this.#urgentInARow + 1 : 0;
    return next;
  }

  #transmit(waiting: Waiting): void {
    const connection = this.#connection;
    waiting.cancelExpiry?.();
    const frame = this.#frameOf(waiting);
    if (frame === undefined) {
      this.#next();
      return;
    }
    this.#inFlight = waiting;
    waiting.triesLeft -= 1;
    const cancelLimit = this.#clock.after(this.#limits.writeWithin, () => {
      if (this.#connection !== connection) return;
      const text = `${this.#transport.description} did not take a frame within ${this.#limits.writeWithin} ms.`;
      this.#lose(new DriverError('connection-lost', text));
    });
    this.#cancelWriteLimit = cancelLimit;
    this.#transport.write(frame).then(
      () => {
        cancelLimit();
        if (this.#connection === connection && this.#inFlight === waiting) this.#sent(waiting);
      },
      (error: unknown) => {
        cancelLimit();
        if (this.#connection === connection) this.#lose(asLost(error));
      },
    );
  }

  /** Undefined where it could not be made, which its sender was told. */
  #frameOf(waiting: Waiting): Buffer | undefined {
    const { frame } = waiting.sending;
    if (Buffer.isBuffer(frame)) return frame;
    try {
      return frame();
    } catch (error) {
      waiting.reject(error);
      return undefined;
    }
  }

  #sent(waiting: Waiting): void {
    const { exchange } = waiting;
    if (exchange === undefined) {
      this.#finish(waiting.sending.pauseAfter);
      waiting.resolve(undefined);
      return;
    }
    this.#expectBytes();
    this.#cancelReplyTimer = this.#clock.after(exchange.replyWithin, () => this.#unanswered(waiting));
  }

  #unanswered(waiting: Waiting): void {
    // A retry goes back to its queue, so that an urgent request that came in meanwhile leaves first.
    if (waiting.triesLeft > 0) this.#queues[waiting.sending.priority].unshift(waiting);
    this.#finish();
    if (waiting.triesLeft === 0) {
      const tries = (waiting.exchange?.retries ?? 0) + 1;
      const text = `No answer to ${waiting.sending.purpose} on bus "${this.id}" (${this.#transport.description}), ${tries} ${tries === 1 ? 'try' : 'tries'}. Check supply, wiring, address and baud rate.`;
      waiting.reject(new DriverError('no-answer', text));
    }
  }

  #expectBytes(): void {
    const { silenceLimit, description } = this.#transport;
    if (silenceLimit === undefined || this.#cancelSilence !== undefined) return;
    this.#cancelSilence = this.#clock.after(silenceLimit, () => {
      this.#cancelSilence = undefined;
      const text = `${description} brought no byte back for ${silenceLimit} ms.`;
      this.#lose(new DriverError('connection-lost', text));
    });
  }

  #received(bytes: Buffer): void {
    this.#cancelSilence?.();
    this.#cancelSilence = undefined;
    for (const receiver of this.#receivers) receiver(bytes);
    const waiting = this.#inFlight;
    if (waiting?.exchange !== undefined) {
      const reply = waiting.exchange.accept(bytes);
      if (reply !== undefined && this.#inFlight === waiting) {
        this.#finish();
        waiting.resolve(reply);
      }
    } else if (this.#cancelGap !== undefined && this.#gapRestarts < MOST_GAP_RESTARTS) {
      this.#gapRestarts += 1;
      this.#restartGap();
    }
  }

  /** Ends what is in flight and keeps the line quiet for a moment before the next frame. */
  #finish(pause: Milliseconds = 0): void {
    this.#cancelReplyTimer?.();
    this.#cancelReplyTimer = undefined;
    this.#inFlight = undefined;
    // Bytes that come in a pause, such as an echo, must not cut it short: the gap follows it.
    this.#gapRestarts = MOST_GAP_RESTARTS;
    const beforeGap = pause - this.#limits.quietGap;
    if (beforeGap > 0) this.#cancelGap = this.#clock.after(beforeGap, () => this.#beginGap());
    else this.#beginGap();
  }

  #beginGap(): void {
    this.#gapRestarts = 0;
    this.#restartGap();
  }

  #restartGap(): void {
    this.#cancelGap?.();
    this.#cancelGap = this.#clock.after(this.#limits.quietGap, () => {
      this.#cancelGap = undefined;
      this.#next();
    });
  }

  #open(): void {
    const connection = {};
    this.#connection = connection;
    const { openTimeLimit } = this.#transport;
    let cancelLimit: Unsubscribe | undefined;
    if (openTimeLimit !== undefined) {
      // Closing makes the opening fail, which is where the next try is planned.
      cancelLimit = this.#clock.after(openTimeLimit, () => void this.#transport.close());
    }
    const opening = this.#transport.open({
      received: (bytes) => {
        if (this.#connection === connection) this.#received(bytes);
      },
      lost: (error) => {
        if (this.#connection === connection) this.#lose(asLost(error));
      },
    });
    opening.then(
      () => {
        cancelLimit?.();
        if (this.#connection !== connection) return;
        // A line that opens and drops at once, over and over, is tried less and less often too.
        this.#cancelSteady = this.#clock.after(this.#limits.longestReconnect, () => {
          this.#failedOpenings = 0;
        });
        this.#setState('connected');
      },
      (error: unknown) => {
        cancelLimit?.();
        if (this.#connection !== connection) return;
        this.#connection = undefined;
        this.#setState(this.#health.state, messageOf(error));
        this.#reopenLater();
      },
    );
  }

  #lose(error: DriverError): void {
    this.#setState('lost', error.message);
    this.#drop(error);
    void this.#transport.close();
    this.#reopenLater();
  }

  #reopenLater(): void {
    const { firstReconnect, longestReconnect } = this.#limits;
    const whole = Math.min(longestReconnect, firstReconnect * 2 ** Math.min(this.#failedOpenings, 30));
    this.#failedOpenings += 1;
    this.#cancelReconnect = this.#clock.after(whole * (0.5 + this.#random() / 2), () => this.#open());
  }

  /** Forgets the connection and rejects everything that was to go over it. */
  #drop(error: DriverError): void {
    this.#connection = undefined;
    this.#cancelWriteLimit?.();
    this.#cancelReplyTimer?.();
    this.#cancelReplyTimer = undefined;
    this.#cancelGap?.();
    this.#cancelGap = undefined;
    this.#cancelSteady?.();
    this.#cancelSilence?.();
    this.#cancelSilence = undefined;
    const inFlight = this.#inFlight;
    this.#inFlight = undefined;
    const queued = Object.values(this.#queues).flatMap((queue) => queue.splice(0));
    inFlight?.reject(error);
    for (const waiting of queued) {
      waiting.cancelExpiry?.();
      const nothingSent = error.code !== 'stopped' && !wasTried(waiting);
      waiting.reject(nothingSent ? this.#notConnected(waiting.sending) : error);
    }
  }

  #setState(state: BusHealth['state'], error?: string): void {
    const { id, since } = this.#health;
    const changed = state !== this.#health.state;
    const at = changed ? this.#clock.now() : since;
    this.#health = error === undefined ? { id, state, since: at } : { id, state, since: at, error };
    for (const listener of this.#healthListeners) listener(this.#health);
  }

  #notConnected(sending: Sending): DriverError {
    const reason = this.#health.error ?? `${this.#transport.description} is not open yet.`;
    return new DriverError(
      'not-connected',
      `Bus "${this.id}" has no connection, so ${sending.purpose} was not sent: ${reason}`,
    );
  }

  #busy(sending: Sending, reason: string): DriverError {
    return new DriverError(
      'bus-busy',
      `Bus "${this.id}" is overloaded, so ${sending.purpose} was not sent: ${reason}.`,
    );
  }
}

function wasTried(waiting: Waiting): boolean {
  return waiting.exchange !== undefined && waiting.triesLeft <= waiting.exchange.retries;
}

function asLost(error: unknown): DriverError {
  if (error instanceof DriverError && error.code === 'connection-lost') return error;
  return new DriverError('connection-lost', messageOf(error), { cause: error });
}
