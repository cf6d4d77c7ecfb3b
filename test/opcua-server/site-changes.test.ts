import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  AttributeIds,
  constructEventFilter,
  type LocalizedText,
  type ModelChangeStructureDataType,
  type OPCUACertificateManager,
  resolveNodeId,
  StatusCodes,
  TimestampsToReturn,
  type Variant,
} from 'node-opcua';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { eventually } from '../support/eventually.ts';
import { cassetteView } from './support/cassette-views.ts';
import { ADMINISTRATOR, clientCertificates, TestClient } from './support/client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

/** Verbs of OPC 10000-5, 12.12. */
const NODE_ADDED = 1;
const NODE_DELETED = 2;

describe('OPC UA while the site changes', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let gateway: MemoryGateway;
  let server: OpcUaServer;
  let client: TestClient;
  /** What was told to be added and deleted, as `<verb> <node id>`. */
  let told: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    gateway = new MemoryGateway({ A: 2, B: 2 });
    server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
    });
    certificates = await clientCertificates(folder);
    client = await TestClient.connect(server.endpointUrl, certificates, ADMINISTRATOR);
    told = [];
    const subscription = await client.session.createSubscription2({
      requestedPublishingInterval: 20,
      publishingEnabled: true,
    });
    const events = await subscription.monitor(
      { nodeId: resolveNodeId('Server'), attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize: 100, discardOldest: true, filter: changesOnly() },
      TimestampsToReturn.Both,
    );
    events.on('changed', (fields: Variant[]) => {
      for (const { verb, affected } of (fields[0]?.value ?? []) as ModelChangeStructureDataType[]) {
        if (verb === NODE_ADDED || verb === NODE_DELETED) told.push(`${verb} ${affected.toString()}`);
      }
    });
  });

  beforeEach(() => {
    told.length = 0;
  });

  after(async () => {
    await client?.close();
    await server?.close();
    await certificates?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function toldOf(changes: readonly string[]): Promise<void> {
    await eventually('as many changes', () => told.length >= changes.length);
    expect(told).to.deep.equal(changes);
  }

  async function version(): Promise<number> {
    return Number((await client.read('cabinets/NodeVersion')).value.value);
  }

  it('shows a cabinet that is added, and says so', async () => {
    const before = await version();
    gateway.addCabinet('C', 3);
    await client.becomes('cabinet/C/Summary/Free', 3);
    expect((await client.read('cabinet/C/compartment/3/State')).statusCode).to.equal(StatusCodes.Good);
    expect([...(await client.browse('cabinets')).keys()]).to.include('C');
    await toldOf([`${NODE_ADDED} ${client.id('cabinet/C')}`]);
    expect(await version()).to.be.greaterThan(before);
    const opened = await client.command('C', 'Open', 1, 'test');
    expect(opened.statusCode).to.equal(StatusCodes.Good);
  });

  it('takes away a cabinet that is removed, and says so', async () => {
    gateway.removeCabinet('B');
    await toldOf([`${NODE_DELETED} ${client.id('cabinet/B')}`]);
    const { statusCode } = await client.read('cabinet/B/compartment/1/State');
    expect(statusCode).to.equal(StatusCodes.BadNodeIdUnknown);
    expect([...(await client.browse('cabinets')).keys()]).to.not.include('B');
    expect((await client.read('cabinet/A/Summary/Total')).value.value).to.equal(2);
  });

  it('tells who monitors a node that is removed that it is there no more', async () => {
    gateway.addCabinet('D', 1);
    await client.becomes('cabinet/D/Summary/Free', 1);
    const subscription = await client.session.createSubscription2({
      requestedPublishingInterval: 20,
      publishingEnabled: true,
    });
    const item = await subscription.monitor(
      { nodeId: client.id('cabinet/D/compartment/1/State'), attributeId: AttributeIds.Value },
      { samplingInterval: 0, queueSize: 10, discardOldest: true },
      TimestampsToReturn.Both,
    );
    const statuses: string[] = [];
    item.on('changed', (value: { statusCode: { name: string } }) => statuses.push(value.statusCode.name));
    await eventually('the first value', () => statuses.join() === 'Good');
    gateway.removeCabinet('D');
    await eventually('the end', () => statuses.join() === 'Good,BadNodeIdInvalid');
    await subscription.terminate();
  });

  it('tells of compartments that came and went', async () => {
    gateway.configure('A', 4);
    await client.becomes('cabinet/A/Summary/Total', 4);
    gateway.configure('A', 3);
    await client.becomes('cabinet/A/Summary/Total', 3);
    await toldOf([
      `${NODE_ADDED} ${client.id('cabinet/A/compartment/3')}`,
      `${NODE_ADDED} ${client.id('cabinet/A/compartment/4')}`,
      `${NODE_DELETED} ${client.id('cabinet/A/compartment/4')}`,
    ]);
  });

  it('calls a cabinet by its new name, under the same node ids', async () => {
    gateway.renameCabinet('A', 'Hall');
    await client.becomes('cabinet/A/Name', 'Hall');
    const name = await client.read('cabinet/A', AttributeIds.DisplayName);
    expect((name.value.value as LocalizedText).text).to.equal('Hall');
    expect(told).to.deep.equal([]);
  });

  it('tells of a cassette that the gateway has found', async () => {
    gateway.showCassette(cassetteView({ id: 'K', name: 'Drawer' }));
    await client.becomes('cassette/K/Name', 'Drawer');
    await toldOf([`${NODE_ADDED} ${client.id('cassette/K')}`]);
  });
});

/** The changes of model change events. */
function changesOnly() {
  return constructEventFilter(['Changes']);
}
