/** A wire between Sezam and its store that a test can cut, hold up, or break in the middle of a conversation. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What becomes of the next insert of events:
 * - `before`: the connection breaks before the store has it
 * - `after`: the store has it, and the connection breaks within its answer
 * - `late`: the store gets it only when the wire is whole again
 */
export type Interruption = 'before' | 'after' | 'late';

/** The beginning of the command that inserts into `events`, in BSON: a string named `insert`. */
const INSERT_EVENTS = Buffer.from('\x02insert\0\x07\0\0\0events\0', 'latin1');

interface Wire {
  readonly gateway: Socket;
  readonly store: Socket;
  /** The next bytes of the store are those of an answer that is to be cut. */
  cutAnswer: boolean;
}

export class StoreProxy {
  readonly #server: Server;
  readonly #wires = new Set<Wire>();
  readonly #upstream: string;
  #state: 'whole' | 'cut' | 'held-up' = 'whole';
  #interruption: Interruption | undefined;
  #held: (() => void)[] = [];

  private constructor(upstream: string) {
    this.#upstream = upstream;
    this.#server = createServer((gateway) => this.#take(gateway));
  }

  /** @param uri the store, on a TCP port or a Unix socket */
  static async inFrontOf(uri: string): Promise<StoreProxy> {
    const proxy = new StoreProxy(uri);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Where the store is found behind this wire. */
  get uri(): string {
    const { port } = this.#server.address() as AddressInfo;
    const database = /^mongodb:\/\/[^/]+\/([^?]*)/.exec(this.#upstream)?.[1] ?? '';
    return `mongodb://127.0.0.1:${port}/${database}?directConnection=true`;
  }

  /** The next insert of events is interrupted, and the wire stays cut, or held up, after it. */
  interruptInsert(how: Interruption): void {
    this.#interruption = how;
  }

  /** Whether the interruption has happened. */
  get interrupted(): boolean {
    return this.#interruption === undefined;
  }

  /** The server is gone: every connection breaks, and new ones break at once. */
  cut(): void {
    this.#state = 'cut';
    for (const { gateway, store } of this.#wires) {
      gateway.destroy();
      store.destroy();
    }
  }

  /** The server is there, but no byte comes through. */
  holdUp(): void {
    this.#state = 'held-up';
  }

  /** The wire is whole again; what was held up goes on. */
  restore(): void {
    this.#state = 'whole';
    for (const go of this.#held.splice(0)) go();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(gateway: Socket): void {
    if (this.#state === 'cut') {
      gateway.destroy();
      return;
    }
    const store = connectTo(this.#upstream);
    const wire: Wire = { gateway, store, cutAnswer: false };
    this.#wires.add(wire);
    for (const end of [gateway, store]) {
      // An end that breaks off is what is simulated here.
      end.on('error', () => end.destroy());
      end.on('close', () => {
        gateway.destroy();
        store.destroy();
        this.#wires.delete(wire);
      });
    }
    gateway.on('data', (bytes) => this.#fromGateway(wire, bytes));
    store.on('data', (bytes) => this.#fromStore(wire, bytes));
  }

  #fromGateway(wire: Wire, bytes: Buffer): void {
    if (this.#interruption !== undefined && bytes.includes(INSERT_EVENTS)) {
      const how = this.#interruption;
      this.#interruption = undefined;
      if (how === 'before') {
        this.cut();
        return;
      }
      if (how === 'late') this.holdUp();
      if (how === 'after') wire.cutAnswer = true;
    }
    this.#pass(() => wire.store.write(bytes));
  }

  #fromStore(wire: Wire, bytes: Buffer): void {
    if (!wire.cutAnswer) {
      this.#pass(() => wire.gateway.write(bytes));
      return;
    }
    wire.gateway.write(bytes.subarray(0, bytes.length >> 1), () => this.cut());
  }

  #pass(go: () => void): void {
    if (this.#state === 'held-up') this.#held.push(go);
    else go();
  }
}

function connectTo(uri: string): Socket {
  const host = decodeURIComponent(/^mongodb:\/\/([^/?]+)/.exec(uri)?.[1] ?? '');
  if (host.startsWith('/')) return connect(host);
  const [name = '127.0.0.1', port = '27017'] = host.split(':');
  return connect(Number(port), name);
}
