import { expect } from 'chai';
import fc from 'fast-check';
import {
  CallRequest,
  getStatusCodeFromCode,
  ReadRequest,
  resolveNodeId,
  SecurityPolicy,
  type StatusCodes,
} from 'node-opcua';
import { certify } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { AttackedServer } from '../support/attacked-server.ts';
import {
  bodyOf,
  framed,
  type HelloFields,
  helloMessage,
  openMessage,
  RawConnection,
  requestHeader,
  typed,
  uint32,
} from '../support/raw-connection.ts';

/** Rounds of the fuzz; more with e.g. `SEZAM_FUZZ_RUNS=20000`. */
const RUNS = Number(process.env['SEZAM_FUZZ_RUNS'] ?? 150);

/** Ids of the encodings of requests (OPC 10000-6, annex A). */
const CALL = 712;
const ENDPOINTS = 428;

/** A Call with one argument, as it is encoded. */
const callWith = (argument: Buffer): Buffer =>
  typed(CALL, requestHeader(), uint32(1), Buffer.from([0, 0, 0, 0]), uint32(1), argument);
/** A Variant that is an array of one Variant, and so on, with a Boolean in the middle. */
const nested = (depth: number): Buffer =>
  Buffer.concat([
    ...Array.from({ length: depth }, () => Buffer.from([0x98, 1, 0, 0, 0])),
    Buffer.from([1, 1]),
  ]);
/** A DiagnosticInfo with an inner one, and so on. */
const diagnosed = (depth: number): Buffer =>
  Buffer.concat([Buffer.from([25]), Buffer.alloc(depth, 0x40), Buffer.from([0])]);
const variant = (...parts: readonly (Buffer | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? uint32(part) : part)));
const one = (byte: number): Buffer => Buffer.from([byte]);

interface Hostile {
  readonly what: string;
  readonly messages: (connection: RawConnection) => readonly Buffer[];
  /** The status that the server hangs up with, or answers with. */
  readonly status: keyof typeof StatusCodes;
  /** Whether the connection stays. */
  readonly stays?: true;
  readonly hello?: HelloFields;
}

const IN_A_CHANNEL: readonly Hostile[] = [
  {
    what: 'a chunk of no length',
    messages: () => [Buffer.from('MSGF\0\0\0\0')],
    status: 'BadTcpInternalError',
  },
  {
    what: 'a chunk of 4 GB',
    messages: () => [Buffer.concat([Buffer.from('MSGF'), uint32(0xffff_ffff)])],
    status: 'BadTcpMessageTooLarge',
  },
  {
    what: 'a type that is none',
    messages: () => [framed('XYZ', 'F', Buffer.alloc(16))],
    status: 'BadTcpMessageTypeInvalid',
  },
  {
    what: 'a kind of chunk that is none',
    messages: () => [framed('MSG', 'X', Buffer.alloc(16))],
    status: 'BadTcpMessageTypeInvalid',
  },
  {
    what: 'what only servers send',
    messages: () => [framed('ACK', 'F', Buffer.alloc(20))],
    status: 'BadTcpMessageTypeInvalid',
  },
  { what: 'a second hello', messages: () => [helloMessage()], status: 'BadTcpMessageTypeInvalid' },
  {
    what: 'nothing in a chunk',
    messages: (to) => [to.chunk(Buffer.alloc(0))],
    status: 'BadTcpInternalError',
  },
  {
    what: 'a request of an unknown type',
    messages: (to) => [to.chunk(typed(9_999))],
    status: 'BadNotSupported',
  },
  {
    what: 'a request that is cut off',
    messages: (to) => [to.chunk(typed(CALL, requestHeader().subarray(0, 9)))],
    status: 'BadDecodingError',
  },
  {
    what: 'an array of 4 G',
    messages: (to) => [to.chunk(typed(CALL, requestHeader(), uint32(0xffff_fffe)))],
    status: 'BadDecodingError',
  },
  {
    what: 'an array of a million that are not there',
    messages: (to) => [to.chunk(typed(CALL, requestHeader(), uint32(1_000_000)))],
    status: 'BadDecodingError',
  },
  {
    what: 'a String of 2 GB',
    messages: (to) => [to.chunk(callWith(variant(one(12), 0x7fff_ffff)))],
    status: 'BadDecodingError',
  },
  {
    what: 'a Variant with an array of a million that are not there',
    messages: (to) => [to.chunk(callWith(variant(one(0x86), 1_000_000)))],
    status: 'BadDecodingError',
  },
  {
    what: 'a matrix of 10^15 elements',
    messages: (to) => [to.chunk(callWith(variant(one(0xc6), 1, 5, 3, 100_000, 100_000, 100_000)))],
    status: 'BadDecodingError',
  },
  {
    what: '200 Variants in one another',
    messages: (to) => [to.chunk(callWith(nested(200)))],
    status: 'BadDecodingError',
  },
  {
    what: '12,000 Variants in one another',
    messages: (to) => [to.chunk(callWith(nested(12_000)))],
    status: 'BadDecodingError',
  },
  {
    what: '60,000 DiagnosticInfos in one another',
    messages: (to) => [to.chunk(callWith(diagnosed(60_000)))],
    status: 'BadDecodingError',
  },
  {
    what: '30,000 empty Variants',
    messages: (to) => [to.chunk(callWith(variant(one(0x98), 30_000, Buffer.alloc(30_000))))],
    status: 'BadSessionIdInvalid',
    stays: true,
  },
  {
    what: 'chunks without an end',
    messages: (to) => Array.from({ length: 100 }, () => to.chunk(Buffer.alloc(8_000), 'C')),
    status: 'BadTcpMessageTooLarge',
    hello: { maxMessageSize: 0x7fff_ffff, maxChunkCount: 0x7fff_ffff },
  },
  {
    what: 'more chunks than it announced',
    messages: (to) => [
      to.chunk(Buffer.alloc(9), 'C'),
      to.chunk(Buffer.alloc(9), 'C'),
      to.chunk(Buffer.alloc(9), 'C'),
    ],
    status: 'BadTcpMessageTooLarge',
    hello: { maxChunkCount: 2 },
  },
  {
    what: 'a request of a megabyte from somebody without a session',
    messages: (to) => {
      const body = callWith(variant(one(15), 900_000, Buffer.alloc(900_000)));
      return Array.from({ length: 15 }, (_, at) =>
        to.chunk(body.subarray(at * 60_000, (at + 1) * 60_000), at === 14 ? 'F' : 'C'),
      );
    },
    status: 'BadTcpMessageTooLarge',
  },
  {
    what: 'a sequence number twice',
    messages: (to) => {
      const chunk = to.chunk(bodyOf(new ReadRequest({})));
      return [chunk, chunk];
    },
    status: 'BadTcpInternalError',
  },
  {
    what: 'a sequence number that is left out',
    messages: (to) => {
      to.chunk(Buffer.alloc(0));
      return [to.chunk(bodyOf(new ReadRequest({})))];
    },
    status: 'BadTcpInternalError',
  },
  {
    what: "somebody else's channel",
    messages: (to) => {
      const chunk = to.chunk(bodyOf(new ReadRequest({})));
      chunk.writeUInt32LE(to.channel + 1, 8);
      return [chunk];
    },
    status: 'BadCommunicationError',
  },
  {
    what: 'a token that was never given',
    messages: (to) => {
      const chunk = to.chunk(bodyOf(new ReadRequest({})));
      chunk.writeUInt32LE(77, 12);
      return [chunk];
    },
    status: 'BadCommunicationError',
  },
  {
    what: 'a Read without a session',
    messages: (to) => [to.chunk(bodyOf(new ReadRequest({})))],
    status: 'BadSessionIdInvalid',
    stays: true,
  },
  {
    what: 'a Call without a session',
    messages: (to) => [
      to.chunk(bodyOf(new CallRequest({ methodsToCall: [{ objectId: 'i=2253', methodId: 'i=11492' }] }))),
    ],
    status: 'BadSessionIdInvalid',
    stays: true,
  },
  {
    what: "a request with a session's token that was made up",
    messages: (to) => {
      const request = new ReadRequest({ nodesToRead: [{ nodeId: resolveNodeId('i=2253') }] });
      request.requestHeader.authenticationToken = resolveNodeId('ns=0;b=AAAAAAAAAAAAAAAAAAAAAA==');
      return [to.chunk(bodyOf(request))];
    },
    status: 'BadSessionIdInvalid',
    stays: true,
  },
];

describe('The binary port of the OPC UA server, under hostile messages', () => {
  let attacked: AttackedServer;

  before(async () => {
    attacked = await AttackedServer.start();
  });

  after(() => attacked?.close());
  afterEach(() => attacked.holds());

  describe('in an open channel', () => {
    for (const { what, messages, status, hello, stays } of IN_A_CHANNEL) {
      it(`answers ${what} with ${status}`, async () => {
        const connection = await RawConnection.to(attacked.endpointUrl);
        await connection.open(hello);
        connection.write(...messages(connection));
        let told: string | undefined;
        // Before the last word there may be answers to what was still right.
        for (let answer = await connection.next(); answer; answer = await connection.next()) {
          told = statusOf(answer);
          if (stays || told === status) break;
        }
        expect(told).to.equal(status);
        if (stays) expect(statusOf(await connection.endpoints())).to.equal('Good');
        else await connection.hungUp();
        connection.close();
      });
    }
  });

  describe('before a channel is open', () => {
    /** What the server says to the message, after the hello where there is one. */
    const refused = async (message: Buffer, hello?: HelloFields): Promise<string | undefined> => {
      const connection = await RawConnection.to(attacked.endpointUrl);
      if (hello) await connection.hello(hello);
      connection.write(message);
      const told = await connection.next();
      await connection.hungUp();
      connection.close();
      return statusOf(told);
    };
    const opening = (
      policy: string,
      certificate?: Buffer,
      thumbprint?: Buffer,
    ): Promise<string | undefined> =>
      refused(openMessage(Buffer.alloc(248, 0x5a), policy, certificate, thumbprint), {});

    it('hangs up on what is no hello', async () => {
      expect(await refused(Buffer.from('GET / HTTP/1.1\r\nHost: sezam\r\n\r\n'))).to.equal(
        'BadTcpMessageTypeInvalid',
      );
      expect(await refused(framed('HEL', 'F', Buffer.alloc(3)))).to.equal('BadConnectionRejected');
      expect(await refused(helloMessage({ receiveBufferSize: 10, sendBufferSize: 10 }))).to.equal(
        'BadConnectionRejected',
      );
      expect(await refused(helloMessage({ endpointUrl: 'x'.repeat(5_000) }))).to.equal(
        'BadTcpMessageTooLarge',
      );
      expect(await refused(framed('MSG', 'F', Buffer.alloc(24)))).to.equal('BadCommunicationError');
    });

    it('hangs up on requests before a channel', async () => {
      const message = framed('MSG', 'F', uint32(0), uint32(0), uint32(1), uint32(1), typed(ENDPOINTS));
      expect(await refused(message, {})).to.match(/^Bad/);
    });

    it('takes no security that it does not have', async () => {
      expect(await opening('urn:no-such-policy')).to.match(/^Bad/);
      expect(await opening(SecurityPolicy.Basic256)).to.match(/^Bad/);
    });

    it('looks at no certificate that is none, too long, or one of an endless chain', async () => {
      const { raw } = certify({ name: 'Stranger', applicationUri: 'urn:stranger' }).certificate;
      const chain = (bytes: number): Buffer =>
        Buffer.concat(Array.from({ length: Math.ceil(bytes / raw.length) }, () => raw));
      const thumbprint = Buffer.alloc(20, 1);
      const policy = SecurityPolicy.Basic256Sha256;
      expect(await opening(policy, Buffer.alloc(2_000, 0x30), thumbprint)).to.match(/^Bad/);
      expect(await opening(policy, Buffer.alloc(20_000, 0xff), thumbprint)).to.match(/^Bad/);
      expect(await opening(policy, chain(16_000), thumbprint)).to.match(/^Bad/);
      expect(await opening(policy, chain(50_000), thumbprint)).to.equal('BadTcpMessageTooLarge');
      expect(await opening(policy, raw, thumbprint)).to.match(/^Bad/);
      expect(await opening(policy, undefined, thumbprint)).to.match(/^Bad/);
    });

    it('serves others while hundreds of connections say nothing, or nothing after the hello', async () => {
      const idle: RawConnection[] = [];
      for (let count = 0; count < 250; count += 1) {
        const connection = await RawConnection.to(attacked.endpointUrl);
        if (count % 2 === 0) connection.write(helloMessage());
        if (count % 4 === 1) connection.write(helloMessage().subarray(0, 12));
        idle.push(connection);
      }
      await eventually('some of them give way', () => idle.some(({ closed }) => closed));
      await attacked.holds();
      for (const connection of idle) connection.close();
      const { records } = attacked.server;
      await eventually('a record of it', () =>
        records.some(({ data }) => 'reason' in data && data.reason === 'too-many-connections'),
      );
    });
  });

  it('goes on after whatever bytes it is sent', async () => {
    const mutation = fc.record({
      /** Where, as a part of the whole, and what is done there. */
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      change: fc.oneof(
        fc.record({ set: fc.integer({ min: 0, max: 255 }) }),
        fc.record({ insert: fc.uint8Array({ maxLength: 40 }) }),
        fc.record({ cut: fc.integer({ min: 1, max: 60 }) }),
        fc.record({ size: fc.constantFrom(0, 1, 8, 9, 255, 65_535, 65_537, 0x7fff_ffff, 0xffff_ffff) }),
      ),
    });
    const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });
    const whole = fc.uint8Array({ minLength: 1, maxLength: 2_000 });
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: mutations }, whole), async (how) => {
        const connection = await RawConnection.to(attacked.endpointUrl);
        if (how instanceof Uint8Array) {
          connection.write(Buffer.from(how));
        } else {
          await connection.open();
          let message = connection.chunk(callWith(nested(3)));
          for (const { at, change } of how) message = mutated(message, at, change);
          connection.write(message);
        }
        connection.socket.end();
        await connection.hungUp();
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  }).timeout(Math.max(120_000, RUNS * 50));
});

type Change =
  | { readonly set: number }
  | { readonly insert: Uint8Array }
  | { readonly cut: number }
  | { readonly size: number };

function mutated(message: Buffer, where: number, change: Change): Buffer {
  const at = Math.min(Math.floor(where * message.length), Math.max(message.length - 1, 0));
  if ('insert' in change)
    return Buffer.concat([message.subarray(0, at), change.insert, message.subarray(at)]);
  if ('cut' in change) return Buffer.concat([message.subarray(0, at), message.subarray(at + change.cut)]);
  const copy = Buffer.from(message);
  if ('set' in change) copy[at] = change.set;
  else if (at + 4 <= copy.length) copy.writeUInt32LE(change.size, at);
  return copy;
}

/** The status of an ERR message, or of the answer to a request. */
function statusOf(message: Buffer | undefined): string {
  if (!message) return 'hung up';
  if (message.toString('latin1', 0, 3) === 'ERR') return nameOf(message.readUInt32LE(8));
  // After the headers of chunk, security and sequence: the type, the time, and the handle of the request.
  return nameOf(message.readUInt32LE(24 + 4 + 8 + 4));
}

function nameOf(code: number): string {
  return getStatusCodeFromCode(code).name;
}
