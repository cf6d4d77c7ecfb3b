import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { AdministrationError } from '../../gateway/administration.ts';
import { type CommandAnswer, openCommandSocket } from '../../gateway/command-socket.ts';
import { connectLines } from '../../scripts/line-client.ts';
import { temporaryFolder } from '../support/store.ts';
import { GatewayAtWork } from './support/gateway-at-work.ts';
import { ADMINISTRATOR, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const DAY = 86_400_000;
const OLGA = { name: 'Olga', login: 'olga', roles: ['operator'], groups: [] } as const;

describe('API tokens', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let olga: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    work = await GatewayAtWork.start(stored);
    olga = await work.people.administration.addUser(OLGA, ADMINISTRATOR);
  });

  afterEach(async () => {
    await work.stop();
    await stored.renew();
  });

  const administration = () => work.people.administration;
  const tokens = () => administration().apiTokens;
  const rolesBy = (token: string): readonly string[] | undefined => tokens().bearerOf(token)?.principal.roles;

  async function codeOf(action: Promise<unknown>): Promise<string> {
    try {
      await action;
    } catch (error) {
      if (error instanceof AdministrationError) return error.code;
      throw error;
    }
    return 'taken';
  }

  it('let a program in as its user, with the roles of the moment', async () => {
    const made = await tokens().add(olga, { name: 'control room' }, ADMINISTRATOR);
    expect(made.validUntil).to.equal(stored.clock.now() + 365 * DAY);
    const bearer = {
      id: made.id,
      principal: { user: olga, login: 'olga', roles: ['operator'] },
    };
    expect(tokens().bearerOf(made.token)).to.deep.equal(bearer);
    expect(tokens().bearerBy(made.id)).to.deep.equal(bearer);
    await administration().addUser({ ...OLGA, login: 'ewa', roles: ['administrator'] }, ADMINISTRATOR);
    await administration().changeUser(olga, { roles: ['administrator'] }, ADMINISTRATOR);
    expect(rolesBy(made.token)).to.deep.equal(['administrator']);
    await administration().changeUser(olga, { roles: ['defined'] }, ADMINISTRATOR);
    expect(rolesBy(made.token)).to.deep.equal(['defined']);
  });

  it('let nobody in who is blocked or erased, nor by a token that is blocked or was taken away', async () => {
    const { id, token } = await tokens().add(olga, {}, ADMINISTRATOR);
    await administration().setUserBlocked(olga, true, ADMINISTRATOR);
    expect(rolesBy(token)).to.equal(undefined);
    expect(tokens().bearerBy(id)).to.equal(undefined);
    await administration().setUserBlocked(olga, false, ADMINISTRATOR);
    await administration().setCredentialBlocked(id, true, ADMINISTRATOR);
    expect(rolesBy(token)).to.equal(undefined);
    await administration().setCredentialBlocked(id, false, ADMINISTRATOR);
    expect(rolesBy(token)).to.deep.equal(['operator']);
    await tokens().remove(id, ADMINISTRATOR);
    expect(rolesBy(token)).to.equal(undefined);
    expect(await codeOf(tokens().remove(id, ADMINISTRATOR))).to.equal('api-token-unknown');
    const another = await tokens().add(olga, {}, ADMINISTRATOR);
    await administration().eraseUser(olga, ADMINISTRATOR);
    expect(rolesBy(another.token)).to.equal(undefined);
    expect(await tokens().list()).to.deep.equal([]);
  });

  it('end when their time is over', async () => {
    const { id, token } = await tokens().add(olga, { days: 1 }, ADMINISTRATOR);
    stored.clock.set(DAY - 1);
    expect(rolesBy(token)).to.deep.equal(['operator']);
    stored.clock.set(1);
    expect(rolesBy(token)).to.equal(undefined);
    expect(tokens().bearerBy(id)).to.equal(undefined);
    expect(
      (await tokens().list()).map((each) => each.id),
      'are still listed',
    ).to.deep.equal([id]);
  });

  it('are nothing but the very token', async () => {
    const { id, token } = await tokens().add(olga, {}, ADMINISTRATOR);
    const other = await tokens().add(olga, {}, ADMINISTRATOR);
    const card = { kind: 'card', value: '04A1B2C3' } as const;
    const credential = await administration().addCredential(olga, card, ADMINISTRATOR);
    const secret = token.slice(id.length + 1);
    expect(secret).to.match(/^[A-Za-z0-9_-]{43}$/);
    const wrong = ['', id, secret, `${id}.`, `${other.id}.${secret}`, `${token}A`, ` ${token}`, card.value];
    for (const each of wrong) expect(tokens().bearerOf(each), each).to.equal(undefined);
    expect(tokens().bearerBy(credential), 'a card is no token').to.equal(undefined);
    expect(await codeOf(tokens().remove(credential, ADMINISTRATOR))).to.equal('api-token-unknown');
  });

  it('identify nobody at a cabinet', async () => {
    const { token } = await tokens().add(olga, {}, ADMINISTRATOR);
    for (const kind of ['qr', 'barcode', 'phone'] as const) {
      const identity = await work.people.directory.identify({ kind, value: token }, { cabinet: 'A' });
      expect(identity.known, kind).to.equal(false);
    }
  });

  it('are stored as digests, outlive a start and a rotation of the key, and lose their name when they go', async () => {
    const { id, token } = await tokens().add(olga, { name: 'control room' }, ADMINISTRATOR);
    const { connection } = stored.fresh;
    for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
      const documents = await connection.collection(name).find().toArray();
      expect(JSON.stringify(documents), name).to.not.include(token.slice(id.length + 1));
    }
    await administration().rotateKey(ADMINISTRATOR);
    expect(rolesBy(token)).to.deep.equal(['operator']);
    await tokens().remove(id, ADMINISTRATOR);
    const left = await connection.collection('credentials').findOne({ _id: id as never });
    expect(left).to.not.have.any.keys('digest', 'name');
  });

  it('are known to another gateway of the same store', async () => {
    const { token } = await tokens().add(olga, {}, ADMINISTRATOR);
    const later = await startPeople(stored, { folder: 'another' });
    try {
      expect(later.administration.apiTokens.bearerOf(token)?.principal.user).to.equal(olga);
    } finally {
      await later.stop();
    }
  });

  it('are refused for nobody, for too long, with an endless name, and where there are too many', async () => {
    const add = (about: object, user = olga) => codeOf(tokens().add(user, about, ADMINISTRATOR));
    expect(await add({}, 'user-0')).to.equal('user-unknown');
    for (const days of [0, -1, 1.5, 1_826, Number.NaN]) expect(await add({ days })).to.equal('field-wrong');
    for (const name of ['', '  ', 'x'.repeat(129)]) expect(await add({ name })).to.equal('field-wrong');
    expect(await tokens().list()).to.deep.equal([]);
    for (let count = 0; count < 50; count += 1) expect(await add({ days: 1 })).to.equal('taken');
    expect(await add({})).to.equal('too-many-tokens');
  });

  it('are on record with their ids alone', async () => {
    const { id } = await tokens().add(olga, { name: 'control room' }, ADMINISTRATOR);
    await tokens().remove(id, ADMINISTRATOR);
    const events = (await stored.events('site')).filter(({ type }) => type.startsWith('credential'));
    expect(events.map(({ type }) => type)).to.deep.equal(['credential-added', 'credential-removed']);
    expect(events[0]?.data).to.deep.include({ credential: id, user: olga, kind: 'api-token' });
    expect(JSON.stringify(events)).to.not.include('control room');
  });

  it('are made and told once at the command line, listed and taken away', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'commands.sock');
    const socket = await openCommandSocket(path, work.gateway, administration());
    const ask = async (command: object): Promise<unknown> => {
      const client = await connectLines(path);
      try {
        client.send(command);
        const { value } = await stored.until(client.messages[Symbol.asyncIterator]().next());
        const answer = value as CommandAnswer;
        return answer.ok ? answer.result : answer.code;
      } finally {
        client.end();
      }
    };
    try {
      const least = stored.clock.now() + 30 * DAY;
      const made = (await ask({ do: 'add-api-token', user: olga, name: 'SCADA', days: 30 })) as {
        readonly id: string;
        readonly token: string;
        readonly validUntil: string;
      };
      const { validUntil } = made;
      expect(made).to.include({ user: olga });
      expect(Date.parse(validUntil)).to.be.within(least, stored.clock.now() + 30 * DAY);
      expect(rolesBy(made.token)).to.deep.equal(['operator']);
      const { id } = made;
      expect(await ask({ do: 'list-api-tokens' })).to.deep.equal([
        { id, user: olga, name: 'SCADA', blocked: false, validUntil },
      ]);
      expect(await ask({ do: 'list-credentials', user: olga })).to.deep.equal([
        { id, kind: 'api-token', name: 'SCADA', blocked: false, validUntil: Date.parse(validUntil) },
      ]);
      expect(await ask({ do: 'remove-api-token', token: id })).to.equal(null);
      expect(rolesBy(made.token)).to.equal(undefined);
      expect(await ask({ do: 'remove-api-token', token: id })).to.equal('api-token-unknown');
      expect(await ask({ do: 'add-api-token' })).to.equal('malformed');
      expect(await ask({ do: 'add-api-token', user: olga, days: null })).to.equal('malformed');
    } finally {
      await socket.close();
      await rm(folder, { recursive: true });
    }
  });
});
