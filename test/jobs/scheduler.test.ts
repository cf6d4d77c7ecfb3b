import { expect } from 'chai';
import type { SiteEvent } from '../../gateway/administration.ts';
import type { JobContext } from '../../jobs/job.ts';
import { openScheduler, type Scheduler } from '../../jobs/scheduler.ts';
import { EventRepository } from '../../models/events.ts';
import { chainOf } from '../gateway/support/chains.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshStore, openFreshStore } from '../support/store.ts';

describe('the job that verifies the log', () => {
  let fresh: FreshStore;
  let store: EventRepository;
  let scheduler: Scheduler;
  let recorded: SiteEvent[];
  let notices: string[];
  let recording: boolean;
  /** While set, whoever records waits for it. */
  let held: Promise<void> | undefined;

  beforeEach(async () => {
    fresh = await openFreshStore();
    store = new EventRepository(fresh.connection);
    await store.prepare();
    await store.append([...chainOf('cabinet/A', 5), ...chainOf('cabinet/B', 3)]);
    recorded = [];
    notices = [];
    recording = false;
    held = undefined;
    const { db } = fresh.connection;
    if (!db) throw new Error('not connected');
    const context: Omit<JobContext, 'alive'> = {
      store,
      record: async (event) => {
        recording = true;
        await held;
        recorded.push(event);
      },
      notice: (message) => void notices.push(message),
      eraseExpiredUsers: () => Promise.resolve(['user-1', 'user-2']),
      codeMail: { work: () => Promise.resolve(undefined) },
    };
    scheduler = await openScheduler(db, {
      timeZone: 'Europe/Warsaw',
      gateway: 'gateway-1',
      lookEvery: 200,
    });
    await scheduler.start(context);
  });

  afterEach(async () => {
    await scheduler.stop();
    await fresh.remove();
  });

  async function verified(): Promise<SiteEvent> {
    await scheduler.now('verify-log');
    await eventually('the log is verified', () => recorded.length > 0);
    return recorded[0] as SiteEvent;
  }

  it('puts on record how much of it is sound', async () => {
    expect(await verified()).to.deep.equal({
      type: 'log-verified',
      actor: { kind: 'gateway', id: 'verify-log' },
      data: { events: 8, damaged: [] },
    });
    expect(notices).to.deep.equal([]);
  });

  it('notices a damage, says where it is, and goes on with the other streams', async () => {
    await fresh.connection
      .collection('events')
      .updateOne({ stream: 'cabinet/A', seq: 3 }, { $set: { 'data.number': 33 } });
    expect(await verified())
      .to.have.property('data')
      .that.deep.equals({ events: 5, damaged: ['cabinet/A'] });
    expect(notices).to.deep.equal([
      'The event log is damaged: cabinet/A number 3: its content was changed after it was written.',
    ]);
  });

  it('says how many users were erased because their time is over', async () => {
    await scheduler.now('erase-users');
    await eventually('the job has run', () => notices.length > 0);
    expect(notices).to.deep.equal(['2 users were erased: their time had ended long enough ago.']);
  });

  it('notices that the end of a stream is gone, by its snapshot', async () => {
    const last = chainOf('cabinet/B', 3).at(-1);
    await store.saveSnapshot({ stream: 'cabinet/B', seq: 3, hash: last?.hash ?? '', state: {} });
    await fresh.connection.collection('events').deleteOne({ stream: 'cabinet/B', seq: 3 });
    expect(await verified())
      .to.have.property('data')
      .that.deep.equals({ events: 7, damaged: ['cabinet/B'] });
    expect(notices[0]).to.contain('events up to number 3 are gone from the end');
  });

  it('is due each night in the time zone of the site', async () => {
    const due = await fresh.connection.collection('jobs').findOne({ name: 'verify-log' });
    const next = due?.['nextRunAt'] as Date;
    const time = next.toLocaleTimeString('en-GB', { timeZone: 'Europe/Warsaw' });
    expect(time).to.equal('03:15:00');
    expect(next.getTime()).to.be.greaterThan(Date.now());
  });

  it('is let finish when everything stops', async () => {
    const { promise, resolve: release } = Promise.withResolvers<void>();
    held = promise;
    await scheduler.now('verify-log');
    await eventually('the job is under way', () => recording);
    const stopping = scheduler.stop().then(() => recorded.length);
    expect(recorded).to.have.length(0);
    release();
    expect(await stopping, 'on record when everything has stopped').to.equal(1);
  });
});
