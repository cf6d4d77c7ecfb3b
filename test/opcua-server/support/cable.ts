/** A cable between a client and the server, which can be cut at any byte. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Cable {
  readonly endpointUrl: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #towards: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>, towards: Set<Socket>) {
    this.endpointUrl = `opc.tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
    this.#sockets = sockets;
    this.#towards = towards;
  }

  static async to(endpointUrl: string): Promise<Cable> {
    const { hostname, port } = new URL(endpointUrl);
    const sockets = new Set<Socket>();
    const towards = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(Number(port), hostname);
      towards.add(far);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => {});
      }
      near.pipe(far).pipe(near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Cable(server, sockets, towards);
  }

  /** Cuts it, without a word to either end, after the first bytes of a message that is never completed. */
  cutInAMessage(): void {
    for (const socket of this.#towards) {
      socket.write(Buffer.from([...Buffer.from('MSGF'), 0x00, 0x40, 0, 0, 1, 2, 3]));
    }
    setImmediate(() => this.cut());
  }

  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
