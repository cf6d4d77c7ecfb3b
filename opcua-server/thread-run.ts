/**
 * One life of the OPC UA server's thread, seen from the main thread: born with its settings, ready once its port
 * is open, ended by `stop` or by whatever it dies of.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Milliseconds } from '../domain/site.ts';
import { OpcUaStartError, type OpcUaStartFailure } from './errors.ts';
import type { FromThread, ThreadStart, ToThread } from './protocol.ts';

/** How long a start may take. Making the first certificate on a small computer is most of it. */
const STARTS_WITHIN: Milliseconds = 60_000;
/** How long an orderly end may take, beyond taking leave of others, before the thread is ended from outside. */
const STOPS_WITHIN: Milliseconds = 5_000;

/**
 * Most memory for short-lived objects, in megabytes. The default lets the thread hold on to some 15 MB more than one
 * server needs; less than this would show in its speed.
 */
const YOUNG_GENERATION_MEGABYTES = 8;

type Ready = Extract<FromThread, { kind: 'ready' }>;
type Later = Extract<
  FromThread,
  { kind: 'shown' | 'listening' | 'told' | 'call' | 'log' | 'audit' | 'administered' }
>;

export interface ThreadRunListener {
  /** Everything that the thread says besides `ready` and `failed`. */
  said(message: Later): void;
  /** The thread has ended after it was ready, without having been asked to. */
  died(reason: string): void;
}

export class ThreadRun {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #stopping = false;
  #reason: string | undefined;

  private constructor(start: ThreadStart) {
    // The same folder holds thread.ts when Node runs the sources and thread.js when it runs dist/.
    const file = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(file, {
      name: 'sezam-opcua',
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MEGABYTES },
      stdout: true,
    });
    // The library prints a line for each connection that it refuses, past its log. Notices come as messages.
    this.#worker.stdout.resume();
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve());
    });
  }

  /**
   * Starts a thread and waits until its server listens.
   * @throws OpcUaStartError where it cannot; the thread has ended then.
   */
  static async begin(
    start: ThreadStart,
    listener: ThreadRunListener,
    signal: AbortSignal,
  ): Promise<{ run: ThreadRun; ready: Ready }> {
    const run = new ThreadRun(start);
    const ready = await run.#becomeReady(listener, signal);
    return { run, ready };
  }

  post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /**
   * Ends the thread: by itself within the time that it has for that, from outside after.
   * @param leave for how long it may take leave of others before
   */
  async stop(leave: Milliseconds): Promise<void> {
    this.#stopping = true;
    this.post({ kind: 'stop' });
    const impatient = setTimeout(() => void this.#worker.terminate(), leave + STOPS_WITHIN);
    await this.#exited;
    clearTimeout(impatient);
  }

  /** Ends the thread from outside; `died` is told the reason. */
  async kill(reason: string): Promise<void> {
    this.#reason = reason;
    await this.#worker.terminate();
  }

  #becomeReady(listener: ThreadRunListener, signal: AbortSignal): Promise<Ready> {
    return new Promise((resolve, reject) => {
      let ready = false;
      let failure: OpcUaStartError | undefined;
      const giveUp = (code: OpcUaStartFailure, text: string): void => {
        failure ??= new OpcUaStartError(code, text);
        void this.#worker.terminate();
      };
      const limit = setTimeout(
        () =>
          giveUp('opcua-start-timeout', `The OPC UA server did not start within ${STARTS_WITHIN / 1000} s.`),
        STARTS_WITHIN,
      );
      const abort = (): void =>
        giveUp('opcua-start-failed', 'The OPC UA server was stopped while it started.');
      signal.addEventListener('abort', abort, { once: true });
      this.#worker.on('message', (message: FromThread) => {
        switch (message.kind) {
          case 'ready':
            ready = true;
            clearTimeout(limit);
            signal.removeEventListener('abort', abort);
            resolve(message);
            return;
          case 'failed':
            failure ??= new OpcUaStartError(message.code, message.text);
            return;
          case 'shown':
          case 'listening':
          case 'told':
          case 'call':
          case 'log':
          case 'audit':
          case 'administered':
            listener.said(message);
        }
      });
      this.#worker.on('error', (error) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#reason = message;
        const text = error instanceof Error ? (error.stack ?? error.message) : message;
        listener.said({ kind: 'log', level: 'error', text });
      });
      this.#worker.once('exit', (code) => {
        clearTimeout(limit);
        signal.removeEventListener('abort', abort);
        const why = this.#reason ?? `its thread ended with code ${code}`;
        if (!ready) {
          reject(
            failure ?? new OpcUaStartError('opcua-start-failed', `The OPC UA server could not start: ${why}`),
          );
        } else if (!this.#stopping) {
          listener.died(why);
        }
      });
    });
  }
}
