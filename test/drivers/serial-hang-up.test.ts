import { once } from 'node:events';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { expect } from 'chai';
import type { SerialPort } from 'serialport';
import { DriverError } from '../../drivers/errors.ts';
import { SerialTransport } from '../../drivers/transport/serial.ts';
import { createSerialPort } from '../../drivers/transport/serial-port.ts';
import { LineReaderSimulator } from '../../simulators/line-reader.ts';
import { createPtyPair, type PtyPair } from '../../simulators/pty.ts';
import { attachSerial } from '../../simulators/serve.ts';
import { eventually } from '../support/eventually.ts';

const LINE = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;
const HUNG_UP_WITHIN_MILLISECONDS = 30_000;

/** Reads on until the terminal was hung up, and lets nothing else of this process run meanwhile. */
function blockUntilHungUp(descriptor: number): void {
  const end = performance.now() + HUNG_UP_WITHIN_MILLISECONDS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (performance.now() < end) {
    try {
      if (readSync(descriptor, Buffer.alloc(1)) === 0) return;
    } catch {
      // EAGAIN before it, EIO for a moment on the way to it.
    }
    Atomics.wait(pause, 0, 0, 1);
  }
  throw new Error('The terminal was not hung up.');
}

describe('Hang-up of a serial port', () => {
  let pair: PtyPair;

  beforeEach(async () => {
    pair = await createPtyPair();
  });

  afterEach(() => pair.close());

  it('is noticed while what was read is worked on, before the next read', async () => {
    // Opened first, so that the kernel hangs it up last: when it is hung up, the transport's is too.
    const witness = openSync(pair.gateway, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    const here = new SerialTransport(pair.gateway, LINE);
    const there = new SerialTransport(pair.device, LINE);
    const losses: Error[] = [];
    let heard = '';
    let unplugged: Promise<void> | undefined;
    const listener = {
      received: (bytes: Buffer): void => {
        heard += bytes.toString('latin1');
        if (unplugged !== undefined) return;
        unplugged = pair.unplug();
        blockUntilHungUp(witness);
      },
      lost: (error: Error): void => {
        losses.push(error);
      },
    };
    const deaf = { received: (): void => {}, lost: (): void => {} };
    try {
      await Promise.all([here.open(listener), there.open(deaf)]);
      await there.write(Buffer.from('5'));
      await eventually('the loss', () => losses.length > 0);
      expect(losses[0]).to.be.instanceOf(DriverError).with.property('code', 'connection-lost');
      expect(losses[0]?.message).to.equal(
        `serial port ${pair.gateway} (9600 8N1) was lost: the device is gone.`,
      );

      await unplugged;
      await there.close();
      await pair.plug();
      await Promise.all([here.open(listener), there.open(deaf)]);
      heard = '';
      await there.write(Buffer.from('again'));
      await eventually('bytes', () => heard === 'again');
      expect(losses).to.have.length(1);
    } finally {
      closeSync(witness);
      await here.close();
      await there.close();
    }
  });

  describe('at a port', () => {
    let port: SerialPort;

    beforeEach(async () => {
      port = createSerialPort({ path: pair.gateway, ...LINE });
      port.open();
      await once(port, 'open');
    });

    afterEach(async () => {
      if (!port.isOpen) return;
      port.close();
      await once(port, 'close');
    });

    it('is noticed where it came before the first read', async () => {
      await pair.unplug();
      const errors: (Error | null)[] = [];
      port.on('close', (error: Error | null) => errors.push(error));
      port.resume();
      await eventually('the port closes', () => errors.length > 0);
      expect(errors[0]).to.be.instanceOf(Error).with.property('message', 'the device is gone');
      expect(port.isOpen).to.equal(false);
    });

    it('is noticed where it comes while a read waits', async () => {
      const errors: (Error | null)[] = [];
      port.on('close', (error: Error | null) => errors.push(error));
      port.resume();
      await pair.unplug();
      await eventually('the port closes', () => errors.length > 0);
      expect(errors[0]).to.be.instanceOf(Error);
    });

    for (const reading of ['has begun', 'waits for bytes'] as const) {
      it(`is told apart from closing here while a read ${reading}`, async () => {
        const open = port.port;
        if (open === undefined || !('poller' in open))
          throw new Error('A port of Linux or macOS was expected.');
        const read = open.read(Buffer.alloc(1), 0, 1).catch((error: unknown) => error);
        if (reading === 'waits for bytes') {
          await eventually('the read waits', () => open.poller.listenerCount('readable') > 0);
        }
        port.close();
        expect(await once(port, 'close')).to.deep.equal([null]);
        expect(await read)
          .to.be.instanceOf(Error)
          .with.property('canceled', true);
      });
    }
  });

  it('takes a simulator off its port', async () => {
    const simulator = new LineReaderSimulator();
    const detach = await attachSerial(simulator, pair.device, LINE.baudRate);
    try {
      expect(simulator.connections).to.equal(1);
      await pair.unplug();
      await eventually('the simulator is off', () => simulator.connections === 0);
    } finally {
      await detach();
      simulator.close();
    }
  });
});
