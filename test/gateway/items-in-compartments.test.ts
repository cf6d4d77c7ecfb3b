import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import type { CabinetEvents } from '../../domain/cabinet/events.ts';
import type { CabinetState } from '../../domain/cabinet/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { type StartedGateway, startGateway } from '../../gateway/start.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { LineInventorySimulator } from '../../simulators/line-inventory.ts';
import { LineReaderSimulator } from '../../simulators/line-reader.ts';
import { type ServedSimulator, serveTcp } from '../../simulators/serve.ts';
import type { Simulator } from '../../simulators/simulator.ts';
import { eventually } from '../support/eventually.ts';

const ACTOR = { kind: 'machine', id: 'test' } as const;
const CARD = '04A2B3C4';
const DRILL = 'E200341201';
const SAW = 'E200341202';

/** Three compartments that lend items, each with an antenna: a gateway, its wires, and what hangs on them. */
class LendingSite {
  readonly board = new Cu48Simulator({ openMilliseconds: 20 });
  readonly cards = new LineReaderSimulator();
  readonly antennas = new LineInventorySimulator({ antennas: 3 });
  readonly events: LoggedEvent[] = [];
  readonly notices: string[] = [];
  started!: StartedGateway;
  #folder = '';
  #site!: SiteFile;
  #served: ServedSimulator[] = [];

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'sezam-lending-'));
    const ports = [
      await this.#serve(this.board),
      await this.#serve(this.cards),
      await this.#serve(this.antennas),
    ] as const;
    this.#site = siteOn(ports);
    await this.#launch();
  }

  /** Stops the gateway and starts it again. @param meanwhile what happens in between */
  async restart(meanwhile: () => void): Promise<void> {
    await this.started.close();
    meanwhile();
    await this.#launch();
  }

  async #launch(): Promise<void> {
    this.started = await startGateway({
      siteFile: 'lending.json',
      site: this.#site,
      dataFolder: join(this.#folder, 'data'),
      notice: (message) => void this.notices.push(message),
    });
    this.started.gateway.onChange(({ event }) => this.events.push(event));
    await eventually('the cabinet is ready', () =>
      this.cabinet.compartments.every(({ door }) => door === 'closed'),
    );
  }

  async stop(): Promise<void> {
    await this.started.close();
    for (const served of this.#served) await served.close();
    for (const simulator of [this.board, this.cards, this.antennas]) simulator.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get cabinet(): CabinetState {
    const cabinet = this.started.gateway.cabinet('A');
    if (!cabinet) throw new Error('The gateway has no cabinet A.');
    return cabinet;
  }

  /** By compartment, the items that lie inside as the cabinet knows. */
  get contents(): readonly (readonly string[])[] {
    return this.cabinet.compartments.map(({ contents }) => contents.map(({ item }) => item ?? 'unknown'));
  }

  /** Somebody holds the card to the reader; resolves to the compartment that opens for them. */
  async identify(): Promise<number> {
    const before = this.#of('door-opened').length;
    await this.cards.scan(CARD);
    await eventually('a door opens', () => this.#of('door-opened').length > before);
    return this.#of('door-opened').at(-1)?.compartment ?? 0;
  }

  /** Closes a door; resolves to what came of the use. */
  async close(compartment: number): Promise<CabinetEvents['use-settled']> {
    const before = this.#of('use-settled').length;
    this.board.setDoor(compartment - 1, false);
    await eventually('the use is settled', () => this.#of('use-settled').length > before);
    return this.#of('use-settled').at(-1) as CabinetEvents['use-settled'];
  }

  #of<Type extends keyof CabinetEvents>(type: Type): CabinetEvents[Type][] {
    return this.events
      .filter((event) => event.type === type)
      .map(({ data }) => data as unknown as CabinetEvents[Type]);
  }

  async #serve(simulator: Simulator): Promise<number> {
    const served = await serveTcp(simulator, 0);
    this.#served.push(served);
    return served.port;
  }
}

function siteOn([locks, cards, items]: readonly [number, number, number]): SiteFile {
  const bus = (id: string, port: number): SiteFile['buses'][number] => ({
    id,
    transport: { type: 'tcp', host: '127.0.0.1', port },
  });
  return {
    version: 1,
    site: { id: 'works', name: 'Works', timeZone: 'Europe/Warsaw', language: 'en' },
    buses: [bus('locks', locks), bus('cards', cards), bus('items', items)],
    boards: [
      {
        id: 'board-1',
        bus: 'locks',
        driver: 'kerong-cu48',
        address: 0,
        settings: { pollMilliseconds: 30, fastPollMilliseconds: 20 },
      },
    ],
    readers: [
      {
        id: 'reader-1',
        bus: 'cards',
        driver: 'line-reader',
        cabinet: 'A',
        decide: 'gateway',
        quietMilliseconds: 0,
        settings: { kind: 'card' },
      },
    ],
    itemReaders: [
      { id: 'antennas', bus: 'items', driver: 'line-inventory', settings: { replyMilliseconds: 100 } },
    ],
    cabinets: [
      {
        id: 'A',
        name: 'Tools',
        kind: 'multi',
        schema: '3.1',
        compartments: [{ from: 1, to: 3, board: 'board-1', firstLock: 0 }],
        antennas: [{ from: 1, to: 3, reader: 'antennas', firstAntenna: 0 }],
      },
    ],
  };
}

describe('items in compartments', () => {
  let site: LendingSite;
  let user: string;
  let drill: string;
  let saw: string;

  beforeEach(async () => {
    site = new LendingSite();
    await site.start();
    const { administration } = site.started;
    user = await administration.addUser({ name: 'Anna', roles: ['defined'], groups: [] }, ACTOR);
    await administration.addCredential(user, { kind: 'card', value: CARD }, ACTOR);
    drill = await administration.addItem({ name: 'Drill', tag: DRILL, tagKind: 'rfid' }, ACTOR);
    saw = await administration.addItem({ name: 'Saw', tag: SAW, tagKind: 'rfid' }, ACTOR);
    site.antennas.put(1, DRILL);
    site.antennas.put(2, SAW);
    await eventually('both items are seen', () => site.contents.flat().length === 2);
  });

  afterEach(() => site.stop());

  it('are seen where they are put', () => {
    expect(site.contents).to.deep.equal([[], [drill], [saw]]);
  });

  it('are taken and returned by a card', async () => {
    expect(await site.identify(), 'the first that holds an item').to.equal(2);
    site.antennas.take(1, DRILL);
    expect(await site.close(2)).to.deep.include({ outcome: 'taken', user, item: drill });
    expect(site.contents).to.deep.equal([[], [], [saw]]);
    expect(site.cabinet.loans).to.have.length(1);
    expect(site.cabinet.loans[0]).to.deep.include({ user, item: drill, compartment: 2 });

    expect(await site.identify(), 'the first free one').to.equal(1);
    site.antennas.put(0, DRILL);
    expect(await site.close(1)).to.deep.include({ outcome: 'returned', user, item: drill });
    expect(site.contents).to.deep.equal([[drill], [], [saw]]);
    expect(site.cabinet.loans).to.deep.equal([]);
  });

  it('that stay where they were were not taken', async () => {
    expect(await site.identify()).to.equal(2);
    expect(await site.close(2)).to.deep.include({ outcome: 'nothing-taken', user });
    expect(site.contents).to.deep.equal([[], [drill], [saw]]);
  });

  it('are believed taken where their reader is silent', async () => {
    site.antennas.setSilent(true);
    expect(await site.identify()).to.equal(2);
    site.antennas.take(1, DRILL);
    expect(await site.close(2)).to.deep.include({ outcome: 'taken', user, item: drill, unverified: true });
    expect(site.contents).to.deep.equal([[], [], [saw]]);
  });

  it('that stay are not believed taken where the gateway was restarted before their reader had its say', async () => {
    expect(await site.identify()).to.equal(2);
    site.antennas.setSilent(true);
    site.board.setDoor(1, false);
    const unsettled = (): boolean => site.cabinet.compartments[1]?.unsettled !== undefined;
    await eventually('the closing is on record', unsettled);
    await site.restart(() => site.antennas.setSilent(false));
    await eventually('the use is settled', () => !unsettled());
    expect(site.cabinet.loans).to.deep.equal([]);
    expect(site.contents).to.deep.equal([[], [drill], [saw]]);
  });
});
