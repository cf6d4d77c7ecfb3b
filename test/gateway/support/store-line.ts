/** A line to the store of a test that can be cut and mended, so that the gateway behind it finds the store away. */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The hosts of a connection string: one, a TCP address or the percent-encoded path of a socket. */
const HOST = /^(?<before>mongodb:\/\/(?:[^@/]*@)?)(?<host>[^/?]+)(?<after>.*)$/;

export class StoreLine {
  /** Connection string for whoever is behind the line. */
  readonly uri: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #cut: { cut: boolean };

  private constructor(uri: string, server: Server, sockets: Set<Socket>, cut: { cut: boolean }) {
    this.uri = uri;
    this.#server = server;
    this.#sockets = sockets;
    this.#cut = cut;
  }

  /** @param uri connection string of the store itself */
  static async lay(uri: string): Promise<StoreLine> {
    const { before = '', host = '', after = '' } = HOST.exec(uri)?.groups ?? {};
    const path = decodeURIComponent(host);
    const [name = '', port = '27017'] = host.split(':');
    const sockets = new Set<Socket>();
    const state = { cut: false };
    const server = createServer((near) => {
      if (state.cut) {
        near.destroy();
        return;
      }
      const far = path.endsWith('.sock') ? connect(path) : connect(Number(port), name);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one);
        one.pipe(other);
        // Cutting is what this is for.
        one.on('error', () => other.destroy());
        one.on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The line has no TCP port.');
    const tail = after.includes('directConnection')
      ? after
      : `${after}${after.includes('?') ? '&' : `${after.startsWith('/') ? '' : '/'}?`}directConnection=true`;
    return new StoreLine(`${before}127.0.0.1:${address.port}${tail}`, server, sockets, state);
  }

  cut(): void {
    this.#cut.cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut.cut = false;
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
