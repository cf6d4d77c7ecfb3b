import { cpSync, existsSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { LoggedEvent } from '../../../domain/event.ts';
import { romOf, romText } from '../../../domain/one-wire.ts';
import { readKeptStates } from '../../../gateway/cassettes/kept-states.ts';
import { streamOf } from '../../../gateway/cassettes/stream-of.ts';
import { StreamStates, storedState } from '../../../gateway/cassettes/stream-states.ts';
import { EMPTY_STREAM, flawOf, type StreamHead } from '../../../gateway/event-log/chain.ts';
import type { AppendOutcome } from '../../../gateway/event-log/event-store.ts';
import { Journal } from '../../../gateway/event-log/journal.ts';
import { EventRepository } from '../../../models/events.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { type Fault, FaultyStore } from '../support/faulty-store.ts';
import { KEY_STREAM, RuntimeAtWork } from './support/runtime-at-work.ts';

const CASSETTES = ['A', 'B'] as const;
const STREAMS = [KEY_STREAM, ...CASSETTES.map(streamOf)];

type Step =
  | { readonly do: 'happen'; readonly where: number; readonly count: number }
  | { readonly do: 'register' | 'work' | 'restart' | 'crash' | 'lose-states' }
  | { readonly do: 'fail'; readonly how: Fault }
  | { readonly do: 'block-states'; readonly blocked: boolean }
  | { readonly do: 'wait'; readonly milliseconds: number };

const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('happen' as const),
        where: fc.nat(1),
        count: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: 'register' as const }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('fail' as const),
        how: fc.constantFrom<Fault>('none', 'none', 'slow', 'refused', 'answer-lost', 'hangs', 'mute'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('block-states' as const), blocked: fc.boolean() }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        milliseconds: fc.constantFrom(0, 1_000, 3_000),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ do: 'work' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'crash' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'lose-states' as const }) },
  ),
  { minLength: 5, maxLength: 30 },
);

/** A half-written state is none; it is written anew. */
function isNoDraft(path: string): boolean {
  return !path.endsWith('.new');
}

/** A runtime whose disk and whose store fail now and then, and which is killed at any point. */
class Run {
  readonly #repository: EventRepository;
  readonly #journalLimit: number | undefined;
  readonly #clock = new ManualClock();
  readonly #folders: string[] = [];
  readonly #abandoned: RuntimeAtWork[] = [];
  /** Every event that was found on the disk or on its way to the store, by stream and number. */
  readonly #known = new Map<string, Map<number, LoggedEvent>>(STREAMS.map((stream) => [stream, new Map()]));
  /** Numbers that must never be given again. */
  readonly #durable = new Map<string, number>();
  readonly #outcomes: AppendOutcome[] = [];
  #registered = 0;
  #life = 0;
  #fault: Fault = 'none';
  /** Whether lives from here on begin with a disk that takes no states. */
  #blocked = false;
  #store!: FaultyStore;
  #runtime!: RuntimeAtWork;

  constructor(repository: EventRepository, journalLimit: number | undefined) {
    this.#repository = repository;
    this.#journalLimit = journalLimit;
  }

  get #folder(): string {
    return this.#folders.at(-1) as string;
  }

  /** Begins a life on what is on the disk now, whatever the one before still does. */
  async start(loseStates = false): Promise<void> {
    const previous = this.#folders.at(-1);
    const folder = await temporaryFolder();
    this.#folders.push(folder);
    await mkdir(join(folder, 'states'));
    // The journal first: no state is ever kept before its events, or after they were removed.
    const copied = previous === undefined || loseStates ? ['journal.log'] : ['journal.log', 'states'];
    for (const name of previous === undefined ? [] : copied) {
      const from = join(previous ?? '', name);
      if (existsSync(from)) cpSync(from, join(folder, name), { recursive: true, filter: isNoDraft });
    }
    await this.#unblockStates();
    if (this.#blocked) await this.#blockStates();
    this.#life += 1;
    const life = this.#life;
    this.#fault = 'none';
    this.#store = new FaultyStore(this.#repository, () => (life === this.#life ? this.#fault : 'hangs'));
    await this.#lookAtDisk();
    this.#runtime = await RuntimeAtWork.open({
      folder,
      cassettes: CASSETTES.map((id) => ({ id, mode: 'internal' })),
      clock: this.#clock,
      ship: (events) => this.#ship(life, events),
      ...(this.#journalLimit !== undefined && { journalLimit: this.#journalLimit }),
    });
    await this.#expectRestored();
    const { unknown } = this.#runtime.ready;
    const stored = await Promise.all(unknown.map((stream) => storedState(this.#repository, stream)));
    this.#runtime.runtime.attach(stored);
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'happen':
        for (let time = 0; time < step.count; time += 1) this.#happen(CASSETTES[step.where] ?? 'A');
        return;
      case 'register':
        return this.#register();
      case 'fail':
        this.#fault = step.how;
        return;
      case 'block-states':
        this.#blocked = step.blocked;
        return step.blocked ? undefined : this.#unblockStates();
      case 'wait':
        return this.#clock.advance(step.milliseconds);
      case 'work':
        return this.#work();
      case 'restart':
        await this.#stop(this.#runtime);
        return this.start();
      case 'crash':
      case 'lose-states':
        // From here on nothing counts that the life before still does.
        this.#life += 1;
        this.#abandoned.push(this.#runtime);
        await this.#store.idle();
        await this.#noteStored();
        // Only what the store has makes up for lost states: what it does not have is gone with them.
        if (step.do === 'lose-states') return this.#everythingStored() ? this.start(true) : this.start();
        return this.start();
    }
  }

  async end(): Promise<void> {
    this.#fault = 'none';
    this.#blocked = false;
    await this.#unblockStates();
    for (let time = 0; time < 200 && !this.#isSettled(); time += 1) await this.#work();
    expect(this.#runtime.records).to.deep.equal({ waiting: 0 });
    expect(this.#outcomes).not.to.include('conflict');
    expect(existsSync(join(this.#folder, 'conflicts.jsonl'))).to.equal(false);
    await this.#noteStored();
    for (const stream of STREAMS) {
      const events = await Array.fromAsync(this.#repository.read(stream, 0));
      let head: StreamHead = EMPTY_STREAM;
      for (const event of events) {
        expect(flawOf(event, head)).to.equal(undefined);
        expect(event).to.deep.equal(this.#known.get(stream)?.get(event.seq));
        head = event;
      }
      expect(head.seq).to.be.at.least(this.#durable.get(stream) ?? 0);
    }
    await this.#stop(this.#runtime);
    await this.start();
  }

  /** Nothing waits any more, and the disk takes what it is given. */
  #isSettled(): boolean {
    const { waiting, trouble } = this.#runtime.records;
    return waiting === 0 && trouble === undefined;
  }

  async remove(): Promise<void> {
    this.#life += 1;
    for (const runtime of [this.#runtime, ...this.#abandoned]) await this.#stop(runtime);
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true })));
  }

  async #ship(life: number, events: readonly LoggedEvent[]): Promise<readonly AppendOutcome[] | undefined> {
    if (life !== this.#life) return undefined;
    for (const event of events) this.#know(event);
    const late = new Promise<undefined>((resolve) => {
      this.#clock.after(2_000, () => resolve(undefined));
    });
    const outcomes = await Promise.race([this.#store.append(events).catch(() => undefined), late]);
    if (outcomes) this.#outcomes.push(...outcomes);
    return outcomes;
  }

  #happen(cassette: string): void {
    const { outsideArea } = this.#runtime.view(cassette);
    this.#runtime.ask({ do: 'area', cassette, inside: outsideArea, source: 'test' });
  }

  #register(): void {
    this.#registered += 1;
    const rom = romText(romOf(1, Uint8Array.of(this.#registered, 0, 0, 0, 0, 0)));
    this.#runtime.register(`k${this.#registered}`, 'K', rom);
  }

  /** Lets the disk and the store do what they can. */
  async #work(): Promise<void> {
    for (let time = 0; time < 5; time += 1) {
      await this.#clock.advance(1_000);
      await this.#store.idle();
      await this.#settled();
    }
  }

  /** The disk has no end that could be awaited from here: until nothing new is told. */
  async #settled(): Promise<void> {
    for (let quiet = 0, told = -1; quiet < 3; ) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      quiet = told === this.#runtime.told.length ? quiet + 1 : 0;
      told = this.#runtime.told.length;
    }
  }

  async #stop(runtime: RuntimeAtWork): Promise<void> {
    let stopped = false;
    const stopping = runtime.runtime.stop().finally(() => {
      stopped = true;
    });
    while (!stopped) await this.#clock.advance(500);
    await stopping;
  }

  /** States cannot be kept: where their drafts would be written there are folders. */
  async #blockStates(): Promise<void> {
    for (const draft of this.#drafts) await mkdir(draft);
  }

  async #unblockStates(): Promise<void> {
    for (const draft of this.#drafts) {
      await rmdir(draft).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
      });
    }
  }

  get #drafts(): string[] {
    return STREAMS.map((stream) => join(this.#folder, 'states', `${encodeURIComponent(stream)}.json.new`));
  }

  #everythingStored(): boolean {
    return STREAMS.every(
      (stream) => (this.#durable.get(stream) ?? 0) >= (this.#known.get(stream)?.size ?? 0),
    );
  }

  /** What the store has must never get lost here. */
  async #noteStored(): Promise<void> {
    for (const stream of STREAMS) {
      const { seq } = await storedState(this.#repository, stream);
      this.#durable.set(stream, Math.max(seq, this.#durable.get(stream) ?? 0));
    }
  }

  #know(event: LoggedEvent): void {
    const events = this.#known.get(event.stream);
    const before = events?.get(event.seq);
    // A number is given again only where nobody ever learnt of the event that had it.
    if (before) expect(event).to.deep.equal(before);
    events?.set(event.seq, event);
  }

  /** What a start finds on the disk: nothing that was there before may be missing. */
  async #lookAtDisk(): Promise<void> {
    const { journal, waiting } = await Journal.open(this.#folder);
    await journal.close();
    for (const event of waiting) this.#know(event);
    const kept = await readKeptStates(join(this.#folder, 'states'), (text) => expect.fail(text));
    for (const stream of STREAMS) {
      const last = waiting.findLast((event) => event.stream === stream)?.seq ?? 0;
      const head = Math.max(last, kept.get(stream)?.seq ?? 0);
      if (kept.has(stream) || waiting.some((event) => event.stream === stream && event.seq === 1)) {
        expect(head, stream).to.be.at.least(this.#durable.get(stream) ?? 0);
      }
      this.#durable.set(stream, Math.max(head, this.#durable.get(stream) ?? 0));
    }
  }

  /** What is shown from the first moment is what follows from the events. */
  async #expectRestored(): Promise<void> {
    const { unknown, views, keys } = this.#runtime.ready;
    const states = new StreamStates();
    for (const [stream, events] of this.#known) {
      for (let seq = 1; seq <= (this.#durable.get(stream) ?? 0); seq += 1) {
        const event = events.get(seq);
        if (!event) throw new Error(`Number ${seq} of ${stream} was never seen.`);
        states.follow(event);
      }
    }
    expect(this.#runtime.troubles).to.deep.equal([]);
    if (!unknown.includes(KEY_STREAM)) expect(keys).to.deep.equal([...states.keys(KEY_STREAM).values()]);
    for (const { id, outsideArea } of views) {
      expect(outsideArea, id).to.equal(states.recorded(streamOf(id)).outsideArea);
    }
  }
}

describe('records of cassettes over a bad disk and a bad line, with crashes', () => {
  let fresh: FreshStore;
  let repository: EventRepository;

  before(async () => {
    fresh = await openFreshStore();
    repository = new EventRepository(fresh.connection);
    await repository.prepare();
  });

  after(() => fresh.remove());

  it('are in the store in the end, once and in their places, and a start knows what they say', async function () {
    this.timeout(240_000);
    await fc.assert(
      fc
        .asyncProperty(STEPS, fc.constantFrom(undefined, 6_000), async (steps, journalLimit) => {
          const run = new Run(repository, journalLimit);
          try {
            await run.start();
            for (const step of steps) await run.step(step);
            await run.end();
          } finally {
            await run.remove();
          }
        })
        .afterEach(() => fresh.empty()),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
