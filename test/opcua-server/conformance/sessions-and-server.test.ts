import { expect } from 'chai';
import {
  ActivateSessionRequest,
  AttributeIds,
  type ClientSession,
  CreateSubscriptionRequest,
  type DataValue,
  MessageSecurityMode,
  ReadRequest,
  SecurityPolicy,
  ServerState,
  StatusCodes,
  VariableIds,
} from 'node-opcua';
import { CAPABILITIES, OPERATION_LIMITS } from '../../../opcua-server/limits.ts';
import { eventually } from '../../support/eventually.ts';
import { ADMINISTRATOR, failureOf, OPERATOR, person, type TestClient } from '../support/client.ts';
import { clientCertificate, SecuredServer } from '../support/secured-server.ts';
import { send, standard, statusOf, subscribe } from './support.ts';

describe('OPC UA conformance: sessions, and what the server tells of itself', () => {
  let server: SecuredServer;
  let client: TestClient;

  before(async () => {
    server = await SecuredServer.start();
  });
  beforeEach(async () => {
    client = await server.connect(ADMINISTRATOR);
  });
  afterEach(() => server.disconnect());
  after(() => server.close());

  const value = async (id: VariableIds, of = client): Promise<unknown> =>
    (await standard(of, id)).value.value;

  describe('Session services', () => {
    it('Session Base: a session is of use from its activation to its end', async () => {
      const session = await client.client.createSession(OPERATOR);
      expect((await session.read({ nodeId: 'ns=0;i=2258' })).statusCode.name).to.equal('Good');
      const read = new ReadRequest({
        nodesToRead: [{ nodeId: 'ns=0;i=2258', attributeId: AttributeIds.Value }],
      });
      const { authenticationToken } = session as unknown as { authenticationToken: never };
      await session.close();
      read.requestHeader.authenticationToken = authenticationToken;
      expect(statusOf(await send(client.client, read))).to.match(/BadSession(IdInvalid|Closed)/);
    });

    it('Session General Service Behaviour: without a session nothing is answered, and handles come back', async () => {
      const read = new ReadRequest({
        nodesToRead: [{ nodeId: 'ns=0;i=2258', attributeId: AttributeIds.Value }],
      });
      expect(statusOf(await send(client.client, read))).to.equal('BadSessionIdInvalid');
      const within = new ReadRequest({
        nodesToRead: [{ nodeId: 'ns=0;i=2258', attributeId: AttributeIds.Value }],
      });
      const answer = await send<
        Awaited<ReturnType<typeof send>> & { responseHeader: { requestHandle: number; timestamp: Date } }
      >(client.session, within);
      expect(answer.responseHeader.requestHandle).to.equal(within.requestHeader.requestHandle);
      expect(answer.responseHeader.timestamp).to.be.an.instanceOf(Date);
    });

    it('Session Minimum 50 Parallel: fifty sessions at a time, and no more', async () => {
      const sessions: ClientSession[] = [];
      // The session of this test is one of them.
      for (let count = 1; count < 50; count += 1) sessions.push(await client.client.createSession(OPERATOR));
      expect(await failureOf(client.client.createSession(OPERATOR))).to.match(/BadTooManySessions/);
      const read = await Promise.all(sessions.map((each) => each.read({ nodeId: 'ns=0;i=2258' })));
      expect(read.every(({ statusCode }) => statusCode.isGood())).to.equal(true);
      await Promise.all(sessions.map((each) => each.close()));
      const again = await client.client.createSession(OPERATOR);
      await again.close();
    }).timeout(240_000);

    it('Session Change User: the person of a session changes, and with them what they may do', async () => {
      const opens = async (): Promise<string> =>
        (
          await client.session.call({
            objectId: client.id('cabinet/A'),
            methodId: client.id('cabinet/A/Open'),
            inputArguments: [
              { dataType: 'UInt16', value: 1 },
              { dataType: 'String', value: 'test' },
            ],
          })
        ).statusCode.name;
      expect(await opens()).to.equal('Good');
      const status = await client.session.changeUser(OPERATOR as never);
      expect(status.name).to.equal('Good');
      expect(await opens()).to.equal('BadUserAccessDenied');
      const wrong = await client.session
        .changeUser(person('admin', 'guess') as never)
        .then(({ name }) => name)
        .catch((error: Error) => error.message);
      expect(wrong).to.match(/BadUserAccessDenied|BadIdentityTokenRejected/);
    });

    it('refuses to activate a session again without the signature of the client', async () => {
      const answer = await send(client.session, new ActivateSessionRequest({}));
      expect(statusOf(answer)).to.not.equal('Good');
    });
  });

  describe('Base Info Core Structure and Server Capabilities', () => {
    it('has the Server object with its status and what it can do', async () => {
      expect(await value(VariableIds.Server_ServerStatus_State)).to.equal(ServerState.Running);
      const start = (await value(VariableIds.Server_ServerStatus_StartTime)) as Date;
      const now = (await value(VariableIds.Server_ServerStatus_CurrentTime)) as Date;
      expect(now.getTime()).to.be.at.least(start.getTime());
      expect(await value(VariableIds.Server_ServerStatus_BuildInfo_ProductName)).to.equal('Sezam');
      const namespaces = (await value(VariableIds.Server_NamespaceArray)) as string[];
      const servers = (await value(VariableIds.Server_ServerArray)) as string[];
      expect(namespaces[0]).to.equal('http://opcfoundation.org/UA/');
      expect(servers[0]).to.equal(namespaces[1]);
      expect(await value(VariableIds.Server_Auditing)).to.equal(true);
      expect(await value(VariableIds.Server_ServerCapabilities_LocaleIdArray)).to.deep.equal([
        'en',
        'pl',
        'it',
      ]);
    });

    it('tells its limits as they are', async () => {
      const told: Readonly<Record<string, unknown>> = Object.fromEntries(
        await Promise.all(
          Object.entries({
            maxSessions: VariableIds.Server_ServerCapabilities_MaxSessions,
            maxSubscriptions: VariableIds.Server_ServerCapabilities_MaxSubscriptions,
            maxSubscriptionsPerSession: VariableIds.Server_ServerCapabilities_MaxSubscriptionsPerSession,
            maxMonitoredItems: VariableIds.Server_ServerCapabilities_MaxMonitoredItems,
            maxMonitoredItemsPerSubscription:
              VariableIds.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription,
            maxMonitoredItemsQueueSize: VariableIds.Server_ServerCapabilities_MaxMonitoredItemsQueueSize,
            maxBrowseContinuationPoints: VariableIds.Server_ServerCapabilities_MaxBrowseContinuationPoints,
            maxArrayLength: VariableIds.Server_ServerCapabilities_MaxArrayLength,
            maxStringLength: VariableIds.Server_ServerCapabilities_MaxStringLength,
            maxByteStringLength: VariableIds.Server_ServerCapabilities_MaxByteStringLength,
          }).map(async ([name, id]) => [name, await value(id)]),
        ),
      );
      for (const [name, limit] of Object.entries(told))
        expect(limit, name).to.equal(CAPABILITIES[name as keyof typeof CAPABILITIES]);
      expect(await value(VariableIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead)).to.equal(
        OPERATION_LIMITS.maxNodesPerRead,
      );
      expect(
        await value(VariableIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerMethodCall),
      ).to.equal(OPERATION_LIMITS.maxNodesPerMethodCall);
    });

    it('keeps them: more is BadTooManyOperations, and too many subscriptions are refused', async () => {
      const nodesToRead = Array.from({ length: OPERATION_LIMITS.maxNodesPerRead + 1 }, () => ({
        nodeId: 'ns=0;i=2258',
        attributeId: AttributeIds.Value,
      }));
      expect(statusOf(await send(client.session, new ReadRequest({ nodesToRead })))).to.equal(
        'BadTooManyOperations',
      );
      const status: string[] = [];
      for (let count = 0; count <= CAPABILITIES.maxSubscriptionsPerSession; count += 1) {
        const request = new CreateSubscriptionRequest({
          requestedPublishingInterval: 60_000,
          publishingEnabled: true,
        });
        status.push(statusOf(await send(client.session, request)));
      }
      expect(status.filter((each) => each === 'Good')).to.have.length(
        CAPABILITIES.maxSubscriptionsPerSession,
      );
      expect(status.at(-1)).to.equal('BadTooManySubscriptions');
    });
  });

  describe('Base Info Diagnostics', () => {
    const summary = VariableIds.Server_ServerDiagnostics_ServerDiagnosticsSummary;
    const sessions = VariableIds.Server_ServerDiagnostics_SessionsDiagnosticsSummary_SessionDiagnosticsArray;
    const security =
      VariableIds.Server_ServerDiagnostics_SessionsDiagnosticsSummary_SessionSecurityDiagnosticsArray;
    const subscriptions = VariableIds.Server_ServerDiagnostics_SubscriptionDiagnosticsArray;

    it('counts sessions and subscriptions, open ones and refused ones', async () => {
      const before = (await value(summary)) as Record<string, number>;
      expect(before['currentSessionCount']).to.equal(1);
      const other = await server.connect(OPERATOR);
      await subscribe(other);
      await failureOf(server.connect(person('admin', 'guess')));
      const after = (await value(summary)) as Record<string, number>;
      expect(after['currentSessionCount']).to.be.at.least(2);
      expect(after['currentSubscriptionCount']).to.equal((before['currentSubscriptionCount'] ?? 0) + 1);
      expect(after['cumulatedSessionCount']).to.be.above(before['cumulatedSessionCount'] ?? 0);
      expect(after['rejectedSessionCount']).to.be.above(before['rejectedSessionCount'] ?? 0);
    });

    it('tells administrators of each session: who, how, from which application, and what it asked', async () => {
      const other = await server.connect(OPERATOR, await server.as(clientCertificate()));
      await subscribe(other);
      const all = (await value(sessions)) as Record<string, never>[];
      expect(all).to.have.length(2);
      const [, observer] = all;
      expect(observer?.['clientDescription']).to.include({ applicationUri: 'urn:sezam:test:client' });
      expect((observer?.['readCount'] as { totalCount: number } | undefined)?.totalCount).to.be.above(0);
      const [, secured] = (await value(security)) as Record<string, unknown>[];
      expect(secured).to.include({
        clientUserIdOfSession: 'operator',
        authenticationMechanism: 'UserName',
        encoding: 'UA Binary',
        transportProtocol: 'opc.tcp',
        securityMode: MessageSecurityMode.SignAndEncrypt,
        securityPolicyUri: SecurityPolicy.Basic256Sha256,
      });
      expect(secured?.['clientUserIdHistory']).to.deep.equal(['operator']);
      expect((await value(subscriptions)) as unknown[]).to.have.length(1);
    });

    it('tells nobody else: operators and strangers are refused', async () => {
      await server.restart({ allowAnonymous: true });
      const administrator = await server.connect(ADMINISTRATOR);
      const others = [await server.connect(OPERATOR), await server.connect()];
      for (const other of others) {
        await subscribe(other);
        for (const id of [sessions, security, subscriptions]) {
          const read: DataValue = await standard(other, id);
          expect(read.statusCode.isGood(), VariableIds[id]).to.equal(false);
          expect(read.value?.value ?? null).to.equal(null);
        }
      }
      // The objects of single sessions are as closed as the arrays.
      const { references } = await administrator.session.browse('ns=0;i=3706');
      const objects = (references ?? []).filter(({ nodeId }) => nodeId.namespace !== 0);
      expect(objects).to.have.length(3);
      for (const { nodeId } of objects) {
        const children = (await administrator.session.browse(String(nodeId))).references ?? [];
        const diagnostics = children.find(({ browseName }) => browseName.name === 'SessionDiagnostics');
        expect(
          (await administrator.session.read({ nodeId: String(diagnostics?.nodeId) })).statusCode,
        ).to.equal(StatusCodes.Good);
        const parts = (await administrator.session.browse(String(diagnostics?.nodeId))).references ?? [];
        for (const other of others)
          for (const part of [diagnostics, ...parts]) {
            const { statusCode } = await other.session.read({ nodeId: String(part?.nodeId) });
            expect(statusCode.isGood(), part?.browseName.name ?? '').to.equal(false);
          }
      }
    });

    it('tells nobody else what single subscriptions and sessions are like', async () => {
      await server.restart({ allowAnonymous: true });
      const administrator = await server.connect(ADMINISTRATOR);
      const others = [await server.connect(OPERATOR), await server.connect()];
      for (const other of others) await subscribe(other);
      /** Every variable below a node. */
      const variablesBelow = async (nodeId: string): Promise<string[]> => {
        const { references } = await administrator.session.browse(nodeId);
        const children = (references ?? []).map((each) => String(each.nodeId));
        const below = await Promise.all(children.map(variablesBelow));
        return [...children, ...below.flat()];
      };
      for (const id of [sessions, security, subscriptions]) {
        const nodes = await variablesBelow(`ns=0;i=${id}`);
        expect(nodes.length, VariableIds[id]).to.be.above(10);
        const read = (of: TestClient): Promise<DataValue[]> =>
          of.session.read(nodes.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })));
        expect((await read(administrator)).every(({ statusCode }) => statusCode.isGood())).to.equal(true);
        for (const other of others) {
          const seen = (await read(other)).filter(({ statusCode }) => statusCode.isGood());
          expect(seen, VariableIds[id]).to.deep.equal([]);
        }
      }
    });

    it('can be switched off and on by administrators, and by nobody else', async () => {
      const flag = `ns=0;i=${VariableIds.Server_ServerDiagnostics_EnabledFlag}`;
      const write = async (of: TestClient, on: boolean): Promise<string> =>
        (
          await of.session.write({
            nodeId: flag,
            attributeId: AttributeIds.Value,
            value: { value: { dataType: 'Boolean', value: on } },
          })
        ).name;
      const other = await server.connect(OPERATOR);
      expect(await write(other, false)).to.match(/^Bad/);
      client = await server.connect(ADMINISTRATOR);
      expect(await write(client, false)).to.equal('Good');
      expect(await value(VariableIds.Server_ServerDiagnostics_EnabledFlag)).to.equal(false);
      expect((await standard(client, summary)).statusCode.isGood()).to.equal(false);
      expect(await write(client, true)).to.equal('Good');
      expect((await standard(client, summary)).statusCode.isGood()).to.equal(true);
    });

    it('forgets a session that has ended', async () => {
      client = await server.connect(ADMINISTRATOR);
      const other = await server.connect(OPERATOR);
      const count = async (): Promise<number> => ((await value(sessions)) as unknown[]).length;
      const before = await count();
      await other.session.close(true);
      let now = before;
      await eventually('the end', () => {
        void count().then((each) => {
          now = each;
        });
        return now === before - 1;
      });
    });
  });
});
