import type { Milliseconds } from '../domain/site.ts';
import type { Clock, CredentialReaderListener, Unsubscribe } from '../gateway/ports.ts';
import type { Bus } from './bus.ts';
import { DriverError } from './errors.ts';

/** Told of what one look at a reader finds. Says nothing to anybody once the polling has ended. */
export interface Finding {
  /** @param rom text of a ROM */
  key(rom: string): void;
  /** Something that cannot be used. It is handed on once, and again only after a look without it. */
  rejected(reason: 'checksum' | 'malformed'): void;
}

export interface KeyPollingOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  /** From the beginning of one look to that of the next; where looks take longer, they follow each other. */
  readonly pollMilliseconds: Milliseconds;
  /** The same, while looks fail. */
  readonly silentPollMilliseconds: Milliseconds;
  /** Failed looks in a row from which on the reader counts as silent. */
  readonly failedLooks: number;
  /** From the opening of the line to the first look. */
  readonly settle: Milliseconds;
  /** Looks which keys are there. Rejects with a `DriverError` where the reader does not answer. */
  readonly look: (finding: Finding) => Promise<void>;
}

/** Asks a reader of iButtons again and again which keys are there, one look after the other. */
export class KeyPolling {
  readonly #options: KeyPollingOptions;
  #listener: CredentialReaderListener | undefined;
  #rejected: 'checksum' | 'malformed' | undefined;
  #failures = 0;
  #stopWatchingBus: Unsubscribe | undefined;
  /** Undefined while a look is under way. */
  #cancelLook: Unsubscribe | undefined;
  /** Changes with each start, so that a look that ends late does not go on. */
  #run: object | undefined;

  constructor(options: KeyPollingOptions) {
    this.#options = options;
  }

  start(listener: CredentialReaderListener): void {
    this.stop();
    const run = {};
    const { bus, settle } = this.#options;
    this.#run = run;
    this.#listener = listener;
    this.#rejected = undefined;
    this.#failures = 0;
    this.#stopWatchingBus = bus.onHealth(({ state }) => {
      if (state === 'connected' && this.#cancelLook !== undefined) this.#lookAfter(run, settle);
    });
    this.#lookAfter(run, settle);
  }

  stop(): void {
    this.#run = undefined;
    this.#listener = undefined;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  #lookAfter(run: object, delay: Milliseconds): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#options.clock.after(delay, () => {
      this.#cancelLook = undefined;
      void this.#look(run);
    });
  }

  async #look(run: object): Promise<void> {
    const { clock, look, failedLooks, pollMilliseconds, silentPollMilliseconds } = this.#options;
    const began = clock.monotonic();
    let rejected = false;
    try {
      await look({
        key: (value) => {
          if (this.#run === run) this.#listener?.scanned({ kind: 'ibutton', value });
        },
        rejected: (reason) => {
          rejected = true;
          if (this.#run !== run || this.#rejected === reason) return;
          this.#rejected = reason;
          this.#listener?.rejected(reason);
        },
      });
      if (this.#run !== run) return;
      this.#failures = 0;
      if (!rejected) this.#rejected = undefined;
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      if (this.#run !== run) return;
      this.#failures += 1;
    }
    const pause = this.#failures < failedLooks ? pollMilliseconds : silentPollMilliseconds;
    this.#lookAfter(run, Math.max(0, pause - (clock.monotonic() - began)));
  }
}
