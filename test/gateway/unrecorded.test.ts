import { expect } from 'chai';
import { DriverError } from '../../drivers/errors.ts';
import { card, codeOf, FIRST_LOCK, GatewayAtWork } from './support/gateway-at-work.ts';
import { StoredLog } from './support/stored-log.ts';

describe('What nobody waits for, while neither store nor journal takes it', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  beforeEach(async () => {
    stored = await StoredLog.open(100);
    work = await GatewayAtWork.start(stored);
    await work.person('Anna', card(1));
  });

  afterEach(async () => {
    await work.stop();
    expect(stored.clock.pending, 'timers left behind').to.equal(0);
    await stored.remove();
  });

  /** Lets time pass while nothing can be recorded, and some more once it can again. */
  async function outage(duration: number): Promise<void> {
    stored.fault = 'refused';
    await stored.pass(duration);
    await stored.recover();
    await stored.pass(6_000);
  }

  it('gives a compartment free whose grant expired meanwhile', async () => {
    expect(codeOf(await work.allocate(card(1)))).to.equal('ok');
    await outage(11_000);
    expect(work.status(1)).to.equal('free');
    expect((await work.types()).at(-1)).to.equal('grant-lapsed');
  });

  it('puts a compartment out of order whose lock failed meanwhile', async () => {
    work.board.habits.set(FIRST_LOCK, 'stuck');
    const granted = await work.allocate(card(1));
    if (!granted.ok) throw new Error('not granted');
    const opening = work.gateway.unlock(granted.grant);
    await outage(11_000);
    expect(codeOf(await opening)).to.equal('store-unavailable');
    expect(work.status(1)).to.equal('out-of-order');
  });

  it('tells of a door that was left open meanwhile', async () => {
    await work.serve(card(1));
    await outage(21_000);
    expect(work.compartment(1).door).to.equal('left-open');
  });

  it('takes a board into use again that was found meanwhile', async () => {
    work.board.answering(false);
    await stored.pass(100);
    expect(work.status(1)).to.equal('not-answering');
    stored.fault = 'refused';
    work.board.answering(true);
    await outage(1_000);
    expect(work.status(1)).to.equal('free');
  });

  it('forgets a silence of a board that is over', async () => {
    stored.fault = 'refused';
    work.board.answering(false);
    await stored.pass(100);
    work.board.answering(true);
    await outage(100);
    expect(work.status(1)).to.equal('free');
    expect(await work.types()).to.deep.equal([]);
  });
});

describe('A pulse that fails at the last try while the open door is being recorded', () => {
  it('ends as opened, as the log has it', async () => {
    const stored = await StoredLog.open();
    const work = await GatewayAtWork.start(stored);
    await work.person('Anna', card(1));
    work.board.unlock = (lock) => {
      work.board.move(lock, 'open');
      return Promise.reject(new DriverError('no-answer', 'The board does not answer.'));
    };
    expect(await work.serve(card(1))).to.deep.include({ ok: true, compartment: 1 });
    expect(await work.types()).to.deep.equal(['compartment-granted', 'door-opened']);
    await work.stop();
    await stored.remove();
  });
});
