import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import type { OPCUACertificateManager } from 'node-opcua';
import type { ClientCertificate } from '../../gateway/opcua-administration.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { CERTIFICATE, CLIENT } from '../../web/administration/shapes.ts';
import { clientCertificates, failureOf, person, TestClient } from '../opcua-server/support/client.ts';
import { ApiClient, failureIn } from './support/api-client.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

const ajv = new Ajv();
const isClient = ajv.compile<ClientCertificate>(CLIENT);
const isCertificate = ajv.compile(CERTIFICATE);

const PASSWORD = 'correct horse battery';

describe('The trust list of the OPC UA server over the administration API', () => {
  let site: PanelSite;
  let folder: string;
  let opcua: OpcUaServer;
  let certificates: OPCUACertificateManager;
  let administrator: ApiClient;
  let operator: ApiClient;

  before(async () => {
    site = await PanelSite.start();
    folder = await mkdtemp(join(tmpdir(), 'sezam-trust-'));
    opcua = await startOpcUaServer({
      gateway: site.gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: false,
      trustUnknownClients: false,
      siteName: 'Test site',
      record: (event) => site.administration.record(event),
    });
    site.opcua = opcua;
    certificates = await clientCertificates(folder);
    administrator = await ApiClient.of(site, 'administrator');
    operator = await ApiClient.of(site, 'operator');
    const observer = { name: 'Anna', login: 'anna', roles: ['operator'], groups: [] } as const;
    const user = await site.administration.addUser(observer, ACTOR);
    const once = await site.administration.issueOneTimePassword(user, ACTOR);
    await site.administration.changePassword('anna', once, PASSWORD);
  });

  after(async () => {
    await opcua?.close();
    await certificates?.dispose();
    await site?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const connect = (): Promise<TestClient> =>
    TestClient.connect(opcua.endpointUrl, certificates, person('anna', PASSWORD));

  async function clients(): Promise<readonly ClientCertificate[]> {
    const { status, body } = await administrator.ask('/opcua/clients');
    expect(status, JSON.stringify(body)).to.equal(200);
    const list = body['clients'] as unknown[];
    for (const client of list) expect(isClient(client), JSON.stringify(isClient.errors)).to.equal(true);
    return list as ClientCertificate[];
  }

  it('shows who was turned away, lets them in by one call and out by another, and has it on record', async () => {
    expect(await clients()).to.deep.equal([]);
    expect(await failureOf(connect())).to.contain('BadSecurityChecksFailed');
    const [stranger, ...others] = await clients();
    expect(others).to.deep.equal([]);
    expect(stranger).to.include({ trust: 'rejected' });
    const thumbprint = stranger?.thumbprint ?? '';

    const trusted = await administrator.post(`/opcua/clients/${thumbprint.toUpperCase()}/trust`);
    expect(trusted.body).to.deep.equal({ client: { ...stranger, trust: 'trusted' } });
    const client = await connect();
    await client.close();

    const distrusted = await administrator.post(`/opcua/clients/${thumbprint}/distrust`, {});
    expect(distrusted.status).to.equal(200);
    expect(distrusted.body['client']).to.deep.include({ trust: 'rejected', thumbprint });
    expect(await failureOf(connect())).to.contain('BadSecurityChecksFailed');

    const page = await site.gateway.queries.events({
      types: ['opcua-client-trusted', 'opcua-client-distrusted'],
      order: 'oldest-first',
    });
    const actor = { kind: 'administrator', id: administrator.user };
    expect(page.ok && page.events.map(({ type, actor: by, data }) => ({ type, by, data }))).to.deep.equal([
      { type: 'opcua-client-trusted', by: actor, data: { thumbprint } },
      { type: 'opcua-client-distrusted', by: actor, data: { thumbprint } },
    ]);
  });

  it('shows the certificate of the server', async () => {
    const { status, body } = await administrator.ask('/opcua/certificate');
    expect(status).to.equal(200);
    expect(isCertificate(body['certificate']), JSON.stringify(isCertificate.errors)).to.equal(true);
    const shown = await opcua.carryOut({ do: 'show-opcua-certificate' });
    expect(shown.ok && shown.result).to.deep.equal(body['certificate']);
  });

  it('knows no other thumbprint, and no other way to write one', async () => {
    const thumbprint = '00'.repeat(20);
    for (const verb of ['trust', 'distrust']) {
      const reply = await administrator.post(`/opcua/clients/${thumbprint}/${verb}`);
      expect(failureIn(reply)).to.equal('404 client-unknown');
      expect(reply.body['values']).to.deep.equal({ thumbprint });
      for (const wrong of ['x', '00', `${thumbprint}0`, '..%2F..%2Ftrusted', 'gg'.repeat(20)]) {
        const refused = await administrator.post(`/opcua/clients/${wrong}/${verb}`);
        expect(failureIn(refused), wrong).to.equal('400 malformed');
      }
    }
    const italian = { 'Accept-Language': 'it' };
    const reply = await administrator.post(`/opcua/clients/${thumbprint}/trust`, undefined, italian);
    expect(reply.body['text']).to.match(/^Non c’è alcun certificato/);
    for (const path of [
      '/opcua',
      '/opcua/keys',
      `/opcua/clients/${thumbprint}`,
      `/opcua/clients/${thumbprint}/trust`,
    ]) {
      expect(failureIn(await administrator.ask(path)), path).to.equal('404 not-found');
    }
  });

  it('is for administrators alone', async () => {
    const thumbprint = '00'.repeat(20);
    for (const path of ['/opcua/clients', '/opcua/certificate']) {
      expect(failureIn(await operator.ask(path))).to.equal('403 not-permitted');
      const nobody = await operator.ask(path, { headers: { Authorization: '' } });
      expect(failureIn(nobody)).to.equal('401 token-missing');
    }
    for (const verb of ['trust', 'distrust']) {
      const reply = await operator.post(`/opcua/clients/${thumbprint}/${verb}`);
      expect(failureIn(reply)).to.equal('403 not-permitted');
    }
  });

  it('is not there while the server does not run', async () => {
    site.opcua = undefined;
    try {
      for (const path of ['/opcua/clients', '/opcua/certificate']) {
        const reply = await administrator.ask(path);
        expect(failureIn(reply)).to.equal('503 opcua-down');
        expect(reply.headers.get('retry-after')).to.equal('2');
      }
    } finally {
      site.opcua = opcua;
    }
  });
});
