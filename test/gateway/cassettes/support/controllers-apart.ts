/** A controller in a thread of its own: it goes on whatever holds up the thread of the test. */
import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CassetteControllerSimulator } from '../../../../simulators/cassette-controller.ts';
import { serveTcp } from '../../../../simulators/serve.ts';

/** What the two threads share: the first number says that its lid is to be opened, the second that it has fired. */
const OPEN_LID = 0;
const FIRED = 1;

export class ControllerApart {
  readonly port: number;
  readonly #worker: Worker;
  readonly #shared: Int32Array;

  private constructor(worker: Worker, shared: Int32Array, port: number) {
    this.#worker = worker;
    this.#shared = shared;
    this.port = port;
  }

  /** @param key the pairing key, 64 hex digits */
  static async serve(key: string): Promise<ControllerApart> {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(new URL(import.meta.url), { workerData: { key, shared } });
    const [port] = (await once(worker, 'message')) as [number];
    return new ControllerApart(worker, shared, port);
  }

  /** Has the lid opened, and holds up this thread until the stainer has fired. False where that takes too long. */
  attackMeanwhile(longest: number): boolean {
    Atomics.store(this.#shared, OPEN_LID, 1);
    Atomics.notify(this.#shared, OPEN_LID);
    return Atomics.wait(this.#shared, FIRED, 0, longest) !== 'timed-out';
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

async function serve({ key, shared }: { readonly key: string; readonly shared: Int32Array }): Promise<void> {
  const simulator = new CassetteControllerSimulator({ key: createSecretKey(key, 'hex') });
  simulator.insert();
  simulator.on((event) => {
    if (event.type !== 'fired') return;
    Atomics.store(shared, FIRED, 1);
    Atomics.notify(shared, FIRED);
  });
  const { port } = await serveTcp(simulator, 0);
  const ordered = Atomics.waitAsync(shared, OPEN_LID, 0);
  void Promise.resolve(ordered.value).then(() => simulator.openLid());
  parentPort?.postMessage(port);
}

if (!isMainThread) await serve(workerData as Parameters<typeof serve>[0]);
