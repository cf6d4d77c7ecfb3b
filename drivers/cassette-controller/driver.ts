import type { SignalPattern } from '../../domain/cassette/signal.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { CassetteController, CassetteControllerListener, Unsubscribe } from '../../gateway/ports.ts';
import type { Priority } from '../bus.ts';
import type { CassetteControllerOptions } from '../driver.ts';
import { DriverError } from '../errors.ts';
import { ADDRESSES, KEY_LENGTH, REPLY, REQUEST, type RequestType } from './constants.ts';
import type { Frame } from './frame.ts';
import { type Ask, ControllerLine } from './line.ts';
import { decodeRefusal, decodeSample } from './replies.ts';
import { encodeSampleRequest, encodeSignal, encodeSwitch, encodeTicket } from './requests.ts';
import { type CassetteControllerSettings, DEFAULT_SETTINGS } from './settings.ts';

/** Without a sample for so long the link is down, however few were asked for: the controller takes it so as well. */
const LINK_LOSS: Milliseconds = 3_000;
const NOTHING = Buffer.alloc(0);

/**
 * One cassette controller on a bus, over the protocol of docs/cassette-protocol.md. It is asked for a sample again and
 * again. Where it falls silent, or has restarted, a new session begins, and that is told as a link that was down:
 * whatever the controller was told to show or to switch has to be said again.
 */
export class PolledCassetteController implements CassetteController {
  readonly id: string;
  readonly #options: CassetteControllerOptions;
  readonly #settings: CassetteControllerSettings;
  readonly #line: ControllerLine;
  #listener: CassetteControllerListener | undefined;
  /** Undefined until it is known: no sample yet, and not enough missed. */
  #linked: boolean | undefined;
  #missed = 0;
  #lastSampleAt: Milliseconds;
  #bootCount: number | undefined;
  /** The number of the newest sample since the controller started. */
  #acknowledged = 0;
  #polling = false;
  #pollAgainSoon = false;
  #cancelPoll: Unsubscribe | undefined;
  #stopWatchingBus: Unsubscribe | undefined;

  /**
   * Throws a `DriverError` `wrong-address` for an address outside 1 to 32, `wrong-value` for a key that has not 32
   * bytes.
   */
  constructor(options: CassetteControllerOptions) {
    const { id, address, key, bus, clock } = options;
    if (!Number.isInteger(address) || address < ADDRESSES.from || address > ADDRESSES.to) {
      const text = `Cassette controller "${id}" has address ${address}; it must be from ${ADDRESSES.from} to ${ADDRESSES.to}.`;
      throw new DriverError('wrong-address', text);
    }
    if (key.symmetricKeySize !== KEY_LENGTH) {
      const text = `The pairing key of cassette controller "${id}" has ${key.symmetricKeySize ?? 'no'} bytes; it must have ${KEY_LENGTH}.`;
      throw new DriverError('wrong-value', text);
    }
    this.id = id;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#lastSampleAt = clock.monotonic();
    this.#line = new ControllerLine({
      bus,
      address,
      pairingKey: key,
      name: `cassette controller "${id}" (address ${address})`,
      answerWithin: this.#settings.answerWithinMilliseconds,
    });
  }

  start(listener: CassetteControllerListener): void {
    this.#end();
    this.#listener = listener;
    this.#linked = undefined;
    this.#missed = 0;
    this.#lastSampleAt = this.#options.clock.monotonic();
    this.#line.start((fault) => listener.rejected(fault));
    this.#stopWatchingBus = this.#options.bus.onHealth(({ state }) => {
      if (state === 'connected') this.#pollNow();
      else if (this.#linked === true) this.#unlink();
    });
    this.#pollNow();
  }

  async sample(): Promise<void> {
    await this.#askSample('urgent');
  }

  async prepare(ticket: number): Promise<void> {
    await this.#order(REQUEST.prepare, encodeTicket(ticket), 'the order to prepare', 'attack');
  }

  /**
   * As the port says. The frame is sent again where no answer came, the very same one, which fires at most once.
   * After a rejection with `no-answer` or `connection-lost` it may have fired: the next sample tells.
   */
  async fire(ticket: number): Promise<void> {
    await this.#order(REQUEST.fire, encodeTicket(ticket), 'the order to fire', 'attack');
  }

  async inhibit(inhibited: boolean): Promise<void> {
    const purpose = `the order to ${inhibited ? 'cut off' : 'connect'} the trigger`;
    await this.#order(REQUEST.inhibit, encodeSwitch(inhibited), purpose);
  }

  async signal(pattern: SignalPattern): Promise<void> {
    await this.#order(REQUEST.signal, encodeSignal(pattern), 'a signal');
  }

  async antiGas(on: boolean): Promise<void> {
    const purpose = `the order to switch the anti-gas output ${on ? 'on' : 'off'}`;
    await this.#order(REQUEST.antiGas, encodeSwitch(on), purpose);
  }

  async selfTest(): Promise<void> {
    await this.#order(REQUEST.selfTest, NOTHING, 'the order to test itself');
  }

  stop(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    this.#listener = undefined;
    this.#stopWatchingBus?.();
    this.#stopWatchingBus = undefined;
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
    this.#line.stop();
  }

  async #order(
    type: RequestType,
    payload: Buffer,
    purpose: string,
    priority: Priority = 'urgent',
  ): Promise<void> {
    const { retries } = this.#settings;
    const answer = await this.#ask({ type, payload: () => payload, priority, retries, purpose });
    if (answer.type !== REPLY.done) throw this.#strange(purpose);
  }

  async #askSample(priority: Priority): Promise<void> {
    const { session } = this.#line;
    const purpose = 'a request for a sample';
    const answer = await this.#ask({
      type: REQUEST.sample,
      // Only what has arrived by the time it leaves is acknowledged, and all of that.
      payload: () => encodeSampleRequest(this.#acknowledged),
      priority,
      // The next sample says whatever this one would have said.
      retries: 0,
      purpose,
    });
    const sample = answer.type === REPLY.sample ? decodeSample(answer.payload) : undefined;
    if (sample === undefined) throw this.#strange(purpose);
    if (this.#line.session !== session) {
      throw new DriverError(
        'not-linked',
        `The session with cassette controller "${this.id}" ended meanwhile.`,
      );
    }
    this.#acknowledged = sample.number;
    this.#missed = 0;
    this.#lastSampleAt = this.#options.clock.monotonic();
    if (this.#linked !== true) {
      this.#linked = true;
      this.#listener?.linked(true);
    }
    this.#listener?.sampled(sample.readings);
    for (const rom of sample.keys) this.#listener?.key(rom);
  }

  async #ask(ask: Ask): Promise<Frame> {
    const { purpose } = ask;
    const answer = await this.#line.ask(ask);
    if (answer.type === REPLY.noSession) {
      this.#restarted();
      const text = `Cassette controller "${this.id}" knows nothing of the session, as after a restart, so it did not take ${purpose}. A new session is under way.`;
      throw new DriverError('not-linked', text);
    }
    if (answer.type === REPLY.refused) {
      const reason = decodeRefusal(answer.payload) ?? 'for a reason that is not known';
      const text = `Cassette controller "${this.id}" refused ${purpose}: ${reason}.`;
      throw new DriverError('refused', text);
    }
    return answer;
  }

  /** An answer that is authentic and makes no sense: the controller speaks another dialect. */
  #strange(purpose: string): DriverError {
    this.#listener?.rejected('malformed');
    const text = `Cassette controller "${this.id}" answered ${purpose} with something that has not the documented shape. Check the version of its firmware.`;
    return new DriverError('no-answer', text);
  }

  #pollNow(): void {
    if (this.#polling) this.#pollAgainSoon = true;
    else this.#pollAfter(0);
  }

  #pollAfter(delay: Milliseconds): void {
    this.#cancelPoll?.();
    this.#cancelPoll = this.#options.clock.after(delay, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    this.#polling = true;
    this.#pollAgainSoon = false;
    try {
      if (this.#line.session?.exhausted === true) this.#unlink();
      if (this.#line.session === undefined) await this.#greet();
      await this.#askSample('poll');
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      this.#missedOne(error);
    } finally {
      this.#polling = false;
      const took = clock.monotonic() - startedAt;
      if (this.#listener !== undefined)
        this.#pollAfter(this.#pollAgainSoon ? 0 : Math.max(0, this.#interval() - took));
    }
  }

  async #greet(): Promise<void> {
    const { bootCount } = await this.#line.greet();
    // The samples of a controller that has started again are numbered from 1 again.
    if (bootCount !== this.#bootCount) this.#acknowledged = 0;
    this.#bootCount = bootCount;
  }

  #interval(): Milliseconds {
    const { pollMilliseconds, silentPollMilliseconds } = this.#settings;
    return this.#linked === false ? silentPollMilliseconds : pollMilliseconds;
  }

  #missedOne(error: DriverError): void {
    // Waiting for the line in vain says nothing about the controller.
    if (error.code !== 'bus-busy') this.#missed += 1;
    const silentFor = this.#options.clock.monotonic() - this.#lastSampleAt;
    if (this.#missed >= this.#settings.missedPolls || silentFor >= LINK_LOSS) this.#unlink();
  }

  #restarted(): void {
    // A controller that denies each session it has just welcomed is asked no quicker than a silent one.
    if (this.#linked === true) this.#pollAgainSoon = true;
    this.#unlink();
    if (!this.#polling && this.#pollAgainSoon) this.#pollAfter(0);
  }

  #unlink(): void {
    this.#line.endSession();
    if (this.#linked === false || this.#listener === undefined) return;
    this.#linked = false;
    this.#listener.linked(false);
  }
}
