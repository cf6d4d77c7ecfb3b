import { createSecretKey, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { REPLY, REQUEST } from '../../drivers/cassette-controller/constants.ts';
import { crc16 } from '../../drivers/cassette-controller/crc.ts';
import { type Frame, FrameParser, isAuthentic, sealFrame } from '../../drivers/cassette-controller/frame.ts';
import { decodeSample, decodeWelcome, type Sample } from '../../drivers/cassette-controller/replies.ts';
import {
  encodeSampleRequest,
  encodeSignal,
  encodeSwitch,
  encodeTicket,
} from '../../drivers/cassette-controller/requests.ts';
import { deriveSessionKey, Session } from '../../drivers/cassette-controller/session.ts';
import type {
  CassetteControllerEvent,
  CassetteControllerOptions,
} from '../../simulators/cassette-controller/options.ts';
import { CassetteControllerSimulator } from '../../simulators/cassette-controller.ts';
import { eventually } from '../support/eventually.ts';

const KEY = createSecretKey(Buffer.alloc(32, 0x11));
const ADDRESS = 3;
const REFUSED_MALFORMED = Buffer.from([7]);

/** A gateway without a line: frame in, frames out. */
class Wires {
  readonly simulator: CassetteControllerSimulator;
  readonly events: CassetteControllerEvent[] = [];
  readonly #parser = new FrameParser();
  #replies: Frame[] = [];

  constructor(options: Partial<CassetteControllerOptions> = {}) {
    this.simulator = new CassetteControllerSimulator({
      address: ADDRESS,
      key: KEY,
      inhibited: false,
      preparedMilliseconds: 60_000,
      linkLossMilliseconds: 60_000,
      blowMilliseconds: 60_000,
      // Each frame comes by itself: the rest of one that was cut off is not waited for.
      idleMilliseconds: 0,
      ...options,
    });
    this.simulator.connect((bytes) => {
      this.#replies.push(...this.#parser.push(bytes).filter((frame) => frame !== 'malformed'));
    });
    this.simulator.on((event) => this.events.push(event));
  }

  /** What comes back for a frame. */
  send(bytes: Buffer): readonly Frame[] {
    this.#replies = [];
    this.simulator.receive(bytes);
    return this.#replies;
  }

  greet(nonce = Buffer.alloc(16, 0xaa), key: KeyObject = KEY): Session {
    const [frame] = this.send(hello(nonce, key));
    const welcome = decodeWelcome(frame?.payload ?? Buffer.alloc(0));
    if (frame === undefined || welcome === undefined) throw new Error('No welcome came.');
    return new Session(deriveSessionKey(key, ADDRESS, welcome), frame.session, ADDRESS);
  }

  /** The one reply to a request. */
  ask(session: Session, type: number, payload: Buffer = Buffer.alloc(0)): Frame {
    const [reply, ...more] = this.send(session.request(type, payload).frame);
    if (reply === undefined || more.length > 0) throw new Error(`${more.length} replies too many, or none.`);
    expect(isAuthentic(session.key, reply)).to.equal(true);
    return reply;
  }

  sample(session: Session, acknowledged: number): Sample {
    const sample = decodeSample(this.ask(session, REQUEST.sample, encodeSampleRequest(acknowledged)).payload);
    if (sample === undefined) throw new Error('The sample has not the documented shape.');
    return sample;
  }
}

function hello(nonce: Buffer, key: KeyObject = KEY): Buffer {
  return sealFrame(key, { address: ADDRESS, type: REQUEST.hello, session: 0, counter: 0 }, nonce);
}

/** The same frame with another bit, and the CRC that belongs to it, as somebody would send it who knows the protocol. */
function forged(frame: Buffer, bit: number): Buffer {
  const bytes = Buffer.from(frame);
  const at = bit >> 3;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  bytes.writeUInt16BE(crc16(bytes.subarray(2, -2)), bytes.length - 2);
  return bytes;
}

describe('Simulated cassette controller', () => {
  let wires: Wires;
  let session: Session;

  function begin(options: Partial<CassetteControllerOptions> = {}): void {
    wires = new Wires(options);
    session = wires.greet();
  }

  afterEach(() => wires.simulator.close());

  it('is delivered with its trigger cut off, dark of orders, and shows that nobody leads it', () => {
    wires = new Wires({ inhibited: true });
    expect(wires.simulator.stainer).to.equal('inhibited');
    expect(wires.simulator.linked).to.equal(false);
    expect(wires.simulator.shown).to.deep.equal({ led: 'red', tone: 0 });
    session = wires.greet();
    expect(wires.ask(session, REQUEST.prepare, encodeTicket(1)).payload).to.deep.equal(Buffer.from([3]));
  });

  describe('whom it believes', () => {
    it('leads a session with the first request in it, not with the greeting', () => {
      begin();
      expect(wires.simulator.linked).to.equal(false);
      wires.sample(session, 0);
      expect(wires.simulator.linked).to.equal(true);
    });

    it('repeats its welcome to the same greeting, and offers another session to another one', () => {
      begin();
      const [first] = wires.send(hello(Buffer.alloc(16, 0xbb)));
      const [again] = wires.send(hello(Buffer.alloc(16, 0xbb)));
      expect(again).to.deep.equal(first);
      const [other] = wires.send(hello(Buffer.alloc(16, 0xcc)));
      expect(other?.session).to.not.equal(first?.session);
    });

    it('ends no session for a greeting that was recorded', () => {
      begin();
      wires.sample(session, 0);
      wires.ask(session, REQUEST.prepare, encodeTicket(4));
      wires.send(hello(Buffer.alloc(16, 0xaa)));
      expect(wires.simulator.stainer).to.equal('prepared');
      expect(wires.ask(session, REQUEST.fire, encodeTicket(4)).type).to.equal(REPLY.done);
    });

    it('says to whom it does not know that there is no session, and to a key that is not its own', () => {
      begin();
      const stranger = new Session(KEY, 99, ADDRESS);
      const { frame } = stranger.request(REQUEST.sample, encodeSampleRequest(0));
      const [reply] = wires.send(frame);
      expect(reply?.type).to.equal(REPLY.noSession);
      expect(reply?.payload).to.deep.equal(frame.subarray(-18, -2));
      const otherKey = createSecretKey(Buffer.alloc(32, 0x22));
      const [denied] = wires.send(hello(Buffer.alloc(16, 1), otherKey));
      expect(denied?.type).to.equal(REPLY.noSession);
      expect(denied !== undefined && isAuthentic(otherKey, denied)).to.equal(false);
    });

    it('answers neither another address nor another controller', () => {
      begin();
      const other = { address: ADDRESS + 1, type: REQUEST.hello, session: 0, counter: 0 };
      expect(wires.send(sealFrame(KEY, other, Buffer.alloc(16)))).to.deep.equal([]);
      const reply = { address: ADDRESS, type: REPLY.done, session: 0, counter: 0 };
      expect(wires.send(sealFrame(KEY, reply, Buffer.alloc(16)))).to.deep.equal([]);
      expect(wires.simulator.requests.length, 'the greeting alone').to.equal(1);
    });

    it('carries nothing out of which one bit was changed, whatever the CRC', () => {
      begin();
      wires.ask(session, REQUEST.prepare, encodeTicket(4));
      const { frame } = session.request(REQUEST.fire, encodeTicket(4));
      fc.assert(
        fc.property(fc.integer({ min: 16, max: frame.length * 8 - 17 }), (bit) => {
          wires.send(forged(frame, bit));
          expect(wires.simulator.firings).to.equal(0);
        }),
        { numRuns: 300 },
      );
      expect(wires.simulator.stainer).to.equal('prepared');
      wires.send(frame);
      expect(wires.simulator.firings).to.equal(1);
    });

    it('repeats its reply to a request that is repeated, and does nothing again', () => {
      begin();
      wires.simulator.blow(500);
      const { frame } = session.request(REQUEST.sample, encodeSampleRequest(0));
      const [first] = wires.send(frame);
      wires.simulator.blow(600);
      expect(wires.send(frame)).to.deep.equal([first]);
      wires.ask(session, REQUEST.prepare, encodeTicket(4));
      const fire = session.request(REQUEST.fire, encodeTicket(4)).frame;
      expect(wires.send(fire)).to.deep.equal(wires.send(fire));
      expect(wires.simulator.firings).to.equal(1);
    });

    it('drops what comes after a later request: a frame that was held back does nothing any more', () => {
      begin();
      const prepare = session.request(REQUEST.prepare, encodeTicket(4)).frame;
      const fire = session.request(REQUEST.fire, encodeTicket(4)).frame;
      wires.sample(session, 0);
      expect([...wires.send(prepare), ...wires.send(fire)]).to.deep.equal([]);
      expect([wires.simulator.stainer, wires.simulator.firings]).to.deep.equal(['ready', 0]);
    });

    it('fires nothing for a recorded sequence, in its own session and in the next one', () => {
      begin();
      wires.ask(session, REQUEST.inhibit, encodeSwitch(false));
      wires.ask(session, REQUEST.prepare, encodeTicket(4));
      wires.ask(session, REQUEST.fire, encodeTicket(4));
      const recorded = wires.simulator.requests.map(({ bytes }) => bytes);
      const replay = (): void => {
        wires.simulator.replaceStainer();
        for (const bytes of recorded) wires.send(bytes);
        expect([wires.simulator.stainer, wires.simulator.firings]).to.deep.equal(['ready', 1]);
      };
      replay();
      session = wires.greet(Buffer.alloc(16, 0xdd));
      wires.sample(session, 0);
      replay();
      wires.simulator.restart();
      replay();
      session = wires.greet(Buffer.alloc(16, 0xee));
      wires.sample(session, 0);
      replay();
    });

    it('has nothing prepared in a new session, for nobody', () => {
      begin();
      wires.ask(session, REQUEST.prepare, encodeTicket(4));
      const next = wires.greet(Buffer.alloc(16, 0xdd));
      expect(wires.simulator.stainer).to.equal('prepared');
      expect(wires.ask(next, REQUEST.fire, encodeTicket(4)).payload).to.deep.equal(Buffer.from([1]));
      expect(wires.simulator.stainer).to.equal('ready');
    });
  });

  it('is led astray by no bytes whatever, and answers a greeting after them', () => {
    begin();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        wires.send(Buffer.concat([Buffer.from('a55c01', 'hex'), bytes]));
        wires.send(Buffer.from(bytes));
        expect(wires.send(hello(Buffer.alloc(16, 0x5a)))).to.have.length(1);
      }),
    );
    expect([wires.simulator.stainer, wires.simulator.linked]).to.deep.equal(['ready', false]);
  });

  describe('what it does without a gateway', () => {
    it('falls back from what is prepared, shows its own signal, and knows the session no more', async () => {
      begin({ linkLossMilliseconds: 20 });
      wires.ask(session, REQUEST.antiGas, encodeSwitch(true));
      const pattern = { steps: [{ led: 'green', tone: 0, lasts: 60_000 }], repeat: true } as const;
      wires.ask(session, REQUEST.signal, encodeSignal(pattern));
      const { frame } = session.request(REQUEST.prepare, encodeTicket(4));
      wires.send(frame);
      expect(wires.simulator.shown.led).to.equal('green');
      await eventually('it is on its own', () => !wires.simulator.linked);
      expect(wires.simulator.stainer).to.equal('ready');
      expect(wires.simulator.shown.led).to.not.equal('green');
      expect(wires.simulator.antiGasOn, 'gas is driven out whoever leads').to.equal(true);
      expect(wires.send(frame).map((reply) => reply.type)).to.deep.equal([REPLY.noSession]);
      session = wires.greet(Buffer.alloc(16, 0xdd));
      wires.sample(session, 0);
      expect(wires.simulator.shown.led, 'what was ordered before').to.equal('green');
    });

    it('is kept in a session by no request that was recorded', async () => {
      begin({ linkLossMilliseconds: 30 });
      const { frame } = session.request(REQUEST.sample, encodeSampleRequest(0));
      wires.send(frame);
      await eventually('it is on its own', () => {
        wires.send(frame);
        return !wires.simulator.linked;
      });
    });

    it('never fires by itself, through loss of supply and link', async () => {
      begin({ linkLossMilliseconds: 10, preparedMilliseconds: 10 });
      wires.ask(session, REQUEST.prepare, encodeTicket(4));
      wires.simulator.openLid();
      wires.simulator.breakIn();
      wires.simulator.restart();
      session = wires.greet();
      wires.ask(session, REQUEST.prepare, encodeTicket(5));
      await eventually('it is on its own', () => !wires.simulator.linked);
      expect([wires.simulator.stainer, wires.simulator.firings]).to.deep.equal(['ready', 0]);
    });

    it('keeps through a restart what is spent and cut off, and nothing else', () => {
      begin();
      wires.ask(session, REQUEST.inhibit, encodeSwitch(true));
      wires.ask(session, REQUEST.antiGas, encodeSwitch(true));
      wires.simulator.breakIn();
      wires.simulator.repairShell();
      wires.simulator.openLid();
      wires.simulator.blow(500);
      wires.simulator.restart();
      expect([wires.simulator.stainer, wires.simulator.antiGasOn]).to.deep.equal(['inhibited', false]);
      session = wires.greet(Buffer.alloc(16, 0xdd));
      const { number, readings } = wires.sample(session, 0);
      expect(number).to.equal(1);
      expect(readings).to.deep.include({ lidOpen: true, brokenIn: false, shocks: [], stainer: 'inhibited' });
    });
  });

  describe('what it remembers until the gateway has it', () => {
    it('tells a blow with every sample until one is acknowledged', () => {
      begin();
      wires.simulator.blow(500);
      expect(wires.sample(session, 0).readings.shocks).to.deep.equal([500]);
      wires.simulator.blow(65_535);
      expect(wires.sample(session, 0).readings.shocks).to.deep.equal([500, 65_535]);
      expect(wires.sample(session, 1).readings.shocks, 'not the newest').to.deep.equal([500, 65_535]);
      expect(wires.sample(session, 3).readings.shocks).to.deep.equal([]);
    });

    it('keeps what was acknowledged in an earlier session from being told again', () => {
      begin();
      wires.simulator.blow(500);
      wires.simulator.openLid();
      wires.simulator.closeLid();
      expect(wires.sample(session, 0).number).to.equal(1);
      session = wires.greet(Buffer.alloc(16, 0xdd));
      const { shocks, lidOpen } = wires.sample(session, 1).readings;
      expect([shocks, lidOpen]).to.deep.equal([[], false]);
    });

    it('remembers what happened between the sample and its acknowledgement', () => {
      begin();
      wires.simulator.openLid();
      wires.simulator.closeLid();
      expect(wires.sample(session, 0).readings.lidOpen).to.equal(true);
      wires.simulator.openLid();
      wires.simulator.closeLid();
      expect(wires.sample(session, 1).readings.lidOpen).to.equal(true);
      expect(wires.sample(session, 2).readings.lidOpen).to.equal(false);
    });

    it('forgets a blow that nobody asked about for long, and no contact', async () => {
      begin({ blowMilliseconds: 20 });
      wires.simulator.blow(500);
      wires.simulator.openLid();
      wires.simulator.closeLid();
      const since = performance.now();
      await eventually('time has passed', () => performance.now() - since > 25);
      wires.simulator.blow(600);
      const { shocks, lidOpen } = wires.sample(session, 0).readings;
      expect([shocks, lidOpen]).to.deep.equal([[600], true]);
    });

    it('keeps the sixteen strongest blows', () => {
      begin();
      for (let blow = 20; blow > 0; blow -= 1) wires.simulator.blow(blow * 100);
      wires.simulator.blow(5_000);
      const { shocks } = wires.sample(session, 0).readings;
      expect(shocks).to.have.length(16);
      expect([shocks[0], shocks.at(-1), Math.min(...shocks)]).to.deep.equal([2_000, 5_000, 600]);
    });
  });

  describe('signals', () => {
    const lasting = { steps: [{ led: 'green', tone: 0, lasts: 60_000 }], repeat: true } as const;
    const passing = { steps: [{ led: 'red', tone: 400, lasts: 10 }], repeat: false } as const;
    const shown = (): string[] =>
      wires.events.flatMap((event) => (event.type === 'shown' ? [event.shown.led] : []));

    it('plays a passing one in front of the lasting one', async () => {
      begin();
      wires.ask(session, REQUEST.signal, encodeSignal(lasting));
      wires.ask(session, REQUEST.signal, encodeSignal(passing));
      expect(wires.simulator.shown).to.deep.equal({ led: 'red', tone: 400 });
      await eventually('the lasting one', () => wires.simulator.shown.led === 'green');
    });

    it('plays a passing one to its end though a lasting one comes', async () => {
      begin();
      wires.ask(session, REQUEST.signal, encodeSignal(passing));
      wires.ask(session, REQUEST.signal, encodeSignal(lasting));
      await eventually('the lasting one', () => wires.simulator.shown.led === 'green');
      expect(
        shown()
          .filter((led) => led !== 'amber')
          .slice(-2),
      ).to.deep.equal(['red', 'green']);
    });
  });

  describe('what it refuses', () => {
    for (const { name, type, payload } of [
      { name: 'a sample without its number', type: REQUEST.sample, payload: Buffer.alloc(3) },
      { name: 'ticket 0', type: REQUEST.prepare, payload: Buffer.alloc(4) },
      { name: 'half a ticket', type: REQUEST.fire, payload: Buffer.alloc(2, 1) },
      { name: 'a switch that is neither on nor off', type: REQUEST.inhibit, payload: Buffer.from([2]) },
      { name: 'a switch with more', type: REQUEST.antiGas, payload: Buffer.from([1, 0]) },
      { name: 'a signal without a step', type: REQUEST.signal, payload: Buffer.from([1, 0]) },
      { name: 'a signal with half a step', type: REQUEST.signal, payload: Buffer.from([1, 1, 1, 0]) },
      { name: 'a LED that is none', type: REQUEST.signal, payload: Buffer.from([1, 1, 4, 0, 0, 0, 100]) },
      { name: 'a tone too high', type: REQUEST.signal, payload: Buffer.from([1, 1, 1, 0x4e, 0x21, 0, 100]) },
      { name: 'a step too short', type: REQUEST.signal, payload: Buffer.from([1, 1, 1, 0, 0, 0, 9]) },
      { name: 'a step too long', type: REQUEST.signal, payload: Buffer.from([1, 1, 1, 0, 0, 0xea, 0x61]) },
      { name: 'a self-test of something', type: REQUEST.selfTest, payload: Buffer.from([1]) },
    ]) {
      it(`${name}, as malformed`, () => {
        begin();
        const reply = wires.ask(session, type, payload);
        expect([reply.type, reply.payload]).to.deep.equal([REPLY.refused, REFUSED_MALFORMED]);
      });
    }

    it('what it does not know, as unsupported', () => {
      begin();
      expect(wires.ask(session, 0x09).payload).to.deep.equal(Buffer.from([8]));
    });

    it('a self-test while it is prepared; and preparing ends a self-test', () => {
      begin();
      wires.ask(session, REQUEST.selfTest);
      wires.ask(session, REQUEST.prepare, encodeTicket(4));
      expect(wires.ask(session, REQUEST.selfTest).payload).to.deep.equal(Buffer.from([6]));
      expect(wires.ask(session, REQUEST.fire, encodeTicket(4)).type).to.equal(REPLY.done);
    });

    it('to prepare with a stainer that is out of order', () => {
      begin();
      wires.simulator.setStainerFault(true);
      expect(wires.ask(session, REQUEST.prepare, encodeTicket(4)).payload).to.deep.equal(Buffer.from([5]));
      expect(wires.sample(session, 0).readings.stainer).to.equal('fault');
    });

    it('a key that has not eight bytes', () => {
      wires = new Wires();
      expect(() => wires.simulator.touchKey('0160')).to.throw(RangeError, '"0160"');
    });
  });

  it('tells of everything that a bystander would notice', () => {
    begin();
    wires.simulator.openLid();
    wires.simulator.openLid();
    wires.simulator.setGas(40);
    wires.simulator.blow(900);
    wires.simulator.touchKey('01606cbf03000021');
    wires.ask(session, REQUEST.antiGas, encodeSwitch(true));
    wires.ask(session, REQUEST.prepare, encodeTicket(4));
    wires.ask(session, REQUEST.fire, encodeTicket(4));
    expect(wires.events).to.deep.equal([
      { type: 'sensor', sensor: 'lid', value: true },
      { type: 'sensor', sensor: 'gas', value: 40 },
      { type: 'blow', milliG: 900 },
      { type: 'keys', keys: ['01606CBF03000021'] },
      { type: 'linked', up: true },
      { type: 'anti-gas', on: true },
      { type: 'stainer', state: 'prepared' },
      { type: 'stainer', state: 'fired' },
      { type: 'fired', ticket: 4 },
    ]);
  });
});
