import { expect } from 'chai';
import { driver } from '../../drivers/kerong-cu48/index.ts';
import type { DoorReport, LockBoard } from '../../gateway/ports.ts';
import { type Cu48Options, Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { eventually } from '../support/eventually.ts';
import { realClock } from '../support/real-clock.ts';
import { driverErrorOf } from './driver-error.ts';
import { WIRINGS, type WiredBus } from './lines.ts';

/** Times cut short, so that a silent board is known within a test. */
const QUICK = {
  pollMilliseconds: 30,
  fastPollMilliseconds: 20,
  silentPollMilliseconds: 40,
  replyMilliseconds: 80,
  retries: 1,
};

/** A busy computer must not look like a second request in flight. */
const PATIENT = { replyMilliseconds: 2_000 };

class Heard {
  readonly reports: DoorReport[] = [];
  readonly answering: boolean[] = [];

  readonly listener = {
    report: (doors: DoorReport): void => {
      this.reports.push(doors);
    },
    answering: (answers: boolean): void => {
      this.answering.push(answers);
    },
  };

  get openDoors(): number[] {
    return [...(this.reports.at(-1) ?? [])].flatMap(([lock, door]) => (door === 'open' ? [lock] : []));
  }
}

for (const { name, wire } of WIRINGS) {
  describe(`Kerong CU48 over ${name}`, () => {
    let simulator: Cu48Simulator;
    let wired: WiredBus;
    const boards: LockBoard[] = [];

    async function start(options: Cu48Options = {}): Promise<void> {
      simulator = new Cu48Simulator({ openMilliseconds: 10, ...options });
      wired = await wire(simulator, driver.line);
      wired.bus.start();
      await eventually('the bus is connected', () => wired.bus.health.state === 'connected');
    }

    function board(settings: object = {}, address = 0): { board: LockBoard; heard: Heard } {
      const made = driver.create({
        id: `b${address}`,
        bus: wired.bus,
        address,
        settings: { ...QUICK, ...settings },
        clock: realClock,
      });
      const heard = new Heard();
      made.start(heard.listener);
      boards.push(made);
      return { board: made, heard };
    }

    afterEach(async () => {
      await Promise.all(boards.splice(0).map((each) => each.stop()));
      await wired.close();
    });

    it('reports every lock of the board, then what changes', async () => {
      await start();
      const { heard } = board();
      await eventually('a first report', () => heard.reports.length > 0);
      expect(heard.answering).to.deep.equal([true]);
      expect([...(heard.reports[0]?.keys() ?? [])]).to.deep.equal(Array.from({ length: 48 }, (_, at) => at));
      expect(heard.openDoors).to.deep.equal([]);
      simulator.setDoor(0, true);
      simulator.setDoor(47, true);
      await eventually('two doors open', () => heard.openDoors.length === 2);
      expect(heard.openDoors).to.deep.equal([0, 47]);
      simulator.setDoor(0, false);
      await eventually('one door closed', () => heard.openDoors.length === 1);
    });

    it('pulses the one lock that it is told, and sees its door open', async () => {
      await start();
      const { board: made, heard } = board({ pollMilliseconds: 60_000, ...PATIENT });
      await eventually('a first report', () => heard.reports.length > 0);
      await made.unlock(17);
      await eventually('the door is seen open', () => heard.openDoors.includes(17));
      expect(simulator.pulses.map(({ address, lock }) => ({ address, lock }))).to.deep.equal([
        { address: 0, lock: 17 },
      ]);
      expect(simulator.overlaps).to.equal(0);
      expect(simulator.garbage).to.equal(0);
    });

    it('sends the pulse whatever the sensor says', async () => {
      await start();
      const { board: made, heard } = board();
      simulator.setDoor(5, true);
      await eventually('the door is seen open', () => heard.openDoors.includes(5));
      await made.unlock(5);
      await eventually('the pulse is there', () => simulator.pulses.length === 1);
    });

    it('reads sensors that are wired the other way round', async () => {
      await start({ closedBit: 0 });
      const { heard } = board({ closedBit: 0 });
      simulator.setDoor(3, true);
      await eventually('the door is seen open', () => heard.openDoors.length > 0);
      expect(heard.openDoors).to.deep.equal([3]);
    });

    it('works on a line that returns what it sends', async () => {
      await start({ echo: true });
      const { board: made, heard } = board();
      await made.unlock(2);
      await eventually('the door is seen open', () => heard.openDoors.includes(2));
      expect(heard.answering).to.deep.equal([true]);
    });

    it('does not take the echo of its own requests for an answer', async () => {
      await start({ echo: true });
      simulator.setSilent(true);
      const { heard } = board();
      await eventually('the board is silent', () => heard.answering.includes(false));
      expect(heard.reports).to.deep.equal([]);
    });

    for (const quality of ['split', 'after-garbage'] as const) {
      it(`reads replies that come ${quality}`, async () => {
        await start();
        simulator.replies = quality;
        const { heard } = board();
        simulator.setDoor(9, true);
        await eventually('the door is seen open', () => heard.openDoors.includes(9));
        expect(heard.answering).to.deep.equal([true]);
      });
    }

    for (const quality of ['wrong-sum', 'cut-off'] as const) {
      it(`takes replies that come ${quality} for none, and good ones after them at once`, async () => {
        await start();
        simulator.replies = quality;
        const { heard } = board();
        await eventually('the board is silent', () => heard.answering.includes(false));
        expect(heard.reports).to.deep.equal([]);
        simulator.replies = 'whole';
        await eventually('the board answers', () => heard.answering.includes(true));
        await eventually('a report', () => heard.reports.length > 0);
      });
    }

    it('says once that the board is silent, and once that it answers again', async () => {
      await start();
      const { heard } = board();
      await eventually('a first report', () => heard.reports.length > 0);
      simulator.setSilent(true);
      await eventually('the board is silent', () => heard.answering.length === 2);
      const reports = heard.reports.length;
      simulator.setSilent(false);
      await eventually('the board answers', () => heard.reports.length > reports + 3);
      expect(heard.answering).to.deep.equal([true, false, true]);
    });

    it('rejects an unlock with no-answer where the board is silent, having sent the pulse', async () => {
      await start();
      simulator.setMute(true);
      const { board: made, heard } = board();
      await eventually('the board is silent', () => heard.answering.includes(false));
      const error = await driverErrorOf(made.unlock(4));
      expect(error.code).to.equal('no-answer');
      expect(error.message).to.include('"b0"');
      expect(simulator.pulses).to.have.length(1);
      expect(simulator.pulses[0]).to.deep.include({ address: 0, lock: 4 });
    });

    it('resolves an unlock of a board that was silent and answers now', async () => {
      await start();
      simulator.setSilent(true);
      const { board: made, heard } = board({ silentPollMilliseconds: 60_000 });
      await eventually('the board is silent', () => heard.answering.includes(false));
      simulator.setSilent(false);
      await made.unlock(4);
      expect(heard.answering).to.deep.equal([false, true]);
      expect(simulator.pulses).to.have.length(1);
    });

    it('resolves an unlock whose door is stuck: the board answers, the door stays closed', async () => {
      await start();
      simulator.setStuck(6, true);
      const { board: made, heard } = board();
      await made.unlock(6);
      const reports = heard.reports.length;
      await eventually('more reports', () => heard.reports.length > reports + 3);
      expect(heard.openDoors).to.deep.equal([]);
      expect(simulator.pulses).to.have.length(1);
    });

    it('keeps boards of one line apart, one request in flight', async () => {
      await start({ addresses: [0, 1, 9], replyMilliseconds: 3 });
      const all = [0, 1, 9].map((address) => board(PATIENT, address));
      await Promise.all(all.map(({ board: made }, index) => made.unlock(10 + index)));
      await eventually('three doors are seen open', () =>
        all.every(({ heard }) => heard.openDoors.length > 0),
      );
      expect(all.map(({ heard }) => heard.openDoors)).to.deep.equal([[10], [11], [12]]);
      expect(simulator.overlaps).to.equal(0);
    });

    it('serves the others while one board is silent', async () => {
      await start({ addresses: [0, 1] });
      simulator.setSilent(true, 1);
      const { heard: silent } = board({}, 1);
      const { board: made, heard } = board({}, 0);
      await eventually('board 1 is silent', () => silent.answering.includes(false));
      await made.unlock(8);
      await eventually('the door is seen open', () => heard.openDoors.includes(8));
      expect(heard.answering).to.deep.equal([true]);
    });

    it('goes on by itself after the line was taken away and put back', async () => {
      await start();
      const { board: made, heard } = board();
      await eventually('a first report', () => heard.reports.length > 0);
      await wired.unplug();
      await eventually('the bus is lost', () => wired.bus.health.state === 'lost');
      await eventually('the board is silent', () => heard.answering.includes(false));
      expect((await driverErrorOf(made.unlock(1))).code).to.equal('not-connected');
      await wired.plug();
      await eventually('the bus is connected', () => wired.bus.health.state === 'connected');
      await eventually('the board answers', () => heard.answering.at(-1) === true);
      expect(simulator.pulses).to.deep.equal([]);
      await made.unlock(1);
      await eventually('the door is seen open', () => heard.openDoors.includes(1));
      expect(simulator.pulses).to.have.length(1);
    });

    it('refuses a lock and an address that a CU48 does not have', async () => {
      await start();
      const { board: made } = board();
      for (const lock of [-1, 48, 1.5, Number.NaN]) {
        expect((await driverErrorOf(made.unlock(lock))).code, String(lock)).to.equal('unknown-lock');
      }
      for (const address of [-1, 10, 0.5]) {
        expect(() => board({}, address), String(address)).to.throw(`address ${address}`);
      }
      expect(simulator.pulses).to.deep.equal([]);
    });

    it('polls no more once it is stopped', async () => {
      await start();
      const { board: made, heard } = board();
      await eventually('a first report', () => heard.reports.length > 0);
      await made.stop();
      const reports = heard.reports.length;
      const other = board({}, 0);
      await eventually('another listener hears', () => other.heard.reports.length > 5);
      expect(heard.reports).to.have.length(reports);
    });
  });
}
