/** A site whose file is edited while its gateway runs: real gateway and store, boards and readers simulated over TCP. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteCabinet, SiteFile } from '../../../config/site.ts';
import type { CabinetState } from '../../../domain/cabinet/state.ts';
import { compartmentOf } from '../../../domain/cabinet/state.ts';
import type { LoggedEvent } from '../../../domain/event.ts';
import type { CabinetChange, Done, OperatorRequest, Refused, SiteView } from '../../../gateway/api.ts';
import { seal } from '../../../gateway/event-log/chain.ts';
import type { ReloadAnswer } from '../../../gateway/site-reload.ts';
import { type StartedGateway, startGateway } from '../../../gateway/start.ts';
import { EventRepository } from '../../../models/events.ts';
import { Cu48Simulator } from '../../../simulators/kerong-cu48.ts';
import { Rdm6300Simulator } from '../../../simulators/rdm6300.ts';
import { type ServedSimulator, serveTcp } from '../../../simulators/serve.ts';
import type { Simulator } from '../../../simulators/simulator.ts';
import { eventually } from '../../support/eventually.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { StoreLine } from './store-line.ts';

export const WHOEVER = { kind: 'machine', id: 'test' } as const;

/** Doors are asked often, so that a test does not wait for them. */
const BOARD = {
  driver: 'kerong-cu48',
  settings: { pollMilliseconds: 40, fastPollMilliseconds: 20 },
} as const;

export type Changed = (file: SiteFile) => SiteFile;

/** A cabinet of four compartments under schema 2.2, whose stuck doors are pulsed for half a minute. */
export function cabinetOn(id: string, board: string, change: Partial<SiteCabinet> = {}): SiteCabinet {
  return {
    id,
    name: `Cabinet ${id}`,
    kind: 'multi',
    schema: '2.2',
    compartments: [{ from: 1, to: 4, board, firstLock: 0 }],
    doors: { opensWithinSeconds: 3, attempts: 10 },
    ...change,
  };
}

export class ChangingSite {
  readonly folder: string;
  readonly siteFile: string;
  file: SiteFile;
  started!: StartedGateway;
  readonly troubles: string[] = [];
  readonly changes: CabinetChange['event'][] = [];
  readonly sites: SiteView[] = [];
  /** Between the gateway and its store. */
  readonly line: StoreLine;
  readonly #store: FreshStore;
  readonly #served = new Map<string, ServedSimulator>();
  readonly #simulators: Simulator[] = [];

  private constructor(store: FreshStore, line: StoreLine, folder: string) {
    this.#store = store;
    this.line = line;
    this.folder = folder;
    this.siteFile = join(folder, 'site.json');
    this.file = {
      version: 1,
      site: { id: 'works', name: 'Works', timeZone: 'Europe/Warsaw', language: 'en' },
      userGroups: [{ id: 'staff', name: 'Staff' }],
      buses: [],
      boards: [],
      readers: [],
      cabinets: [],
    };
  }

  /** Cabinet `A` with a board of its own on bus `a-locks`, and a card reader on `a-cards`. */
  static async start(change: Changed = (file) => file): Promise<ChangingSite> {
    const store = await openFreshStore();
    const site = new ChangingSite(store, await StoreLine.lay(store.uri), await temporaryFolder());
    try {
      await site.lay('a-locks', site.boardA);
      await site.lay('a-cards', site.readerA);
      const { file } = site;
      const buses = [site.busOn('a-locks'), site.busOn('a-cards')];
      await site.write(() =>
        change({
          ...file,
          buses,
          boards: [{ id: 'board-a', bus: 'a-locks', address: 0, ...BOARD }],
          readers: [{ id: 'reader-a', bus: 'a-cards', driver: 'rdm6300', cabinet: 'A', decide: 'flow' }],
          cabinets: [cabinetOn('A', 'board-a')],
        }),
      );
      await site.open();
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  readonly boardA = new Cu48Simulator({ addresses: [0, 1], openMilliseconds: 30 });
  readonly readerA = new Rdm6300Simulator();

  /** The store itself, past the line. */
  get store(): FreshStore {
    return this.#store;
  }

  get dataFolder(): string {
    return join(this.folder, 'data');
  }

  /**
   * Starts the gateway, and waits until it knows every door.
   *
   * @param journalLimit bytes that its journal may hold
   */
  async open(journalLimit?: number, options: { readonly fixedSite?: boolean } = {}): Promise<void> {
    this.started = await startGateway({
      siteFile: this.siteFile,
      dataFolder: this.dataFolder,
      mongodbUri: this.line.uri,
      ...options,
      ...(journalLimit !== undefined && { journalLimit }),
      notice: (message) => void this.troubles.push(message),
    });
    const { gateway } = this.started;
    gateway.onChange(({ event }) => void this.changes.push(event));
    gateway.onSite((site) => void this.sites.push(site));
    await this.doorsKnown();
  }

  async doorsKnown(...cabinets: readonly string[]): Promise<void> {
    const known = ({ compartments }: CabinetState): boolean =>
      compartments.every(({ door }) => door !== 'unknown');
    await eventually('every door is known', () => {
      const all = this.started.gateway.cabinets();
      return all.filter(({ setting }) => cabinets.length === 0 || cabinets.includes(setting.id)).every(known);
    });
  }

  /** Puts a device behind a TCP port; `busOn` names it in the site file. */
  async lay(bus: string, device: Simulator): Promise<void> {
    this.#simulators.push(device);
    this.#served.set(bus, await serveTcp(device, 0));
  }

  /** Takes a device away from its port, which stays the one that `busOn` names. */
  async reserve(bus: string): Promise<{ readonly port: number }> {
    const port = this.#served.get(bus)?.port;
    if (port === undefined) throw new Error(`Nothing stands behind ${bus}.`);
    await this.#served.get(bus)?.close();
    return { port };
  }

  /** Puts a device behind a port that it was taken away from. */
  async serveAt(bus: string, device: Simulator, port: number): Promise<void> {
    this.#served.set(bus, await serveTcp(device, port));
  }

  /** Whatever stands behind a bus answers no more. */
  async hangUp(bus: string): Promise<void> {
    await this.#served.get(bus)?.close();
    this.#served.delete(bus);
  }

  busOn(id: string, at = id): SiteFile['buses'][number] {
    const port = this.#served.get(at)?.port;
    if (port === undefined) throw new Error(`Nothing stands behind ${at}.`);
    return { id, transport: { type: 'tcp', host: '127.0.0.1', port } };
  }

  /** Somebody edits the site file. */
  async write(change: Changed): Promise<void> {
    this.file = change(this.file);
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.siteFile, JSON.stringify(this.file, undefined, 2));
  }

  /** Edits the site file and takes it over. */
  async change(change: Changed, options: { force?: boolean; dryRun?: boolean } = {}): Promise<ReloadAnswer> {
    await this.write(change);
    return this.reload(options);
  }

  reload({ force = false, dryRun = false } = {}): Promise<ReloadAnswer> {
    return this.started.reload.reload({ force, dryRun }, WHOEVER);
  }

  /** With a cabinet `B` on a bus and a board of its own, and a card reader. */
  async withB(board: Simulator, reader?: Simulator): Promise<Changed> {
    await this.lay('b-locks', board);
    if (reader) await this.lay('b-cards', reader);
    return (file) => ({
      ...file,
      buses: [...file.buses, this.busOn('b-locks'), ...(reader ? [this.busOn('b-cards')] : [])],
      boards: [...file.boards, { id: 'board-b', bus: 'b-locks', address: 0, ...BOARD }],
      readers: [
        ...file.readers,
        ...(reader
          ? [{ id: 'reader-b', bus: 'b-cards', driver: 'rdm6300', cabinet: 'B', decide: 'flow' } as const]
          : []),
      ],
      cabinets: [...file.cabinets, cabinetOn('B', 'board-b')],
    });
  }

  operate(request: OperatorRequest): Promise<Done | Refused> {
    return this.started.gateway.operate(request, WHOEVER);
  }

  /** Opens a compartment as an operator; resolves when its door is open. */
  opening(cabinet: string, compartment: number): Promise<Done | Refused> {
    return this.operate({ do: 'open', cabinet, compartment, reason: 'test' });
  }

  /** Waits until nothing is under way in a compartment. */
  async used(cabinet: string, number: number): Promise<void> {
    await eventually(`compartment ${number} of ${cabinet} is at rest`, () => {
      const { opening, use, unsettled } = this.compartment(cabinet, number) ?? {};
      return !opening && !use && !unsettled;
    });
  }

  /** Waits until the gateway has found its store again. */
  async storeAnswers(): Promise<void> {
    await eventually('the store answers', () => {
      const { store, journal } = this.started.gateway.health();
      return store.condition === 'ok' && journal.waiting === 0;
    });
  }

  /** Another gateway writes the stream of a cabinet, which this one has not noticed yet. */
  async takeOver(cabinet: string): Promise<void> {
    const repository = new EventRepository(this.#store.connection);
    const stream = `cabinet/${cabinet}`;
    const events = await this.stored(stream);
    const last = events.at(-1);
    if (!last) throw new Error(`Nothing is stored of ${stream}.`);
    const { type, actor, data } = last;
    await repository.append([
      seal(stream, { seq: last.seq, hash: last.hash }, { type, actor, data }, Date.parse(last.at) + 1),
    ]);
  }

  /** Somebody deletes the site file. */
  async remove(): Promise<void> {
    await rm(this.siteFile);
  }

  compartment(cabinet: string, number: number) {
    const state = this.started.gateway.cabinet(cabinet);
    return state && compartmentOf(state, number);
  }

  /** Types of the events that were told of a cabinet. */
  told(cabinet: string): readonly string[] {
    return this.changes.filter(({ stream }) => stream === `cabinet/${cabinet}`).map(({ type }) => type);
  }

  async stored(stream: string): Promise<readonly LoggedEvent[]> {
    return Array.fromAsync(new EventRepository(this.#store.connection).read(stream, 0));
  }

  /** The events of the site that tell of reloads. */
  async reloads(): Promise<readonly LoggedEvent[]> {
    const { connection } = this.#store;
    const names = await new EventRepository(connection).streams();
    const events = await Promise.all(
      names.filter((name) => name.startsWith('site/')).map((name) => this.stored(name)),
    );
    return events.flat().filter(({ type }) => type.startsWith('site-reload'));
  }

  async close(): Promise<void> {
    await this.started?.close();
    await this.line.close();
    await Promise.all([...this.#served.values()].map((served) => served.close()));
    for (const simulator of this.#simulators) simulator.close();
    await this.#store.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}
