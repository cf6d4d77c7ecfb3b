import { expect } from 'chai';
import { readPersonCertificate } from '../../gateway/administration/person-certificate.ts';
import { AdministrationError } from '../../gateway/administration.ts';
import type { Scan } from '../../gateway/ports.ts';
import { type Certified, certify, newKeyPair } from '../support/certificates.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const DAY = 86_400_000;
const ANNA = { name: 'Anna', login: 'anna', roles: ['operator'], groups: [] } as const;

describe('certificates of persons', () => {
  let own: Certified;
  let thumbprint: string;
  let stored: StoredLog;
  let people: People;

  before(async () => {
    stored = await StoredLog.open();
    const now = stored.clock.now();
    own = certify({ name: 'Anna', validFrom: new Date(now - DAY), validUntil: new Date(now + 60_000) });
    thumbprint = own.certificate.fingerprint256.replaceAll(':', '');
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function codeOf(action: Promise<unknown>): Promise<string> {
    try {
      await action;
    } catch (error) {
      if (error instanceof AdministrationError) return error.code;
      throw error;
    }
    return 'taken';
  }

  it('let their owner in by their thumbprint, with the roles of the moment', async () => {
    const { administration, directory } = people;
    const user = await administration.addUser(ANNA, ADMINISTRATOR);
    const credential = await administration.addCertificate(user, own.pem, ADMINISTRATOR);
    expect(directory.principalOfCertificate(thumbprint)).to.deep.equal({
      user,
      login: 'anna',
      roles: ['operator'],
    });
    await administration.changeUser(user, { roles: ['administrator'] }, ADMINISTRATOR);
    expect(directory.principalOfCertificate(thumbprint)?.roles).to.deep.equal(['administrator']);
    expect(await administration.credentialsOf(user)).to.deep.equal([
      {
        id: credential,
        kind: 'certificate',
        blocked: false,
        validFrom: own.certificate.validFromDate.getTime(),
        validUntil: own.certificate.validToDate.getTime(),
      },
    ]);
    expect(directory.principalOfCertificate('0'.repeat(64))).to.equal(undefined);
  });

  it('let nobody in who is blocked, nor by a certificate that is blocked or was taken away', async () => {
    const { administration, directory } = people;
    const user = await administration.addUser(ANNA, ADMINISTRATOR);
    const credential = await administration.addCertificate(user, own.pem, ADMINISTRATOR);
    await administration.setUserBlocked(user, true, ADMINISTRATOR);
    expect(directory.principalOfCertificate(thumbprint)).to.equal(undefined);
    await administration.setUserBlocked(user, false, ADMINISTRATOR);
    await administration.setCredentialBlocked(credential, true, ADMINISTRATOR);
    expect(directory.principalOfCertificate(thumbprint)).to.equal(undefined);
    await administration.setCredentialBlocked(credential, false, ADMINISTRATOR);
    expect(directory.principalOfCertificate(thumbprint)?.user).to.equal(user);
    await administration.removeCredential(credential, ADMINISTRATOR);
    expect(directory.principalOfCertificate(thumbprint)).to.equal(undefined);
  });

  it('let nobody in after their end', async () => {
    const { administration, directory } = people;
    const user = await administration.addUser(ANNA, ADMINISTRATOR);
    await administration.addCertificate(user, own.pem, ADMINISTRATOR);
    expect(directory.principalOfCertificate(thumbprint)?.user).to.equal(user);
    await stored.clock.advance(61_000);
    expect(directory.principalOfCertificate(thumbprint)).to.equal(undefined);
  });

  it('identify nobody at a reader: whoever shows one proves nothing', async () => {
    const { administration, directory } = people;
    const user = await administration.addUser(ANNA, ADMINISTRATOR);
    await administration.addCertificate(user, own.pem, ADMINISTRATOR);
    // What no reader, flow or panel can hand over by its type.
    const shown = { kind: 'certificate', value: thumbprint } as unknown as Scan;
    let known: boolean;
    try {
      ({ known } = await directory.identify(shown));
    } catch {
      known = false;
    }
    expect(known).to.equal(false);
  });

  it('belong to one person each', async () => {
    const { administration } = people;
    const anna = await administration.addUser(ANNA, ADMINISTRATOR);
    const jan = await administration.addUser({ ...ANNA, name: 'Jan', login: 'jan' }, ADMINISTRATOR);
    await administration.addCertificate(anna, own.pem, ADMINISTRATOR);
    expect(await codeOf(administration.addCertificate(jan, own.pem, ADMINISTRATOR))).to.equal(
      'credential-taken',
    );
    expect(await codeOf(administration.addCertificate('nobody', own.pem, ADMINISTRATOR))).to.equal(
      'user-unknown',
    );
  });

  it('are not in the log, nor is whose name stands in them', async () => {
    const { administration } = people;
    const user = await administration.addUser(ANNA, ADMINISTRATOR);
    await administration.addCertificate(user, own.pem, ADMINISTRATOR);
    const log = JSON.stringify(await stored.events('site'));
    expect(log).to.contain('"kind":"certificate"');
    expect(log.toUpperCase()).to.not.contain(thumbprint);
    expect(log).to.not.contain('Anna');
  });

  it('are refused with the reason where they are none, have ended, or cannot be used', () => {
    const now = stored.clock.now();
    const refused = (pem: string): string => {
      try {
        readPersonCertificate(pem, now);
      } catch (error) {
        if (error instanceof AdministrationError) return `${error.code}: ${error.message}`;
        throw error;
      }
      return 'taken';
    };
    expect(refused(own.pem)).to.equal('taken');
    expect(refused('hello')).to.match(/^certificate-malformed: .*BEGIN CERTIFICATE/);
    expect(refused(own.pem.replace('MII', 'AAA'))).to.match(/^certificate-malformed/);
    const ended = certify({ name: 'Anna', validFrom: new Date(now - DAY), validUntil: new Date(now) });
    expect(refused(ended.pem)).to.match(/^certificate-expired: .* ended on 20/);
    expect(refused(certify({ name: 'CA', authority: true }).pem)).to.match(/authority/);
    expect(refused(certify({ name: 'Anna', keyPair: newKeyPair(1024) }).pem)).to.match(/2048 to 4096/);
    const key = own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const words = refused(`${own.pem}${key}`);
    expect(words).to.match(/^private-key-given/);
    expect(words).to.not.contain(key.slice(40, 80));
  });
});
