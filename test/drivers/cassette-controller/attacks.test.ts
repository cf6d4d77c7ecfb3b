import { expect } from 'chai';
import fc from 'fast-check';
import { Bus } from '../../../drivers/bus.ts';
import { crc16 } from '../../../drivers/cassette-controller/crc.ts';
import { driver } from '../../../drivers/cassette-controller/index.ts';
import type { CassetteController } from '../../../gateway/ports.ts';
import { CassetteControllerSimulator } from '../../../simulators/cassette-controller.ts';
import { SharedLine } from '../../../simulators/shared-line.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { driverErrorOf } from '../driver-error.ts';
import { Heard, keyOf } from './listening.ts';
import { TappedLine } from './tapped-line.ts';

const POLL = 100;
const ANSWER = 50;
const SILENT_POLL = 500;
/** Quiet between two frames, and a moment more. */
const GAP = 10;
const SAMPLE = 0x82;
const KEY = keyOf(0x11);

/** The same frame with another bit, and the CRC that belongs to it. */
function forged(frame: Buffer, bit: number): Buffer {
  const bytes = Buffer.from(frame);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  bytes.writeUInt16BE(crc16(bytes.subarray(2, -2)), bytes.length - 2);
  return bytes;
}

const isSample = (frame: Buffer): boolean => frame[5] === SAMPLE;
const counterOf = (frame: Buffer): number => frame.readUInt32BE(10);

describe('Cassette controller on a line that somebody has tapped', () => {
  let clock: ManualClock;
  let simulator: CassetteControllerSimulator;
  let other: CassetteControllerSimulator;
  let line: TappedLine;
  let bus: Bus;
  let controller: CassetteController;
  let heard: Heard;

  const create = (address: number, settings: object = {}): CassetteController =>
    driver.create({
      id: `c${address}`,
      bus,
      address,
      key: KEY,
      clock,
      settings: {
        pollMilliseconds: POLL,
        answerWithinMilliseconds: ANSWER,
        silentPollMilliseconds: SILENT_POLL,
        ...settings,
      },
    });

  beforeEach(async () => {
    clock = new ManualClock();
    const options = { key: KEY, inhibited: false, linkLossMilliseconds: 600_000, idleMilliseconds: 60_000 };
    simulator = new CassetteControllerSimulator({ ...options, address: 1 });
    other = new CassetteControllerSimulator({ ...options, address: 2 });
    line = new TappedLine(new SharedLine([simulator, other]));
    bus = new Bus({ id: 'line', transport: line, clock });
    heard = new Heard();
    controller = create(1);
    controller.start(heard.listener);
    bus.start();
    await clock.advance(POLL);
    expect(heard.links).to.deep.equal([true]);
  });

  afterEach(async () => {
    await controller.stop();
    await bus.stop();
    await clock.advance(0);
    expect(clock.pending).to.equal(0);
    simulator.close();
    other.close();
  });

  /** One more poll. Returns how many samples it brought. */
  async function poll(): Promise<number> {
    const before = heard.samples.length;
    await clock.advance(POLL);
    return heard.samples.length - before;
  }

  /** Somebody else's request that takes the line for so long. */
  const hog = (lasts: number): Promise<void> =>
    bus
      .exchange({
        frame: Buffer.from('hog'),
        priority: 'urgent',
        purpose: 'a long question',
        accept: () => undefined,
        replyWithin: lasts,
        retries: 0,
      })
      .catch(() => {});

  it('takes no answer of which one bit was changed, though its CRC was put right', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (anywhere) => {
        let altered = 0;
        line.toGateway = (frame) => {
          altered += 1;
          return altered > 1 ? [] : [forged(frame, 16 + (anywhere % (frame.length * 8 - 32)))];
        };
        const before = heard.samples.length;
        await clock.advance(POLL + ANSWER);
        expect(altered).to.be.greaterThan(0);
        expect(heard.samples.length).to.equal(before);
        line.toGateway = (frame) => [frame];
        await clock.advance(POLL + ANSWER);
        expect(heard.samples.length).to.be.greaterThan(before);
      }),
      // The version, which makes it no frame at all, and somewhere in the payload.
      { numRuns: 60, examples: [[0], [200]] },
    );
    expect(heard.faults).to.include.members(['malformed', 'not-authentic']);
    expect(heard.faults).to.not.include('replayed');
  });

  it('takes no recorded answer, in its session or in another one', async () => {
    simulator.openLid();
    await poll();
    expect(heard.latest?.lidOpen).to.equal(true);
    const recorded = line.received.filter(isSample).slice(-1);
    simulator.closeLid();
    await poll();
    const before = heard.samples.length;
    for (const frame of recorded) line.inject(frame);
    expect(heard.faults).to.deep.equal(recorded.map(() => 'replayed'));
    // In front of the true answer, as somebody would do it who is quicker.
    line.toGateway = (frame) => (isSample(frame) ? [...recorded, frame] : [frame]);
    await poll();
    line.toGateway = (frame) => [frame];
    expect(heard.samples.slice(before).map(({ lidOpen }) => lidOpen)).to.deep.equal([false]);
    simulator.restart();
    await poll();
    await poll();
    expect(heard.linked).to.equal(true);
    const now = heard.samples.length;
    heard.faults.length = 0;
    // While the requests of the last session are remembered its answers are known as such, then for strangers'.
    await clock.advance(10 * POLL);
    for (const frame of recorded) line.inject(frame);
    expect(heard.faults).to.deep.equal(recorded.map(() => 'not-authentic'));
    expect(heard.samples.slice(now).some(({ lidOpen }) => lidOpen)).to.equal(false);
  });

  it('takes nobody for the controller who plays back a whole session from its welcome on', async () => {
    await clock.advance(5 * POLL);
    const [welcome, ...answers] = line.received;
    if (welcome === undefined || answers.length === 0) throw new Error('Nothing was recorded.');
    simulator.setSilent(true);
    await clock.advance(10 * POLL);
    expect(heard.linked).to.equal(false);
    line.toController = (frame) => {
      for (const answer of frame[5] === 1 ? [welcome] : answers) line.inject(answer);
      return [];
    };
    const samples = heard.samples.length;
    await clock.advance(10 * SILENT_POLL);
    expect(heard.faults).to.include('replayed');
    expect([heard.linked, heard.samples.length]).to.deep.equal([false, samples]);
  });

  it('tells a blow no second time after a link that was lost', async () => {
    simulator.blow(500);
    await poll();
    expect(heard.blows).to.deep.equal([500]);
    simulator.setSilent(true);
    await clock.advance(10 * POLL);
    simulator.setSilent(false);
    await clock.advance(2 * SILENT_POLL);
    expect([heard.links, heard.blows]).to.deep.equal([[true, false, true], [500]]);
  });

  it('is not led astray by a recorded denial of its session', async () => {
    simulator.restart();
    await poll();
    await poll();
    const denial = line.received.find((frame) => frame[5] === 0x85);
    if (denial === undefined) throw new Error('No denial came.');
    const links = heard.links.length;
    line.toGateway = (frame) => [denial, frame];
    expect(await poll()).to.equal(1);
    expect(heard.links.length).to.equal(links);
    expect(heard.faults).to.include('replayed');
  });

  it('fires nothing for a sequence of orders that was recorded', async () => {
    await Promise.all([controller.prepare(7), clock.advance(GAP)]);
    await Promise.all([controller.fire(7), clock.advance(GAP)]);
    expect(simulator.firings).to.equal(1);
    simulator.replaceStainer();
    const recorded = [...line.sent];
    for (const frame of recorded) simulator.receive(frame);
    expect([simulator.stainer, simulator.firings]).to.deep.equal(['ready', 1]);
    simulator.restart();
    await clock.advance(5 * POLL);
    expect(heard.linked).to.equal(true);
    for (const frame of recorded) simulator.receive(frame);
    expect([simulator.stainer, simulator.firings]).to.deep.equal(['ready', 1]);
  });

  it('does not fire with orders of which one bit was changed on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 16, max: 36 * 8 - 17 }), async (bit) => {
        await Promise.all([controller.prepare(7), clock.advance(GAP)]);
        line.toController = (frame) => [frame[5] === 4 ? forged(frame, bit) : frame];
        const fire = driverErrorOf(controller.fire(7));
        await clock.advance(5 * ANSWER);
        line.toController = (frame) => [frame];
        expect((await fire).code).to.be.oneOf(['no-answer', 'not-linked']);
        expect(simulator.firings, `bit ${bit}`).to.equal(0);
        await clock.advance(10 * POLL);
        expect(heard.linked).to.equal(true);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('tells each blow once and in order, whatever is lost, doubled or comes late in either direction', async () => {
    type Fate = 'through' | 'lost' | 'doubled' | 'late';
    const fates = fc.array(fc.constantFrom<Fate>('through', 'lost', 'doubled', 'late'), { maxLength: 30 });
    let told = 0;
    await fc.assert(
      fc.asyncProperty(fates, fates, fc.array(fc.nat(3), { maxLength: 10 }), async (out, home, pauses) => {
        const there = [...out];
        const back = [...home];
        const before = heard.blows.length;
        const blows: number[] = [];
        const through = (fate: Fate | undefined, frame: Buffer, late: (frame: Buffer) => void): Buffer[] => {
          if (fate === 'late') clock.after(POLL + GAP, () => late(frame));
          if (fate === 'late' || fate === 'lost') return [];
          return fate === 'doubled' ? [frame, frame] : [frame];
        };
        line.toController = (frame) => through(there.shift(), frame, (held) => simulator.receive(held));
        line.toGateway = (frame) => through(back.shift(), frame, (held) => line.inject(held));
        for (const pause of pauses) {
          told += 1;
          blows.push(told);
          simulator.blow(told);
          await clock.advance((pause * POLL) / 2);
        }
        there.length = 0;
        back.length = 0;
        await clock.advance(4 * SILENT_POLL);
        expect(heard.blows.slice(before)).to.deep.equal(blows);
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(heard.faults).to.not.include('malformed');
  });

  it('takes an answer that comes too late for none, and for no attack', async () => {
    let held: Buffer | undefined;
    line.toGateway = (frame) => {
      if (!isSample(frame) || held !== undefined) return [frame];
      held = frame;
      return [];
    };
    simulator.blow(500);
    await clock.advance(POLL + ANSWER + GAP);
    if (held === undefined) throw new Error('Nothing was held back.');
    line.inject(held);
    await clock.advance(POLL);
    expect(heard.blows).to.deep.equal([500]);
    expect(heard.faults).to.deep.equal([]);
    line.inject(held);
    expect(heard.faults, 'the same once more').to.deep.equal(['replayed']);
  });

  it('hears each answer once where a repeated request brings two', async () => {
    let held: readonly Buffer[] = [];
    line.toGateway = (frame) => {
      if (frame[5] !== 0x83) return [frame];
      if (held.length > 0) return [...held, frame];
      held = [frame];
      return [];
    };
    const prepared = controller.prepare(7);
    await clock.advance(GAP + ANSWER + GAP);
    await prepared;
    expect(heard.faults).to.deep.equal([]);
  });

  it('numbers requests in the order in which they leave, whatever overtakes what', async () => {
    const orders = [
      controller.sample(),
      controller.antiGas(true),
      controller.sample(),
      controller.antiGas(false),
    ];
    await clock.advance(POLL);
    await Promise.all(orders);
    await poll();
    const counters = line.sent.map(counterOf);
    expect(counters).to.deep.equal(counters.map((_, index) => index));
  });

  it('sends nothing late: an order whose turn does not come is rejected', async () => {
    const hogged = hog(5_000);
    const order = driverErrorOf(controller.antiGas(true));
    await clock.advance(4_000);
    expect((await order).code).to.equal('bus-busy');
    await clock.advance(4_000);
    await hogged;
    expect(line.sent.some((frame) => frame[5] === 7)).to.equal(false);
    expect(heard.links, 'nothing was heard for too long').to.deep.equal([true, false, true]);
  });

  it('sends no order of one session in the next one', async () => {
    const hogged = hog(POLL / 2);
    const orders = [controller.antiGas(true), controller.inhibit(true)].map(driverErrorOf);
    simulator.restart();
    await clock.advance(5 * POLL);
    await hogged;
    expect((await Promise.all(orders)).map(({ code }) => code)).to.deep.equal(['not-linked', 'not-linked']);
    expect(line.sent.map((frame) => frame[5]))
      .to.include(7)
      .and.not.include(5);
    expect(heard.links).to.deep.equal([true, false, true]);
  });

  it('takes no sample of a session that has ended meanwhile', async () => {
    const hogged = hog(2_980 + POLL);
    await clock.advance(1_000);
    const asked = driverErrorOf(controller.sample());
    let held: Buffer | undefined;
    line.toGateway = (frame) => {
      held ??= frame;
      return [];
    };
    const samples = heard.samples.length;
    while (held === undefined) await clock.advance(1);
    // The poll that has waited all the time for its turn gives up.
    while (heard.linked) await clock.advance(1);
    line.inject(held);
    await clock.advance(0);
    expect((await asked).code).to.equal('not-linked');
    expect([heard.linked, heard.samples.length]).to.deep.equal([false, samples]);
    await hogged;
  });

  it('acknowledges nothing to a controller that has started again', async () => {
    simulator.restart();
    await clock.advance(5 * POLL);
    const acknowledged = line.sent
      .slice(line.sent.findLastIndex((frame) => frame[5] === 1))
      .filter((frame) => frame[5] === 2)
      .map((frame) => frame.readUInt32BE(14));
    expect(acknowledged.length).to.be.greaterThan(2);
    expect(acknowledged).to.deep.equal(acknowledged.map((_, index) => index));
  });

  it('tells of noise while it waits for an answer, and not of that of others', async () => {
    const noise = Buffer.from('a55cff', 'hex');
    line.inject(noise);
    expect(heard.faults).to.deep.equal([]);
    line.toGateway = (frame) => [noise, frame];
    expect(await poll()).to.equal(1);
    expect(heard.faults).to.deep.equal(['malformed']);
  });

  it('counts three samples without an answer, not two', async () => {
    let drops = 2;
    line.toGateway = (frame) => {
      drops -= 1;
      return drops >= 0 ? [] : [frame];
    };
    await clock.advance(4 * POLL);
    expect(heard.links).to.deep.equal([true]);
    drops = 3;
    await clock.advance(4 * POLL);
    expect(heard.links.slice(0, 2)).to.deep.equal([true, false]);
    await clock.advance(2 * SILENT_POLL);
    expect(heard.links).to.deep.equal([true, false, true]);
  });

  it('keeps asking at its pace while it is silent, so that the line stays free for others', async () => {
    simulator.setSilent(true);
    await clock.advance(5 * POLL);
    const before = line.sent.length;
    await clock.advance(10 * SILENT_POLL);
    expect(line.sent.length - before).to.be.within(9, 11);
  });

  it('tells what is authentic and makes no sense, and takes it for no answer', async () => {
    simulator.setTilt(181);
    expect(await poll()).to.equal(0);
    expect(heard.faults.slice(0, 1)).to.deep.equal(['malformed']);
    simulator.setTilt(180);
    await clock.advance(2 * SILENT_POLL);
    expect(heard.latest?.tilt).to.equal(180);
  });

  it('keeps two controllers on one line apart, with what is silent and what is not', async () => {
    const heardOther = new Heard();
    const second = create(2);
    second.start(heardOther.listener);
    await clock.advance(2 * POLL);
    simulator.blow(100);
    other.blow(200);
    await Promise.all([controller.prepare(7), second.antiGas(true), clock.advance(POLL)]);
    await clock.advance(POLL);
    expect([heard.blows, heardOther.blows]).to.deep.equal([[100], [200]]);
    expect([simulator.stainer, other.stainer]).to.deep.equal(['prepared', 'ready']);
    expect([simulator.antiGasOn, other.antiGasOn]).to.deep.equal([false, true]);
    const wrong = driverErrorOf(second.fire(7));
    await clock.advance(GAP);
    expect((await wrong).message)
      .to.include('"c2"')
      .and.include('not-prepared');
    simulator.setSilent(true);
    await clock.advance(10 * POLL);
    expect([heard.linked, heardOther.links]).to.deep.equal([false, [true]]);
    expect([...heard.faults, ...heardOther.faults]).to.deep.equal([]);
    await second.stop();
  });

  it('refuses a key that has not 32 bytes, and names the controller', () => {
    const make = (): unknown =>
      driver.create({ id: 'c1', bus, address: 1, key: keyOf(1, 16), clock, settings: {} });
    expect(make).to.throw('"c1" has 16 bytes').with.property('code', 'wrong-value');
  });

  it('refuses values that its protocol cannot say, and sends nothing', async () => {
    const before = line.sent.length;
    expect((await driverErrorOf(controller.prepare(0))).code).to.equal('wrong-value');
    expect((await driverErrorOf(controller.fire(-1))).code).to.equal('wrong-value');
    expect((await driverErrorOf(controller.signal({ steps: [], repeat: true }))).code).to.equal(
      'wrong-value',
    );
    expect(line.sent.length).to.equal(before);
  });
});
