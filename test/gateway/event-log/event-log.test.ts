import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LoggedEvent } from '../../../domain/event.ts';
import { EMPTY_STREAM } from '../../../gateway/event-log/chain.ts';
import { EventLog, LogUnavailable, StreamConflict } from '../../../gateway/event-log/event-log.ts';
import { Journal } from '../../../gateway/event-log/journal.ts';
import { EventRepository } from '../../../models/events.ts';
import { eventually } from '../../support/eventually.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { chainOf, following } from '../support/chains.ts';
import { type Fault, FaultyStore } from '../support/faulty-store.ts';

describe('the event log', () => {
  let fresh: FreshStore;
  let repository: EventRepository;
  let folder: string;
  let clock: ManualClock;
  let fault: Fault;
  let store: FaultyStore;
  let log: EventLog;
  let journal: Journal;

  before(async () => {
    fresh = await openFreshStore();
    repository = new EventRepository(fresh.connection);
    await repository.prepare();
  });

  after(() => fresh.remove());

  beforeEach(async () => {
    folder = await temporaryFolder();
    clock = new ManualClock();
    fault = 'none';
    await open();
  });

  afterEach(async () => {
    fault = 'none';
    await log.close();
    await rm(folder, { recursive: true });
    await fresh.empty();
  });

  /** Opens the log over what the journal holds. @param limit bytes of the journal */
  async function open(limit?: number): Promise<void> {
    const content = await Journal.open(join(folder, 'journal'), limit);
    journal = content.journal;
    store = new FaultyStore(repository, () => fault);
    log = new EventLog({ store, journal, waiting: content.waiting, clock });
  }

  async function stored(stream: string): Promise<readonly LoggedEvent[]> {
    return Array.fromAsync(repository.read(stream, 0));
  }

  /** Appends events of one stream as a stream does it: each once the one before is acknowledged. */
  async function appendAll(events: readonly LoggedEvent[]): Promise<void> {
    for (const event of events) await log.append(event);
  }

  /** Appends while the store does not answer in time. */
  async function appendLate(events: readonly LoggedEvent[]): Promise<void> {
    const appended = appendAll(events);
    let settled = false;
    void appended.finally(() => {
      settled = true;
    });
    while (!settled) await clock.advance(250);
    await appended;
  }

  /** Lets the log find out that the store answers again. */
  async function recovered(): Promise<void> {
    fault = 'none';
    for (let pause = 0; pause < 40 && log.health.store === 'down'; pause += 1) {
      await clock.advance(250);
      // The store is real: give it real time to answer before its patience runs out on the manual clock.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await eventually('the journal is shipped', () => log.health.waiting === 0);
  }

  it('stores events, and acknowledges each once it is there', async () => {
    const events = chainOf('cabinet/A', 3);
    await appendAll(events);
    expect(await stored('cabinet/A')).to.deep.equal(events);
    expect(log.health).to.deep.equal({
      store: 'ok',
      error: undefined,
      waiting: 0,
      journal: 'ok',
      conflicts: [],
    });
    expect(journal.size).to.equal(0);
  });

  it('lets many streams share a write', async () => {
    const streams = Array.from({ length: 100 }, (_, index) => chainOf(`cabinet/${index}`, 5));
    await Promise.all(streams.map(appendAll));
    for (const events of streams) expect(await stored(events[0]?.stream ?? '')).to.deep.equal(events);
    expect(store.appends.length).to.be.lessThan(50);
  });

  it('refuses a second writer of a stream, and only that', async () => {
    const [first, second] = chainOf('cabinet/A', 2) as [LoggedEvent, LoggedEvent];
    await log.append(first);
    const other = following('cabinet/A', first, { writer: 'another' });
    await repository.append([other]);
    const [refused, taken] = await Promise.allSettled([
      log.append(second),
      log.append(chainOf('cabinet/B', 1)[0] as LoggedEvent),
    ]);
    expect(refused).to.have.property('reason').that.is.instanceOf(StreamConflict);
    expect(taken.status).to.equal('fulfilled');
    expect(await stored('cabinet/A')).to.deep.equal([first, other]);
    expect(log.health.store).to.equal('ok');
  });

  for (const outage of ['refused', 'answer-lost', 'hangs', 'mute'] as const) {
    it(`keeps events in the journal while the store fails (${outage}), and ships them in order`, async () => {
      const events = chainOf('cabinet/A', 6);
      await appendAll(events.slice(0, 2));
      fault = outage;
      await appendLate(events.slice(2));
      expect(log.health).to.include({ store: 'down', waiting: 4, journal: 'ok' });
      expect(log.health.error).to.be.a('string');
      await recovered();
      expect(await stored('cabinet/A')).to.deep.equal(events);
      expect(log.health).to.include({ store: 'ok', error: undefined, waiting: 0 });
      expect(journal.size).to.equal(0);
      const [next] = chainOf('cabinet/A', 1, events.at(-1));
      await log.append(next as LoggedEvent);
      expect(journal.size).to.equal(0);
    });
  }

  it('tries again, less and less often, for as long as the store is away', async () => {
    fault = 'refused';
    await appendAll(chainOf('cabinet/A', 1));
    const pauses: number[] = [];
    while (pauses.length < 7) {
      const before = { at: clock.now(), calls: store.calls };
      while (store.calls === before.calls) await clock.advance(50);
      pauses.push(clock.now() - before.at);
      expect(log.health.error).to.equal('The database does not answer: connection refused');
    }
    expect(pauses).to.deep.equal([250, 500, 1_000, 2_000, 5_000, 5_000, 5_000]);
  });

  it('ships what an earlier run left before it takes anything new', async () => {
    const events = chainOf('cabinet/A', 1_200);
    fault = 'refused';
    await appendAll(events.slice(0, 20));
    await journal.append(events.slice(20, 1_199));
    await log.close();
    fault = 'none';
    await open();
    expect(log.health.waiting).to.equal(1_199);
    await log.ship();
    expect(log.health).to.include({ store: 'ok', waiting: 0 });
    await log.append(events[1_199] as LoggedEvent);
    expect(await stored('cabinet/A')).to.deep.equal(events);
    expect((await readFile(join(folder, 'journal', 'journal.log'))).length).to.equal(0);
  });

  it('says where the store does not answer to what an earlier run left, and keeps it', async () => {
    const events = chainOf('cabinet/A', 2);
    await journal.append(events);
    await log.close();
    fault = 'refused';
    await open();
    const refused = await log.ship().catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'store-unavailable');
    await log.close();
    await open();
    expect(log.health.waiting).to.equal(2);
  });

  it('ships again without harm what the store had taken, although a shipment is large and its answers get lost', async () => {
    const events = chainOf('cabinet/A', 1_500);
    await journal.append(events);
    await repository.append(events.slice(0, 700));
    await log.close();
    await open();
    fault = 'answer-lost';
    await log.ship().catch(() => {});
    fault = 'none';
    await log.ship();
    expect(await stored('cabinet/A')).to.deep.equal(events);
  });

  it('takes decisions of other streams while a long journal is shipped', async () => {
    const events = chainOf('cabinet/A', 3_000);
    await journal.append(events);
    await log.close();
    await open();
    fault = 'slow';
    const shipped = log.ship();
    const order: string[] = [];
    const others = Array.from({ length: 20 }, async (_, index) => {
      await appendAll(chainOf(`cabinet/${index}`, 3));
      order.push('decided');
    });
    await Promise.all([...others, shipped.then(() => order.push('shipped'))]);
    expect(order.indexOf('shipped')).to.be.at.least(1);
    await recovered();
    expect(await stored('cabinet/A')).to.deep.equal(events);
    for (let index = 0; index < 20; index += 1) {
      expect(await stored(`cabinet/${index}`)).to.deep.equal(chainOf(`cabinet/${index}`, 3));
    }
  });

  describe('where another writer has overtaken the journal', () => {
    const ours = chainOf('cabinet/A', 5);
    const theirs = following('cabinet/A', ours[1] as LoggedEvent, { writer: 'another' });
    const neighbour = chainOf('cabinet/B', 3);

    beforeEach(async () => {
      await appendAll(ours.slice(0, 2));
      fault = 'refused';
      await Promise.all([appendAll(ours.slice(2)), appendAll(neighbour)]);
      await repository.append([theirs]);
    });

    it('stores nothing behind the other, sets all of it aside, reports it, and ships the rest', async () => {
      await recovered();
      expect(await stored('cabinet/A')).to.deep.equal([...ours.slice(0, 2), theirs]);
      expect(await stored('cabinet/B')).to.deep.equal(neighbour);
      expect(log.health).to.deep.include({ store: 'ok', waiting: 0, conflicts: ['cabinet/A'] });
      expect(await setAside()).to.deep.equal(ours.slice(2));
      expect(journal.size).to.equal(0);
    });

    it('takes nothing more that follows from what was set aside', async () => {
      await recovered();
      const next = following('cabinet/A', ours.at(-1) as LoggedEvent);
      const refused = await log.append(next).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(StreamConflict);
      fault = 'refused';
      await log.append(following('cabinet/B', neighbour.at(-1) as LoggedEvent));
      const again = await log.append(next).catch((error: unknown) => error);
      expect(again).to.be.instanceOf(StreamConflict);
      await recovered();
      expect(await stored('cabinet/A')).to.deep.equal([...ours.slice(0, 2), theirs]);
      expect(await setAside()).to.deep.equal(ours.slice(2));
    });

    it('goes on after a restart from what the store has, through outages too', async () => {
      await log.close();
      fault = 'none';
      await open();
      await log.ship();
      expect(log.health.conflicts).to.deep.equal(['cabinet/A']);
      expect(await setAside()).to.deep.equal(ours.slice(2));
      const next = following('cabinet/A', theirs);
      fault = 'refused';
      await log.append(next);
      await recovered();
      expect(await stored('cabinet/A')).to.deep.equal([...ours.slice(0, 2), theirs, next]);
      expect(await setAside()).to.deep.equal(ours.slice(2));
    });

    it('sets aside what it must although the store goes away in between', async () => {
      const many = chainOf('cabinet/C', 900);
      await journal.append(many);
      await log.close();
      let calls = 0;
      const flaky = new FaultyStore(repository, () => {
        calls += 1;
        return calls === 2 ? 'refused' : 'none';
      });
      const content = await Journal.open(join(folder, 'journal'));
      log = new EventLog({ store: flaky, journal: content.journal, waiting: content.waiting, clock });
      await log.ship().catch(() => {});
      await log.ship();
      expect(await stored('cabinet/C')).to.deep.equal(many);
      expect(await setAside()).to.deep.equal(ours.slice(2));
    });

    async function setAside(): Promise<unknown[]> {
      const lines = await readFile(join(folder, 'journal', 'conflicts.jsonl'), 'utf8');
      return lines
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
    }
  });

  it('acknowledges nothing that neither store nor journal took, and is well again when they are', async () => {
    const events = chainOf('cabinet/A', 3);
    await log.close();
    await open(400);
    fault = 'refused';
    await log.append(events[0] as LoggedEvent);
    const refused = await log.append(events[1] as LoggedEvent).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(LogUnavailable);
    expect(refused).to.have.property('message').that.contains('Bring the database back');
    expect(log.health).to.include({ store: 'down', journal: 'failing', waiting: 1 });
    await recovered();
    expect(log.health).to.include({ store: 'ok', journal: 'ok', waiting: 0 });
    expect(await stored('cabinet/A')).to.deep.equal(events.slice(0, 1));
    await appendAll(events.slice(1));
    expect(await stored('cabinet/A')).to.deep.equal(events);
  });

  it('does not let more wait than it can keep', async () => {
    fault = 'slow';
    const appended = Array.from({ length: 11_000 }, (_, index) =>
      log.append(following(`cabinet/${index}`, EMPTY_STREAM)).then(
        () => 'stored',
        (error: unknown) => (error as LogUnavailable).code,
      ),
    );
    const outcomes = await Promise.all(appended);
    // 10,000 wait behind the few that are under way.
    const taken = outcomes.indexOf('log-unavailable');
    expect(taken).to.be.within(10_000, 10_100);
    expect(new Set(outcomes.slice(0, taken))).to.deep.equal(new Set(['stored']));
    expect(new Set(outcomes.slice(taken))).to.deep.equal(new Set(['log-unavailable']));
  });

  it('finishes what is under way when it is closed, and takes nothing more', async () => {
    const [first, second] = chainOf('cabinet/A', 2) as [LoggedEvent, LoggedEvent];
    fault = 'slow';
    const appended = log.append(first);
    await log.close();
    await appended;
    expect(await stored('cabinet/A')).to.deep.equal([first]);
    const refused = await log.append(second).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(LogUnavailable);
    await open();
  });
});
