import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  AttributeIds,
  BrowseDirection,
  ModifyMonitoredItemsRequest,
  MonitoringMode,
  NodeClass,
  NodeClassMask,
  type OPCUACertificateManager,
  ResultMask,
  StatusCodes,
  TimestampsToReturn,
} from 'node-opcua';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { cassetteView } from './support/cassette-views.ts';
import { ADMINISTRATOR, clientCertificates, TestClient } from './support/client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';
import type { PlainSession } from './support/plain-server.ts';

const SAMPLING = 250;

describe('delivery on change, of the site', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let server: OpcUaServer;
  let client: TestClient;
  let session: PlainSession;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    certificates = await clientCertificates(folder);
    server = await startOpcUaServer({
      gateway: new MemoryGateway({ A: 3 }, [cassetteView()]),
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
    });
    client = await TestClient.connect(server.endpointUrl, certificates, ADMINISTRATOR);
    session = client.session as unknown as PlainSession;
  });

  after(async () => {
    await client?.close();
    await server?.close();
    await certificates?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** Every variable that the site leads to, whatever its depth. */
  async function variables(): Promise<string[]> {
    const found = new Set<string>();
    const seen = new Set<string>();
    let nodes = [client.id('site')];
    while (nodes.length > 0) {
      const results = await client.session.browse(
        nodes.map((nodeId) => ({
          nodeId,
          browseDirection: BrowseDirection.Forward,
          referenceTypeId: 'HierarchicalReferences',
          includeSubtypes: true,
          nodeClassMask: NodeClassMask.Object | NodeClassMask.Variable,
          resultMask: ResultMask.NodeClass,
        })),
      );
      nodes = [];
      for (const { nodeId, nodeClass } of results.flatMap(({ references }) => references ?? [])) {
        const id = nodeId.toString();
        if (seen.has(id)) continue;
        seen.add(id);
        nodes.push(id);
        if (nodeClass === NodeClass.Variable) found.add(id);
      }
    }
    return [...found];
  }

  it('holds for every variable, as it is created and after it is modified', async () => {
    const ids = await variables();
    expect(ids).to.include(client.id('cabinet/A/compartment/3/Door'));
    expect(ids.some((id) => id.startsWith(client.id('cassette/')))).to.equal(true);
    const { subscriptionId } = await session.createSubscription({
      requestedPublishingInterval: 1_000,
      requestedLifetimeCount: 1_000,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: false,
    });
    const { results } = await session.createMonitoredItems({
      subscriptionId,
      timestampsToReturn: TimestampsToReturn.Both,
      itemsToCreate: ids.map((nodeId, index) => ({
        itemToMonitor: { nodeId, attributeId: AttributeIds.Value },
        monitoringMode: MonitoringMode.Sampling,
        requestedParameters: { clientHandle: index + 1, samplingInterval: SAMPLING, queueSize: 1 },
      })),
    });
    // What is sampled is never sampled as often as 0.
    const sampled = ids.filter((_, index) => results?.[index]?.revisedSamplingInterval !== 0);
    expect(sampled, 'sampled by a timer').to.deep.equal([]);
    expect(new Set(results?.map(({ statusCode }) => statusCode))).to.deep.equal(new Set([StatusCodes.Good]));
    const modified = await session.modifyMonitoredItems(
      new ModifyMonitoredItemsRequest({
        subscriptionId,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToModify: (results ?? []).map(({ monitoredItemId }, index) => ({
          monitoredItemId,
          requestedParameters: { clientHandle: index + 1, samplingInterval: 2 * SAMPLING, queueSize: 2 },
        })),
      }),
    );
    expect(
      ids.filter((_, index) => modified.results?.[index]?.revisedSamplingInterval !== 0),
      'sampled by a timer once modified',
    ).to.deep.equal([]);
    await session.deleteSubscriptions({ subscriptionIds: [subscriptionId] });
  });
});
