import { expect } from 'chai';
import type { CassetteView } from '../../../domain/cassette/view.ts';
import type { CassetteRequester } from '../../../gateway/cassettes/api.ts';
import { eventually } from '../../support/eventually.ts';
import { CassettesAtWork, ROMS } from './support/cassettes-at-work.ts';

/** Another key of the same role, and a registered one: the same role is not the same key. */
const OTHER_K1 = '01FA525810000018';
const SECOND = 1_000;

describe('cassettes when their gateway is started again', function () {
  this.timeout(240_000);
  let work: CassettesAtWork;
  let anna: CassetteRequester;

  before(async () => {
    work = await CassettesAtWork.start([
      { id: 'rest', mode: 'internal' },
      { id: 'service', mode: 'internal', checkpointSeconds: 1 },
      { id: 'transit', mode: 'outsourced' },
      { id: 'grace', mode: 'internal-protected-zone', checkpointSeconds: 1 },
      { id: 'full', mode: 'internal' },
      { id: 'stained', mode: 'internal' },
    ]);
    const { administration } = work.started;
    const user = await administration.addUser(
      { name: 'Anna', roles: ['administrator'], groups: [] },
      { kind: 'machine', id: 'test' },
    );
    anna = { kind: 'administrator', principal: { user, login: 'anna', roles: ['administrator'] } };
    for (const role of ['K', 'K1', 'K2'] as const) await work.register(role);
    await work.register('K1', 'other-K1', OTHER_K1);
    const entered = await work.gateway.cassettes.command(
      { cassette: 'service', command: { do: 'enter-service' }, reason: 'Loading.' },
      anna,
    );
    expect(entered.ok).to.equal(true);
    for (const id of ['transit', 'grace']) {
      await eventually(`${id} can fire`, () => work.view(id).readings?.stainer === 'ready');
      expect((await work.touch(id, ROMS.K1)).type).to.equal('key-used');
    }
    await work.arm('full');
    await work.arm('stained');
    work.simulator('stained').openLid();
    await work.fired('stained');
    await work.phase('stained', 'stained');
  });

  after(() => work.close());

  /** What has to be the same. */
  function lasting({ phase, cause, lastKey, mode, outsideArea, transportOverdue }: CassetteView): unknown {
    return { phase, cause, lastKey, mode, outsideArea, transportOverdue };
  }

  async function startedAgain(): Promise<void> {
    const { cassettes } = work.gateway;
    const before = cassettes.list();
    const counts = before.map(({ id }) => work.simulator(id).firings);
    const keys = work.started.administration.cassetteKeys.list();
    await work.end();
    await work.begin();
    const after = work.gateway.cassettes.list();
    expect(after.map(lasting)).to.deep.equal(before.map(lasting));
    expect(after.map(({ id }) => id)).to.deep.equal(before.map(({ id }) => id));
    expect(work.started.administration.cassetteKeys.list()).to.deep.equal(keys);
    expect(after.map(({ id }) => work.simulator(id).firings)).to.deep.equal(counts);
    for (const [index, { id, left }] of before.entries()) {
      for (const [timer, time] of Object.entries(left)) {
        const now = after[index]?.left[timer as keyof typeof left] ?? Number.NaN;
        // It ran until the end, and since the start; a checkpoint is 1 s old at most, and the computer may be slow.
        expect(now, `${timer} of ${id}`).to.be.greaterThan(0);
        expect(now, `${timer} of ${id}`).to.be.at.most(time + SECOND + SECOND);
      }
      expect(Object.keys(after[index]?.left ?? {})).to.deep.equal(Object.keys(left));
    }
  }

  it('are where they were, with their keys and the time that is left', async () => {
    const phases = Object.fromEntries(work.gateway.cassettes.list().map(({ id, phase }) => [id, phase]));
    expect(phases).to.deep.equal({
      rest: 'rest',
      service: 'service',
      transit: 'transit',
      grace: 'grace',
      full: 'full',
      stained: 'stained',
    });
    await startedAgain();
  });

  it('are so again and again, and the time does not begin anew', async () => {
    const lasts = 10 * 60 * SECOND;
    const left = (): number => work.view('grace').left.grace ?? Number.NaN;
    const before = left();
    const checkpoints = (): number =>
      work.notices.filter(({ cassette, type }) => cassette === 'grace' && type === 'time-checkpoint').length;
    for (let time = 0; time < 2; time += 1) {
      const seen = checkpoints();
      await eventually('two checkpoints more', () => checkpoints() >= seen + 2);
      await startedAgain();
    }
    expect(before).to.be.at.most(lasts);
    expect(left()).to.be.at.most(before - 2 * SECOND);
  });

  it('are disarmed by the key that armed them, and by no other of its role', async () => {
    for (const id of ['transit', 'grace']) {
      expect((await work.touch(id, OTHER_K1)).data, id).to.have.nested.property(
        'refusal.code',
        'not-the-same-key',
      );
      expect((await work.touch(id, ROMS.K1)).type, id).to.equal('key-used');
      await work.phase(id, 'rest');
    }
    expect((await work.touch('full', ROMS.K)).type).to.equal('key-used');
    await work.phase('full', 'rest');
  });

  it('stay stained, whatever is tried but a reset', async () => {
    expect((await work.touch('stained', ROMS.K)).data).to.have.nested.property(
      'refusal.code',
      'stained-already',
    );
    const entered = await work.gateway.cassettes.command(
      { cassette: 'stained', command: { do: 'enter-service' }, reason: 'Again.' },
      anna,
    );
    expect(entered).to.have.nested.property('refusal.code', 'not-at-rest');
    expect(work.simulator('stained').firings).to.equal(1);
  });

  it('leave a log without a flaw', async () => {
    await work.shipped();
    const stored = await work.storedOf(work.gateway.cassettes.list().map(({ id }) => id));
    for (const [id, events] of stored) {
      expect(
        events.filter(({ type }) => type === 'cassette-restarted'),
        id,
      ).to.have.length(3);
      expect(
        events.filter(({ type }) => type === 'cassette-configured'),
        id,
      ).to.have.length(1);
    }
  });
});
