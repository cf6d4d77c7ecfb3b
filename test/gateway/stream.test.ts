import { expect } from 'chai';
import fc from 'fast-check';
import type { EventDraft, LoggedEvent } from '../../domain/event.ts';
import { GATEWAY } from '../../domain/event.ts';
import { Stream, type StreamState } from '../../gateway/stream.ts';
import { eventually } from '../support/eventually.ts';
import { following } from './support/chains.ts';
import { StoredLog } from './support/stored-log.ts';

interface Added extends EventDraft<'added', { readonly amount: number }> {
  readonly type: 'added';
}

interface Total {
  readonly sum: number;
  readonly times: number;
  /** Absent as long as nothing negative was added. */
  readonly lowest: number | undefined;
}

const SHAPE: StreamState<Total, Added> = {
  initial: { sum: 0, times: 0, lowest: undefined },
  evolve: ({ sum, times, lowest }, { data: { amount } }) => ({
    sum: sum + amount,
    times: times + 1,
    lowest: amount < 0 ? Math.min(amount, lowest ?? 0) : lowest,
  }),
  toSnapshot: (state) => ({ version: 1, ...state }),
  fromSnapshot: (snapshot) => {
    const { version, ...state } = snapshot as Total & { version: number };
    return version === 1 ? { ...SHAPE.initial, ...state } : undefined;
  },
};

describe('a stream', () => {
  let stored: StoredLog;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());
  afterEach(() => stored.renew());

  function open(shape = SHAPE, name = 'cabinet/A'): Promise<Stream<Total, Added>> {
    const { log, store, clock } = stored;
    return Stream.open({ name, log, store, clock, shape });
  }

  function add(stream: Stream<Total, Added>, amount: number): Promise<{ readonly event: Added }> {
    return stream.submit(() => ({ event: added(amount) }));
  }

  async function addMany(stream: Stream<Total, Added>, count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) await add(stream, number);
  }

  it('decides inputs one at a time, in their order, each on the state that the one before left', async () => {
    const stream = await open();
    const seen: number[] = [];
    const decisions = Array.from({ length: 50 }, (_, index) =>
      stream.submit((state) => {
        seen.push(state.times);
        return { event: added(index) };
      }),
    );
    await Promise.all(decisions);
    expect(seen).to.deep.equal(Array.from({ length: 50 }, (_, index) => index));
    expect(
      (await stored.events('cabinet/A')).map(({ data }) => (data as Added['data']).amount),
    ).to.deep.equal(seen);
    expect(stream.state).to.deep.equal({ sum: 1_225, times: 50, lowest: undefined });
  });

  it('tells an event once it is durable, with the state after it', async () => {
    const stream = await open();
    const told: { seq: number; sum: number }[] = [];
    const unsubscribe = stream.onEvent(({ seq }, { sum }) => told.push({ seq, sum }));
    stored.fault = 'slow';
    const first = add(stream, 3);
    expect(told).to.deep.equal([]);
    await first;
    await add(stream, 4);
    unsubscribe();
    await add(stream, 5);
    expect(told).to.deep.equal([
      { seq: 1, sum: 3 },
      { seq: 2, sum: 7 },
    ]);
  });

  it('records nothing for a decision without an event', async () => {
    const stream = await open();
    const decide = (): { readonly event?: Added; readonly refusal: string } => ({ refusal: 'no' });
    expect(await stream.submit(decide)).to.deep.equal({ refusal: 'no' });
    expect(stream.head.seq).to.equal(0);
  });

  it('goes on after a decision that threw', async () => {
    const stream = await open();
    const failed = stream
      .submit(() => {
        throw new RangeError('no such compartment');
      })
      .catch((error: unknown) => error);
    await add(stream, 1);
    expect(await failed).to.be.instanceOf(RangeError);
    expect(stream.state.times).to.equal(1);
  });

  it('is busy beyond 256 inputs that wait, and takes inputs again afterwards', async () => {
    const stream = await open();
    const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => add(stream, 1)));
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : [],
    );
    expect(new Set(refused)).to.deep.equal(new Set(['stream-busy']));
    expect(refused).to.have.length(300 - 256);
    await add(stream, 1);
    expect(stream.state.times).to.equal(257);
  });

  it('decides several inputs in one turn, which travel to the store together', async () => {
    const stream = await open();
    const told: { seq: number; sum: number }[] = [];
    stream.onEvent(({ seq }, { sum }) => told.push({ seq, sum }));
    const before = stored.store.appends.length;
    const [run] = await Promise.all([
      stream.submitRun(({ times }) => ({ events: [added(1), added(2), added(3)], times })),
      add(stream, 4),
    ]);
    expect(run.times).to.equal(0);
    expect(told).to.deep.equal([
      { seq: 1, sum: 1 },
      { seq: 2, sum: 3 },
      { seq: 3, sum: 6 },
      { seq: 4, sum: 10 },
    ]);
    expect(stored.store.appends.slice(before).map((batch) => batch.length)).to.deep.equal([3, 1]);
    expect((await stored.events('cabinet/A')).map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4]);
    expect(await stream.submitRun(() => ({ events: [] }))).to.deep.equal({ events: [] });
    expect(stream.head.seq).to.equal(4);
  });

  it('puts all of a turn into the journal while the store is away, and changes nothing where nothing takes it', async () => {
    const stream = await open();
    stored.fault = 'refused';
    await stream.submitRun(() => ({ events: [added(1), added(2)] }));
    expect(stream.state.sum).to.equal(3);
    expect(stored.log.health.waiting).to.equal(2);
    await stored.recover();
    expect(await stored.events('cabinet/A')).to.have.length(2);
    await stored.log.close();
    const refused = await stream
      .submitRun(() => ({ events: [added(1), added(2)] }))
      .catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'log-unavailable');
    expect(stream.state.sum).to.equal(3);
    expect(stream.head.seq).to.equal(2);
    await stored.reopen();
  });

  it('is fenced where another has written in the midst of a turn', async () => {
    const [mine, theirs] = [await open(), await open()];
    await add(theirs, 7);
    const refused = await mine
      .submitRun(() => ({ events: [added(1), added(2)] }))
      .catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'stream-fenced');
    expect(await stored.events('cabinet/A')).to.have.length(1);
    expect(mine.state.times).to.equal(0);
  });

  it('changes nothing where its event could not be stored', async () => {
    const stream = await open();
    await add(stream, 1);
    await stored.log.close();
    const refused = await add(stream, 2).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'log-unavailable');
    expect(stream.state).to.deep.equal({ sum: 1, times: 1, lowest: undefined });
    await stored.reopen();
  });

  it('is fenced as soon as another gateway writes it, and overwrites nothing', async () => {
    const [mine, theirs] = [await open(), await open()];
    await add(theirs, 7);
    const refused = await add(mine, 1).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'stream-fenced');
    expect(refused).to.have.property('message').that.contains('Another gateway writes cabinet/A');
    expect(mine.fenced).to.equal(true);
    const again = await mine.submit(() => ({})).catch((error: unknown) => error);
    expect(again).to.have.property('code', 'stream-fenced');
    await add(theirs, 8);
    expect(theirs.state.sum).to.equal(15);
    await mine.close();
    expect(await stored.repository.snapshot('cabinet/A')).to.equal(undefined);
  });

  it('is fenced where another has overtaken what it had put into the journal', async () => {
    const [mine, theirs] = [await open(), await open()];
    stored.fault = 'refused';
    await addMany(mine, 3);
    stored.fault = 'none';
    await stored.repository.append([following('cabinet/A', theirs.head, { amount: 9 })]);
    await stored.recover();
    const refused = await add(mine, 4).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'stream-fenced');
    expect(await stored.events('cabinet/A')).to.have.length(1);
  });

  it('finishes what waits when it is closed, stores a snapshot and takes nothing more', async () => {
    const stream = await open();
    const waiting = Promise.all([add(stream, 1), add(stream, -2)]);
    await stream.close();
    await waiting;
    const refused = await add(stream, 3).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'stream-closed');
    const { seq, hash } = stream.head;
    expect(await stored.repository.snapshot('cabinet/A')).to.deep.equal({
      stream: 'cabinet/A',
      seq,
      hash,
      state: { version: 1, sum: -1, times: 2, lowest: -2 },
    });
  });

  it('stores a snapshot every 500 events', async () => {
    const stream = await open();
    await addMany(stream, 499);
    expect(await stored.repository.snapshot('cabinet/A')).to.equal(undefined);
    await addMany(stream, 3);
    let seq: number | undefined;
    await eventually('a snapshot is stored', () => {
      void stored.repository.snapshot('cabinet/A').then((snapshot) => {
        seq = snapshot?.seq;
      });
      return seq === 500;
    });
  });

  it('makes up for a snapshot that failed, and decides meanwhile', async () => {
    const stream = await open();
    await add(stream, 1);
    stored.fault = 'refused';
    await stream.close();
    expect(await stored.repository.snapshot('cabinet/A')).to.equal(undefined);
    stored.fault = 'none';
    expect((await open()).state).to.deep.equal(stream.state);
  });

  it('makes no snapshot of what the store does not have yet', async () => {
    const stream = await open();
    stored.fault = 'refused';
    await add(stream, 1);
    stored.fault = 'none';
    await stream.close();
    expect(await stored.repository.snapshot('cabinet/A')).to.equal(undefined);
    await stored.reopen();
    expect((await open()).state.sum).to.equal(1);
  });

  it('is restored from snapshot and tail as from all its events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: -9, max: 99 }), { maxLength: 6 }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (runs) => {
          await stored.renew();
          for (const [index, amounts] of runs.entries()) {
            const stream = await open();
            for (const amount of amounts) await add(stream, amount);
            // Every other run ends without a snapshot, as a crash does.
            if (index % 2 === 0) await stream.close();
          }
          const restored = await open();
          const refolded = await open({ ...SHAPE, fromSnapshot: () => undefined });
          expect(restored.state).to.deep.equal(refolded.state);
          expect(restored.state.times).to.equal(runs.flat().length);
          expect(restored.head).to.deep.equal(refolded.head);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('passes over a snapshot of another version', async () => {
    const stream = await open();
    await addMany(stream, 3);
    const { seq, hash } = stream.head;
    await stored.repository.saveSnapshot({
      stream: 'cabinet/A',
      seq,
      hash,
      state: { version: 2, sum: 1_000, times: 1_000 },
    });
    expect((await open()).state).to.deep.equal({ sum: 6, times: 3, lowest: undefined });
  });

  it('is not opened where its events were changed or do not follow from each other', async () => {
    const stream = await open();
    await addMany(stream, 5);
    const collection = stored.fresh.connection.collection<LoggedEvent>('events');
    await collection.updateOne({ stream: 'cabinet/A', seq: 3 }, { $set: { 'data.amount': 300 } });
    const changed = await open().catch((error: unknown) => error);
    expect(changed).to.have.property('code', 'stream-damaged');
    expect(changed).to.have.property('message').that.contains('cabinet/A number 3: its content was changed');
    await collection.deleteOne({ stream: 'cabinet/A', seq: 3 });
    const missing = await open().catch((error: unknown) => error);
    expect(missing).to.have.property('message').that.contains('number 3 is missing');
  });
});

function added(amount: number): Added {
  return { type: 'added', actor: GATEWAY, data: { amount } };
}
