import type { FlowPort } from '../../gateway/api.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import { DriverError } from '../errors.ts';
import type { Transport, TransportListener } from './transport.ts';

/**
 * A line whose port a Node-RED flow owns. To the bus it is a transport that opens when a flow node connects
 * and is lost when that node goes, as it does at each redeploy of its flow; to the flow node it is a `FlowPort`.
 */
export class FlowTransport implements Transport, FlowPort {
  readonly description = 'port owned by a flow';
  #send: ((bytes: Buffer) => void) | undefined;
  #listener: TransportListener | undefined;
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  /** Resolves when a flow node connects, however long that takes; at once where one is there. */
  open(listener: TransportListener): Promise<void> {
    this.#listener = listener;
    if (this.#send !== undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  write(bytes: Buffer): Promise<void> {
    if (this.#send === undefined || this.#listener === undefined) {
      return Promise.reject(new DriverError('not-connected', 'No flow node is connected to this bus.'));
    }
    try {
      this.#send(bytes);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(
        new DriverError('connection-lost', 'The flow did not take the bytes.', { cause: error }),
      );
    }
  }

  close(): Promise<void> {
    this.#listener = undefined;
    this.#waiting?.reject(new DriverError('cannot-open', 'Waiting for a flow node was given up.'));
    this.#waiting = undefined;
    return Promise.resolve();
  }

  /** Bytes that nobody listens to are dropped, as on a wire. */
  receive(bytes: Buffer): void {
    if (this.#send !== undefined && this.#waiting === undefined) this.#listener?.received(bytes);
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    if (this.#send !== undefined) {
      throw new DriverError(
        'flow-already-connected',
        'Another flow node is connected to this bus already. Use one node per bus, or give each its own bus.',
      );
    }
    const own = (bytes: Buffer): void => send(bytes);
    this.#send = own;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
    return () => {
      if (this.#send !== own) return;
      this.#send = undefined;
      const listener = this.#listener;
      this.#listener = undefined;
      listener?.lost(new DriverError('connection-lost', 'The flow node of this bus was taken away.'));
    };
  }
}
