import { expect } from 'chai';
import type { ModeChange, PanelAnswer } from '../../../gateway/api.ts';
import { eventually } from '../../support/eventually.ts';
import { card, type GatewayAtWork, type SiteChange } from '../support/gateway-at-work.ts';
import { StoredLog } from '../support/stored-log.ts';
import { CommandedWork } from './support/commanded-work.ts';
import { type RunningGateway, TestSite, typesOf } from './support/test-site.ts';

const PANELS = [{ id: 'panel', name: 'Panel', cabinet: 'A' }];

describe('A change of mode with something inside', () => {
  let stored: StoredLog;
  let commanded: CommandedWork;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  const start = async (change: SiteChange): Promise<void> => {
    commanded = await CommandedWork.start(stored, { panels: PANELS, ...change });
    work = commanded.work;
  };

  afterEach(async () => {
    await commanded.stop();
    await stored.renew();
  });

  const change = (how: object): object => ({
    do: 'change-mode',
    cabinet: 'A',
    schema: '2.2',
    dryRun: false,
    force: false,
    reason: 'summer season',
    ...how,
  });
  const useDoor = async (compartment: number): Promise<void> => {
    await stored.pass(500);
    expect(work.compartment(compartment).door).to.equal('open');
    await work.closeDoor(compartment);
  };
  const type = async (value: string): Promise<void> => {
    await work.answer('panel', { answer: 'scan', scan: { kind: 'pin', value } });
  };
  /** One deposit lies in compartment 1; the door of compartment 2 was closed upon another, whose PIN is asked for. */
  const leaveTwo = async (): Promise<void> => {
    await start({ cabinet: { schema: '4.3' } });
    await work.answer('panel', { answer: 'deposit' });
    await useDoor(1);
    await type('13579');
    await work.answer('panel', { answer: 'deposit' });
    await useDoor(2);
  };
  const events = async (): Promise<number> => (await stored.events('cabinet/A')).length;

  it('is looked at first: the dry run names everything, and changes nothing', async () => {
    await leaveTwo();
    const before = await events();
    const looked = await commanded.ask<ModeChange>(change({ dryRun: true }));
    expect(looked).to.deep.include({ from: '4.3', to: '2.2', done: false });
    expect(
      looked.lost.map((loss) => ('compartment' in loss ? `${loss.lost} ${loss.compartment}` : loss.lost)),
    )
      // The session of compartment 2 still waits for its PIN.
      .to.deep.equal(['deposit 1', 'code 1', 'deposit 2', 'session']);
    expect(await events()).to.equal(before);
    expect(work.prompt('panel')).to.equal('set-pin');
  });

  it('is refused with what to do, and loses nothing', async () => {
    await leaveTwo();
    const before = await events();
    expect(await commanded.refused(change({}))).to.match(/^cabinet-not-empty: .*\b4\b.*\.$/);
    expect(await commanded.refused(change({ reason: '  ' }))).to.match(/^reason-required: /);
    expect(await commanded.refused(change({ schema: '7.1', force: true }))).to.match(
      /^schema-unknown: .*7\.1/,
    );
    expect(await commanded.refused(change({ schema: '4.3', force: true }))).to.match(/^mode-unchanged: /);
    expect(await commanded.refused(change({ cabinet: 'Z', force: true }))).to.match(/^cabinet-unknown: .*Z/);
    expect(await events()).to.equal(before);
    await type('24680');
    await work.answer('panel', { answer: 'collect', compartment: 2, pin: '24680' });
    await useDoor(2);
  });

  it('is done by force: every code is void, and nobody is given what somebody may have left', async () => {
    await leaveTwo();
    const done = await commanded.ask<ModeChange>(change({ force: true }));
    expect(done).to.deep.include({ from: '4.3', to: '2.2', done: true });
    await commanded.restart();
    expect(work.cabinet.setting.schema, 'it outlives a restart').to.equal('2.2');
    expect([1, 2, 3, 4].map((number) => work.status(number))).to.deep.equal([
      'blocked',
      'blocked',
      'free',
      'free',
    ]);
    expect(work.cabinet.sessions.size).to.equal(0);
    const pulses = work.board.pulses.length;
    const collected = await work.answer('panel', { answer: 'collect', compartment: 1, pin: '13579' });
    expect('ok' in collected).to.equal(true);
    expect(work.board.pulses).to.have.length(pulses);

    await work.person('Anna', card(1));
    await work.answer('panel', { answer: 'scan', scan: card(1) });
    await useDoor(3);
    // An administrator looks inside, then gives it free.
    const place = { cabinet: 'A', compartment: 1, reason: 'looked inside' };
    await commanded.ask({ do: 'service-open', ...place });
    await work.closeDoor(1);
    expect(work.status(1)).to.equal('blocked');
    await commanded.ask({ do: 'unblock', ...place });
    expect(work.status(1)).to.equal('free');
  });

  it('is done by force while a door stands open: closing it ends nothing and opens nothing', async () => {
    await start({ cabinet: { schema: '4.2' } });
    await work.answer('panel', { answer: 'deposit' });
    await work.answer('panel', { answer: 'compartment', compartment: 4 });
    expect(await commanded.refused(change({ force: true })), 'while its pulse is under way').to.match(
      /^compartment-in-use: .*4/,
    );
    await stored.pass(500);
    await commanded.ask(change({ force: true }));
    expect(work.prompt('panel')).to.equal('identify');
    await work.closeDoor(4);
    expect(work.prompt('panel')).to.equal('identify');
    expect(work.status(4)).to.equal('blocked');
    expect(work.board.pulses).to.have.length(1);
  });

  it('names rights, common codes, items and loans as well', async () => {
    await start({ cabinet: { schema: '5.2' } });
    const anna = await work.person('Anna', card(1));
    const place = { cabinet: 'A', compartment: 2, reason: 'shared' };
    await commanded.ask({ do: 'assign', ...place, user: anna });
    await commanded.ask({ do: 'assign-code', ...place, pin: '97531' });
    const shared = await commanded.ask<ModeChange>(change({ schema: '3.1', dryRun: true }));
    expect(shared.lost.map(({ lost }) => lost)).to.deep.equal(['right', 'code']);
    await commanded.ask(change({ schema: '3.1', force: true }));

    await commanded.ask({ do: 'unblock', ...place });
    for (const compartment of [1, 3]) await commanded.ask({ do: 'stock', ...place, compartment });
    await work.answer('panel', { answer: 'scan', scan: card(1) });
    await useDoor(1);
    const lent = await commanded.ask<ModeChange>(change({ schema: '1.1', dryRun: true }));
    expect(lent.lost.map(({ lost }) => lost)).to.deep.equal(['content', 'loan']);
    expect(lent.lost.at(-1)).to.deep.include({ user: anna, compartment: 1 });
  });
});

describe('A site file that names another schema while something lies inside', () => {
  let site: TestSite;

  before(async () => {
    site = await TestSite.build({ schema: '4.3' });
  });

  after(() => site.close());

  it('is refused at the start with what to do; with the one before, the PIN still opens', async () => {
    const answer = (running: RunningGateway, given: PanelAnswer): Promise<{ readonly ok: boolean }> =>
      running.started.gateway.answer('reader-1', given);
    const useDoor = async (running: RunningGateway): Promise<void> => {
      await eventually('the door is open', () => running.compartment(1).door === 'open');
      site.board.setDoor(0, false);
      await eventually('the door is closed', () => running.compartment(1).door === 'closed');
    };
    const { file } = site;
    const summer = { ...file, cabinets: file.cabinets.map((cabinet) => ({ ...cabinet, schema: '2.2' })) };

    const first = await site.start();
    await answer(first, { answer: 'deposit' });
    await useDoor(first);
    await answer(first, { answer: 'scan', scan: { kind: 'pin', value: '86420' } });
    await first.started.close();
    expect(await failureOf(site.start({ site: summer }))).to.match(
      /cabinets\[0\]\.schema: cannot change from 4\.3 to 2\.2 while compartments 1 are taken; release them first/,
    );

    const second = await site.start();
    expect(await answer(second, { answer: 'collect', compartment: 1, pin: '86420' })).to.include({
      ok: true,
    });
    await useDoor(second);
    await second.started.close();
    const third = await site.start({ site: summer });
    expect(third.cabinet.setting.schema).to.equal('2.2');
    expect(typesOf(await site.stopAndRead(third)).slice(-3)).to.deep.equal([
      'compartment-granted',
      'door-opened',
      'door-closed',
    ]);
    expect(site.pulses).to.deep.equal([1, 1]);
  });
});

async function failureOf(starting: Promise<unknown>): Promise<string> {
  return starting.then(
    () => 'it started',
    (error: unknown) => String(error),
  );
}
