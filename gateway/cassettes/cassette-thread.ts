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
import { EMPTY_STREAM } from '../event-log/chain.ts';
import type { EventStore } from '../event-log/event-store.ts';
import type { BusHealth, Clock, Unsubscribe } from '../ports.ts';
import type { CassetteRecords } from './api.ts';
import type {
  CassetteAnswer,
  CassetteCall,
  CassettesStart,
  FromCassettes,
  StoredStream,
  TakenEvent,
  ToCassettes,
} from './protocol.ts';

/** How long a start may take, and an orderly end, and the answer to a call. */
const STARTS_WITHIN: Milliseconds = 30_000;
const STOPS_WITHIN: Milliseconds = 5_000;
const ANSWERS_WITHIN: Milliseconds = 5_000;
/** Before a thread that died is replaced. Protection comes back with it, so it is short. */
const REPLACED_AFTER: Milliseconds = 250;
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
  readonly #calls = new Map<number, { settle(answer: CassetteAnswer): void; readonly cancel: Unsubscribe }>();
  readonly #views = new Map<CassetteId, CassetteView>();
  readonly #buses = new Map<string, BusHealth>();
  #worker: Worker | undefined;
  #store: EventStore | undefined;
  #unknown: readonly string[] = [];
  #keys: readonly CassetteKey[] = [];
  #records: CassetteRecords = { waiting: 0 };
  #lastCall = 0;
  #stopping = false;
  #cancelLater: Unsubscribe = () => {};

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

  /** The store answers from now on: records are shipped, and streams that are not known here are read from it. */
  attach(store: EventStore): void {
    this.#store = store;
    this.#tellStored();
  }

  /** Asks the thread; refused with `cassettes-not-running` where it does not answer in time. */
  ask(request: CassetteCall): Promise<CassetteAnswer> {
    if (!this.#worker || this.#calls.size >= MOST_CALLS) return Promise.resolve(NOT_RUNNING);
    this.#lastCall += 1;
    const call = this.#lastCall;
    this.#post({ kind: 'call', call, request });
    return new Promise((resolve) => {
      const settle = (answer: CassetteAnswer): void => {
        cancel();
        this.#calls.delete(call);
        resolve(answer);
      };
      const cancel = this.#clock.after(ANSWERS_WITHIN, () => settle(NOT_RUNNING));
      this.#calls.set(call, { settle, cancel });
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelLater();
    const worker = this.#worker;
    if (!worker) return;
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
    });
    this.#post({ kind: 'stop' });
    const cancel = this.#clock.after(STOPS_WITHIN, () => void worker.terminate());
    await exited;
    cancel();
  }

  #begin(): Promise<void> {
    const file = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { name: 'sezam-cassettes', workerData: this.#start });
    this.#worker = worker;
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
        if (message.kind === 'failed') failure = new CassettesError(message.code, message.text);
        else this.#hear(message);
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
        for (const { settle } of [...this.#calls.values()]) settle(NOT_RUNNING);
        const error = failure ?? new CassettesError('cassettes-failed', `Their thread ended with ${code}.`);
        reject(error);
        if (!this.#stopping) this.#replace(error);
      });
    });
  }

  /** Whatever it died of, the cassettes must be guarded again. */
  #replace(error: CassettesError): void {
    if (this.#views.size === 0) return;
    this.#listener.trouble(`The cassettes stopped: ${error.message} They are started again.`);
    this.#cancelLater = this.#clock.after(REPLACED_AFTER, () => {
      // Where it fails, it is replaced once more.
      this.#begin().catch(() => {});
    });
  }

  #hear(message: Exclude<FromCassettes, { readonly kind: 'failed' }>): void {
    switch (message.kind) {
      case 'ready':
        this.#becomeReady(message);
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
        void this.#ship(message.shipment, message.events);
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
  #tellStored(): void {
    const store = this.#store;
    if (!store || !this.#worker) return;
    void Promise.all(this.#unknown.map((stream) => storedOf(store, stream))).then(
      (streams) => this.#post({ kind: 'stored', streams }),
      () => {
        this.#cancelLater = this.#clock.after(ASKED_AGAIN_AFTER, () => this.#tellStored());
      },
    );
  }

  async #ship(shipment: number, events: readonly LoggedEvent[]): Promise<void> {
    const outcomes = await this.#store?.append(events).catch(() => undefined);
    this.#post({ kind: 'shipped', shipment, outcomes });
  }

  #post(message: ToCassettes): void {
    this.#worker?.postMessage(message);
  }
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

async function storedOf(store: EventStore, stream: string): Promise<StoredStream> {
  const events: LoggedEvent[] = [];
  for await (const event of store.read(stream, 0)) events.push(event);
  const { seq, hash } = events.at(-1) ?? EMPTY_STREAM;
  return { stream, seq, hash, events };
}
