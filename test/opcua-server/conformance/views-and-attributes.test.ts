import { expect } from 'chai';
import {
  AttributeIds,
  BrowseDirection,
  BrowseNextRequest,
  type BrowseNextResponse,
  BrowseRequest,
  type BrowseResponse,
  type DataValue,
  makeBrowsePath,
  NodeClass,
  NumericRange,
  ReadRequest,
  type ReadResponse,
  StatusCodes,
  TimestampsToReturn,
  TranslateBrowsePathsToNodeIdsRequest,
  type TranslateBrowsePathsToNodeIdsResponse,
  VariableIds,
  WriteRequest,
  type WriteResponse,
} from 'node-opcua';
import { ADMINISTRATOR, type TestClient } from '../support/client.ts';
import { SecuredServer } from '../support/secured-server.ts';
import { send, statusOf } from './support.ts';

const SERVER = 'ns=0;i=2253';
const OBJECTS = 'ns=0;i=85';

describe('OPC UA conformance: views and attributes', () => {
  let server: SecuredServer;
  let client: TestClient;

  before(async () => {
    server = await SecuredServer.start();
    client = await server.connect(ADMINISTRATOR);
  });
  after(() => server.close());

  const browse = (nodeId: string, options: object = {}, most = 0): Promise<BrowseResponse> =>
    send<BrowseResponse>(
      client.session,
      new BrowseRequest({
        requestedMaxReferencesPerNode: most,
        nodesToBrowse: [
          {
            nodeId,
            browseDirection: BrowseDirection.Forward,
            referenceTypeId: 'ns=0;i=33',
            includeSubtypes: true,
            resultMask: 63,
            ...options,
          },
        ],
      }),
    );
  const names = async (nodeId: string, options: object = {}): Promise<(string | null)[]> =>
    ((await browse(nodeId, options)).results?.[0]?.references ?? []).map(({ browseName }) => browseName.name);

  describe('View Basic', () => {
    it('browses forward, backward and both ways, with and without subtypes of references', async () => {
      expect(await names(OBJECTS)).to.include('Server');
      expect(await names(SERVER, { browseDirection: BrowseDirection.Inverse })).to.deep.equal(['Objects']);
      const both = await names(SERVER, { browseDirection: BrowseDirection.Both });
      expect(both).to.include.members(['Objects', 'ServerStatus']);
      expect(await names(OBJECTS, { includeSubtypes: false })).to.deep.equal([]);
      expect(await names(SERVER, { referenceTypeId: 'ns=0;i=46', includeSubtypes: false })).to.include(
        'ServerArray',
      );
    });

    it('filters by node class, and leaves out what is not asked for of the references', async () => {
      expect(await names(SERVER, { nodeClassMask: NodeClass.Method })).to.have.members([
        'GetMonitoredItems',
        'ResendData',
        'SetSubscriptionDurable',
        'RequestServerStateChange',
      ]);
      const { results } = await browse(OBJECTS, { resultMask: 0 });
      for (const reference of results?.[0]?.references ?? []) {
        expect(reference.nodeId.isEmpty()).to.equal(false);
        expect(reference.browseName.name ?? '').to.equal('');
      }
    });

    it('refuses unknown nodes, references and directions, each for itself', async () => {
      const results = await Promise.all([
        browse('ns=0;i=999999'),
        browse(OBJECTS, { referenceTypeId: 'ns=0;i=85' }),
        browse(OBJECTS, { browseDirection: BrowseDirection.Invalid }),
      ]);
      expect(results.map((each) => each.results?.[0]?.statusCode.name)).to.deep.equal([
        'BadNodeIdUnknown',
        'BadReferenceTypeIdInvalid',
        'BadBrowseDirectionInvalid',
      ]);
      const nothing = await send(client.session, new BrowseRequest({ nodesToBrowse: [] }));
      expect(statusOf(nothing)).to.equal('BadNothingToDo');
    });
  });

  const next = (
    continuationPoints: Buffer[],
    releaseContinuationPoints = false,
  ): Promise<BrowseNextResponse> =>
    send<BrowseNextResponse>(
      client.session,
      new BrowseNextRequest({ continuationPoints, releaseContinuationPoints }),
    );

  describe('View Minimum Continuation Point 05', () => {
    it('goes on with five browsings side by side until all is told', async () => {
      const whole = await names(SERVER);
      const begun = await Promise.all(Array.from({ length: 5 }, () => browse(SERVER, {}, 1)));
      const told = begun.map(({ results }) => [...(results?.[0]?.references ?? [])]);
      let points = begun.map(({ results }) => results?.[0]?.continuationPoint as Buffer);
      for (const point of points) expect(point?.length).to.be.above(0);
      for (let turn = 1; turn < whole.length; turn += 1) {
        const { results } = await next(points);
        for (const [index, { references }] of (results ?? []).entries())
          told[index]?.push(...(references ?? []));
        points = (results ?? []).map(({ continuationPoint }) => continuationPoint as Buffer);
      }
      for (const each of told) expect(each.map(({ browseName }) => browseName.name)).to.deep.equal(whole);
      for (const point of points) expect(point ?? Buffer.alloc(0)).to.have.length(0);
    });

    it('forgets a point that is released, and knows none that it did not give', async () => {
      const point = (await browse(SERVER, {}, 1)).results?.[0]?.continuationPoint as Buffer;
      expect((await next([point], true)).results?.[0]?.statusCode.name).to.equal('Good');
      expect((await next([point])).results?.[0]?.statusCode.name).to.equal('BadContinuationPointInvalid');
      expect((await next([Buffer.from('mine')])).results?.[0]?.statusCode.name).to.equal(
        'BadContinuationPointInvalid',
      );
    });
  });

  describe('View TranslateBrowsePath', () => {
    it('finds nodes by path, the way tag browsers do', async () => {
      const paths = [
        makeBrowsePath('RootFolder', '/Objects/Server/ServerStatus/State'),
        makeBrowsePath('RootFolder', '/Objects/Server/NoSuchThing'),
        makeBrowsePath('ns=0;i=999999', '/Objects'),
      ];
      const { results } = await send<TranslateBrowsePathsToNodeIdsResponse>(
        client.session,
        new TranslateBrowsePathsToNodeIdsRequest({ browsePaths: paths }),
      );
      expect(results?.map(({ statusCode }) => statusCode.name)).to.deep.equal([
        'Good',
        'BadNoMatch',
        'BadNodeIdUnknown',
      ]);
      expect(String(results?.[0]?.targets?.[0]?.targetId)).to.equal(
        `ns=0;i=${VariableIds.Server_ServerStatus_State}`,
      );
      expect(
        statusOf(await send(client.session, new TranslateBrowsePathsToNodeIdsRequest({ browsePaths: [] }))),
      ).to.equal('BadNothingToDo');
    });
  });

  describe('View RegisterNodes', () => {
    it('gives ids under which registered nodes are read, until they are returned', async () => {
      const registered = await client.session.registerNodes([client.id('cabinet/A/Name'), 'ns=0;i=2258']);
      expect(registered).to.have.length(2);
      const [name, time] = await client.session.read(
        registered.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })),
      );
      expect(name?.value.value).to.equal('Cabinet A');
      expect(time?.value.value).to.be.an.instanceOf(Date);
      await client.session.unregisterNodes(registered);
    });
  });

  const read = async (nodesToRead: object[], options: object = {}): Promise<ReadResponse> =>
    send<ReadResponse>(client.session, new ReadRequest({ nodesToRead, ...options }));
  const readOne = async (nodeToRead: object, options: object = {}): Promise<DataValue> =>
    (await read([nodeToRead], options)).results?.[0] as DataValue;

  describe('Attribute Read', () => {
    it('reads all attributes of objects, variables and methods, and none that a node does not have', async () => {
      const attributes = [
        AttributeIds.NodeId,
        AttributeIds.NodeClass,
        AttributeIds.BrowseName,
        AttributeIds.DisplayName,
      ];
      for (const node of ['cabinet/A', 'cabinet/A/Name', 'cabinet/A/Open']) {
        const results = (
          await read(attributes.map((attributeId) => ({ nodeId: client.id(node), attributeId })))
        ).results;
        expect(
          results?.every(({ statusCode }) => statusCode.isGood()),
          node,
        ).to.equal(true);
      }
      const variable = [
        AttributeIds.Value,
        AttributeIds.DataType,
        AttributeIds.ValueRank,
        AttributeIds.AccessLevel,
        AttributeIds.UserAccessLevel,
        AttributeIds.MinimumSamplingInterval,
        AttributeIds.Historizing,
      ];
      const { results } = await read(
        variable.map((attributeId) => ({ nodeId: client.id('cabinet/A/Name'), attributeId })),
      );
      expect(results?.every(({ statusCode }) => statusCode.isGood())).to.equal(true);
      expect(
        (await readOne({ nodeId: client.id('cabinet/A'), attributeId: AttributeIds.Value })).statusCode,
      ).to.equal(StatusCodes.BadAttributeIdInvalid);
    });

    it('gives the time stamps that are asked for', async () => {
      const value = { nodeId: client.id('cabinet/A/compartment/1/State'), attributeId: AttributeIds.Value };
      const given = async (timestampsToReturn: TimestampsToReturn): Promise<boolean[]> => {
        const { sourceTimestamp, serverTimestamp } = await readOne(value, { timestampsToReturn });
        return [sourceTimestamp !== null, serverTimestamp !== null];
      };
      expect(await given(TimestampsToReturn.Source)).to.deep.equal([true, false]);
      expect(await given(TimestampsToReturn.Server)).to.deep.equal([false, true]);
      expect(await given(TimestampsToReturn.Both)).to.deep.equal([true, true]);
      expect(await given(TimestampsToReturn.Neither)).to.deep.equal([false, false]);
      expect(statusOf(await read([value], { timestampsToReturn: TimestampsToReturn.Invalid }))).to.equal(
        'BadTimestampsToReturnInvalid',
      );
    });

    it('takes any age of a value that is not negative', async () => {
      const value = { nodeId: 'ns=0;i=2258', attributeId: AttributeIds.Value };
      for (const maxAge of [0, 500, 86_400_000])
        expect((await readOne(value, { maxAge })).statusCode.name).to.equal('Good');
      expect(statusOf(await read([value], { maxAge: -1 }))).to.equal('BadMaxAgeInvalid');
    });

    it('reads parts of arrays and texts by index range, and refuses ranges that are none', async () => {
      const namespaces = { nodeId: 'ns=0;i=2255', attributeId: AttributeIds.Value };
      const range = async (text: string, of: object = namespaces): Promise<DataValue> =>
        readOne({ ...of, indexRange: new NumericRange(text) });
      expect((await range('0')).value.value).to.deep.equal(['http://opcfoundation.org/UA/']);
      expect((await range('0:1')).value.value).to.have.length(2);
      expect((await range('5000')).statusCode.name).to.equal('BadIndexRangeNoData');
      const name = { nodeId: client.id('cabinet/A/Name'), attributeId: AttributeIds.Value };
      expect((await range('0:6', name)).value.value).to.equal('Cabinet');
    });

    it('answers each of many nodes for itself, and refuses to read nothing', async () => {
      const { results } = await read([
        { nodeId: 'ns=0;i=2258', attributeId: AttributeIds.Value },
        { nodeId: 'ns=0;i=999999', attributeId: AttributeIds.Value },
        { nodeId: 'ns=0;i=2258', attributeId: AttributeIds.EventNotifier },
        { nodeId: SERVER, attributeId: AttributeIds.Value, dataEncoding: { name: 'Default Binary' } },
      ]);
      expect(results?.slice(0, 3).map(({ statusCode }) => statusCode.name)).to.deep.equal([
        'Good',
        'BadNodeIdUnknown',
        'BadAttributeIdInvalid',
      ]);
      expect(results?.[3]?.statusCode.isGood()).to.equal(false);
      expect(statusOf(await read([]))).to.equal('BadNothingToDo');
    });
  });

  describe('Attribute Write', () => {
    it('is refused for every value of the site, and changes none', async () => {
      const before = (await client.read('cabinet/A/Name')).value.value;
      const { results } = await send<WriteResponse>(
        client.session,
        new WriteRequest({
          nodesToWrite: ['cabinet/A/Name', 'cabinet/A/compartment/1/State', 'cassette/C%2F1/State'].map(
            (name) => ({
              nodeId: client.id(name),
              attributeId: AttributeIds.Value,
              value: { value: { dataType: 'Int32', value: 1 } },
            }),
          ),
        }),
      );
      for (const status of results ?? []) expect(status.isGood(), status.name).to.equal(false);
      expect((await client.read('cabinet/A/Name')).value.value).to.equal(before);
      expect(statusOf(await send(client.session, new WriteRequest({ nodesToWrite: [] })))).to.equal(
        'BadNothingToDo',
      );
    });
  });

  describe('Address Space Base, Atomicity and Full Array Only', () => {
    it('has the root folders, the type system and every type of its instances', async () => {
      expect(await names('ns=0;i=84')).to.have.members(['Objects', 'Types', 'Views']);
      expect(await names('ns=0;i=86')).to.include.members([
        'ObjectTypes',
        'VariableTypes',
        'DataTypes',
        'ReferenceTypes',
        'EventTypes',
      ]);
      for (const node of ['cabinet/A', 'cabinet/A/compartment/1', 'cassette/C%2F1']) {
        const type = (
          await browse(client.id(node), { referenceTypeId: 'ns=0;i=40', nodeClassMask: NodeClass.ObjectType })
        ).results?.[0]?.references?.[0];
        expect(type, node).to.not.equal(undefined);
        const superTypes = [String(type?.nodeId)];
        while (superTypes.at(-1) !== 'ns=0;i=58') {
          const { results } = await browse(superTypes.at(-1) as string, {
            referenceTypeId: 'ns=0;i=45',
            browseDirection: BrowseDirection.Inverse,
          });
          const above = results?.[0]?.references?.[0]?.nodeId;
          expect(above, `above ${superTypes.at(-1)}`).to.not.equal(undefined);
          superTypes.push(String(above));
        }
      }
    });

    it('says of its values that they are read as a whole, and of arrays that no part of them is written', async () => {
      const nodes = ['cabinet/A/Name', 'cassette/C%2F1/Signal/Leds', 'cassette/C%2F1/ProvedSensors'];
      const { results } = await read(
        nodes.map((name) => ({ nodeId: client.id(name), attributeId: AttributeIds.AccessLevelEx })),
      );
      for (const { statusCode, value } of results ?? []) {
        expect(statusCode.name).to.equal('Good');
        // NonatomicRead, NonatomicWrite and WriteFullArrayOnly (OPC 10000-3, 8.58); nothing is written at all.
        expect(value.value & 0b111_0000_0000).to.equal(0);
        expect(value.value & 0b10).to.equal(0);
      }
    });

    it('changes values as a whole: a reader sees none that is half old and half new', async () => {
      const cabinet = 'cabinet/A';
      const seen = async (): Promise<number> => {
        const [free, occupied, out] = await client.session.read(
          ['Free', 'Occupied', 'OutOfOrder'].map((name) => ({
            nodeId: client.id(`${cabinet}/${name}`),
            attributeId: AttributeIds.Value,
          })),
        );
        return Number(free?.value.value) + Number(occupied?.value.value) + Number(out?.value.value);
      };
      const before = await seen();
      for (let turn = 0; turn < 20; turn += 1) {
        const compartment = 1 + (turn % 2);
        server.gateway.append('A', {
          type: turn % 4 < 2 ? 'compartment-assigned' : 'compartment-released',
          actor: { kind: 'gateway', id: 'gateway' },
          data: { compartment, user: 'u-1', users: ['u-1'], reason: 'contract' },
        } as never);
        expect(await seen()).to.equal(before);
      }
    });
  });

  it('Data Access DataItems, Data Access AnalogItems: what is measured has a range and a unit', async () => {
    const temperature = client.id('cassette/C%2F1/Supervision/Temperature');
    const types = ['ns=0;i=2365'];
    const type = (await browse(temperature, { referenceTypeId: 'ns=0;i=40' })).results?.[0]?.references?.[0];
    let above = String(type?.nodeId);
    while (!types.includes(above)) {
      const { results } = await browse(above, {
        referenceTypeId: 'ns=0;i=45',
        browseDirection: BrowseDirection.Inverse,
      });
      const next = results?.[0]?.references?.[0]?.nodeId;
      expect(next, `above ${above}, up to DataItemType`).to.not.equal(undefined);
      above = String(next);
    }
    const properties =
      (await browse(temperature, { referenceTypeId: 'ns=0;i=46' })).results?.[0]?.references ?? [];
    const property = async (name: string): Promise<unknown> => {
      const found = properties.find(({ browseName }) => browseName.name === name);
      return (await readOne({ nodeId: found?.nodeId, attributeId: AttributeIds.Value })).value.value;
    };
    const range = (await property('EURange')) as { low: number; high: number };
    expect(range.low).to.be.below(range.high);
    expect((await property('EngineeringUnits')) as { displayName: { text: string } }).to.have.nested.property(
      'displayName.text',
      '°C',
    );
  });
});
