/** A server under attack: it must neither die nor fill the memory, and a good client must still be served. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { ClientSession } from 'node-opcua';
import type { OpcUaServerOptions } from '../../../opcua-server/host.ts';
import { OPERATOR, type TestClient } from './client.ts';
import { RawConnection } from './raw-connection.ts';
import { SecuredServer } from './secured-server.ts';

const MEBIBYTE = 1024 * 1024;
/** What the thread may hold while nothing is asked of it any more, beyond what it held when it started. */
const MOST_KEPT = 250 * MEBIBYTE;

export class AttackedServer {
  readonly server: SecuredServer;
  /** Threads that were born since it started: one, unless it died. */
  readonly #threads: Worker[];
  readonly #born: (message: unknown) => void;
  readonly #atFirst: number;
  readonly #good: TestClient;

  private constructor(
    server: SecuredServer,
    threads: Worker[],
    born: (message: unknown) => void,
    good: TestClient,
    atFirst: number,
  ) {
    this.server = server;
    this.#threads = threads;
    this.#born = born;
    this.#good = good;
    this.#atFirst = atFirst;
  }

  static async start(options: Partial<OpcUaServerOptions> = {}): Promise<AttackedServer> {
    const threads: Worker[] = [];
    const born = (message: unknown): void => void threads.push((message as { worker: Worker }).worker);
    subscribe('worker_threads', born);
    const server = await SecuredServer.start(options);
    const good = await server.connect(OPERATOR);
    return new AttackedServer(server, threads, born, good, await bytesHeld(threads[0]));
  }

  get endpointUrl(): string {
    return this.server.endpointUrl;
  }

  /** Bytes that the thread holds now. */
  held(): Promise<number> {
    return bytesHeld(this.#threads.at(-1));
  }

  /** Fails where the server has not come through: its thread, those who were connected, and those who come. */
  async holds(): Promise<void> {
    expect(this.#threads, 'threads').to.have.length(1);
    const read = await this.#good.read('site/Name');
    expect(read.value.value).to.equal('Test site');
    const newcomer = await this.server.connect(OPERATOR);
    expect((await newcomer.read('site/Name')).value.value).to.equal('Test site');
    await newcomer.close();
    expect((await this.held()) - this.#atFirst).to.be.below(MOST_KEPT);
  }

  /** A connection by hand with an open channel in which nobody has logged in. */
  async stranger(): Promise<RawConnection> {
    const connection = await RawConnection.to(this.endpointUrl);
    await connection.open();
    return connection;
  }

  /** An encrypted connection of a trusted client in which nobody has logged in. */
  async channel(): Promise<OpenChannel> {
    const client = await this.server.channel();
    const below = client as unknown as {
      performMessageTransaction(
        request: object,
        answered: (error: Error | null, response: unknown) => void,
      ): void;
    };
    let open = true;
    client.once('close', () => {
      open = false;
    });
    client.once('connection_lost', () => {
      open = false;
    });
    return {
      isOpen: () => open,
      ask: (request) =>
        new Promise((resolve, reject) => {
          below.performMessageTransaction(request, (error, response) =>
            error ? reject(error) : resolve(response),
          );
        }),
      close: () => client.disconnect(),
    };
  }

  async close(): Promise<void> {
    unsubscribe('worker_threads', this.#born);
    await this.server.close();
  }
}

export interface OpenChannel {
  isOpen(): boolean;
  ask(request: object): Promise<unknown>;
  close(): Promise<void>;
}

/** Sends a request as it is, past what the client's own functions would refuse or split. */
export function transact<Response>(session: ClientSession, request: object): Promise<Response> {
  const below = session as unknown as {
    performMessageTransaction(
      request: object,
      answered: (error: Error | null, response: Response) => void,
    ): void;
  };
  return new Promise((resolve, reject) => {
    below.performMessageTransaction(request, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });
}

async function bytesHeld(thread: Worker | undefined): Promise<number> {
  const heap = await thread?.getHeapStatistics();
  return (heap?.used_heap_size ?? 0) + (heap?.external_memory ?? 0);
}
