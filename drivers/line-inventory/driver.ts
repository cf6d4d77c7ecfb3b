import { tagText } from '../../domain/item.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { ItemReader, ItemReaderListener, Unsubscribe } from '../../gateway/ports.ts';
import type { ItemReaderOptions } from '../driver.ts';
import { DriverError } from '../errors.ts';
import { encodeRequest, type Inventory, InventoryParser } from './codec.ts';
import { DEFAULT_SETTINGS, type LineInventorySettings } from './settings.ts';

/** How often an antenna is asked that does not answer. */
const TRIES = 3;
/** How long after a line that could not be read every antenna is asked: it may have been about any of them. */
const AFTER_SPOILT_LINE: Milliseconds = 500;

/**
 * A reader of the tags within reach of its antennas. It tells of changes by itself; so that nothing stays unnoticed
 * that was lost on the way, every antenna is asked in turn too: at once after the line came up, and then in rounds.
 */
export class LineInventory implements ItemReader {
  readonly id: string;
  readonly #options: ItemReaderOptions;
  readonly #settings: LineInventorySettings;
  #listener: ItemReaderListener | undefined;
  /** Undefined until it is known: not one line yet, and not enough missed. */
  #answers: boolean | undefined;
  #missed = 0;
  /** The antenna that is asked next, by its place in the list, and how often it was asked in vain. */
  #next = 0;
  #tries = 0;
  #asking = false;
  /** Every antenna is to be asked, from the first one on. */
  #roundDue = false;
  #lineSpoilt = false;
  #cancelPoll: Unsubscribe | undefined;
  #stopListening: Unsubscribe | undefined;
  #stopWatchingBus: Unsubscribe | undefined;

  constructor(options: ItemReaderOptions) {
    this.id = options.id;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
  }

  start(listener: ItemReaderListener): void {
    this.#end();
    this.#listener = listener;
    this.#answers = undefined;
    this.#missed = 0;
    const parser = new InventoryParser();
    this.#stopListening = this.#options.bus.onBytes((bytes) => {
      for (const line of parser.push(bytes)) {
        if (typeof line === 'string') this.#spoilt();
        else this.#heard(line);
      }
    });
    this.#stopWatchingBus = this.#options.bus.onHealth(({ state }) => {
      parser.clear();
      if (state === 'connected') this.#beginRound(0);
    });
    this.#beginRound(0);
  }

  async refresh(antenna: number): Promise<void> {
    if (!this.#options.antennas.includes(antenna)) {
      const text = `No compartment is wired to antenna ${antenna} of item reader "${this.id}".`;
      throw new DriverError('unknown-antenna', text);
    }
    await this.#ask(antenna, TRIES - 1);
  }

  stop(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    this.#listener = undefined;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
  }

  #heard({ antenna, tags }: Inventory): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#missed = 0;
    if (this.#answers !== true) {
      // Whatever was moved while it was silent is still to be learned.
      if (this.#answers === false) this.#beginRound(0);
      this.#answers = true;
      listener.answering(true);
    }
    if (!this.#options.antennas.includes(antenna)) return;
    const { tags: kind } = this.#settings;
    // What cannot be the tag of an item says nothing about items.
    const sound = tags.flatMap((tag) => tagText(kind, tag) ?? []);
    listener.report({ antenna, kind, tags: [...new Set(sound)] });
  }

  #missedOne(): void {
    this.#missed += 1;
    if (this.#answers === false || this.#missed < this.#settings.missedRequests) return;
    this.#answers = false;
    this.#listener?.answering(false);
  }

  #spoilt(): void {
    // While an answer is due the request is tried again anyway.
    if (this.#asking || this.#lineSpoilt) return;
    this.#lineSpoilt = true;
    this.#beginRound(AFTER_SPOILT_LINE);
  }

  #beginRound(delay: Milliseconds): void {
    this.#roundDue = true;
    if (!this.#asking) this.#askNextAfter(delay);
  }

  #askNextAfter(delay: Milliseconds): void {
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
    if (this.#options.antennas.length === 0) return;
    this.#cancelPoll = this.#options.clock.after(delay, () => void this.#askNext());
  }

  async #askNext(): Promise<void> {
    const { antennas } = this.#options;
    if (this.#roundDue) {
      this.#roundDue = false;
      this.#lineSpoilt = false;
      this.#next = 0;
      this.#tries = 0;
    }
    const antenna = antennas[this.#next];
    if (antenna === undefined) return;
    this.#asking = true;
    let answered = true;
    try {
      // Tried again by itself, one after the other, so that what a person waits for comes in between.
      await this.#ask(antenna, 0);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      answered = false;
      // Waiting for the line in vain says nothing about the reader.
      if (error.code !== 'bus-busy') this.#missedOne();
    } finally {
      this.#asking = false;
    }
    if (this.#listener === undefined) return;
    this.#tries = answered ? 0 : this.#tries + 1;
    const again = !answered && this.#answers !== false && this.#tries < TRIES;
    if (!again) {
      this.#tries = 0;
      this.#next = (this.#next + 1) % antennas.length;
    }
    this.#askNextAfter(again || this.#roundDue ? 0 : this.#pause());
  }

  #pause(): Milliseconds {
    if (this.#answers === false) return this.#settings.silentPollMilliseconds;
    return this.#next === 0 ? this.#settings.pollMilliseconds : 0;
  }

  /** Resolves when the answer is in; whoever listens to the bus has had it before. */
  #ask(antenna: number, retries: number): Promise<Inventory> {
    const parser = new InventoryParser();
    return this.#options.bus.exchange({
      frame: encodeRequest(antenna),
      priority: 'poll',
      purpose: `a request for antenna ${antenna} of item reader "${this.id}"`,
      accept: (bytes) =>
        parser
          .push(bytes)
          .find(
            (line): line is Inventory => typeof line !== 'string' && line.asked && line.antenna === antenna,
          ),
      replyWithin: this.#settings.replyMilliseconds,
      retries,
    });
  }
}
