import { expect } from 'chai';
import fc from 'fast-check';
import { GATEWAY } from '../../domain/event.ts';
import type { CabinetValue } from '../../opcua-server/cabinet-value.ts';
import { SiteFeed } from '../../opcua-server/feed.ts';
import type { ToThread } from '../../opcua-server/protocol.ts';
import { cassetteView } from './support/cassette-views.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

type Show = Extract<ToThread, { kind: 'show' }>;

describe('feed of cabinets and cassettes to the OPC UA thread', () => {
  let gateway: MemoryGateway;
  let feed: SiteFeed;
  let batches: Show[];

  beforeEach(() => {
    gateway = new MemoryGateway({ A: 64, B: 2 }, [cassetteView(), cassetteView({ id: 'C2' })]);
    feed = new SiteFeed(gateway, () => 1_000);
    batches = [];
  });

  afterEach(() => feed.close());

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const close = (compartment: number, at: number): void =>
    gateway.append('A', { type: 'door-closed', actor: GATEWAY, data: { compartment } }, at);
  const open = (compartment: number, at: number): void =>
    gateway.append('A', { type: 'door-opened', actor: GATEWAY, data: { compartment, grant: 'g' } }, at);
  const connect = (): void => feed.connect((batch) => batches.push(batch));
  const shown = (): unknown =>
    batches.map(({ deltas }) =>
      deltas.map(({ id, compartments }) => [
        id,
        compartments.map(({ number, door, at }) => [number, door, at]),
      ]),
    );

  it('starts with everything, at the time of the snapshot', () => {
    const { cabinets } = feed.snapshot();
    expect(
      cabinets.map(({ id, name, schema, compartments }) => [id, name, schema, compartments.length]),
    ).to.deep.equal([
      ['A', 'Cabinet A', '2.2', 64],
      ['B', 'Cabinet B', '2.2', 2],
    ]);
    expect(cabinets[1]?.compartments[0]).to.deep.equal({
      number: 1,
      status: 'free',
      door: 'unknown',
      occupiedSince: undefined,
      holders: [],
      at: 1_000,
    });
  });

  it('merges the changes of one turn, each compartment with its last value and the time of its event', async () => {
    feed.snapshot();
    connect();
    open(3, 2_000);
    close(3, 3_000);
    close(5, 4_000);
    expect(batches).to.deep.equal([]);
    await turn();
    expect(shown()).to.deep.equal([
      [
        [
          'A',
          [
            [3, 'closed', 3_000],
            [5, 'closed', 4_000],
          ],
        ],
      ],
    ]);
  });

  it('keeps back what changes while a batch is on its way, merged', async () => {
    feed.snapshot();
    connect();
    close(1, 2_000);
    await turn();
    for (let count = 0; count < 1_000; count += 1) {
      open(2, 3_000 + count);
      close(2, 3_000 + count);
      await turn();
    }
    expect(batches.length).to.equal(1);
    feed.shown(batches[0]?.batch ?? 0);
    expect(shown()).to.deep.equal([[['A', [[1, 'closed', 2_000]]]], [['A', [[2, 'closed', 3_999]]]]]);
  });

  it('hands over what changed between the snapshot and the connection', () => {
    feed.snapshot();
    close(4, 2_000);
    connect();
    expect(shown()).to.deep.equal([[['A', [[4, 'closed', 2_000]]]]]);
  });

  it('sends all compartments of a board that was lost, and no others', async () => {
    feed.snapshot();
    connect();
    gateway.append('A', { type: 'board-lost', actor: GATEWAY, data: { board: 'A-2' } }, 2_000);
    await turn();
    const compartments = batches[0]?.deltas[0]?.compartments ?? [];
    expect(compartments.map(({ number, status }) => [number, status])).to.deep.equal(
      Array.from({ length: 16 }, (_, index) => [33 + index, 'not-answering']),
    );
  });

  it('sends a cabinet that was configured anew as a whole, and nothing for an event that changes nothing', async () => {
    feed.snapshot();
    connect();
    gateway.append('A', { type: 'access-refused', actor: GATEWAY, data: { reason: 'two-cards' } });
    await turn();
    expect(batches).to.deep.equal([]);
    gateway.configure('B', 4);
    await turn();
    expect(batches.map(({ cabinets, deltas }) => [cabinets.map(({ id }) => id), deltas])).to.deep.equal([
      [['B'], []],
    ]);
  });

  it('starts with every cassette, and sends the last of what each shows, with the time of the change', async () => {
    let now = 1_000;
    feed.close();
    feed = new SiteFeed(gateway, () => now);
    expect(feed.snapshot().cassettes.map(({ view, at }) => [view.id, at])).to.deep.equal([
      ['C/1', 1_000],
      ['C2', 1_000],
    ]);
    const told = (): unknown =>
      batches.map(({ cassettes }) => cassettes.map(({ view, at }) => [view.id, view.phase, at]));
    now = 2_000;
    gateway.showCassette(cassetteView({ phase: 'transit' }));
    connect();
    for (const phase of ['full', 'transit', 'rest'] as const) {
      now += 1_000;
      gateway.showCassette(cassetteView({ id: 'C2', phase }));
      await turn();
    }
    feed.shown(batches[0]?.batch ?? 0);
    expect(told()).to.deep.equal([[['C/1', 'transit', 2_000]], [['C2', 'rest', 5_000]]]);
    feed.shown(batches[1]?.batch ?? 0);
    await turn();
    expect(batches.length).to.equal(2);
  });

  it('hears of no cassette any more once it is closed', async () => {
    feed.snapshot();
    connect();
    feed.close();
    gateway.showCassette(cassetteView({ phase: 'full' }));
    await turn();
    expect(batches).to.deep.equal([]);
  });

  it('probes with an empty batch, only where none is on its way', () => {
    feed.snapshot();
    feed.probe();
    expect(batches).to.deep.equal([]);
    connect();
    feed.probe();
    feed.probe();
    expect(batches).to.deep.equal([
      { kind: 'show', batch: 1, cabinets: [], removed: [], deltas: [], cassettes: [], alarms: [] },
    ]);
    expect(feed.underWay).to.equal(1);
    feed.shown(1);
    expect(feed.underWay).to.equal(undefined);
  });

  it('keeps the other side right over cabinets that come and go, however slow it is and whenever it starts anew', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constantFrom('leave', 'come', 'configure', 'rename'),
        cabinet: fc.constantFrom('A', 'B'),
      }),
      fc.record({ do: fc.constantFrom('open', 'close', 'assign'), cabinet: fc.constantFrom('A', 'B') }),
      fc.record({ do: fc.constantFrom('turn', 'answer', 'restart'), cabinet: fc.constant('A') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const site = new MemoryGateway({ A: 2, B: 2 });
        const sender = new SiteFeed(site);
        const side = new OtherSide(sender);
        side.start();
        for (const [index, { do: what, cabinet }] of steps.entries()) {
          const known = site.cabinet(cabinet) !== undefined;
          const at = { type: '', actor: GATEWAY, data: { compartment: 1 } } as const;
          if (what === 'turn') await turn();
          else if (what === 'answer') side.answer();
          else if (what === 'restart') side.start();
          else if (what === 'come') site.addCabinet(cabinet, 1 + (index % 4));
          else if (!known) continue;
          else if (what === 'leave') site.removeCabinet(cabinet);
          else if (what === 'configure') site.configure(cabinet, 1 + (index % 4));
          else if (what === 'rename') site.renameCabinet(cabinet, `name ${index}`);
          else if (what === 'open')
            site.append(cabinet, { ...at, type: 'door-opened', data: { compartment: 1, grant: 'g' } });
          else if (what === 'close') site.append(cabinet, { ...at, type: 'door-closed' });
          else
            site.append(cabinet, {
              ...at,
              type: 'compartment-assigned',
              data: { compartment: 1, user: 'u', reason: 'contract' },
            });
        }
        for (let quiet = false; !quiet; ) {
          await turn();
          quiet = sender.underWay === undefined;
          side.answer();
        }
        const shownThere = side.shown;
        side.start();
        expect(shownThere).to.deep.equal(side.shown);
        sender.close();
      }),
      { numRuns: 200 },
    );
  });
});

/** What the thread would show, without the times. */
class OtherSide {
  readonly #feed: SiteFeed;
  #cabinets = new Map<string, CabinetValue>();
  #batch: number | undefined;

  constructor(feed: SiteFeed) {
    this.#feed = feed;
  }

  start(): void {
    this.#cabinets = new Map(this.#feed.snapshot().cabinets.map((value) => [value.id, value]));
    this.#batch = undefined;
    this.#feed.connect(({ batch, removed, cabinets, deltas }) => {
      this.#batch = batch;
      for (const id of removed) expect(this.#cabinets.delete(id), `${id} was there`).to.equal(true);
      for (const value of cabinets) this.#cabinets.set(value.id, value);
      for (const { id, compartments } of deltas) {
        const known = this.#cabinets.get(id);
        if (!known) throw new Error(`${id} has changed and is not there.`);
        const changed = new Map(compartments.map((each) => [each.number, each]));
        const now = known.compartments.map((each) => changed.get(each.number) ?? each);
        this.#cabinets.set(id, { ...known, compartments: now });
      }
    });
  }

  answer(): void {
    if (this.#batch !== undefined) this.#feed.shown(this.#batch);
  }

  get shown(): unknown {
    const timeless = <Value extends { readonly at: number }>({ at: _at, ...value }: Value) => value;
    return [...this.#cabinets.values()]
      .map(({ compartments, boards, readers, ...value }) => ({
        ...value,
        compartments: compartments.map(timeless).map(({ occupiedSince, ...each }) => ({
          ...each,
          occupied: occupiedSince !== undefined,
        })),
        boards: boards.map(timeless),
        readers: readers.map(timeless),
      }))
      .sort((a, b) => a.id.localeCompare(b.id));
  }
}
