import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AdministrationError } from '../../gateway/administration.ts';
import { Keyring, readKeys } from '../../gateway/keyring.ts';
import type { Scan } from '../../gateway/ports.ts';
import { hashSecret, SecretError } from '../../gateway/secrets.ts';
import type { CredentialDocument } from '../../models/credentials.ts';
import { ADMINISTRATOR, FIRST_KEY, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const CARD: Scan = { kind: 'card', value: '04A1B2C3' };
const PIN: Scan = { kind: 'pin', value: '73519' };
const OTHER_KEY = 'cd'.repeat(32);

describe('the rotation of the credential key', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
    const anna = { name: 'Anna', login: 'anna', roles: ['defined'], groups: [] } as const;
    user = await people.administration.addUser(anna, ADMINISTRATOR, [CARD, PIN]);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function documents(): Promise<CredentialDocument[]> {
    const { connection } = stored.fresh;
    return connection.collection<CredentialDocument>('credentials').find().sort({ _id: 1 }).toArray();
  }

  async function userOf(gateway: People, scan: Scan): Promise<string> {
    const identity = await gateway.directory.identify(scan);
    return identity.known ? identity.user.id : identity.refusal.code;
  }

  async function refusalOf(work: Promise<unknown>): Promise<Error> {
    return work.then(
      () => new Error('nothing was refused'),
      (error: Error) => error,
    );
  }

  it('puts every digest under a new key; everybody stays known, now and after a restart', async () => {
    const before = await documents();
    expect(await people.administration.rotateKey(ADMINISTRATOR)).to.deep.equal({
      generation: 2,
      lifted: 2,
      left: 0,
    });
    const after = await documents();
    for (const [index, { digest, generation }] of after.entries()) {
      expect(generation).to.equal(2);
      expect(digest).to.not.equal(before[index]?.digest);
    }
    for (const scan of [CARD, PIN]) expect(await userOf(people, scan)).to.equal(user);
    await people.administration.rotateKey(ADMINISTRATOR);
    await people.stop();
    people = await startPeople(stored, { keys: [] });
    for (const scan of [CARD, PIN]) expect(await userOf(people, scan)).to.equal(user);
    expect((await stored.events('site')).map(({ type }) => type)).to.include('credential-key-rotated');
  });

  it('knows what is added afterwards, and that a card is known already', async () => {
    const { administration } = people;
    await administration.rotateKey(ADMINISTRATOR);
    const refused = await refusalOf(administration.addCredential(user, CARD, ADMINISTRATOR));
    expect(refused).to.have.property('code', 'credential-taken');
    await administration.addCredential(user, { kind: 'card', value: '04A1B2C4' }, ADMINISTRATOR);
    expect(await userOf(people, { kind: 'card', value: '04A1B2C4' })).to.equal(user);
  });

  it('hashes a PIN and a password anew at their next use', async () => {
    const { administration, logins, ring } = people;
    const issued = await administration.issueOneTimePassword(user, ADMINISTRATOR);
    await administration.changePassword('anna', issued, 'correct horse battery');
    await administration.rotateKey(ADMINISTRATOR);
    const hashes = async (): Promise<string[]> =>
      (await documents()).flatMap(({ hash }) => (hash === undefined ? [] : [hash]));
    for (const hash of await hashes()) expect(hash).to.contain(`keyid=${ring.idOf(1)}$`);
    expect(await userOf(people, PIN)).to.equal(user);
    expect(await logins.authenticate('anna', 'correct horse battery')).to.deep.include({ user });
    while ((await hashes()).some((hash) => !hash.includes(`keyid=${ring.idOf(2)}$`))) await sleep(5);
    expect(await userOf(people, PIN)).to.equal(user);
    expect(await logins.authenticate('anna', 'correct horse battery')).to.deep.include({ user });
  });

  it('takes credentials as they were stored before there were generations', async () => {
    const collection = stored.fresh.connection.collection('credentials');
    await collection.updateMany({}, { $unset: { generation: 1 } });
    await collection.updateOne({ kind: 'pin' }, { $set: { hash: await hashSecret(PIN.value) } });
    await stored.fresh.connection.collection('keyrings').deleteMany({});
    await people.stop();
    people = await startPeople(stored);
    for (const scan of [CARD, PIN]) expect(await userOf(people, scan)).to.equal(user);
    expect(await people.administration.rotateKey(ADMINISTRATOR)).to.include({ lifted: 2 });
    for (const scan of [CARD, PIN]) expect(await userOf(people, scan)).to.equal(user);
  });

  it('is refused at start where the key files are those of another installation', async () => {
    const refused = await refusalOf(startPeople(stored, { keys: [OTHER_KEY], folder: 'foreign' }));
    expect(refused).to.be.instanceOf(SecretError);
    expect(refused.message).to.contain('credential-key is not the key').and.contain('Copy that file');
  });

  it('is refused at start where there is no key file, and makes none', async () => {
    const refused = await refusalOf(startPeople(stored, { keys: [], folder: 'empty' }));
    expect(refused).to.be.instanceOf(SecretError);
    expect(refused.message).to.contain('has no credential-key.').and.contain('backup');
    expect(await readKeys(join(stored.folder, 'empty'))).to.deep.equal([]);
    await stored.fresh.connection.collection('keyrings').deleteMany({});
    expect(await refusalOf(startPeople(stored, { keys: [], folder: 'empty' }))).to.be.instanceOf(SecretError);
  });

  it('is refused at start where the database is newer than the key files', async () => {
    await people.administration.rotateKey(ADMINISTRATOR);
    await people.administration.rotateKey(ADMINISTRATOR);
    const refused = await refusalOf(startPeople(stored, { folder: 'behind' }));
    expect(refused).to.be.instanceOf(SecretError);
    expect(refused.message)
      .to.contain('generation 3')
      .and.contain('credential-key-2, credential-key-3')
      .and.contain('Copy that');
  });

  it('uses a key that was prepared and not put in use when a rotation was killed', async () => {
    await people.stop();
    people = await startPeople(stored, { keys: [FIRST_KEY, OTHER_KEY] });
    expect(people.ring.generation).to.equal(1);
    expect(await userOf(people, CARD)).to.equal(user);
    await people.administration.rotateKey(ADMINISTRATOR);
    expect(await readKeys(people.dataFolder)).to.deep.equal([FIRST_KEY, OTHER_KEY]);
    expect(await userOf(people, CARD)).to.equal(user);
  });

  it('that was broken off after any number of digests is finished at the next start', async () => {
    await people.administration.rotateKey(ADMINISTRATOR);
    const [first] = await documents();
    const old = new Keyring([FIRST_KEY]).digest(
      first?.kind === 'pin' ? 'pin' : 'card',
      secretOf(first?.kind),
    );
    await stored.fresh.connection
      .collection<CredentialDocument>('credentials')
      .updateOne({ _id: first?._id ?? '' }, { $set: old });
    await people.stop();
    people = await startPeople(stored, { keys: [] });
    expect((await documents()).map(({ generation }) => generation)).to.deep.equal([2, 2]);
    for (const scan of [CARD, PIN]) expect(await userOf(people, scan)).to.equal(user);
  });

  function secretOf(kind: string | undefined): string {
    return kind === 'pin' ? PIN.value : CARD.value;
  }

  describe('by one of two gateways', () => {
    let other: People;

    beforeEach(async () => {
      other = await startPeople(stored, { folder: 'other' });
      await people.administration.rotateKey(ADMINISTRATOR);
      await other.directory.refresh();
    });

    afterEach(() => other.stop());

    it('leaves everybody known at the other, which asks for the key once', async () => {
      await other.directory.refresh();
      for (const scan of [CARD, PIN]) expect(await userOf(other, scan)).to.equal(user);
      expect(other.troubles).to.have.length(1);
      expect(other.troubles[0]).to.contain('credential-key-2').and.contain('new people are not known');
    });

    it('lets blocks and removals through to the other', async () => {
      const [card] = await people.administration.credentialsOf(user);
      await people.administration.setCredentialBlocked(card?.id ?? '', true, ADMINISTRATOR);
      await other.directory.refresh();
      const kind = card?.kind === 'pin' ? PIN : CARD;
      expect(await userOf(other, kind)).to.equal('credential-blocked');
      await people.administration.removeCredential(card?.id ?? '', ADMINISTRATOR);
      await other.directory.refresh();
      expect(await userOf(other, kind)).to.equal('unknown-credential');
    });

    it('is taken over by the other as soon as it has the key', async () => {
      const added: Scan = { kind: 'card', value: '04A1B2C5' };
      await people.administration.addCredential(user, added, ADMINISTRATOR);
      await other.directory.refresh();
      expect(await userOf(other, added)).to.equal('unknown-credential');
      await copyFile(
        join(people.dataFolder, 'secrets', 'credential-key-2'),
        join(other.dataFolder, 'secrets', 'credential-key-2'),
      );
      await other.directory.refresh();
      for (const scan of [CARD, PIN, added]) expect(await userOf(other, scan)).to.equal(user);
    });

    it('is not taken over with another key of that name', async () => {
      await writeFile(join(other.dataFolder, 'secrets', 'credential-key-2'), OTHER_KEY);
      await other.directory.refresh();
      expect(other.ring.generation).to.equal(1);
      expect(await userOf(other, CARD)).to.equal(user);
      const refused = await refusalOf(other.administration.rotateKey(ADMINISTRATOR));
      expect(refused).to.be.instanceOf(AdministrationError).with.property('code', 'keys-missing');
    });
  });

  it('is found whole or finished after it was killed in the middle, again and again', async () => {
    const cards = await manyCards(1_200);
    for (const delay of [0, 3, 12, 30]) {
      await rotateInChild(delay);
      await people.stop();
      people = await startPeople(stored, { keys: [] });
      const { generation } = people.ring;
      expect(new Set((await documents()).map((each) => each.generation ?? 1))).to.deep.equal(
        new Set([generation]),
      );
      for (const value of cards) expect(await userOf(people, { kind: 'card', value })).to.equal(user);
    }
  });

  async function manyCards(count: number): Promise<string[]> {
    const values = Array.from({ length: count }, (_, index) =>
      index.toString(16).toUpperCase().padStart(8, '0'),
    );
    await stored.fresh.connection.collection<CredentialDocument>('credentials').insertMany(
      values.map((value, index) => ({
        _id: `card-${index}`,
        user,
        kind: 'card',
        ...people.ring.digest('card', value),
        blocked: false,
        updatedAt: new Date(stored.clock.now()),
      })),
    );
    await people.directory.refresh();
    return values;
  }

  /** Another process rotates, and is killed some milliseconds after it began. */
  async function rotateInChild(delay: number): Promise<void> {
    const child: ChildProcess = spawn(
      process.execPath,
      [
        new URL('./support/key-rotation-host.ts', import.meta.url).pathname,
        stored.fresh.uri,
        people.dataFolder,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise<void>((resolve) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', () => resolve());
    });
    await sleep(delay);
    child.kill('SIGKILL');
    await ended;
  }

  it('leaves no draft of a key behind', async () => {
    await people.administration.rotateKey(ADMINISTRATOR);
    const names = await readdir(join(people.dataFolder, 'secrets'));
    expect(names.sort()).to.deep.equal(['credential-key', 'credential-key-2']);
  });
});
