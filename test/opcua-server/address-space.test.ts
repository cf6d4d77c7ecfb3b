import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  AttributeIds,
  BrowseDirection,
  ClientSubscription,
  type DataValue,
  type LocalizedText,
  NodeClass,
  type OPCUACertificateManager,
  StatusCodes,
  TimestampsToReturn,
} from 'node-opcua';
import { GATEWAY } from '../../domain/event.ts';
import { CABINET_COMMAND_NAMES } from '../../opcua-server/cabinet-command-table.ts';
import { MODEL } from '../../opcua-server/design/model.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { ADMINISTRATOR, clientCertificates, TestClient } from './support/client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

const ASSIGNED_AT = Date.UTC(2026, 4, 17, 8, 30, 0, 250);
/** The null DateTime of OPC UA. */
const NO_TIME = Date.UTC(1601, 0, 1);

describe('OPC UA address space', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let gateway: MemoryGateway;
  let server: OpcUaServer;
  let client: TestClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    gateway = new MemoryGateway({ A: 24, 'B/2': 3 });
    gateway.append('A', {
      type: 'compartment-assigned',
      actor: GATEWAY,
      data: { compartment: 3, user: 'u-17', reason: 'contract' },
    });
    server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
      softwareVersion: '1.2.3',
    });
    certificates = await clientCertificates(folder);
    client = await TestClient.connect(server.endpointUrl, certificates, ADMINISTRATOR);
  });

  after(async () => {
    await client?.close();
    await server?.close();
    await certificates?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('is found from Objects by browsing down to a compartment', async () => {
    const { references } = await client.session.browse('ObjectsFolder');
    const site = references?.find(({ browseName }) => browseName.name === 'Sezam');
    expect(site?.nodeId.toString()).to.equal(client.id('site'));
    // Cabinets stand beside the folder too: what happens to them is told from the site.
    expect([...(await client.browse('site')).keys()]).to.have.members([
      'Name',
      'Alarms',
      'Cabinets',
      'Cassettes',
      'A',
      'B/2',
    ]);
    expect(await client.browse('cabinets')).to.deep.equal(
      new Map([
        ['A', client.id('cabinet/A')],
        ['B/2', client.id('cabinet/B%2F2')],
        ['NodeVersion', client.id('cabinets/NodeVersion')],
      ]),
    );
    expect([...(await client.browse('cabinet/A')).keys()]).to.have.members([
      'Name',
      'Schema',
      'Summary',
      'Alarms',
      'Compartments',
      'LockBoards',
      'Readers',
      ...CABINET_COMMAND_NAMES,
      'OpenAllProgress',
      'HistoricalEventFilter',
      'NodeVersion',
    ]);
    expect((await client.browse('cabinet/A/Compartments')).size).to.equal(24 + 1);
    expect(await client.browse('cabinet/A/compartment/7')).to.deep.equal(
      new Map(
        ['State', 'Door', 'OccupiedSince', 'Occupant'].map((name) => [
          name,
          client.id(`cabinet/A/compartment/7/${name}`),
        ]),
      ),
    );
  });

  it('types its objects, with every mandatory child of the type present', async () => {
    for (const [object, type] of [
      ['site', 'SiteType'],
      ['cabinet/A', 'CabinetType'],
      ['cabinet/A/compartment/1', 'CompartmentType'],
    ] as const) {
      const { references } = await client.session.browse({
        nodeId: client.id(object),
        referenceTypeId: 'HasTypeDefinition',
        browseDirection: 0,
        resultMask: 63,
      });
      expect(references?.map(({ nodeId }) => nodeId.toString())).to.deep.equal([client.id(`type/${type}`)]);
      const declared = MODEL.types.find(({ browse }) => browse === type)?.members ?? [];
      const mandatory = declared.filter(({ rule }) => rule === undefined).map(({ browse }) => browse);
      expect([...(await client.browse(`type/${type}`)).keys()]).to.include.members(mandatory);
      expect([...(await client.browse(object)).keys()]).to.include.members(mandatory);
    }
  });

  it('reads every variable of the site with good status, but what is about doors of which nothing was heard yet', async () => {
    const names = (await everyVariable()).sort();
    expect(names.length).to.be.greaterThan(200);
    const values = await client.session.read(
      names.map((name) => ({ nodeId: name, attributeId: AttributeIds.Value })),
    );
    const statuses = names.map((name, index) => `${name} ${values[index]?.statusCode.name}`);
    expect(statuses).to.deep.equal(
      names.map((name) => {
        if (name.endsWith('/Door')) return `${name} UncertainInitialValue`;
        return `${name} ${/\/Summary\/(Open|OpenSet|Doors)$/.test(name) ? 'UncertainSubNormal' : 'Good'}`;
      }),
    );
    expect((await client.read('site/Name')).value.value).to.equal('Test site');
    expect((await client.read('cabinet/A/Name')).value.value).to.equal('Cabinet A');
    expect((await client.read('cabinet/A/Schema')).value.value).to.equal('2.2');
  });

  it('shows who holds a compartment and since when, with the time of the event', async () => {
    gateway.append(
      'A',
      {
        type: 'compartment-assigned',
        actor: GATEWAY,
        data: { compartment: 5, user: 'u-1', reason: 'contract' },
      },
      ASSIGNED_AT,
    );
    const state = await eventually('cabinet/A/compartment/5/State', 1);
    expect(state.sourceTimestamp?.getTime()).to.equal(ASSIGNED_AT);
    expect((await client.read('cabinet/A/compartment/5/Occupant')).value.value).to.equal('u-1');
    expect((await client.read('cabinet/A/compartment/5/OccupiedSince')).value.value.getTime()).to.equal(
      ASSIGNED_AT,
    );
    expect((await client.read('cabinet/A/compartment/6/OccupiedSince')).value.value.getTime()).to.equal(
      NO_TIME,
    );
    expect((await client.read('cabinet/A/compartment/6/Occupant')).value.value).to.equal('');
    expect((await client.read('cabinet/A/Summary/Free')).value.value).to.equal(22);
    expect((await client.read('cabinet/A/Summary/Occupied')).value.value).to.equal(2);
  });

  it('names the numbers of its enumerations on the data types', async () => {
    const strings = async (variable: string): Promise<(string | null)[]> => {
      const dataType = (await client.read(variable, AttributeIds.DataType)).value.value;
      const { references } = await client.session.browse(dataType);
      const enumStrings = references?.find(({ browseName }) => browseName.name === 'EnumStrings');
      const { value } = await client.session.read({ nodeId: enumStrings?.nodeId ?? '' });
      return (value.value as LocalizedText[]).map(({ text }) => text ?? null);
    };
    expect(await strings('cabinet/A/compartment/1/State')).to.deep.equal([
      'Free',
      'Occupied',
      'Opening',
      'Blocked',
      'Out of order',
      'Not answering',
    ]);
    expect(await strings('cabinet/A/compartment/1/Door')).to.deep.equal([
      'Unknown',
      'Closed',
      'Open',
      'Left open',
      'Forced',
    ]);
  });

  it('gives the door of a lost board a bad status, and the value back when it is found', async () => {
    const actor = GATEWAY;
    gateway.append('A', {
      type: 'doors-found',
      actor,
      data: { board: 'A-1', open: [18], closed: [17, 19, 20, 21, 22, 23, 24] },
    });
    gateway.append('A', {
      type: 'doors-found',
      actor,
      data: { board: 'A-0', open: [], closed: [13, 14, 15, 16] },
    });
    gateway.append('A', { type: 'board-lost', actor, data: { board: 'A-1' } });
    await eventually('cabinet/A/compartment/17/State', 5);
    expect((await client.read('cabinet/A/compartment/17/Door')).statusCode).to.equal(
      StatusCodes.BadNoCommunication,
    );
    expect((await client.read('cabinet/A/compartment/16/Door')).statusCode).to.equal(StatusCodes.Good);
    expect((await client.read('cabinet/A/Summary/OutOfOrder')).value.value).to.equal(8);
    gateway.append('A', { type: 'board-found', actor, data: { board: 'A-1' } });
    await eventually('cabinet/A/compartment/17/State', 0);
    const door = await client.read('cabinet/A/compartment/17/Door');
    expect([door.statusCode, door.value.value]).to.deep.equal([StatusCodes.Good, 1]);
    expect((await client.read('cabinet/A/compartment/18/Door')).value.value).to.equal(2);
  });

  it('tells a subscriber of each change, in order', async () => {
    const subscription = ClientSubscription.create(client.session, {
      requestedPublishingInterval: 20,
      requestedLifetimeCount: 1000,
      requestedMaxKeepAliveCount: 100,
      publishingEnabled: true,
    });
    const item = await subscription.monitor(
      { nodeId: client.id('cabinet/A/compartment/9/Door'), attributeId: AttributeIds.Value },
      { samplingInterval: 0, queueSize: 10, discardOldest: true },
      TimestampsToReturn.Both,
    );
    const doors: number[] = [];
    const seen = new Promise<void>((resolve) => {
      item.on('changed', (value: DataValue) => {
        doors.push(value.value.value);
        const data = { compartment: 9 };
        if (doors.length === 1) {
          gateway.append('A', { type: 'door-opened', actor: GATEWAY, data: { ...data, grant: 'g' } });
        } else if (doors.length === 2) {
          gateway.append('A', { type: 'door-left-open', actor: GATEWAY, data });
        } else if (doors.length === 3) {
          gateway.append('A', { type: 'door-closed', actor: GATEWAY, data });
        } else {
          resolve();
        }
      });
    });
    await seen;
    await subscription.terminate();
    expect(doors).to.deep.equal([0, 2, 3, 1]);
  });

  it('delivers on change whatever sampling a client asks for, now or later', async () => {
    const subscription = await client.session.createSubscription2({
      requestedPublishingInterval: 20,
      publishingEnabled: true,
    });
    const item = await subscription.monitor(
      { nodeId: client.id('cabinet/A/compartment/10/Door'), attributeId: AttributeIds.Value },
      { samplingInterval: 60_000, queueSize: 10, discardOldest: true },
      TimestampsToReturn.Both,
    );
    expect(item.result?.revisedSamplingInterval).to.equal(0);
    const changes = (count: number): Promise<number[]> =>
      new Promise((resolve) => {
        const doors: number[] = [];
        const take = (value: DataValue): void => {
          doors.push(value.value.value);
          if (doors.length < count) return;
          item.removeListener('changed', take);
          resolve(doors);
        };
        item.on('changed', take);
      });
    expect(await changes(1)).to.deep.equal([0]);
    const opened = changes(1);
    gateway.append('A', { type: 'door-opened', actor: GATEWAY, data: { compartment: 10, grant: 'g' } });
    expect(await opened).to.deep.equal([2]);
    await item.modify(
      { samplingInterval: 60_000, queueSize: 5, discardOldest: true },
      TimestampsToReturn.Both,
    );
    const closed = changes(1);
    gateway.append('A', { type: 'door-closed', actor: GATEWAY, data: { compartment: 10 } });
    expect(await closed).to.deep.equal([1]);
    await subscription.terminate();
  });

  it('follows a cabinet that got and lost compartments', async () => {
    gateway.configure('B/2', 5);
    await eventually('cabinet/B%2F2/compartment/5/State', 0);
    gateway.configure('B/2', 2);
    await eventually('cabinet/B%2F2/Summary/Free', 2);
    const removed = await client.read('cabinet/B%2F2/compartment/3/State');
    expect(removed.statusCode).to.equal(StatusCodes.BadNodeIdUnknown);
    expect((await client.browse('cabinet/B%2F2/Compartments')).size).to.equal(2 + 1);
  });

  it('describes its namespaces: the types with their version, and the site, which has none (OPC 10000-5, 6.3.14)', async () => {
    const uris = await client.session.readNamespaceArray();
    const { references } = await client.session.browse('ns=0;i=11715');
    const described = new Map(references?.map(({ browseName, nodeId }) => [browseName.toString(), nodeId]));
    const metadata = async (index: number): Promise<Record<string, unknown>> => {
      const nodeId = described.get(`${index}:${uris[index]}`);
      expect(nodeId?.toString(), 'a stable node id').to.match(/^ns=1;s=/);
      const properties = (await client.session.browse(String(nodeId))).references ?? [];
      const values = properties
        .filter(({ nodeClass }) => nodeClass === NodeClass.Variable)
        .map(async ({ browseName, nodeId: property }) => {
          const { statusCode, value } = await client.session.read({ nodeId: property });
          expect(statusCode, String(browseName.name)).to.equal(StatusCodes.Good);
          return [
            browseName.name,
            ArrayBuffer.isView(value.value) ? Array.from(value.value as Int32Array) : value.value,
          ] as const;
        });
      return Object.fromEntries(await Promise.all(values));
    };
    expect(await metadata(client.types)).to.deep.include({
      NamespaceUri: 'urn:sezam:lockers',
      NamespaceVersion: '2.0.0',
      NamespacePublicationDate: MODEL.published,
      IsNamespaceSubset: false,
      StaticNodeIdTypes: [1],
      StaticNumericNodeIdRange: [],
      StaticStringNodeIdPattern: 'type/%',
      DefaultAccessRestrictions: 0,
    });
    expect(await metadata(1)).to.deep.include({
      NamespaceUri: uris[1],
      NamespaceVersion: null,
      NamespacePublicationDate: new Date(NO_TIME),
      IsNamespaceSubset: false,
      StaticNodeIdTypes: [],
      StaticNumericNodeIdRange: [],
      StaticStringNodeIdPattern: null,
    });
  });

  it('has no node with a number of its own: numbers change from start to start', async () => {
    const numbered = new Set<string>();
    const seen = new Set<string>();
    const visit = async (nodeId: string): Promise<void> => {
      if (seen.has(nodeId)) return;
      seen.add(nodeId);
      const { references } = await client.session.browse({ nodeId, resultMask: 0 });
      for (const reference of references ?? []) {
        const id = reference.nodeId.toString();
        if (/^ns=1;(?!s=)/.test(id)) numbered.add(id);
        if (id.startsWith('ns=1;') || id === 'ns=0;i=11715') await visit(id);
      }
    };
    await visit('ns=0;i=11715');
    await visit(client.id('site'));
    expect([...numbered]).to.deep.equal([]);
  });

  it('tells its own version, not that of the library', async () => {
    const { value } = await client.session.read({ nodeId: 'ns=0;i=2260' });
    expect(value.value.productName).to.equal('Sezam');
    expect(value.value.softwareVersion).to.equal('1.2.3');
  });

  /** The node ids of all variables under the site. */
  async function everyVariable(): Promise<string[]> {
    const found = new Set<string>();
    const visit = async (nodeId: string): Promise<void> => {
      const { references } = await client.session.browse({
        nodeId,
        referenceTypeId: 'HierarchicalReferences',
        includeSubtypes: true,
        browseDirection: BrowseDirection.Forward,
        resultMask: 63,
      });
      for (const reference of references ?? []) {
        const id = reference.nodeId.toString();
        if (found.has(id)) continue;
        found.add(id);
        if (reference.nodeClass === NodeClass.Variable) variables.push(id);
        await visit(id);
      }
    };
    const variables: string[] = [];
    await visit(client.id('site'));
    return variables;
  }

  /** Reads until the value is there: it comes from another thread. */
  async function eventually(name: string, expected: number): Promise<DataValue> {
    for (;;) {
      const value = await client.read(name);
      if (value.value.value === expected) return value;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});
