import type { CredentialReader, CredentialReaderListener, Unsubscribe } from '../../gateway/ports.ts';
import type { ReaderOptions } from '../driver.ts';
import { Rdm6300Parser } from './parser.ts';

/**
 * A reader that speaks unasked. It repeats its frame for as long as a card is held to it, several times in 220 ms: so
 * long without a frame, and the card counts as gone in the library that most sketches use (arduino12/rdm6300). Each
 * valid frame is handed on, and telling repeats from a second visit is left to whoever listens.
 */
export class Rdm6300Reader implements CredentialReader {
  readonly id: string;
  readonly #options: ReaderOptions;
  #stopListening: Unsubscribe | undefined;

  constructor(options: ReaderOptions) {
    this.id = options.id;
    this.#options = options;
  }

  start(listener: CredentialReaderListener): void {
    this.#stopListening?.();
    const parser = new Rdm6300Parser();
    this.#stopListening = this.#options.bus.onBytes((bytes) => {
      for (const reading of parser.push(bytes)) {
        if (reading.kind === 'card') listener.scanned({ kind: 'card', value: reading.card });
        else listener.rejected(reading.reason);
      }
    });
  }

  stop(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
    return Promise.resolve();
  }
}
