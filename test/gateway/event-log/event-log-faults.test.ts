import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { LoggedEvent } from '../../../domain/event.ts';
import { EMPTY_STREAM, flawOf, type StreamHead } from '../../../gateway/event-log/chain.ts';
import { EventLog } from '../../../gateway/event-log/event-log.ts';
import { Journal } from '../../../gateway/event-log/journal.ts';
import { EventRepository } from '../../../models/events.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { following } from '../support/chains.ts';
import { type Fault, FaultyStore } from '../support/faulty-store.ts';

const STREAMS = ['cabinet/A', 'cabinet/B', 'cabinet/C'] as const;

type Step =
  | { readonly do: 'decide'; readonly streams: readonly number[] }
  | { readonly do: 'fail'; readonly how: Fault }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'work' }
  | { readonly do: 'restart' }
  | { readonly do: 'crash' };

const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('decide' as const),
        streams: fc.array(fc.nat(STREAMS.length - 1), { minLength: 1, maxLength: 6 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('fail' as const),
        how: fc.constantFrom<Fault>('none', 'none', 'slow', 'refused', 'answer-lost', 'hangs', 'mute'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        milliseconds: fc.constantFrom(10, 250, 600, 3_000),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: 'work' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'crash' as const }) },
  ),
  { minLength: 5, maxLength: 30 },
);

/** A gateway's log over a bad line, with three streams that decide one event after the other. */
class Run {
  readonly #repository: EventRepository;
  readonly #clock = new ManualClock();
  readonly #folders: string[] = [];
  readonly #acknowledged = new Map<string, LoggedEvent[]>();
  readonly #heads = new Map<string, StreamHead>();
  readonly #abandoned: EventLog[] = [];
  #turns = new Map<string, Promise<void>>();
  #life = 0;
  #fault: Fault = 'none';
  #store!: FaultyStore;
  #log!: EventLog;

  constructor(repository: EventRepository) {
    this.#repository = repository;
  }

  async start(): Promise<void> {
    const previous = this.#folders.at(-1);
    const folder = await temporaryFolder();
    this.#folders.push(folder);
    // What is on the disk now is all that the next life finds, whatever the last one still writes.
    if (previous !== undefined)
      await cp(join(previous, 'journal'), join(folder, 'journal'), { recursive: true });
    this.#life += 1;
    const life = this.#life;
    const { journal, waiting } = await Journal.open(join(folder, 'journal'));
    this.#store = new FaultyStore(this.#repository, () => (life === this.#life ? this.#fault : 'hangs'));
    this.#log = new EventLog({ store: this.#store, journal, waiting, clock: this.#clock });
    this.#fault = 'none';
    await this.#log.ship();
    for (const stream of STREAMS) await this.#read(stream);
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'decide':
        for (const index of step.streams) this.#decide(STREAMS[index] ?? STREAMS[0]);
        return;
      case 'fail':
        this.#fault = step.how;
        return;
      case 'wait':
        return this.#clock.advance(step.milliseconds);
      case 'work':
        await this.#store.idle();
        return this.#clock.advance(0);
      case 'restart':
        await this.#settle();
        await this.#close(this.#log);
        return this.start();
      case 'crash':
        // From here on nothing counts that the life before still does.
        this.#life += 1;
        this.#abandoned.push(this.#log);
        this.#turns = new Map();
        // A server that comes back has done or dropped what was under way.
        await this.#store.idle();
        return this.start();
    }
  }

  async end(): Promise<void> {
    this.#fault = 'none';
    await this.#settle();
    await this.#close(this.#log);
    await this.start();
    for (const [stream, events] of this.#acknowledged) {
      expect(this.#heads.get(stream)?.seq).to.be.at.least(events.at(-1)?.seq ?? 0);
    }
  }

  async remove(): Promise<void> {
    this.#life += 1;
    for (const log of [this.#log, ...this.#abandoned]) await this.#close(log);
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true })));
  }

  /** Closes a log; what it asked of the store may take until its patience is over. */
  async #close(log: EventLog): Promise<void> {
    let closed = false;
    const closing = log.close().finally(() => {
      closed = true;
    });
    while (!closed) await this.#clock.advance(500);
    await closing;
  }

  /** Decides one event when those before it in the stream have their place. */
  #decide(stream: string): void {
    const life = this.#life;
    const before = this.#turns.get(stream) ?? Promise.resolve();
    const turn = before.then(async () => {
      if (life !== this.#life) return;
      const head = this.#heads.get(stream) ?? EMPTY_STREAM;
      const event = following(stream, head, { life, number: head.seq + 1 });
      await this.#log.append(event);
      if (life !== this.#life) return;
      this.#heads.set(stream, event);
      this.#acknowledged.set(stream, [...(this.#acknowledged.get(stream) ?? []), event]);
    });
    // What a crash cut off ends one way or the other; nobody waits for it any more.
    turn.catch(() => {});
    this.#turns.set(stream, turn);
  }

  /** Lets everything that waits be decided. */
  async #settle(): Promise<void> {
    let settled = false;
    const turns = Promise.all(this.#turns.values()).finally(() => {
      settled = true;
    });
    turns.catch(() => {});
    while (!settled) {
      await this.#clock.advance(100);
      await this.#store.idle();
    }
    await turns;
  }

  /** Takes a stream up from the store: sound, and with every acknowledged event in its place. */
  async #read(stream: string): Promise<void> {
    let head: StreamHead = EMPTY_STREAM;
    const events: LoggedEvent[] = [];
    for await (const event of this.#repository.read(stream, 0)) {
      expect(flawOf(event, head)).to.equal(undefined);
      head = event;
      events.push(event);
    }
    for (const event of this.#acknowledged.get(stream) ?? []) {
      expect(events[event.seq - 1]).to.deep.equal(event);
    }
    this.#heads.set(stream, head);
  }
}

describe('the event log over a bad line, with crashes', () => {
  let fresh: FreshStore;
  let repository: EventRepository;

  before(async () => {
    fresh = await openFreshStore();
    repository = new EventRepository(fresh.connection);
    await repository.prepare();
  });

  after(() => fresh.remove());

  it('has every acknowledged event in the store in the end, once and in its place', async () => {
    await fc.assert(
      fc
        .asyncProperty(STEPS, async (steps) => {
          const run = new Run(repository);
          try {
            await run.start();
            for (const step of steps) await run.step(step);
            await run.end();
          } finally {
            await run.remove();
          }
        })
        .afterEach(() => fresh.empty()),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
