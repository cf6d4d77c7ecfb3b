import type { CredentialReader, CredentialReaderListener, Unsubscribe } from '../../gateway/ports.ts';
import type { ReaderOptions } from '../driver.ts';
import { LineParser } from '../line-parser.ts';
import { readLine } from './reading.ts';
import { DEFAULT_SETTINGS, type LineReaderSettings } from './settings.ts';

/** Bytes of a line: 256 characters of up to four bytes, and the prefix. */
const MOST_BYTES = 1_100;

/** A reader that sends a line of text for each thing that it reads: barcode scanners, and most others with a serial port. */
export class LineReader implements CredentialReader {
  readonly id: string;
  readonly #options: ReaderOptions;
  readonly #settings: LineReaderSettings;
  #stopListening: Unsubscribe | undefined;
  #stopWatchingBus: Unsubscribe | undefined;
  #cancelIdle: Unsubscribe | undefined;

  constructor(options: ReaderOptions) {
    this.id = options.id;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
  }

  start(listener: CredentialReaderListener): void {
    this.#end();
    const { bus, clock } = this.#options;
    const parser = new LineParser({ ...this.#settings, mostBytes: MOST_BYTES });
    const giveUp = (): void => {
      if (parser.clear()) listener.rejected('malformed');
    };
    this.#stopListening = bus.onBytes((bytes) => {
      for (const line of parser.push(bytes)) this.#hand(line, listener);
      this.#cancelIdle?.();
      // What is left of a line must not become the beginning of the next one.
      this.#cancelIdle = parser.pending ? clock.after(this.#settings.idleMilliseconds, giveUp) : undefined;
    });
    this.#stopWatchingBus = bus.onHealth(({ state }) => {
      if (state !== 'connected') giveUp();
    });
  }

  stop(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #hand(line: Buffer | 'malformed', listener: CredentialReaderListener): void {
    const reading =
      line === 'malformed' ? ({ kind: 'rejected', reason: line } as const) : readLine(line, this.#settings);
    if (reading.kind === 'scan') listener.scanned(reading.scan);
    else listener.rejected(reading.reason);
  }

  #end(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
  }
}
