/**
 * A connection to the binary port by hand (OPC 10000-6, 6.7 and 7.1), below any library: for messages that no client sends, and
 * clients that do not read. Secure channels are opened without security, which the server lets ask for its endpoints.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  BinaryStream,
  GetEndpointsRequest,
  MessageSecurityMode,
  OpenSecureChannelRequest,
  SecurityPolicy,
  SecurityTokenRequestType,
} from 'node-opcua';

/** A service request as node-opcua has it. */
interface Request {
  readonly schema: { readonly encodingDefaultBinary?: { readonly value: unknown } | undefined };
  encode(stream: BinaryStream): void;
}

export interface HelloFields {
  readonly protocolVersion?: number;
  readonly receiveBufferSize?: number;
  readonly sendBufferSize?: number;
  readonly maxMessageSize?: number;
  readonly maxChunkCount?: number;
  readonly endpointUrl?: string;
}

/** Most bytes of one request that `bodyOf` encodes. */
const LONGEST_BODY = 32 * 1024 * 1024;

export class RawConnection {
  readonly socket: Socket;
  /** What was received and not yet taken. */
  #received = Buffer.alloc(0);
  #notice: () => void = () => {};
  #sequence = 0;
  #requests = 0;
  /** The channel that the server opened; 0 before. */
  channel = 0;
  #token = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#notice();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#notice());
  }

  static async to(endpointUrl: string): Promise<RawConnection> {
    const { hostname, port } = new URL(endpointUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  get closed(): boolean {
    return this.socket.closed || this.socket.readableEnded;
  }

  /** The next message that the server sends; undefined where it hangs up instead. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const size = this.#received.length >= 8 ? this.#received.readUInt32LE(4) : undefined;
      if (size !== undefined && this.#received.length >= size) {
        const message = this.#received.subarray(0, size);
        this.#received = this.#received.subarray(size);
        return message;
      }
      if (this.closed) return undefined;
      await this.#change();
    }
  }

  /** Resolves when the server has hung up; what it says until then is dropped. */
  async hungUp(): Promise<void> {
    while (!this.closed) {
      this.#received = Buffer.alloc(0);
      await this.#change();
    }
  }

  write(...parts: readonly Buffer[]): void {
    for (const part of parts) this.socket.write(part);
  }

  /** Says hello, and resolves when the server has acknowledged. */
  async hello(fields: HelloFields = {}): Promise<void> {
    this.write(helloMessage(fields));
    const answer = await this.next();
    if (answer?.toString('latin1', 0, 3) !== 'ACK')
      throw new Error('The server did not acknowledge the hello.');
  }

  /** Opens a secure channel without security. */
  async open(hello?: HelloFields): Promise<void> {
    await this.hello(hello);
    const request = new OpenSecureChannelRequest({
      requestType: SecurityTokenRequestType.Issue,
      securityMode: MessageSecurityMode.None,
      requestedLifetime: 600_000,
    });
    this.#sequence = 1;
    this.#requests = 1;
    this.write(openMessage(bodyOf(request)));
    const answer = await this.next();
    if (answer?.toString('latin1', 0, 3) !== 'OPN') throw new Error('The server opened no channel.');
    this.channel = answer.readUInt32LE(8);
    this.#token = 1;
  }

  /** A chunk of a message in the open channel. */
  chunk(body: Buffer, final: 'F' | 'C' | 'A' = 'F', type = 'MSG'): Buffer {
    return framed(type, final, uint32(this.channel), uint32(this.#token), this.#sequenced(final), body);
  }

  send(request: Request): void {
    this.write(this.chunk(bodyOf(request)));
  }

  /** Asks for the endpoints, as any client may; resolves with the answer. */
  async endpoints(): Promise<Buffer | undefined> {
    this.send(new GetEndpointsRequest({ endpointUrl: 'opc.tcp://127.0.0.1' }));
    return this.next();
  }

  close(): void {
    this.socket.destroy();
  }

  #sequenced(final = 'F'): Buffer {
    this.#sequence += 1;
    const header = Buffer.concat([uint32(this.#sequence), uint32(this.#requests + 1)]);
    if (final === 'F') this.#requests += 1;
    return header;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#notice = resolve;
    });
  }
}

/** A HEL message (OPC 10000-6, 7.1.2.3). */
export function helloMessage(fields: HelloFields = {}): Buffer {
  const {
    protocolVersion = 0,
    receiveBufferSize = 65_536,
    sendBufferSize = 65_536,
    maxMessageSize = 0,
    maxChunkCount = 0,
    endpointUrl = 'opc.tcp://127.0.0.1',
  } = fields;
  const numbers = [protocolVersion, receiveBufferSize, sendBufferSize, maxMessageSize, maxChunkCount];
  return framed('HEL', 'F', ...numbers.map(uint32), text(endpointUrl));
}

/** An OPN message, the first of its channel, with whatever stands in it (OPC 10000-6, 6.7.2.3). */
export function openMessage(
  body: Buffer,
  policy: string = SecurityPolicy.None,
  certificate?: Buffer,
  thumbprint?: Buffer,
): Buffer {
  const security = [text(policy), bytes(certificate), bytes(thumbprint)];
  return framed('OPN', 'F', uint32(0), ...security, uint32(1), uint32(1), body);
}

/** A message with its header: type, kind of chunk, and how long it says that it is. */
export function framed(type: string, final: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(`${type}${final}`, 'latin1'), uint32(body.length + 8), body]);
}

/** A service request as it is sent: the id of its type, then its fields. */
export function bodyOf(request: Request, room = 64 * 1024): Buffer {
  try {
    const stream = new BinaryStream(Buffer.alloc(room));
    request.encode(stream);
    return typed(
      Number(request.schema.encodingDefaultBinary?.value),
      Buffer.from(stream.buffer.subarray(0, stream.length)),
    );
  } catch (error) {
    if (room >= LONGEST_BODY) throw error;
    return bodyOf(request, room * 8);
  }
}

/** A body of a given type (OPC 10000-6, 5.2.2.9). */
export function typed(type: number, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0x01, 0x00, type & 0xff, type >> 8]), ...fields]);
}

export function uint32(value: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(value >>> 0);
  return four;
}

/** A String; undefined is null. */
export function text(value: string | undefined): Buffer {
  return bytes(value === undefined ? undefined : Buffer.from(value));
}

/** A ByteString; undefined is null. */
export function bytes(value: Buffer | undefined): Buffer {
  return value ? Buffer.concat([uint32(value.length), value]) : uint32(0xffff_ffff);
}

/** The header of a request without a session (OPC 10000-4, 7.33). */
export function requestHeader(diagnostics = 0): Buffer {
  return Buffer.concat([
    Buffer.from([0x00, 0x00]),
    Buffer.alloc(8),
    uint32(1),
    uint32(diagnostics),
    text(undefined),
    uint32(10_000),
    Buffer.from([0x00, 0x00, 0x00]),
  ]);
}
