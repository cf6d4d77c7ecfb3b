import { expect } from 'chai';
import type { Identity } from '../../domain/identification.ts';
import type { Scan } from '../../gateway/ports.ts';
import { hashSecret } from '../../gateway/secrets.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const CARD: Scan = { kind: 'card', value: '04A1B2C3' };
const PIN: Scan = { kind: 'pin', value: '73519' };

describe('the directory', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;
  let card: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
    const { administration } = people;
    user = await administration.addUser(
      { name: 'Anna', roles: ['defined'], groups: ['staff'] },
      ADMINISTRATOR,
    );
    card = await administration.addCredential(user, CARD, ADMINISTRATOR);
    await administration.addCredential(user, PIN, ADMINISTRATOR);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  it('knows whose card and whose PIN it is', async () => {
    for (const scan of [CARD, PIN]) expect(nameOf(await people.directory.identify(scan))).to.equal(user);
  });

  it('knows neither another card, nor a PIN read as a card, nor nothing', async () => {
    const strangers: Scan[] = [
      { kind: 'card', value: '04A1B2C4' },
      { kind: 'card', value: PIN.value },
      { kind: 'pin', value: '73518' },
      { kind: 'pin', value: CARD.value },
      { kind: 'pin', value: '' },
    ];
    for (const scan of strangers) {
      expect(nameOf(await people.directory.identify(scan))).to.equal('unknown-credential');
    }
  });

  it('does not take a PIN whose digest is there but whose hash is another', async () => {
    const digest = people.directory.digest(PIN);
    await stored.fresh.connection
      .collection('credentials')
      .updateOne({ digest }, { $set: { hash: await hashSecret('99999') } });
    await people.directory.refresh();
    expect(nameOf(await people.directory.identify(PIN))).to.equal('unknown-credential');
  });

  it('tells a blocked user and a blocked card from unknown ones, and whose they are', async () => {
    const { administration, directory } = people;
    await administration.setCredentialBlocked(card, true, ADMINISTRATOR);
    expect(await directory.identify(CARD))
      .to.deep.include({ known: false })
      .and.to.have.nested.property('credential.user', user);
    expect(nameOf(await directory.identify(CARD))).to.equal('credential-blocked');
    expect(nameOf(await directory.identify(PIN))).to.equal(user);
    await administration.setCredentialBlocked(card, false, ADMINISTRATOR);
    await administration.setUserBlocked(user, true, ADMINISTRATOR);
    expect(nameOf(await directory.identify(CARD))).to.equal('user-blocked');
    await administration.setUserBlocked(user, false, ADMINISTRATOR);
    expect(nameOf(await directory.identify(CARD))).to.equal(user);
  });

  it('knows people after a restart', async () => {
    const again = await startPeople(stored);
    expect(nameOf(await again.directory.identify(CARD))).to.equal(user);
    await again.stop();
  });

  it('learns within seconds what another gateway changed', async () => {
    // A clock that is behind, as clocks of different computers are.
    const elsewhere = new Date(stored.clock.now() - 20_000);
    await people.users.change(user, { blocked: true }, elsewhere);
    expect(nameOf(await people.directory.identify(CARD))).to.equal(user);
    await refreshed();
    expect(nameOf(await people.directory.identify(CARD))).to.equal('user-blocked');
    await people.users.change(user, { blocked: false }, new Date(stored.clock.now() - 20_000));
    await refreshed();
    expect(nameOf(await people.directory.identify(CARD))).to.equal(user);
  });

  /** Lets the clock reach the next look, and the database answer it. */
  async function refreshed(): Promise<void> {
    await stored.clock.advance(2_000);
    // The next looks of the directory and of the registry of items.
    while (stored.clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
  }

  it('asks nothing more once it is stopped', async () => {
    const before = stored.clock.pending;
    people.directory.stop();
    expect(stored.clock.pending).to.equal(before - 1);
  });

  it('says what somebody may now', async () => {
    const { administration, directory } = people;
    const admin = await administration.addUser(
      { name: 'Eva', roles: ['administrator'], groups: [] },
      ADMINISTRATOR,
    );
    expect([admin, user, 'user-0'].map((id) => directory.rolesOf(id))).to.deep.equal([
      ['administrator'],
      ['defined'],
      [],
    ]);
    await administration.setUserBlocked(admin, true, ADMINISTRATOR);
    expect(directory.rolesOf(admin)).to.deep.equal([]);
  });
});

/** The user's id, or the code of the refusal. */
function nameOf(identity: Identity): string {
  return identity.known ? identity.user.id : identity.refusal.code;
}
