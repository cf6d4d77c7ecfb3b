import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_WITHIN_MILLISECONDS = 5_000;

/** Two serial ports with a cable between them, made of pseudo-terminals. The paths stay through a replug. */
export interface PtyPair {
  /** The gateway's end. */
  readonly gateway: string;
  /** The device's end. */
  readonly device: string;
  /** Takes the cable away, as pulling a USB adapter does: both ports vanish. */
  unplug(): Promise<void>;
  /** Puts it back. */
  plug(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a pair with `socat`, which has to be installed. Rejects with what is wrong where it is not. */
export async function createPtyPair(): Promise<PtyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'sezam-pty-'));
  const gateway = join(folder, 'gateway');
  const device = join(folder, 'device');
  let socat: ChildProcess | undefined;
  const plug = async (): Promise<void> => {
    socat ??= await startSocat(gateway, device);
  };
  const unplug = async (): Promise<void> => {
    const running = socat;
    socat = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exited = once(running, 'exit');
    running.kill();
    await exited;
  };
  const close = async (): Promise<void> => {
    await unplug();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await plug();
  } catch (error) {
    await close();
    throw error;
  }
  return { gateway, device, unplug, plug, close };
}

function startSocat(first: string, second: string): Promise<ChildProcess> {
  const end = (link: string): string => `pty,raw,echo=0,link=${link}`;
  const socat = spawn('socat', ['-d', '-d', end(first), end(second)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (reason: string): void => {
      socat.kill();
      reject(new Error(`No pseudo-terminals: ${reason}`));
    };
    const limit = setTimeout(() => fail('socat did not start in time.'), READY_WITHIN_MILLISECONDS);
    socat.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 10_000) said += text;
      if (!said.includes('starting data transfer loop')) return;
      clearTimeout(limit);
      resolve(socat);
    });
    socat.once('error', (error) => {
      clearTimeout(limit);
      fail(`${error.message}. Is socat installed (Debian package socat)?`);
    });
    socat.once('exit', () => {
      clearTimeout(limit);
      fail(`socat ended: ${said.trim()}`);
    });
  });
}
