import type { CredentialReader, CredentialReaderListener, Unsubscribe } from '../../gateway/ports.ts';
import type { ReaderOptions } from '../driver.ts';
import { KeypadParser } from './parser.ts';
import { DEFAULT_SETTINGS, type KeypadSettings } from './settings.ts';

/** A keypad that sends each key as an ASCII character. Hands on the digits of each ended entry as a PIN. */
export class Keypad implements CredentialReader {
  readonly id: string;
  readonly #options: ReaderOptions;
  readonly #settings: KeypadSettings;
  #stopListening: Unsubscribe | undefined;
  #stopWatchingBus: Unsubscribe | undefined;
  #cancelClearing: Unsubscribe | undefined;

  constructor(options: ReaderOptions) {
    this.id = options.id;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
  }

  start(listener: CredentialReaderListener): void {
    this.#end();
    const parser = new KeypadParser(this.#settings.end);
    this.#stopListening = this.#options.bus.onBytes((bytes) => {
      for (const entry of parser.push(bytes)) {
        if (entry.kind === 'pin') listener.scanned({ kind: 'pin', value: entry.digits });
        else listener.rejected('malformed');
      }
      this.#cancelClearing?.();
      // Digits that somebody left behind must not become the beginning of the next person's PIN.
      this.#cancelClearing = parser.pending
        ? this.#options.clock.after(this.#settings.clearAfterSeconds * 1_000, () => parser.clear())
        : undefined;
    });
    // Keys pressed while the line was away are missing, and what is left of a PIN is another PIN.
    this.#stopWatchingBus = this.#options.bus.onHealth(({ state }) => {
      if (state !== 'connected') parser.spoil();
    });
  }

  stop(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#cancelClearing?.();
    this.#cancelClearing = undefined;
  }
}
