import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { ConnectionGuard, type EndedConnection } from '../../../opcua-server/connections/guard.ts';
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  transportLimitsFor,
} from '../../../opcua-server/limits.ts';
import { eventually } from '../../support/eventually.ts';
import { framed, helloMessage } from '../support/raw-connection.ts';

const MEBIBYTE = 1024 * 1024;

describe('The guard of connections', () => {
  const LIMITS: ConnectionLimits = {
    ...CONNECTION_LIMITS,
    opensWithin: 100,
    completesWithin: 100,
    readsWithin: 100,
    mostUnfinished: 10_000,
  };
  let server: Server;
  let guard: ConnectionGuard;
  let port: number;
  const accepted: Socket[] = [];
  const ended: EndedConnection[] = [];

  beforeEach(async () => {
    ended.length = 0;
    guard = new ConnectionGuard(LIMITS, (connection) => ended.push(connection));
    server = createServer((socket) => void accepted.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });

  afterEach(async () => {
    guard.close();
    for (const socket of accepted.splice(0)) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  async function client(): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    await once(socket, 'connect');
    return socket;
  }

  const whys = (): string[] => ended.map(({ why }) => why);

  it('ends a connection that opens no channel in time, and one that does not complete its message', async () => {
    const silent = await client();
    await once(silent, 'close');
    expect(whys()).to.deep.equal(['not-opened']);
    const slow = await client();
    slow.write(helloMessage().subarray(0, 20));
    await once(slow, 'close');
    expect(whys()).to.have.length(2);
  });

  it('ends the one with the most where unfinished messages are too many together', async () => {
    const [small, large] = [await client(), await client()];
    small.write(framed('MSG', 'C', Buffer.alloc(3_000)));
    await eventually('the first is accepted', () => accepted.length === 2);
    large.write(framed('MSG', 'C', Buffer.alloc(9_000)));
    await once(large, 'close');
    expect(whys()).to.include('too-much-unfinished');
    expect(small.destroyed).to.equal(false);
    small.destroy();
  });

  it('ends a connection whose client does not read', async () => {
    const deaf = await client();
    deaf.pause();
    await eventually('it is accepted', () => accepted.length === 1);
    accepted[0]?.write(Buffer.alloc(32 * MEBIBYTE));
    await eventually('the guard ends it', () => accepted[0]?.destroyed === true);
    expect(whys()).to.have.length(1);
    deaf.destroy();
  });
});

describe('The limits of a connection', () => {
  const hello = { receiveBufferSize: 65_536, sendBufferSize: 65_536, maxMessageSize: 0, maxChunkCount: 0 };

  it('are what the client asks for, as far as that goes', () => {
    expect(transportLimitsFor(hello)).to.deep.include({
      maxMessageSize: 16 * MEBIBYTE,
      receiveBufferSize: 65_536,
    });
    expect(transportLimitsFor({ ...hello, maxMessageSize: 100_000, maxChunkCount: 1 })).to.deep.include({
      maxMessageSize: 100_000,
      maxChunkCount: 1,
    });
    expect(transportLimitsFor({ ...hello, receiveBufferSize: 10, sendBufferSize: 2 ** 31 })).to.deep.include({
      receiveBufferSize: 8_192,
      sendBufferSize: 65_536,
    });
  });

  it('let through as many chunks as the longest message has', () => {
    const { maxMessageSize, maxChunkCount, sendBufferSize } = transportLimitsFor({
      ...hello,
      maxMessageSize: 2 ** 31,
      maxChunkCount: 2 ** 31,
    });
    expect(maxMessageSize).to.equal(16 * MEBIBYTE);
    expect(maxChunkCount * sendBufferSize).to.be.within(maxMessageSize, 2 * maxMessageSize);
  });
});
