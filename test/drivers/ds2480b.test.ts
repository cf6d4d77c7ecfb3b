import { expect } from 'chai';
import { Bus } from '../../drivers/bus.ts';
import { driver } from '../../drivers/ds2480b/index.ts';
import { FlowTransport } from '../../drivers/transport/flow.ts';
import type { CredentialReader } from '../../gateway/ports.ts';
import { Ds2480bSimulator } from '../../simulators/ds2480b.ts';
import { eventually } from '../support/eventually.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { realClock } from '../support/real-clock.ts';
import { WIRINGS, type WiredBus } from './lines.ts';

const KEY = '01606CBF03000021';
const CLONE = '016060CF030000A8';
const OTHER = '23D453570100009E';
const WRONG = '01FA525810000010';

for (const { name, wire } of WIRINGS) {
  describe(`DS2480B over ${name}`, () => {
    let simulator: Ds2480bSimulator;
    let wired: WiredBus;
    let reader: CredentialReader;
    let scans: string[];
    let rejected: string[];
    /** What happens at the next scan, when nothing is on the line. */
    let atScan: () => void;

    async function start(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
      simulator = new Ds2480bSimulator();
      scans = [];
      rejected = [];
      atScan = () => {};
      wired = await wire(simulator, driver.line);
      const quick = { pollMilliseconds: 20, silentPollMilliseconds: 100, ...settings };
      reader = driver.create({ id: 'contact', bus: wired.bus, settings: quick, clock: realClock });
      reader.start({
        scanned: ({ kind, value }) => {
          scans.push(`${kind} ${value}`);
          atScan();
        },
        rejected: (reason) => rejected.push(reason),
      });
      wired.bus.start();
    }

    afterEach(async () => {
      await reader.stop();
      await wired.close();
    });

    const looks = async (count: number): Promise<void> => {
      const before = simulator.resets;
      await eventually(`${count} looks for keys`, () => simulator.resets >= before + count);
    };

    it('hands on a key again and again for as long as it is held, and then no more', async () => {
      await start();
      await looks(2);
      expect(scans).to.deep.equal([]);
      simulator.touch(KEY);
      await eventually('the key three times', () => scans.length >= 3);
      simulator.leave();
      await looks(2);
      const { length } = scans;
      await looks(2);
      expect(scans).to.have.length(length);
      expect(new Set(scans)).to.deep.equal(new Set([`ibutton ${KEY}`]));
      expect(rejected).to.deep.equal([]);
    });

    it('hands on two keys that are held at once as two', async () => {
      await start();
      simulator.touch(KEY);
      simulator.touch(CLONE);
      await eventually('both keys', () => new Set(scans).size === 2);
      simulator.leave(KEY);
      await looks(2);
      scans.length = 0;
      await eventually('the one that stayed', () => scans.length >= 2);
      expect(new Set(scans)).to.deep.equal(new Set([`ibutton ${CLONE}`]));
      expect(rejected).to.deep.equal([]);
    });

    it('refuses a number with a wrong checksum, once, and reads the next key', async () => {
      await start();
      simulator.touch(WRONG);
      await eventually('the refusal', () => rejected.length === 1);
      await looks(6);
      expect(rejected).to.deep.equal(['checksum']);
      simulator.leave();
      simulator.touch(OTHER);
      await eventually('the key', () => scans.length > 0);
      expect(scans[0]).to.equal(`ibutton ${OTHER}`);
      expect(rejected).to.deep.equal(['checksum']);
    });

    it('refuses a bridged contact, once, and reads the key that comes after it', async () => {
      await start();
      simulator.shorted = true;
      await eventually('the refusal', () => rejected.length === 1);
      simulator.touch(KEY);
      await looks(4);
      simulator.shorted = false;
      await eventually('the key', () => scans.length > 0);
      expect(rejected).to.deep.equal(['malformed']);
    });

    it('hands on nothing of a key that bounces off in the middle', async () => {
      await start();
      simulator.touch(KEY, 100);
      await eventually('the contact was looked at', () => simulator.resets > 0);
      await looks(3);
      expect(scans).to.deep.equal([]);
      simulator.touch(KEY);
      await eventually('the key', () => scans.length > 0);
      expect(rejected).to.deep.equal([]);
    });

    for (const answers of ['byte-by-byte', 'after-garbage'] as const) {
      it(`reads a key from answers that come ${answers}`, async () => {
        await start();
        simulator.answers = answers;
        simulator.touch(KEY);
        await eventually('the key', () => scans.length > 0);
        expect(rejected).to.deep.equal([]);
      });
    }

    for (const { answers, reasons } of [
      { answers: 'bit-turned', reasons: ['checksum'] },
      { answers: 'cut-off', reasons: [] },
      { answers: 'none', reasons: [] },
    ] as const) {
      it(`hands on nothing of answers that are ${answers}, and reads the key once they are whole`, async () => {
        await start({ replyMilliseconds: 50 });
        simulator.answers = answers;
        simulator.touch(KEY);
        await looks(4);
        expect(scans).to.deep.equal([]);
        simulator.answers = 'whole';
        await eventually('the key', () => scans.length > 0);
        expect(rejected).to.deep.equal(reasons);
      });
    }

    it('gets an adapter to work that another program left in the middle of a search', async () => {
      await start();
      simulator.leaveInSearch();
      simulator.touch(KEY);
      await eventually('the key', () => scans.length > 0);
      expect(new Set(scans)).to.deep.equal(new Set([`ibutton ${KEY}`]));
    });

    it('calibrates anew after the supply was away for a moment', async () => {
      await start({ replyMilliseconds: 50 });
      atScan = () => {
        if (scans.length === 1) simulator.cutSupply();
      };
      simulator.touch(KEY);
      await eventually('the key again', () => scans.length >= 2);
      expect(simulator.calibrated).to.equal(true);
    });

    it('calibrates anew after the adapter was unplugged and plugged in again', async () => {
      await start();
      simulator.touch(KEY);
      await eventually('the key', () => scans.length > 0);
      await wired.unplug();
      await eventually('the line is lost', () => wired.bus.health.state !== 'connected');
      simulator.cutSupply();
      scans.length = 0;
      await wired.plug();
      await eventually('the key again', () => scans.length > 0);
      expect(simulator.calibrated).to.equal(true);
    });

    it('passes over what the line brings unasked', async () => {
      await start();
      await looks(1);
      simulator.sendRaw(Buffer.from('cdf0cdcfcc00', 'hex'));
      simulator.touch(KEY);
      await eventually('the key', () => scans.length > 0);
      expect(new Set(scans)).to.deep.equal(new Set([`ibutton ${KEY}`]));
    });

    it('hears nothing once it is stopped', async () => {
      await start();
      simulator.touch(KEY);
      await eventually('the key', () => scans.length > 0);
      await reader.stop();
      const { length } = scans;
      await wired.bus.exchange({
        frame: Buffer.of(0xc1),
        priority: 'poll',
        purpose: 'a reset of our own',
        accept: (bytes) => bytes.includes(0xcd) || undefined,
        replyWithin: 5_000,
        retries: 0,
      });
      expect(scans).to.have.length(length);
    });
  });
}

describe('DS2480B', () => {
  it('looks for keys often enough that the time of contact is known', async () => {
    const clock = new ManualClock();
    const simulator = new Ds2480bSimulator();
    const transport = new FlowTransport();
    // Each byte takes its ten bits at 9600 Bd, there and back.
    const onTheWire = (bytes: Buffer, arrive: () => void): unknown =>
      clock.after((bytes.length * 10_000) / driver.line.baudRate, arrive);
    simulator.connect((bytes) => onTheWire(bytes, () => transport.receive(bytes)));
    transport.connect((bytes) => void onTheWire(bytes, () => simulator.receive(bytes)));
    const bus = new Bus({ id: 'flow', transport, clock });
    const reader = driver.create({ id: 'contact', bus, settings: {}, clock });
    const seen: number[] = [];
    reader.start({
      scanned: ({ value }) => {
        if (value === KEY) seen.push(clock.monotonic());
      },
      rejected: () => {},
    });
    bus.start();
    for (const key of [KEY, CLONE, OTHER]) simulator.touch(key);
    await clock.advance(2_000);
    expect(driver.repeats).to.equal(true);
    expect(seen.length).to.be.greaterThan(8);
    const pauses = seen.slice(1).map((at, index) => at - (seen[index] ?? 0));
    expect(Math.max(...pauses)).to.be.at.most(250);
    await reader.stop();
    await bus.stop();
    simulator.close();
  });
});
