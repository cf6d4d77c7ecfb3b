import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestSite, typesOf } from '../gateway/bad-input/support/test-site.ts';
import { eventually } from '../support/eventually.ts';
import { type Announcement, endAll, SezamProcess } from './support/sezam-process.ts';

const CARD = '62E3086CED';

/** The database is away, and then the power fails too. */
describe('Kill -9 while the journal holds what the store does not have', () => {
  let site: TestSite;

  before(async () => {
    site = await TestSite.build({ proxied: true });
    await writeFile(join(site.folder, 'site.json'), JSON.stringify(site.file));
    const prepared = await site.start();
    await prepared.addPerson(CARD);
    await prepared.started.close();
  });

  after(async () => {
    await endAll();
    await site?.close();
  });

  function environment(): Readonly<Record<string, string>> {
    return {
      SEZAM_DATA: site.dataFolder,
      SEZAM_SITE: join(site.folder, 'site.json'),
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      MONGODB_URI: site.proxy.uri,
    };
  }

  async function ready({
    health,
  }: Announcement): Promise<{ store: { condition: string }; journal: { waiting: number } }> {
    return (await (await fetch(health)).json()) as Awaited<ReturnType<typeof ready>>;
  }

  async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const until = performance.now() + 60_000;
    while (!(await isSo())) {
      if (performance.now() > until) throw new Error(`Not within a minute: ${what}`);
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  it('loses nothing and gives the same person the same compartment', async () => {
    const first = await SezamProcess.start('node', environment());
    site.proxy.cut();
    await site.reader.presentCard(CARD);
    await eventually('the door is open', () => site.board.isOpen(0));
    await waitFor(
      'both events are in the journal',
      async () => (await ready(first.announced)).journal.waiting === 2,
    );
    await first.sezam.kill();

    const away = await SezamProcess.spawn('node', environment()).ended();
    expect(away.code, 'it does not start without what it must know').to.equal(1);
    expect(away.stderr).to.match(/^sezam: The database at 127\.0\.0\.1:\d+ cannot be reached: .*\n$/);

    site.proxy.restore();
    const second = await SezamProcess.start('node', environment());
    expect((await ready(second.announced)).journal.waiting).to.equal(0);
    site.board.setDoor(0, false);
    // The reader was quiet meanwhile: this is a new visit.
    await waitFor('the door is known to be closed', async () => {
      const events = await site.read();
      return events.at(-1)?.type === 'door-closed';
    });
    await site.reader.presentCard(CARD);
    await eventually('the door is open again', () => site.board.isOpen(0));
    await waitFor('it is on record', async () => (await site.read()).at(-1)?.type === 'door-opened');
    await second.sezam.stop();

    const events = await site.read();
    expect(typesOf(events)).to.deep.equal([
      'compartment-granted',
      'door-opened',
      'door-closed',
      'compartment-granted',
      'door-opened',
    ]);
    const allocations = events
      .filter(({ type }) => type === 'compartment-granted')
      .map(({ data }) => (data as { allocation: string }).allocation);
    expect(allocations).to.deep.equal(['new', 'existing']);
    expect(site.pulses).to.deep.equal([1, 1]);
  });
});
