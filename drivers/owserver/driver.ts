import { familyOf, isRom } from '../../domain/one-wire.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { CredentialReader, CredentialReaderListener, Unsubscribe } from '../../gateway/ports.ts';
import type { ReaderOptions } from '../driver.ts';
import { DriverError } from '../errors.ts';
import { type Directory, DirectoryParser, encodeDirectoryRequest } from './codec.ts';
import { DEFAULT_SETTINGS, type OwserverSettings } from './settings.ts';

/** What lasts from `start` to `stop`. */
interface Run {
  readonly listener: CredentialReaderListener;
  /** Why the last answer was refused: a fault that lasts is told of once. */
  rejected: 'checksum' | 'malformed' | undefined;
}

/**
 * The contacts for iButtons of an owserver, which has its own drivers for every kind of 1-Wire adapter. It is asked
 * again and again which devices are there, and each key among them is handed on for as long as it stays.
 *
 * The connection stays open from one request to the next. A server that closes it all the same is served too, as often
 * as the bus opens it again.
 */
export class OwserverReader implements CredentialReader {
  readonly id: string;
  readonly #options: ReaderOptions;
  readonly #settings: OwserverSettings;
  readonly #families: ReadonlySet<number>;
  readonly #ignored: ReadonlySet<string>;
  #run: Run | undefined;
  #stopWatchingBus: Unsubscribe | undefined;
  /** Undefined while a request is under way. */
  #cancelPoll: Unsubscribe | undefined;

  constructor(options: ReaderOptions) {
    this.id = options.id;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#families = new Set(this.#settings.families.map((code) => Number.parseInt(code, 16)));
    this.#ignored = new Set(this.#settings.ignored);
  }

  start(listener: CredentialReaderListener): void {
    this.#end();
    const run: Run = { listener, rejected: undefined };
    this.#run = run;
    this.#stopWatchingBus = this.#options.bus.onHealth(({ state }) => {
      if (state === 'connected' && this.#cancelPoll !== undefined) this.#pollAfter(run, 0);
    });
    this.#pollAfter(run, 0);
  }

  stop(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    this.#run = undefined;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
  }

  #pollAfter(run: Run, delay: Milliseconds): void {
    this.#cancelPoll?.();
    this.#cancelPoll = this.#options.clock.after(delay, () => {
      this.#cancelPoll = undefined;
      void this.#poll(run);
    });
  }

  async #poll(run: Run): Promise<void> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    let pause = this.#settings.silentPollMilliseconds;
    try {
      const directory = await this.#ask();
      if (this.#run !== run) return;
      if (this.#take(directory, run)) pause = this.#settings.pollMilliseconds;
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
    }
    if (this.#run === run) this.#pollAfter(run, Math.max(0, pause - (clock.monotonic() - began)));
  }

  #ask(): Promise<Directory> {
    const parser = new DirectoryParser();
    return this.#options.bus.exchange({
      frame: encodeDirectoryRequest(),
      priority: 'poll',
      purpose: `a request for the keys at reader "${this.id}"`,
      accept: (bytes) => parser.push(bytes),
      replyWithin: this.#settings.replyMilliseconds,
      retries: 0,
    });
  }

  /** Hands on the keys of a directory. Whether it was one: a server has an error where its 1-Wire line is bridged. */
  #take(directory: Directory, run: Run): boolean {
    if (directory === 'malformed' || 'error' in directory) {
      this.#reject(run, 'malformed');
      return false;
    }
    const keys = directory.roms.filter(
      (rom) => this.#families.has(familyOf(rom).code) && !this.#ignored.has(rom),
    );
    const whole = keys.filter((rom) => isRom(Buffer.from(rom, 'hex')));
    for (const value of whole) run.listener.scanned({ kind: 'ibutton', value });
    if (whole.length < keys.length) this.#reject(run, 'checksum');
    else run.rejected = undefined;
    return true;
  }

  #reject(run: Run, reason: 'checksum' | 'malformed'): void {
    if (run.rejected === reason) return;
    run.rejected = reason;
    run.listener.rejected(reason);
  }
}
