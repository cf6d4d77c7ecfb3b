import { read } from 'node:fs';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { SerialPort } from 'serialport';
import type { LineSetting } from '../driver.ts';
import { terminalBinding } from './terminal-binding.ts';

/** A path and how its line is set; what is left out is 8N1. */
interface PortSetting extends Partial<LineSetting> {
  readonly path: string;
  readonly baudRate: number;
}

type OpenPort = Awaited<ReturnType<(typeof SerialPort.binding)['open']>>;
/** A port of Linux or macOS: a descriptor that does not block, and a poller that tells when it has bytes. */
type UnixPort = Extract<OpenPort, { readonly poller: unknown }>;

const readDescriptor = promisify(read);

/**
 * A serial port of this computer, not open yet, that closes with an error when its device goes away, even while
 * nobody writes to it.
 *
 * The library alone misses that: where a read gives 0 bytes, it reads again at once, without end. 0 bytes are all
 * that a terminal gives after a hang-up (`hung_up_tty_read` in Linux, drivers/tty/tty_io.c), so that a port whose
 * adapter was pulled would stay open, hear nothing and keep a processor busy. Before a hang-up, 0 bytes do not
 * come: the library sets VMIN to 1 and O_NONBLOCK, with which a read that finds nothing fails with EAGAIN.
 */
export function createSerialPort(setting: PortSetting): SerialPort {
  // The constructor takes another binding than its own (see `StreamOptions`), which its type leaves out.
  const binding = isMainThread || process.platform === 'win32' ? noticingBinding : terminalBinding;
  const options = { ...setting, autoOpen: false, binding };
  return new SerialPort(options);
}

const noticingBinding = {
  list: () => SerialPort.binding.list(),
  open: async (setting: PortSetting): Promise<OpenPort> => {
    const port = await SerialPort.binding.open(setting);
    // Windows has no descriptors to poll: there the library reads, and does not try again by itself.
    if ('poller' in port) port.read = (buffer, offset, length) => readBytes(port, buffer, offset, length);
    return port;
  },
};

/**
 * Reads at least one byte, as soon as there is one. Rejects with `canceled` where the port was closed here, with
 * another error where it is gone: the stream takes the former for the end of a read, the latter for that of the port.
 */
async function readBytes(
  port: UnixPort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  while (port.fd !== null) {
    try {
      const { bytesRead } = await readDescriptor(port.fd, buffer, offset, length, null);
      if (bytesRead === 0) throw new Error('the device is gone');
      return { buffer, bytesRead };
    } catch (error) {
      if (port.fd === null) break;
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    await readable(port);
  }
  throw Object.assign(new Error('the port was closed'), { canceled: true });
}

/** Resolves when a read will not find the port empty. Rejects as `readBytes` does. */
function readable(port: UnixPort): Promise<void> {
  return new Promise((resolve, reject) => {
    port.poller.once('readable', (error) => {
      if (error === null) resolve();
      else if ('canceled' in error && error.canceled === true) reject(error);
      // libuv calls a descriptor that was hung up a bad one.
      else reject(new Error('the device is gone', { cause: error }));
    });
  });
}
