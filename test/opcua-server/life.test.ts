import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import {
  AttributeIds,
  ClientSubscription,
  type OPCUACertificateManager,
  TimestampsToReturn,
} from 'node-opcua';
import { GATEWAY } from '../../domain/event.ts';
import { OpcUaStartError } from '../../opcua-server/errors.ts';
import { type OpcUaServer, type OpcUaServerOptions, startOpcUaServer } from '../../opcua-server/host.ts';
import { clientCertificates, TestClient } from './support/client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

describe('life of the OPC UA server', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let gateway: MemoryGateway;
  const servers: OpcUaServer[] = [];
  /** Threads that were born, newest last. */
  const threads: Worker[] = [];
  const born = (message: unknown): void => {
    threads.push((message as { worker: Worker }).worker);
  };

  before(async () => {
    subscribe('worker_threads', born);
    folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    certificates = await clientCertificates(folder);
  });

  after(async () => {
    unsubscribe('worker_threads', born);
    await certificates?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    gateway = new MemoryGateway({ A: 4 });
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function start(options: Partial<OpcUaServerOptions> = {}): Promise<OpcUaServer> {
    const server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: true,
      trustUnknownClients: true,
      siteName: 'Test site',
      ...options,
    });
    servers.push(server);
    return server;
  }

  async function startFailure(options: Partial<OpcUaServerOptions>): Promise<OpcUaStartError> {
    try {
      await start(options);
    } catch (error) {
      if (error instanceof OpcUaStartError) return error;
      throw error;
    }
    throw new Error('The start should have failed.');
  }

  function assign(compartment: number): void {
    gateway.append('A', {
      type: 'compartment-assigned',
      actor: GATEWAY,
      data: { compartment, user: 'u-1', reason: 'test' },
    });
  }

  it('makes its identity at the first start without any other program, closed to others, and keeps it', async () => {
    const { PATH } = process.env;
    const fresh = join(folder, 'fresh');
    process.env['PATH'] = '/nowhere';
    try {
      await (await start({ folder: fresh })).close();
    } finally {
      process.env['PATH'] = PATH;
    }
    expect((await stat(fresh)).mode & 0o777).to.equal(0o700);
    const identity = async (): Promise<string[]> =>
      Promise.all(
        [
          'application-uri',
          'applications/own/certs/certificate.pem',
          'applications/own/private/private_key.pem',
        ].map((file) => readFile(join(fresh, file), 'utf8')),
      );
    const first = await identity();
    const server = await start({ folder: fresh });
    await (await TestClient.connect(server.endpointUrl, certificates)).close();
    expect(await identity()).to.deep.equal(first);
  });

  it('keeps no more than a hundred certificates of unknown clients, the newest', async () => {
    const crowded = join(folder, 'crowded');
    const rejected = join(crowded, 'applications', 'rejected');
    await mkdir(rejected, { recursive: true });
    for (let count = 0; count < 150; count += 1) {
      const file = join(rejected, `Unknown[${count}].pem`);
      await writeFile(file, '');
      await utimes(file, 1_000 + count, 1_000 + count);
    }
    await start({ folder: crowded });
    const kept = await readdir(rejected);
    expect(kept).to.have.length(100);
    expect(kept).to.include('Unknown[149].pem').and.not.include('Unknown[49].pem');
  });

  it('reports its health, and leaves nothing behind when it is closed', async () => {
    const server = await start();
    expect(server.endpointUrl).to.match(/^opc\.tcp:\/\/127\.0\.0\.1:\d+$/);
    await server.close();
    expect(gateway.reports.map(({ condition }) => condition)).to.deep.equal(['degraded', 'ok', 'down']);
    expect(gateway.listeners).to.equal(0);
  });

  it('says which port is taken', async () => {
    const taken = createServer();
    await listen(taken);
    const { port } = taken.address() as AddressInfo;
    const error = await startFailure({ port });
    taken.close();
    expect(error.code).to.equal('opcua-port-in-use');
    expect(error.message).to.contain(String(port)).and.to.contain('SEZAM_OPCUA_PORT');
    expect(gateway.reports.at(-1)).to.deep.equal({ condition: 'down', detail: error.message });
    expect(gateway.listeners).to.equal(0);
  });

  it('says that the computer has no such address', async () => {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737): no computer has it.
    const error = await startFailure({ bind: '192.0.2.1' });
    expect(error.code).to.equal('opcua-address-unknown');
    expect(error.message).to.contain('192.0.2.1');
  });

  it('says that its folder cannot be used', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const error = await startFailure({ folder: file });
    expect(error.code).to.equal('opcua-folder-unusable');
    expect(error.message).to.contain(file);
  });

  it('replaces a thread that dies, on the same port and with what happened meanwhile', async () => {
    const server = await start();
    const { endpointUrl } = server;
    const before = gateway.reports.length;
    await threads.at(-1)?.terminate();
    await gateway.reported('down', before);
    assign(2);
    await gateway.reported('ok', before);
    expect(server.endpointUrl).to.equal(endpointUrl);
    const client = await TestClient.connect(endpointUrl, certificates);
    expect((await client.read('cabinet/A/compartment/2/State')).value.value).to.equal(1);
    await client.close();
  });

  it('can be closed while it waits to start again', async () => {
    const server = await start();
    const before = gateway.reports.length;
    await threads.at(-1)?.terminate();
    await gateway.reported('down', before);
    const count = threads.length;
    await server.close();
    expect(gateway.reports.at(-1)).to.deep.equal({ condition: 'down', detail: 'stopped' });
    expect(threads.length).to.equal(count);
  });

  it('goes on serving others when a client vanishes with a subscription', async () => {
    const server = await start();
    const cable = await cableTo(Number(new URL(server.endpointUrl).port));
    const lost = await TestClient.connect(cable.endpointUrl, certificates);
    const subscription = ClientSubscription.create(lost.session, {
      requestedPublishingInterval: 20,
      publishingEnabled: true,
    });
    await subscription.monitor(
      { nodeId: lost.id('cabinet/A/compartment/1/State'), attributeId: AttributeIds.Value },
      { samplingInterval: 0 },
      TimestampsToReturn.Both,
    );
    const gone = new Promise((resolve) => lost.client.once('connection_lost', () => resolve(undefined)));
    cable.cut();
    await gone;
    const garbage = connect(Number(new URL(server.endpointUrl).port), '127.0.0.1');
    garbage.on('error', () => {});
    garbage.write('GET / HTTP/1.1\r\n\r\n');
    assign(1);
    const client = await TestClient.connect(server.endpointUrl, certificates);
    while ((await client.read('cabinet/A/compartment/1/State')).value.value !== 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await client.close();
    garbage.destroy();
    await lost.client.disconnect();
    expect(gateway.reports.at(-1)?.condition).to.equal('ok');
  });
});

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
}

/** A cable to a port, which can be cut so that both ends lose their connection without a word. */
async function cableTo(port: number): Promise<{ endpointUrl: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    near.pipe(far).pipe(near);
  });
  await listen(server);
  return {
    endpointUrl: `opc.tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}
