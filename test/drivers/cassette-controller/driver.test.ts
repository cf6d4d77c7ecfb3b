import { expect } from 'chai';
import type { SignalPattern } from '../../../domain/cassette/signal.ts';
import { driver } from '../../../drivers/cassette-controller/index.ts';
import type { CassetteController } from '../../../gateway/ports.ts';
import type { CassetteControllerOptions } from '../../../simulators/cassette-controller/options.ts';
import { CassetteControllerSimulator } from '../../../simulators/cassette-controller.ts';
import { eventually } from '../../support/eventually.ts';
import { realClock } from '../../support/real-clock.ts';
import { driverErrorOf } from '../driver-error.ts';
import { WIRINGS, type WiredBus } from '../lines.ts';
import { Heard, keyOf } from './listening.ts';

/** Polls often, and waits long enough for a machine that is busy with something else. */
const PATIENT = { pollMilliseconds: 50, answerWithinMilliseconds: 1_000, silentPollMilliseconds: 100 };
/** For whatever is told by an answer that does not come. */
const QUICK = { ...PATIENT, answerWithinMilliseconds: 100 };

const KEY = keyOf(0x11);
const OTHER_KEY = keyOf(0x22);
const DS1990A = '01606CBF03000021';
const NO_ROM = '01FA525810000010';

for (const { name, wire } of WIRINGS) {
  describe(`Cassette controller over ${name}`, () => {
    let simulator: CassetteControllerSimulator;
    let wired: WiredBus;
    let controller: CassetteController;
    let heard: Heard;

    async function start(
      settings: Readonly<Record<string, unknown>> = PATIENT,
      options: Partial<CassetteControllerOptions> = {},
    ): Promise<void> {
      simulator = new CassetteControllerSimulator({
        address: 7,
        key: KEY,
        inhibited: false,
        // Nothing happens by itself while the machine is busy with something else.
        idleMilliseconds: 500,
        preparedMilliseconds: 60_000,
        linkLossMilliseconds: 60_000,
        blowMilliseconds: 60_000,
        ...options,
      });
      wired = await wire(simulator, driver.line);
      heard = new Heard();
      controller = driver.create({
        id: 'c1',
        bus: wired.bus,
        address: 7,
        settings,
        key: KEY,
        clock: realClock,
      });
      controller.start(heard.listener);
      wired.bus.start();
      await eventually('the line is connected', () => wired.bus.health.state === 'connected');
    }

    const linked = (): Promise<void> => eventually('a link', () => heard.linked);
    const nextSample = async (): Promise<void> => {
      const before = heard.samples.length;
      await eventually('another sample', () => heard.samples.length > before);
    };

    afterEach(async () => {
      await controller.stop();
      await wired.close();
    });

    it('links, and hands on everything that the controller measures', async () => {
      await start();
      await linked();
      simulator.openLid();
      simulator.setGas(12);
      simulator.setTilt(180);
      simulator.setLight(65_535);
      simulator.setTemperature(-128);
      simulator.insert();
      simulator.setNotes('absent');
      simulator.setBattery('low');
      simulator.setPower('battery');
      simulator.setInk('fault');
      simulator.setTrigger('unknown');
      await eventually('the trigger', () => heard.latest?.trigger === 'unknown');
      expect(heard.latest).to.deep.equal({
        lidOpen: true,
        brokenIn: false,
        shocks: [],
        displaced: false,
        gas: 12,
        tilt: 180,
        light: 65_535,
        temperature: -128,
        inMachine: true,
        notes: 'absent',
        battery: 'low',
        power: 'battery',
        ink: 'fault',
        trigger: 'unknown',
        selfTest: 'not-run',
        stainer: 'ready',
      });
      expect(heard.links.filter((up) => up)).to.deep.equal([true]);
      expect(heard.faults).to.deep.equal([]);
      expect(simulator.garbage).to.equal(0);
    });

    it('leaves out what the controller has no sensor for', async () => {
      await start();
      await linked();
      simulator.setGas(undefined);
      simulator.setTilt(undefined);
      simulator.setLight(undefined);
      simulator.setTemperature(undefined);
      await eventually(
        'no thermometer',
        () => heard.latest !== undefined && !('temperature' in heard.latest),
      );
      expect(heard.latest).to.not.have.any.keys('gas', 'tilt', 'light', 'temperature');
    });

    it('says with every sample which keys are at the reader, valid or not', async () => {
      await start();
      await linked();
      simulator.touchKey(DS1990A.toLowerCase());
      await eventually('the key, twice', () => heard.keys.length >= 2);
      expect(new Set(heard.keys)).to.deep.equal(new Set([DS1990A]));
      simulator.touchKey(NO_ROM);
      await eventually('both keys', () => heard.keys.includes(NO_ROM));
      simulator.leaveKey();
      await nextSample();
      await nextSample();
      const said = heard.keys.length;
      await nextSample();
      expect(heard.keys.length).to.equal(said);
    });

    it('fires in two steps with one ticket, once', async () => {
      await start();
      await linked();
      await controller.prepare(4_294_967_295);
      await eventually('prepared', () => heard.latest?.stainer === 'prepared');
      await controller.fire(4_294_967_295);
      expect([simulator.firings, simulator.stainer]).to.deep.equal([1, 'fired']);
      await eventually('fired', () => heard.latest?.stainer === 'fired');
      for (const order of [controller.prepare(2), controller.fire(4_294_967_295)]) {
        const error = await driverErrorOf(order);
        expect(error.code).to.equal('refused');
        expect(error.message).to.include('"c1"').and.include('spent');
      }
      expect(simulator.firings).to.equal(1);
    });

    it('cuts the trigger off and connects it, plays signals, switches the output, and tests itself', async () => {
      await start(PATIENT, { selfTestMilliseconds: 5 });
      await linked();
      await controller.inhibit(true);
      expect(simulator.stainer).to.equal('inhibited');
      expect((await driverErrorOf(controller.prepare(1))).message).to.include('inhibited');
      await controller.inhibit(false);
      expect(simulator.stainer).to.equal('ready');
      const pattern: SignalPattern = {
        steps: [
          { led: 'green', tone: 20_000, lasts: 60_000 },
          { led: 'amber', tone: 0, lasts: 10 },
        ],
        repeat: true,
      };
      await controller.signal(pattern);
      expect(simulator.signalled).to.deep.equal(pattern);
      expect(simulator.shown).to.deep.equal({ led: 'green', tone: 20_000 });
      await controller.antiGas(true);
      expect(simulator.antiGasOn).to.equal(true);
      await controller.antiGas(false);
      expect(simulator.antiGasOn).to.equal(false);
      await controller.selfTest();
      await eventually('the self-test', () => heard.latest?.selfTest === 'passed');
      simulator.setInk('fault');
      await controller.selfTest();
      await eventually('a self-test that failed', () => heard.latest?.selfTest === 'failed');
      expect(simulator.firings).to.equal(0);
    });

    it('asks for a sample at once where it is told to', async () => {
      await start({ ...PATIENT, pollMilliseconds: 1_000 });
      await linked();
      simulator.openLid();
      await controller.sample();
      expect(heard.latest?.lidOpen).to.equal(true);
    });

    it('loses no blow and tells none twice, whatever replies are lost', async () => {
      await start(QUICK);
      await linked();
      const blows = Array.from({ length: 6 }, (_, index) => 1_000 + index);
      for (const [index, blow] of blows.entries()) {
        if (index % 3 === 0) simulator.spoilReplies('drop', 1, 'sample');
        simulator.blow(blow);
        await eventually(`the blow ${blow}`, () => heard.blows.includes(blow));
      }
      await nextSample();
      expect(heard.blows).to.deep.equal(blows);
    });

    it('hears of a lid that was opened and closed between two samples, though a reply is lost', async () => {
      await start(QUICK);
      await linked();
      simulator.spoilReplies('drop', 1, 'sample');
      simulator.openLid();
      simulator.closeLid();
      simulator.breakIn();
      simulator.repairShell();
      simulator.displace();
      simulator.putBack();
      const active = { lidOpen: true, brokenIn: true, displaced: true };
      const found = (): number =>
        heard.samples.filter((each) => each.lidOpen && each.brokenIn && each.displaced).length;
      await eventually('a sample with all three', () => found() > 0);
      await nextSample();
      await nextSample();
      expect(found()).to.equal(1);
      expect(heard.latest).to.not.include(active);
    });

    it('fires once where the reply to the order is lost', async () => {
      await start({ ...PATIENT, answerWithinMilliseconds: 200, retries: 5 });
      await linked();
      simulator.spoilReplies('drop', 1, 'prepare');
      simulator.spoilReplies('drop', 2, 'fire');
      await controller.prepare(5);
      await controller.fire(5);
      expect(simulator.firings).to.equal(1);
      const orders = simulator.requests.filter((request) => request.name === 'fire');
      expect(orders.length).to.be.at.least(3);
      expect(new Set(orders.map(({ bytes }) => bytes.toString('hex'))).size, 'different frames').to.equal(1);
    });

    it('says so where no reply to the order to fire comes, and asks no more by itself', async () => {
      await start({ ...QUICK, missedPolls: 10 });
      await linked();
      await controller.prepare(5);
      simulator.spoilReplies('drop', 3, 'fire');
      const error = await driverErrorOf(controller.fire(5));
      expect(error.code).to.equal('no-answer');
      await eventually('a sample that tells', () => heard.latest?.stainer === 'fired');
      const orders = simulator.requests.filter((request) => request.name === 'fire');
      expect(new Set(orders.map(({ bytes }) => bytes.toString('hex'))).size).to.equal(1);
      expect(simulator.firings).to.equal(1);
    });

    it('refuses to fire with another ticket, and what was prepared falls back', async () => {
      await start();
      await linked();
      expect((await driverErrorOf(controller.fire(9))).message).to.include('not-prepared');
      await controller.prepare(8);
      expect((await driverErrorOf(controller.fire(9))).message).to.include('wrong-ticket');
      expect(simulator.stainer).to.equal('ready');
      expect((await driverErrorOf(controller.fire(8))).message).to.include('not-prepared');
      expect(simulator.firings).to.equal(0);
    });

    it('does not fire what was prepared too long ago, nor what was cut off in between', async () => {
      await start(PATIENT, { preparedMilliseconds: 20 });
      await linked();
      await controller.prepare(8);
      await eventually('it falls back', () => simulator.stainer === 'ready');
      expect((await driverErrorOf(controller.fire(8))).message).to.include('not-prepared');
      await controller.prepare(8);
      await controller.inhibit(true);
      await controller.inhibit(false);
      expect((await driverErrorOf(controller.fire(8))).message).to.include('not-prepared');
      expect(simulator.firings).to.equal(0);
    });

    for (const how of ['corrupt', 'truncate', 'split', 'after-garbage'] as const) {
      it(`gets along with replies that come ${how}`, async () => {
        await start({ ...PATIENT, answerWithinMilliseconds: 300 });
        await linked();
        const before = heard.samples.length;
        simulator.spoilReplies(how, 1, 'sample');
        simulator.blow(700);
        await eventually('the blow', () => heard.blows.length > 0);
        await eventually('more samples', () => heard.samples.length > before + 4);
        expect(heard.blows).to.deep.equal([700]);
        expect(heard.faults.filter((fault) => fault !== 'malformed')).to.deep.equal([]);
        if (how !== 'split') expect(heard.faults).to.include('malformed');
      });
    }

    it('takes an echo of its requests for no reply', async () => {
      await start(PATIENT, { echo: true, replyMilliseconds: 2 });
      await linked();
      await controller.prepare(1);
      await controller.fire(1);
      expect(simulator.firings).to.equal(1);
      expect(heard.faults).to.deep.equal([]);
    });

    it('tells once that the link is lost, and links anew by itself', async () => {
      await start(QUICK);
      await linked();
      simulator.setSilent(true);
      await eventually('no link', () => !heard.linked);
      const error = await driverErrorOf(controller.prepare(1));
      expect(error.code).to.equal('not-linked');
      expect(error.message).to.include('"c1"');
      simulator.setSilent(false);
      await linked();
      expect(heard.links.slice(-3)).to.deep.equal([true, false, true]);
      await controller.prepare(1);
    });

    it('learns of a restart with the next request, and begins a new session', async () => {
      await start();
      await linked();
      await controller.prepare(3);
      simulator.restart();
      await eventually('a link that was lost', () => heard.links.filter((up) => !up).length > 0);
      await linked();
      expect((await driverErrorOf(controller.fire(3))).message).to.include('not-prepared');
      expect(simulator.firings).to.equal(0);
      simulator.blow(800);
      await eventually('the blow', () => heard.blows.length === 1);
    });

    it('goes on by itself after the line was taken away and put back', async () => {
      await start(QUICK);
      await linked();
      simulator.blow(900);
      await eventually('the blow', () => heard.blows.length === 1);
      await wired.unplug();
      await eventually('no link', () => !heard.linked);
      simulator.blow(901);
      await wired.plug();
      await linked();
      await nextSample();
      expect(heard.blows).to.deep.equal([900, 901]);
    });

    it('believes nobody with another key, and says what is wrong', async () => {
      await start(QUICK, { key: OTHER_KEY });
      await eventually('a frame that is not authentic', () => heard.faults.includes('not-authentic'));
      await eventually('a link known to be down', () => heard.links.includes(false));
      expect(heard.samples).to.deep.equal([]);
      expect(simulator.linked).to.equal(false);
      simulator.setKey(KEY);
      await linked();
    });

    it('asks no more once it is stopped', async () => {
      await start();
      await linked();
      await controller.stop();
      await wired.bus.stop();
      const asked = simulator.requests.length;
      expect((await driverErrorOf(controller.sample())).code).to.equal('not-linked');
      expect(simulator.requests.length).to.equal(asked);
    });
  });
}
