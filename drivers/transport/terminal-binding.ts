/**
 * Serial ports on worker threads. The library's own binding waits for bytes in the event loop of the main thread, whoever
 * opened the port (`uv_default_loop()` in src/poller.cpp of @serialport/bindings-cpp 13): bytes for a port of a worker end
 * the process. Here the port is a terminal of Node, which belongs to the loop of its thread, and `stty` sets its line.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import type { Milliseconds } from '../../domain/site.ts';
import type { LineSetting } from '../driver.ts';

const run = promisify(execFile);

const SET_WITHIN: Milliseconds = 5_000;
/** Bytes that wait to be read before the terminal is left alone for a while. */
const MOST_UNREAD = 64 * 1024;

interface Setting extends LineSetting {
  readonly path: string;
}

/** As the library asks for one: see `BindingInterface` of @serialport/bindings-interface. */
export const terminalBinding = {
  open: (setting: Setting): Promise<TerminalPort> => TerminalPort.open(setting),
};

class TerminalPort {
  isOpen = true;
  readonly openOptions: Setting;
  readonly #stream: ReadStream;
  readonly #byteTakes: Milliseconds;
  #received: Buffer = Buffer.alloc(0);
  #wakeReader: () => void = () => {};
  #gone = false;
  /** When what was written has left. Monotonic. */
  #leftAt: Milliseconds = 0;

  private constructor(setting: Setting, stream: ReadStream) {
    this.openOptions = setting;
    this.#stream = stream;
    const bits = 1 + setting.dataBits + (setting.parity === 'none' ? 0 : 1) + setting.stopBits;
    this.#byteTakes = (1_000 * bits) / setting.baudRate;
    stream.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      if (this.#received.length >= MOST_UNREAD) stream.pause();
      this.#wakeReader();
    });
    const lost = (): void => {
      this.#gone = true;
      this.#wakeReader();
    };
    stream.on('end', lost);
    stream.on('close', lost);
    stream.on('error', lost);
  }

  /** Rejects with an error of the file system, or with the words of `stty`. */
  static async open(setting: Setting): Promise<TerminalPort> {
    const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
    const file = await open(setting.path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    try {
      await run('stty', lineOf(setting), { timeout: SET_WITHIN });
      return new TerminalPort(setting, new ReadStream(file.fd, { writable: true }));
    } catch (error) {
      const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
      throw new Error(stderr?.trim() || message, { cause: error });
    } finally {
      // The terminal has a descriptor of its own.
      await file.close();
    }
  }

  /** Reads at least one byte. Rejects with `canceled` where the port was closed here, otherwise where it is gone. */
  async read(
    buffer: Buffer,
    offset: number,
    length: number,
  ): Promise<{ readonly buffer: Buffer; readonly bytesRead: number }> {
    while (this.#received.length === 0) {
      if (!this.isOpen) throw closed();
      if (this.#gone) throw new Error('the device is gone');
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    const bytesRead = this.#received.copy(buffer, offset, 0, length);
    this.#received = this.#received.subarray(bytesRead);
    this.#stream.resume();
    return { buffer, bytesRead };
  }

  async write(bytes: Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
        if (error) reject(this.isOpen ? error : closed());
        else resolve();
      });
    });
    const now = performance.now();
    this.#leftAt = Math.max(now, this.#leftAt) + bytes.length * this.#byteTakes;
  }

  /** Resolves when what was written has left, by the pace of the line. */
  async drain(): Promise<void> {
    const rest = this.#leftAt - performance.now();
    if (rest > 0) await sleep(rest);
  }

  flush(): Promise<void> {
    this.#received = Buffer.alloc(0);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#wakeReader();
    if (this.#stream.closed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('close', () => resolve());
      this.#stream.destroy();
    });
  }
}

function closed(): Error {
  return Object.assign(new Error('the port was closed'), { canceled: true });
}

/** The arguments of `stty` for a line without any handling of what goes over it. */
function lineOf({ path, baudRate, dataBits, parity, stopBits }: Setting): readonly string[] {
  return [
    process.platform === 'darwin' ? '-f' : '-F',
    path,
    'raw',
    '-echo',
    'clocal',
    'cread',
    '-crtscts',
    String(baudRate),
    `cs${dataBits}`,
    parity === 'none' ? '-parenb' : 'parenb',
    parity === 'odd' ? 'parodd' : '-parodd',
    stopBits === 2 ? 'cstopb' : '-cstopb',
  ];
}
