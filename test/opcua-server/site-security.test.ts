import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { OPCUACertificateManager } from 'node-opcua';
import { type CommandAnswer, openCommandSocket } from '../../gateway/command-socket.ts';
import type { LineSocket } from '../../gateway/line-socket.ts';
import type { ClientCertificate, OwnCertificate } from '../../gateway/opcua-administration.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { connectLines } from '../../scripts/line-client.ts';
import { GatewayAtWork } from '../gateway/support/gateway-at-work.ts';
import { StoredLog } from '../gateway/support/stored-log.ts';
import { type Certified, certify, keyOfRequest } from '../support/certificates.ts';
import { temporaryFolder } from '../support/store.ts';
import { clientCertificates, failureOf, TestClient } from './support/client.ts';
import { bearer } from './support/secured-server.ts';

/** Good for the computer's clock and for that of the gateway, which the tests move. */
const LONG = { validFrom: new Date('2025-01-01'), validUntil: new Date('2045-01-01') };
const AUTHORITY = { kind: 'machine', id: 'command-line' };

describe('OPC UA security of a site, at the command line', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let folder: string;
  let server: OpcUaServer | undefined;
  let socket: LineSocket;
  let certificates: OPCUACertificateManager;
  let badge: Certified;
  let thumbprint: string;
  const clients: TestClient[] = [];

  before(async () => {
    badge = certify({ name: 'Anna', ...LONG });
    stored = await StoredLog.open();
    work = await GatewayAtWork.start(stored);
    folder = await temporaryFolder();
    certificates = await clientCertificates(folder);
    const { administration } = work.people;
    socket = await openCommandSocket(
      join(folder, 'commands.sock'),
      work.gateway,
      administration,
      () => server,
    );
  });

  after(async () => {
    for (const client of clients) await client.close();
    await socket.close();
    await server?.close();
    await certificates.dispose();
    await work.stop();
    await stored.remove();
    await rm(folder, { recursive: true });
  });

  async function ask(command: object): Promise<CommandAnswer> {
    const lines = await connectLines(join(folder, 'commands.sock'));
    try {
      lines.send(command);
      const { value } = await lines.messages[Symbol.asyncIterator]().next();
      return value as CommandAnswer;
    } finally {
      lines.end();
    }
  }

  async function asked<Result>(command: object): Promise<Result> {
    const answer = await ask(command);
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.result as Result;
  }

  async function connect(): Promise<TestClient> {
    const client = await TestClient.connect(server?.endpointUrl ?? '', certificates, bearer(badge));
    clients.push(client);
    return client;
  }

  const recorded = async (type: string) =>
    (await stored.events('site'))
      .filter((event) => event.type === type)
      .map(({ actor, data }) => ({ actor, data }));

  it('says that the server has not been started', async () => {
    expect(await ask({ do: 'list-opcua-clients' })).to.include({ ok: false, code: 'opcua-down' });
  });

  it('shows whom the server turned away, and trusts them', async () => {
    server = await startOpcUaServer({
      gateway: work.gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'opcua'),
      allowAnonymous: false,
      trustUnknownClients: false,
      siteName: 'Works',
      record: (event) => work.people.administration.record(event),
    });
    await failureOf(connect());
    const [client] = await asked<readonly ClientCertificate[]>({ do: 'list-opcua-clients' });
    expect(client).to.include({ trust: 'rejected' });
    ({ thumbprint } = client as ClientCertificate);
    expect(await asked({ do: 'trust-opcua-client', thumbprint })).to.include({
      trust: 'trusted',
      thumbprint,
    });
    expect(await recorded('opcua-client-trusted')).to.deep.equal([
      { actor: AUTHORITY, data: { thumbprint } },
    ]);
  });

  it('lets a person in with the certificate that was registered for them, and no longer when it was taken away', async () => {
    // Trusted is the application; nobody is known by the certificate yet.
    expect(await failureOf(connect())).to.contain('BadIdentityTokenRejected');
    const { user } = await asked<{ user: string }>({
      do: 'add-user',
      name: 'Anna',
      roles: ['administrator'],
      groups: [],
    });
    const { credential } = await asked<{ credential: string }>({
      do: 'add-certificate',
      user,
      certificate: badge.pem,
    });
    const client = await connect();
    await client.read('site/Name');
    const [opened] = await recorded('opcua-session-opened');
    expect(opened?.actor).to.deep.equal({ kind: 'administrator', id: user });
    expect(opened?.data).to.include({ by: 'certificate', user });
    await asked({ do: 'remove-credential', credential });
    expect(await failureOf(connect())).to.contain('BadIdentityTokenRejected');
    expect((await recorded('opcua-login-refused')).map(({ data }) => data)).to.deep.include.members([
      { reason: 'certificate-unknown' },
    ]);
  });

  it('refuses to register a file that is no certificate', async () => {
    const { user } = await asked<{ user: string }>({
      do: 'add-user',
      name: 'Jan',
      roles: ['operator'],
      groups: [],
    });
    expect(await ask({ do: 'add-certificate', user, certificate: 'hello' })).to.include({
      ok: false,
      code: 'certificate-malformed',
    });
  });

  it('installs a certificate of an authority, and refuses another one', async () => {
    const { applicationUri } = await asked<OwnCertificate>({ do: 'show-opcua-certificate' });
    const publicKey = keyOfRequest(await asked<string>({ do: 'request-opcua-certificate' }));
    const issuer = certify({ name: 'Site CA', authority: true });
    const { pem } = certify({ name: 'Sezam', applicationUri, issuer, publicKey });
    const installed = await asked<OwnCertificate>({
      do: 'install-opcua-certificate',
      certificate: `${pem}${issuer.pem}`,
    });
    expect(installed).to.include({ issuer: 'CN=Site CA, O=Sezam Test' });
    expect(await recorded('opcua-certificate-replaced')).to.deep.equal([
      { actor: AUTHORITY, data: { thumbprint: installed.thumbprint, why: 'installed' } },
    ]);
    expect(await ask({ do: 'install-opcua-certificate', certificate: badge.pem })).to.include({
      ok: false,
      code: 'certificate-unfit',
    });
    expect(await asked({ do: 'show-opcua-certificate' })).to.deep.equal(installed);
  });

  it('ends the trust', async () => {
    expect(await asked({ do: 'distrust-opcua-client', thumbprint })).to.include({ trust: 'rejected' });
    expect(await recorded('opcua-client-distrusted')).to.deep.equal([
      { actor: AUTHORITY, data: { thumbprint } },
    ]);
    expect(await failureOf(connect())).to.contain('BadSecurityChecksFailed');
    for (const wrong of ['00'.repeat(20), thumbprint.slice(0, 39), 'abc', '../../own/certs']) {
      expect(await ask({ do: 'trust-opcua-client', thumbprint: wrong })).to.include({
        ok: false,
        code: 'client-unknown',
      });
    }
    expect(await ask({ do: 'trust-opcua-client' })).to.include({ ok: false, code: 'malformed' });
  });
});
