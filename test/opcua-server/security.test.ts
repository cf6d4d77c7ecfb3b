import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  AttributeIds,
  CreateSessionRequest,
  type DataValue,
  MessageSecurityMode,
  type OPCUACertificateManager,
  OPCUAClient,
  type OPCUAClientOptions,
  SecurityPolicy,
  type StatusCode,
  StatusCodes,
  type UserIdentityInfo,
  UserTokenType,
} from 'node-opcua';
import { GATEWAY } from '../../domain/event.ts';
import { textOf } from '../../domain/texts/texts.ts';
import { type OpcUaServer, type OpcUaServerOptions, startOpcUaServer } from '../../opcua-server/host.ts';
import { eventually } from '../support/eventually.ts';
import {
  ADMINISTRATOR,
  clientCertificates,
  failureOf,
  MASTER,
  OPERATOR,
  person,
  TestClient,
} from './support/client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

const OCCUPANT = 'cabinet/A/compartment/3/Occupant';

describe('OPC UA security', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let gateway: MemoryGateway;
  let server: OpcUaServer;
  const clients: TestClient[] = [];
  const logged: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    certificates = await clientCertificates(folder);
  });

  after(async () => {
    await certificates?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(options: Partial<OpcUaServerOptions> = {}): Promise<void> {
    gateway = new MemoryGateway({ A: 24 });
    gateway.append('A', {
      type: 'compartment-assigned',
      actor: GATEWAY,
      data: { compartment: 3, user: 'u-17', reason: 'contract' },
    });
    const log = (text: string): void => {
      logged.push(text);
    };
    server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
      logger: { info: log, warn: log, error: log },
      ...options,
    });
  }

  async function stop(): Promise<void> {
    for (const client of clients.splice(0)) await client.close();
    await server.close();
  }

  async function connect(user?: UserIdentityInfo, options?: OPCUAClientOptions): Promise<TestClient> {
    const client = await TestClient.connect(server.endpointUrl, certificates, user, options);
    clients.push(client);
    return client;
  }

  describe('with log-ins only', () => {
    before(() => start());
    after(stop);

    it('offers encrypted endpoints only, with names and passwords or certificates of persons to log in', async () => {
      const client = OPCUAClient.create({ endpointMustExist: false, clientCertificateManager: certificates });
      await client.connect(server.endpointUrl);
      const endpoints = await client.getEndpoints();
      await client.disconnect();
      expect(
        endpoints.map(({ securityMode, securityPolicyUri, userIdentityTokens }) => ({
          mode: securityMode,
          policy: securityPolicyUri,
          logins: userIdentityTokens?.map(({ tokenType }) => tokenType),
        })),
      ).to.deep.equal(
        [
          SecurityPolicy.Basic256Sha256,
          SecurityPolicy.Aes128_Sha256_RsaOaep,
          SecurityPolicy.Aes256_Sha256_RsaPss,
        ].map((policy) => ({
          mode: MessageSecurityMode.SignAndEncrypt,
          policy,
          logins: [UserTokenType.UserName, UserTokenType.Certificate],
        })),
      );
    });

    it('refuses a session over a connection that is not encrypted', async () => {
      const client = OPCUAClient.create({ endpointMustExist: false, clientCertificateManager: certificates });
      await client.connect(server.endpointUrl);
      // Below the client's own API, which would refuse by itself what the server is to refuse here.
      const below = client as unknown as {
        performMessageTransaction(
          request: CreateSessionRequest,
          answered: (error: Error | null, response?: unknown) => void,
        ): void;
      };
      const request = new CreateSessionRequest({
        endpointUrl: server.endpointUrl,
        clientNonce: Buffer.alloc(32),
        sessionName: 'plain',
        requestedSessionTimeout: 10_000,
      });
      const failure = await failureOf(
        new Promise((resolve, reject) => {
          below.performMessageTransaction(request, (error, response) =>
            error ? reject(error) : resolve(response),
          );
        }),
      );
      await client.disconnect();
      expect(failure).to.match(/BadSecurity(Policy|Mode)Rejected/);
      for (const securityMode of [MessageSecurityMode.None, MessageSecurityMode.Sign]) {
        const securityPolicy =
          securityMode === MessageSecurityMode.None ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256;
        await failureOf(connect(ADMINISTRATOR, { securityMode, securityPolicy }));
      }
    });

    it('refuses a client that does not log in', async () => {
      await failureOf(connect());
    });

    it('refuses a wrong password, an unknown name, an empty password and a person without business here', async () => {
      for (const user of [
        person('admin', 'Correct horse'),
        person('nobody', 'correct horse'),
        person('anonymous', 'x'),
        MASTER,
      ]) {
        expect(await failureOf(connect(user))).to.contain('BadUserAccessDenied');
      }
      await failureOf(connect(person('admin', '')));
    });

    it('ends in a session under way what a person may no longer see', async () => {
      const client = await connect(OPERATOR);
      expect((await client.read(OCCUPANT)).statusCode).to.equal(StatusCodes.Good);
      gateway.withdrawn.add('operator');
      try {
        let status = StatusCodes.Good as StatusCode;
        const end = performance.now() + 30_000;
        while (status.isGood() && performance.now() < end) {
          await sleep(100);
          status = (await client.read(OCCUPANT)).statusCode;
        }
        expect(status).to.equal(StatusCodes.BadUserAccessDenied);
      } finally {
        gateway.withdrawn.delete('operator');
      }
    });

    it('lets an operator read who holds a compartment, and command nothing', async () => {
      const client = await connect(OPERATOR);
      expect((await client.read(OCCUPANT)).value.value).to.equal('u-17');
      const asked = gateway.requests.length;
      for (const method of ['Open', 'Release'] as const) {
        const result = await client.command('A', method, 3, 'curious');
        expect(result.statusCode).to.equal(StatusCodes.BadUserAccessDenied);
        const executable = await client.read(`cabinet/A/${method}`, AttributeIds.UserExecutable);
        expect(executable.value.value).to.equal(false);
      }
      expect(gateway.requests.length).to.equal(asked);
    });

    it('lets nobody write', async () => {
      const client = await connect(ADMINISTRATOR);
      const status = await client.session.write({
        nodeId: client.id('cabinet/A/compartment/3/State'),
        attributeId: AttributeIds.Value,
        value: { value: { dataType: 'Int32', value: 0 } },
      });
      expect(status.name).to.match(/BadNotWritable|BadUserAccessDenied/);
    });

    it('opens and releases for an administrator, in whose name the gateway is asked', async () => {
      const client = await connect(ADMINISTRATOR);
      const opened = await client.command('A', 'Open', 3, 'lost card');
      expect(opened.statusCode).to.equal(StatusCodes.Good);
      expect(opened.outputArguments?.map(({ value }) => value.text ?? value)).to.deep.equal([
        'ok',
        'The compartment is open.',
      ]);
      expect(gateway.requests.at(-1)).to.deep.equal({
        request: { do: 'open', cabinet: 'A', compartment: 3, reason: 'lost card' },
        requester: {
          kind: 'administrator',
          principal: { user: 'u-admin', login: 'admin', roles: ['administrator'] },
        },
      });
      const released = await client.command('A', 'Release', 3, 'moved out');
      expect(released.outputArguments?.[0]?.value).to.equal('ok');
      const again = await client.command('A', 'Release', 3, 'moved out');
      expect(again.statusCode).to.equal(StatusCodes.Good);
      expect(again.outputArguments?.[0]?.value).to.equal('compartment-free');
      expect(again.outputArguments?.[1]?.value.text).to.be.a('string').with.length.above(0);
    });

    it('speaks the language of the session, and English where it has none of its languages', async () => {
      const refusal = { code: 'compartment-unknown', values: { cabinet: 'A', compartment: 30 } } as const;
      for (const [localeIds, language] of [
        [['pl-PL', 'en'], 'pl'],
        [['de', 'it'], 'it'],
        [['de'], 'en'],
      ] as const) {
        const client = await connect(ADMINISTRATOR, { localeIds: [...localeIds] });
        const refused = await client.command('A', 'Open', 30, 'no such door');
        expect(refused.outputArguments?.map(({ value }) => value.text ?? value)).to.deep.equal([
          refusal.code,
          textOf(refusal)[language],
        ]);
      }
    });

    it('names the argument that is wrong', async () => {
      const client = await connect(ADMINISTRATOR);
      const asked = gateway.requests.length;
      const call = async (...inputArguments: { dataType: string; value: unknown }[]) => {
        const { statusCode, inputArgumentResults } = await client.session.call({
          objectId: client.id('cabinet/A'),
          methodId: client.id('cabinet/A/Open'),
          inputArguments: inputArguments as never,
        });
        return [statusCode.name, ...(inputArgumentResults ?? []).map(({ name }) => name)];
      };
      const reason = { dataType: 'String', value: 'why' };
      const compartment = (value: number) => ({ dataType: 'UInt16', value });
      expect(await call(compartment(513), reason)).to.deep.equal([
        'BadInvalidArgument',
        'BadOutOfRange',
        'Good',
      ]);
      expect(await call(compartment(0), reason)).to.deep.equal([
        'BadInvalidArgument',
        'BadOutOfRange',
        'Good',
      ]);
      expect(await call(compartment(3), { dataType: 'String', value: 'x'.repeat(501) })).to.deep.equal([
        'BadInvalidArgument',
        'Good',
        'BadOutOfRange',
      ]);
      expect(await call({ dataType: 'String', value: '3' }, reason)).to.deep.equal([
        'BadInvalidArgument',
        'BadTypeMismatch',
        'Good',
      ]);
      expect((await call(compartment(3)))[0]).to.equal('BadArgumentsMissing');
      expect((await call(compartment(3), reason, reason))[0]).to.equal('BadTooManyArguments');
      expect(gateway.requests.length).to.equal(asked);
    });

    it('tells a failure of the gateway apart from a refusal, and logs it', async () => {
      const client = await connect(ADMINISTRATOR);
      const { statusCode } = await client.command('A', 'Open', 3, 'fail');
      expect(statusCode).to.equal(StatusCodes.BadInternalError);
      expect(logged.at(-1)).to.contain('the store is on fire');
    });

    it('locks a name for a while after several wrong passwords, and others not', async () => {
      for (let count = 0; count < 4; count += 1)
        await failureOf(connect(person('operator', `guess ${count}`)));
      const checked = gateway.passwordsChecked;
      expect(await failureOf(connect(OPERATOR))).to.contain('BadUserAccessDenied');
      expect(gateway.passwordsChecked).to.equal(checked);
      await connect(ADMINISTRATOR);
    });

    it('checks passwords for one name one after the other, so that many guesses at once gain nothing', async () => {
      const checked = gateway.passwordsChecked;
      const guesses = Array.from({ length: 12 }, (_, guess) =>
        failureOf(connect(person('ghost', `guess ${guess}`))),
      );
      expect(await Promise.all(guesses)).to.have.length(12);
      expect(gateway.passwordsChecked - checked).to.equal(4);
    });

    it('logs no password', () => {
      expect(logged.join('\n')).not.to.match(/horse|staple|clip|guess/);
    });
  });

  describe('with anonymous reading switched on', () => {
    before(() => start({ allowAnonymous: true }));
    after(stop);

    it('shows states and doors, never who holds a compartment', async () => {
      const client = await connect();
      expect((await client.read('cabinet/A/compartment/3/State')).value.value).to.equal(1);
      const door = await client.read('cabinet/A/compartment/3/Door');
      expect([door.statusCode, door.value.value]).to.deep.equal([StatusCodes.UncertainInitialValue, 0]);
      const occupant = await client.read(OCCUPANT);
      expect(occupant.statusCode).to.equal(StatusCodes.BadUserAccessDenied);
      expect(occupant.value.value).to.equal(null);
    });

    it('commands nothing', async () => {
      const client = await connect();
      const { statusCode } = await client.command('A', 'Open', 3, 'curious');
      expect(statusCode).to.equal(StatusCodes.BadUserAccessDenied);
      expect(gateway.requests).to.deep.equal([]);
    });

    it('shows who holds a compartment after a log-in on the same connection, and no longer after leaving it', async () => {
      const client = await connect();
      await client.session.changeUser(OPERATOR);
      expect((await client.read(OCCUPANT)).value.value).to.equal('u-17');
      await client.session.changeUser({ type: UserTokenType.Anonymous });
      expect((await client.read(OCCUPANT)).statusCode).to.equal(StatusCodes.BadUserAccessDenied);
    });

    it('delivers to a subscription what its session may read at that moment, and nothing else', async () => {
      const client = await connect();
      const subscription = await client.session.createSubscription2({
        requestedPublishingInterval: 20,
        requestedLifetimeCount: 1_000,
        requestedMaxKeepAliveCount: 10,
        maxNotificationsPerPublish: 100,
        publishingEnabled: true,
        priority: 1,
      });
      const seen: { readonly occupant: string[]; readonly state: string[] } = { occupant: [], state: [] };
      for (const [name, values] of [
        [OCCUPANT, seen.occupant],
        ['cabinet/A/compartment/3/State', seen.state],
      ] as const) {
        const item = await subscription.monitor(
          { nodeId: client.id(name), attributeId: AttributeIds.Value },
          { samplingInterval: 0, queueSize: 10, discardOldest: true },
          0,
        );
        item.on('changed', ({ statusCode, value }: DataValue) => {
          values.push(statusCode === StatusCodes.Good ? String(value.value) : statusCode.name);
        });
      }
      const release = (user: string): void =>
        gateway.append('A', {
          type: 'compartment-released',
          actor: GATEWAY,
          data: { compartment: 3, users: [user], reason: 'contract' },
        });
      const assign = (user: string): void =>
        gateway.append('A', {
          type: 'compartment-assigned',
          actor: GATEWAY,
          data: { compartment: 3, user, reason: 'contract' },
        });
      // The state that follows an occupant on the same subscription tells that the occupant has been dealt with.
      const shown = (changes: number): Promise<void> =>
        eventually('the states', () => seen.state.length >= changes);
      await shown(1);
      release('u-17');
      await shown(2);
      assign('u-18');
      await shown(3);
      expect(new Set(seen.occupant)).to.deep.equal(new Set(['BadUserAccessDenied']));
      await client.session.changeUser(OPERATOR);
      release('u-18');
      await eventually('no occupant', () => seen.occupant.includes(''));
      assign('u-19');
      await eventually('the occupant', () => seen.occupant.includes('u-19'));
      await client.session.changeUser({ type: UserTokenType.Anonymous });
      release('u-19');
      await eventually('the refusal', () => seen.occupant.at(-1) === 'BadUserAccessDenied');
      const before = seen.state.length;
      assign('u-20');
      await shown(before + 1);
      expect(seen.occupant.at(-1)).to.equal('BadUserAccessDenied');
      expect(seen.occupant).not.to.include('u-20');
    });
  });

  describe('with clients that must be trusted first', () => {
    const rejected = (): string => join(folder, 'strict', 'applications', 'rejected');

    before(() => start({ trustUnknownClients: false, folder: join(folder, 'strict') }));
    after(stop);

    it('turns an unknown client away and keeps its certificate to be trusted', async () => {
      await failureOf(connect(ADMINISTRATOR));
      expect(gateway.passwordsChecked).to.equal(0);
      expect(await readdir(rejected())).to.have.length(1);
    });

    it('takes it once its certificate was moved to the trusted ones, without a restart', async () => {
      const [certificate = ''] = await readdir(rejected());
      await rename(
        join(rejected(), certificate),
        join(folder, 'strict', 'applications', 'trusted', 'certs', certificate),
      );
      for (;;) {
        try {
          await connect(ADMINISTRATOR);
          break;
        } catch (error) {
          // The server learns of the move from the file system, a moment later.
          expect(String(error)).to.contain('BadSecurityChecksFailed');
        }
      }
    });

    it('goes on refusing clients that were not', async () => {
      const stranger = await clientCertificates(join(folder, 'stranger'));
      const failure = await failureOf(TestClient.connect(server.endpointUrl, stranger, ADMINISTRATOR));
      await stranger.dispose();
      expect(failure).to.contain('BadSecurityChecksFailed');
    });
  });
});
