import { expect } from 'chai';
import type { NewUser, UserPatch } from '../../gateway/administration/users.ts';
import { AdministrationError } from '../../gateway/administration.ts';
import type { Scan } from '../../gateway/ports.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const CARD: Scan = { kind: 'card', value: '04A1B2C3' };
const OTHER_CARD: Scan = { kind: 'card', value: '04A1B2C4' };
const PIN: Scan = { kind: 'pin', value: '73519' };
const ANNA: NewUser = { name: 'Anna', login: 'anna', roles: ['defined'], groups: ['staff'] };

describe('changes of people', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
    user = await people.administration.addUser(ANNA, ADMINISTRATOR);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function recorded(): Promise<[string, object][]> {
    return (await stored.events('site')).map(({ type, data }) => {
      const { change: _, ...said } = data as { change?: string };
      return [type, said];
    });
  }

  async function refusalOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => 'none',
      (error: unknown) => (error instanceof AdministrationError ? error.code : String(error)),
    );
  }

  function collection(name: string): Promise<Record<string, unknown>[]> {
    return stored.fresh.connection.collection(name).find().sort({ _id: 1 }).toArray();
  }

  it('of roles and groups count at once and are on record; addresses are not', async () => {
    const { administration, directory } = people;
    const patch: UserPatch = { roles: ['master', 'defined'], groups: ['guests'], email: 'anna@example.org' };
    await administration.changeUser(user, patch, ADMINISTRATOR);
    expect(directory.user(user)).to.deep.include({ roles: ['master', 'defined'], groups: ['guests'] });
    expect((await recorded()).at(-1)).to.deep.equal([
      'user-changed',
      { user, fields: ['email', 'roles', 'groups'], roles: ['master', 'defined'], groups: ['guests'] },
    ]);
    expect(JSON.stringify(await stored.events('site'))).to.not.contain('example.org');
  });

  it('take a field away where they say so', async () => {
    const { administration, directory } = people;
    await administration.changeUser(user, { email: 'anna@example.org', language: 'it' }, ADMINISTRATOR);
    await administration.changeUser(user, { email: null }, ADMINISTRATOR);
    expect(directory.contactOf(user)).to.deep.equal({ name: 'Anna', language: 'it' });
  });

  const WRONG: readonly (readonly [string, string, UserPatch])[] = [
    ['a group that there is not', 'group-unknown', { groups: ['night'] }],
    ['a role that there is not', 'field-wrong', { roles: ['king' as 'master'] }],
    ['no name', 'field-wrong', { name: '' }],
    ['an address without a domain', 'field-wrong', { email: 'anna' }],
    ['an address with a line of its own', 'field-wrong', { email: 'anna@example.org\nBcc: x@example.org' }],
    ['two addresses', 'field-wrong', { email: 'a@example.org,b@example.org' }],
    ['a language that is not served', 'field-wrong', { language: 'de' as 'it' }],
    ['nothing', 'field-wrong', {}],
    ['an end before the beginning', 'field-wrong', { validFrom: 2, validUntil: 1 }],
  ];
  for (const [what, code, patch] of WRONG) {
    it(`to ${what} are refused (${code}) and change nothing`, async () => {
      const before = await collection('users');
      const events = await recorded();
      expect(await refusalOf(people.administration.changeUser(user, patch, ADMINISTRATOR))).to.equal(code);
      expect(await collection('users')).to.deep.equal(before);
      expect(await recorded()).to.deep.equal(events);
    });
  }

  it('of nobody are refused', async () => {
    const { administration } = people;
    for (const work of [
      () => administration.changeUser('user-0', { name: 'X' }, ADMINISTRATOR),
      () => administration.eraseUser('user-0', ADMINISTRATOR),
      () => administration.credentialsOf('user-0'),
    ]) {
      expect(await refusalOf(work())).to.equal('user-unknown');
    }
  });

  it('add a person with all credentials, or nothing of it', async () => {
    const { administration, directory } = people;
    const bert = { name: 'Bert', roles: ['defined'], groups: [] } as const;
    await administration.addUser(bert, ADMINISTRATOR, [CARD, PIN]);
    const before = await Promise.all(['users', 'credentials', 'events'].map(collection));
    const carl = { ...bert, name: 'Carl' };
    for (const [what, credentials] of [
      ['credential-taken', [OTHER_CARD, PIN]],
      [
        'card-malformed',
        [
          { kind: 'pin', value: '11111' },
          { kind: 'card', value: 'x' },
        ],
      ],
      ['credential-taken', [OTHER_CARD, OTHER_CARD]],
    ] as const) {
      expect(await refusalOf(administration.addUser(carl, ADMINISTRATOR, credentials))).to.equal(what);
    }
    expect(
      await refusalOf(administration.addUser({ ...carl, login: 'ANNA' }, ADMINISTRATOR, [OTHER_CARD])),
    ).to.equal('login-taken');
    expect(await Promise.all(['users', 'credentials', 'events'].map(collection))).to.deep.equal(before);
    expect(await directory.identify(OTHER_CARD)).to.include({ known: false });
  });

  it('list what somebody is known by, and never what that is', async () => {
    const { administration } = people;
    const card = await administration.addCredential(user, { ...CARD, validUntil: 5_000 }, ADMINISTRATOR);
    const pin = await administration.addCredential(user, { ...PIN, duress: true }, ADMINISTRATOR);
    await administration.issueOneTimePassword(user, ADMINISTRATOR);
    const list = await administration.credentialsOf(user);
    expect(list.map(({ kind }) => kind).sort()).to.deep.equal(['card', 'password', 'pin']);
    expect(list).to.deep.include({ id: card, kind: 'card', blocked: false, validUntil: 5_000 });
    expect(list).to.deep.include({ id: pin, kind: 'pin', blocked: false, duress: true });
    expect(JSON.stringify(list)).to.not.match(/04A1B2C3|73519|argon2|hmac|digest/);
    await administration.removeCredential(pin, ADMINISTRATOR);
    expect((await administration.credentialsOf(user)).map(({ id }) => id)).to.not.include(pin);
  });

  it('take a duress PIN for nothing else, and no PIN that is somebody’s', async () => {
    const { administration } = people;
    await administration.addCredential(user, PIN, ADMINISTRATOR);
    const add = (credential: Scan & { duress: boolean }) =>
      refusalOf(administration.addCredential(user, credential, ADMINISTRATOR));
    expect(await add({ ...PIN, duress: true })).to.equal('credential-taken');
    expect(await add({ ...CARD, duress: true })).to.equal('field-wrong');
    expect(await add({ kind: 'pin', value: '123', duress: true })).to.equal('pin-malformed');
  });

  it('remove a credential once; nothing of it is left but that it was there', async () => {
    const { administration } = people;
    const card = await administration.addCredential(user, CARD, ADMINISTRATOR);
    await administration.removeCredential(card, ADMINISTRATOR);
    const [document] = await collection('credentials');
    expect(document).to.include({ _id: card, blocked: true }).and.to.not.have.any.keys('digest', 'hash');
    expect((await recorded()).at(-1)).to.deep.equal(['credential-removed', { credential: card, user }]);
    for (const work of [
      () => administration.removeCredential(card, ADMINISTRATOR),
      () => administration.setCredentialBlocked(card, false, ADMINISTRATOR),
      () => administration.removeCredential('credential-0', ADMINISTRATOR),
    ]) {
      expect(await refusalOf(work())).to.equal('credential-unknown');
    }
  });

  it('erase somebody: everything but the id, in every collection', async () => {
    const { administration, directory, logins } = people;
    await administration.changeUser(user, { email: 'anna@example.org', language: 'pl' }, ADMINISTRATOR);
    await administration.addCredential(user, CARD, ADMINISTRATOR);
    const issued = await administration.issueOneTimePassword(user, ADMINISTRATOR);
    await administration.changePassword('anna', issued, 'correct horse battery');
    await administration.addRight({ cabinet: 'A', user }, ADMINISTRATOR);
    await administration.issuePhoneAccess(user, { cabinet: 'A', validFor: 60_000 }, ADMINISTRATOR);
    await administration.eraseUser(user, ADMINISTRATOR);
    const left = JSON.stringify(await Promise.all(['users', 'credentials', 'events'].map(collection)));
    expect(left).to.contain(user).and.not.match(/anna/i);
    expect(await collection('phone-accesses')).to.deep.equal([]);
    expect(await administration.rights()).to.deep.equal([]);
    expect(directory.user(user)).to.equal(undefined);
    expect(directory.contactOf(user)).to.equal(undefined);
    expect(await directory.identify(CARD)).to.include({ known: false });
    expect(await logins.authenticate('anna', 'correct horse battery')).to.equal(undefined);
    expect(await administration.users()).to.deep.equal([]);
    expect((await recorded()).at(-1)).to.deep.equal(['user-erased', { user }]);
    expect(await refusalOf(administration.eraseUser(user, ADMINISTRATOR))).to.equal('user-unknown');
    expect(await refusalOf(administration.setUserBlocked(user, false, ADMINISTRATOR))).to.equal(
      'user-unknown',
    );
    // The login and the card are free again.
    const again = await administration.addUser(ANNA, ADMINISTRATOR, [CARD]);
    expect(await directory.identify(CARD)).to.have.nested.property('user.id', again);
  });

  it('leave the last administrator in place', async () => {
    const { administration } = people;
    await administration.changeUser(user, { roles: ['administrator'] }, ADMINISTRATOR);
    expect(await refusalOf(administration.eraseUser(user, ADMINISTRATOR))).to.equal('last-administrator');
    expect(await refusalOf(administration.changeUser(user, { roles: ['defined'] }, ADMINISTRATOR))).to.equal(
      'last-administrator',
    );
    const eva = await administration.addUser(
      { name: 'Eva', roles: ['administrator'], groups: [] },
      ADMINISTRATOR,
    );
    await administration.setUserBlocked(eva, true, ADMINISTRATOR);
    expect(await refusalOf(administration.eraseUser(user, ADMINISTRATOR))).to.equal('last-administrator');
    await administration.setUserBlocked(eva, false, ADMINISTRATOR);
    await administration.eraseUser(user, ADMINISTRATOR);
    expect(await refusalOf(administration.eraseUser(eva, ADMINISTRATOR))).to.equal('last-administrator');
  });
});

describe('a change that was cut off from its record', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
    user = await people.administration.addUser(ANNA, ADMINISTRATOR, [CARD]);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function types(): Promise<string[]> {
    return (await stored.events('site')).map(({ type }) => type);
  }

  /** What a kill between the change and its record leaves: the log takes nothing any more. */
  async function cutOff(change: (people: People) => Promise<unknown>): Promise<void> {
    await people.stop();
    await change(people).catch(() => {});
  }

  async function unrecorded(): Promise<number> {
    const counts = await Promise.all(
      ['users', 'credentials', 'rights'].map((name) =>
        stored.fresh.connection.collection(name).countDocuments({ 'unrecorded.change': { $exists: true } }),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  const CHANGES: readonly (readonly [string, (people: People) => Promise<unknown>])[] = [
    ['user-blocked', (it) => it.administration.setUserBlocked(user, true, ADMINISTRATOR)],
    ['user-changed', (it) => it.administration.changeUser(user, { groups: [] }, ADMINISTRATOR)],
    ['user-erased', (it) => it.administration.eraseUser(user, ADMINISTRATOR)],
    ['password-set', (it) => it.administration.issueOneTimePassword(user, ADMINISTRATOR)],
    ['credential-added', (it) => it.administration.addCredential(user, OTHER_CARD, ADMINISTRATOR)],
    ['right-added', (it) => it.administration.addRight({ cabinet: 'A', user }, ADMINISTRATOR)],
    ['user-added', (it) => it.administration.addUser({ ...ANNA, login: 'bert' }, ADMINISTRATOR)],
  ];
  for (const [type, change] of CHANGES) {
    it(`is recorded at the next start: ${type}`, async () => {
      const before = await types();
      await cutOff(change);
      expect(await types()).to.deep.equal(before);
      expect(await unrecorded()).to.equal(1);
      people = await startPeople(stored);
      expect(await types()).to.deep.equal([...before, type]);
      expect((await stored.events('site')).at(-1)?.actor).to.deep.equal(ADMINISTRATOR);
      expect(await unrecorded()).to.equal(0);
    });
  }

  it('is recorded once, though it was recorded before the kill', async () => {
    await people.administration.setUserBlocked(user, true, ADMINISTRATOR);
    const before = await stored.events('site');
    const { type, actor, data } = before.at(-1) ?? {};
    const change = (data as { change: string }).change;
    await stored.fresh.connection
      .collection<{ _id: string }>('users')
      .updateOne({ _id: user }, { $set: { unrecorded: [{ type, actor, data, change, stream: 'site' }] } });
    await people.stop();
    people = await startPeople(stored);
    expect(await stored.events('site')).to.deep.equal(before);
    expect(await unrecorded()).to.equal(0);
  });

  it('of another gateway is left to that one', async () => {
    const other = await startPeople(stored, { folder: 'other' });
    await other.stop();
    await other.administration.setUserBlocked(user, true, ADMINISTRATOR).catch(() => {});
    await people.stop();
    people = await startPeople(stored);
    expect(await types()).to.not.include('user-blocked');
    expect(await unrecorded()).to.equal(1);
    await (await startPeople(stored, { folder: 'other' })).stop();
    expect((await stored.events('site/other')).map(({ type }) => type)).to.deep.equal(['user-blocked']);
  });

  it('that erased somebody is completed: neither card nor right is left', async () => {
    await people.administration.addRight({ cabinet: 'A', user }, ADMINISTRATOR);
    const event = {
      type: 'user-erased',
      actor: ADMINISTRATOR,
      data: { user },
      change: 'change-1',
      stream: 'site',
    };
    await people.users.erase(user, new Date(stored.clock.now()), event);
    await people.stop();
    people = await startPeople(stored);
    expect(await people.credentials.of(user)).to.deep.equal([]);
    expect(await people.administration.rights()).to.deep.equal([]);
    expect(await types()).to.include('user-erased');
  });

  it('that stored a card for somebody who was not added in the end comes to nothing', async () => {
    const event = {
      type: 'credential-added',
      actor: ADMINISTRATOR,
      data: { user: 'user-1' },
      change: 'change-1',
      stream: 'site',
    };
    const { connection } = stored.fresh;
    await connection.collection<{ _id: string }>('credentials').insertOne({
      _id: 'credential-1',
      user: 'user-1',
      kind: 'card',
      ...people.ring.digest('card', OTHER_CARD.value),
      blocked: false,
      unrecorded: [event],
      updatedAt: new Date(stored.clock.now()),
    } as { _id: string });
    const before = await types();
    await people.stop();
    people = await startPeople(stored);
    expect(await types()).to.deep.equal(before);
    await people.administration.addCredential(user, OTHER_CARD, ADMINISTRATOR);
  });
});
