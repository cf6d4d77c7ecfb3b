/**
 * Keeps clients within the limits of a connection. The library reads whatever comes and writes without asking whether anybody
 * reads: here every connection is watched from its first byte. One that goes too far is ended, with an error message where
 * the client can still be told (OPC 10000-6, 7.1.5).
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { OPCUAServer, ServerSecureChannelLayer } from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';
import type { ConnectionLimits } from '../limits.ts';
import { ChunkCount, type MessageType } from './chunk-count.ts';
import { ENDINGS, type Ending, errorMessage } from './endings.ts';

/** How often what takes its time is looked at. */
const LOOKS_EVERY: Milliseconds = 1_000;
/** Every socket that a server of this thread accepts, and every one that it opens, is announced there. */
const ACCEPTED = 'net.server.socket';
const OPENED = 'net.client.socket';

/** A connection that was ended. */
export interface EndedConnection {
  readonly why: Ending;
  readonly address: string;
  /** The secure channel, where it had got that far. */
  readonly channel: ServerSecureChannelLayer | undefined;
}

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Opened by this side: of a client that is called (reverse connect), or of another server. */
  readonly outgoing: boolean;
  readonly since: Milliseconds;
  readonly incoming: ChunkCount;
  channel: ServerSecureChannelLayer | undefined;
  /** Messages that the library understood. */
  understood: number;
  /** Bytes that the client has taken, and when it took the last of them or had none to take. */
  taken: number;
  takenAt: Milliseconds;
  ended: boolean;
}

export class ConnectionGuard {
  readonly #limits: ConnectionLimits;
  readonly #ended: (connection: EndedConnection) => void;
  readonly #connections = new Map<Socket, Connection>();
  /** By address and port of the other side. */
  readonly #byPeer = new Map<string, Connection>();
  readonly #byChannel = new WeakMap<ServerSecureChannelLayer, Connection>();
  readonly #timer: NodeJS.Timeout;

  /** @param ended told of every connection that was ended */
  constructor(limits: ConnectionLimits, ended: (connection: EndedConnection) => void) {
    this.#limits = limits;
    this.#ended = ended;
    subscribe(ACCEPTED, this.#accepted);
    subscribe(OPENED, this.#opened);
    this.#timer = setInterval(() => this.#look(), LOOKS_EVERY);
    this.#timer.unref();
  }

  /** Follows the channels and messages of a server whose endpoints are there. */
  attach(server: OPCUAServer): void {
    server.on('newChannel', (channel) => {
      const connection = this.#byPeer.get(peerOf(channel.remoteAddress, channel.remotePort));
      if (!connection) return;
      connection.channel = channel;
      this.#byChannel.set(channel, connection);
    });
    for (const endpoint of server.endpoints) {
      endpoint.prependListener('message', (_message: unknown, channel: ServerSecureChannelLayer) => {
        const connection = this.#byChannel.get(channel);
        if (connection) connection.understood += 1;
      });
    }
    server.on('response', (_response, channel) => {
      const connection = this.#byChannel.get(channel);
      if (connection) this.#beforeAnswer(connection);
    });
  }

  close(): void {
    unsubscribe(ACCEPTED, this.#accepted);
    unsubscribe(OPENED, this.#opened);
    clearInterval(this.#timer);
  }

  readonly #accepted = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    const connection = this.#watch(socket, false);
    const waiting = [...this.#connections.values()].filter(
      (each) => !each.ended && !each.channel?.hasSession && each.address === connection.address,
    );
    if (waiting.length > this.#limits.mostWaitingPerAddress && waiting[0]) {
      this.#end(waiting[0], 'too-many-connections');
    }
  };

  /** A connection that this side opened is a client's from the moment at which the client speaks first. */
  readonly #opened = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => this.#watch(socket, true));
  };

  #watch(socket: Socket, outgoing: boolean): Connection {
    const now = performance.now();
    const connection: Connection = {
      socket,
      address: socket.remoteAddress ?? '',
      outgoing,
      since: now,
      incoming: new ChunkCount(),
      channel: undefined,
      understood: 0,
      taken: 0,
      takenAt: now,
      ended: false,
    };
    const peer = peerOf(socket.remoteAddress, socket.remotePort);
    this.#connections.set(socket, connection);
    this.#byPeer.set(peer, connection);
    socket.on('data', (data: Buffer) => this.#read(connection, data));
    socket.on('drain', () => socket.resume());
    // The library listens too, but not from the beginning.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#connections.delete(socket);
      if (this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
    });
    return connection;
  }

  /** Before the library reads: what is too much ends the connection, and what it read before it may still answer. */
  #read(connection: Connection, data: Buffer): void {
    const { incoming, socket, channel } = connection;
    if (connection.ended || (connection.outgoing && !channel)) return;
    const limits = this.#limits;
    const flaw = incoming.take(data, performance.now(), (type) => this.#longestOf(type, channel));
    if (flaw) {
      this.#end(connection, flaw);
    } else if (incoming.unfinished > 0 && this.#unfinished() > limits.mostUnfinished) {
      this.#end(
        this.#worst(({ incoming: { unfinished } }) => unfinished) ?? connection,
        'too-much-unfinished',
      );
    } else {
      if (socket.writableLength > limits.pausesAbove) socket.pause();
      // The library understands a message in the turn in which it arrives, or never answers it.
      if (channel?.isOpened) process.nextTick(() => this.#afterRead(connection));
    }
  }

  #afterRead(connection: Connection): void {
    const { incoming, understood, socket } = connection;
    if (!connection.ended && !socket.destroyed && understood < incoming.messages) {
      this.#end(connection, 'not-understood');
    }
  }

  #longestOf(type: MessageType, channel: ServerSecureChannelLayer | undefined): number {
    const { longestOpening, longestBeforeSession, longestMessage } = this.#limits;
    if (type !== 'MSG') return longestOpening;
    return channel?.hasSession ? longestMessage : longestBeforeSession;
  }

  #beforeAnswer(connection: Connection): void {
    const { mostUnread, mostUnreadTogether } = this.#limits;
    if (connection.ended) return;
    if (connection.socket.writableLength > mostUnread) {
      this.#end(connection, 'does-not-read');
    } else if (connection.socket.writableLength > 0 && this.#unread() > mostUnreadTogether) {
      this.#end(this.#worst(({ socket }) => socket.writableLength) ?? connection, 'does-not-read');
    }
  }

  #look(): void {
    const now = performance.now();
    const { opensWithin, completesWithin, readsWithin } = this.#limits;
    for (const connection of this.#connections.values()) {
      const { socket, channel, incoming, since } = connection;
      if (connection.ended || (connection.outgoing && !channel)) continue;
      const taken = socket.bytesWritten - socket.writableLength;
      if (taken !== connection.taken || socket.writableLength === 0) {
        connection.taken = taken;
        connection.takenAt = now;
      }
      if (!channel?.isOpened && now - since > opensWithin) this.#end(connection, 'not-opened');
      else if (now - (incoming.since ?? now) > completesWithin && !socket.isPaused()) {
        this.#end(connection, 'message-not-completed');
      } else if (now - connection.takenAt > readsWithin) this.#end(connection, 'does-not-read');
    }
  }

  #unfinished(): number {
    let sum = 0;
    for (const { incoming } of this.#connections.values()) sum += incoming.unfinished;
    return sum;
  }

  #unread(): number {
    let sum = 0;
    for (const { socket } of this.#connections.values()) sum += socket.writableLength;
    return sum;
  }

  #worst(of: (connection: Connection) => number): Connection | undefined {
    let worst: Connection | undefined;
    for (const connection of this.#connections.values()) {
      if (!connection.ended && (!worst || of(connection) > of(worst))) worst = connection;
    }
    return worst;
  }

  #end(connection: Connection, why: Ending): void {
    const { socket, address, channel } = connection;
    connection.ended = true;
    this.#ended({ why, address, channel });
    if (socket.writableLength > this.#limits.pausesAbove) {
      // Whoever has much to read does not read this either.
      socket.destroy();
      return;
    }
    // What still comes is dropped: a connection with bytes that nobody read is reset, and the last word would be lost with it.
    socket.removeAllListeners('data');
    socket.resume();
    socket.end(errorMessage(ENDINGS[why]));
    // A place that others wait for is not kept for the last word.
    if (why === 'too-many-connections') socket.destroySoon();
    setTimeout(() => socket.destroy(), LOOKS_EVERY).unref();
  }
}

function peerOf(address: string | undefined, port: number | undefined): string {
  return `${address ?? ''} ${port ?? 0}`;
}
