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

/** Verbs of OPC 10000-3, 9.32.7. */
const VERBS = { added: 1, deleted: 2, 'reference added': 4, 'reference deleted': 8 } as const;

describe('OPC UA while the site changes', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let gateway: MemoryGateway;
  let server: OpcUaServer;
  let client: TestClient;
  /** Each event, as its changes `<verbs> <node id>: <type>`. */
  let told: string[][];
  const severities = new Set<unknown>();

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
      if (!fields[0]?.value) return;
      told.push((fields[0].value as ModelChangeStructureDataType[]).map(inWords));
      severities.add(fields[1]?.value);
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

  /** In words, without namespaces: all that is told of stands in the server's own. */
  function inWords({ verb, affected, affectedType }: ModelChangeStructureDataType): string {
    const verbs = Object.entries(VERBS).flatMap(([name, bit]) => (verb & bit ? [name] : []));
    return `${verbs.join(', ')} ${String(affected.value)}: ${String(affectedType.value)}`;
  }

  async function toldOf(...events: readonly (readonly string[])[]): Promise<void> {
    await eventually('as many events', () => told.length >= events.length);
    expect(told).to.deep.equal(events);
  }

  async function version(name = 'cabinets'): Promise<number> {
    return Number((await client.read(`${name}/NodeVersion`)).value.value);
  }

  it('shows a cabinet that is added, and says so', async () => {
    const before = await version();
    gateway.addCabinet('C', 3);
    await client.becomes('cabinet/C/Summary/Free', 3);
    expect((await client.read('cabinet/C/compartment/3/State')).statusCode).to.equal(StatusCodes.Good);
    expect([...(await client.browse('cabinets')).keys()]).to.include('C');
    await toldOf(['added cabinet/C: type/CabinetType', 'reference added cabinets: 61']);
    expect([...severities], 'of 1 to 1000').to.deep.equal([100]);
    expect(await version()).to.be.greaterThan(before);
    const opened = await client.command('C', 'Open', 1, 'test');
    expect(opened.statusCode).to.equal(StatusCodes.Good);
  });

  it('takes away a cabinet that is removed, and says so', async () => {
    gateway.removeCabinet('B');
    await toldOf(['deleted cabinet/B: type/CabinetType', 'reference deleted cabinets: 61']);
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

  it('tells of compartments that came and went, by the folder that has a version', async () => {
    const folder = 'cabinet/A/Compartments';
    const before = await version(folder);
    gateway.configure('A', 4);
    await client.becomes('cabinet/A/Summary/Total', 4);
    const grown = await version(folder);
    expect(grown).to.be.greaterThan(before);
    gateway.configure('A', 3);
    await client.becomes('cabinet/A/Summary/Total', 3);
    expect(await version(folder)).to.be.greaterThan(grown);
    await toldOf([`reference added ${folder}: 61`], [`reference deleted ${folder}: 61`]);
  });

  it('tells in one event of all that came and went at once', async () => {
    gateway.configure('A', 40);
    await client.becomes('cabinet/A/Summary/Total', 40);
    await toldOf(['reference added cabinet/A/Compartments: 61', 'reference added cabinet/A/LockBoards: 61']);
    told.length = 0;
    gateway.configure('A', 3);
    await client.becomes('cabinet/A/Summary/Total', 3);
    await toldOf([
      'reference deleted cabinet/A/Compartments: 61',
      'reference deleted cabinet/A/LockBoards: 61',
    ]);
  });

  it('tells that a cabinet has one more source of events, with a reader that came', async () => {
    const readers = gateway.site.readers;
    gateway.site = {
      ...gateway.site,
      readers: [{ id: 'r', cabinet: 'A', panel: 'P', bus: 'b', decide: 'gateway' }],
    };
    gateway.renameCabinet('A', 'Cabinet A');
    const changed = (verb: string) => [
      `${verb} cabinet/A: type/CabinetType`,
      `${verb} cabinet/A/Readers: 61`,
    ];
    await toldOf(changed('reference added'));
    told.length = 0;
    gateway.site = { ...gateway.site, readers };
    gateway.renameCabinet('A', 'Cabinet A');
    await toldOf(changed('reference deleted'));
    expect((await client.browse('cabinet/A/Readers')).size).to.equal(1);
  });

  it('tells of no node that has no version (OPC 10000-3, 9.32.2)', async () => {
    gateway.addCabinet('E', 17);
    await client.becomes('cabinet/E/Summary/Free', 17);
    gateway.configure('E', 5);
    await client.becomes('cabinet/E/Summary/Total', 5);
    await eventually('both events', () => told.length >= 2);
    for (const change of told.flat()) {
      const name = change.replace(/^.*? (\S+): .*$/, '$1');
      expect((await client.read(`${name}/NodeVersion`)).statusCode, change).to.equal(StatusCodes.Good);
    }
  });

  it('calls a cabinet by its new name, under the same node ids', async () => {
    gateway.renameCabinet('A', 'Hall');
    await client.becomes('cabinet/A/Name', 'Hall');
    const name = await client.read('cabinet/A', AttributeIds.DisplayName);
    expect((name.value.value as LocalizedText).text).to.equal('Hall');
    expect(told).to.deep.equal([]);
  });

  it('tells of a cassette that the gateway has found, and not its name: nobody who may not see it learns that', async () => {
    gateway.showCassette(cassetteView({ id: 'K', name: 'Drawer' }));
    await client.becomes('cassette/K/Name', 'Drawer');
    await toldOf(['reference added cassettes: 61']);
  });
});

/** The changes of model change events. */
function changesOnly() {
  return constructEventFilter(['Changes', 'Severity']);
}
