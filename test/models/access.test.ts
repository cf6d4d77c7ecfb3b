import { expect } from 'chai';
import { CredentialRepository } from '../../models/credentials.ts';
import { KeyringRepository } from '../../models/keyrings.ts';
import { type PhoneAccessDocument, PhoneAccessRepository } from '../../models/phone-accesses.ts';
import { type RightDocument, RightRepository, rightOf } from '../../models/rights.ts';
import type { UnrecordedEvent } from '../../models/unrecorded.ts';
import { type UserDocument, UserRepository } from '../../models/users.ts';
import { type FreshStore, openFreshStore } from '../support/store.ts';

const AT = new Date('2026-01-01T12:00:00Z');
const LATER = new Date('2026-01-01T13:00:00Z');

function event(change: string, stream = 'site/one'): UnrecordedEvent {
  return { change, stream, type: 'user-changed', actor: { kind: 'machine', id: 'test' }, data: {} };
}

describe('the models of access', () => {
  let fresh: FreshStore;
  let users: UserRepository;
  let credentials: CredentialRepository;
  let rights: RightRepository;
  let accesses: PhoneAccessRepository;
  let keyrings: KeyringRepository;

  before(async () => {
    fresh = await openFreshStore();
    users = new UserRepository(fresh.connection);
    credentials = new CredentialRepository(fresh.connection);
    rights = new RightRepository(fresh.connection);
    accesses = new PhoneAccessRepository(fresh.connection);
    keyrings = new KeyringRepository(fresh.connection);
    for (const repository of [users, credentials, rights, accesses]) await repository.prepare();
  });

  after(() => fresh.remove());
  afterEach(() => fresh.empty());

  function user(id: string, change: Partial<UserDocument> = {}): UserDocument {
    return { _id: id, name: id, roles: ['defined'], groups: [], blocked: false, updatedAt: AT, ...change };
  }

  function nameOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => 'none',
      (error: Error) => error.name,
    );
  }

  it('a right is that of a user or of a group, and comes back as it was given', async () => {
    const right: RightDocument = {
      _id: 'r1',
      cabinet: 'A',
      user: 'u1',
      validUntil: LATER,
      weekly: [{ days: [1, 7], from: '22:00', to: '06:00' }],
      updatedAt: AT,
    };
    await rights.add(right);
    const [stored] = await rights.all();
    expect(stored).to.deep.equal(right);
    expect(stored && rightOf(stored)).to.deep.equal({
      id: 'r1',
      cabinet: 'A',
      user: 'u1',
      validUntil: LATER.getTime(),
      weekly: right.weekly,
    });
    expect(await nameOf(rights.add({ _id: 'r2', cabinet: 'A', updatedAt: AT }))).to.equal('ValidationError');
    expect(await nameOf(rights.add({ ...right, _id: 'r3', userGroup: 'g' }))).to.equal('ValidationError');
  });

  it('a right that was withdrawn is told to those who look for changes, and to nobody else', async () => {
    await rights.add({ _id: 'r1', cabinet: 'A', user: 'u1', updatedAt: AT });
    await rights.add({ _id: 'r2', cabinet: 'A', userGroup: 'g', updatedAt: AT });
    expect(await rights.remove('r1', LATER, event('c1'))).to.equal(true);
    expect(await rights.remove('r1', LATER, event('c2'))).to.equal(false);
    expect((await rights.all()).map(({ _id }) => _id)).to.deep.equal(['r2']);
    expect((await rights.changedSince(LATER)).map(({ _id }) => _id)).to.deep.equal(['r1']);
    expect(await rights.all({ user: 'u1' })).to.deep.equal([]);
  });

  it('the events of changes wait in the document, those of each stream for themselves', async () => {
    await users.add(user('u1'));
    await users.change('u1', { name: 'One' }, LATER, event('c1'));
    await users.change('u1', { name: 'Two' }, LATER, event('c2', 'site/two'));
    await users.change('u1', { name: 'Three' }, LATER, event('c3'));
    const [found] = await users.unrecorded('site/one');
    expect(found?.unrecorded?.map(({ change }) => change)).to.deep.equal(['c1', 'c2', 'c3']);
    await users.recorded('u1', 'c1');
    await users.recorded('u1', 'c3');
    expect(await users.unrecorded('site/one')).to.deep.equal([]);
    expect(await users.unrecorded('site/two')).to.have.length(1);
  });

  it('a user is changed field by field; what is taken away is gone', async () => {
    await users.add(user('u1', { email: 'one@example.org', validUntil: LATER }));
    expect(await users.change('u1', { email: undefined, groups: ['g'] }, LATER)).to.equal(true);
    expect(await users.byId('u1')).to.deep.equal(
      user('u1', { groups: ['g'], validUntil: LATER, updatedAt: LATER }),
    );
    expect(await nameOf(users.change('u1', { email: 'nonsense' }, LATER))).to.equal('ValidationError');
    expect(await nameOf(users.change('u1', { name: ' ' }, LATER))).to.equal('ValidationError');
  });

  it('of somebody who was erased the id is left, and is nobody’s any more', async () => {
    await users.add(user('u1', { login: 'one', email: 'one@example.org', language: 'pl', validFrom: AT }));
    expect(await users.erase('u1', LATER, event('c1'))).to.equal(true);
    expect(await users.erase('u1', LATER, event('c2'))).to.equal(false);
    expect(await users.change('u1', { name: 'Again' }, LATER)).to.equal(false);
    expect([await users.byId('u1'), await users.byLogin('one'), await users.all()]).to.deep.equal([
      null,
      null,
      [],
    ]);
    expect(await users.exists('u1')).to.equal(true);
    expect(await users.changedSince(LATER)).to.deep.equal([
      {
        _id: 'u1',
        name: '',
        roles: [],
        groups: [],
        blocked: true,
        erasedAt: LATER,
        updatedAt: LATER,
        unrecorded: [event('c1')],
      },
    ]);
    await users.add(user('u2', { login: 'one' }));
  });

  it('an access by phone is found by either digest, and used once', async () => {
    const access: PhoneAccessDocument = {
      _id: 'p1',
      user: 'u1',
      cabinet: 'A',
      digests: ['d1', 'd2'],
      expiresAt: LATER,
    };
    await accesses.add(access);
    expect(await accesses.open(['d0', 'd2'], AT)).to.deep.equal(access);
    expect(await accesses.open(['d1'], LATER)).to.equal(null);
    const uses = await Promise.all([accesses.use('p1', AT), accesses.use('p1', AT), accesses.use('p1', AT)]);
    expect(uses.filter((used) => used)).to.have.length(1);
    expect(await accesses.open(['d1'], AT)).to.equal(null);
    await accesses.withdraw('u1');
    expect(await fresh.connection.collection('phone-accesses').countDocuments()).to.equal(1);
  });

  it('the keyring begins once and goes on one by one, whoever asks', async () => {
    expect(await keyrings.find()).to.equal(null);
    const begun = await Promise.all(['k1', 'kX', 'kY'].map((key) => keyrings.begin(key)));
    expect(new Set(begun.map(({ keys }) => keys[0])).size).to.equal(1);
    const moves = await Promise.all([keyrings.advance(1, 'k2'), keyrings.advance(1, 'kZ')]);
    expect(moves.filter((moved) => moved)).to.have.length(1);
    expect(await keyrings.advance(1, 'k3')).to.equal(false);
    expect(await keyrings.find()).to.have.property('generation', 2);
    expect((await keyrings.find())?.keys).to.have.length(2);
  });

  it('digests are lifted in batches, each unless it has changed meanwhile', async () => {
    const card = { user: 'u1', kind: 'card', blocked: false, updatedAt: AT } as const;
    for (const id of ['c1', 'c2', 'c3']) await credentials.add({ _id: id, digest: `old-${id}`, ...card });
    await credentials.add({ _id: 'c4', digest: 'new-c4', generation: 2, ...card });
    const batch = await credentials.olderThan(2, '', 2);
    expect(batch.map(({ _id }) => _id)).to.deep.equal(['c1', 'c2']);
    expect((await credentials.olderThan(2, 'c2', 2)).map(({ _id }) => _id)).to.deep.equal(['c3']);
    await credentials.lift(
      [
        { id: 'c1', from: 'old-c1', to: 'new-c1' },
        { id: 'c2', from: 'changed', to: 'new-c2' },
      ],
      2,
    );
    expect((await credentials.olderThan(2, '', 9)).map(({ _id }) => _id)).to.deep.equal(['c2', 'c3']);
    expect(await credentials.byId('c1')).to.include({ digest: 'new-c1', generation: 2 });
  });
});
