import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports below those that operating systems give to connections by themselves: none takes one in between. */
const LOWEST = 20_000;
const COUNT = 12_000;

/** A port of 127.0.0.1 that nobody listens on at the moment, for what cannot be given one by the operating system. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
