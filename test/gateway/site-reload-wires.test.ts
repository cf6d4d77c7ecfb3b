import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { LineInventorySimulator } from '../../simulators/line-inventory.ts';
import { eventually } from '../support/eventually.ts';
import { type Changed, ChangingSite, cabinetOn, WHOEVER } from './support/changing-site.ts';

const DRILL = 'E2000017';
const SAW = 'E2000018';

describe('Wires that are changed while the gateway runs', () => {
  let site: ChangingSite;

  afterEach(() => site?.close());

  describe('of item readers', () => {
    let antennas: LineInventorySimulator;
    let drill: string;
    let saw: string;
    let withItems: Changed;

    const contents = (cabinet: string): readonly (readonly (string | undefined)[])[] =>
      (site.started.gateway.cabinet(cabinet)?.compartments ?? []).map((compartment) =>
        compartment.contents.map(({ item }) => item),
      );

    beforeEach(async () => {
      site = await ChangingSite.start((file) => ({
        ...file,
        cabinets: file.cabinets.map((cabinet) => ({ ...cabinet, schema: '3.1' })),
      }));
      antennas = new LineInventorySimulator({ antennas: 8 });
      await site.lay('items', antennas);
      const { administration } = site.started;
      drill = await administration.addItem({ name: 'Drill', tag: DRILL, tagKind: 'rfid' }, WHOEVER);
      saw = await administration.addItem({ name: 'Saw', tag: SAW, tagKind: 'rfid' }, WHOEVER);
      withItems = (file) => ({
        ...file,
        buses: [...file.buses, site.busOn('items')],
        itemReaders: [
          { id: 'antennas', bus: 'items', driver: 'line-inventory', settings: { replyMilliseconds: 100 } },
        ],
        cabinets: file.cabinets.map((cabinet) => ({
          ...cabinet,
          antennas: [{ from: 1, to: 4, reader: 'antennas', firstAntenna: 0 }],
        })),
      });
    });

    it('makes things seen in a cabinet that had no item reader', async () => {
      antennas.put(1, DRILL);
      await site.change(withItems);
      await eventually('the drill is seen', () => contents('A')[1]?.[0] === drill);
      antennas.take(1, DRILL);
      antennas.put(2, DRILL);
      await eventually('the drill is seen elsewhere', () => contents('A')[2]?.[0] === drill);
    });

    it('interrupts the reader that a new cabinet shares, says so, and loses nothing of what it saw', async () => {
      antennas.put(1, DRILL);
      antennas.put(5, SAW);
      await site.change(withItems);
      await eventually('the drill is seen', () => contents('A')[1]?.[0] === drill);
      const answer = await site.change((file) => ({
        ...file,
        cabinets: [
          ...file.cabinets,
          cabinetOn('B', 'board-a', {
            schema: '3.1',
            compartments: [{ from: 1, to: 4, board: 'board-a', firstLock: 10 }],
            antennas: [{ from: 1, to: 4, reader: 'antennas', firstAntenna: 4 }],
          }),
        ],
      }));
      expect(answer.disturbed).to.deep.equal(['A']);
      await eventually('the saw is seen', () => contents('B')[1]?.[0] === saw);
      expect(contents('A')).to.deep.equal([[], [drill], [], []]);
      expect(antennas.connections, 'the line itself was not cut').to.equal(1);
      const types = (await site.stored('cabinet/A')).map(({ type }) => type);
      expect(types).not.to.include('item-removed');
    });

    it('leaves what was seen where it was when the reader goes, and asks nothing of it any more', async () => {
      antennas.put(1, DRILL);
      await site.change(withItems);
      await eventually('the drill is seen', () => contents('A')[1]?.[0] === drill);
      await site.change((file) => {
        const { itemReaders: _gone, ...rest } = file;
        return {
          ...rest,
          buses: file.buses.filter(({ id }) => id !== 'items'),
          cabinets: file.cabinets.map(({ antennas: _none, ...cabinet }) => cabinet),
        };
      });
      expect(antennas.connections).to.equal(0);
      expect(contents('A')).to.deep.equal([[], [drill], [], []]);
      expect(site.started.gateway.health().itemReaders.condition).to.equal('ok');
    });
  });

  describe('of a bus that a flow owns', () => {
    const flowBus: SiteFile['buses'][number] = { id: 'flow', transport: { type: 'flow' } };

    it('keeps its port while boards join it, and gives it up when it goes', async () => {
      site = await ChangingSite.start();
      const board = new Cu48Simulator({ addresses: [0, 1], openMilliseconds: 30 });
      const settings = { pollMilliseconds: 40, fastPollMilliseconds: 20 };
      const boardAt = (address: number): SiteFile['boards'][number] => ({
        id: `flow-${address}`,
        bus: 'flow',
        driver: 'kerong-cu48',
        address,
        settings,
      });
      const { gateway } = site.started;
      expect(() => gateway.flowPort('flow')).to.throw('no bus "flow"');
      await site.change((file) => ({
        ...file,
        buses: [...file.buses, flowBus],
        boards: [...file.boards, boardAt(0)],
        cabinets: [...file.cabinets, cabinetOn('B', 'flow-0')],
      }));
      const port = gateway.flowPort('flow');
      const leave = port.connect((bytes) => board.receive(bytes));
      const unplug = board.connect((bytes) => port.receive(bytes));
      await site.doorsKnown('B');
      await site.change((file) => ({
        ...file,
        boards: [...file.boards, boardAt(1)],
        cabinets: [...file.cabinets, cabinetOn('C', 'flow-1')],
      }));
      expect(gateway.flowPort('flow')).to.equal(port);
      await site.doorsKnown('C');
      expect(await site.opening('C', 1)).to.include({ ok: true });
      await site.change(
        (file) => ({
          ...file,
          buses: file.buses.filter(({ id }) => id !== 'flow'),
          boards: file.boards.filter(({ bus }) => bus !== 'flow'),
          cabinets: file.cabinets.filter(({ id }) => id === 'A'),
        }),
        { force: true },
      );
      expect(() => gateway.flowPort('flow')).to.throw('no bus "flow"');
      const { queries } = board;
      port.receive(Buffer.from('0200000003', 'hex'));
      leave();
      unplug();
      expect(board.queries).to.equal(queries);
    });
  });

  it('takes over another driver setting of a board', async () => {
    site = await ChangingSite.start();
    const answer = await site.change((file) => ({
      ...file,
      boards: file.boards.map((board) => ({ ...board, settings: { ...board.settings, retries: 1 } })),
    }));
    expect(answer.difference.boards.changed).to.deep.equal(['board-a']);
    expect(answer.disturbed).to.deep.equal(['A']);
    expect(await site.opening('A', 1)).to.include({ ok: true });
    expect(site.boardA.connections, 'the line itself was not cut').to.equal(1);
  });

  it('opens a line that is not there yet again and again, as at a start', async () => {
    site = await ChangingSite.start();
    const board = new Cu48Simulator({ openMilliseconds: 30 });
    const withB = await site.withB(board);
    const { port } = await site.reserve('b-locks');
    expect((await site.change(withB)).done).to.equal(true);
    const { gateway } = site.started;
    expect(gateway.health().buses.find(({ id }) => id === 'b-locks')?.state).to.equal('connecting');
    expect(await site.opening('A', 1), 'the others go on').to.include({ ok: true });
    await site.serveAt('b-locks', board, port);
    await eventually('its doors are known', () => site.compartment('B', 1)?.door === 'closed');
    expect(await site.opening('B', 1)).to.include({ ok: true });
  });

  it('is finished before the gateway stops', async () => {
    site = await ChangingSite.start();
    await site.write(await site.withB(new Cu48Simulator()));
    const [reloaded] = await Promise.all([site.reload(), site.started.close()]);
    expect(reloaded.done).to.equal(true);
    expect(await site.reload().catch((error: unknown) => error)).to.include({ code: 'reload-under-way' });
    await site.open();
    expect(site.started.gateway.cabinets()).to.have.length(2);
  });

  it('lets rights name what came, and no more what went', async () => {
    site = await ChangingSite.start();
    const { administration } = site.started;
    const right = { cabinet: 'B', userGroup: 'staff' } as const;
    const refused = await administration.addRight(right, WHOEVER).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'cabinet-unknown' });
    const before = site.file;
    await site.change(await site.withB(new Cu48Simulator()));
    expect(await administration.addRight(right, WHOEVER)).to.have.property('right');
    await site.change((file) => ({ ...file, pins: { least: 8 } }));
    const user = await administration.addUser(
      { name: 'Anna', roles: ['defined'], groups: ['staff'] },
      WHOEVER,
    );
    const short = await administration
      .addCredential(user, { kind: 'pin', value: '4711' }, WHOEVER)
      .catch((error: unknown) => error);
    expect(short, 'the bounds of PINs count at once').to.be.instanceOf(Error);
    await site.change(() => before);
    await administration.addCredential(user, { kind: 'pin', value: '4711' }, WHOEVER);
    expect(await administration.addRight(right, WHOEVER).catch((error: unknown) => error)).to.include({
      code: 'cabinet-unknown',
    });
  });

  it('cannot be asked of a site that is not what its file says', async () => {
    site = await ChangingSite.start();
    await site.started.close();
    await site.open(undefined, { fixedSite: true });
    const refused = await site.change((file) => file).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'site-fixed' });
  });
});
