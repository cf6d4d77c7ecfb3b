import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { OPCUACertificateManager } from 'node-opcua';
import type { LoggedEvent } from '../../domain/event.ts';
import { clientCertificates } from '../opcua-server/support/client.ts';
import { eventually } from '../support/eventually.ts';
import { ScadaClient, type SeenCompartment, trustClient } from './support/scada-client.ts';
import { FIRST_LOCK, SerialSite } from './support/serial-site.ts';
import { type Announcement, endAll, type How, npmRun, SezamProcess } from './support/sezam-process.ts';
import { TestStore } from './support/test-store.ts';

const CARD = '62E3086CED';
const OWN_PASSWORD = 'four lockers in a row';
/** `02`, board 0, lock, `51`, `03`, and the low byte of their sum. */
const UNLOCK_COMPARTMENT_1 = '02000451035a';

/** A site of one reader and one board on serial lines, and the Sezam that serves it. */
describe('A card opens a locker', function () {
  this.timeout(240_000);
  // Each step rests on the one before it.
  this.bail(true);

  let folder: string;
  let dataFolder: string;
  let site: SerialSite;
  let store: TestStore;
  let certificates: OPCUACertificateManager;
  let sezam: SezamProcess;
  let announced: Announcement;
  let user: string;

  async function start(how: How): Promise<void> {
    ({ sezam, announced } = await SezamProcess.start(how, environment()));
  }

  function environment(): Readonly<Record<string, string>> {
    return {
      SEZAM_DATA: dataFolder,
      SEZAM_SITE: join(folder, 'site.json'),
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      ...store.environment,
    };
  }

  /** What the administrator sees over OPC UA, once it is as described. */
  async function seen(what: string, isSo: (seen: SeenCompartment) => boolean): Promise<SeenCompartment> {
    const client = await ScadaClient.connect(announced.opcua, certificates, 'admin', OWN_PASSWORD);
    try {
      const until = performance.now() + 60_000;
      for (;;) {
        const compartment = await client.compartment('A', 1);
        if (isSo(compartment)) return compartment;
        if (performance.now() > until) throw new Error(`Not ${what}: ${JSON.stringify(compartment)}`);
        await new Promise((wake) => setTimeout(wake, 25));
      }
    } finally {
      await client.close();
    }
  }

  async function admin(...parameters: string[]): Promise<string> {
    const { code, stdout, stderr } = await npmRun('admin', parameters, environment());
    expect(code, stderr).to.equal(0);
    return stdout;
  }

  /** The events of the cabinet after `seq`, while no Sezam runs. */
  async function cabinetEvents(afterSeq = 0): Promise<LoggedEvent[]> {
    return (await store.eventsOf(dataFolder, 'cabinet/A')).filter(({ seq }) => seq > afterSeq);
  }

  async function expectSoundLog(): Promise<void> {
    const { code, stdout } = await npmRun('verify-log', [], environment());
    expect(stdout).to.match(/The log is sound: \d+ events\./);
    expect(code).to.equal(0);
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-end-to-end-'));
    dataFolder = join(folder, 'data');
    store = new TestStore();
    site = await SerialSite.wire();
    await site.writeSiteFile(join(folder, 'site.json'));
    certificates = await clientCertificates(folder);
  });

  after(async () => {
    await endAll();
    await certificates?.dispose();
    await site?.close();
    await store?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('starts with npm start and lets the administrator set a password and add a person', async () => {
    await start('npm');
    expect(announced.oneTimePassword).to.match(/^([A-Z2-9]{4}-){3}[A-Z2-9]{4}$/);
    const response = await fetch(`${announced.web}/account/password`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ login: 'admin', current: announced.oneTimePassword, next: OWN_PASSWORD }),
    });
    expect(response.status).to.equal(204);
    const added: unknown = JSON.parse(await admin('add-user', '--name', 'Ewa Nowak', '--group', 'staff'));
    user = (added as { user: string }).user;
    await admin('add-card', '--user', user, '--card', CARD);
  });

  it('shows nothing over OPC UA until the client is trusted', async () => {
    const refused = await trustClient(announced.opcua, certificates, dataFolder);
    expect(refused).to.match(/BadSecurityChecksFailed|BadCertificateUntrusted|disconnected/i);
    const free = await seen('free with a closed door', ({ door }) => door === 'closed');
    expect(free).to.deep.include({ state: 'free', occupant: '' });
  });

  it('opens exactly one compartment for a card, and everybody sees it', async () => {
    const before = Date.now();
    await site.reader.presentCard(CARD, { heldMilliseconds: 300, chunk: 5 });
    await eventually('a door is open', () => site.openCompartments.length > 0);
    const open = await seen('occupied with an open door', ({ door }) => door === 'open');
    expect(open).to.deep.include({ state: 'occupied', occupant: user });
    expect(open.occupiedSince.getTime()).to.be.within(before, Date.now());
    site.closeDoor(1);
    await seen('a closed door', ({ door }) => door === 'closed');
    expect(site.openCompartments).to.deep.equal([]);
    expect(site.unlockFrames).to.deep.equal([UNLOCK_COMPARTMENT_1]);
    expect(site.board.pulses.map(({ lock }) => lock)).to.deep.equal([FIRST_LOCK]);
  });

  it('shows programs its alarms and whom it trusts, and an engineer its tags', async () => {
    const added = await admin('add-user', '--name', 'Control room', '--role', 'administrator');
    const { user: program } = JSON.parse(added) as { readonly user: string };
    const made = await admin('add-api-token', '--user', program, '--days', '1');
    const { token } = JSON.parse(made) as { readonly token: string };
    const ask = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
      const headers = { Authorization: `Bearer ${token}` };
      const response = await fetch(`${announced.web}/api${path}`, { headers });
      expect(response.status, path).to.equal(200);
      return (await response.json()) as Readonly<Record<string, unknown>>;
    };
    const { clients } = await ask('/opcua/clients');
    expect((clients as { trust: string }[]).map(({ trust }) => trust)).to.deep.equal(['trusted']);
    expect(await ask('/alarms')).to.have.all.keys('alarms', 'total');
    const tags = await admin('opcua-tags', '--format', 'kepware', '--cabinet', 'A');
    expect(tags).to.contain('Cabinets.A.Compartments.1.State,"ns=1;s=cabinet/A/compartment/1/State",Long,');
  });

  it('stops on Ctrl-C, leaves nothing behind, and has every step on record', async () => {
    const { stderr } = await sezam.stop();
    expect(stderr).to.not.match(/error/i);
    const id = (await readFile(join(dataFolder, 'gateway-id'), 'utf8')).trim();
    const site = await store.eventsOf(dataFolder, `site/${id}`);
    expect(site.at(-1)?.type, 'it ended in good order').to.equal('gateway-stopped');
    const events = await cabinetEvents();
    expect(events.map(({ type }) => type)).to.deep.equal([
      'cabinet-configured',
      'doors-found',
      'compartment-granted',
      'door-opened',
      'door-closed',
    ]);
    const [, , granted, opened, closed] = events;
    expect(granted?.data).to.deep.include({ compartment: 1, allocation: 'new', schema: '2.2', user });
    expect(granted?.actor).to.deep.equal({ kind: 'user', id: user });
    expect(opened?.data).to.deep.include({ compartment: 1, user });
    expect(closed?.data).to.deep.include({ compartment: 1, user });
    expect(JSON.stringify(events), 'no card number on record').to.not.include(CARD);
    await expectSoundLog();
  });

  it('keeps the compartment over kill -9 while its door is open', async () => {
    const before = (await cabinetEvents()).length;
    await start('node');
    expect(announced.oneTimePassword, 'the password is set').to.equal(undefined);
    await seen('as it was', ({ state, door }) => state === 'occupied' && door === 'closed');
    await site.reader.presentCard(CARD);
    await eventually('the door is open', () => site.openCompartments.length > 0);
    await seen('open', ({ door }) => door === 'open');
    await sezam.kill();

    await start('node');
    const back = await seen('open', ({ door }) => door === 'open');
    expect(back).to.deep.include({ state: 'occupied', occupant: user });
    site.closeDoor(1);
    await seen('closed', ({ door }) => door === 'closed');
    await sezam.stop();
    expect(site.unlockFrames).to.deep.equal([UNLOCK_COMPARTMENT_1, UNLOCK_COMPARTMENT_1]);
    const events = await cabinetEvents(before);
    expect(events.map(({ type }) => type)).to.deep.equal([
      'compartment-granted',
      'door-opened',
      'door-closed',
    ]);
    expect(events[0]?.data).to.deep.include({ compartment: 1, allocation: 'existing', user });
    await expectSoundLog();
  });

  for (const { moment, door } of [
    { moment: 'before the door springs open, which it does while nobody looks', door: 'springs open' },
    { moment: 'before the door opens, which it never does', door: 'stuck' },
  ] as const) {
    it(`knows what became of a grant after kill -9 ${moment}`, async () => {
      const before = (await cabinetEvents()).length;
      const pulsesBefore = site.unlockFrames.length;
      await start('node');
      await seen('as it was', ({ door: is }) => is === 'closed');
      // The lock takes the pulse, but its door stays where it is until the process is gone.
      site.board.setStuck(FIRST_LOCK, true);
      await site.reader.presentCard(CARD);
      await eventually('the pulse has left', () => site.unlockFrames.length > pulsesBefore);
      await sezam.kill();
      site.board.setStuck(FIRST_LOCK, false);
      if (door === 'springs open') site.board.setDoor(FIRST_LOCK, true);

      await start('node');
      const found = await seen('settled', ({ state }) => state === 'occupied');
      expect(found).to.deep.include({ door: door === 'stuck' ? 'closed' : 'open', occupant: user });
      site.closeDoor(1);
      await seen('closed', ({ door: is }) => is === 'closed');
      // The same card finds the same compartment again.
      await site.reader.presentCard(CARD);
      await eventually('the door is open', () => site.openCompartments.length > 0);
      expect(site.openCompartments).to.deep.equal([1]);
      await seen('open', ({ door: is }) => is === 'open');
      site.closeDoor(1);
      await seen('closed', ({ door: is }) => is === 'closed');
      await sezam.stop();

      const sent = site.unlockFrames.slice(pulsesBefore);
      expect(sent).to.deep.equal([UNLOCK_COMPARTMENT_1, UNLOCK_COMPARTMENT_1]);
      const again = ['compartment-granted', 'door-opened', 'door-closed'];
      expect((await cabinetEvents(before)).map(({ type }) => type)).to.deep.equal(
        door === 'stuck' ? ['compartment-granted', 'grant-lapsed', ...again] : [...again, ...again],
      );
      await expectSoundLog();
    });
  }

  it('refuses a second Sezam on the same data folder with one clear line, and serves on', async () => {
    await start('node');
    const second = SezamProcess.spawn('node', environment());
    const { code, stdout, stderr } = await second.ended();
    expect(code).to.equal(1);
    expect(stdout).to.equal('');
    expect(stderr).to.equal(
      `sezam: Another process works on the data folder ${dataFolder}. ` +
        'Stop it first, or give this one a folder of its own with SEZAM_DATA.\n',
    );
    await seen('still served', ({ state }) => state === 'occupied');
    await sezam.stop();
  });
});
