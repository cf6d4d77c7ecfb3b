import { expect } from 'chai';
import type { Identity } from '../../domain/identification.ts';
import type { Scan } from '../../gateway/ports.ts';
import type { UserDocument } from '../../models/users.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

/** One of each kind that readers hand over, as they hand it over. */
const SCANS: readonly Scan[] = [
  { kind: 'card', value: '04A1B2C3' },
  { kind: 'pin', value: '73519' },
  { kind: 'phone', value: 'device-0815' },
  { kind: 'ibutton', value: '021CB801000000A2' },
  { kind: 'barcode', value: '4006381333931' },
  { kind: 'qr', value: 'https://example.org/badge/7' },
  { kind: 'biometric', value: '7' },
];
const [CARD = { kind: 'card', value: '' }, PIN = { kind: 'pin', value: '' }] = SCANS;
const HOUR = 3_600_000;

describe('what the directory tells', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
    user = await people.administration.addUser(
      { name: 'Anna', roles: ['defined'], groups: ['staff'] },
      ADMINISTRATOR,
    );
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function nameOf(scan: Scan, by = people): Promise<string> {
    const identity: Identity = await by.directory.identify(scan);
    return identity.known ? identity.user.id : identity.refusal.code;
  }

  for (const scan of SCANS) {
    it(`of a ${scan.kind}: whose it is, and that of no other kind`, async () => {
      await people.administration.addCredential(user, scan, ADMINISTRATOR);
      for (const other of SCANS) {
        const found = await nameOf({ kind: other.kind, value: scan.value });
        expect(found, other.kind).to.equal(other.kind === scan.kind ? user : 'unknown-credential');
      }
    });
  }

  it('of a credential: that its time has not begun, is now, and is over', async () => {
    const now = stored.clock.now();
    const valid = { validFrom: now + 500, validUntil: now + 1_000 };
    await people.administration.addCredential(user, { ...CARD, ...valid }, ADMINISTRATOR);
    expect(await nameOf(CARD)).to.equal('not-valid-yet');
    await stored.pass(500);
    expect(await nameOf(CARD)).to.equal(user);
    await stored.pass(500);
    expect(await nameOf(CARD)).to.equal('no-longer-valid');
  });

  it('of a user: the same for whatever they are known by, and for what they may', async () => {
    const { administration, directory } = people;
    const now = stored.clock.now();
    await administration.addCredential(user, CARD, ADMINISTRATOR);
    await administration.changeUser(user, { roles: ['administrator'], validUntil: now + 1 }, ADMINISTRATOR);
    expect(directory.rolesOf(user)).to.deep.equal(['administrator']);
    await stored.pass(50);
    expect(await nameOf(CARD)).to.equal('no-longer-valid');
    expect(directory.rolesOf(user)).to.deep.equal([]);
    await administration.changeUser(user, { validUntil: null, validFrom: now + HOUR }, ADMINISTRATOR);
    expect(await nameOf(CARD)).to.equal('not-valid-yet');
    await administration.changeUser(user, { validFrom: null }, ADMINISTRATOR);
    expect(await nameOf(CARD)).to.equal(user);
  });

  it('of a PIN typed under threat: that it is', async () => {
    const { administration, directory } = people;
    await administration.addCredential(user, PIN, ADMINISTRATOR);
    await administration.addCredential(user, { ...PIN, value: '73510', duress: true }, ADMINISTRATOR);
    const duressOf = async (value: string): Promise<unknown> => {
      const identity = await directory.identify({ kind: 'pin', value });
      return identity.known && identity.credential.duress;
    };
    expect([await duressOf('73519'), await duressOf('73510')]).to.deep.equal([undefined, true]);
  });

  it('of a removed credential: nothing, at other gateways too within seconds', async () => {
    const { administration } = people;
    const other = await startPeople(stored, { folder: 'other' });
    const card = await administration.addCredential(user, CARD, ADMINISTRATOR);
    await other.directory.refresh();
    expect(await nameOf(CARD, other)).to.equal(user);
    await administration.removeCredential(card, ADMINISTRATOR);
    expect(await nameOf(CARD)).to.equal('unknown-credential');
    await other.directory.refresh();
    expect(await nameOf(CARD, other)).to.equal('unknown-credential');
    const bert = await administration.addUser(
      { name: 'Bert', roles: ['defined'], groups: [] },
      ADMINISTRATOR,
    );
    await administration.addCredential(bert, CARD, ADMINISTRATOR);
    await other.directory.refresh();
    expect([await nameOf(CARD), await nameOf(CARD, other)]).to.deep.equal([bert, bert]);
    await other.stop();
  });

  it('after a long absence: what was removed meanwhile, though it is remembered no more', async () => {
    const { administration, directory } = people;
    const card = await administration.addCredential(user, CARD, ADMINISTRATOR);
    directory.stop();
    await people.credentials.discard([card]);
    await directory.refresh();
    expect(await nameOf(CARD)).to.equal(user);
    await stored.clock.advance(16 * 24 * HOUR);
    await directory.refresh();
    expect(await nameOf(CARD)).to.equal('unknown-credential');
  });

  it('of an address: name, e-mail and language, and nothing of nobody', async () => {
    const { administration, directory } = people;
    expect(directory.contactOf(user)).to.deep.equal({ name: 'Anna' });
    await administration.changeUser(user, { email: 'anna@example.org', language: 'pl' }, ADMINISTRATOR);
    expect(directory.contactOf(user)).to.deep.equal({
      name: 'Anna',
      email: 'anna@example.org',
      language: 'pl',
    });
    expect(directory.contactOf('user-0')).to.equal(undefined);
  });

  it('to the domain: nothing personal', async () => {
    const personal = { name: 'Anna Nowak', email: 'anna@example.org', language: 'it' } as const;
    await people.administration.changeUser(user, personal, ADMINISTRATOR);
    expect(people.directory.user(user)).to.deep.equal({
      id: user,
      groups: ['staff'],
      roles: ['defined'],
      blocked: false,
    });
  });

  describe('of recipients', () => {
    const names = (text: string, most = 50): string[] =>
      people.directory.recipients(text, most).map(({ name }) => name);

    beforeEach(async () => {
      const { administration } = people;
      for (const name of ['Łukasz Żak', 'Zoë Muller', 'lukas Adam', 'Élodie']) {
        await administration.addUser({ name, roles: ['defined'], groups: [] }, ADMINISTRATOR);
      }
      await administration.addUser({ name: 'Lukas Master', roles: ['master'], groups: [] }, ADMINISTRATOR);
    });

    it('those whose name contains a text, whatever its case and marks, by name', () => {
      expect(names('LUKAS')).to.deep.equal(['lukas Adam', 'Łukasz Żak']);
      expect(names('łukasz')).to.deep.equal(['Łukasz Żak']);
      expect(names('żak')).to.deep.equal(['Łukasz Żak']);
      expect(names('elod')).to.deep.equal(['Élodie']);
      expect(names('zoe m')).to.deep.equal(['Zoë Muller']);
      expect(names('.*')).to.deep.equal([]);
    });

    it('everybody where no text is given, and no more than are wanted', () => {
      expect(names('')).to.deep.equal(['Anna', 'Élodie', 'lukas Adam', 'Łukasz Żak', 'Zoë Muller']);
      expect(names(' ', 2)).to.deep.equal(['Anna', 'Élodie']);
    });

    it('nobody who is blocked, erased, or whose time is over', async () => {
      const { administration, directory } = people;
      const [lukas, zoe] = ['lukas', 'zoe'].map((text) => directory.recipients(text, 1)[0]?.user ?? '');
      await administration.setUserBlocked(lukas ?? '', true, ADMINISTRATOR);
      await administration.eraseUser(zoe ?? '', ADMINISTRATOR);
      await administration.changeUser(user, { validUntil: stored.clock.now() }, ADMINISTRATOR);
      expect(names('')).to.deep.equal(['Élodie', 'Łukasz Żak']);
    });

    it('under the name that they have now', async () => {
      await people.administration.changeUser(user, { name: 'Hanna' }, ADMINISTRATOR);
      expect(names('ann')).to.deep.equal(['Hanna']);
    });
  });

  it('knows ten thousand people, and finds one of them by any part of the name', async () => {
    const updatedAt = new Date(stored.clock.now());
    const crowd = Array.from(
      { length: 10_000 },
      (_, index): UserDocument => ({
        _id: `user-${index}`,
        name: `Person ${String(index).padStart(5, '0')}`,
        roles: ['defined'],
        groups: ['staff'],
        blocked: false,
        updatedAt,
      }),
    );
    await stored.fresh.connection.collection<UserDocument>('users').insertMany(crowd);
    await people.directory.refresh();
    expect(people.directory.recipients('09999', 50)).to.deep.equal([
      { user: 'user-9999', name: 'Person 09999' },
    ]);
    expect(people.directory.recipients('person', 50)).to.have.length(50);
  });

  it('of rights: those of the user and of their groups, of that cabinet alone, from whichever gateway', async () => {
    const { administration, directory } = people;
    const other = await startPeople(stored, { folder: 'other' });
    const own = await administration.addRight({ cabinet: 'A', user }, ADMINISTRATOR);
    const group = await administration.addRight({ cabinet: 'A', userGroup: 'staff' }, ADMINISTRATOR);
    await administration.addRight({ cabinet: 'B', user }, ADMINISTRATOR);
    await administration.addRight({ cabinet: 'A', userGroup: 'guests' }, ADMINISTRATOR);
    const ids = (by: People): string[] => by.directory.rightsOf(user, 'A').map(({ id }) => id);
    expect(ids(people)).to.deep.equal([own.right, group.right]);
    expect(ids(other)).to.deep.equal([]);
    await other.directory.refresh();
    expect(ids(other).sort()).to.deep.equal([own.right, group.right].sort());
    await administration.changeUser(user, { groups: [] }, ADMINISTRATOR);
    expect(ids(people)).to.deep.equal([own.right]);
    await administration.removeRight(own.right, ADMINISTRATOR);
    expect(ids(people)).to.deep.equal([]);
    await other.directory.refresh();
    expect(ids(other)).to.deep.equal([]);
    expect(directory.rightsOf('user-0', 'A')).to.deep.equal([]);
    await other.stop();
  });
});
