import { expect } from 'chai';
import type { PanelAnswer, PanelView, Refused, Requester } from '../../../gateway/api.ts';
import { card, GatewayAtWork } from '../support/gateway-at-work.ts';
import { StoredLog } from '../support/stored-log.ts';

const MACHINE: Requester = { kind: 'machine', id: 'command-line' };

describe('administrators of a cabinet with a panel', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  afterEach(async () => {
    await work.stop();
    expect(stored.clock.pending, 'timers left behind').to.equal(0);
    await stored.renew();
  });

  const start = async (schema: string): Promise<void> => {
    work = await GatewayAtWork.start(stored, {
      cabinet: { schema },
      panels: [{ id: 'panel', name: 'Panel', cabinet: 'A' }],
    });
  };
  const at = (answer: PanelAnswer): Promise<PanelView | Refused> => work.answer('panel', answer);
  const hold = (number: number): Promise<PanelView | Refused> => at({ answer: 'scan', scan: card(number) });
  const type = (value: string): Promise<PanelView | Refused> =>
    at({ answer: 'scan', scan: { kind: 'pin', value } });
  const open = async (compartment: number): Promise<void> => {
    await stored.pass(500);
    expect(work.compartment(compartment).door, `door ${compartment}`).to.equal('open');
  };
  const useDoor = async (compartment: number): Promise<void> => {
    await open(compartment);
    await work.closeDoor(compartment);
  };
  const administer = (request: object): Promise<object> =>
    stored.until(work.gateway.operate({ cabinet: 'A', reason: 'because', ...request } as never, MACHINE));

  it('open every compartment in turn, each on record', async () => {
    await start('2.2');
    const all = await stored.until(work.gateway.openAll('A', 'fire', MACHINE));
    expect(all).to.deep.include({ ok: true, opened: [1, 2, 3, 4], failed: [] });
    expect((await work.types()).filter((name) => name === 'compartment-granted')).to.have.length(4);
    expect(await stored.until(work.gateway.openAll('A', ' ', MACHINE))).to.have.nested.property(
      'refusal.code',
      'reason-required',
    );
  });

  it('open every compartment while people use them: nobody’s use changes, and not twice at once', async () => {
    await start('2.2');
    await work.person('Anna', card(1));
    await work.person('Bert', card(2));
    await hold(1);
    await open(1);
    const all = work.gateway.openAll('A', 'fire', MACHINE);
    const twice = await stored.until(work.gateway.openAll('A', 'fire', MACHINE));
    expect(twice).to.have.nested.property('refusal.code', 'opening-all-already');
    await hold(2);
    expect(await stored.until(all)).to.have.property('ok', true);
    expect(work.cabinet.compartments.map(({ door }) => door)).to.deep.equal(Array(4).fill('open'));
    expect([1, 2].map((number) => work.compartment(number).holders.length)).to.deep.equal([1, 1]);
    expect(await stored.until(work.gateway.openAll('A', 'again', MACHINE))).to.have.property('ok', true);
  });

  it('who open every compartment are stopped with the gateway, and leave no timer behind', async () => {
    await start('2.2');
    const all = work.gateway.openAll('A', 'fire', MACHINE);
    await stored.pass(300);
    await work.gateway.stop();
    expect(await all).to.have.nested.property('failed[0].refusal.code', 'gateway-stopping');
  });

  it('hand a deposit over with "open", and only look with "service-open"', async () => {
    await start('4.3');
    await at({ answer: 'deposit' });
    await useDoor(1);
    await type('1234');
    await administer({ do: 'service-open', compartment: 1 });
    await work.closeDoor(1);
    expect(work.status(1)).to.equal('occupied');
    await administer({ do: 'open', compartment: 1 });
    await work.closeDoor(1);
    expect(work.status(1)).to.equal('free');
  });

  it('see what a change of mode would lose before they force it, and it outlives a restart', async () => {
    await start('4.3');
    await at({ answer: 'deposit' });
    await useDoor(1);
    await type('1234');
    const change = (how: object): Promise<object> =>
      stored.until(
        work.gateway.changeMode(
          { cabinet: 'A', schema: '2.2', dryRun: false, force: false, reason: 'new tenant', ...how },
          MACHINE,
        ),
      );
    const looked = await change({ dryRun: true });
    expect(looked).to.deep.include({ ok: true, from: '4.3', to: '2.2', done: false });
    expect(looked).to.have.nested.property('lost[0].lost', 'deposit');
    expect(await change({})).to.have.nested.property('refusal.code', 'cabinet-not-empty');
    expect(await change({ schema: '9.9' })).to.have.nested.property('refusal.code', 'schema-unknown');
    expect(await change({ force: true })).to.deep.include({ ok: true, done: true });
    expect(work.status(1)).to.equal('blocked');
    await work.restart();
    await work.report();
    expect(work.cabinet.setting.schema).to.equal('2.2');
    await work.person('Anna', card(1));
    await hold(1);
    await useDoor(2);
  });
});
