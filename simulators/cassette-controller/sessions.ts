import { createHmac, createSecretKey, type KeyObject, randomBytes, randomInt } from 'node:crypto';
import { makeFrame, tagFits, tagOf, type WireFrame } from './wire.ts';

interface ControllerSession {
  readonly id: number;
  readonly key: KeyObject;
  /** The highest counter that was carried out. */
  highest: number;
  /** The tag of that request, and the reply to it. */
  tag: Buffer;
  reply: Buffer;
}

/** What is to be done about a frame: nothing, send a reply that is ready, or carry it out and seal the reply. */
export type Verdict =
  | { readonly what: 'nothing' }
  | { readonly what: 'reply'; readonly reply: Buffer }
  | {
      readonly what: 'carry-out';
      /** The session is new: it takes the place of the one before. */
      readonly begins: boolean;
      readonly seal: (type: number, payload: Buffer) => Buffer;
    };

const NOTHING: Verdict = { what: 'nothing' };

/** Who is believed: handshake, sessions, counters, and the reply that is repeated. */
export class Sessions {
  readonly #address: number;
  pairingKey: KeyObject;
  #active: ControllerSession | undefined;
  #offered: ControllerSession | undefined;
  #lastHello: { readonly tag: Buffer; readonly welcome: Buffer } | undefined;
  bootCount = 1;

  constructor(address: number, pairingKey: KeyObject) {
    this.#address = address;
    this.pairingKey = pairingKey;
  }

  get active(): boolean {
    return this.#active !== undefined;
  }

  /** Nobody is believed any more before a new handshake. */
  end(): void {
    this.#active = undefined;
    this.#offered = undefined;
    this.#lastHello = undefined;
  }

  judge(frame: WireFrame): Verdict {
    return frame.type === 0x01 ? this.#judgeHello(frame) : this.#judgeRequest(frame);
  }

  #judgeHello(frame: WireFrame): Verdict {
    if (!tagFits(this.pairingKey, frame)) return this.#noSession(frame);
    if (frame.payload.length !== 16 || frame.session !== 0 || frame.counter !== 0) return NOTHING;
    const tag = tagOf(frame);
    if (this.#lastHello?.tag.equals(tag) !== true) {
      this.#lastHello = { tag, welcome: this.#offer(frame.payload) };
    }
    return { what: 'reply', reply: this.#lastHello.welcome };
  }

  /** A session is offered, and begins with the first request in it: a recorded hello ends none that runs. */
  #offer(gatewayNonce: Buffer): Buffer {
    const controllerNonce = randomBytes(16);
    const bootCount = Buffer.alloc(4);
    bootCount.writeUInt32BE(this.bootCount);
    const key = createHmac('sha256', this.pairingKey)
      .update('SEZAM-CASSETTE-1')
      .update(Buffer.from([this.#address]))
      .update(gatewayNonce)
      .update(controllerNonce)
      .update(bootCount)
      .digest();
    let id = this.#active?.id ?? 0;
    while (id === 0 || id === this.#active?.id) id = randomInt(1, 0x1_0000_0000);
    const none = Buffer.alloc(0);
    this.#offered = { id, key: createSecretKey(key), highest: 0, tag: none, reply: none };
    const header = { address: this.#address, type: 0x81, session: id, counter: 0 };
    return makeFrame(this.pairingKey, header, Buffer.concat([gatewayNonce, controllerNonce, bootCount]));
  }

  #judgeRequest(frame: WireFrame): Verdict {
    const session = [this.#active, this.#offered].find((each) => each?.id === frame.session);
    if (session === undefined) return this.#noSession(frame);
    if (!tagFits(session.key, frame) || frame.counter < session.highest || frame.counter === 0)
      return NOTHING;
    if (frame.counter === session.highest) {
      return session.tag.equals(tagOf(frame)) ? { what: 'reply', reply: session.reply } : NOTHING;
    }
    const begins = session !== this.#active;
    if (begins) {
      this.#active = session;
      this.#offered = undefined;
      this.#lastHello = undefined;
    }
    session.highest = frame.counter;
    session.tag = tagOf(frame);
    session.reply = Buffer.alloc(0);
    return {
      what: 'carry-out',
      begins,
      seal: (type, payload) => {
        const header = { address: this.#address, type, session: session.id, counter: frame.counter };
        session.reply = makeFrame(session.key, header, payload);
        return session.reply;
      },
    };
  }

  #noSession(frame: WireFrame): Verdict {
    const header = { address: this.#address, type: 0x85, session: 0, counter: frame.counter };
    return { what: 'reply', reply: makeFrame(this.pairingKey, header, tagOf(frame)) };
  }
}
