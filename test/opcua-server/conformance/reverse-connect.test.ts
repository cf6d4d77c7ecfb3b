import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import {
  ClientReverseConnect,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  StatusCodes,
} from 'node-opcua';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { ADMINISTRATOR, failureOf } from '../support/client.ts';
import { clientCertificate, SecuredServer } from '../support/secured-server.ts';

/** Accepts connections and says nothing; what arrives is kept. */
class SilentClient {
  readonly sockets: Socket[] = [];
  readonly received: Buffer[] = [];
  readonly #server: Server = createServer((socket) => {
    this.sockets.push(socket);
    socket.on('data', (bytes) => this.received.push(bytes));
    socket.on('error', () => {});
  });

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('OPC UA reverse connections', () => {
  // Servers are started and stopped here, and waited for.
  let server: SecuredServer;
  let port: number;

  before(async () => {
    server = await SecuredServer.start();
    port = await freePort();
  });
  after(() => server.close());

  it('serve a client that waits for the server, with encryption and log-in as ever', async () => {
    const waiting = new ClientReverseConnect('opc.tcp://127.0.0.1:0');
    await waiting.start();
    await server.restart({ reverseConnect: [`opc.tcp://127.0.0.1:${waiting.listeningPort}`] });
    const certificate = await server.asked<{ thumbprint: string; applicationUri: string }>({
      do: 'show-opcua-certificate',
    });
    const [endpoint] = await endpointsOf(server.endpointUrl);
    const client = OPCUAClient.create({
      ...(await server.as(clientCertificate())),
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy.Basic256Sha256,
      serverCertificate: endpoint?.serverCertificate as Buffer,
      endpointMustExist: false,
      connectionStrategy: { maxRetry: 0 },
    });
    // The ReverseHello names the server: a client that waits for several can tell them apart.
    await client.connectReverse(waiting, { serverUri: certificate.applicationUri });
    const session = await client.createSession(ADMINISTRATOR);
    const read = await session.read({ nodeId: 'ns=0;i=2259', attributeId: 13 });
    expect(read.statusCode).to.equal(StatusCodes.Good);
    expect(await failureOf(client.createSession({ ...ADMINISTRATOR, password: 'wrong' } as never))).to.match(
      /BadUserAccessDenied/,
    );
    await session.close();
    await client.disconnect();
    await waiting.stop();
  });

  it('are tried again for a client that is not there yet, or has left', async () => {
    const client = new SilentClient();
    await server.restart({ reverseConnect: [`opc.tcp://127.0.0.1:${port}`] });
    await client.listen(port);
    await eventually('the first ReverseHello', () => client.received.length === 1);
    expect(client.received[0]?.subarray(0, 4).toString()).to.equal('RHEF');
    client.sockets[0]?.destroy();
    await eventually('the second ReverseHello', () => client.received.length === 2);
    // A client that says nothing holds one connection, and keeps nobody else out.
    expect(client.sockets.filter(({ destroyed }) => !destroyed)).to.have.length(1);
    const other = await server.connect(ADMINISTRATOR);
    expect((await other.read('cabinet/A/Name')).statusCode).to.equal(StatusCodes.Good);
    await server.restart();
    await eventually('the end of the connection', () => client.sockets.every(({ destroyed }) => destroyed));
    await client.close();
  });

  it('are not made where none is asked for', async () => {
    const client = new SilentClient();
    await client.listen(port);
    await server.restart();
    const probe = connect(port, '127.0.0.1');
    await eventually('the probe alone', () => client.sockets.length === 1);
    probe.destroy();
    expect(client.received).to.deep.equal([]);
    await client.close();
  });
});

async function endpointsOf(endpointUrl: string) {
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } });
  await client.connect(endpointUrl);
  const endpoints = await client.getEndpoints();
  await client.disconnect();
  return endpoints.filter(({ securityMode }) => securityMode === MessageSecurityMode.SignAndEncrypt);
}
