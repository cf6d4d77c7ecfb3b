import { expect } from 'chai';
import { StatusCodes, UserTokenType } from 'node-opcua';
import { type Certified, certify } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf, person } from './support/client.ts';
import { bearer, SecuredServer } from './support/secured-server.ts';

const DAY = 86_400_000;
const OCCUPANT = 'cabinet/A/compartment/3/Occupant';

describe('OPC UA log-in by certificate', () => {
  let server: SecuredServer;
  let admin: Certified;
  let operator: Certified;

  before(async () => {
    server = await SecuredServer.start();
    admin = certify({ name: 'Anna' });
    // A name is not who somebody is: this is the operator's, and calls itself as the administrator logs in.
    operator = certify({ name: 'admin' });
    register(admin, 'admin');
    register(operator, 'operator');
  });

  after(() => server.close());

  afterEach(() => server.disconnect());

  function register({ certificate }: Certified, login: string): void {
    server.gateway.certificates.set(certificate.fingerprint256.replaceAll(':', ''), login);
  }

  it('gives whoever it is registered for their rights', async () => {
    const from = server.records.length;
    const client = await server.connect(bearer(admin));
    expect((await client.read(OCCUPANT)).value.value).to.equal('u-17');
    expect((await client.command('A', 'Open', 1, 'by certificate')).statusCode).to.equal(StatusCodes.Good);
    expect(server.gateway.requests.at(-1)?.requester).to.deep.include({
      principal: { user: 'u-admin', login: 'admin', roles: ['administrator'] },
    });
    expect(await server.recorded('opcua-session-opened', from)).to.deep.include({
      by: 'certificate',
      user: 'u-admin',
      address: '127.0.0.1',
    });
  });

  it('goes by the thumbprint, never by the name in the certificate', async () => {
    const administrator = await server.connect(person('admin', 'correct horse'));
    const client = await server.connect(bearer(operator));
    expect((await client.read(OCCUPANT)).value.value).to.equal('u-17');
    const { statusCode } = await client.command('A', 'Open', 1, 'by name');
    expect(statusCode).to.equal(StatusCodes.BadUserAccessDenied);
    expect((await administrator.command('A', 'Open', 1, 'still')).statusCode).to.equal(StatusCodes.Good);
  });

  it('opens several sessions with the same certificate', async () => {
    const [one, two] = await Promise.all([
      server.connect(bearer(operator)),
      server.connect(bearer(operator)),
    ]);
    await one.session.close(true);
    expect((await two.read(OCCUPANT)).value.value).to.equal('u-17');
  });

  it('refuses a certificate that is registered for nobody, or for a person without business here', async () => {
    const unknown = certify({ name: 'admin' });
    const master = certify({ name: 'Master' });
    register(master, 'master');
    for (const [certified, reason] of [
      [unknown, 'certificate-unknown'],
      [master, 'no-business-here'],
    ] as const) {
      const from = server.records.length;
      expect(await failureOf(server.connect(bearer(certified)))).to.contain('BadIdentityTokenRejected');
      expect(await server.recorded('opcua-login-refused', from)).to.have.property('reason', reason);
      expect(await server.recorded('opcua-certificate-rejected', from)).to.deep.equal({
        of: 'person',
        thumbprint: certified.certificate.fingerprint.replaceAll(':', '').toLowerCase(),
        status: 'BadCertificateUntrusted',
      });
    }
  });

  it('refuses a certificate that has ended or is not good yet, registered or not', async () => {
    const now = Date.now();
    for (const dates of [
      { validUntil: new Date(now - DAY / 2) },
      { validFrom: new Date(now + DAY), validUntil: new Date(now + 2 * DAY) },
    ]) {
      const certified = certify({ name: 'Anna', ...dates });
      register(certified, 'admin');
      const from = server.records.length;
      expect(await failureOf(server.connect(bearer(certified)))).to.contain('BadIdentityTokenRejected');
      expect(await server.recorded('opcua-certificate-rejected', from)).to.have.property(
        'status',
        'BadCertificateTimeInvalid',
      );
    }
  });

  it('refuses whoever has the certificate without its key', async () => {
    const { privateKey } = certify({ name: 'Thief' });
    const failure = await failureOf(server.connect(bearer({ ...admin, privateKey })));
    expect(failure).to.contain('BadUserSignatureInvalid');
  });

  it('ends in sessions under way what was withdrawn', async () => {
    const client = await server.connect(bearer(operator));
    expect((await client.read(OCCUPANT)).statusCode).to.equal(StatusCodes.Good);
    server.gateway.certificates.delete(operator.certificate.fingerprint256.replaceAll(':', ''));
    try {
      let denied = false;
      const ask = async (): Promise<void> => {
        while (!denied) {
          denied = (await client.read(OCCUPANT)).statusCode === StatusCodes.BadUserAccessDenied;
        }
      };
      const asking = ask();
      await eventually('the end of the right', () => denied);
      await asking;
    } finally {
      register(operator, 'operator');
    }
  });

  it('leaves nothing to a session that goes over to nobody', async () => {
    await server.restart({ allowAnonymous: true });
    const client = await server.connect(bearer(admin));
    await client.session.changeUser({ type: UserTokenType.Anonymous });
    expect((await client.read(OCCUPANT)).statusCode).to.equal(StatusCodes.BadUserAccessDenied);
    await client.session.changeUser(bearer(operator));
    expect((await client.read(OCCUPANT)).value.value).to.equal('u-17');
  });
});
