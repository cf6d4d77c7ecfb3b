import { isRom, romText } from '../../domain/one-wire.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { CredentialReader, CredentialReaderListener, Unsubscribe } from '../../gateway/ports.ts';
import type { Bus } from '../bus.ts';
import type { ReaderOptions } from '../driver.ts';
import { type Finding, KeyPolling } from '../key-polling.ts';
import {
  encodeSearch,
  type Presence,
  RECOVERY,
  RESET,
  readPresence,
  readSearch,
  type SearchPath,
  SearchReplyParser,
} from './codec.ts';
import { DEFAULT_SETTINGS, type Ds2480bSettings } from './settings.ts';

/**
 * From the opening of the port to the first byte: an adapter that is fed by the lines of the port (DTR and RTS feed a
 * DS9097U) has its supply only then.
 */
const POWER_UP: Milliseconds = 100;
/** Quiet after the byte that calibrates: an adapter that was calibrated before makes a reset pulse of it, of 1.1 ms. */
const AFTER_CALIBRATION: Milliseconds = 10;
/** Keys that are read in one look; a contact has room for one, and more would not be seen again within 250 ms. */
const MOST_KEYS = 3;

/** Looks in a row without an answer until the adapter counts as silent: one lost byte must not make a key leave. */
const FAILED_LOOKS = 3;

/**
 * A contact for iButtons at a DS2480B. It looks for keys again and again, and hands each on for as long as it stays.
 *
 * Keys are found by the search for ROMs, not by reading one: two keys at once are then two keys, where the answers to a
 * read would be mixed into a third number.
 *
 * The adapter is calibrated without a break, which device servers in raw mode cannot send: C1 is what it takes for
 * calibration after power-up, and does no harm in any other state. E3 and A1 get one that was calibrated before out of
 * data mode and search. The answer to the reset after them proves that it worked; whatever goes wrong later begins
 * with calibration again. A break would be needed for other baud rates, which are never set here, and for an adapter
 * whose supply failed in the middle of a request, so that it took another byte for its calibration: unplug that one.
 */
export class Ds2480bReader implements CredentialReader {
  readonly id: string;
  readonly #bus: Bus;
  readonly #replyMilliseconds: Milliseconds;
  readonly #polling: KeyPolling;
  /** Whether the adapter is known to be in command mode, with the time of a bit measured. */
  #calibrated = false;
  #stopWatchingBus: Unsubscribe | undefined;

  constructor({ id, bus, clock, settings }: ReaderOptions) {
    const { replyMilliseconds, ...intervals }: Ds2480bSettings = { ...DEFAULT_SETTINGS, ...settings };
    this.id = id;
    this.#bus = bus;
    this.#replyMilliseconds = replyMilliseconds;
    this.#polling = new KeyPolling({
      bus,
      clock,
      ...intervals,
      failedLooks: FAILED_LOOKS,
      settle: POWER_UP,
      look: (finding) => this.#look(finding),
    });
  }

  start(listener: CredentialReaderListener): void {
    this.#calibrated = false;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = this.#bus.onHealth(() => {
      this.#calibrated = false;
    });
    this.#polling.start(listener);
  }

  stop(): Promise<void> {
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#polling.stop();
    return Promise.resolve();
  }

  async #look(finding: Finding): Promise<void> {
    const wasCalibrated = this.#calibrated;
    // Whatever goes wrong from here on, the adapter may be in any mode.
    this.#calibrated = false;
    if (!wasCalibrated) await this.#calibrate();
    this.#calibrated = await this.#readKeys(finding);
  }

  async #calibrate(): Promise<void> {
    await this.#bus.send({
      frame: Buffer.of(RESET),
      priority: 'poll',
      purpose: `the calibration of adapter "${this.id}"`,
      pauseAfter: AFTER_CALIBRATION,
    });
    await this.#reset(RECOVERY);
  }

  /** Whether the adapter did what it was asked: an answer that is no number may as well be due to lost bytes. */
  async #readKeys(finding: Finding): Promise<boolean> {
    let path: SearchPath | undefined;
    for (let keys = 0; keys < MOST_KEYS; keys += 1) {
      const presence = await this.#reset();
      if (presence === 'short') finding.rejected('malformed');
      if (presence !== 'present') return true;
      const found = readSearch(await this.#search(path), path);
      // The contact has just broken off, most likely: the next look will tell.
      if (found === undefined) return false;
      if (!isRom(found.rom)) {
        finding.rejected('checksum');
        return false;
      }
      finding.key(romText(found.rom));
      path = found.next;
      if (path === undefined) return true;
    }
    return true;
  }

  #reset(frame = Buffer.of(RESET)): Promise<Presence> {
    return this.#bus.exchange({
      frame,
      priority: 'poll',
      purpose: `a reset of the contact at adapter "${this.id}"`,
      accept: (bytes) => {
        for (const byte of bytes) {
          const presence = readPresence(byte);
          if (presence !== undefined) return presence;
        }
        return undefined;
      },
      replyWithin: this.#replyMilliseconds,
      retries: 0,
    });
  }

  #search(path: SearchPath | undefined): Promise<Buffer> {
    const parser = new SearchReplyParser();
    return this.#bus.exchange({
      frame: encodeSearch(path),
      priority: 'poll',
      purpose: `a search for keys at adapter "${this.id}"`,
      accept: (bytes) => parser.push(bytes),
      replyWithin: this.#replyMilliseconds,
      retries: 0,
    });
  }
}
