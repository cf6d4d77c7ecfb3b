import { familyOf, isRom } from '../../domain/one-wire.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { CredentialReader, CredentialReaderListener } from '../../gateway/ports.ts';
import type { Bus } from '../bus.ts';
import type { ReaderOptions } from '../driver.ts';
import { DriverError } from '../errors.ts';
import { type Finding, KeyPolling } from '../key-polling.ts';
import { DirectoryParser, encodeDirectoryRequest } from './codec.ts';
import { DEFAULT_SETTINGS, type OwserverSettings } from './settings.ts';

/**
 * The contacts for iButtons of an owserver, which has its own drivers for every kind of 1-Wire adapter. It is asked
 * again and again which devices are there, and each key among them is handed on for as long as it stays.
 *
 * The connection stays open from one request to the next. A server that closes it all the same is served too, as often
 * as the bus opens it again.
 */
export class OwserverReader implements CredentialReader {
  readonly id: string;
  readonly #bus: Bus;
  readonly #replyMilliseconds: Milliseconds;
  readonly #families: ReadonlySet<number>;
  readonly #ignored: ReadonlySet<string>;
  readonly #polling: KeyPolling;

  constructor({ id, bus, clock, settings }: ReaderOptions) {
    const { families, ignored, replyMilliseconds, ...intervals }: OwserverSettings = {
      ...DEFAULT_SETTINGS,
      ...settings,
    };
    this.id = id;
    this.#bus = bus;
    this.#replyMilliseconds = replyMilliseconds;
    this.#families = new Set(families.map((code) => Number.parseInt(code, 16)));
    this.#ignored = new Set(ignored);
    this.#polling = new KeyPolling({
      bus,
      clock,
      ...intervals,
      // An answer that comes late must be over before the next request, whose answer it would seem to be.
      failedLooks: 1,
      settle: 0,
      look: (finding) => this.#look(finding),
    });
  }

  start(listener: CredentialReaderListener): void {
    this.#polling.start(listener);
  }

  stop(): Promise<void> {
    this.#polling.stop();
    return Promise.resolve();
  }

  async #look(finding: Finding): Promise<void> {
    const parser = new DirectoryParser();
    const directory = await this.#bus.exchange({
      frame: encodeDirectoryRequest(),
      priority: 'poll',
      purpose: `a request for the keys at reader "${this.id}"`,
      accept: (bytes) => parser.push(bytes),
      replyWithin: this.#replyMilliseconds,
      retries: 0,
    });
    if (directory === 'malformed') {
      finding.rejected('malformed');
      throw new DriverError(
        'no-answer',
        `What answers reader "${this.id}" is no owserver. Check host and port.`,
      );
    }
    // A server has an error where a contact is bridged.
    if ('error' in directory) {
      finding.rejected('malformed');
      return;
    }
    for (const rom of directory.roms) {
      if (!this.#families.has(familyOf(rom).code) || this.#ignored.has(rom)) continue;
      if (isRom(Buffer.from(rom, 'hex'))) finding.key(rom);
      else finding.rejected('checksum');
    }
  }
}
