import { join } from 'node:path';
import { expect } from 'chai';
import type { LoggedEvent } from '../../domain/event.ts';
import { connect } from '../../models/connection.ts';
import { type RunningGateway, TestSite } from '../gateway/bad-input/support/test-site.ts';
import { eventually } from '../support/eventually.ts';
import { OldData } from './support/old-data.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures', 'data-without-sessions.jsonl');
const ANNA = { card: '62E3086CED', pin: '730185', login: 'anna', password: 'a password of the old days' };
const BERT_CARD = '0A11B22C33';
const CARL_CARD = '0A44B55C66';
const DORA_CARD = '0A77B88C99';

/**
 * What was kept before there were sessions, deposits and items in compartments: cabinet A of six compartments under
 * schema 2.2. Anna holds 1 and Bert 2; 3 is blocked; Dora holds 5 since the lock of 4 failed for her; Carl is blocked.
 * The database was away and Bert's door open when the power failed, so the last events are in the journal.
 */
describe('The data of a version that knew no sessions', function () {
  // Each step rests on the one before it.
  this.bail(true);

  let site: TestSite;
  let old: OldData;
  let running: RunningGateway;
  let people: ReadonlyMap<string, string>;

  before(async () => {
    old = await OldData.read(FIXTURE);
    people = new Map(old.documents('users').map(({ _id, name }) => [String(name), String(_id)]));
    site = await TestSite.build({ proxied: true, compartments: 6 });
    const connection = await connect(site.proxy.uri);
    try {
      await old.restore(connection, site.dataFolder);
      // The old snapshot tells a lie: should it be believed, Dora would have lost her compartment.
      const lie = { 'state.compartments.4.holders': ['user-of-the-old-snapshot'] };
      const { modifiedCount } = await connection
        .collection<{ _id: string }>('snapshots')
        .updateOne({ _id: 'cabinet/A', 'state.version': 1 }, { $set: lie });
      expect(modifiedCount).to.equal(1);
    } finally {
      await connection.close();
    }
  });

  after(() => site?.close());

  const idOf = (name: string): string => people.get(name) ?? 'nobody';

  function expectAsItWas(): void {
    expect([1, 2, 3, 4, 5, 6].map((number) => running.holdersOf(number))).to.deep.equal([
      [idOf('Anna Kowalska')],
      [idOf('Bert Wójcik')],
      [],
      [],
      [idOf('Dora Nowak')],
      [],
    ]);
    expect([1, 2, 3, 4, 5, 6].map((number) => running.statusOf(number))).to.deep.equal([
      'occupied',
      'occupied',
      'blocked',
      'out-of-order',
      'occupied',
      'free',
    ]);
    const { compartments } = running.cabinet;
    expect(compartments.map(({ door }) => door)).to.deep.equal(Array(6).fill('closed'));
    for (const { deposit, codes, contents, opening, use } of compartments) {
      expect([deposit, codes, contents, opening, use]).to.deep.equal([
        undefined,
        [],
        [],
        undefined,
        undefined,
      ]);
    }
  }

  it('is taken up: holders, blocks and faults are as they were, and the journal is shipped', async () => {
    running = await site.start();
    await eventually('the door that was open is closed', () => running.compartment(2).door === 'closed');
    expectAsItWas();
    expect(running.compartment(3).blocked).to.equal('old days');
    const granted = old
      .documents('events')
      .filter(({ type, data }) => type === 'compartment-granted' && data.compartment === 1);
    expect(running.compartment(1).occupiedSince).to.equal(Number(granted[0]?.['at']));
    expect(running.started.gateway.health().journal).to.deep.include({ waiting: 0, condition: 'ok' });
    expect(site.pulses, 'nothing opens by itself').to.deep.equal([]);
  });

  it('knows its people by card, PIN and password, and who is blocked', async () => {
    const { gateway, administration } = running.started;
    expect(await gateway.authenticate(ANNA.login, ANNA.password)).to.deep.include({
      user: idOf('Anna Kowalska'),
      roles: ['defined', 'administrator'],
    });
    expect(await gateway.authenticate(ANNA.login, 'another password')).to.equal(undefined);
    const byPin = await gateway.identify(gateway.present('reader-1', { kind: 'pin', value: ANNA.pin }));
    expect(byPin).to.deep.include({ ok: true, user: idOf('Anna Kowalska') });
    expect(await running.serve(CARL_CARD)).to.equal('user-blocked');
    expect((await administration.users()).map(({ name }) => name)).to.have.members([...people.keys()]);
    expect((await administration.items()).map(({ name }) => name)).to.deep.equal(['Drill']);
  });

  it('opens for everybody what they hold, and for nobody anything else', async () => {
    for (const [card, number] of [
      [ANNA.card, 1],
      [BERT_CARD, 2],
      [DORA_CARD, 5],
    ] as const) {
      expect(await running.serve(card)).to.equal(`opened ${number}`);
      site.board.setDoor(number - 1, false);
      await eventually('the door is closed', () => running.compartment(number).door === 'closed');
    }
    expect(site.pulses).to.deep.equal([1, 2, 5]);
    expectAsItWas();
  });

  it('answers questions about what happened then', async () => {
    const { queries } = running.started.gateway;
    const page = await queries.events({ user: idOf('Dora Nowak'), order: 'oldest-first', cabinet: 'A' });
    expect(page.ok && page.events.slice(0, 4).map(({ type }) => type)).to.deep.equal([
      'compartment-granted',
      'compartment-granted',
      'door-opened',
      'compartment-granted',
    ]);
    const looked = await running.started.gateway.changeMode(
      { cabinet: 'A', schema: '4.2', dryRun: true, force: false, reason: 'looking' },
      { kind: 'machine', id: 'test' },
    );
    expect(looked.ok && looked.lost.map(({ lost }) => lost)).to.deep.equal(['right', 'right', 'right']);
  });

  it('stays as it was written: the log is sound, and goes on where it ended', async () => {
    const events: LoggedEvent[] = await site.stopAndRead(running);
    const before = old.documents('events').filter(({ stream }) => stream === 'cabinet/A');
    expect(events.slice(0, before.length).map(({ hash }) => hash)).to.deep.equal(
      before.map(({ hash }) => String(hash)),
    );
    expect(events.map(({ seq }) => seq)).to.deep.equal(events.map((_, index) => index + 1));
    // From the journal of the old version: Bert's door, open when the power failed.
    expect(events.slice(before.length, before.length + 2).map(({ type }) => type)).to.deep.equal([
      'compartment-granted',
      'door-opened',
    ]);
  });

  it('is the same again from the snapshot of this version', async () => {
    running = await site.start();
    expectAsItWas();
    await running.started.close();
  });
});
