/** The processes of the servers that are compared, from the side of whoever measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { FromServer, ServerSetup, ToServer } from './opcua-protocol.ts';

/** How long a start may take, and an answer after that. Milliseconds. */
const ANSWERS_WITHIN = 60_000;

type Answer<Kind extends FromServer['kind']> = Extract<FromServer, { readonly kind: Kind }>;

/** Sezam, with a gateway in memory; or node-opcua as it comes, with plain variables. */
export type ServerKind = 'sezam' | 'bare';

/** What a server used: shares of a processor core. */
export interface Used {
  readonly seconds: number;
  readonly thread: number;
  readonly process: number;
}

export class ServerProcess {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<FromServer['kind'], (message: FromServer) => void>();
  #failed: (error: Error) => void = () => {};

  private constructor(kind: ServerKind, setup: ServerSetup) {
    const file = new URL(`./opcua-${kind}.ts`, import.meta.url);
    this.#process = fork(file, [JSON.stringify(setup)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#process.on('message', (message: FromServer) => this.#waiting.get(message.kind)?.(message));
    this.#process.once('exit', (code) => this.#failed(new Error(`The server ended with code ${code}.`)));
  }

  /** Starts a server; resolves when clients can connect. */
  static async start(
    kind: ServerKind,
    setup: ServerSetup,
  ): Promise<{ readonly server: ServerProcess; readonly endpointUrl: string; readonly readyAfter: number }> {
    const began = performance.now();
    const server = new ServerProcess(kind, setup);
    const { endpointUrl } = await server.#answer('ready');
    return { server, endpointUrl, readyAfter: performance.now() - began };
  }

  usage(): Promise<Answer<'used'>> {
    return this.#ask('used', { kind: 'usage' });
  }

  /** Opens and closes doors, or raises and ends alarms; resolves when all changes were made. */
  async change(what: 'doors' | 'alarms', changes: number, perSecond: number): Promise<void> {
    await this.#ask('changed', { kind: 'change', what, changes, perSecond });
  }

  /** What the server used while something was done, in shares of a processor core, and how long that took. */
  async during(work: () => Promise<unknown>): Promise<Used> {
    const before = await this.usage();
    const began = performance.now();
    await work();
    const microseconds = (performance.now() - began) * 1_000;
    const after = await this.usage();
    return {
      seconds: microseconds / 1_000_000,
      thread: (after.thread - before.thread) / microseconds,
      process: (after.process - before.process) / microseconds,
    };
  }

  async close(): Promise<void> {
    this.#failed = () => {};
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  #ask<Kind extends FromServer['kind']>(kind: Kind, message: ToServer): Promise<Answer<Kind>> {
    const answer = this.#answer(kind);
    this.#process.send(message);
    return answer;
  }

  #answer<Kind extends FromServer['kind']>(kind: Kind): Promise<Answer<Kind>> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer<Kind>>();
    const late = setTimeout(() => reject(new Error(`The server: no ${kind}.`)), ANSWERS_WITHIN);
    this.#failed = reject;
    this.#waiting.set(kind, (message) => resolve(message as Answer<Kind>));
    return promise.finally(() => clearTimeout(late));
  }
}
