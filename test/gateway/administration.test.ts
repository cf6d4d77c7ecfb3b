import { expect } from 'chai';
import { AdministrationError } from '../../gateway/administration.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const CARD = { kind: 'card', value: '04A1B2C3' } as const;
const PIN = { kind: 'pin', value: '7351984620' } as const;
const ANNA = { name: 'Anna Kowalska', login: 'Anna', roles: ['defined'], groups: ['staff'] } as const;

describe('administration', () => {
  let stored: StoredLog;
  let people: People;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function recorded(): Promise<[string, unknown][]> {
    return (await stored.events('site')).map(({ type, data }) => {
      const { change: _, ...said } = data as { change?: string };
      return [type, said];
    });
  }

  it('adds users, whom everybody knows at once', async () => {
    const { administration, directory } = people;
    const user = await administration.addUser(ANNA, ADMINISTRATOR);
    expect(directory.user(user)).to.include({ id: user, blocked: false });
    expect(await administration.userByLogin('ANNA')).to.deep.include({
      _id: user,
      name: 'Anna Kowalska',
      login: 'anna',
      roles: ['defined'],
      groups: ['staff'],
    });
    expect(await administration.users()).to.have.length(1);
    expect(await recorded()).to.deep.equal([['user-added', { user, roles: ['defined'], groups: ['staff'] }]]);
  });

  it('keeps names, logins, cards, PINs and passwords out of the log', async () => {
    const { administration } = people;
    const user = await administration.addUser(ANNA, ADMINISTRATOR);
    const card = await administration.addCredential(user, CARD, ADMINISTRATOR);
    const pin = await administration.addCredential(user, PIN, ADMINISTRATOR);
    const issued = await administration.issueOneTimePassword(user, ADMINISTRATOR);
    await administration.changePassword('anna', issued, 'correct horse battery');
    await administration.addItem({ name: 'Drill 7', tag: 'tag-0815', tagKind: 'barcode' }, ADMINISTRATOR);
    await administration.setCredentialBlocked(card, true, ADMINISTRATOR);
    await administration.setUserBlocked(user, true, ADMINISTRATOR);
    expect(await recorded()).to.deep.include.members([
      ['credential-added', { credential: pin, user, kind: 'pin' }],
      ['password-set', { user, oneTime: true }],
      ['password-set', { user, oneTime: false }],
      ['credential-blocked', { credential: card }],
      ['user-blocked', { user }],
    ]);
    const log = JSON.stringify(await stored.events('site')).toLowerCase();
    const secrets = ['kowalska', 'anna', CARD.value, PIN.value, issued, 'correct horse', 'drill', 'tag-0815'];
    for (const secret of secrets) expect(log, secret).to.not.contain(secret.toLowerCase());
    const credentials = JSON.stringify(
      await stored.fresh.connection.collection('credentials').find().toArray(),
    );
    for (const secret of [CARD.value, PIN.value, issued, 'correct horse']) {
      expect(credentials, secret).to.not.contain(secret);
    }
  });

  it('says who asked', async () => {
    await people.administration.addUser(ANNA, ADMINISTRATOR);
    const [event] = await stored.events('site');
    expect(event?.actor).to.deep.equal(ADMINISTRATOR);
  });

  describe('refuses, changing nothing,', () => {
    const REFUSALS: readonly (readonly [
      string,
      string,
      (administration: People['administration'], user: string) => Promise<unknown>,
    ])[] = [
      ['a login that is taken', 'login-taken', (it) => it.addUser({ ...ANNA, login: 'anna' }, ADMINISTRATOR)],
      [
        'a login of odd characters',
        'field-wrong',
        (it) => it.addUser({ ...ANNA, login: 'an na' }, ADMINISTRATOR),
      ],
      [
        'a user without a name',
        'field-wrong',
        (it) => it.addUser({ name: ' ', roles: [], groups: [] }, ADMINISTRATOR),
      ],
      [
        'a name of 201 characters',
        'field-wrong',
        (it) => it.addUser({ name: 'x'.repeat(201), roles: [], groups: [] }, ADMINISTRATOR),
      ],
      [
        'a role that there is not',
        'field-wrong',
        (it) => it.addUser({ name: 'Bob', roles: ['king' as 'master'], groups: [] }, ADMINISTRATOR),
      ],
      [
        'a group that there is not',
        'group-unknown',
        (it) => it.addUser({ name: 'Bob', roles: ['defined'], groups: ['night'] }, ADMINISTRATOR),
      ],
      ['a card that is known', 'credential-taken', (it, user) => it.addCredential(user, CARD, ADMINISTRATOR)],
      [
        'the same card in small letters',
        'credential-taken',
        (it, user) => it.addCredential(user, { kind: 'card', value: '04a1b2c3' }, ADMINISTRATOR),
      ],
      ['a PIN that is known', 'credential-taken', (it, user) => it.addCredential(user, PIN, ADMINISTRATOR)],
      ...['', '04A1B2', '04A1B2C', '04A1B2CG', '0'.repeat(22)].map(
        (value) =>
          [
            `the card "${value}"`,
            'card-malformed',
            (it: People['administration'], user: string) =>
              it.addCredential(user, { kind: 'card', value }, ADMINISTRATOR),
          ] as const,
      ),
      ...['', '123', '12345678901234567', '12a4', '１２３４', ' 1234'].map(
        (value) =>
          [
            `the PIN "${value}"`,
            'pin-malformed',
            (it: People['administration'], user: string) =>
              it.addCredential(user, { kind: 'pin', value }, ADMINISTRATOR),
          ] as const,
      ),
      ['a card for nobody', 'user-unknown', (it) => it.addCredential('user-0', CARD, ADMINISTRATOR)],
      ['to block nobody', 'user-unknown', (it) => it.setUserBlocked('user-0', true, ADMINISTRATOR)],
      [
        'to block no credential',
        'credential-unknown',
        (it) => it.setCredentialBlocked('credential-0', true, ADMINISTRATOR),
      ],
      ['a password for nobody', 'user-unknown', (it) => it.issueOneTimePassword('user-0', ADMINISTRATOR)],
      [
        'a password of 11 characters',
        'password-too-short',
        (it) => it.changePassword('anna', 'x', 'x'.repeat(11)),
      ],
      [
        'a password of 257 characters',
        'password-too-short',
        (it) => it.changePassword('anna', 'x', 'x'.repeat(257)),
      ],
      [
        'a new password for a wrong one',
        'password-wrong',
        (it) => it.changePassword('anna', 'x', 'x'.repeat(12)),
      ],
      [
        'a tag that is known',
        'tag-taken',
        (it) => it.addItem({ name: 'Drill 8', tag: 'tag-1', tagKind: 'barcode' }, ADMINISTRATOR),
      ],
      [
        'an item without a name',
        'field-wrong',
        (it) => it.addItem({ name: '', tag: 'tag-2', tagKind: 'barcode' }, ADMINISTRATOR),
      ],
    ];
    for (const [what, code, ask] of REFUSALS) {
      it(`${what} (${code})`, async () => {
        const { administration } = people;
        const user = await administration.addUser(ANNA, ADMINISTRATOR);
        await administration.addCredential(user, CARD, ADMINISTRATOR);
        await administration.addCredential(user, PIN, ADMINISTRATOR);
        await administration.addItem({ name: 'Drill 7', tag: 'tag-1', tagKind: 'barcode' }, ADMINISTRATOR);
        const before = await contents();
        const refused = await ask(administration, user).catch((error: unknown) => error);
        expect(refused).to.be.instanceOf(AdministrationError).with.property('code', code);
        expect(await contents()).to.deep.equal(before);
      });
    }
  });

  async function contents(): Promise<unknown> {
    const collections = ['users', 'credentials', 'items', 'events'];
    return Promise.all(collections.map((name) => stored.fresh.connection.collection(name).find().toArray()));
  }

  it('takes the same tag for another kind of code', async () => {
    const { administration } = people;
    await administration.addItem({ name: 'Drill 7', tag: '1', tagKind: 'barcode' }, ADMINISTRATOR);
    await administration.addItem({ name: 'Drill 8', tag: '1', tagKind: 'qr' }, ADMINISTRATOR);
    expect(await recorded()).to.have.length(2);
  });

  describe('sees to the first administrator', () => {
    it('with a new one-time password at every start, until they set their own', async () => {
      const { administration, logins } = people;
      const first = await administration.firstAdministrator();
      const second = await administration.firstAdministrator();
      expect(first?.login).to.equal('admin');
      expect(second?.password).to.not.equal(first?.password);
      expect(await logins.provesIdentity('admin', first?.password ?? '')).to.equal(undefined);
      await administration.changePassword('admin', second?.password ?? '', 'correct horse battery');
      expect(await administration.firstAdministrator()).to.equal(undefined);
      expect(await logins.authenticate('admin', 'correct horse battery')).to.deep.include({
        login: 'admin',
        roles: ['administrator'],
      });
    });

    it('not where there is one already', async () => {
      const { administration } = people;
      await administration.addUser(
        { name: 'Root', login: 'root', roles: ['administrator'], groups: [] },
        ADMINISTRATOR,
      );
      expect(await administration.firstAdministrator()).to.equal(undefined);
    });
  });
});

describe('logins', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;

  before(async () => {
    stored = await StoredLog.open();
    people = await startPeople(stored);
    user = await people.administration.addUser(ANNA, ADMINISTRATOR);
  });

  after(async () => {
    await people.stop();
    await stored.remove();
  });

  it('of somebody who has no password fit nothing', async () => {
    expect(await people.logins.authenticate('anna', '')).to.equal(undefined);
  });

  it('with a one-time password only prove who sets a new one', async () => {
    const issued = await people.administration.issueOneTimePassword(user, ADMINISTRATOR);
    expect(await people.logins.authenticate('anna', issued)).to.equal(undefined);
    expect(await people.logins.provesIdentity('anna', issued)).to.deep.include({ user });
    await people.administration.changePassword('anna', issued, 'correct horse battery');
    expect(await people.logins.provesIdentity('anna', issued)).to.equal(undefined);
    expect(await people.logins.authenticate('Anna', 'correct horse battery')).to.deep.equal({
      user,
      login: 'anna',
      roles: ['defined'],
    });
  });

  it('fit neither with another password nor with another login, nor beyond their length', async () => {
    const { logins } = people;
    expect(await logins.authenticate('anna', 'correct horse batterx')).to.equal(undefined);
    expect(await logins.authenticate('hanna', 'correct horse battery')).to.equal(undefined);
    expect(await logins.authenticate('x'.repeat(65), 'correct horse battery')).to.equal(undefined);
    expect(await logins.authenticate('anna', 'x'.repeat(1_025))).to.equal(undefined);
  });

  it('are checked a few at a time; beyond what may wait they fit nothing', async () => {
    const tries = 400;
    const outcomes = await Promise.all(
      Array.from({ length: tries }, () => people.logins.authenticate('anna', 'correct horse battery')),
    );
    // More than 54 where some were done before others came; a password takes longer to check than to be looked up.
    expect(outcomes.filter((outcome) => outcome !== undefined).length).to.be.within(54, tries - 1);
    expect(await people.logins.authenticate('anna', 'correct horse battery')).to.not.equal(undefined);
  });

  it('of a user whose time has not come, or is over, fit nothing', async () => {
    const { administration, logins } = people;
    const now = stored.clock.now();
    for (const patch of [{ validUntil: now }, { validUntil: null, validFrom: now + 1 }]) {
      await administration.changeUser(user, patch, ADMINISTRATOR);
      expect(await logins.authenticate('anna', 'correct horse battery')).to.equal(undefined);
    }
    await administration.changeUser(user, { validFrom: null }, ADMINISTRATOR);
    expect(await logins.authenticate('anna', 'correct horse battery')).to.not.equal(undefined);
  });

  it('of a blocked user fit nothing until they are unblocked', async () => {
    await people.administration.setUserBlocked(user, true, ADMINISTRATOR);
    expect(await people.logins.authenticate('anna', 'correct horse battery')).to.equal(undefined);
    await people.administration.setUserBlocked(user, false, ADMINISTRATOR);
    expect(await people.logins.authenticate('anna', 'correct horse battery')).to.not.equal(undefined);
  });
});
