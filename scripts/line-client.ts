import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** How long a connection may take. Milliseconds. */
const CONNECTS_WITHIN = 2_000;

/** A conversation in lines of JSON over a Unix socket. */
export interface LineClient {
  send(message: object): void;
  /** The messages that come, until the other side ends. */
  readonly messages: AsyncIterable<unknown>;
  end(): void;
}

/** Connects to a socket of the running Sezam. Rejects with words for the person at the command line. */
export async function connectLines(path: string): Promise<LineClient> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => socket.destroy(new Error('no answer')), CONNECTS_WITHIN);
    socket.once('connect', () => {
      clearTimeout(late);
      resolve();
    });
    socket.once('error', () => {
      clearTimeout(late);
      reject(
        new Error('Sezam does not run on this data folder. Start it with "npm start", in another terminal.'),
      );
    });
  });
  socket.on('error', () => socket.destroy());
  const lines = createInterface({ input: socket });
  socket.on('close', () => lines.close());
  return {
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    messages: (async function* () {
      for await (const line of lines) yield JSON.parse(line) as unknown;
    })(),
    end: () => socket.destroy(),
  };
}

/** Whoever reads what is printed may go away, as `head` does; what was begun goes on to its end without them. */
export function outliveReader(): void {
  process.stdout.on('error', () => {});
}
