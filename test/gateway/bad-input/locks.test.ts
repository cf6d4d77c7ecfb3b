import { expect } from 'chai';
import { eventually } from '../../support/eventually.ts';
import { type RunningGateway, TestSite, typesOf } from './support/test-site.ts';

const CARD = '62E3086CED';
const ADMINISTRATOR = { kind: 'machine', id: 'test' } as const;

describe('Locks and boards that fail', () => {
  let site: TestSite;
  let running: RunningGateway;
  let user: string;

  beforeEach(async () => {
    site = await TestSite.build();
    running = await site.start();
    user = await running.addPerson(CARD);
  });

  afterEach(() => site.close());

  it('tries a door that stays closed again, puts it out of order and opens the next free one', async () => {
    site.board.setStuck(0, true);
    await site.reader.presentCard(CARD);
    await running.heard('door-opened');
    expect(site.pulses).to.deep.equal([1, 1, 2]);
    expect(running.statusOf(1)).to.equal('out-of-order');
    expect(running.holdersOf(1)).to.deep.equal([]);
    expect(running.holdersOf(2)).to.deep.equal([user]);
    const events = await site.stopAndRead(running);
    expect(typesOf(events)).to.deep.equal([
      'compartment-granted',
      'unlock-failed',
      'compartment-granted',
      'door-opened',
    ]);
    expect(events.find(({ type }) => type === 'unlock-failed')?.data).to.deep.include({
      compartment: 1,
      cause: 'door-did-not-open',
      attempts: 2,
      outOfOrder: true,
      freed: true,
    });
  });

  it('keeps what is inside for its holder where the door of a held compartment stays closed', async () => {
    expect(await running.serve(CARD)).to.equal('opened 1');
    site.board.setDoor(0, false);
    await running.heard('door-closed');
    site.board.setStuck(0, true);
    expect(await running.serve(CARD)).to.equal('lock-failed');
    expect(running.statusOf(1)).to.equal('out-of-order');
    expect(running.holdersOf(1), 'nobody else is given what lies inside').to.deep.equal([user]);
    expect(site.pulses).to.deep.equal([1, 1, 1]);
    // An administrator brings it back once the lock was mended.
    site.board.setStuck(0, false);
    const back = { do: 'return-to-service', cabinet: 'A', compartment: 1, reason: 'lock mended' } as const;
    expect(await running.started.gateway.operate(back, ADMINISTRATOR)).to.deep.include({ ok: true });
    expect(await running.serve(CARD)).to.equal('opened 1');
  });

  it('gives up with a clear refusal when no door opens, and leaves the rest of the cabinet in service', async () => {
    for (const lock of [0, 1, 2, 3]) site.board.setStuck(lock, true);
    expect(await running.serve(CARD)).to.equal('lock-failed');
    expect(running.types.at(-1), 'the end is on record').to.equal('unlock-failed');
    expect(site.pulses).to.deep.equal([1, 1, 2, 2, 3, 3]);
    for (const number of [1, 2, 3]) expect(running.statusOf(number)).to.equal('out-of-order');
    expect(running.statusOf(4)).to.equal('free');
    site.board.setStuck(3, false);
    expect(await running.serve(CARD)).to.equal('opened 4');
  });

  it('refuses without a pulse while the board is silent, and serves when it answers again', async () => {
    site.board.setSilent(true);
    await running.heard('board-lost');
    expect(running.statusOf(1)).to.equal('not-answering');
    expect(await running.serve(CARD)).to.equal('cabinet-not-answering');
    expect(site.pulses).to.deep.equal([]);
    site.board.setSilent(false);
    await running.heard('board-found');
    expect(await running.serve(CARD)).to.equal('opened 1');
    const events = await site.stopAndRead(running);
    expect(typesOf(events)).to.deep.equal([
      'board-lost',
      'access-refused',
      'board-found',
      'compartment-granted',
      'door-opened',
    ]);
  });

  it('ends an opening whose board falls silent with the decision, and gives nothing away', async () => {
    site.board.setSilent(true);
    expect(await running.serve(CARD)).to.equal('lock-failed');
    expect(site.pulses).to.deep.equal([]);
    await running.heard('board-lost');
    const { data } = await running.heard('unlock-failed');
    expect(data).to.deep.include({ compartment: 1, cause: 'no-answer', freed: true });
    site.board.setSilent(false);
    await running.heard('board-found');
    // Compartments that only a silent board put out of order come back with it.
    await eventually('all are free', () => [1, 2, 3, 4].every((each) => running.statusOf(each) === 'free'));
    expect(await running.serve(CARD)).to.equal('opened 1');
    await site.stopAndRead(running);
  });

  it('raises an alarm for a door that nobody was granted', async () => {
    site.board.setDoor(2, true);
    const { data } = await running.heard('door-forced');
    expect(data).to.deep.equal({ compartment: 3, whileAway: false });
    expect(running.compartment(3).door).to.equal('forced');
    site.board.setDoor(2, false);
    await running.heard('door-closed');
    expect(site.pulses).to.deep.equal([]);
  });
});
