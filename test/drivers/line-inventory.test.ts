import { expect } from 'chai';
import { Bus } from '../../drivers/bus.ts';
import { driver } from '../../drivers/line-inventory/index.ts';
import { FlowTransport } from '../../drivers/transport/flow.ts';
import type { InventoryReport, ItemReader, ItemReaderListener } from '../../gateway/ports.ts';
import { type LineInventoryOptions, LineInventorySimulator } from '../../simulators/line-inventory.ts';
import { eventually } from '../support/eventually.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { realClock } from '../support/real-clock.ts';
import { driverErrorOf } from './driver-error.ts';
import { WIRINGS, type WiredBus } from './lines.ts';

/** Quick, so that a silent reader is seen within a test. */
const QUICK = { replyMilliseconds: 50, silentPollMilliseconds: 100 };

class Heard {
  readonly reports: InventoryReport[] = [];
  readonly answering: boolean[] = [];
  readonly listener: ItemReaderListener = {
    report: (report) => this.reports.push(report),
    answering: (answers) => this.answering.push(answers),
  };

  /** What was said last of an antenna. */
  tagsAt(antenna: number): readonly string[] | undefined {
    return this.reports.findLast((report) => report.antenna === antenna)?.tags;
  }
}

for (const { name, wire } of WIRINGS) {
  describe(`Item reader over ${name}`, () => {
    let simulator: LineInventorySimulator;
    let wired: WiredBus;
    let reader: ItemReader;
    let heard: Heard;

    async function start(options: LineInventoryOptions = {}, settings: object = {}): Promise<void> {
      simulator = new LineInventorySimulator(options);
      wired = await wire(simulator, driver.line);
      heard = new Heard();
      reader = driver.create({
        id: 'items',
        bus: wired.bus,
        antennas: [0, 1, 4],
        settings: { ...QUICK, ...settings },
        clock: realClock,
      });
      reader.start(heard.listener);
      wired.bus.start();
      await eventually('the line is connected', () => isConnected());
    }

    const isConnected = (): boolean => wired.bus.health.state === 'connected' && simulator.connections > 0;
    const firstRound = (): Promise<void> =>
      eventually('every antenna was heard', () => [0, 1, 4].every((antenna) => heard.tagsAt(antenna)));

    afterEach(async () => {
      await reader.stop();
      await wired.close();
    });

    it('asks every antenna that watches a compartment, and no other', async () => {
      await start();
      await firstRound();
      expect([...new Set(simulator.requests)]).to.have.members([0, 1, 4]);
      expect(heard.reports[0]).to.deep.equal({ antenna: 0, kind: 'rfid', tags: [] });
      expect(heard.answering).to.deep.equal([true]);
      expect(simulator.garbage).to.equal(0);
    });

    it('hands on what is put in and taken out, as soon as the reader tells', async () => {
      await start();
      await firstRound();
      simulator.put(4, 'e2003412');
      simulator.put(4, 'E2 00 34 13');
      simulator.put(3, 'E2003414');
      await eventually('two tags', () => heard.tagsAt(4)?.length === 2);
      expect(heard.tagsAt(4)).to.deep.equal(['E2003412', 'E2003413']);
      simulator.take(4, 'e2003412');
      await eventually('one tag', () => heard.tagsAt(4)?.length === 1);
      expect(heard.tagsAt(3), 'an antenna without a compartment').to.equal(undefined);
    });

    it('asks again in rounds where a reader does not tell by itself', async () => {
      await start({ tells: false }, { pollMilliseconds: 100 });
      await firstRound();
      simulator.put(1, 'E2003412');
      await eventually('the tag', () => heard.tagsAt(1)?.length === 1);
    });

    it('reads one antenna at once where it is told to', async () => {
      await start({ tells: false, replyMilliseconds: 5 });
      await firstRound();
      simulator.put(4, 'E2003412');
      await reader.refresh(4);
      expect(heard.tagsAt(4)).to.deep.equal(['E2003412']);
    });

    it('refuses to read an antenna that watches nothing', async () => {
      await start();
      const error = await driverErrorOf(reader.refresh(2));
      expect(error.code).to.equal('unknown-antenna');
      expect(error.message).to.include('"items"').and.include('antenna 2');
      expect(simulator.requests).to.not.include(2);
    });

    it('tries three times, and says that there is no answer', async () => {
      await start();
      await firstRound();
      simulator.setDeaf(1, true);
      const before = simulator.requests.length;
      const error = await driverErrorOf(reader.refresh(1));
      expect(error.code).to.equal('no-answer');
      expect(simulator.requests.slice(before)).to.deep.equal([1, 1, 1]);
      await reader.refresh(4);
      expect(heard.answering, 'the reader is not silent').to.deep.equal([true]);
    });

    it('does not take what was told unasked for the answer', async () => {
      await start();
      await firstRound();
      simulator.setDeaf(1, true);
      const refreshed = driverErrorOf(reader.refresh(1));
      simulator.sendRaw(Buffer.from('I1:;C21D\r\n', 'latin1'));
      expect((await refreshed).code).to.equal('no-answer');
    });

    for (const quality of ['split', 'after-garbage'] as const) {
      it(`reads lines that come ${quality}`, async () => {
        await start();
        simulator.lines = quality;
        simulator.put(0, 'E2003412');
        await reader.refresh(0);
        expect(heard.tagsAt(0)).to.deep.equal(['E2003412']);
      });
    }

    for (const quality of ['wrong-sum', 'cut-off'] as const) {
      it(`takes lines that come ${quality} for none, and asks everything anew`, async () => {
        await start();
        await firstRound();
        simulator.lines = quality;
        simulator.put(0, 'E2003412');
        simulator.lines = 'whole';
        simulator.sendRaw(Buffer.from('\r\n'));
        await eventually('the tag', () => heard.tagsAt(0)?.length === 1);
      });
    }

    it('works on a line that returns what it sends', async () => {
      await start({ echo: true });
      simulator.put(4, 'E2003412');
      await reader.refresh(4);
      expect(heard.tagsAt(4)).to.deep.equal(['E2003412']);
      expect(heard.answering).to.deep.equal([true]);
    });

    it('says once that the reader is silent, and once that it answers again', async () => {
      await start({}, { pollMilliseconds: 100 });
      await firstRound();
      simulator.setSilent(true);
      await eventually('the reader is silent', () => heard.answering.includes(false));
      simulator.setSilent(false);
      await eventually('the reader answers', () => heard.answering.length === 3);
      expect(heard.answering).to.deep.equal([true, false, true]);
    });

    it('learns at once what was moved while the reader was silent', async () => {
      await start({ tells: false }, { pollMilliseconds: 100, replyMilliseconds: 20 });
      await firstRound();
      simulator.setSilent(true);
      await eventually('the reader is silent', () => heard.answering.includes(false));
      for (const antenna of [0, 1, 4]) simulator.put(antenna, 'E2003412');
      simulator.setSilent(false);
      await eventually('every antenna is known', () =>
        [0, 1, 4].every((each) => heard.tagsAt(each)?.length === 1),
      );
    });

    it('asks the others too while one antenna does not answer', async () => {
      await start({ tells: false }, { pollMilliseconds: 100, replyMilliseconds: 20 });
      simulator.setDeaf(0, true);
      simulator.put(4, 'E2003412');
      await eventually('the tag', () => heard.tagsAt(4)?.length === 1);
      await eventually('another round', () => simulator.requests.filter((each) => each === 4).length > 2);
      expect(heard.answering, 'the reader is not silent').to.deep.equal([true]);
    });

    it('lets in between what somebody waits for while an antenna is tried', async () => {
      await start({ tells: false }, { replyMilliseconds: 500 });
      await firstRound();
      simulator.setDeaf(0, true);
      simulator.requests.length = 0;
      simulator.sendRaw(Buffer.from('no report\r\n'));
      await eventually('the deaf antenna is asked', () => simulator.requests.length > 0);
      await reader.refresh(4);
      expect(simulator.requests.filter((each) => each === 0)).to.have.length.below(3);
    });

    it('asks every antenna again after the line was away', async () => {
      await start({ tells: false });
      await firstRound();
      await wired.unplug();
      await eventually('the line is lost', () => wired.bus.health.state === 'lost');
      expect((await driverErrorOf(reader.refresh(0))).code).to.equal('not-connected');
      simulator.put(0, 'E2003412');
      await wired.plug();
      await eventually('the tag', () => heard.tagsAt(0)?.length === 1);
    });

    it('reads printed codes too', async () => {
      await start({}, { tags: 'qr' });
      simulator.put(0, ' Wiertarka, nr 7; 100% ');
      await reader.refresh(0);
      expect(heard.reports.at(-1)).to.deep.equal({
        antenna: 0,
        kind: 'qr',
        tags: ['Wiertarka, nr 7; 100%'],
      });
    });

    it('hears nothing once it is stopped', async () => {
      await start();
      await firstRound();
      await reader.stop();
      const { length } = heard.reports;
      const bytes: Buffer[] = [];
      wired.bus.onBytes((chunk) => bytes.push(chunk));
      simulator.put(0, 'E2003412');
      await eventually('the bytes are there', () => Buffer.concat(bytes).length > 10);
      expect(heard.reports).to.have.length(length);
    });
  });
}

describe('Item reader without antennas', () => {
  it('asks for nothing and leaves no timer', async () => {
    const clock = new ManualClock();
    const bus = new Bus({ id: 'x', transport: new FlowTransport(), clock });
    const reader = driver.create({ id: 'items', bus, antennas: [], settings: {}, clock });
    reader.start(new Heard().listener);
    expect(clock.pending).to.equal(0);
    await reader.stop();
  });
});
