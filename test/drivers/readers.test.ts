import { expect } from 'chai';
import type { ReaderDriver } from '../../drivers/driver.ts';
import { driver as keypadDriver } from '../../drivers/keypad/index.ts';
import { driver as lineDriver } from '../../drivers/line-reader/index.ts';
import { driver as rdm6300Driver } from '../../drivers/rdm6300/index.ts';
import type { CredentialReader, Scan } from '../../gateway/ports.ts';
import { KeypadSimulator } from '../../simulators/keypad.ts';
import { LineReaderSimulator } from '../../simulators/line-reader.ts';
import { Rdm6300Simulator } from '../../simulators/rdm6300.ts';
import type { Simulator } from '../../simulators/simulator.ts';
import { eventually } from '../support/eventually.ts';
import { realClock } from '../support/real-clock.ts';
import { WIRINGS, type WiredBus } from './lines.ts';

for (const { name, wire } of WIRINGS) {
  describe(`Readers over ${name}`, () => {
    let wired: WiredBus;
    let reader: CredentialReader;
    let scans: Scan[];
    let rejected: string[];

    async function start(
      driver: ReaderDriver,
      simulator: Simulator & { readonly connections: number },
      settings: Readonly<Record<string, unknown>> = {},
    ): Promise<void> {
      scans = [];
      rejected = [];
      wired = await wire(simulator, driver.line);
      reader = driver.create({ id: 'r1', bus: wired.bus, settings, clock: realClock });
      reader.start({
        scanned: (scan) => scans.push(scan),
        rejected: (reason) => rejected.push(reason),
      });
      wired.bus.start();
      await eventually('the line is connected', () => connected(simulator));
    }

    const connected = (simulator: { readonly connections: number }): boolean =>
      wired.bus.health.state === 'connected' && simulator.connections > 0;

    afterEach(async () => {
      await reader.stop();
      await wired.close();
    });

    it('hands on the card held to an RDM6300', async () => {
      const simulator = new Rdm6300Simulator(5);
      await start(rdm6300Driver, simulator);
      await simulator.presentCard('62E3086CED');
      await eventually('a scan', () => scans.length === 1);
      expect(scans).to.deep.equal([{ kind: 'card', value: '62E3086CED' }]);
    });

    it('hands on every frame of a card that stays', async () => {
      const simulator = new Rdm6300Simulator(5);
      await start(rdm6300Driver, simulator);
      const frames = await simulator.presentCard('01000734E0', { heldMilliseconds: 20 });
      expect(frames).to.equal(5);
      await eventually('all scans', () => scans.length === frames);
      expect(new Set(scans.map((scan) => scan.value))).to.deep.equal(new Set(['01000734E0']));
    });

    it('puts a frame together that comes byte by byte', async () => {
      const simulator = new Rdm6300Simulator();
      await start(rdm6300Driver, simulator);
      await simulator.presentCard('3C00CE754C', { chunk: 1 });
      await eventually('a scan', () => scans.length === 1);
      expect(scans[0]?.value).to.equal('3C00CE754C');
    });

    for (const { broken, reasons } of [
      { broken: 'checksum', reasons: ['checksum'] },
      { broken: 'digit', reasons: ['malformed'] },
      { broken: 'cut-off', reasons: ['malformed'] },
    ] as const) {
      it(`refuses a frame with a spoilt ${broken}, and reads the next card`, async () => {
        const simulator = new Rdm6300Simulator();
        await start(rdm6300Driver, simulator);
        await simulator.presentCard('62E3086CED', { broken });
        await simulator.presentCard('01000734E0');
        await eventually('a scan', () => scans.length === 1);
        expect(scans[0]?.value).to.equal('01000734E0');
        expect(rejected).to.deep.equal(reasons);
      });
    }

    it('reads on after the line was taken away in the middle of a frame', async () => {
      const simulator = new Rdm6300Simulator();
      await start(rdm6300Driver, simulator);
      simulator.sendRaw(Buffer.from('\x0262E30'));
      await wired.unplug();
      await eventually('the bus is lost', () => wired.bus.health.state === 'lost');
      await wired.plug();
      await eventually('the line is connected', () => connected(simulator));
      await simulator.presentCard('01000734E0');
      await eventually('a scan', () => scans.length === 1);
      expect(scans[0]?.value).to.equal('01000734E0');
    });

    it('hands on a PIN typed on a keypad', async () => {
      const simulator = new KeypadSimulator(1);
      await start(keypadDriver, simulator);
      await simulator.type('99*');
      await simulator.enterPin('123456');
      await simulator.enterPin('0007', '\r\n');
      await eventually('two scans', () => scans.length === 2);
      expect(scans).to.deep.equal([
        { kind: 'pin', value: '123456' },
        { kind: 'pin', value: '0007' },
      ]);
      expect(rejected).to.deep.equal([]);
    });

    it('hands on what a scanner reads, each as what its prefix says', async () => {
      const simulator = new LineReaderSimulator({ end: '\r\n' });
      await start(lineDriver, simulator, { end: 'CRLF' });
      await simulator.scan(']Q1https://example.org/żółw');
      await simulator.scan(']E05901234123457', 1);
      await simulator.scan('no prefix', 4);
      await eventually('three scans', () => scans.length === 3);
      expect(scans).to.deep.equal([
        { kind: 'qr', value: 'https://example.org/żółw' },
        { kind: 'barcode', value: '5901234123457' },
        { kind: 'barcode', value: 'no prefix' },
      ]);
      expect(rejected).to.deep.equal([]);
    });

    it('hands on cards and iButtons of readers that send lines', async () => {
      const simulator = new LineReaderSimulator({ start: '\x02', end: '\r\n\x03' });
      await start(lineDriver, simulator, { kind: 'card', start: 'STX', end: 'ETX' });
      simulator.sendRaw(Buffer.from('noise\x0299'));
      await simulator.scan('04a2b3c4');
      await simulator.scan('not a card');
      await eventually('a scan', () => scans.length === 1 && rejected.length === 2);
      expect(scans).to.deep.equal([{ kind: 'card', value: '04A2B3C4' }]);
      expect(rejected).to.deep.equal(['malformed', 'malformed']);
    });

    it('forgets a line that does not go on, and reads the next one', async () => {
      const simulator = new LineReaderSimulator();
      await start(lineDriver, simulator, { kind: 'ibutton', idleMilliseconds: 50 });
      simulator.sendRaw(Buffer.from('01606C'));
      await eventually('the rest is given up', () => rejected.length === 1);
      await simulator.scan('01606CBF03000021');
      await eventually('a scan', () => scans.length === 1);
      expect(scans[0]).to.deep.equal({ kind: 'ibutton', value: '01606CBF03000021' });
    });

    it('forgets a line that broke off with the connection', async () => {
      const simulator = new LineReaderSimulator();
      await start(lineDriver, simulator, { idleMilliseconds: 10_000 });
      simulator.sendRaw(Buffer.from('590123'));
      await wired.unplug();
      await eventually('the bus is lost', () => wired.bus.health.state === 'lost');
      await wired.plug();
      await eventually('the line is connected', () => connected(simulator));
      await simulator.scan('5901234123457');
      await eventually('a scan', () => scans.length === 1);
      expect(scans[0]?.value).to.equal('5901234123457');
    });

    it('hears nothing once it is stopped', async () => {
      const simulator = new Rdm6300Simulator();
      await start(rdm6300Driver, simulator);
      const bytes: Buffer[] = [];
      wired.bus.onBytes((chunk) => bytes.push(chunk));
      await reader.stop();
      await simulator.presentCard('62E3086CED');
      await eventually('the bytes are there', () => Buffer.concat(bytes).length === 14);
      expect(scans).to.deep.equal([]);
    });
  });
}
