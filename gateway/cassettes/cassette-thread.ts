/**
 * The thread of the cassettes as the main thread has it: started before everything else, asked without being waited
 * for, replaced where it dies, and given the store as soon as there is one.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CassetteKey } from '../../domain/cassette/key.ts';
import { cassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { EventStore } from '../event-log/event-store.ts';
import type { BusHealth, Clock, Unsubscribe } from '../ports.ts';
import type { CassetteRecords } from './api.ts';
import { isPaced } from './main-line.ts';
import {
  type CassetteAnswer,
  type CassetteCall,
  type CassettesStart,
  type FromCassettes,
  processTime,
  type TakenEvent,
  type ToCassettes,
} from './protocol.ts';
import { streamOf } from './stream-of.ts';
import { storedState } from './stream-states.ts';

/** How long a start may take, and an orderly end, and until what the store has is taken over. */
const STARTS_WITHIN: Milliseconds = 30_000;
const STOPS_WITHIN: Milliseconds = 5_000;
const ATTACHES_WITHIN: Milliseconds = 5_000;
/** How long a call may wait until it is begun, and how long for its answer. */
const BEGUN_WITHIN: Milliseconds = 4_000;
const ANSWERS_WITHIN: Milliseconds = 5_000;
/** Before a thread that died is replaced. Protection comes back with it, so it is short; longer where it dies at once again. */
const REPLACED_AFTER: readonly Milliseconds[] = [250, 500, 1_000, 2_000, 5_000];
/** A thread that has worked for so long did not die of how it starts. */
const WORKED_WELL: Milliseconds = 60_000;
/** Before a store that did not say what it has is asked again. */
const ASKED_AGAIN_AFTER: Milliseconds = 1_000;
/** Calls that may be under way. */
const MOST_CALLS = 1_000;

/** The cassettes cannot be started. */
export class CassettesError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'CassettesError';
    this.code = code;
  }
}

export interface CassetteThreadListener {
  taken(event: TakenEvent): void;
  /** Events that are in the log now. */
  logged?(events: readonly LoggedEvent[]): void;
  view(view: CassetteView): void;
  bus(health: BusHealth): void;
  /** In words for whoever runs this computer. */
  trouble(text: string): void;
}

type Ready = Extract<FromCassettes, { readonly kind: 'ready' }>;

export class CassetteThread {
  readonly #start: CassettesStart;
  readonly #clock: Clock;
  readonly #listener: CassetteThreadListener;
  readonly #calls = new Map<
    number,
    { readonly settle: (answer: CassetteAnswer) => void; readonly cancel: Unsubscribe }
  >();
  readonly #views = new Map<CassetteId, CassetteView>();
  readonly #buses = new Map<string, BusHealth>();
  #worker: Worker | undefined;
  #store: EventStore | undefined;
  #unknown: readonly string[] = [];
  #keys: readonly CassetteKey[] = [];
  #records: CassetteRecords = { waiting: 0 };
  #lastCall = 0;
  #deaths = 0;
  #readyAt: Milliseconds | undefined;
  #toldDeath: string | undefined;
  #stopping = false;
  #attached: () => void = () => {};
  #cancelReplacing: Unsubscribe = () => {};
  #cancelAsking: Unsubscribe = () => {};

  private constructor(start: CassettesStart, clock: Clock, listener: CassetteThreadListener) {
    this.#start = start;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Starts the thread; resolves when every cassette of which something is kept here works. */
  static async start(
    start: CassettesStart,
    clock: Clock,
    listener: CassetteThreadListener,
  ): Promise<CassetteThread> {
    const thread = new CassetteThread(start, clock, listener);
    await thread.#begin();
    return thread;
  }

  get views(): ReadonlyMap<CassetteId, CassetteView> {
    return this.#views;
  }

  get buses(): readonly BusHealth[] {
    return [...this.#buses.values()];
  }

  get keys(): readonly CassetteKey[] {
    return this.#keys;
  }

  get records(): CassetteRecords {
    return this.#records;
  }

  /** Cassettes of which too little is known here to guard them before the store has answered. */
  get unguarded(): readonly CassetteId[] {
    return this.#start.cassettes.map(({ id }) => id).filter((id) => this.#unknown.includes(streamOf(id)));
  }

  /**
   * The store answers from now on: records are shipped, and streams of which too little is known here are read from
   * it. Resolves when that is done, or when it will take longer; then it is tried on and on.
   */
  async attach(store: EventStore): Promise<void> {
    this.#store = store;
    const attached = new Promise<void>((resolve) => {
      this.#attached = resolve;
    });
    const cancel = this.#clock.after(ATTACHES_WITHIN, () => this.#attached());
    this.#tellStored();
    await attached;
    cancel();
  }

  /** Asks the thread; refused with `cassettes-not-running` where it does not answer in time. */
  ask(request: CassetteCall): Promise<CassetteAnswer> {
    const worker = this.#worker;
    if (!worker || this.#calls.size >= MOST_CALLS) return Promise.resolve(NOT_RUNNING);
    this.#lastCall += 1;
    const call = this.#lastCall;
    send(worker, { kind: 'call', call, request, until: processTime() + BEGUN_WITHIN });
    return new Promise((resolve) => {
      const settle = (answer: CassetteAnswer): void => {
        cancel();
        this.#calls.delete(call);
        resolve(answer);
      };
      // Where this thread was held up itself, the answer may lie here already and is heard first.
      const cancel = this.#clock.after(ANSWERS_WITHIN, () => setImmediate(() => settle(NOT_RUNNING)));
      this.#calls.set(call, { settle, cancel });
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelReplacing();
    this.#cancelAsking();
    this.#attached();
    const worker = this.#worker;
    if (!worker) return;
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
    });
    send(worker, { kind: 'stop' });
    const cancel = this.#clock.after(STOPS_WITHIN, () => void worker.terminate());
    await exited;
    cancel();
  }

  #begin(): Promise<void> {
    const file = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { name: 'sezam-cassettes', workerData: this.#start });
    this.#worker = worker;
    this.#readyAt = undefined;
    return new Promise((resolve, reject) => {
      let failure: CassettesError | undefined;
      const cancel = this.#clock.after(STARTS_WITHIN, () => {
        failure = new CassettesError(
          'cassettes-start-timeout',
          `The cassettes did not start within ${STARTS_WITHIN / 1000} s.`,
        );
        void worker.terminate();
      });
      worker.on('message', (message: FromCassettes) => {
        if (isPaced(message)) send(worker, { kind: 'heard' });
        if (message.kind === 'failed') failure = new CassettesError(message.code, message.text);
        else this.#hear(worker, message);
        if (message.kind !== 'ready') return;
        cancel();
        resolve();
      });
      worker.on('error', (error) => {
        failure ??= new CassettesError(
          'cassettes-failed',
          error instanceof Error ? error.message : String(error),
        );
      });
      worker.once('exit', (code) => {
        cancel();
        if (this.#worker === worker) this.#worker = undefined;
        for (const { settle } of this.#calls.values()) settle(NOT_RUNNING);
        this.#attached();
        const error = failure ?? new CassettesError('cassettes-failed', `Their thread ended with ${code}.`);
        // It matters where it ends before it was ready.
        reject(error);
        if (!this.#stopping) this.#replace(error);
      });
    });
  }

  /** Whatever it died of, the cassettes must be guarded again. The very first start is its caller's affair. */
  #replace(error: CassettesError): void {
    if (this.#readyAt === undefined && this.#deaths === 0) return;
    if (this.#readyAt !== undefined && this.#clock.monotonic() - this.#readyAt >= WORKED_WELL) {
      this.#deaths = 0;
      this.#toldDeath = undefined;
    }
    if (error.message !== this.#toldDeath) {
      this.#listener.trouble(`The cassettes stopped: ${error.message} They are started again.`);
    }
    this.#toldDeath = error.message;
    this.#showUnlinked();
    const pause = REPLACED_AFTER[Math.min(this.#deaths, REPLACED_AFTER.length - 1)] ?? 5_000;
    this.#deaths += 1;
    this.#cancelReplacing = this.#clock.after(pause, () => {
      // Where it fails, it is replaced once more.
      this.#begin().catch(() => {});
    });
  }

  /** Nobody hears the controllers: what they said last must not look like now. */
  #showUnlinked(): void {
    for (const [id, { readings: _readings, ...view }] of this.#views) {
      const unlinked = { ...view, linked: false };
      this.#views.set(id, unlinked);
      this.#listener.view(unlinked);
    }
  }

  #hear(worker: Worker, message: Exclude<FromCassettes, { readonly kind: 'failed' }>): void {
    switch (message.kind) {
      case 'ready':
        this.#becomeReady(message);
        return;
      case 'attached':
        this.#unknown = [];
        this.#attached();
        return;
      case 'answer':
        this.#calls.get(message.call)?.settle(message.answer);
        return;
      case 'taken':
        this.#views.set(message.taken.cassette, message.taken.view);
        this.#listener.taken(message.taken);
        return;
      case 'view':
        this.#views.set(message.view.id, message.view);
        this.#listener.view(message.view);
        return;
      case 'keys':
        this.#keys = message.keys;
        return;
      case 'bus':
        this.#buses.set(message.health.id, message.health);
        this.#listener.bus(message.health);
        return;
      case 'ship':
        void this.#ship(worker, message);
        return;
      case 'records':
        this.#tellTrouble(message.records);
        this.#records = message.records;
        return;
      case 'trouble':
        this.#listener.trouble(message.text);
    }
  }

  #becomeReady({ unknown, views, keys }: Ready): void {
    this.#readyAt = this.#clock.monotonic();
    this.#unknown = unknown;
    if (!unknown.includes(this.#start.keyStream)) this.#keys = keys;
    for (const view of views) {
      this.#views.set(view.id, view);
      this.#listener.view(view);
    }
    this.#tellStored();
  }

  #tellTrouble({ trouble }: CassetteRecords): void {
    if (trouble === this.#records.trouble) return;
    this.#listener.trouble(
      trouble === undefined
        ? 'The records of the cassettes can be written again.'
        : `The records of the cassettes cannot be written: ${trouble} They wait in memory; the cassettes work.`,
    );
  }

  /** Reads from the store what is not known here, and lets the thread ship. */
  #tellStored(tries = 0): void {
    const store = this.#store;
    const worker = this.#worker;
    if (!store || !worker || this.#stopping) return;
    this.#cancelAsking();
    Promise.all(this.#unknown.map((stream) => storedState(store, stream))).then(
      (streams) => send(worker, { kind: 'stored', streams }),
      (error: unknown) => {
        if (this.#stopping || worker !== this.#worker) return;
        this.#attached();
        const { unguarded } = this;
        if (tries === 0 && unguarded.length > 0) {
          const text = error instanceof Error ? error.message : String(error);
          this.#listener.trouble(
            `Nothing is kept here of cassette ${unguarded.join(', ')}, which is not guarded before the database has answered: ${text}`,
          );
        }
        this.#cancelAsking = this.#clock.after(ASKED_AGAIN_AFTER, () => this.#tellStored(tries + 1));
      },
    );
  }

  /** The answer is for the thread that asked: another one counts its shipments anew. */
  async #ship(
    worker: Worker,
    { shipment, events }: Extract<FromCassettes, { readonly kind: 'ship' }>,
  ): Promise<void> {
    const outcomes = await this.#store?.append(events).catch(() => undefined);
    send(worker, { kind: 'shipped', shipment, outcomes });
    if (outcomes) this.#listener.logged?.(events.filter((_event, index) => outcomes[index] !== 'conflict'));
  }
}

function send(worker: Worker, message: ToCassettes): void {
  worker.postMessage(message);
}

const NOT_RUNNING: CassetteAnswer = { ok: false, refusal: cassetteRefusal('cassettes-not-running') };

/** In place of the thread where a site has no cassettes. */
export const NO_CASSETTES: Pick<CassetteThread, 'ask' | 'views' | 'keys' | 'records' | 'buses'> = {
  ask: () => Promise.resolve(NOT_RUNNING),
  views: new Map(),
  keys: [],
  records: { waiting: 0 },
  buses: [],
};
