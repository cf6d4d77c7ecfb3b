import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { type CommandAnswer, openCommandSocket } from '../../gateway/command-socket.ts';
import type { ImportMessage } from '../../gateway/commands/people.ts';
import type { LineSocket } from '../../gateway/line-socket.ts';
import { temporaryFolder } from '../support/store.ts';
import { card, GatewayAtWork } from './support/gateway-at-work.ts';
import { StoredLog } from './support/stored-log.ts';

describe('the commands about people', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let folder: string;
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
    const path = join(folder, 'commands.sock');
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

  async function ask(command: object): Promise<CommandAnswer> {
    client.write(`${JSON.stringify(command)}\n`);
    return (await next()) as CommandAnswer;
  }

  async function asked<Result>(command: object): Promise<Result> {
    const answer = await ask(command);
    if (!answer.ok) throw new Error(answer.message);
    return answer.result as Result;
  }

  async function anna(): Promise<string> {
    const command = {
      do: 'add-user',
      name: 'Anna',
      roles: ['defined'],
      groups: [],
      validUntil: '2027-01-31',
    };
    return (await asked<{ user: string }>(command)).user;
  }

  it('change, list and erase', async () => {
    const user = await anna();
    const patch = { email: 'anna@example.org', language: 'pl', groups: ['staff'], validUntil: null };
    expect(await asked({ do: 'change-user', user, ...patch, validFrom: '2026-01-01T00:00Z' })).to.equal(null);
    expect(await asked({ do: 'list-users' })).to.deep.equal([
      {
        id: user,
        name: 'Anna',
        email: 'anna@example.org',
        language: 'pl',
        roles: ['defined'],
        groups: ['staff'],
        blocked: false,
        validFrom: '2026-01-01T00:00:00.000Z',
      },
    ]);
    await asked({ do: 'erase-user', user });
    expect(await asked({ do: 'list-users' })).to.deep.equal([]);
    expect(await ask({ do: 'erase-user', user })).to.include({ ok: false, code: 'user-unknown' });
  });

  it('give credentials of every kind, list and remove them', async () => {
    const user = await anna();
    const add = (more: object) => asked<{ credential: string }>({ do: 'add-credential', user, ...more });
    const { credential } = await add({ ...card(1), validFrom: '2026-01-01', validUntil: '2026-12-31' });
    await add({ kind: 'ibutton', value: '021cb801000000a2' });
    await add({ kind: 'pin', value: '73519', duress: true });
    const list = await asked<object[]>({ do: 'list-credentials', user });
    expect(list).to.have.length(3);
    expect(JSON.stringify(list)).to.not.contain('73519');
    await asked({ do: 'remove-credential', credential });
    expect(await asked<object[]>({ do: 'list-credentials', user })).to.have.length(2);
    expect(await ask({ do: 'add-credential', user, kind: 'pin', value: '123' })).to.include({
      code: 'pin-malformed',
    });
  });

  it('give, list and withdraw rights', async () => {
    const user = await anna();
    const weekly = [{ days: [1, 2], from: '22:00', to: '06:00' }];
    const right = { cabinet: 'A', user, pick: true, weekly, validUntil: '2026-12-31T00:00Z' };
    const given = await asked<{ right: string }>({ do: 'add-right', ...right });
    expect(await asked({ do: 'list-rights', user })).to.deep.equal([
      { id: given.right, ...right, validUntil: Date.UTC(2026, 11, 31) },
    ]);
    await asked({ do: 'remove-right', right: given.right });
    expect(await asked({ do: 'list-rights' })).to.deep.equal([]);
  });

  it('give access by phone, and rotate the key', async () => {
    const user = await anna();
    const access = await asked<{ code: string }>({ do: 'phone-access', user, cabinet: 'A', minutes: 15 });
    expect(access.code).to.match(/^\d{8}$/);
    expect(await asked({ do: 'rotate-key' })).to.deep.equal({ generation: 2, lifted: 0, left: 0 });
  });

  it('import a file, telling of each line before the answer', async () => {
    const file = join(folder, 'users.csv');
    await writeFile(file, 'name,card\nAnna,04A1B2C3\nBert,x\nCarl,04A1B2C4\n');
    client.write(`${JSON.stringify({ do: 'import', file, dryRun: false })}\n`);
    const lines: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { progress } = (await next()) as ImportMessage;
      lines.push(`${progress.report.line} ${progress.report.status} ${progress.done}/${progress.total}`);
    }
    expect(lines).to.deep.equal(['2 ok 1/3', '3 error 2/3', '4 ok 3/3']);
    const answer = (await next()) as CommandAnswer;
    expect(answer).to.deep.equal({ ok: true, result: { dryRun: false, total: 3, added: 2, refused: 1 } });
    expect(await asked<object[]>({ do: 'list-users' })).to.have.length(2);
  });

  it('tell a slow reader of a long import everything, and are not filled up by it', async () => {
    const file = join(folder, 'users.csv');
    await writeFile(file, `name,roles\n${'Person,king\n'.repeat(20_000)}`);
    client.pause();
    client.write(`${JSON.stringify({ do: 'import', file, dryRun: true })}\n`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.resume();
    let told = 0;
    for await (const line of { [Symbol.asyncIterator]: () => answers }) {
      const message = JSON.parse(line) as ImportMessage | CommandAnswer;
      if ('ok' in message) {
        expect(message).to.deep.equal({
          ok: true,
          result: { dryRun: true, total: 20_000, added: 0, refused: 20_000 },
        });
        break;
      }
      told += 1;
    }
    expect(told).to.equal(20_000);
  });

  for (const command of [
    { do: 'add-user', name: 'Bob', roles: ['king'], groups: [] },
    { do: 'add-user', name: 'Bob', roles: [], groups: [], validUntil: 'soon' },
    { do: 'add-credential', user: 'user-0', kind: 'password', value: 'x' },
    { do: 'add-credential', user: 'user-0', kind: 'card', value: 4 },
    { do: 'change-user', name: 'Bob' },
    { do: 'phone-access', user: 'user-0', cabinet: 'A', minutes: 0 },
    { do: 'import', file: '/nothing.csv' },
    { do: 'import', file: '/nothing.csv', dryRun: true },
    { do: 'add-right', cabinet: 'A', user: 'user-0', weekly: 'always' },
    { do: 'list-rights', site: 'works' },
  ]) {
    it(`do not take ${JSON.stringify(command)}`, async () => {
      const answer = await ask(command);
      expect(answer.ok).to.equal(false);
      expect(answer)
        .to.have.property('message')
        .that.matches(/^[A-Z"/].*\.$/);
      expect(await asked({ do: 'list-users' })).to.deep.equal([]);
    });
  }
});
