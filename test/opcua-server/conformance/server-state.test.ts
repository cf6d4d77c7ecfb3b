import { join } from 'node:path';
import { expect } from 'chai';
import {
  constructEventFilter,
  type DateTime,
  ObjectTypeIds,
  ServerState,
  TimestampsToReturn,
  VariableIds,
  type Variant,
} from 'node-opcua';
import type { CabinetState } from '../../../domain/cabinet/state.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { startOpcUaServer } from '../../../opcua-server/host.ts';
import { serviceLevelOf } from '../../../opcua-server/services/service-level.ts';
import { eventually } from '../../support/eventually.ts';
import { cassetteView } from '../support/cassette-views.ts';
import { ADMINISTRATOR, clientCertificates, OPERATOR, TestClient } from '../support/client.ts';
import { MemoryGateway } from '../support/memory-gateway.ts';
import { SecuredServer } from '../support/secured-server.ts';
import { monitored, standard, subscribe } from './support.ts';

const id = (variable: VariableIds): string => `ns=0;i=${variable}`;
const loses = (gateway: MemoryGateway, board: string): void =>
  gateway.append('A', { type: 'board-lost', actor: GATEWAY, data: { board } });

describe('the service level of a gateway', () => {
  let gateway: MemoryGateway;
  const level = (): number => serviceLevelOf(gateway.health(), gateway.cabinets());

  beforeEach(() => {
    // Four boards and one cassette.
    gateway = new MemoryGateway({ A: 64 }, [cassetteView()]);
  });

  it('is 255 while everything is well', () => {
    expect(level()).to.equal(255);
  });

  it('falls with every board that is lost, and rises with its return', () => {
    // Boards and cassette, item readers, database and journal: eight parts.
    loses(gateway, 'A-0');
    expect(level()).to.equal(2 + Math.floor((197 * 7) / 8));
    loses(gateway, 'A-1');
    expect(level()).to.equal(2 + Math.floor((197 * 6) / 8));
    gateway.append('A', { type: 'board-found', actor: GATEWAY, data: { board: 'A-0' } });
    expect(level()).to.equal(2 + Math.floor((197 * 7) / 8));
  });

  it('falls with a cassette whose controller does not answer, a bus, a silent item reader and the database', () => {
    gateway.showCassette(cassetteView({ linked: false }));
    const parts = [level()];
    Object.assign(gateway.parts, { silentItemReaders: ['R1'] });
    parts.push(level());
    Object.assign(gateway.parts, { buses: [{ id: 'B1', state: 'lost', since: 0 }] });
    parts.push(level());
    gateway.parts.log = { ...gateway.parts.log, store: 'down', waiting: 3 };
    parts.push(level());
    expect(parts).to.deep.equal([...parts].sort((a, b) => b - a));
    expect(new Set(parts).size).to.equal(4);
    for (const each of parts) expect(each).to.be.within(2, 199);
  });

  it('is 1 where no board and no controller answers, or nothing can be recorded', () => {
    for (const board of ['A-0', 'A-1', 'A-2', 'A-3']) loses(gateway, board);
    expect(level()).to.be.above(1);
    gateway.showCassette(cassetteView({ linked: false }));
    expect(level()).to.equal(1);

    gateway = new MemoryGateway({ A: 16 });
    gateway.parts.log = { ...gateway.parts.log, store: 'down', journal: 'failing' };
    expect(level()).to.equal(1);
  });

  it('counts the boards of a cabinet that another gateway has taken over as lost', () => {
    const health = gateway.health();
    const fenced = { id: 'A', condition: 'down', detail: 'another gateway controls it' } as const;
    const cabinets: readonly CabinetState[] = gateway.cabinets();
    expect(serviceLevelOf({ ...health, cabinets: [fenced] }, cabinets)).to.equal(
      2 + Math.floor((197 * 4) / 8),
    );
  });
});

describe('OPC UA: what the server says of itself', () => {
  // Servers are started and stopped here, and waited for.
  let server: SecuredServer;
  let client: TestClient;

  beforeEach(async () => {
    server = await SecuredServer.start();
    client = await server.connect(ADMINISTRATOR);
  });
  afterEach(() => server.close());

  it('tells subscribers of a service level that falls and rises, and of a server that has nothing to say', async () => {
    const subscription = await subscribe(client);
    const { values: levels } = await monitored(subscription, id(VariableIds.Server_ServiceLevel));
    const { values: states } = await monitored(subscription, id(VariableIds.Server_ServerStatus_State));
    const told = (values: typeof levels): unknown[] => values.map(({ value }) => value.value);
    await eventually('the first values', () => levels.length === 1 && states.length === 1);

    server.gateway.showCassette(cassetteView({ linked: false }));
    await eventually('the lower level', () => levels.length === 2);
    loses(server.gateway, 'A-0');
    await eventually('no data', () => told(levels).includes(1) && states.length === 2);
    server.gateway.append('A', { type: 'board-found', actor: GATEWAY, data: { board: 'A-0' } });
    server.gateway.showCassette(cassetteView());
    await eventually('the end of it', () => told(levels).at(-1) === 255 && states.length === 3);
    expect(told(levels)[0]).to.equal(255);
    expect(told(levels)[1]).to.be.within(2, 199);
    expect(told(states)).to.deep.equal([
      ServerState.Running,
      ServerState.CommunicationFault,
      ServerState.Running,
    ]);
  });

  it('begins with the level of the moment', async () => {
    server.gateway.showCassette(cassetteView({ linked: false }));
    await server.restart();
    client = await server.connect(OPERATOR);
    expect((await standard(client, VariableIds.Server_ServiceLevel)).value.value).to.be.within(2, 199);
  });

  it('says before a stop that it stops, why, and when it is likely to be back', async () => {
    const stopping = await startOpcUaServer({
      gateway: server.gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(server.folder, 'stopping'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
      shutdownNotice: 5_000,
    });
    const certificates = await clientCertificates(join(server.folder, 'stopping-client'));
    client = await TestClient.connect(stopping.endpointUrl, certificates, ADMINISTRATOR);
    const before = Date.now();
    expect(
      (await standard(client, VariableIds.Server_EstimatedReturnTime)).value.value.getTime(),
    ).to.be.below(0);
    const subscription = await subscribe(client);
    const seen = {
      level: await monitored(subscription, id(VariableIds.Server_ServiceLevel)),
      state: await monitored(subscription, id(VariableIds.Server_ServerStatus_State)),
      reason: await monitored(subscription, id(VariableIds.Server_ServerStatus_ShutdownReason)),
      back: await monitored(subscription, id(VariableIds.Server_EstimatedReturnTime)),
    };
    const events: Variant[][] = [];
    const item = await subscription.monitor(
      { nodeId: 'ns=0;i=2253', attributeId: 12 },
      { queueSize: 10, filter: constructEventFilter(['EventType', 'SystemState']) },
      TimestampsToReturn.Both,
    );
    item.on('changed', (fields: unknown) => void events.push(fields as Variant[]));
    await eventually('the first values', () =>
      Object.values(seen).every(({ values }) => values.length === 1),
    );

    const closing = stopping.close();
    await eventually('the farewell', () => Object.values(seen).every(({ values }) => values.length > 1));
    const last = (name: keyof typeof seen): unknown => seen[name].values.at(-1)?.value.value;
    expect(last('level')).to.equal(0);
    expect(last('state')).to.equal(ServerState.Shutdown);
    expect(last('reason')).to.include({ text: 'Sezam is being stopped or restarted.' });
    expect((last('back') as DateTime)?.getTime()).to.be.above(before + 60_000);
    const type = `ns=0;i=${ObjectTypeIds.SystemStatusChangeEventType}`;
    await eventually('the event', () => events.some(([each]) => String(each?.value) === type));
    await closing;
    await client.client.disconnect();
    await certificates.dispose();
  });

  it('is gone at once where nobody is connected', async () => {
    await server.restart({ shutdownNotice: 60_000 });
    // A stop that waited for a minute would outlast this test.
    await server.close();
  });
});
