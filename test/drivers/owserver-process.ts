import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';

const READY_WITHIN_MILLISECONDS = 60_000;

/** The real owserver of OWFS, on a loopback port. */
export interface RunningOwserver {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts owserver, which has to be installed. Rejects with what is wrong where it is not.
 *
 * @param device arguments that name its 1-Wire adapters, such as `--fake=01.606CBF030000`
 * @param port left out: any free one; owserver does not tell which one it took, so it cannot choose
 */
export async function startOwserver(device: readonly string[], port?: number): Promise<RunningOwserver> {
  const own = port ?? (await freePort());
  const server = spawn('owserver', ['--foreground', '-p', `127.0.0.1:${own}`, ...device], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 10_000) said += text;
  });
  const failed = new Promise<never>((_resolve, reject) => {
    server.once('error', (error) => {
      reject(new Error(`No owserver: ${error.message}. Is it installed (Debian package owserver)?`));
    });
    server.once('exit', () => reject(new Error(`owserver ended: ${said.trim()}`)));
  });
  const stopWaiting = new AbortController();
  try {
    await Promise.race([answers(own, stopWaiting.signal), failed]);
  } catch (error) {
    await end(server);
    throw error;
  } finally {
    stopWaiting.abort();
  }
  // What ends it from now on is a test.
  failed.catch(() => {});
  return { port: own, stop: () => end(server) };
}

async function end(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

/** Resolves when something listens on the port. Rejects when it takes too long. */
async function answers(port: number, { aborted }: AbortSignal): Promise<void> {
  const end = performance.now() + READY_WITHIN_MILLISECONDS;
  while (!aborted && performance.now() < end) {
    const listening = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (listening) return;
    await sleep(20);
  }
  throw new Error(`owserver did not listen within ${READY_WITHIN_MILLISECONDS} ms.`);
}
