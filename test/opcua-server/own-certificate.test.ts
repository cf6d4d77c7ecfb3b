import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { MessageSecurityMode, OPCUAClient, SecurityPolicy } from 'node-opcua';
import type { OwnCertificate } from '../../gateway/opcua-administration.ts';
import { ClientCertificates } from '../../opcua-server/client-certificates.ts';
import { OwnCertificateFile } from '../../opcua-server/own-certificate.ts';
import { AdministrationRefused } from '../../opcua-server/refused.ts';
import { type CertificateOptions, type Certified, certify, keyOfRequest } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/store.ts';
import { ADMINISTRATOR } from './support/client.ts';
import { SecuredServer } from './support/secured-server.ts';

const DAY = 86_400_000;
const URI = 'urn:sezam:gateway:test';

const publicOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

describe('the own certificate of the OPC UA server', () => {
  let folder: string;
  let manager: ClientCertificates;
  let own: OwnCertificateFile;
  let key: KeyObject;
  let authority: Certified;

  before(async () => {
    authority = certify({ name: 'Site CA', authority: true });
    folder = await temporaryFolder();
    manager = new ClientCertificates(join(folder, 'applications'), false);
    await manager.initialize();
    own = new OwnCertificateFile(manager, {
      applicationUri: URI,
      siteName: 'Zakład "Łódź" = 1, + <2>/3',
      hosts: ['sezam.example.org', '192.0.2.7', '2001:db8::7'],
    });
    key = createPrivateKey(await readFile(manager.privateKey));
  });

  after(async () => {
    await manager.dispose();
    await rm(folder, { recursive: true });
  });

  const file = (): string => join(manager.ownCertFolder, 'certificate.pem');

  /** A certificate for the key of the server. */
  function issue(options: Partial<CertificateOptions> = {}): Certified {
    return certify({
      name: 'Sezam',
      applicationUri: URI,
      issuer: authority,
      publicKey: createPublicKey(key),
      ...options,
    });
  }

  it('is made where there is none, whatever the site is called, for the names under which clients reach it', async () => {
    expect(await own.ensure()).to.deep.equal({ is: 'good' });
    const certificate = await own.read();
    expect(certificate?.subject).to.contain('CN=Sezam Zaklad Lodz 1 2 3');
    expect(certificate?.subjectAltName).to.contain(`URI:${URI}`);
    expect(certificate?.subjectAltName).to.contain('DNS:sezam.example.org');
    expect(certificate?.subjectAltName).to.contain('IP Address:192.0.2.7');
    expect(certificate?.subjectAltName).to.contain('IP Address:2001:DB8:0:0:0:0:0:7');
    expect(certificate?.checkPrivateKey(key)).to.equal(true);
    const { fingerprint256 } = certificate as X509Certificate;
    expect(await own.ensure()).to.deep.equal({ is: 'good' });
    expect((await own.read())?.fingerprint256).to.equal(fingerprint256);
  });

  it('asks the authority for one for its own key', async () => {
    const request = await own.request();
    expect(request).to.match(/^-----BEGIN CERTIFICATE REQUEST-----/);
    expect(publicOf(keyOfRequest(request))).to.equal(publicOf(createPublicKey(key)));
    expect(request).not.to.contain('PRIVATE');
  });

  it('takes what the authority issued, with the certificate of the authority after it', async () => {
    const { pem, certificate } = issue();
    const shown = await own.install(`${pem}${authority.pem}`);
    expect(shown).to.deep.include({
      thumbprint: certificate.fingerprint.replaceAll(':', '').toLowerCase(),
      subject: 'CN=Sezam, O=Sezam Test',
      issuer: 'CN=Site CA, O=Sezam Test',
      applicationUri: URI,
    });
    expect(await own.show()).to.deep.equal(shown);
    expect((await readFile(file(), 'utf8')).match(/BEGIN CERTIFICATE/g)).to.have.length(2);
  });

  it('takes nothing else, says why, and keeps the one that it has', async () => {
    const before = await readFile(file(), 'utf8');
    const now = Date.now();
    const stranger = certify({ name: 'Stranger', applicationUri: URI });
    for (const [pem, words] of [
      ['hello', /BEGIN CERTIFICATE/],
      ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /cannot be read/],
      [stranger.pem, /for another key.*opcua-csr/],
      [
        issue({ applicationUri: 'urn:another' }).pem,
        /names the application "urn:another".*urn:sezam:gateway:test/,
      ],
      [
        certify({ name: 'Sezam', issuer: authority, publicKey: createPublicKey(key) }).pem,
        /names the application ""/,
      ],
      [issue({ validUntil: new Date(now - DAY / 2) }).pem, /It ended on/],
      [issue({ validFrom: new Date(now + DAY), validUntil: new Date(now + 2 * DAY) }).pem, /not good before/],
      [issue({ authority: true }).pem, /that of an authority/],
      [`${issue().pem}${stranger.pem}`, /"CN=Stranger, O=Sezam Test" did not issue/],
      [issue().pem + authority.pem.repeat(5), /More than 4/],
    ] as const) {
      try {
        await own.install(pem);
        expect.fail(`took ${words}`);
      } catch (error) {
        if (!(error instanceof AdministrationRefused)) throw error;
        expect(error.code).to.equal('certificate-unfit');
        expect(error.message).to.match(words);
      }
    }
    expect(await readFile(file(), 'utf8')).to.equal(before);
  });

  it('says which file is damaged', async () => {
    const before = await readFile(file());
    await writeFile(file(), 'half a certif');
    try {
      await own.read();
      expect.fail('read it');
    } catch (error) {
      expect(String(error)).to.contain(`${file()} is no certificate. Restore it, or remove it`);
    } finally {
      await writeFile(file(), before);
    }
  });

  describe('before it ends', () => {
    const keyPair = () => ({ publicKey: createPublicKey(key), privateKey: key });
    const selfSigned = (days: number): Certified =>
      certify({
        name: 'Sezam',
        applicationUri: URI,
        keyPair: keyPair(),
        validUntil: new Date(Date.now() + days * DAY),
      });

    it('is left alone until 30 days before', async () => {
      const { pem } = selfSigned(31);
      await writeFile(file(), pem);
      expect(await own.ensure()).to.deep.equal({ is: 'good' });
      expect(await readFile(file(), 'utf8')).to.equal(pem);
    });

    it('gives way to a new one then, for the same key, and is kept', async () => {
      const { pem } = selfSigned(29);
      await writeFile(file(), pem);
      expect(await own.ensure()).to.deep.equal({ is: 'renewed' });
      const renewed = await own.read();
      expect(renewed?.validToDate.getTime()).to.be.above(Date.now() + 3_000 * DAY);
      expect(renewed?.checkPrivateKey(key)).to.equal(true);
      expect(await readFile(join(manager.ownCertFolder, 'certificate-before.pem'), 'utf8')).to.equal(pem);
    });

    it('stays where no new one can be made', async () => {
      const { pem } = selfSigned(29);
      await writeFile(file(), pem);
      await rename(manager.privateKey, `${manager.privateKey}.away`);
      const outcome = await own.ensure();
      await rename(`${manager.privateKey}.away`, manager.privateKey);
      expect(outcome)
        .to.have.property('warning')
        .that.matches(/could not be renewed/);
      expect(await readFile(file(), 'utf8')).to.equal(pem);
    });

    it('of an authority is not touched, and warned of', async () => {
      const { pem } = issue({ validUntil: new Date(Date.now() + 29 * DAY) });
      await writeFile(file(), pem);
      const outcome = await own.ensure();
      expect(outcome)
        .to.have.property('warning')
        .that.matches(/ends on 20.*authority.*opcua-csr/);
      expect(await readFile(file(), 'utf8')).to.equal(pem);
    });
  });

  describe('at work', () => {
    let server: SecuredServer;

    before(async () => {
      server = await SecuredServer.start();
    });

    after(() => server.close());

    /** The certificate that the server shows to clients. */
    async function shown(): Promise<X509Certificate> {
      const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } });
      await client.connect(server.endpointUrl);
      const [endpoint] = await client.getEndpoints();
      await client.disconnect();
      return new X509Certificate(endpoint?.serverCertificate ?? Buffer.alloc(0));
    }

    it('is no reason for a warning: it names the addresses at which the server listens', () => {
      expect(server.said.filter((text) => text.includes('SAN'))).to.deep.equal([]);
    });

    it('was made at the first start, for the application URI of the installation', async () => {
      const certificate = await server.asked<OwnCertificate>({ do: 'show-opcua-certificate' });
      expect(certificate.issuer).to.equal(certificate.subject);
      expect(certificate.subject).to.match(/^CN=Sezam Test site, O=Sezam$/);
      expect(certificate.applicationUri).to.match(/^urn:sezam:gateway:[0-9a-f-]{36}$/);
      expect((await shown()).fingerprint.replaceAll(':', '').toLowerCase()).to.equal(certificate.thumbprint);
    });

    it('is replaced by that of an authority while the server runs, and clients connect with it', async () => {
      const before = await server.connect(ADMINISTRATOR);
      const { applicationUri } = await server.asked<OwnCertificate>({ do: 'show-opcua-certificate' });
      const publicKey = keyOfRequest(await server.asked<string>({ do: 'request-opcua-certificate' }));
      const issued = certify({ name: 'Sezam', applicationUri, issuer: authority, publicKey });
      await server.asked({ do: 'install-opcua-certificate', certificate: `${issued.pem}${authority.pem}` });
      expect((await shown()).fingerprint256).to.equal(issued.certificate.fingerprint256);
      const client = await server.connect(ADMINISTRATOR, {
        securityMode: MessageSecurityMode.SignAndEncrypt,
        securityPolicy: SecurityPolicy.Aes256_Sha256_RsaPss,
      });
      for (const each of [before, client]) {
        expect((await each.read('cabinet/A/compartment/3/State')).value.value).to.equal(1);
      }
    });

    it('is renewed at a start less than 30 days before its end, for the same key, and that is told', async () => {
      const { applicationUri } = await server.asked<OwnCertificate>({ do: 'show-opcua-certificate' });
      const own = join(server.applications, 'own');
      const privateKey = createPrivateKey(await readFile(join(own, 'private', 'private_key.pem')));
      const ending = certify({
        name: 'Sezam',
        applicationUri,
        keyPair: { publicKey: createPublicKey(privateKey), privateKey },
        validUntil: new Date(Date.now() + 10 * DAY),
      });
      await writeFile(join(own, 'certs', 'certificate.pem'), ending.pem);
      const from = server.records.length;
      await server.restart();
      const renewed = await shown();
      expect(renewed.validToDate.getTime()).to.be.above(Date.now() + 300 * DAY);
      expect(publicOf(renewed.publicKey)).to.equal(publicOf(ending.certificate.publicKey));
      await eventually('a word about it', () => server.said.some((text) => text.includes('was renewed')));
      expect(await server.recorded('opcua-certificate-replaced', from)).to.deep.equal({
        thumbprint: renewed.fingerprint.replaceAll(':', '').toLowerCase(),
        why: 'renewed',
      });
    });
  });
});
