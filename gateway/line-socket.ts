import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

const MOST_CLIENTS = 16;
/** Longest line that a client may send, in characters. */
const LONGEST_LINE = 16_384;
/** A client that does not read must not fill the memory. */
const MOST_UNREAD_BYTES = 1_000_000;
/** Lines of one client that may be answered at once. */
const MOST_UNANSWERED = 32;

/** Another process serves the socket. */
export class LineSocketError extends Error {
  readonly code = 'socket-in-use';

  constructor(path: string) {
    super(
      `Another process serves ${path}. Stop it first, or give this one a data folder of its own with SEZAM_DATA.`,
    );
    this.name = 'LineSocketError';
  }
}

/** One program at the other end of the socket. */
export interface LineClient {
  /** Sends a message as one line; a client that does not read is disconnected. */
  send(message: object): void;
  /** Resolves once the client has read most of what was sent, or has gone. */
  drained(): Promise<void>;
  /** Calls `action` when the client has gone. */
  onGone(action: () => void): void;
}

/** A private Unix socket on which messages go to and fro, one JSON object a line. */
export interface LineSocket {
  /** Sends a message to every client. */
  tell(message: object): void;
  close(): Promise<void>;
}

/**
 * Opens the socket, for this operating-system user only. Every line goes to `answer`, and what that gives goes back
 * to the client; for a line that is no JSON object, or whose answer fails, `refuse` gives it.
 *
 * @param path under 107 bytes, in a folder of this user alone
 * @throws LineSocketError where another process serves it
 */
export async function openLineSocket(
  path: string,
  answer: (message: Readonly<Record<string, unknown>>, client: LineClient) => object | Promise<object>,
  refuse: (error: unknown) => object,
): Promise<LineSocket> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const client: LineClient = {
      send: (message) => send(socket, message),
      drained: () => drained(socket),
      onGone: (action) => void socket.once('close', action),
    };
    let unanswered = 0;
    const take = async (line: string): Promise<void> => {
      try {
        client.send(await answer(parse(line), client));
      } catch (error) {
        client.send(refuse(error));
      } finally {
        unanswered -= 1;
      }
    };
    let unread = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const lines = `${unread}${text}`.split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines.filter((each) => each.trim() !== '')) {
        unanswered += 1;
        void take(line);
      }
      if (unread.length > LONGEST_LINE || unanswered > MOST_UNANSWERED) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.maxConnections = MOST_CLIENTS;
  if (await isServed(path)) throw new LineSocketError(path);
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    tell: (message) => {
      for (const socket of sockets) send(socket, message);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Whether somebody listens; what a process that was killed left behind refuses at once. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function parse(line: string): Readonly<Record<string, unknown>> {
  if (line.length > LONGEST_LINE) throw new RangeError(`A message has at most ${LONGEST_LINE} characters.`);
  const message: unknown = JSON.parse(line);
  if (typeof message !== 'object' || message === null) throw new TypeError('A message is a JSON object.');
  return message as Readonly<Record<string, unknown>>;
}

function send(socket: Socket, message: object): void {
  if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
  else if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** Node tells `drain` once nothing is unread any more, and only after a write that met a full buffer. */
async function drained(socket: Socket): Promise<void> {
  if (!socket.writableNeedDrain || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
