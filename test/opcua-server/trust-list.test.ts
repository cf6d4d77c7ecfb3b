import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ClientCertificate } from '../../gateway/opcua-administration.ts';
import { ClientCertificates, MOST_REJECTED, splitChain } from '../../opcua-server/client-certificates.ts';
import { type Certified, certify, newKeyPair, revocationList } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/store.ts';
import { ADMINISTRATOR, failureOf, OPERATOR } from './support/client.ts';
import { CLIENT_URI, clientCertificate, SecuredServer } from './support/secured-server.ts';

const DAY = 86_400_000;
const thumbprintOf = ({ certificate }: Certified): string =>
  certificate.fingerprint.replaceAll(':', '').toLowerCase();

describe('OPC UA trust list', () => {
  let server: SecuredServer;
  let scada: Certified;

  before(async () => {
    scada = clientCertificate();
    server = await SecuredServer.start({ trustUnknownClients: false });
  });

  after(() => server.close());

  afterEach(() => server.disconnect());

  const clients = (): Promise<ClientCertificate[]> => server.asked({ do: 'list-opcua-clients' });
  const trust = (thumbprint: string) => server.ask({ do: 'trust-opcua-client', thumbprint });
  const distrust = (thumbprint: string) => server.ask({ do: 'distrust-opcua-client', thumbprint });

  it('shows a client that was turned away: who it is, how long it is valid, when it was seen', async () => {
    const before = Date.now();
    expect(await clients()).to.deep.equal([]);
    expect(await failureOf(server.connect(ADMINISTRATOR, await server.as(scada)))).to.contain(
      'BadSecurityChecksFailed',
    );
    const [client, ...others] = await clients();
    expect(others).to.deep.equal([]);
    expect(client).to.deep.include({
      trust: 'rejected',
      thumbprint: thumbprintOf(scada),
      subject: 'CN=SCADA, O=Sezam Test',
      applicationUri: CLIENT_URI,
      validUntil: scada.certificate.validToDate.toISOString(),
    });
    expect(Date.parse(client?.seen ?? '')).to.be.within(before, Date.now());
    expect(await server.recorded('opcua-certificate-rejected')).to.deep.equal({
      of: 'client',
      thumbprint: thumbprintOf(scada),
      status: 'BadCertificateUntrusted',
    });
    const said = `To let it in: npm run admin -- trust-client --thumbprint ${thumbprintOf(scada)}`;
    await eventually('a word about the stranger', () => server.said.some((text) => text.includes(said)));
    expect(server.said.filter((text) => text.includes('turned away'))).to.have.length(1);
  });

  it('tells everybody who is turned away why, whatever it does about those who are connected meanwhile', async () => {
    const stranger = await server.as(scada);
    const knock = async (): Promise<string[]> => {
      const answers: string[] = [];
      for (let times = 0; times < 12; times += 1) {
        answers.push(await failureOf(server.connect(ADMINISTRATOR, stranger)));
      }
      return answers;
    };
    const answers = await Promise.all([knock(), knock(), knock(), knock()]);
    expect(answers.flat().filter((answer) => !answer.includes('BadSecurityChecksFailed'))).to.deep.equal([]);
  });

  it('lets it in at once when it is trusted by its thumbprint, however that is written', async () => {
    const outcome = await trust(scada.certificate.fingerprint);
    expect(outcome).to.have.property('ok', true);
    const client = await server.connect(ADMINISTRATOR, await server.as(scada));
    expect((await client.read('cabinet/A/compartment/3/State')).value.value).to.equal(1);
    expect((await clients()).map(({ trust: state }) => state)).to.deep.equal(['trusted']);
    // Once more changes nothing.
    expect(await trust(thumbprintOf(scada))).to.have.property('ok', true);
  });

  it('ends the sessions of a client that is distrusted, and lets it in no more', async () => {
    const as = await server.as(scada);
    const client = await server.connect(OPERATOR, as);
    const gone = new Promise<void>((resolve) => client.client.once('connection_lost', () => resolve()));
    expect(await distrust(thumbprintOf(scada))).to.have.property('ok', true);
    await Promise.race([
      gone,
      new Promise<void>((resolve) => client.session.once('session_closed', () => resolve())),
    ]);
    expect(await failureOf(server.connect(OPERATOR, as))).to.contain('BadSecurityChecksFailed');
    expect((await clients()).map(({ trust: state }) => state)).to.deep.equal(['rejected']);
  });

  it('knows no other thumbprint', async () => {
    for (const ask of [trust, distrust]) {
      const outcome = await ask('00'.repeat(20));
      expect(outcome).to.have.property('code', 'client-unknown');
    }
  });

  it('turns away a trusted client whose certificate has ended or is not good yet', async () => {
    const now = Date.now();
    const wrong = [
      certify({ name: 'Ended', applicationUri: CLIENT_URI, validUntil: new Date(now - DAY / 2) }),
      certify({
        name: 'Early',
        applicationUri: CLIENT_URI,
        validFrom: new Date(now + DAY),
        validUntil: new Date(now + 2 * DAY),
      }),
    ];
    for (const certified of wrong) {
      const as = await server.as(certified);
      await failureOf(server.connect(ADMINISTRATOR, as));
      await trust(thumbprintOf(certified));
      const from = server.records.length;
      expect(await failureOf(server.connect(ADMINISTRATOR, as))).to.contain('BadCertificateTimeInvalid');
      expect(await server.recorded('opcua-certificate-rejected', from)).to.deep.include({
        thumbprint: thumbprintOf(certified),
        status: 'BadCertificateTimeInvalid',
      });
    }
  });

  describe('with an authority of the site', () => {
    let authority: Certified;
    let issued: Certified;

    before(async () => {
      authority = certify({ name: 'Site CA', authority: true });
      issued = certify({ name: 'HMI', applicationUri: CLIENT_URI, issuer: authority });
      await writeFile(join(server.applications, 'trusted', 'certs', 'site-ca.pem'), authority.pem);
      await writeFile(join(server.applications, 'issuers', 'certs', 'site-ca.pem'), authority.pem);
      await writeFile(
        join(server.applications, 'issuers', 'crl', 'site-ca.crl'),
        revocationList(authority, []),
      );
    });

    /** The server learns of files by itself, a moment later. */
    async function untilConnected(certified: Certified): Promise<void> {
      const as = await server.as(certified);
      let connected = false;
      await eventuallyAsync('the authority is known', async () => {
        try {
          await server.connect(OPERATOR, as);
          connected = true;
        } catch (error) {
          expect(String(error)).to.match(/BadSecurityChecksFailed|BadCertificate/);
        }
        return connected;
      });
    }

    it('lets in whom it vouches for, without a word', async () => {
      await untilConnected(issued);
      expect((await clients()).filter(({ subject }) => subject.includes('HMI'))).to.deep.equal([]);
    });

    it('ends the session of whom it revokes, and lets them in no more', async () => {
      const client = await server.connect(OPERATOR, await server.as(issued));
      let lost = false;
      client.client.once('connection_lost', () => {
        lost = true;
      });
      client.session.once('session_closed', () => {
        lost = true;
      });
      // The list is written over the one before, as it is done when an authority issues the next one.
      await writeFile(
        join(server.applications, 'issuers', 'crl', 'site-ca.crl'),
        revocationList(authority, [issued]),
      );
      await eventually('the end of the session', () => lost);
      const from = server.records.length;
      await failureOf(server.connect(OPERATOR, await server.as(issued)));
      expect(await server.recorded('opcua-certificate-rejected', from)).to.have.property(
        'status',
        'BadCertificateRevoked',
      );
    });
  });

  async function eventuallyAsync(what: string, condition: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + 30_000;
    while (!(await condition())) if (performance.now() > end) throw new Error(`Never: ${what}`);
  }
});

describe('the folder of rejected certificates', () => {
  let folder: string;
  let list: ClientCertificates;

  beforeEach(async () => {
    folder = await temporaryFolder();
    list = new ClientCertificates(join(folder, 'applications'), false);
    await list.initialize();
  });

  afterEach(async () => {
    await list.dispose();
    await rm(folder, { recursive: true });
  });

  const rejected = (): Promise<string[]> => readdir(list.rejectedFolder);

  it('keeps no more than a hundred, whatever is shown to the server', async () => {
    const keyPair = newKeyPair();
    const last = `stranger ${MOST_REJECTED + 4}`;
    for (let count = 0; count < MOST_REJECTED + 5; count += 1) {
      const { certificate } = certify({ name: `stranger ${count}`, keyPair });
      await list.checkCertificate(certificate.raw);
    }
    expect(await rejected()).to.have.length(MOST_REJECTED);
    expect((await list.list()).some(({ subject }) => subject.includes(last))).to.equal(true);
  });

  it('does not look at chains that are longer than any real one', async () => {
    const told: string[] = [];
    list.onRejected = ({ status }) => void told.push(status);
    const { raw } = certify({ name: 'endless' }).certificate;
    const status = await list.checkCertificate(Buffer.concat(Array.from({ length: 6 }, () => raw)));
    expect(status.name).to.equal('BadCertificateInvalid');
    expect((await list.checkCertificate(Buffer.alloc(20_000, 0x30))).name).to.equal('BadCertificateInvalid');
    expect(told).to.deep.equal(['BadCertificateInvalid', 'BadCertificateInvalid']);
    expect(await rejected()).to.deep.equal([]);
  });

  it('takes nobody off the trust list whom a stranger names in a chain', async () => {
    const trusted = clientCertificate('Trusted');
    await list.trustCertificate(trusted.certificate.raw);
    const unknownAuthority = certify({ name: 'Unknown CA', authority: true });
    const stranger = certify({ name: 'Stranger', issuer: unknownAuthority });
    const status = await list.checkCertificate(
      Buffer.concat([stranger.certificate.raw, trusted.certificate.raw]),
    );
    expect(status.name).to.equal('BadCertificateChainIncomplete');
    const both = await list.checkCertificate([stranger.certificate.raw, trusted.certificate.raw]);
    expect(both.name).to.equal('BadCertificateChainIncomplete');
    expect((await list.checkCertificate(trusted.certificate.raw)).name).to.equal('Good');
  });

  it('passes over files that are no certificates', async () => {
    await mkdir(list.rejectedFolder, { recursive: true });
    await writeFile(join(list.rejectedFolder, 'note.txt'), 'hello');
    expect(await list.list()).to.deep.equal([]);
  });

  it('cuts chains where a certificate is cut off', () => {
    const { raw } = clientCertificate().certificate;
    expect(splitChain(Buffer.concat([raw, raw])).map(({ length }) => length)).to.deep.equal([
      raw.length,
      raw.length,
    ]);
    expect(splitChain(Buffer.concat([raw, raw.subarray(0, 100)]))).to.have.length(1);
    expect(splitChain(raw.subarray(0, 3))).to.deep.equal([]);
    expect(splitChain(Buffer.alloc(100, 0xff))).to.deep.equal([]);
  });
});
