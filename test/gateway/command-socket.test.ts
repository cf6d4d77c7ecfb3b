import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import type { LoggedEvent } from '../../domain/event.ts';
import type { CompartmentOccupancy, Possession } from '../../gateway/api.ts';
import { type CommandAnswer, type FollowedEvent, openCommandSocket } from '../../gateway/command-socket.ts';
import type { LineSocket } from '../../gateway/line-socket.ts';
import { temporaryFolder } from '../support/store.ts';
import { card, GatewayAtWork } from './support/gateway-at-work.ts';
import { StoredLog } from './support/stored-log.ts';

interface Page {
  readonly events: readonly LoggedEvent[];
  readonly next?: string;
}

describe('the command socket', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let folder: string;
  let path: string;
  let socket: LineSocket;
  let client: Socket;
  let answers: AsyncIterator<string>;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    work = await GatewayAtWork.start(stored);
    folder = await temporaryFolder();
    path = join(folder, 'commands.sock');
    socket = await openCommandSocket(path, work.gateway, work.people.administration);
    client = connect(path);
    client.on('error', () => client.destroy());
    await once(client, 'connect');
    answers = createInterface({ input: client })[Symbol.asyncIterator]();
  });

  afterEach(async () => {
    client.destroy();
    await socket.close();
    await work.stop();
    await stored.renew();
    await rm(folder, { recursive: true });
  });

  async function next(): Promise<unknown> {
    const { value } = (await stored.until(answers.next())) as { value: string };
    return JSON.parse(value);
  }

  async function ask(command: object | string): Promise<CommandAnswer> {
    client.write(`${typeof command === 'string' ? command : JSON.stringify(command)}\n`);
    return (await next()) as CommandAnswer;
  }

  async function asked<Result>(command: object): Promise<Result> {
    const answer = await ask(command);
    if (!answer.ok) throw new Error(answer.message);
    return answer.result as Result;
  }

  it('can be opened by its owner alone', async () => {
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
  });

  it('administers people, credentials and items', async () => {
    const person = { name: 'Anna', login: 'anna', roles: ['defined'], groups: ['staff'] };
    const { user } = await asked<{ user: string }>({ do: 'add-user', ...person });
    const { credential } = await asked<{ credential: string }>({ do: 'add-credential', user, ...card(1) });
    expect(await asked({ do: 'list-users' })).to.deep.equal([{ id: user, ...person, blocked: false }]);
    expect(await asked({ do: 'one-time-password', login: 'anna' })).to.have.property('password');
    expect(await asked({ do: 'add-item', name: 'Drill', tag: '04A1B2C3', tagKind: 'nfc' })).to.have.property(
      'item',
    );
    for (const verb of ['block', 'unblock']) {
      expect(await asked({ do: `${verb}-user`, user })).to.equal(null);
      expect(await asked({ do: `${verb}-credential`, credential })).to.equal(null);
    }
    const events = await stored.events('site');
    expect(new Set(events.map(({ actor }) => actor.kind))).to.deep.equal(new Set(['machine']));
    expect(events).to.have.length(8);
  });

  it('works the compartments', async () => {
    const place = { cabinet: 'A', compartment: 2, reason: 'service' };
    expect(await asked({ do: 'open', ...place })).to.include({ compartment: 2 });
    await asked({ do: 'block', ...place });
    await asked({ do: 'unblock', ...place });
    expect(await ask({ do: 'release', ...place })).to.include({ ok: false, code: 'compartment-free' });
    expect(await ask({ do: 'return-to-service', ...place })).to.include({ code: 'compartment-in-service' });
    expect(await ask({ do: 'assign', ...place, user: 'user-0' })).to.include({ code: 'user-unknown' });
    expect(await ask({ do: 'withdraw', ...place, user: 'user-0' })).to.include({ code: 'compartment-free' });
  });

  it('tells whoever follows of every event', async () => {
    expect(await asked({ do: 'follow' })).to.equal('following');
    await work.serve(card(99));
    expect((await next()) as FollowedEvent).to.deep.include({
      stream: 'cabinet/A',
      seq: 3,
      type: 'access-refused',
    });
  });

  it('names in words what whoever was turned away is told', async () => {
    await work.person('Anna', card(1));
    work.board.answering(false);
    await stored.pass(100);
    await asked({ do: 'follow' });
    await work.serve(card(1));
    expect((await next()) as FollowedEvent)
      .to.have.property('text')
      .that.contains('cabinet A');
    for (let wrong = 0; wrong < 6; wrong += 1) await work.identify({ kind: 'pin', value: '0000' });
    let last = {} as FollowedEvent;
    for (let wrong = 0; wrong < 6; wrong += 1) last = (await next()) as FollowedEvent;
    expect(last.data['reason']).to.equal('too-many-attempts');
    expect(last.text).to.match(/wait (?:29|30) s/);
  });

  it('tells whoever follows nothing that proves a code', async () => {
    const change = { cabinet: 'A', schema: '5.2', dryRun: false, force: false, reason: 'new tenant' };
    await asked({ do: 'change-mode', ...change });
    await asked({ do: 'follow' });
    client.write(
      `${JSON.stringify({ do: 'assign-code', cabinet: 'A', compartment: 1, pin: '25801470', reason: 'gym' })}\n`,
    );
    const followed = (await next()) as FollowedEvent;
    expect(followed.type).to.equal('code-assigned');
    expect(JSON.stringify(followed)).to.not.include('argon2').and.not.include('25801470');
    expect(await next()).to.include({ ok: true });
  });

  it('answers what is taken, who has what, and what happened', async () => {
    const person = await work.person('Anna', card(1));
    const granted = await work.serve(card(1));
    expect(granted.ok).to.equal(true);
    const { compartments } = await asked<{ compartments: CompartmentOccupancy[] }>({
      do: 'occupancy',
      cabinet: 'A',
    });
    expect(compartments.filter(({ taken }) => taken.length > 0)).to.have.lengthOf(1);
    expect(compartments[0]).to.deep.include({ compartment: 1, taken: ['allocation'], holders: [person] });
    const { possessions } = await asked<{ possessions: Possession[] }>({ do: 'who-has', user: person });
    expect(possessions).to.have.lengthOf(1);
    expect(possessions[0]).to.include({ kind: 'allocation', cabinet: 'A', compartment: 1, user: person });
    expect(await asked({ do: 'who-has', item: 'drill' })).to.deep.equal({ possessions: [] });

    const query = { user: person, cabinet: 'A', limit: 1 };
    const first = await asked<Page>({ do: 'events', query });
    const second = await asked<Page>({ do: 'events', query: { ...query, after: first.next } });
    expect([...first.events, ...second.events].map(({ type }) => type)).to.deep.equal([
      'door-opened',
      'compartment-granted',
    ]);
    expect(second).not.to.have.property('next');
    const added = await asked<Page>({ do: 'events', query: { user: person, types: ['user-added'] } });
    expect(added.events).to.have.lengthOf(1);
  });

  it('says what is wrong with a question', async () => {
    expect(await ask({ do: 'occupancy', cabinet: 'Z' })).to.include({ ok: false, code: 'cabinet-unknown' });
    expect(await ask({ do: 'who-has', person: 'ada' })).to.include({ ok: false, code: 'malformed' });
    expect(await ask({ do: 'events', query: { limit: 5_000 } })).to.deep.equal({
      ok: false,
      code: 'query-malformed',
      message: 'The query is not understood: limit must be <= 1000.',
    });
  });

  for (const line of [
    'open A 2',
    '[]',
    'null',
    '{}',
    '{"do":"shut-down"}',
    '{"do":"open","cabinet":"A","compartment":0,"reason":"x"}',
    '{"do":"open","cabinet":"A","compartment":2}',
    '{"do":"list-users","more":1}',
    '{"do":"add-user","name":"Bob","roles":["king"],"groups":[]}',
  ]) {
    it(`does not take ${line}, and goes on`, async () => {
      const answer = await ask(line);
      expect(answer.ok).to.equal(false);
      expect(answer).to.have.property('message').that.is.a('string').and.not.equal('');
      expect(await asked({ do: 'list-users' })).to.deep.equal([]);
      expect(work.board.pulses).to.deep.equal([]);
    });
  }

  it('says with its code what cannot be done', async () => {
    expect(await ask({ do: 'block-user', user: 'user-0' })).to.include({ ok: false, code: 'user-unknown' });
    expect(await ask({ do: 'one-time-password', login: 'bob' })).to.include({
      ok: false,
      code: 'user-unknown',
    });
  });

  it('disconnects a client whose line does not end', async () => {
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.write('x'.repeat(100_000));
    await closed;
    const other = connect(path);
    await once(other, 'connect');
    other.destroy();
  });
});
