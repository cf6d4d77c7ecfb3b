import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import { verifyLog } from '../../gateway/event-log/verify.ts';
import { type StartedGateway, startGateway } from '../../gateway/start.ts';
import { EventRepository } from '../../models/events.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../support/store.ts';

const ACTOR = { kind: 'machine', id: 'test' } as const;

/** A site's part behind one gateway: one cabinet on a bus that a flow owns. */
function partWith(cabinet: string): SiteFile {
  return {
    version: 1,
    site: { id: 'plant', name: 'Plant', timeZone: 'UTC', language: 'en' },
    userGroups: [{ id: 'staff', name: 'Staff' }],
    buses: [{ id: 'bus', transport: { type: 'flow' } }],
    boards: [{ id: 'board', bus: 'bus', driver: 'kerong-cu48', address: 0 }],
    readers: [],
    cabinets: [
      {
        id: cabinet,
        name: cabinet,
        kind: 'multi',
        schema: '2.2',
        compartments: [{ from: 1, to: 8, board: 'board', firstLock: 0 }],
      },
    ],
  };
}

describe('two gateways of one site, with a cabinet each', () => {
  let store: FreshStore;
  let folder: string;
  let gateways: StartedGateway[];

  beforeEach(async () => {
    store = await openFreshStore();
    folder = await temporaryFolder();
    gateways = [];
    // Gateways of one database share their credential keys.
    const key = randomBytes(32).toString('hex');
    for (const cabinet of ['north', 'south']) {
      await mkdir(join(folder, cabinet, 'secrets'), { recursive: true });
      await writeFile(join(folder, cabinet, 'secrets', 'credential-key'), key);
      gateways.push(
        await startGateway({
          siteFile: `${cabinet}.json`,
          site: partWith(cabinet),
          dataFolder: join(folder, cabinet),
          mongodbUri: store.uri,
        }),
      );
    }
  });

  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await store.remove();
    await rm(folder, { recursive: true });
  });

  it('both administer, in turn and at once, and each has its own record of it', async () => {
    const add = (index: number, name: string): Promise<string> =>
      (gateways[index % 2] as StartedGateway).administration.addUser(
        { name, roles: ['defined'], groups: ['staff'] },
        ACTOR,
      );
    await add(0, 'Anna');
    await add(1, 'Bert');
    await add(0, 'Carl');
    await Promise.all(['Dora', 'Emil', 'Fina', 'Gert'].map((name, index) => add(index, name)));
    const repository = new EventRepository(store.connection);
    const added = new Map<string, number>();
    for await (const { stream, flaw } of verifyLog(repository)) {
      expect(flaw, stream).to.equal(undefined);
      if (!stream.startsWith('site/')) continue;
      const events = await Array.fromAsync(repository.read(stream, 0));
      added.set(stream, events.filter(({ type }) => type === 'user-added').length);
    }
    expect([...added.values()].sort((a, b) => a - b)).to.deep.equal([3, 4]);
  });

  it('know each other’s people', async () => {
    const [north, south] = gateways;
    const user = await north?.administration.addUser(
      { name: 'Anna', login: 'anna', roles: ['operator'], groups: [] },
      ACTOR,
    );
    expect((await south?.administration.userByLogin('anna'))?._id).to.equal(user);
  });
});
