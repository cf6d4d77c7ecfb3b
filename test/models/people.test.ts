import { expect } from 'chai';
import { CabinetRepository } from '../../models/cabinets.ts';
import { CredentialRepository } from '../../models/credentials.ts';
import { GroupRepository } from '../../models/groups.ts';
import { ItemRepository } from '../../models/items.ts';
import { type UserDocument, UserRepository } from '../../models/users.ts';
import { type FreshStore, openFreshStore } from '../support/store.ts';

const AT = new Date('2026-01-01T12:00:00Z');
const LATER = new Date('2026-01-01T13:00:00Z');

describe('the models of people and things', () => {
  let fresh: FreshStore;
  let users: UserRepository;
  let credentials: CredentialRepository;
  let items: ItemRepository;

  before(async () => {
    fresh = await openFreshStore();
    users = new UserRepository(fresh.connection);
    credentials = new CredentialRepository(fresh.connection);
    items = new ItemRepository(fresh.connection);
    await Promise.all([users, credentials, items].map((repository) => repository.prepare()));
  });

  after(() => fresh.remove());
  afterEach(() => fresh.empty());

  function user(id: string, change: Partial<UserDocument> = {}): UserDocument {
    return {
      _id: id,
      name: `Person ${id}`,
      roles: ['defined'],
      groups: [],
      blocked: false,
      updatedAt: AT,
      ...change,
    };
  }

  async function failureOf(work: Promise<unknown>): Promise<unknown> {
    return work.then(
      () => 'none',
      (error: unknown) => {
        const { code, name } = error as { code?: unknown; name: string };
        return code ?? name;
      },
    );
  }

  it('a login is one user’s, whatever its letters; any number have none', async () => {
    await users.add(user('u1', { login: 'anna' }));
    expect(await failureOf(users.add(user('u2', { login: 'ANNA' })))).to.equal(11_000);
    await users.add(user('u3'));
    await users.add(user('u4'));
    expect((await users.byLogin('Anna'))?._id).to.equal('u1');
    expect(await users.byLogin('nobody')).to.equal(null);
    expect((await users.all()).map(({ _id }) => _id)).to.deep.equal(['u1', 'u3', 'u4']);
  });

  for (const [what, change] of [
    ['no name', { name: '' }],
    ['a name of blanks', { name: '   ' }],
    ['an unknown role', { roles: ['king' as 'master'] }],
    ['a login with a blank', { login: 'an na' }],
    ['a login of 65 characters', { login: 'x'.repeat(65) }],
  ] as const) {
    it(`a user with ${what} is refused`, async () => {
      expect(await failureOf(users.add(user('u1', change)))).to.equal('ValidationError');
    });
  }

  it('a field that no user has is refused', async () => {
    const odd = { ...user('u1'), pin: '1234' };
    expect(await failureOf(users.add(odd))).to.equal('StrictModeError');
  });

  it('users are blocked, and found by when they changed', async () => {
    await users.add(user('u1'));
    expect(await users.change('u0', { blocked: true }, LATER)).to.equal(false);
    expect(await users.changedSince(LATER)).to.deep.equal([]);
    expect(await users.change('u1', { blocked: true }, LATER)).to.equal(true);
    expect(await users.changedSince(LATER)).to.deep.equal([user('u1', { blocked: true, updatedAt: LATER })]);
    expect(await users.hasAdministrator()).to.equal(false);
    await users.add(user('u2', { roles: ['administrator'] }));
    expect(await users.hasAdministrator()).to.equal(true);
  });

  it('a card or PIN is one user’s; the same digits may be both', async () => {
    const card = { _id: 'c1', user: 'u1', kind: 'card', digest: 'd', blocked: false, updatedAt: AT } as const;
    await credentials.add(card);
    expect(await failureOf(credentials.add({ ...card, _id: 'c2', user: 'u2' }))).to.equal(11_000);
    await credentials.add({ ...card, _id: 'c3', kind: 'pin', hash: 'h' });
    expect(await failureOf(credentials.add({ ...card, _id: 'c4', kind: 'pin', hash: 'h' }))).to.equal(11_000);
    expect(await failureOf(credentials.add({ ...card, _id: 'c5', kind: 'face' as 'card' }))).to.equal(
      'ValidationError',
    );
    expect((await credentials.changedSince(AT)).map(({ _id }) => _id).sort()).to.deep.equal(['c1', 'c3']);
    expect(await credentials.setBlocked('c1', true, LATER)).to.equal(true);
    expect(await credentials.setBlocked('c0', true, LATER)).to.equal(false);
    expect(await credentials.changedSince(LATER)).to.deep.equal([
      { ...card, blocked: true, updatedAt: LATER },
    ]);
  });

  it('a user has one password, the last; passwords are no cards', async () => {
    expect(await credentials.passwordOf('u1')).to.equal(null);
    const password = { id: 'c1', user: 'u1', hash: 'h1', oneTime: true, at: AT };
    await credentials.setPassword(password);
    await credentials.setPassword({ ...password, id: 'c2', hash: 'h2', oneTime: false });
    await credentials.setPassword({ ...password, id: 'c3', user: 'u2' });
    expect(await credentials.passwordOf('u1')).to.deep.include({ _id: 'c1', hash: 'h2', oneTime: false });
    expect(await credentials.changedSince(AT)).to.deep.equal([]);
  });

  it('a tag is one item’s for each kind of code', async () => {
    const item = { _id: 'i1', name: 'Drill', tag: 't', tagKind: 'nfc', updatedAt: AT } as const;
    await items.add(item);
    expect(await failureOf(items.add({ ...item, _id: 'i2' }))).to.equal(11_000);
    await items.add({ ...item, _id: 'i3', tagKind: 'qr' });
    expect(await failureOf(items.add({ ...item, _id: 'i4', tag: '' }))).to.equal('ValidationError');
    expect(await items.all()).to.have.length(2);
  });

  it('groups and cabinets are what the site file says last', async () => {
    const groups = new GroupRepository(fresh.connection);
    await groups.save({ _id: 'staff', name: 'Staff', site: 'works' });
    await groups.save({ _id: 'staff', name: 'Everybody', site: 'works' });
    expect(await groups.exists('staff')).to.equal(true);
    expect(await groups.exists('night')).to.equal(false);
    const cabinets = new CabinetRepository(fresh.connection);
    const cabinet = {
      _id: 'A',
      site: 'works',
      name: 'A',
      kind: 'clothes',
      schema: '2.2',
      compartments: 24,
    } as const;
    await cabinets.save(cabinet);
    await cabinets.save({ ...cabinet, name: 'Hall', compartments: 12 });
    expect(await fresh.connection.collection('cabinets').find().toArray()).to.deep.equal([
      { ...cabinet, name: 'Hall', compartments: 12 },
    ]);
  });

  it('the indexes are there, unique where they must be', async () => {
    const unique = async (collection: string): Promise<string[]> =>
      (await fresh.connection.collection(collection).indexes())
        .filter((index) => index.unique === true)
        .map(({ key }) => Object.keys(key).join('+'));
    expect(await unique('users')).to.deep.equal(['login']);
    expect(await unique('credentials')).to.deep.equal(['kind+digest']);
    expect(await unique('items')).to.deep.equal(['tagKind+tag']);
  });
});
