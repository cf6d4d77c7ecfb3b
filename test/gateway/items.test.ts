import { expect } from 'chai';
import type { AdministrationError } from '../../gateway/administration.ts';
import { carryOutForItems, type ItemCommand } from '../../gateway/commands/items.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const DRILL = { name: 'Drill', tag: 'e2:00:34:12', tagKind: 'rfid' } as const;

describe('items', () => {
  let stored: StoredLog;
  let people: People;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function recorded(): Promise<string[]> {
    return (await stored.events('site')).map(({ type }) => type);
  }

  async function refusalOf(work: Promise<unknown>): Promise<[string, string]> {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown as AdministrationError,
    );
    return [error?.code ?? 'none', error?.message ?? ''];
  }

  it('are known by their tag at once, however it is written', async () => {
    const { administration, itemRegistry } = people;
    const drill = await administration.addItem(DRILL, ADMINISTRATOR);
    expect(itemRegistry.itemOf('rfid', 'E2003412')).to.equal(drill);
    expect(itemRegistry.itemOf('nfc', 'E2003412')).to.equal(undefined);
    expect(itemRegistry.nameOf(drill)).to.equal('Drill');
    expect(await administration.items()).to.deep.equal([
      { id: drill, name: 'Drill', tag: 'E2003412', tagKind: 'rfid' },
    ]);
    expect(await recorded()).to.deep.equal(['item-added']);
  });

  it('are renamed and taken out of use, and their names and tags stay out of the log', async () => {
    const { administration, itemRegistry } = people;
    const drill = await administration.addItem(DRILL, ADMINISTRATOR);
    await administration.renameItem(drill, ' Big drill ', ADMINISTRATOR);
    expect(itemRegistry.nameOf(drill)).to.equal('Big drill');
    await administration.removeItem(drill, ADMINISTRATOR);
    expect(itemRegistry.itemOf('rfid', 'E2003412')).to.equal(undefined);
    expect(itemRegistry.has(drill)).to.equal(false);
    expect(itemRegistry.nameOf(drill), 'reports of old events name it').to.equal('Big drill');
    expect(await administration.items()).to.deep.equal([]);
    expect(await recorded()).to.deep.equal(['item-added', 'item-renamed', 'item-retired']);
    const log = JSON.stringify(await stored.events('site'));
    expect(log.toLowerCase()).to.not.include('drill').and.not.include('e2003412');
  });

  it('may have the tag of one that is out of use', async () => {
    const { administration, itemRegistry } = people;
    const first = await administration.addItem(DRILL, ADMINISTRATOR);
    await administration.removeItem(first, ADMINISTRATOR);
    const second = await administration.addItem({ ...DRILL, name: 'New drill' }, ADMINISTRATOR);
    await itemRegistry.refresh();
    expect(itemRegistry.itemOf('rfid', 'E2003412')).to.equal(second);
  });

  it('are refused with a reason', async () => {
    const { administration } = people;
    await administration.addItem(DRILL, ADMINISTRATOR);
    const add = (change: object): Promise<[string, string]> =>
      refusalOf(administration.addItem({ ...DRILL, ...change }, ADMINISTRATOR));
    expect(await add({ name: 'Saw', tag: 'E2003412' })).to.deep.equal([
      'tag-taken',
      'The tag of "Saw" is that of another item already.',
    ]);
    expect(await add({ tag: 'E200341' })).to.deep.equal([
      'field-wrong',
      'The number of a tag is 2 to 128 hex digits, an even count.',
    ]);
    expect((await add({ tag: '', tagKind: 'qr' }))[0]).to.equal('field-wrong');
    expect((await add({ name: ' ', tag: 'E2003413' }))[0]).to.equal('field-wrong');
    const unknown = ['item-unknown', 'There is no item "item-0".'];
    expect(await refusalOf(administration.renameItem('item-0', 'Saw', ADMINISTRATOR))).to.deep.equal(unknown);
    expect(await refusalOf(administration.removeItem('item-0', ADMINISTRATOR))).to.deep.equal(unknown);
    expect(await recorded()).to.deep.equal(['item-added']);
  });

  it('are administered from the command line', async () => {
    const ask = (command: ItemCommand): Promise<unknown> =>
      carryOutForItems(command, people.administration, ADMINISTRATOR);
    const { item } = (await ask({ do: 'add-item', ...DRILL })) as { item: string };
    await ask({ do: 'rename-item', item, name: 'Big drill' });
    expect(await ask({ do: 'list-items' })).to.deep.equal([
      { id: item, name: 'Big drill', tag: 'E2003412', tagKind: 'rfid' },
    ]);
    await ask({ do: 'remove-item', item });
    expect(await ask({ do: 'list-items' })).to.deep.equal([]);
  });

  it('of another gateway are known within seconds', async () => {
    const other = await startPeople(stored, { folder: 'other' });
    try {
      const drill = await other.administration.addItem(DRILL, ADMINISTRATOR);
      expect(people.itemRegistry.itemOf('rfid', 'E2003412')).to.equal(undefined);
      await people.itemRegistry.refresh();
      expect(people.itemRegistry.itemOf('rfid', 'E2003412')).to.equal(drill);
      await other.administration.removeItem(drill, ADMINISTRATOR);
      const next = await other.administration.addItem({ ...DRILL, name: 'Saw' }, ADMINISTRATOR);
      await people.itemRegistry.refresh();
      expect(people.itemRegistry.itemOf('rfid', 'E2003412')).to.equal(next);
    } finally {
      await other.stop();
    }
  });
});
