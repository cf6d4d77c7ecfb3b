import { isRom, romText } from '../../domain/one-wire.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { CredentialReader, CredentialReaderListener, Unsubscribe } from '../../gateway/ports.ts';
import type { ReaderOptions } from '../driver.ts';
import { DriverError } from '../errors.ts';
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

/** What lasts from `start` to `stop`. */
interface Run {
  readonly listener: CredentialReaderListener;
  /** The adapter is known to be in command mode, with the time of a bit measured. */
  calibrated: boolean;
  /** Why the last look was refused: a key that makes bad contact is told of once. */
  rejected: 'checksum' | 'malformed' | undefined;
}

/**
 * A contact for iButtons at a DS2480B. It looks for keys again and again, and hands each on for as long as it stays.
 *
 * Keys are found by the search for ROMs, not by reading one: two keys at once are then two keys, where the answers to a
 * read would be mixed into a third number.
 *
 * The adapter is calibrated without a break, which device servers in raw mode cannot send: C1 is what it takes for
 * calibration after power-up, and does no harm in any other state. E3 and A1 get one that was calibrated before out of
 * data mode and search. The answer to the reset after them proves that it worked; whatever goes wrong later begins
 * with calibration again. A break would be needed for other baud rates, which are never set here.
 */
export class Ds2480bReader implements CredentialReader {
  readonly id: string;
  readonly #options: ReaderOptions;
  readonly #settings: Ds2480bSettings;
  #run: Run | undefined;
  #stopWatchingBus: Unsubscribe | undefined;
  /** Undefined while a look is under way. */
  #cancelLook: Unsubscribe | undefined;

  constructor(options: ReaderOptions) {
    this.id = options.id;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
  }

  start(listener: CredentialReaderListener): void {
    this.#end();
    const run: Run = { listener, calibrated: false, rejected: undefined };
    this.#run = run;
    this.#stopWatchingBus = this.#options.bus.onHealth(({ state }) => {
      run.calibrated = false;
      if (state === 'connected' && this.#cancelLook !== undefined) this.#lookAfter(run, POWER_UP);
    });
    this.#lookAfter(run, POWER_UP);
  }

  stop(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    this.#run = undefined;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  #lookAfter(run: Run, delay: Milliseconds): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#options.clock.after(delay, () => {
      this.#cancelLook = undefined;
      void this.#look(run);
    });
  }

  async #look(run: Run): Promise<void> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    let pause = this.#settings.pollMilliseconds;
    try {
      if (!run.calibrated) await this.#calibrate(run);
      await this.#readKeys(run);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      run.calibrated = false;
      pause = this.#settings.silentPollMilliseconds;
    }
    if (this.#run === run) this.#lookAfter(run, Math.max(0, pause - (clock.monotonic() - began)));
  }

  async #calibrate(run: Run): Promise<void> {
    await this.#options.bus.send({
      frame: Buffer.of(RESET),
      priority: 'poll',
      purpose: `the calibration of adapter "${this.id}"`,
      pauseAfter: AFTER_CALIBRATION,
    });
    await this.#reset(RECOVERY);
    run.calibrated = true;
  }

  async #readKeys(run: Run): Promise<void> {
    let path: SearchPath | undefined;
    for (let keys = 0; keys < MOST_KEYS; keys += 1) {
      const presence = await this.#reset();
      if (presence === 'short') return this.#reject(run, 'malformed');
      if (presence === 'nobody') {
        run.rejected = undefined;
        return;
      }
      const found = readSearch(await this.#search(path));
      // The contact has just broken off: the next look will tell.
      if (found === undefined) return;
      if (!isRom(found.rom)) {
        // Bytes that were lost on the line, not on the contact, leave the adapter in any mode.
        run.calibrated = false;
        return this.#reject(run, 'checksum');
      }
      run.rejected = undefined;
      if (this.#run === run) run.listener.scanned({ kind: 'ibutton', value: romText(found.rom) });
      path = found.next;
      if (path === undefined) return;
    }
  }

  #reject(run: Run, reason: 'checksum' | 'malformed'): void {
    if (run.rejected === reason || this.#run !== run) return;
    run.rejected = reason;
    run.listener.rejected(reason);
  }

  #reset(frame = Buffer.of(RESET)): Promise<Presence> {
    return this.#options.bus.exchange({
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
      replyWithin: this.#settings.replyMilliseconds,
      retries: 0,
    });
  }

  #search(path: SearchPath | undefined): Promise<Buffer> {
    const parser = new SearchReplyParser();
    return this.#options.bus.exchange({
      frame: encodeSearch(path),
      priority: 'poll',
      purpose: `a search for keys at adapter "${this.id}"`,
      accept: (bytes) => parser.push(bytes),
      replyWithin: this.#settings.replyMilliseconds,
      retries: 0,
    });
  }
}
