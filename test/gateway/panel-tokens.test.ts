import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CommandAnswer, openCommandSocket } from '../../gateway/command-socket.ts';
import type { LineSocket } from '../../gateway/line-socket.ts';
import { connectLines } from '../../scripts/line-client.ts';
import { temporaryFolder } from '../support/store.ts';
import { GatewayAtWork } from './support/gateway-at-work.ts';
import { ADMINISTRATOR, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

describe('the tokens of panels', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    work = await GatewayAtWork.start(stored);
  });

  afterEach(async () => {
    await work.stop();
    await stored.renew();
  });

  const tokens = () => work.people.administration.panelTokens;

  it('are good for one panel, until they are taken away', async () => {
    const first = await tokens().add('panel', ADMINISTRATOR);
    const second = await tokens().add('back', ADMINISTRATOR);
    expect(tokens().rightOf(first.token)).to.deep.equal({ id: first.id, panel: 'panel' });
    expect(tokens().rightOf(second.token)).to.deep.equal({ id: second.id, panel: 'back' });
    const told: string[] = [];
    const stop = tokens().onRemoved((id) => told.push(id));
    await tokens().remove(first.id, ADMINISTRATOR);
    stop();
    await tokens().remove(second.id, ADMINISTRATOR);
    expect(told).to.deep.equal([first.id]);
    expect([first, second].map(({ token }) => tokens().rightOf(token))).to.deep.equal([undefined, undefined]);
    expect(tokens().list()).to.deep.equal([]);
  });

  it('are nothing but the very token', async () => {
    const { id, token } = await tokens().add('panel', ADMINISTRATOR);
    const other = await tokens().add('panel', ADMINISTRATOR);
    const secret = token.slice(id.length + 1);
    expect(secret).to.match(/^[A-Za-z0-9_-]{43}$/);
    for (const wrong of ['', id, secret, `${id}.`, `${other.id}.${secret}`, `${token}A`, ` ${token}`]) {
      expect(tokens().rightOf(wrong), wrong).to.equal(undefined);
    }
  });

  it('are stored as digests, and are known after a start', async () => {
    const { id, token } = await tokens().add('panel', ADMINISTRATOR);
    const gone = await tokens().add('panel', ADMINISTRATOR);
    await tokens().remove(gone.id, ADMINISTRATOR);
    const collections = (await stored.fresh.connection.db?.listCollections().toArray()) ?? [];
    for (const { name } of collections) {
      const documents = await stored.fresh.connection.collection(name).find().toArray();
      expect(JSON.stringify(documents), name).to.not.include(token.slice(id.length + 1));
    }
    const later = await startPeople(stored, { folder: 'another' });
    try {
      const { panelTokens } = later.administration;
      expect(panelTokens.rightOf(token)).to.deep.equal({ id, panel: 'panel' });
      expect(panelTokens.rightOf(gone.token)).to.equal(undefined);
      expect(panelTokens.list()).to.deep.equal(tokens().list());
    } finally {
      await later.stop();
    }
  });

  it('are on record with their ids alone', async () => {
    const { id } = await tokens().add('panel', ADMINISTRATOR);
    await tokens().remove(id, ADMINISTRATOR);
    const events = await Array.fromAsync(stored.store.read('site', 0));
    const own = events.filter(({ type }) => type.startsWith('panel-token'));
    expect(own.map(({ type }) => type)).to.deep.equal(['panel-token-added', 'panel-token-removed']);
    for (const { data, actor } of own) {
      expect(data).to.include({ token: id, panel: 'panel' });
      expect(data).to.have.all.keys('token', 'panel', 'change');
      expect(actor).to.deep.equal(ADMINISTRATOR);
    }
  });

  describe('at the command line', () => {
    let folder: string;
    let path: string;
    let socket: LineSocket;

    beforeEach(async () => {
      folder = await temporaryFolder();
      path = join(folder, 'commands.sock');
      socket = await openCommandSocket(path, work.gateway, work.people.administration);
    });

    afterEach(async () => {
      await socket.close();
      await rm(folder, { recursive: true });
    });

    async function ask<Result>(command: object): Promise<Result> {
      const client = await connectLines(path);
      try {
        client.send(command);
        const { value } = await stored.until(client.messages[Symbol.asyncIterator]().next());
        const answer = value as CommandAnswer;
        return (answer.ok ? answer.result : answer.code) as Result;
      } finally {
        client.end();
      }
    }

    it('are made and told once, listed and taken away', async () => {
      const made = await ask<{ id: string; panel: string; token: string }>({
        do: 'add-panel-token',
        panel: 'panel',
      });
      expect(tokens().rightOf(made.token)).to.deep.equal({ id: made.id, panel: 'panel' });
      const listed = await ask<readonly object[]>({ do: 'list-panel-tokens' });
      expect(listed).to.have.length(1);
      expect(listed[0]).to.have.all.keys('id', 'panel', 'createdAt');
      expect(await ask({ do: 'remove-panel-token', token: made.id })).to.equal(null);
      expect(tokens().rightOf(made.token)).to.equal(undefined);
    });

    it('are refused for a panel that there is not, and not removed twice', async () => {
      expect(await ask({ do: 'add-panel-token', panel: 'cellar' })).to.equal('panel-unknown');
      expect(await ask({ do: 'add-panel-token' })).to.equal('malformed');
      expect(await ask({ do: 'remove-panel-token', token: 'panel-token-0' })).to.equal('panel-token-unknown');
    });
  });
});
