import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CompartmentState } from '../../../domain/cabinet/state.ts';
import type { LoggedEvent } from '../../../domain/event.ts';
import { type StartedGateway, startGateway } from '../../../gateway/start.ts';
import { TestStore } from '../../end-to-end/support/test-store.ts';
import { TwoCabinets } from '../../end-to-end/support/two-cabinets.ts';
import { eventually } from '../../support/eventually.ts';

const ACTOR = { kind: 'machine', id: 'test' } as const;
const ANNA_CARD = '5D00C4F1A7';
const CARL_CARD = '5D00C4F1A8';
const WRENCH = 'E2801170000002A7C5D13B94';
const HAMMER = 'E2801170000002A7C5D13B95';
const UNKNOWN = 'E2801170000002A7C5D13B96';

/** Cabinet `tools`, schema 3.1, with an antenna in each compartment; its reader serves the workshop alone. */
describe('Items that are not where they should be', () => {
  let folder: string;
  let site: TwoCabinets;
  let store: TestStore;
  let started: StartedGateway;
  let notices: string[];
  let events: LoggedEvent[];
  let anna: string;
  let wrench: string;
  let hammer: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-items-'));
    site = await TwoCabinets.wire();
    store = new TestStore();
    notices = [];
    events = [];
    const { file } = site;
    started = await startGateway({
      siteFile: 'site.json',
      site: {
        ...file,
        readers: file.readers.map((reader) =>
          reader.id === 'cards' ? { ...reader, userGroups: ['workshop'], quietMilliseconds: 50 } : reader,
        ),
      },
      dataFolder: join(folder, 'data'),
      mongodbUri: store.uri,
      notice: (message) => notices.push(message),
    });
    started.gateway.onChange(({ event }) => events.push(event));
    await eventually('every door is known', () => compartments().every(({ door }) => door === 'closed'));
    const { administration } = started;
    anna = await administration.addUser({ name: 'Anna', roles: ['defined'], groups: ['workshop'] }, ACTOR, [
      { kind: 'card', value: ANNA_CARD },
    ]);
    wrench = await administration.addItem({ name: 'Wrench', tag: WRENCH, tagKind: 'rfid' }, ACTOR);
    hammer = await administration.addItem({ name: 'Hammer', tag: HAMMER, tagKind: 'rfid' }, ACTOR);
    site.itemReader.put(1, WRENCH);
    await eventually('the wrench is seen', () => itemsIn(2).includes(wrench));
  });

  afterEach(async () => {
    await started.close();
    await site.close();
    await store.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const compartments = (): readonly CompartmentState[] =>
    started.gateway.cabinet('tools')?.compartments ?? [];
  const itemsIn = (number: number): (string | undefined)[] =>
    (compartments()[number - 1]?.contents ?? []).map(({ item }) => item);
  const dataOf = (type: string): unknown[] =>
    events.filter((event) => event.type === type).map(({ data }) => data);
  const said = (): string | undefined => started.gateway.panel('cards')?.notice?.code;

  /** Somebody holds a card to the reader, and a door opens. */
  async function hold(card: string, compartment: number): Promise<void> {
    const before = dataOf('door-opened').length;
    await site.cardReader.presentCard(card);
    await eventually('a door opens', () => dataOf('door-opened').length > before);
    expect(dataOf('door-opened').at(-1)).to.include({ compartment });
  }

  /** Closes a door; resolves with what came of the use. */
  async function close(compartment: number): Promise<unknown> {
    const before = dataOf('use-settled').length;
    site.toolBoard.setDoor(compartment - 1, false);
    await eventually('the use is settled', () => dataOf('use-settled').length > before);
    return dataOf('use-settled').at(-1);
  }

  async function borrow(): Promise<void> {
    await hold(ANNA_CARD, 2);
    site.itemReader.take(1, WRENCH);
    expect(await close(2)).to.include({ outcome: 'taken', item: wrench });
  }

  it('a wrong one that is returned is told at once, and the right one stays lent', async () => {
    await borrow();
    await hold(ANNA_CARD, 1);
    site.itemReader.put(0, HAMMER);
    expect(await close(1)).to.include({ outcome: 'wrong-item', user: anna });
    expect(said()).to.equal('wrong-item');
    const { queries } = started.gateway;
    const held = queries.whoHasWhat({ user: anna });
    expect(
      held.ok && held.possessions.map(({ kind, ...of }) => [kind, 'item' in of && of.item]),
    ).to.deep.equal([['loan', wrench]]);
    expect(itemsIn(1), 'the hammer is known where it lies').to.deep.equal([hammer]);

    await hold(ANNA_CARD, 2);
    site.itemReader.put(1, WRENCH);
    expect(await close(2)).to.include({ outcome: 'returned', item: wrench });
    const history = await queries.events({ item: wrench, order: 'oldest-first' });
    expect(history.ok && history.events.map(({ type }) => type)).to.include.members([
      'item-placed',
      'item-removed',
      'use-settled',
    ]);
  });

  it('one that is gone after somebody else looked inside is missing, by name and on record', async () => {
    const looked = started.gateway.operate(
      { do: 'service-open', cabinet: 'tools', compartment: 2, reason: 'cleaning' },
      { kind: 'machine', id: 'test' },
    );
    expect(await looked).to.have.property('ok', true);
    site.itemReader.take(1, WRENCH);
    expect(await close(2)).to.include({ outcome: 'item-missing', item: wrench, compartment: 2 });
    expect(itemsIn(2)).to.deep.equal([]);
    await site.cardReader.presentCard(ANNA_CARD);
    await eventually('Anna is told that there is nothing', () => said() === 'no-item-here');
    expect(site.toolPulses).to.deep.equal([2]);
  });

  it('a tag that belongs to no item is told once, and does not count as a return', async () => {
    await borrow();
    await hold(ANNA_CARD, 1);
    site.itemReader.put(0, UNKNOWN);
    expect(await close(1)).to.include({ outcome: 'nothing-returned', user: anna });
    expect(notices.filter((notice) => /belongs to no item/i.test(notice))).to.have.length(1);
    expect(JSON.stringify([notices, events])).to.not.include(UNKNOWN);
  });

  it('are given to nobody at a reader that does not serve them', async () => {
    const carl = await started.administration.addUser(
      { name: 'Carl', roles: ['defined'], groups: [] },
      ACTOR,
      [{ kind: 'card', value: CARL_CARD }],
    );
    await site.cardReader.presentCard(CARL_CARD);
    await eventually('Carl is turned away', () => dataOf('access-refused').length > 0);
    expect(dataOf('access-refused')[0]).to.include({ reason: 'wrong-reader', user: carl, reader: 'cards' });
    expect(said()).to.equal('wrong-reader');
    expect(site.toolPulses).to.deep.equal([]);
  });
});
