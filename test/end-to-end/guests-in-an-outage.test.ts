import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../embedded-mongo/index.ts';
import { connect } from '../../models/connection.ts';
import { StoreProxy } from '../gateway/bad-input/support/store-proxy.ts';
import { CommandedSezam } from './support/commanded-sezam.ts';
import { secretsBelow, secretsIn, secretsStored } from './support/find-secrets.ts';
import { endAll, npmRun } from './support/sezam-process.ts';
import { TestStore } from './support/test-store.ts';
import { TwoCabinets } from './support/two-cabinets.ts';

const PIN = '5830192746';

/** The database goes away while a guest is at it, and then the power fails. */
describe('A guest whose deposit falls into an outage of the database', () => {
  let folder: string;
  let dataFolder: string;
  let environment: Readonly<Record<string, string>>;
  let site: TwoCabinets;
  let store: TestStore;
  let embedded: EmbeddedMongo | undefined;
  let uri: string;
  let proxy: StoreProxy;
  let sezam: CommandedSezam;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-outage-'));
    dataFolder = join(folder, 'data');
    store = new TestStore();
    if (store.uri === undefined)
      embedded = await startEmbeddedMongo({ folder: join(folder, 'store-behind') });
    uri = store.uri ?? embedded?.uri ?? '';
    proxy = await StoreProxy.inFrontOf(uri);
    environment = {
      SEZAM_DATA: dataFolder,
      SEZAM_SITE: join(folder, 'site.json'),
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      MONGODB_URI: proxy.uri,
    };
    site = await TwoCabinets.wire();
    await site.writeSiteFile(join(folder, 'site.json'));
    sezam = new CommandedSezam(environment);
  });

  after(async () => {
    await endAll();
    await proxy?.close();
    await embedded?.close();
    await site?.close();
    await store?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('sets the PIN, and collects once with it when everything is back', async () => {
    await sezam.start();
    await site.keypad.enterPin('0');
    await site.keypad.enterPin('4');
    await sezam.becomes('guests', 4, 'open occupied');

    proxy.cut();
    site.guestBoard.setDoor(3, false);
    await sezam.becomes('guests', 4, 'closed occupied');
    await site.keypad.enterPin(PIN);
    await sezam.until('the closing and the PIN are in the journal', async () => {
      const { store: is, journal } = await sezam.health();
      return is.condition === 'degraded' && journal.waiting === 2;
    });
    expect(
      await secretsBelow(dataFolder, [PIN]),
      'the journal proves the PIN without telling it',
    ).to.deep.equal([]);
    await sezam.kill();
    proxy.restore();
    await sezam.start();
    expect((await sezam.health()).journal.waiting).to.equal(0);
    await site.keypad.enterPin('4');
    await site.keypad.enterPin(PIN);
    await sezam.becomes('guests', 4, 'open occupied');
    // The wire fails once more: what closes the story is shipped later.
    proxy.cut();
    site.guestBoard.setDoor(3, false);
    await sezam.becomes('guests', 4, 'closed free');
    await site.keypad.enterPin('4');
    await site.keypad.enterPin(PIN);
    await sezam.until('the try is in the journal', async () => (await sezam.health()).journal.waiting === 2);
    proxy.restore();
    await sezam.until('the journal is shipped', async () => (await sezam.health()).journal.waiting === 0);
    const refused = await sezam.heard('guests', 'access-refused', 1);
    expect(refused.data).to.include({ reason: 'wrong-code', compartment: 4 });
    expect(site.guestPulses).to.deep.equal([4, 4]);
    await sezam.stop();

    const { stdout } = await npmRun('verify-log', [], environment);
    expect(stdout).to.match(/The log is sound: \d+ events\./);
    expect(secretsIn(Buffer.from(sezam.printed), [PIN])).to.deep.equal([]);
    expect(await secretsBelow(folder, [PIN])).to.deep.equal([]);
    const connection = await connect(uri);
    try {
      expect(await secretsStored(connection, [PIN])).to.deep.equal([]);
    } finally {
      await connection.close();
    }
  });
});
