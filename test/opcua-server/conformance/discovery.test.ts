import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type ApplicationDescription,
  ApplicationType,
  type EndpointDescription,
  type FindServersRequestOptions,
  MessageSecurityMode,
  OPCUAClient,
  OPCUADiscoveryServer,
  SecurityPolicy,
  UserTokenType,
} from 'node-opcua';
import { DiscoveryRegistration } from '../../../opcua-server/services/discovery.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { clientCertificates } from '../support/client.ts';
import { PlainServer } from '../support/plain-server.ts';
import { SecuredServer } from '../support/secured-server.ts';

async function asking<Answer>(
  url: string,
  question: (client: OPCUAClient) => Promise<Answer>,
): Promise<Answer> {
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } });
  await client.connect(url);
  try {
    return await question(client);
  } finally {
    await client.disconnect();
  }
}

const findServers = (
  url: string,
  options: FindServersRequestOptions = {},
): Promise<ApplicationDescription[]> => asking(url, (client) => client.findServers(options));

describe('OPC UA discovery', () => {
  // Servers are started and stopped here, and waited for.
  let server: SecuredServer;

  before(async () => {
    server = await SecuredServer.start();
  });
  after(() => server.close());

  it('tells whoever asks which server it is, without a session', async () => {
    const [found, ...others] = await findServers(server.endpointUrl);
    const { applicationUri } = await server.asked<{ applicationUri: string }>({
      do: 'show-opcua-certificate',
    });
    expect(others).to.deep.equal([]);
    expect(found).to.include({
      applicationUri,
      productUri: 'urn:sezam',
      applicationType: ApplicationType.Server,
    });
    expect(found?.applicationName.text).to.equal('Sezam Test site');
    expect(found?.discoveryUrls).to.deep.equal([server.endpointUrl]);
    expect(await findServers(server.endpointUrl, { serverUris: ['urn:somebody:else'] })).to.deep.equal([]);
    expect(await findServers(server.endpointUrl, { serverUris: [applicationUri] })).to.have.length(1);
  });

  it('names its endpoints, all of them with encryption, with its certificate and the ways to log in', async () => {
    const endpoints: EndpointDescription[] = await asking(server.endpointUrl, (client) =>
      client.getEndpoints(),
    );
    const usable = endpoints.filter(({ userIdentityTokens }) => (userIdentityTokens ?? []).length > 0);
    expect(usable.map(({ securityPolicyUri }) => securityPolicyUri)).to.have.members([
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss,
    ]);
    for (const endpoint of usable) {
      expect(endpoint).to.include({
        endpointUrl: server.endpointUrl,
        securityMode: MessageSecurityMode.SignAndEncrypt,
        transportProfileUri: 'http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary',
      });
      expect(endpoint.serverCertificate?.length).to.be.above(0);
      expect(endpoint.userIdentityTokens?.map(({ tokenType }) => tokenType)).to.have.members([
        UserTokenType.UserName,
        UserTokenType.Certificate,
      ]);
    }
    const others = await asking(server.endpointUrl, (client) =>
      client.getEndpoints({ profileUris: ['http://opcfoundation.org/UA-Profile/Transport/https-uabinary'] }),
    );
    expect(others).to.deep.equal([]);
  });

  describe('by a discovery server', () => {
    let folder: string;
    let certificates: Awaited<ReturnType<typeof clientCertificates>>;
    let discovery: OPCUADiscoveryServer;
    let url: string;

    const start = async (port: number): Promise<void> => {
      discovery = new OPCUADiscoveryServer({
        port,
        serverCertificateManager: certificates,
        hostname: '127.0.0.1',
      });
      await discovery.start();
      url = `opc.tcp://127.0.0.1:${discovery.endpoints[0]?.port}`;
    };

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sezam-discovery-'));
      certificates = await clientCertificates(folder);
      await start(await freePort());
    });

    afterEach(async () => {
      await server.restart();
      await discovery.shutdown();
      await certificates.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    const entries = async (): Promise<string[]> =>
      (await findServers(url))
        .filter(({ applicationType }) => applicationType === ApplicationType.Server)
        .flatMap(({ discoveryUrls }) => discoveryUrls ?? [])
        .map(String);
    const told = (text: RegExp): boolean => server.said.some((line) => text.test(line));

    it('is possible once it is entered there, until it stops', async () => {
      server.said.length = 0;
      await server.restart({ discoveryServer: url });
      await eventually('the registration', () => told(/is registered with the discovery server/));
      expect(await entries()).to.deep.equal([server.endpointUrl]);
      await server.restart();
      expect(await entries()).to.deep.equal([]);
    });

    it('is possible where the discovery server knows the older service alone', async () => {
      server.said.length = 0;
      Object.assign(discovery, { _on_RegisterServer2Request: undefined });
      await server.restart({ discoveryServer: url });
      await eventually('the registration', () => told(/is registered with the discovery server/));
      expect(await entries()).to.deep.equal([server.endpointUrl]);
      await server.restart();
      expect(await entries()).to.deep.equal([]);
    });

    it('is tried again where the discovery server is away at first', async () => {
      const port = discovery.endpoints[0]?.port ?? 0;
      await discovery.shutdown();
      server.said.length = 0;
      await server.restart({ discoveryServer: url });
      await eventually('the failure', () => told(/could not be registered/));
      certificates = await clientCertificates(folder);
      await start(port);
      await eventually('the registration', () => told(/is registered with the discovery server/));
      expect(server.said.filter((line) => /could not be registered/.test(line))).to.have.length(1);
      expect(await entries()).to.deep.equal([server.endpointUrl]);
    });

    it('goes on where the discovery server has forgotten everybody: the entry is made again and again', async () => {
      const port = discovery.endpoints[0]?.port ?? 0;
      const plain = await PlainServer.start(0, () => {});
      const notices: string[] = [];
      const note = (text: string): void => void notices.push(text);
      const kept = join(folder, 'kept');
      const registration = new DiscoveryRegistration(
        plain.server,
        url,
        kept,
        { info: note, warn: note },
        100,
      );
      registration.start();
      const entered = async (): Promise<void> => {
        while ((await entries()).length === 0);
      };
      await entered();
      await discovery.shutdown();
      certificates = await clientCertificates(folder);
      await start(port);
      await entered();
      await registration.stop();
      expect(await entries()).to.deep.equal([]);
      await plain.close();
    });

    it('does not take place where none is named', async () => {
      await server.restart();
      expect(await entries()).to.deep.equal([]);
    });
  });

  it('is possible by a discovery server that is not trusted once it is', async () => {
    const strict = await SecuredServer.start({ trustUnknownClients: false });
    const folder = await mkdtemp(join(tmpdir(), 'sezam-discovery-'));
    const certificates = await clientCertificates(folder);
    const discovery = new OPCUADiscoveryServer({
      port: await freePort(),
      serverCertificateManager: certificates,
      hostname: '127.0.0.1',
    });
    await discovery.start();
    const url = `opc.tcp://127.0.0.1:${discovery.endpoints[0]?.port}`;
    await strict.restart({ trustUnknownClients: false, discoveryServer: url });
    const told = (text: RegExp): boolean => strict.said.some((line) => text.test(line));
    await eventually('the refusal', () => told(/could not be registered.*BadCertificateUntrusted/));
    // It is trusted as clients are.
    const rejected = await strict.asked<readonly { thumbprint: string }[]>({ do: 'list-opcua-clients' });
    expect(rejected).to.have.length(1);
    await strict.asked({ do: 'trust-opcua-client', thumbprint: rejected[0]?.thumbprint ?? '' });
    await eventually('the registration', () => told(/is registered with the discovery server/));
    await strict.close();
    await discovery.shutdown();
    await certificates.dispose();
    await rm(folder, { recursive: true, force: true });
  });
});
