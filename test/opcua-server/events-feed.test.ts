import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { GATEWAY } from '../../domain/event.ts';
import { SiteFeed } from '../../opcua-server/feed.ts';
import { LoggedFeed } from '../../opcua-server/logged-feed.ts';
import type { ToThread } from '../../opcua-server/protocol.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

type Show = Extract<ToThread, { kind: 'show' }>;
type Logged = Extract<ToThread, { kind: 'logged' }>;

const SOURCE = { source: 'compartment', cabinet: 'A', compartment: 1 } as const;

describe('the feed of alarms to the OPC UA thread', () => {
  let gateway: MemoryGateway;
  let feed: SiteFeed;
  let batches: Show[];

  beforeEach(() => {
    gateway = new MemoryGateway({ A: 2 });
    feed = new SiteFeed(gateway);
    batches = [];
  });

  afterEach(() => {
    feed.close();
    gateway.alarms.stop();
  });

  const sign = (what: 'raised' | 'over', part: string) =>
    gateway.alarms.record([{ signs: () => [{ sign: what, kind: 'lock-fault', source: SOURCE, part }] }]);
  const told = (batch: Show | undefined) =>
    batch?.alarms.map(({ alarm, kept }) => `${alarm.part} ${alarm.revision}${kept ? '' : ' forgotten'}`);

  it('begins with the whole book, and tells every change in order', async () => {
    await sign('raised', 'a');
    expect(feed.snapshot().alarms.map(({ id }) => id)).to.deep.equal(['lock-fault@A/1:a']);
    feed.connect((batch) => batches.push(batch));
    await sign('over', 'a');
    await sign('raised', 'b');
    await gateway.alarms.command(
      { do: 'acknowledge', alarm: 'lock-fault@A/1:a' },
      { kind: 'machine', id: 'flow:1' },
    );
    await turn();
    expect(batches.flatMap((batch) => told(batch) ?? [])).to.deep.equal(['a 2', 'b 1', 'a 3 forgotten']);
  });

  it('keeps the last change of each alarm where the thread takes none, and few of the others', async () => {
    feed.snapshot();
    feed.connect((batch) => batches.push(batch));
    await sign('raised', 'a');
    await turn();
    expect(batches).to.have.length(1);
    for (let index = 0; index < 1_500; index += 1) {
      await sign('over', 'a');
      await sign('raised', 'a');
    }
    await sign('raised', 'last');
    feed.shown(batches[0]?.batch ?? 0);
    const waited = told(batches[1]) ?? [];
    expect(waited).to.have.length(2_001);
    expect(waited.slice(0, 2)).to.deep.equal(['a 2', 'a 3']);
    expect(waited.slice(-2)).to.deep.equal(['a 3001', 'last 1']);
  });
});

describe('the feed of logged events to the OPC UA thread', () => {
  let gateway: MemoryGateway;
  let feed: LoggedFeed;
  let batches: Logged[];

  beforeEach(() => {
    gateway = new MemoryGateway({ A: 2 });
    batches = [];
    feed = new LoggedFeed(gateway, (batch) => batches.push(batch));
  });

  afterEach(() => {
    feed.close();
    gateway.alarms.stop();
  });

  const happens = () =>
    gateway.append('A', { type: 'door-opened', actor: GATEWAY, data: { compartment: 1, grant: 'g' } });
  const numbers = (batch: Logged | undefined) => batch?.events.map(({ seq }) => seq);

  it('sends nothing while nobody listens', async () => {
    happens();
    feed.listen(true);
    happens();
    happens();
    await turn();
    feed.listen(false);
    happens();
    await turn();
    expect(batches.map(numbers)).to.deep.equal([[3, 4]]);
    expect(gateway.listeners).to.equal(0);
  });

  it('sends one batch at a time', async () => {
    feed.listen(true);
    happens();
    await turn();
    happens();
    await turn();
    happens();
    await turn();
    expect(batches).to.have.length(1);
    feed.taken();
    await turn();
    expect(batches.map(numbers)).to.deep.equal([[2], [3, 4]]);
    feed.taken();
    await turn();
    expect(batches).to.have.length(2);
  });

  it('leaves the oldest out where too many wait, and says so', async () => {
    feed.listen(true);
    happens();
    await turn();
    for (let index = 0; index < 2_001; index += 1) happens();
    feed.taken();
    await turn();
    expect(batches.map(({ gap }) => gap)).to.deep.equal([false, true]);
    expect(batches[1]?.events).to.have.length(2_000);
    expect(batches[1]?.events.at(0)?.seq).to.equal(4);
    expect(batches[1]?.events.at(-1)?.seq).to.equal(2_003);
  });
});
