import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  AttributeIds,
  constructEventFilter,
  type DataValue,
  getExtraDataTypeManager,
  type LocalizedText,
  type OPCUACertificateManager,
  resolveNodeId,
  StatusCodes,
  TimestampsToReturn,
  type Variant,
} from 'node-opcua';
import { GATEWAY } from '../../domain/event.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { eventually } from '../support/eventually.ts';
import { ADMINISTRATOR, clientCertificates, TestClient } from './support/client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

const SCANNED_AT = Date.UTC(2026, 10, 2, 9, 15);
/** DeviceHealthEnumeration of OPC 10000-100. */
const NORMAL = 0;
const FAILURE = 1;

describe('OPC UA devices of a cabinet', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let gateway: MemoryGateway;
  let server: OpcUaServer;
  let client: TestClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    gateway = new MemoryGateway({ A: 20 });
    gateway.site = {
      ...gateway.site,
      cabinets: [
        {
          id: 'A',
          name: 'Cabinet A',
          nameplate: {
            manufacturer: 'Example Lockers',
            serialNumber: 'L-0042',
            productInstanceUri: 'https://example.com/lockers/L-0042',
            yearOfConstruction: 2024,
          },
        },
      ],
      boards: [
        { id: 'A-0', bus: 'locks', driver: 'kerong-cu48' },
        { id: 'A-1', bus: 'locks', driver: 'kerong-cu48' },
      ],
      buses: [{ id: 'readers', transport: 'flow' }],
      readers: [{ id: 'door/1', cabinet: 'A', panel: 'P', bus: 'readers', decide: 'gateway' }],
    };
    server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: true,
      trustUnknownClients: true,
      siteName: 'Test site',
    });
    certificates = await clientCertificates(folder);
    client = await TestClient.connect(server.endpointUrl, certificates, ADMINISTRATOR);
    // A client looks the types of what was read up before the first such event: it takes seconds on a busy computer.
    await getExtraDataTypeManager(client.session);
  });

  after(async () => {
    await client?.close();
    await server?.close();
    await certificates?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const value = async (name: string): Promise<unknown> => (await client.read(name)).value.value;

  it('shows the nameplate of a cabinet among the machines', async () => {
    const identification = await client.browse('cabinet/A/Identification');
    expect([...identification.keys()]).to.have.members([
      'Manufacturer',
      'SerialNumber',
      'ProductInstanceUri',
      'YearOfConstruction',
    ]);
    const manufacturer = (await value('cabinet/A/Identification/Manufacturer')) as LocalizedText;
    expect(manufacturer.text).to.equal('Example Lockers');
    expect(await value('cabinet/A/Identification/SerialNumber')).to.equal('L-0042');
    expect(await value('cabinet/A/Identification/YearOfConstruction')).to.equal(2024);
    const namespaces = await client.session.readNamespaceArray();
    const machinery = namespaces.indexOf('http://opcfoundation.org/UA/Machinery/');
    const machines = await client.session.browse(`ns=${machinery};i=1001`);
    expect(machines.references?.map(({ nodeId }) => nodeId.toString())).to.include(client.id('cabinet/A'));
  });

  it('shows lock boards as devices, and which of them answer', async () => {
    expect([...(await client.browse('cabinet/A/LockBoards')).values()]).to.have.members([
      client.id('cabinet/A/LockBoards/NodeVersion'),
      client.id('cabinet/A/board/A-0'),
      client.id('cabinet/A/board/A-1'),
    ]);
    expect(await value('cabinet/A/board/A-1/Bus')).to.equal('locks');
    expect(((await value('cabinet/A/board/A-1/Model')) as LocalizedText).text).to.equal('kerong-cu48');
    expect([...((await value('cabinet/A/board/A-1/Compartments')) as number[])]).to.deep.equal([
      17, 18, 19, 20,
    ]);
    gateway.append('A', { type: 'board-lost', actor: GATEWAY, data: { board: 'A-1' } });
    await client.becomes('cabinet/A/board/A-1/DeviceHealth', FAILURE);
    expect(await value('cabinet/A/board/A-0/DeviceHealth')).to.equal(NORMAL);
    expect(await value('cabinet/A/Summary/OutOfOrder')).to.equal(4);
    gateway.append('A', { type: 'board-found', actor: GATEWAY, data: { board: 'A-1' } });
    await client.becomes('cabinet/A/board/A-1/DeviceHealth', NORMAL);
  });

  it('shows what a lock board and a reader are after the site was changed', async () => {
    const { site } = gateway;
    gateway.site = {
      ...site,
      boards: [
        { id: 'A-0', bus: 'locks', driver: 'kerong-cu48' },
        { id: 'A-1', bus: 'locks-2', driver: 'kerong-kr-bu' },
      ],
      readers: [{ id: 'door/1', cabinet: 'A', panel: 'P2', bus: 'readers-2', decide: 'gateway' }],
    };
    gateway.configure('A', 18);
    gateway.renameCabinet('B', 'not there');
    await client.becomes('cabinet/A/board/A-1/Bus', 'locks-2');
    expect(((await value('cabinet/A/board/A-1/Model')) as LocalizedText).text).to.equal('kerong-kr-bu');
    expect([...((await value('cabinet/A/board/A-1/Compartments')) as number[])]).to.deep.equal([17, 18]);
    expect(await value('cabinet/A/reader/door%2F1/Bus')).to.equal('readers-2');
    expect(await value('cabinet/A/reader/door%2F1/Panel')).to.equal('P2');
    gateway.site = site;
    gateway.configure('A', 20);
    gateway.renameCabinet('B', 'not there');
    await client.becomes('cabinet/A/board/A-1/Bus', 'locks');
  });

  it('shows what has changed on a nameplate, and whoever monitors the cabinet is told of it', async () => {
    const subscription = await client.session.createSubscription2({
      requestedPublishingInterval: 20,
      publishingEnabled: true,
    });
    const told = new Map<string, string[]>();
    for (const name of ['cabinet/A/Identification/SerialNumber', 'cabinet/A/compartment/1/Door']) {
      const item = await subscription.monitor(
        { nodeId: client.id(name), attributeId: AttributeIds.Value },
        { samplingInterval: 0, queueSize: 10, discardOldest: true },
        TimestampsToReturn.Both,
      );
      const values: string[] = [];
      told.set(name, values);
      item.on('changed', ({ value, statusCode }: DataValue) =>
        values.push(statusCode.isBad() ? statusCode.name : String(value.value)),
      );
    }
    await eventually('the first values', () => [...told.values()].every(({ length }) => length === 1));
    const [cabinet] = gateway.site.cabinets;
    if (!cabinet?.nameplate) throw new Error('The cabinet has a nameplate.');
    gateway.site = {
      ...gateway.site,
      cabinets: [{ ...cabinet, nameplate: { ...cabinet.nameplate, serialNumber: 'L-0043' } }],
    };
    gateway.renameCabinet('B', 'not there');
    await client.becomes('cabinet/A/Identification/SerialNumber', 'L-0043');
    await eventually(
      'the other number',
      () => told.get('cabinet/A/Identification/SerialNumber')?.length === 2,
    );
    expect([...told.values()]).to.deep.equal([['L-0042', 'L-0043'], ['0']]);
    await subscription.terminate();
  });

  it('has all of them in the set of devices (OPC 10000-100, 4.9)', async () => {
    const di = (await client.session.readNamespaceArray()).indexOf('http://opcfoundation.org/UA/DI/');
    const { references } = await client.session.browse(`ns=${di};i=5001`);
    expect(references?.map(({ nodeId }) => nodeId.toString())).to.include.members([
      client.id('cabinet/A/board/A-0'),
      client.id('cabinet/A/board/A-1'),
      client.id('cabinet/A/reader/door%2F1'),
    ]);
  });

  it('tells that something was read, and never what', async () => {
    expect(await value('cabinet/A/reader/door%2F1/DeviceName')).to.equal('door/1');
    const subscription = await client.session.createSubscription2({
      requestedPublishingInterval: 20,
      publishingEnabled: true,
    });
    const autoid = (await client.session.readNamespaceArray()).indexOf('http://opcfoundation.org/UA/AutoID/');
    const heard: Variant[][] = [];
    for (const notifier of [client.id('cabinet/A/reader/door%2F1'), client.id('cabinet/A'), 'i=2253']) {
      const item = await subscription.monitor(
        { nodeId: resolveNodeId(notifier), attributeId: AttributeIds.EventNotifier },
        {
          samplingInterval: 0,
          queueSize: 10,
          discardOldest: true,
          filter: constructEventFilter(['EventType', `${autoid}:DeviceName`, `${autoid}:ScanResult`, 'Time']),
        },
        TimestampsToReturn.Both,
      );
      item.on('changed', (fields: Variant[]) => {
        if (fields[0]?.value?.toString() === client.id('type/ReaderScanEventType')) heard.push(fields);
      });
    }
    gateway.scan({ reader: 'door/1', cabinet: 'A', kind: 'card', at: SCANNED_AT });
    await eventually('an event from each notifier', () => heard.length === 3);
    for (const fields of heard) {
      const [, name, result, time] = fields.map((field) => field.value as unknown);
      expect(name).to.equal('door/1');
      expect((time as Date).getTime()).to.equal(SCANNED_AT);
      const [scan] = result as { codeType: string; timestamp: Date; scanData: { string: string } }[];
      expect([scan?.codeType, scan?.timestamp.getTime(), scan?.scanData.string]).to.deep.equal([
        'UID',
        SCANNED_AT,
        '',
      ]);
    }
    const last = (await value('cabinet/A/reader/door%2F1/LastScanTimestamp')) as Date;
    expect(last.getTime()).to.equal(SCANNED_AT);
    await subscription.terminate();
  });

  it('tells of it whoever listens to the reader alone, and nobody else, from the answer to them on', async () => {
    for (let round = 0; round < 10; round += 1) {
      const subscription = await client.session.createSubscription2({
        requestedPublishingInterval: 20,
        publishingEnabled: true,
      });
      const item = await subscription.monitor(
        {
          nodeId: resolveNodeId(client.id('cabinet/A/reader/door%2F1')),
          attributeId: AttributeIds.EventNotifier,
        },
        {
          samplingInterval: 0,
          queueSize: 10,
          discardOldest: true,
          filter: constructEventFilter(['SourceName']),
        },
        TimestampsToReturn.Both,
      );
      const heard: unknown[] = [];
      item.on('changed', ([source]: Variant[]) => heard.push(source?.value));
      gateway.scan({ reader: 'door/1', cabinet: 'A', kind: 'barcode', at: SCANNED_AT });
      gateway.scan({ reader: 'door/1', cabinet: 'A', kind: 'card', at: SCANNED_AT });
      await eventually('the event of the card', () => heard.length > 0);
      await subscription.terminate();
      expect(heard).to.deep.equal(['door/1']);
    }
  });

  it('says nothing of readers to whoever has not logged in but that they are there', async () => {
    const stranger = await TestClient.connect(server.endpointUrl, certificates);
    const { statusCode } = await stranger.read('cabinet/A/reader/door%2F1/DeviceStatus');
    expect(statusCode).to.equal(StatusCodes.Good);
    await stranger.close();
  });

  it('sums a cabinet up in counts, arrays and sets of bits', async () => {
    gateway.append('A', {
      type: 'doors-found',
      actor: GATEWAY,
      data: { board: 'A-0', open: [2, 16], closed: [1, 3] },
    });
    await client.becomes('cabinet/A/Summary/Open', 2);
    expect(await value('cabinet/A/Summary/Total')).to.equal(20);
    expect([...((await value('cabinet/A/Summary/Numbers')) as number[])]).to.deep.equal(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect([...((await value('cabinet/A/Summary/OpenSet')) as number[])]).to.deep.equal([2 ** 1 + 2 ** 15]);
    const doors = (await value('cabinet/A/Summary/Doors')) as number[];
    expect([...doors].slice(0, 4)).to.deep.equal([1, 2, 1, 0]);
    expect([...((await value('cabinet/A/Summary/OutOfOrderSet')) as number[])]).to.deep.equal([0]);
  });
});
