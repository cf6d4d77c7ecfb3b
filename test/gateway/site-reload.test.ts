import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import type { PresentationNotice } from '../../gateway/api.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { Rdm6300Simulator } from '../../simulators/rdm6300.ts';
import { eventually } from '../support/eventually.ts';
import { type Changed, ChangingSite, cabinetOn } from './support/changing-site.ts';

const CARD = '62E3086CED';

/** The same site with cabinet A otherwise. */
function withA(change: Partial<SiteFile['cabinets'][number]>): Changed {
  return (file) => ({
    ...file,
    cabinets: file.cabinets.map((cabinet) => (cabinet.id === 'A' ? { ...cabinet, ...change } : cabinet)),
  });
}

describe('A site file that is changed while the gateway runs', () => {
  let site: ChangingSite;
  let boardB: Cu48Simulator;
  let readerB: Rdm6300Simulator;

  beforeEach(async () => {
    boardB = new Cu48Simulator({ openMilliseconds: 30 });
    readerB = new Rdm6300Simulator();
    site = await ChangingSite.start();
  });

  afterEach(() => site?.close());

  it('brings a cabinet that is opened afterwards, while an opening in another goes on', async () => {
    // A door that stays closed however often it is pulsed, as long as the test wants it to.
    site.boardA.setStuck(1, true);
    const opening = site.opening('A', 2);
    await eventually('the first pulse', () => site.boardA.pulses.length > 0);

    const answer = await site.change(await site.withB(boardB, readerB));
    expect(answer.done).to.equal(true);
    expect(answer.difference.cabinets).to.deep.equal({ added: ['B'], removed: [], changed: [] });
    expect(answer.disturbed).to.deep.equal([]);
    await site.doorsKnown();
    expect(await site.opening('B', 3)).to.include({ ok: true, cabinet: 'B', compartment: 3 });
    expect(boardB.pulses.map(({ lock }) => lock)).to.deep.equal([2]);

    site.boardA.setStuck(1, false);
    expect(await opening).to.include({ ok: true, compartment: 2 });
    expect(site.boardA.connections, 'the line of A was never cut').to.equal(1);
  });

  it('tells whoever follows the site, and whoever follows cabinets, without being asked again', async () => {
    const { gateway } = site.started;
    let shown: readonly string[] = [];
    const unfollow = gateway.onSite(({ cabinets }) => {
      shown = cabinets.map(({ id }) => `${id} ${gateway.cabinet(id) ? 'there' : 'missing'}`);
    });
    await site.change(await site.withB(boardB, readerB));
    unfollow();
    expect(shown).to.deep.equal(['A there', 'B there']);
    expect(site.sites.map(({ cabinets }) => cabinets.length)).to.deep.equal([2]);
    expect(gateway.site.readers.map(({ id }) => id)).to.deep.equal(['reader-a', 'reader-b']);
    expect(gateway.panels().map(({ panel }) => panel)).to.deep.equal(['reader-a', 'reader-b']);
    await site.doorsKnown('B');
    expect(site.told('B')).to.deep.equal(['doors-found']);
    expect(gateway.health().cabinets.map(({ id }) => id)).to.deep.equal(['A', 'B']);
    expect(gateway.health().buses.map(({ id }) => id)).to.have.members([
      'a-locks',
      'a-cards',
      'b-locks',
      'b-cards',
    ]);
  });

  it('has cards read at readers that came, and at those that were there', async () => {
    const { gateway } = site.started;
    const heard: PresentationNotice[] = [];
    gateway.onPresentation('reader-a', (notice) => void heard.push(notice));
    expect(() => gateway.onPresentation('reader-b', () => {})).to.throw('no reader "reader-b"');
    await site.change(await site.withB(boardB, readerB));
    gateway.onPresentation('reader-b', (notice) => void heard.push(notice));
    await eventually('the line of the new reader is open', () => readerB.connections === 1);
    await readerB.presentCard(CARD);
    await site.readerA.presentCard(CARD);
    await eventually('both cards', () => heard.length === 2);
    expect(heard.map(({ reader, cabinet }) => [reader, cabinet])).to.have.deep.members([
      ['reader-b', 'B'],
      ['reader-a', 'A'],
    ]);

    await site.change((file) => ({
      ...file,
      buses: file.buses.filter(({ id }) => id !== 'b-cards'),
      readers: file.readers.filter(({ id }) => id !== 'reader-b'),
    }));
    expect(() => gateway.present('reader-b', { kind: 'card', value: CARD })).to.throw('no reader "reader-b"');
    await eventually('the line of the reader is given up', () => readerB.connections === 0);
  });

  it('is on record, by ids alone, with who asked', async () => {
    await site.change(await site.withB(boardB));
    await site.change(withA({ texts: { en: { 'no-free-compartment': 'Come back at noon.' } } }));
    const reloads = await site.reloads();
    expect(reloads.map(({ type, actor, data }) => ({ type, actor, data }))).to.deep.equal([
      {
        type: 'site-reloaded',
        actor: { kind: 'machine', id: 'test' },
        data: {
          cabinets: { added: ['B'], removed: [], changed: [] },
          buses: { added: ['b-locks'], removed: [], changed: [] },
          boards: { added: ['board-b'], removed: [], changed: [] },
        },
      },
      {
        type: 'site-reloaded',
        actor: { kind: 'machine', id: 'test' },
        data: { cabinets: { added: [], removed: [], changed: ['A'] } },
      },
    ]);
  });

  it('changes rules and names of a cabinet without touching its wires', async () => {
    const opening = site.opening('A', 1);
    const answer = await site.change(
      withA({ name: 'Hall', doors: { leftOpenAfterSeconds: 7, grantValidSeconds: 9 } }),
    );
    expect(answer).to.deep.include({ disturbed: [], obstacles: [], done: true });
    expect(await opening).to.include({ ok: true });
    const { gateway } = site.started;
    expect(gateway.site.cabinets).to.deep.equal([{ ...gateway.site.cabinets[0], id: 'A', name: 'Hall' }]);
    expect(gateway.cabinet('A')?.setting.doors.leftOpenAfter).to.equal(7_000);
    expect(site.told('A').filter((type) => type === 'cabinet-configured')).to.have.length(1);
    expect(site.boardA.connections).to.equal(1);
  });

  it('shows panels the sentences that they have now', async () => {
    const { gateway } = site.started;
    const shown: string[] = [];
    gateway.onPanel('reader-a', ({ text }) => void shown.push(text.en));
    await site.change(withA({ texts: { en: { identify: 'Your card, please.' } } }));
    expect(gateway.panel('reader-a')?.text.en).to.equal('Your card, please.');
    expect(shown).to.deep.equal(['Your card, please.']);
  });

  it('gives a cabinet more compartments, on a board that joins the bus while it is in use', async () => {
    const answer = await site.change((file) => {
      const [board] = file.boards;
      if (!board) throw new Error('The site has no board.');
      return withA({
        compartments: [
          { from: 1, to: 4, board: 'board-a', firstLock: 0 },
          { from: 5, to: 8, board: 'board-a2', firstLock: 10 },
        ],
      })({ ...file, boards: [...file.boards, { ...board, id: 'board-a2', address: 1 }] });
    });
    expect(answer).to.deep.include({ disturbed: [], done: true });
    await site.doorsKnown();
    expect(await site.opening('A', 6)).to.include({ ok: true, compartment: 6 });
    expect(site.boardA.pulses.map(({ address, lock }) => [address, lock])).to.deep.equal([[1, 11]]);
    expect(site.boardA.connections, 'the line was never cut').to.equal(1);
  });

  it('wires a compartment to another lock, and believes the new sensor', async () => {
    site.boardA.setDoor(20, true);
    await site.change(withA({ compartments: [{ from: 1, to: 4, board: 'board-a', firstLock: 20 }] }));
    await eventually('the open door of compartment 1', () =>
      ['forced', 'open', 'left-open'].includes(site.compartment('A', 1)?.door ?? ''),
    );
    expect(await site.opening('A', 2)).to.include({ ok: true });
    expect(site.boardA.pulses.map(({ lock }) => lock)).to.deep.equal([21]);
    // What hung there before means nothing any more.
    site.boardA.setDoor(3, true);
    site.boardA.setDoor(20, false);
    await eventually('compartment 1 is closed', () => site.compartment('A', 1)?.door === 'closed');
    expect(site.compartment('A', 4)?.door).to.equal('closed');
  });

  it('moves a line elsewhere: whoever wants a door meanwhile waits for it, and nothing fails', async () => {
    await site.lay('elsewhere', boardB);
    const reloading = site.change((file) => ({
      ...file,
      buses: file.buses.map((bus) => (bus.id === 'a-locks' ? site.busOn('a-locks', 'elsewhere') : bus)),
    }));
    await eventually('the line is being changed', () => site.boardA.connections === 0);
    const opening = site.opening('A', 3);
    const answer = await reloading;
    expect(answer.difference.buses.changed).to.deep.equal(['a-locks']);
    expect(answer.disturbed).to.deep.equal(['A']);
    expect(await opening).to.include({ ok: true, compartment: 3 });
    expect(boardB.pulses.map(({ lock }) => lock)).to.deep.equal([2]);
    expect(site.told('A')).not.to.include('unlock-failed');
  });

  it('touches no wires of compartments that are being opened, unless it is forced', async () => {
    await site.lay('elsewhere', boardB);
    expect(await site.opening('A', 3)).to.include({ ok: true });
    const moved: Changed = (file) => ({
      ...file,
      buses: file.buses.map((bus) => (bus.id === 'a-locks' ? site.busOn('a-locks', 'elsewhere') : bus)),
    });
    const refused = await site.change(moved).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'cabinet-in-use' });
    expect((refused as Error).message).to.match(/wires of cabinet A .*compartment 3/);
    expect(site.boardA.connections).to.equal(1);
    const answer = await site.reload({ force: true });
    expect(answer.done).to.equal(true);
    expect(answer.obstacles).to.have.length(1);
    await eventually('the other board is asked', () => boardB.queries > 0);
    expect(site.boardA.connections).to.equal(0);
  });

  it('says what would change, and changes nothing', async () => {
    await site.write(await site.withB(boardB));
    const answer = await site.reload({ dryRun: true });
    expect(answer).to.deep.include({ done: false, obstacles: [] });
    expect(answer.difference.boards.added).to.deep.equal(['board-b']);
    expect(site.started.gateway.cabinet('B')).to.equal(undefined);
    expect(site.sites).to.deep.equal([]);
    expect(await site.reloads()).to.deep.equal([]);
    expect(boardB.connections).to.equal(0);
  });

  it('does nothing where nothing is different but the order', async () => {
    await site.change(await site.withB(boardB));
    const answer = await site.change((file) => ({
      ...file,
      cabinets: file.cabinets.toReversed(),
      boards: file.boards.toReversed(),
    }));
    expect(answer.done).to.equal(false);
    expect(await site.reloads()).to.have.length(1);
  });

  it('lets new panels in with the tokens that they were given, and ends those of panels that went', async () => {
    const { panelTokens } = site.started.administration;
    const panel: Changed = (file) => ({
      ...file,
      panels: [{ id: 'hall', name: 'Hall', cabinet: 'A' }],
      readers: file.readers.map((reader) => ({ ...reader, panel: 'hall' })),
    });
    const actor = { kind: 'machine', id: 'test' } as const;
    expect(await panelTokens.add('hall', actor).catch((error: unknown) => error)).to.include({
      code: 'panel-unknown',
    });
    const before = site.file;
    await site.change(panel);
    const { token } = await panelTokens.add('hall', actor);
    expect(panelTokens.rightOf(token)).to.include({ panel: 'hall' });
    expect(site.started.gateway.panel('hall')?.cabinet).to.equal('A');
    await site.change(() => before);
    expect(panelTokens.rightOf(token)).to.equal(undefined);
    expect(site.started.gateway.panel('hall')).to.equal(undefined);
    await site.change(panel);
    expect(panelTokens.rightOf(token)).to.include({ panel: 'hall' });
  });

  it('is what a start makes of the file, too', async () => {
    await site.change(await site.withB(boardB, readerB));
    await site.change((file) => ({
      ...file,
      cabinets: [
        ...file.cabinets,
        cabinetOn('C', 'board-b', {
          compartments: [{ from: 1, to: 2, board: 'board-b', firstLock: 30 }],
        }),
      ],
    }));
    await site.doorsKnown();
    const { gateway } = site.started;
    const view = structuredClone(gateway.site);
    const settings = gateway.cabinets().map(({ setting }) => setting);
    await site.started.close();
    site.changes.length = 0;
    await site.open();
    expect(site.started.gateway.site).to.deep.equal(view);
    expect(site.started.gateway.cabinets().map(({ setting }) => setting)).to.deep.equal(settings);
    expect(site.changes.map(({ type }) => type)).not.to.include('cabinet-configured');
  });
});
