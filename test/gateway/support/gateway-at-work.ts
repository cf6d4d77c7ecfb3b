import { loadSchemas } from '../../../config/modes.ts';
import type { SiteCabinet, SiteFile } from '../../../config/site.ts';
import type { CabinetEvent } from '../../../domain/cabinet/events.ts';
import { evolve, UNCONFIGURED } from '../../../domain/cabinet/evolve.ts';
import { type CabinetSnapshot, fromSnapshot, toSnapshot } from '../../../domain/cabinet/snapshot.ts';
import {
  type CabinetState,
  type CompartmentState,
  compartmentOf,
  statusOf,
} from '../../../domain/cabinet/state.ts';
import { DEFAULT_SIGNALS } from '../../../domain/cassette/signal.ts';
import type {
  CabinetRoles,
  Granted,
  Identified,
  Opened,
  PanelAnswer,
  PanelView,
  Refused,
} from '../../../gateway/api.ts';
import type { Cabinet } from '../../../gateway/cabinet.ts';
import { NO_CASSETTES } from '../../../gateway/cassettes/cassette-thread.ts';
import { SezamGateway } from '../../../gateway/gateway.ts';
import { LiveSite } from '../../../gateway/live-site.ts';
import type { CodeMail, Scan } from '../../../gateway/ports.ts';
import { SiteCabinets } from '../../../gateway/site-cabinets.ts';
import { Stream } from '../../../gateway/stream.ts';
import { EventFinder } from '../../../models/event-search.ts';
import { memoryAlarms } from '../../support/memory-alarms.ts';
import { buildMemoryHardware, type MemoryBoard, type MemoryReader } from './memory-hardware.ts';
import { ADMINISTRATOR, type People, startPeople } from './people.ts';
import type { StoredLog } from './stored-log.ts';

/** Lock of compartment 1, so that a mixed-up lock and compartment number is seen. */
export const FIRST_LOCK = 4;

const READER = { bus: 'wire', driver: 'memory-reader', cabinet: 'A' } as const;

/** What a test wants otherwise. */
export interface SiteChange {
  readonly cabinet?: Partial<SiteCabinet>;
  readonly panels?: NonNullable<SiteFile['panels']>;
  readonly codeMail?: CodeMail;
  readonly cabinetRoles?: CabinetRoles;
}

/** Four compartments under schema 2.2; `flow-reader` is a flow's, `own-reader` the gateway's. */
const SITE: SiteFile = {
  version: 1,
  site: { id: 'works', name: 'Works', timeZone: 'Europe/Warsaw', language: 'pl' },
  buses: [{ id: 'wire', transport: { type: 'flow' } }],
  boards: [{ id: 'board-1', bus: 'wire', driver: 'memory-board', address: 0 }],
  readers: [
    { id: 'flow-reader', decide: 'flow', ...READER },
    { id: 'own-reader', decide: 'gateway', ...READER },
  ],
  cabinets: [
    {
      id: 'A',
      name: 'Cabinet A',
      kind: 'clothes',
      schema: '2.2',
      compartments: [{ from: 1, to: 4, board: 'board-1', firstLock: FIRST_LOCK }],
      doors: { opensWithinSeconds: 3, attempts: 3, leftOpenAfterSeconds: 20, grantValidSeconds: 10 },
    },
  ],
};

/** A whole gateway in manual time, over a real store and a real journal, with hardware in memory. */
export class GatewayAtWork {
  readonly stored: StoredLog;
  gateway!: SezamGateway;
  people!: People;
  cabinets!: ReadonlyMap<string, Cabinet>;
  board!: MemoryBoard;
  readonly troubles: string[] = [];
  /** Counts starts after a loss of power: what an earlier life still does says nothing any more. */
  #life = 0;
  readonly #change: SiteChange;
  #readers!: ReadonlyMap<string, MemoryReader>;

  private constructor(stored: StoredLog, change: SiteChange) {
    this.stored = stored;
    this.#change = change;
  }

  /** Starts a gateway whose doors are known to be closed. */
  static async start(stored: StoredLog, change: SiteChange = {}): Promise<GatewayAtWork> {
    const work = new GatewayAtWork(stored, change);
    await work.#start();
    await work.report();
    return work;
  }

  async #start(): Promise<void> {
    const { stored } = this;
    const { log, store, clock } = stored;
    this.people = await startPeople(stored);
    const stream = await Stream.open<CabinetState, CabinetEvent>({
      name: 'cabinet/A',
      log,
      store,
      clock,
      shape: {
        initial: UNCONFIGURED,
        evolve,
        toSnapshot,
        fromSnapshot: (snapshot) => fromSnapshot(snapshot as CabinetSnapshot),
      },
    });
    const { panels = [], codeMail, cabinetRoles } = this.#change;
    const site: SiteFile = {
      ...SITE,
      panels,
      cabinets: SITE.cabinets.map((cabinet) => ({ ...cabinet, ...this.#change.cabinet })),
    };
    const { hardware, boards, readers } = buildMemoryHardware(site, clock);
    const { directory, logins, ring, itemRegistry } = this.people;
    const life = this.#life;
    const onTrouble = (message: string): void => {
      if (life === this.#life) this.troubles.push(message);
    };
    const schemas = await loadSchemas();
    const live = new LiveSite(site);
    this.cabinets = live.cabinets;
    const siteCabinets = new SiteCabinets({
      siteFile: 'site',
      schemas,
      hardware,
      directory,
      itemRegistry,
      clock,
      notice: onTrouble,
      live,
    });
    await siteCabinets.openAll(new Map([['A', stream]]));
    this.gateway = new SezamGateway({
      site: live,
      schemas,
      directory,
      logins,
      ring,
      items: itemRegistry,
      ...(cabinetRoles && { cabinetRoles }),
      silentItemReaders: () => siteCabinets.watch.silent,
      codeMail,
      mail: { notify: () => Promise.resolve({ outcome: 'refused', status: 'mail-not-set-up' }) },
      search: new EventFinder(stored.fresh.connection),
      hardware,
      cassettes: { ids: [], signals: DEFAULT_SIGNALS, thread: NO_CASSETTES },
      alarms: memoryAlarms({ clock }),
      clock,
      logHealth: () => log.health,
      onTrouble,
    });
    this.gateway.start();
    this.board = boards.get('board-1') as MemoryBoard;
    this.#readers = readers;
  }

  async stop(): Promise<void> {
    await this.stored.until(this.gateway.stop());
    await this.people.stop();
  }

  /** Starts again after a clean end. What `meanwhile` does to the doors, nobody sees. */
  async restart(meanwhile: (board: MemoryBoard) => void = () => {}): Promise<void> {
    await this.stop();
    await this.crash(meanwhile);
  }

  /** Starts again as after a loss of power: nothing of the life before goes on. */
  async crash(meanwhile: (board: MemoryBoard) => void = () => {}): Promise<void> {
    const { board } = this;
    this.#life += 1;
    this.people.directory.stop();
    await this.stored.reopen();
    await this.#start();
    for (let lock = 0; lock < 24; lock += 1) this.board.moveUnseen(lock, board.doorOf(lock) ?? 'closed');
    meanwhile(this.board);
  }

  reader(id: 'flow-reader' | 'own-reader'): MemoryReader {
    return this.#readers.get(id) as MemoryReader;
  }

  /** The board says how its doors stand. */
  async report(): Promise<void> {
    this.board.report();
    await this.stored.work();
    await this.stored.work();
  }

  /** Adds a user with a card or a PIN. */
  async person(name: string, ...scans: readonly Scan[]): Promise<string> {
    const { administration } = this.people;
    const user = await administration.addUser({ name, roles: ['defined'], groups: ['staff'] }, ADMINISTRATOR);
    for (const scan of scans) await administration.addCredential(user, scan, ADMINISTRATOR);
    return user;
  }

  async identify(scan: Scan): Promise<Identified | Refused> {
    return this.stored.until(this.gateway.identify(this.gateway.present('flow-reader', scan)));
  }

  async allocate(scan: Scan): Promise<Granted | Refused> {
    const identified = await this.identify(scan);
    return identified.ok ? this.stored.until(this.gateway.allocate(identified.identity)) : identified;
  }

  /** The whole way from a card to the open door. */
  async serve(scan: Scan): Promise<Opened | Refused> {
    const granted = await this.allocate(scan);
    return granted.ok ? this.stored.until(this.gateway.unlock(granted.grant)) : granted;
  }

  /** An answer at a panel; the view, or the refusal. */
  async answer(panel: string, answer: PanelAnswer): Promise<PanelView | Refused> {
    const answered = await this.stored.until(this.gateway.answer(panel, answer));
    return answered.ok ? answered.view : answered;
  }

  /** The code of what a panel asks. */
  prompt(panel: string): string {
    return this.gateway.panel(panel)?.prompt.code ?? 'no panel';
  }

  /** Lets time pass until something holds, for up to so long. @param within milliseconds */
  async reaches(holds: () => boolean, within: number): Promise<void> {
    const end = this.stored.clock.now() + within;
    while (!holds()) {
      if (this.stored.clock.now() >= end) throw new Error(`It does not hold after ${within} ms.`);
      await this.stored.clock.advance(Math.min(1_000, within));
      await this.stored.work();
    }
  }

  async closeDoor(compartment: number): Promise<void> {
    this.board.move(FIRST_LOCK + compartment - 1, 'closed');
    await this.stored.pass(100);
  }

  get cabinet(): CabinetState {
    return this.gateway.cabinet('A') as CabinetState;
  }

  compartment(number: number): CompartmentState {
    return compartmentOf(this.cabinet, number) as CompartmentState;
  }

  status(number: number): string {
    return statusOf(this.cabinet, this.compartment(number));
  }

  /** The types of the stored events of the cabinet, after the two with which it begins. */
  async types(): Promise<string[]> {
    return (await this.stored.events('cabinet/A')).slice(2).map(({ type }) => type);
  }

  /** The data of the last stored event of the cabinet. */
  async last(): Promise<unknown> {
    return (await this.stored.events('cabinet/A')).at(-1)?.data;
  }
}

/** A card by number. */
export function card(number: number): Scan {
  return { kind: 'card', value: number.toString(16).toUpperCase().padStart(8, '0') };
}

/** The code of a refusal, or `ok`. */
export function codeOf(answer: { readonly ok: true } | Refused): string {
  return answer.ok ? 'ok' : answer.refusal.code;
}

/** The code of what a panel asks after an answer, or of the refusal. */
export function shownCode(answered: PanelView | Refused): string {
  return 'ok' in answered ? answered.refusal.code : answered.prompt.code;
}
