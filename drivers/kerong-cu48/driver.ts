import type { Milliseconds } from '../../domain/site.ts';
import type { DoorReport, LockBoard, LockBoardListener, Unsubscribe } from '../../gateway/ports.ts';
import type { LockBoardOptions } from '../driver.ts';
import { DriverError } from '../errors.ts';
import {
  encodeStatusRequest,
  encodeUnlock,
  HIGHEST_ADDRESS,
  LOCKS,
  type StatusReply,
  StatusReplyParser,
} from './codec.ts';
import { type Cu48Settings, DEFAULT_SETTINGS } from './settings.ts';

/**
 * One CU48 board. It never speaks unasked and does not acknowledge a pulse, so it is polled: slowly while
 * nothing moves, fast for some seconds after an unlock or `watch`, seldom while it is silent.
 */
export class KerongCu48Board implements LockBoard {
  readonly id: string;
  readonly #options: LockBoardOptions;
  readonly #settings: Cu48Settings;
  #listener: LockBoardListener | undefined;
  /** Undefined until it is known: not one reply yet, and not enough missed. */
  #answers: boolean | undefined;
  #missed = 0;
  /** Set while doors are expected to move: cancels the return to slow polling. */
  #cancelFast: Unsubscribe | undefined;
  #polling = false;
  #pollAgainSoon = false;
  #cancelPoll: Unsubscribe | undefined;
  #stopWatchingBus: Unsubscribe | undefined;

  /** Throws a `DriverError` `wrong-address` for an address outside 0 to 9. */
  constructor(options: LockBoardOptions) {
    const { address } = options;
    if (!Number.isInteger(address) || address < 0 || address > HIGHEST_ADDRESS) {
      throw new DriverError(
        'wrong-address',
        `Board "${options.id}" has address ${address}; a CU48 has an address from 0 to ${HIGHEST_ADDRESS}.`,
      );
    }
    this.id = options.id;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
  }

  start(listener: LockBoardListener): void {
    this.#listener = listener;
    this.#answers = undefined;
    this.#missed = 0;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = this.#options.bus.onHealth(({ state }) => {
      if (state === 'connected') this.#pollNow();
    });
    this.#pollNow();
  }

  /**
   * Sends the opening pulse, whatever is known of the board and its sensors, and resolves when the frame has
   * left: a CU48 does not acknowledge it. Whether the door opened shows in the reports that follow.
   *
   * Where the board is known to be silent, it is asked for its status right after the pulse. If that brings no
   * answer through all retries, rejects with `no-answer`: the caller can tell a dead board from a stuck door.
   * Otherwise rejects as `Bus.send` does, and with `unknown-lock` for an index outside 0 to 47.
   */
  async unlock(lock: number): Promise<void> {
    if (!Number.isInteger(lock) || lock < 0 || lock >= LOCKS) {
      throw new DriverError(
        'unknown-lock',
        `Board "${this.id}" has no lock ${lock}; a CU48 has locks 0 to ${LOCKS - 1}.`,
      );
    }
    await this.#options.bus.send({
      frame: encodeUnlock(this.#options.address, lock),
      priority: 'urgent',
      purpose: `the opening pulse for lock ${lock} of board "${this.id}"`,
      pauseAfter: this.#settings.pauseAfterUnlockMilliseconds,
    });
    if (this.#answers === false) this.#heard(await this.#askStatus(this.#settings.retries));
    this.#pollFaster();
  }

  stop(): Promise<void> {
    this.#listener = undefined;
    this.#stopWatchingBus?.();
    this.#cancelPoll?.();
    this.#cancelFast?.();
    this.#cancelFast = undefined;
    return Promise.resolve();
  }

  #pollNow(): void {
    if (this.#polling) this.#pollAgainSoon = true;
    else this.#pollAfter(0);
  }

  /** A door is about to move. It needs a moment for that, so the query that was due next comes no later than that. */
  #pollFaster(): void {
    if (this.#listener === undefined) return;
    const { fastForMilliseconds, fastPollMilliseconds } = this.#settings;
    const fastAlready = this.#cancelFast !== undefined;
    this.#cancelFast?.();
    this.#cancelFast = this.#options.clock.after(fastForMilliseconds, () => {
      this.#cancelFast = undefined;
    });
    if (!fastAlready && !this.#polling) this.#pollAfter(fastPollMilliseconds);
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    this.#pollAgainSoon = false;
    try {
      this.#heard(await this.#askStatus(0));
    } catch (error) {
      // Waiting for the line in vain says nothing about the board.
      if (!(error instanceof DriverError)) throw error;
      if (error.code !== 'bus-busy') this.#missedOne();
    } finally {
      this.#polling = false;
      if (this.#listener !== undefined) this.#pollAfter(this.#pollAgainSoon ? 0 : this.#interval());
    }
  }

  #interval(): Milliseconds {
    const { fastPollMilliseconds, pollMilliseconds, silentPollMilliseconds } = this.#settings;
    if (this.#answers === false) return silentPollMilliseconds;
    return this.#cancelFast === undefined ? pollMilliseconds : fastPollMilliseconds;
  }

  #pollAfter(delay: Milliseconds): void {
    this.#cancelPoll?.();
    this.#cancelPoll = this.#options.clock.after(delay, () => void this.#poll());
  }

  #askStatus(retries: number): Promise<StatusReply> {
    const { address, bus } = this.#options;
    const parser = new StatusReplyParser();
    return bus.exchange({
      frame: encodeStatusRequest(address),
      priority: 'poll',
      purpose: `a status query of board "${this.id}" (address ${address})`,
      accept: (bytes) => parser.push(bytes).find((reply) => reply.address === address),
      replyWithin: this.#settings.replyMilliseconds,
      retries,
    });
  }

  #heard(reply: StatusReply): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#missed = 0;
    if (this.#answers !== true) {
      this.#answers = true;
      listener.answering(true);
    }
    listener.report(this.#doorsOf(reply));
  }

  #missedOne(): void {
    this.#missed += 1;
    if (this.#listener === undefined || this.#answers === false) return;
    if (this.#missed < this.#settings.missedPolls) return;
    this.#answers = false;
    this.#listener.answering(false);
  }

  #doorsOf(reply: StatusReply): DoorReport {
    const closed = this.#settings.closedBit === 1;
    return new Map(reply.states.map((state, lock) => [lock, state === closed ? 'closed' : 'open']));
  }
}
