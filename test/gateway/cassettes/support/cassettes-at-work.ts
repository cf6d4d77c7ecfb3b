import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkSite } from '../../../../config/read-site.ts';
import type { SiteFile } from '../../../../config/site.ts';
import type { KeyRole } from '../../../../domain/cassette/key.ts';
import type { Phase } from '../../../../domain/cassette/setting.ts';
import type { CassetteView } from '../../../../domain/cassette/view.ts';
import type { LoggedEvent } from '../../../../domain/event.ts';
import type { CassetteNotice } from '../../../../gateway/cassettes/api.ts';
import { pairingKey } from '../../../../gateway/cassettes/open-cassettes.ts';
import { streamOf } from '../../../../gateway/cassettes/stream-of.ts';
import { type StartedGateway, startGateway } from '../../../../gateway/start.ts';
import { EventRepository } from '../../../../models/events.ts';
import type { CassetteControllerSimulator } from '../../../../simulators/cassette-controller.ts';
import { flawsOf } from '../../../end-to-end/support/test-store.ts';
import { eventually } from '../../../support/eventually.ts';
import { type FreshStore, openFreshStore } from '../../../support/store.ts';
import { StoreProxy } from '../../bad-input/support/store-proxy.ts';
import { Controllers, type TestCassette } from './runtime-at-work.ts';

/** Keys by what they are, in the order of transmission. */
export const ROMS = {
  K1: '01606CBF03000021',
  K2: '016060CF030000A8',
  K: '23D453570100009E',
} as const;

const TESTER = { kind: 'machine', id: 'test' } as const;

/** Contacts cut as short as a site may have them. */
const QUICK_CONTACT = { milliseconds: 50, againAfterSeconds: 0.5, goneAfterMilliseconds: 250 };
/** What a key is refused for that is held to the reader once more, as on a busy computer. */
const HELD_ONCE_MORE = new Set(['key-too-soon', 'two-keys', 'key-contact-short']);

/** How long a person lifts a key before they try again, and holds it before they do. Milliseconds. */
const LIFTED = 700;
const NO_ANSWER_AFTER = 4_000;

const NO_DESK = { boards: [], readers: [], cabinets: [] };
const DESK = {
  buses: ['board-line', 'reader-line'].map((id) => ({ id, transport: { type: 'flow' } })),
  boards: [{ id: 'board', bus: 'board-line', driver: 'kerong-cu48', address: 0 }],
  readers: [{ id: 'desk', bus: 'reader-line', driver: 'rdm6300', cabinet: 'A', decide: 'flow' }],
  cabinets: [
    {
      id: 'A',
      name: 'A',
      kind: 'multi',
      schema: '2.2',
      compartments: [{ from: 1, to: 2, board: 'board', firstLock: 0 }],
    },
  ],
};

export interface WorkOptions {
  /** Controllers on one bus, at most. Default 1. */
  readonly perBus?: number;
  readonly journalLimit?: number;
  /** A cabinet besides, with a reader `desk` at which people identify and keys are held; both on lines of flows. */
  readonly withDesk?: boolean;
  /** The gateway of the same site with which it shares its store. */
  readonly beside?: CassettesAtWork;
}

/** A gateway with cassettes over TCP to simulated controllers, and a store over a wire that can be cut. */
export class CassettesAtWork {
  readonly folder: string;
  readonly controllers: Controllers;
  readonly store: FreshStore;
  readonly proxy: StoreProxy;
  readonly troubles: string[] = [];
  readonly notices: CassetteNotice[] = [];
  readonly #cassettes: readonly TestCassette[];
  readonly #options: WorkOptions;
  #started: StartedGateway | undefined;

  private constructor(
    folder: string,
    cassettes: readonly TestCassette[],
    controllers: Controllers,
    store: { readonly store: FreshStore; readonly proxy: StoreProxy },
    options: WorkOptions,
  ) {
    this.folder = folder;
    this.#cassettes = cassettes;
    this.controllers = controllers;
    this.store = store.store;
    this.proxy = store.proxy;
    this.#options = options;
  }

  /** Serves a controller for each cassette and starts the gateway. */
  static async start(
    cassettes: readonly TestCassette[],
    options: WorkOptions = {},
  ): Promise<CassettesAtWork> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-cassettes-'));
    const ids = cassettes.map(({ id }) => id);
    const controllers = await Controllers.serve(ids, options.perBus, (id) => pairingKey(folder, id));
    const { beside } = options;
    if (beside) {
      const own = join('secrets', 'credential-key');
      await cp(join(beside.folder, own), join(folder, own));
    }
    const store = beside?.store ?? (await openFreshStore());
    const proxy = await StoreProxy.inFrontOf(store.uri);
    const work = new CassettesAtWork(folder, cassettes, controllers, { store, proxy }, options);
    try {
      await work.begin();
      return work;
    } catch (error) {
      await work.close();
      throw error;
    }
  }

  get started(): StartedGateway {
    if (!this.#started) throw new Error('The gateway is not running.');
    return this.#started;
  }

  get gateway(): StartedGateway['gateway'] {
    return this.started.gateway;
  }

  simulator(id: string): CassetteControllerSimulator {
    return this.controllers.of(id);
  }

  view(id: string): CassetteView {
    const found = this.gateway.cassettes.view(id);
    if (!found) throw new Error(`There is no cassette ${id}.`);
    return found;
  }

  get site(): SiteFile {
    return checkSite('site.json', {
      version: 1,
      site: { id: 'works', name: 'Works', timeZone: 'Europe/Rome', language: 'it' },
      ...(this.#options.withDesk === true ? DESK : NO_DESK),
      buses: [...this.controllers.buses, ...(this.#options.withDesk === true ? DESK.buses : [])],
      cassettes: this.#cassettes.map((cassette) => {
        const { bus, address } = this.controllers.wireOf(cassette.id);
        return {
          name: `Cassette ${cassette.id}`,
          contact: QUICK_CONTACT,
          controller: { bus, address },
          ...cassette,
        };
      }),
    });
  }

  /** Starts the gateway, again or for the first time; resolves when every controller answers. */
  async begin(): Promise<void> {
    const { journalLimit } = this.#options;
    this.#started = await startGateway({
      siteFile: 'site.json',
      site: this.site,
      dataFolder: this.folder,
      mongodbUri: this.proxy.uri,
      notice: (text) => this.troubles.push(text),
      ...(journalLimit !== undefined && { journalLimit }),
    });
    this.gateway.cassettes.onNotice((notice) => this.notices.push(notice));
    for (const { id } of this.#cassettes) await this.answers(id);
  }

  /** Waits until the controller of a cassette answers and, at rest, has tested itself. */
  answers(id: string): Promise<void> {
    return eventually(`cassette ${id} answers`, () => {
      const view = this.gateway.cassettes.view(id);
      if (view?.linked !== true || !view.readings) return false;
      return view.phase !== 'rest' || view.readings.selfTest === 'passed';
    });
  }

  /** Ends the gateway in order; controllers and store stay. */
  async end(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    await started?.close();
  }

  async close(): Promise<void> {
    this.proxy.restore();
    await this.end();
    await this.controllers.close();
    await this.proxy.close();
    if (!this.#options.beside) await this.store.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Registers a key under its role, good for every cassette. */
  register(role: KeyRole, id: string = role, rom: string = ROMS[role]): Promise<void> {
    const key = { id, rom, role, cassettes: [], duress: false };
    return this.started.administration.cassetteKeys.register(key, TESTER);
  }

  /** Holds a key to a controller until it has its answer, and takes it away; as a person does, again where it must. */
  async touch(id: string, rom: string): Promise<CassetteNotice> {
    const simulator = this.simulator(id);
    let before = this.notices.length;
    for (let time = 0; time < 20; time += 1) {
      simulator.touchKey(rom);
      const answer = await this.#answer(id, before).finally(() => simulator.leaveKey(rom));
      const { refusal } = (answer?.data ?? {}) as { readonly refusal?: { readonly code: string } };
      if (answer && !HELD_ONCE_MORE.has(refusal?.code ?? '')) return answer;
      if (answer) before = this.notices.length;
      await sleep(LIFTED);
    }
    throw new Error(`The key ${rom} never had its answer at ${id}.`);
  }

  /** What becomes of a key at a reader; undefined where nothing does, because it had not been lifted for long enough. */
  async #answer(id: string, after: number): Promise<CassetteNotice | undefined> {
    const types = ['key-used', 'key-refused', 'second-factor-awaited'];
    const find = (): CassetteNotice | undefined =>
      this.notices.slice(after).find(({ cassette, type }) => cassette === id && types.includes(type));
    const until = performance.now() + NO_ANSWER_AFTER;
    while (find() === undefined && performance.now() < until) await sleep(5);
    return find();
  }

  /** Arms a cassette of mode `internal` in the machine. */
  async arm(id: string): Promise<void> {
    const simulator = this.simulator(id);
    simulator.insert();
    const ready = (): boolean => {
      const { readings } = this.view(id);
      return readings?.inMachine === true && readings.stainer === 'ready' && readings.selfTest === 'passed';
    };
    for (;;) {
      await eventually(`${id} can be armed`, ready);
      const { data, text } = await this.touch(id, ROMS.K);
      const { refusal } = data as { readonly refusal?: { readonly code: string } };
      if (!refusal) break;
      // A self-test that was ordered a moment ago may still run.
      if (refusal.code !== 'self-test-failed') throw new Error(`${id} was not armed: ${text.en}`);
    }
    await this.phase(id, 'full');
  }

  /** The first event of one of the types after so many notices. */
  async noticed(id: string, types: readonly string[], after = 0): Promise<CassetteNotice> {
    const find = (): CassetteNotice | undefined =>
      this.notices.slice(after).find(({ cassette, type }) => cassette === id && types.includes(type));
    await eventually(`${id}: ${types.join(' or ')}`, () => find() !== undefined);
    return find() as CassetteNotice;
  }

  phase(id: string, phase: Phase): Promise<void> {
    return eventually(`${id} is in ${phase}`, () => this.view(id).phase === phase);
  }

  fired(id: string): Promise<void> {
    return eventually(`${id} has fired`, () => this.simulator(id).firings === 1);
  }

  /** Waits until everything that happened is in the store. */
  shipped(): Promise<void> {
    const { cassettes } = this.gateway;
    return eventually('the records are shipped', () => cassettes.records().waiting === 0);
  }

  /** The events of a cassette as the store has them, past the wire; with a chain that was verified. */
  async stored(id: string): Promise<LoggedEvent[]> {
    return (await this.storedOf([id])).get(id) ?? [];
  }

  /** As `stored`, of several. */
  async storedOf(ids: readonly string[]): Promise<ReadonlyMap<string, LoggedEvent[]>> {
    const repository = new EventRepository(this.store.connection);
    const flaws = await flawsOf(repository);
    if (flaws.length > 0) throw new Error(`The log is not sound: ${JSON.stringify(flaws)}`);
    const events = new Map<string, LoggedEvent[]>();
    for (const id of ids) events.set(id, await Array.fromAsync(repository.read(streamOf(id), 0)));
    return events;
  }
}
