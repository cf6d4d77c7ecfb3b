import type { Socket } from 'node:net';
import { BSONError } from 'bson';
import { errorReply } from './dispatch.ts';
import { CommandError, errorCode } from './errors.ts';
import type { GroupCommit } from './group-commit.ts';
import { FramingError, MessageSplitter } from './wire/framing.ts';
import { type Request, readRequest, writeReply } from './wire/messages.ts';

/** Commands that a client may send before the handshake as OP_QUERY. */
const handshakeCommands = new Set(['ismaster', 'isMaster', 'hello']);

/**
 * Serves one client until its socket closes. While the client does not read its replies, nothing more is
 * read from it, so what waits for it is bounded.
 */
export function serveConnection(socket: Socket, connectionId: number, group: GroupCommit): void {
  const splitter = new MessageSplitter();

  const send = (request: Request, reply: Uint8Array): void => {
    if (!request.expectsReply || socket.destroyed) return;
    if (!socket.write(writeReply(request, reply))) socket.pause();
  };

  const receive = (message: Uint8Array): void => {
    const request = readRequest(message);
    const name = Object.keys(request.command)[0] ?? '';
    if (request.protocol === 'query' && !handshakeCommands.has(name)) {
      const refusal = new CommandError(
        352,
        `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`,
      );
      send(request, errorReply(refusal));
      return;
    }
    group.run(request.command, connectionId, (reply) => send(request, reply));
  };

  socket.on('data', (chunk: Uint8Array) => {
    try {
      for (const message of splitter.push(chunk)) receive(message);
    } catch (error) {
      if (!(error instanceof FramingError || error instanceof BSONError)) throw error;
      refuseBytes(socket, error);
    }
  });
  socket.on('drain', () => socket.resume());
  socket.on('error', () => socket.destroy());
}

/** Tells why, as well as one can to somebody who does not speak the protocol, and hangs up. */
function refuseBytes(socket: Socket, error: Error): void {
  const reply = errorReply(new CommandError(errorCode.protocol, error.message));
  socket.end(writeReply({ requestId: 0, protocol: 'message' }, reply));
  socket.removeAllListeners('data');
  socket.resume();
}
