import { expect } from 'chai';
import { AttributeIds, BrowseDirection, makeBrowsePath, TimestampsToReturn } from 'node-opcua';
import { eventually } from '../support/eventually.ts';
import { CASSETTE, CassetteServer } from './support/cassette-server.ts';
import type { TestClient } from './support/client.ts';

/** What a client that guesses the node id of a cassette could be told. */
const ATTRIBUTES = ['NodeClass', 'BrowseName', 'DisplayName', 'Description', 'UserRolePermissions'] as const;

describe('OPC UA nodes that a session may not find', () => {
  let site: CassetteServer;
  let stranger: TestClient;

  before(async () => {
    site = await CassetteServer.start();
    stranger = await site.connect();
  });

  after(async () => {
    await stranger?.close();
    await site?.close();
  });

  const attributes = async (client: TestClient, name: string): Promise<string[]> =>
    Promise.all(
      ATTRIBUTES.map(async (each) => (await client.read(name, AttributeIds[each])).statusCode.name),
    );

  const browsed = async (client: TestClient, name: string): Promise<string> => {
    const { statusCode, references } = await client.session.browse({
      nodeId: client.id(name),
      browseDirection: BrowseDirection.Both,
      resultMask: 63,
    });
    return `${statusCode.name} ${references?.length ?? 0}`;
  };

  const translated = async (client: TestClient, start: string, path: string): Promise<string> => {
    const result = await client.session.translateBrowsePath(makeBrowsePath(client.id(start), path));
    return `${result.statusCode.name} ${result.targets?.length ?? 0}`;
  };

  it('have no attributes, whoever guesses their ids', async () => {
    for (const name of [CASSETTE, `${CASSETTE}/State`, `${CASSETTE}/LastKey`, `${CASSETTE}/SelfTest`]) {
      expect(await attributes(stranger, name), name).to.deep.equal(ATTRIBUTES.map(() => 'BadNodeIdUnknown'));
      expect(await attributes(site.operator, name), name).to.deep.equal(ATTRIBUTES.map(() => 'Good'));
    }
  });

  it('lead nowhere', async () => {
    for (const name of [CASSETTE, `${CASSETTE}/State`, `${CASSETTE}/Sensors/Lid`]) {
      expect(await browsed(stranger, name), name).to.equal('BadNodeIdUnknown 0');
      expect(await browsed(site.operator, name), name).to.match(/^Good [1-9]/);
    }
  });

  it('are at the end of no path, and at the beginning of none', async () => {
    const name = '1:C&/1';
    const types = stranger.types;
    for (const [start, path, answer] of [
      ['cassettes', `/${name}`, 'BadNoMatch 0'],
      ['cassettes', `/${name}/${types}:State`, 'BadNoMatch 0'],
      [CASSETTE, `/${types}:State`, 'BadNodeIdUnknown 0'],
    ] as const) {
      expect(await translated(stranger, start, path), path).to.equal(answer);
      expect(await translated(site.operator, start, path), path).to.equal('Good 1');
    }
    expect(await translated(stranger, 'site', `/${types}:Cassettes`)).to.equal('Good 1');
  });

  it('are no arguments of a method that may be seen: whoever sees it reads what it takes', async () => {
    for (const name of ['InputArguments', 'OutputArguments']) {
      const read = (client: TestClient) => client.read(`${CASSETTE}/SelfTest/${name}`);
      expect((await read(site.operator)).statusCode.name, name).to.equal('Good');
      expect((await read(stranger)).statusCode.name, name).to.equal('BadUserAccessDenied');
    }
    const executable = await site.operator.read(`${CASSETTE}/SelfTest`, AttributeIds.UserExecutable);
    expect(executable.value.value).to.equal(false);
  });

  it('tell no name to a subscription', async () => {
    const subscription = await stranger.session.createSubscription2({
      requestedPublishingInterval: 20,
      publishingEnabled: true,
    });
    const item = await subscription.monitor(
      { nodeId: stranger.id(CASSETTE), attributeId: AttributeIds.DisplayName },
      { samplingInterval: 0, queueSize: 10, discardOldest: true },
      TimestampsToReturn.Both,
    );
    const told: string[] = [];
    item.on('changed', ({ statusCode, value }: { statusCode: { name: string }; value: { value: unknown } }) =>
      told.push(`${statusCode.name} ${String(value.value)}`),
    );
    await eventually('a notification', () => told.length > 0);
    await subscription.terminate();
    expect(told).to.deep.equal(['BadNodeIdUnknown null']);
  });
});
