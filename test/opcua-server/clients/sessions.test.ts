import { expect } from 'chai';
import type { ClientSession, OPCUAClient } from 'node-opcua';
import { MOST_SESSIONS } from '../../../opcua-server/limits.ts';
import { AttackedServer } from '../support/attacked-server.ts';
import { ADMINISTRATOR, failureOf, OPERATOR, type TestClient } from '../support/client.ts';

describe('Sessions of OPC UA clients', function () {
  this.timeout(240_000);
  let attacked: AttackedServer;

  before(async () => {
    attacked = await AttackedServer.start();
  });

  after(() => attacked?.close());

  it('are fifty at once; the next client is told so, and nobody else notices', async () => {
    const { server } = attacked;
    // One is there: that of the client which is connected all the time.
    const clients: TestClient[] = [];
    for (let count = 0; count < 5; count += 1) clients.push(await server.connect(OPERATOR));
    const sessions: [OPCUAClient, ClientSession][] = clients.map(({ client, session }) => [client, session]);
    while (sessions.length < MOST_SESSIONS - 1) {
      const client = clients[sessions.length % clients.length]?.client;
      if (client) sessions.push([client, await client.createSession(OPERATOR)]);
    }
    expect(await failureOf(server.connect(ADMINISTRATOR))).to.contain('BadTooManySessions');
    expect(await failureOf(server.connect(OPERATOR))).to.contain('BadTooManySessions');
    const nodeId = clients[0]?.id('site/Name') ?? '';
    const read = await Promise.all(
      sessions.map(async ([, session]) => (await session.read({ nodeId })).value.value),
    );
    expect(new Set(read)).to.deep.equal(new Set(['Test site']));

    // One goes, another one comes.
    await sessions.at(-1)?.[1].close();
    const next = await server.connect(ADMINISTRATOR);
    expect((await next.read('site/Name')).value.value).to.equal('Test site');
    expect(await failureOf(server.connect(OPERATOR))).to.contain('BadTooManySessions');
    await server.disconnect();
  });

  it('that were opened without a log-in give way to those with one', async () => {
    const { server } = attacked;
    const client = await server.connect(OPERATOR);
    const below = client.client as unknown as {
      _createSession(created: (error: Error | null) => void): void;
    };
    for (let count = 0; count < MOST_SESSIONS; count += 1) {
      await new Promise((resolve) => below._createSession(resolve));
    }
    const next = await server.connect(ADMINISTRATOR);
    expect((await next.read('site/Name')).value.value).to.equal('Test site');
    expect((await client.read('site/Name')).value.value).to.equal('Test site');
  });
});
