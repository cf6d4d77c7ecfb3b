import { type KeyObject, randomBytes } from 'node:crypto';
import type { Milliseconds } from '../../domain/site.ts';
import type { ControllerFrameFault, Unsubscribe } from '../../gateway/ports.ts';
import type { Bus, Priority } from '../bus.ts';
import { DriverError } from '../errors.ts';
import { FROM_CONTROLLER, NONCE_LENGTH, REPLY, REQUEST, type RequestType } from './constants.ts';
import { type Frame, FrameParser, isAuthentic, sealFrame } from './frame.ts';
import { decodeWelcome, type Welcome } from './replies.ts';
import { deriveSessionKey, Session } from './session.ts';

/** Where the controller is, and how to speak with it. */
export interface LineOptions {
  readonly bus: Bus;
  readonly address: number;
  readonly pairingKey: KeyObject;
  /** The controller, for messages: `cassette controller "c1" (address 4)`. */
  readonly name: string;
  readonly answerWithin: Milliseconds;
}

/** One request within a session. */
export interface Ask {
  readonly type: RequestType;
  /** Called once, when the request leaves for the first time. */
  readonly payload: () => Buffer;
  readonly priority: Priority;
  readonly retries: number;
  /** What it is, for messages: `the order to fire`. */
  readonly purpose: string;
}

/** What may be answered: each frame that left entitles the controller to one answer. */
interface Expected {
  readonly session: Session | undefined;
  matches(frame: Frame): boolean;
  answersDue: number;
  answer?: Frame;
}

/** Requests whose answers may still come although nobody waits for them any more. */
const MOST_LATE = 8;

/** One controller on its bus: makes and sends requests, and tells what answers them from what is not to be believed. */
export class ControllerLine {
  readonly #options: LineOptions;
  readonly #parser = new FrameParser();
  #session: Session | undefined;
  #rejected: (fault: ControllerFrameFault) => void = () => {};
  #expected: Expected | undefined;
  #late: Expected[] = [];
  #stopListening: Unsubscribe | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** The session that requests belong to. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Listens to the bus. `rejected` is told of each frame of the controller that is passed over. */
  start(rejected: (fault: ControllerFrameFault) => void): void {
    this.stop();
    this.#rejected = rejected;
    this.#stopListening = this.#options.bus.onBytes((bytes) => this.#received(bytes));
  }

  stop(): void {
    this.#rejected = () => {};
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.endSession();
  }

  /** Requests that were to leave in the session are rejected with `not-linked`. */
  endSession(): void {
    this.#session = undefined;
  }

  /**
   * Greets the controller and begins a session with it. Rejects as `Bus.exchange` does. That the controller has the
   * same key of the session is proved by its first answer in it.
   */
  async greet(): Promise<Welcome> {
    const { address, pairingKey, name } = this.#options;
    const nonce = randomBytes(NONCE_LENGTH);
    const frame = sealFrame(pairingKey, { address, type: REQUEST.hello, session: 0, counter: 0 }, nonce);
    const answersNonce = ({ type, payload }: Frame): boolean =>
      type === REPLY.welcome && decodeWelcome(payload)?.gatewayNonce.equals(nonce) === true;
    const expected: Expected = { session: undefined, matches: answersNonce, answersDue: 0 };
    const answer = await this.#exchange(expected, () => frame, {
      priority: 'poll',
      retries: 0,
      purpose: `the greeting of ${name}`,
    });
    const welcome = decodeWelcome(answer.payload);
    if (welcome === undefined) throw new Error('An answer was taken for a welcome that is none.');
    this.#session = new Session(deriveSessionKey(pairingKey, address, welcome), answer.session, address);
    return welcome;
  }

  /**
   * Asks within the session, and resolves to the answer: authentic, and to this request. Rejects as `Bus.exchange`
   * does, and with `not-linked` where the session ended before the request left.
   */
  ask(ask: Ask): Promise<Frame> {
    const session = this.#session;
    if (session === undefined) return Promise.reject(this.#notLinked(ask.purpose));
    let made: { readonly counter: number; readonly frame: Buffer } | undefined;
    const matches = ({ type, session: id, counter, payload }: Frame): boolean => {
      if (made === undefined || counter !== made.counter) return false;
      if (type === REPLY.noSession) return payload.equals(tagIn(made.frame));
      return id === session.id && type !== REPLY.welcome;
    };
    const frame = (): Buffer => {
      // In another session the controller would not take it for the one that was asked for.
      if (this.#session !== session) throw this.#notLinked(ask.purpose);
      made ??= session.request(ask.type, ask.payload());
      return made.frame;
    };
    const purpose = `${ask.purpose} to ${this.#options.name}`;
    return this.#exchange({ session, matches, answersDue: 0 }, frame, { ...ask, purpose });
  }

  async #exchange(
    expected: Expected,
    frame: () => Buffer,
    sending: { readonly priority: Priority; readonly retries: number; readonly purpose: string },
  ): Promise<Frame> {
    try {
      return await this.#options.bus.exchange({
        ...sending,
        frame: () => {
          const bytes = frame();
          this.#expected = expected;
          expected.answersDue += 1;
          return bytes;
        },
        // What was received came to #received before it comes here.
        accept: () => expected.answer,
        replyWithin: this.#options.answerWithin,
      });
    } finally {
      if (this.#expected === expected) this.#expected = undefined;
      this.#late = [...this.#late, expected].slice(-MOST_LATE);
    }
  }

  #received(bytes: Buffer): void {
    for (const frame of this.#parser.push(bytes)) {
      // Between its own requests the line belongs to others, whose noise is not this controller's.
      if (frame === 'malformed') {
        if (this.#expected !== undefined) this.#rejected('malformed');
      } else if (frame.address === this.#options.address && frame.type >= FROM_CONTROLLER) this.#judge(frame);
    }
  }

  #judge(frame: Frame): void {
    const key = this.#keyOf(frame);
    if (key === undefined || !isAuthentic(key, frame)) {
      this.#rejected('not-authentic');
      return;
    }
    const current = this.#expected;
    const known = current === undefined ? this.#late : [current, ...this.#late];
    const expected = known.find((each) => each.answersDue > 0 && each.matches(frame));
    if (expected === undefined) {
      this.#rejected('replayed');
      return;
    }
    expected.answersDue -= 1;
    expected.answer ??= frame;
  }

  /** The key that a frame has to be sealed with: that of its session, where there is or was one. */
  #keyOf({ type, session }: Frame): KeyObject | undefined {
    if (type === REPLY.welcome || type === REPLY.noSession) return this.#options.pairingKey;
    const sessions = [this.#session, this.#expected?.session, ...this.#late.map((each) => each.session)];
    return sessions.find((each) => each?.id === session)?.key;
  }

  #notLinked(purpose: string): DriverError {
    const text = `There is no session with ${this.#options.name}, so ${purpose} was not sent.`;
    return new DriverError('not-linked', text);
  }
}

/** The tag of a frame: sixteen bytes before its CRC. */
function tagIn(frame: Buffer): Buffer {
  return frame.subarray(-18, -2);
}
