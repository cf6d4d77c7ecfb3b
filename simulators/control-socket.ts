import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';

const MOST_CONNECTIONS = 16;
const LONGEST_LINE = 4_096;
/** A client that does not read must not fill the memory. */
const MOST_UNREAD_BYTES = 1_000_000;

/** A private Unix socket that takes commands and tells events, one JSON object a line. */
export interface ControlSocket {
  /** Tells every client. */
  tell(event: object): void;
  close(): Promise<void>;
}

/**
 * Opens the socket, for this user only. Every line goes to `answer`, and what that returns goes back to the
 * client that sent it; a line that is no JSON object, or whose answer throws, gets `{ok: false, error}`.
 */
export async function openControlSocket(
  path: string,
  answer: (command: Readonly<Record<string, unknown>>) => object,
): Promise<ControlSocket> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.setEncoding('utf8');
    let unread = '';
    socket.on('data', (text: string) => {
      const lines = `${unread}${text}`.split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') send(socket, answerLine(line, answer));
      if (unread.length > LONGEST_LINE) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clients.delete(socket));
  });
  server.maxConnections = MOST_CONNECTIONS;
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    tell: (event) => {
      for (const client of clients) send(client, event);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

function answerLine(line: string, answer: (command: Readonly<Record<string, unknown>>) => object): object {
  try {
    const command: unknown = JSON.parse(line);
    if (typeof command !== 'object' || command === null) throw new TypeError('A command is a JSON object.');
    return answer(command as Readonly<Record<string, unknown>>);
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

function send(socket: Socket, message: object): void {
  if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
  else if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
