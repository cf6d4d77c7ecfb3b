import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CassetteView } from '../../domain/cassette/view.ts';
import { pairingKey } from '../../gateway/cassettes/open-cassettes.ts';
import { EventRepository } from '../../models/events.ts';
import { StoreProxy } from '../gateway/bad-input/support/store-proxy.ts';
import { ROMS } from '../gateway/cassettes/support/cassettes-at-work.ts';
import { Controllers } from '../gateway/cassettes/support/runtime-at-work.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../support/store.ts';
import { CommandedSezam } from './support/commanded-sezam.ts';
import { endAll, SezamProcess } from './support/sezam-process.ts';
import { flawsOf } from './support/test-store.ts';

const IDS = ['armed', 'on-the-way', 'attacked'];

describe('Kill -9 of a gateway with armed cassettes', function () {
  this.timeout(180_000);
  let folder: string;
  let environment: Record<string, string>;
  let controllers: Controllers;
  let store: FreshStore;
  let proxy: StoreProxy;
  let sezam: CommandedSezam;

  before(async () => {
    folder = await temporaryFolder();
    const data = join(folder, 'data');
    await mkdir(data);
    controllers = await Controllers.serve(IDS, 2, (id) => pairingKey(data, id));
    store = await openFreshStore();
    proxy = await StoreProxy.inFrontOf(store.uri);
    const site = {
      version: 1,
      site: { id: 'works', name: 'Works', timeZone: 'Europe/Rome', language: 'it' },
      buses: controllers.buses,
      boards: [],
      readers: [],
      cabinets: [],
      cassettes: IDS.map((id) => {
        const { bus, address } = controllers.wireOf(id);
        return {
          id,
          name: id,
          mode: id === 'on-the-way' ? 'internal-protected-zone' : 'internal',
          controller: { bus, address },
          checkpointSeconds: 1,
          contact: { milliseconds: 50, againAfterSeconds: 0.5, goneAfterMilliseconds: 250 },
        };
      }),
    };
    const siteFile = join(folder, 'site.json');
    await writeFile(siteFile, JSON.stringify(site));
    environment = {
      SEZAM_DATA: data,
      SEZAM_SITE: siteFile,
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      MONGODB_URI: proxy.uri,
    };
    sezam = new CommandedSezam(environment);
  });

  after(async () => {
    await endAll();
    proxy.restore();
    await controllers.close();
    await proxy.close();
    await store.remove();
    await rm(folder, { recursive: true });
  });

  async function view(cassette: string): Promise<CassetteView> {
    return (await sezam.ask<{ view: CassetteView }>({ do: 'show-cassette', cassette })).view;
  }

  async function becomes(
    cassette: string,
    what: string,
    isSo: (view: CassetteView) => boolean,
  ): Promise<void> {
    await sezam.until(`${cassette} ${what}`, async () => isSo(await view(cassette)));
  }

  async function arm(cassette: string, role: keyof typeof ROMS): Promise<void> {
    const simulator = controllers.of(cassette);
    simulator.insert();
    await becomes(cassette, 'can be armed', ({ readings }) => {
      return readings?.inMachine === true && readings.selfTest === 'passed' && readings.stainer === 'ready';
    });
    simulator.touchKey(ROMS[role]);
    await becomes(cassette, 'is armed', ({ phase }) => phase !== 'rest');
    simulator.leaveKey();
  }

  it('finds them as they were, guards them before the store answers, and has everything on record', async () => {
    await sezam.start();
    for (const role of ['K', 'K1'] as const) {
      await sezam.ask({ do: 'add-key', id: role, rom: ROMS[role], role, cassettes: [], duress: false });
    }
    await arm('armed', 'K');
    await arm('attacked', 'K');
    await arm('on-the-way', 'K1');
    const { grace = 0 } = (await view('on-the-way')).left;
    await becomes('on-the-way', 'has a checkpoint', ({ left }) => (left.grace ?? grace) < grace - 1_500);
    await sezam.kill();

    // The power comes back where the network does not.
    proxy.cut();
    const starting = SezamProcess.spawn('node', environment);
    await eventually('the controllers are led', () => IDS.every((id) => controllers.of(id).linked), 60_000);
    controllers.of('attacked').openLid();
    await eventually('it has fired', () => controllers.of('attacked').firings === 1);
    expect(controllers.of('armed').firings).to.equal(0);
    expect(controllers.of('on-the-way').firings).to.equal(0);
    await starting.kill();

    proxy.restore();
    await sezam.start();
    expect((await view('armed')).phase).to.equal('full');
    expect((await view('attacked')).phase).to.equal('stained');
    const onTheWay = await view('on-the-way');
    expect(onTheWay.phase).to.equal('grace');
    expect(onTheWay.left.grace).to.be.within(1, grace);
    // The key that armed it disarms it.
    const simulator = controllers.of('armed');
    await becomes('armed', 'answers', ({ linked }) => linked);
    simulator.touchKey(ROMS.K);
    await becomes('armed', 'is disarmed', ({ phase }) => phase === 'rest');
    simulator.leaveKey();
    await sezam.stop();
    // What was stained while the store was away is in it when the gateway has ended, or comes with the next start.
    await sezam.start();
    const repository = new EventRepository(store.connection);
    await sezam.until('everything is on record', async () => {
      const events = await Array.fromAsync(repository.read('cassette/attacked', 0));
      return events.some(({ type }) => type === 'stained');
    });
    await sezam.stop();
    expect(await flawsOf(repository)).to.deep.equal([]);
    expect(IDS.map((id) => controllers.of(id).firings)).to.deep.equal([0, 0, 1]);
  });
});
