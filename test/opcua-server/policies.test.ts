import { expect } from 'chai';
import { AttributeIds, MessageSecurityMode, resolveNodeId, SecurityPolicy, StatusCodes } from 'node-opcua';
import { eventually } from '../support/eventually.ts';
import { ADMINISTRATOR, failureOf, OPERATOR, person } from './support/client.ts';
import { SecuredServer } from './support/secured-server.ts';

const { None, Sign, SignAndEncrypt } = MessageSecurityMode;
const CLEAR = { securityMode: None, securityPolicy: SecurityPolicy.None };
const STATE = 'cabinet/A/compartment/3/State';
const OCCUPANT = 'cabinet/A/compartment/3/Occupant';

describe('OPC UA security policies', () => {
  describe('as they come', () => {
    let server: SecuredServer;

    before(async () => {
      server = await SecuredServer.start();
    });

    after(() => server.close());

    for (const securityPolicy of [
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss,
    ]) {
      const name = securityPolicy.slice(securityPolicy.indexOf('#') + 1);

      it(`${name}: signed and encrypted, with a password`, async () => {
        const client = await server.connect(ADMINISTRATOR, { securityMode: SignAndEncrypt, securityPolicy });
        expect((await client.read(OCCUPANT)).value.value).to.equal('u-17');
        expect((await client.command('A', 'Open', 1, 'check')).statusCode).to.equal(StatusCodes.Good);
      });

      it(`${name}: not without encryption`, async () => {
        await failureOf(server.connect(ADMINISTRATOR, { securityMode: Sign, securityPolicy }));
      });
    }

    for (const securityPolicy of [SecurityPolicy.Basic256, SecurityPolicy.Basic128Rsa15]) {
      it(`${securityPolicy.slice(securityPolicy.indexOf('#') + 1)}: not at all`, async () => {
        await failureOf(server.connect(ADMINISTRATOR, { securityMode: SignAndEncrypt, securityPolicy }));
      });
    }

    it('None: not at all', async () => {
      await failureOf(server.connect(ADMINISTRATOR, CLEAR));
    });

    it('starts without a warning', () => {
      expect(server.said.join('\n')).not.to.contain('SEZAM_OPCUA');
    });
  });

  describe('with connections in clear and anonymous reading switched on', () => {
    let server: SecuredServer;

    before(async () => {
      server = await SecuredServer.start({ allowUnencrypted: true, allowAnonymous: true });
    });

    after(() => server.close());

    it('warns of each at the start', async () => {
      for (const name of ['(SEZAM_OPCUA_UNENCRYPTED)', '(SEZAM_OPCUA_ANONYMOUS)']) {
        await eventually(`a warning of ${name}`, () => server.said.some((text) => text.includes(name)));
      }
    });

    it('shows what concerns nobody in clear', async () => {
      for (const user of [undefined, ADMINISTRATOR]) {
        const client = await server.connect(user, CLEAR);
        expect((await client.read(STATE)).value.value).to.equal(1);
      }
    });

    it('shows neither persons nor cassettes in clear, not even to an administrator', async () => {
      const client = await server.connect(ADMINISTRATOR, CLEAR);
      for (const name of [OCCUPANT, 'cassette/C%2F1/State', 'cassette/C%2F1/Sensors/Lid/Live']) {
        const read = await client.read(name);
        expect(read.statusCode, name).to.equal(StatusCodes.BadSecurityModeInsufficient);
        expect(read.value.value, name).to.equal(null);
      }
      expect([...(await client.browse('cassettes')).keys()].join()).not.to.contain('C/1');
    });

    it('delivers no person to a subscription in clear', async () => {
      const client = await server.connect(ADMINISTRATOR, CLEAR);
      const subscription = await client.session.createSubscription2({
        requestedPublishingInterval: 20,
        requestedLifetimeCount: 1_000,
        requestedMaxKeepAliveCount: 10,
        publishingEnabled: true,
      });
      const seen: unknown[] = [];
      const first = new Promise<void>((resolve) => {
        void subscription
          .monitor(
            { nodeId: client.id(OCCUPANT), attributeId: AttributeIds.Value },
            { samplingInterval: 0, queueSize: 10, discardOldest: true },
            0,
          )
          .then((item) => {
            item.on('changed', ({ statusCode, value }) => {
              seen.push(statusCode.isGood() ? value.value : statusCode.name);
              resolve();
            });
          });
      });
      await first;
      expect(seen).to.not.include('u-17');
    });

    it('commands nothing in clear', async () => {
      const client = await server.connect(ADMINISTRATOR, CLEAR);
      const asked = server.gateway.requests.length;
      const { statusCode } = await client.command('A', 'Open', 3, 'in clear');
      expect(statusCode).to.equal(StatusCodes.BadSecurityModeInsufficient);
      expect(server.gateway.requests.length).to.equal(asked);
    });

    it('tells nobody in clear, or without the right, who else is connected', async () => {
      const administrator = await server.connect(ADMINISTRATOR);
      const others = [
        await server.connect(ADMINISTRATOR, CLEAR),
        await server.connect(undefined, CLEAR),
        await server.connect(),
        await server.connect(OPERATOR),
      ];
      const nodeId = resolveNodeId(
        'Server_ServerDiagnostics_SessionsDiagnosticsSummary_SessionSecurityDiagnosticsArray',
      );
      const { statusCode } = await administrator.session.read({ nodeId, attributeId: AttributeIds.Value });
      expect(statusCode).to.equal(StatusCodes.Good);
      for (const client of others) {
        const read = await client.session.read({ nodeId, attributeId: AttributeIds.Value });
        expect(read.statusCode.name).to.match(/^Bad(UserAccessDenied|SecurityModeInsufficient)$/);
      }
    });

    it('shows all of it to the same person over an encrypted connection', async () => {
      const client = await server.connect(ADMINISTRATOR);
      expect((await client.read(OCCUPANT)).value.value).to.equal('u-17');
      expect((await client.read('cassette/C%2F1/State')).statusCode).to.equal(StatusCodes.Good);
    });
  });

  describe('with connections in clear switched on alone', () => {
    let server: SecuredServer;

    before(async () => {
      server = await SecuredServer.start({ allowUnencrypted: true });
    });

    after(() => server.close());

    it('shows to whoever logs in what concerns nobody, and nothing to others', async () => {
      const client = await server.connect(OPERATOR, CLEAR);
      expect((await client.read(STATE)).value.value).to.equal(1);
      expect((await client.read(OCCUPANT)).statusCode).to.equal(StatusCodes.BadSecurityModeInsufficient);
      await failureOf(server.connect(undefined, CLEAR));
    });

    it('takes no wrong password in clear', async () => {
      expect(await failureOf(server.connect(person('operator', 'wrong'), CLEAR))).to.contain(
        'BadUserAccessDenied',
      );
      expect(await server.recorded('opcua-login-refused')).to.include({ reason: 'wrong-password' });
    });
  });
});
