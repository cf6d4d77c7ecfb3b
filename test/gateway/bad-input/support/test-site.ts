/** A site on loopback TCP with a gateway in this process: one cabinet, one board, one reader that the gateway decides for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteFile } from '../../../../config/site.ts';
import {
  type CabinetState,
  type CompartmentState,
  type CompartmentStatus,
  compartmentOf,
  statusOf,
} from '../../../../domain/cabinet/state.ts';
import type { LoggedEvent } from '../../../../domain/event.ts';
import { startEmbeddedMongo } from '../../../../embedded-mongo/index.ts';
import { type StartedGateway, type StartOptions, startGateway } from '../../../../gateway/start.ts';
import { connect } from '../../../../models/connection.ts';
import { EventRepository } from '../../../../models/events.ts';
import { Cu48Simulator } from '../../../../simulators/kerong-cu48.ts';
import { Rdm6300Simulator } from '../../../../simulators/rdm6300.ts';
import { type ServedSimulator, serveTcp } from '../../../../simulators/serve.ts';
import { flawsOf, type OpenStore, TestStore } from '../../../end-to-end/support/test-store.ts';
import { eventually } from '../../../support/eventually.ts';
import { StoreProxy } from './store-proxy.ts';

const ACTOR = { kind: 'machine', id: 'test' } as const;

/** Times cut short, so that a door that does not open is known within a test. */
const QUICK_BOARD = {
  pollMilliseconds: 30,
  fastPollMilliseconds: 20,
  silentPollMilliseconds: 50,
  replyMilliseconds: 100,
  missedPolls: 2,
  retries: 1,
};
const QUICK_DOORS = { opensWithinSeconds: 0.5, attempts: 2, leftOpenAfterSeconds: 30, grantValidSeconds: 5 };

export interface TestSiteOptions {
  readonly schema?: string;
  readonly compartments?: number;
  /** Who decides after a presentation. Default `gateway`. */
  readonly decide?: 'flow' | 'gateway';
  /** Whether the store is reached over a wire that the test can cut. */
  readonly proxied?: boolean;
}

/** A gateway of the site that runs, and what it told. */
export class RunningGateway {
  readonly started: StartedGateway;
  /** Events of the cabinet in this run, in order. */
  readonly events: LoggedEvent[] = [];
  readonly notices: string[];

  constructor(started: StartedGateway, notices: string[]) {
    this.started = started;
    this.notices = notices;
    started.gateway.onChange(({ event }) => this.events.push(event));
  }

  get cabinet(): CabinetState {
    const cabinet = this.started.gateway.cabinet('A');
    if (!cabinet) throw new Error('The gateway has no cabinet A.');
    return cabinet;
  }

  /** The types of the events of this run since the doors were found. */
  get types(): string[] {
    return this.events.map(({ type }) => type).filter((type) => !QUIET_TYPES.has(type));
  }

  compartment(number: number): CompartmentState {
    const compartment = compartmentOf(this.cabinet, number);
    if (!compartment) throw new Error(`There is no compartment ${number}.`);
    return compartment;
  }

  statusOf(number: number): CompartmentStatus {
    return statusOf(this.cabinet, this.compartment(number));
  }

  holdersOf(number: number): readonly string[] {
    return this.compartment(number).holders;
  }

  /** Waits until an event of a type has come `count` times. */
  async heard(type: string, count = 1): Promise<LoggedEvent> {
    const ofType = (): LoggedEvent[] => this.events.filter((event) => event.type === type);
    await eventually(`${count} × ${type}`, () => ofType().length >= count);
    return ofType()[count - 1] as LoggedEvent;
  }

  /** Adds a person with a card; returns their id. */
  async addPerson(card: string): Promise<string> {
    const { administration } = this.started;
    const user = await administration.addUser({ name: card, roles: ['defined'], groups: [] }, ACTOR);
    await administration.addCredential(user, { kind: 'card', value: card }, ACTOR);
    return user;
  }

  /** The whole way of a card by the gateway's own calls, at once and without the reader's wire. */
  async serve(card: string): Promise<string> {
    const { gateway } = this.started;
    const identified = await gateway.identify(gateway.present('reader-1', { kind: 'card', value: card }));
    if (!identified.ok) return identified.refusal.code;
    const granted = await gateway.allocate(identified.identity);
    if (!granted.ok) return granted.refusal.code;
    const opened = await gateway.unlock(granted.grant);
    return opened.ok ? `opened ${opened.compartment}` : opened.refusal.code;
  }
}

/** What every start records; no part of what a test is about. */
const QUIET_TYPES = new Set(['cabinet-configured', 'doors-found']);

export class TestSite {
  readonly reader = new Rdm6300Simulator();
  readonly board = new Cu48Simulator({ openMilliseconds: 20 });
  readonly folder: string;
  readonly store = new TestStore();
  readonly #options: TestSiteOptions;
  readonly #lines: ServedSimulator[];
  readonly #running: StartedGateway[] = [];
  #behind:
    | { readonly proxy: StoreProxy; readonly uri: string; readonly close: () => Promise<void> }
    | undefined;

  private constructor(folder: string, lines: ServedSimulator[], options: TestSiteOptions) {
    this.folder = folder;
    this.#lines = lines;
    this.#options = options;
  }

  static async build(options: TestSiteOptions = {}): Promise<TestSite> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-bad-input-'));
    const lines: ServedSimulator[] = [];
    const site = new TestSite(folder, lines, options);
    lines.push(await serveTcp(site.board, 0), await serveTcp(site.reader, 0));
    if (options.proxied) await site.#putProxy();
    return site;
  }

  /** The wire to the store of a site that was built with one. */
  get proxy(): StoreProxy {
    if (!this.#behind) throw new Error('This site was built without a wire to its store.');
    return this.#behind.proxy;
  }

  get file(): SiteFile {
    const { schema = '2.2', compartments = 4, decide = 'gateway' } = this.#options;
    const tcp = (line: ServedSimulator | undefined) => {
      return { type: 'tcp', host: '127.0.0.1', port: line?.port ?? 0 } as const;
    };
    return {
      version: 1,
      site: { id: 'test', name: 'Test site', timeZone: 'Europe/Warsaw', language: 'en' },
      buses: [
        { id: 'locks', transport: tcp(this.#lines[0]) },
        { id: 'readers', transport: tcp(this.#lines[1]) },
      ],
      boards: [{ id: 'board-1', bus: 'locks', driver: 'kerong-cu48', address: 0, settings: QUICK_BOARD }],
      readers: [{ id: 'reader-1', bus: 'readers', driver: 'rdm6300', cabinet: 'A', decide }],
      cabinets: [
        {
          id: 'A',
          name: 'Cabinet A',
          kind: 'multi',
          schema,
          compartments: [{ from: 1, to: compartments, board: 'board-1', firstLock: 0 }],
          doors: QUICK_DOORS,
        },
      ],
    };
  }

  get dataFolder(): string {
    return join(this.folder, 'data');
  }

  /** Starts a gateway and waits until it knows its doors and hears its reader. */
  async start(options: Partial<StartOptions> = {}): Promise<RunningGateway> {
    const notices: string[] = [];
    const connections = this.board.connections;
    const started = await startGateway({
      siteFile: 'site.json',
      site: this.file,
      dataFolder: this.dataFolder,
      mongodbUri: this.#behind?.proxy.uri ?? this.store.uri,
      notice: (message) => notices.push(message),
      ...options,
    });
    this.#running.push(started);
    const running = new RunningGateway(started, notices);
    await eventually('the gateway knows its doors and hears its reader', () => {
      const known = running.cabinet.compartments.every(({ door }) => door !== 'unknown');
      const heard = started.gateway.health().buses.every(({ state }) => state === 'connected');
      return known && heard && this.board.connections > connections;
    });
    return running;
  }

  /** Locks that were pulsed, as compartment numbers, in order. */
  get pulses(): number[] {
    return this.board.pulses.map(({ lock }) => lock + 1);
  }

  /** Cuts the wire of the lock board and of the reader; the gateway connects anew by itself. */
  dropConnections(): void {
    for (const line of this.#lines) line.dropConnections();
  }

  /** Takes both lines away for good. */
  async unplug(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.close()));
  }

  /** Stops a gateway, and gives what the store then holds of the cabinet. The whole log must be sound. */
  async stopAndRead(running: RunningGateway): Promise<LoggedEvent[]> {
    await running.started.close();
    return this.read();
  }

  /** What the store holds of the cabinet. The whole log must be sound. */
  async read(): Promise<LoggedEvent[]> {
    const store = await this.#openStore();
    try {
      const flaws = await flawsOf(store.events);
      if (flaws.length > 0) throw new Error(`The log is damaged: ${JSON.stringify(flaws)}`);
      return await Array.fromAsync(store.events.read('cabinet/A', 0));
    } finally {
      await store.close();
    }
  }

  async close(): Promise<void> {
    this.#behind?.proxy.restore();
    for (const started of this.#running) await started.close();
    await this.#behind?.close();
    await Promise.all(this.#lines.map((line) => line.close()));
    this.reader.close();
    this.board.close();
    await this.store.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #putProxy(): Promise<void> {
    const embedded =
      this.store.uri === undefined
        ? await startEmbeddedMongo({ folder: join(this.folder, 'store-behind') })
        : undefined;
    const uri = this.store.uri ?? embedded?.uri ?? '';
    const proxy = await StoreProxy.inFrontOf(uri);
    this.#behind = {
      proxy,
      uri,
      close: async () => {
        await proxy.close();
        await embedded?.close();
      },
    };
  }

  /** The store itself, past any proxy. */
  async #openStore(): Promise<OpenStore> {
    if (!this.#behind) return this.store.open(this.dataFolder);
    const connection = await connect(this.#behind.uri);
    return { connection, events: new EventRepository(connection), close: () => connection.close() };
  }
}

/** The events of a log that are about people and their doors, without what every start records. */
export function typesOf(events: readonly LoggedEvent[]): string[] {
  return events.map(({ type }) => type).filter((type) => !QUIET_TYPES.has(type));
}
