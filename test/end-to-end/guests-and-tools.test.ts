import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { OPCUACertificateManager } from 'node-opcua';
import { clientCertificates } from '../opcua-server/support/client.ts';
import { CommandedSezam } from './support/commanded-sezam.ts';
import { secretsBelow, secretsIn, secretsStored } from './support/find-secrets.ts';
import { ScadaClient, trustClient } from './support/scada-client.ts';
import { endAll, npmRun } from './support/sezam-process.ts';
import { TestStore } from './support/test-store.ts';
import { TwoCabinets } from './support/two-cabinets.ts';

const CARD = '5D00C4F1A7';
const TAG = 'E2801170000002A7C5D13B94';
const PARCEL = 'PARCEL-73019-XQ';
const FIRST_PIN = '93170482';
const SECOND_PIN = '60418295713';
const THIRD_PIN = '7720951846';
const WRONG_PIN = '1029384756';
const OWN_PASSWORD = 'luggage on the left side';
const SECRETS = [CARD, TAG, PARCEL, FIRST_PIN, SECOND_PIN, THIRD_PIN, WRONG_PIN, OWN_PASSWORD];

/** Longer than a reader that is held counts as one presentation. Milliseconds. */
const NEXT_VISIT = 700;

/** Two cabinets on serial lines, and the Sezam that serves them. */
describe('Guests leave luggage, and tools are borrowed', function () {
  this.timeout(240_000);
  // Each step rests on the one before it.
  this.bail(true);

  let folder: string;
  let dataFolder: string;
  let environment: Readonly<Record<string, string>>;
  let site: TwoCabinets;
  let store: TestStore;
  let certificates: OPCUACertificateManager;
  let sezam: CommandedSezam;
  let scada: ScadaClient | undefined;
  let borrower: string;
  let item: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-two-cabinets-'));
    dataFolder = join(folder, 'data');
    store = new TestStore();
    environment = {
      SEZAM_DATA: dataFolder,
      SEZAM_SITE: join(folder, 'site.json'),
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      ...store.environment,
    };
    site = await TwoCabinets.wire();
    await site.writeSiteFile(join(folder, 'site.json'));
    certificates = await clientCertificates(folder);
    sezam = new CommandedSezam(environment);
  });

  after(async () => {
    await scada?.close();
    await endAll();
    await certificates?.dispose();
    await site?.close();
    await store?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** The SCADA client sees a compartment become so. */
  async function seen(cabinet: string, compartment: number, state: string, door: string): Promise<void> {
    let is = '';
    await sezam.until(
      () => `${cabinet}/${compartment} is ${state} with a door that is ${door} (${is})`,
      async () => {
        const now = await scada?.compartment(cabinet, compartment);
        is = `${now?.state}, ${now?.door}`;
        return now?.state === state && now.door === door;
      },
    );
  }

  async function watch(opcua: string): Promise<void> {
    scada = await ScadaClient.connect(opcua, certificates, 'admin', OWN_PASSWORD);
  }

  async function killAndStart(meanwhile: () => void = () => {}): Promise<void> {
    await scada?.close();
    scada = undefined;
    await sezam.kill();
    meanwhile();
    await watch((await sezam.start()).opcua);
  }

  const enter = (keys: string): Promise<void> => site.keypad.enterPin(keys);
  const closeGuestDoor = (compartment: number): void => site.guestBoard.setDoor(compartment - 1, false);
  const closeToolDoor = (compartment: number): void => site.toolBoard.setDoor(compartment - 1, false);

  /** A guest types what opens a free compartment, and its door springs open. */
  async function beginDeposit(compartment: number): Promise<void> {
    await enter('0');
    await enter(String(compartment));
    await sezam.becomes('guests', compartment, 'open occupied');
  }

  /** A guest types what collects, takes everything out, and closes. */
  async function collect(compartment: number, pin: string): Promise<void> {
    await enter(String(compartment));
    await enter(pin);
    await sezam.becomes('guests', compartment, 'open occupied');
    closeGuestDoor(compartment);
    await sezam.becomes('guests', compartment, 'closed free');
  }

  it('begins with an administrator, a borrower with a card, and a tool with a tag', async () => {
    const { oneTimePassword, web, opcua } = await sezam.start();
    const response = await fetch(`${web}/account/password`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ login: 'admin', current: oneTimePassword, next: OWN_PASSWORD }),
    });
    expect(response.status).to.equal(204);
    await trustClient(opcua, certificates, dataFolder);
    await watch(opcua);
    ({ user: borrower } = await sezam.ask<{ user: string }>({
      do: 'add-user',
      name: 'Ewa Nowak',
      roles: ['defined'],
      groups: ['workshop'],
    }));
    await sezam.ask({ do: 'add-credential', user: borrower, kind: 'card', value: CARD });
    ({ item } = await sezam.ask<{ item: string }>({
      do: 'add-item',
      name: 'Torque wrench',
      tag: TAG,
      tagKind: 'rfid',
    }));
    await seen('tools', 2, 'free', 'closed');
    site.itemReader.put(1, TAG);
    await seen('tools', 2, 'occupied', 'closed');
  });

  it('lets a guest leave something and collect it once, with a keypad alone', async () => {
    await seen('guests', 3, 'free', 'closed');
    await beginDeposit(3);
    await seen('guests', 3, 'occupied', 'open');
    closeGuestDoor(3);
    await seen('guests', 3, 'occupied', 'closed');
    await enter(FIRST_PIN);
    await sezam.heard('guests', 'deposit-stored', 1);

    await enter('3');
    await enter(WRONG_PIN);
    const refused = await sezam.heard('guests', 'access-refused', 1);
    expect(refused.data).to.include({ reason: 'wrong-code', compartment: 3 });
    expect(site.guestPulses).to.deep.equal([3]);

    await enter('3');
    await enter(FIRST_PIN);
    await seen('guests', 3, 'occupied', 'open');
    closeGuestDoor(3);
    await seen('guests', 3, 'free', 'closed');
    await sleep(NEXT_VISIT);
    await enter('3');
    await enter(FIRST_PIN);
    await sezam.heard('guests', 'access-refused', 2);
    expect(site.guestPulses).to.deep.equal([3, 3]);
  });

  it('opens nothing for a barcode that belongs to nobody, and does not write it down', async () => {
    await site.scanner.scan(PARCEL);
    const refused = await sezam.heard('guests', 'access-refused', 3);
    expect(refused.data).to.include({ kind: 'barcode', reader: 'scanner' });
    expect(site.guestPulses).to.deep.equal([3, 3]);
  });

  it('asks for the PIN after kill -9 between closing and PIN; it opens once', async () => {
    await beginDeposit(1);
    closeGuestDoor(1);
    await sezam.becomes('guests', 1, 'closed occupied');
    await killAndStart();
    await seen('guests', 1, 'occupied', 'closed');
    await enter(SECOND_PIN);
    await sezam.heard('guests', 'deposit-stored', 2);
    await collect(1, SECOND_PIN);
    await sleep(NEXT_VISIT);
    await enter('1');
    await enter(SECOND_PIN);
    await sezam.heard('guests', 'access-refused', 4);
    expect(site.guestPulses).to.deep.equal([3, 3, 1, 1]);
  });

  it('keeps a deposit over kill -9 while its door is open; closing it meanwhile counts', async () => {
    await beginDeposit(2);
    await killAndStart();
    await seen('guests', 2, 'occupied', 'open');
    await killAndStart(() => closeGuestDoor(2));
    await seen('guests', 2, 'occupied', 'closed');
    await enter(THIRD_PIN);
    await sezam.heard('guests', 'deposit-stored', 3);
    await killAndStart();
    await collect(2, THIRD_PIN);
    expect(site.guestPulses.slice(4)).to.deep.equal([2, 2]);
  });

  it('tells what the item reader saw: a tool is taken, and brought back somewhere else', async () => {
    await site.cardReader.presentCard(CARD);
    await seen('tools', 2, 'occupied', 'open');
    site.itemReader.take(1, TAG);
    closeToolDoor(2);
    await seen('tools', 2, 'free', 'closed');
    const taken = await sezam.heard('tools', 'use-settled', 1);
    expect(taken.data).to.include({ outcome: 'taken', compartment: 2, item, user: borrower });
    expect(taken.data).to.not.have.property('unverified');
    const [loan] = await sezam.possessions({ user: borrower });
    expect(loan).to.include({ kind: 'loan', item, user: borrower });

    await killAndStart();
    await site.cardReader.presentCard(CARD);
    await sezam.becomes('tools', 1, 'open free');
    site.itemReader.put(0, TAG);
    closeToolDoor(1);
    await seen('tools', 1, 'occupied', 'closed');
    const returned = await sezam.heard('tools', 'use-settled', 2);
    expect(returned.data).to.include({ outcome: 'returned', compartment: 1, item, user: borrower });
    expect(await sezam.possessions({ user: borrower })).to.deep.equal([]);
    expect(site.toolPulses).to.deep.equal([2, 1]);
  });

  it('ends with a sound log, and no secret in any file, document or line that was printed', async () => {
    await scada?.close();
    scada = undefined;
    await sezam.stop();
    const { code, stdout } = await npmRun('verify-log', [], environment);
    expect(stdout).to.match(/The log is sound: \d+ events\./);
    expect(code).to.equal(0);
    expect(secretsIn(Buffer.from(sezam.printed), SECRETS)).to.deep.equal([]);
    // What tags say is kept, so that a person can read it off a list; it opens nothing.
    const secrets = SECRETS.filter((secret) => secret !== TAG);
    // The name of a person shows that what lies there is found.
    const name = 'Ewa Nowak';
    const opened = await store.open(dataFolder);
    try {
      const stored = await secretsStored(opened.connection, [...secrets, name]);
      expect(stored).to.deep.equal([`users: ${name}`]);
    } finally {
      await opened.close();
    }
    const kept = await secretsBelow(dataFolder, [...secrets, name]);
    expect(kept.filter((found) => !found.endsWith(name))).to.deep.equal([]);
    if (store.uri === undefined) expect(kept).to.not.deep.equal([]);
  });
});
