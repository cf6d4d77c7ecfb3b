import { expect } from 'chai';
import type { PanelView, Refused } from '../../../gateway/api.ts';
import { GatewayAtWork, shownCode } from '../support/gateway-at-work.ts';
import { StoredLog } from '../support/stored-log.ts';

const LEFT = 'left';
const RIGHT = 'right';
const PANELS = [
  { id: LEFT, name: 'Left panel', cabinet: 'A' },
  { id: RIGHT, name: 'Right panel', cabinet: 'A' },
];

describe('Guests at two panels of one cabinet', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  const start = async (schema: string): Promise<void> => {
    work = await GatewayAtWork.start(stored, { cabinet: { schema }, panels: PANELS });
  };

  afterEach(async () => {
    await work.stop();
    await stored.renew();
  });

  /** Compartments whose locks were pulsed, in order. */
  const pulses = (): number[] => work.board.pulses.map((lock) => lock - 3);
  const setPin = (panel: string, value: string): Promise<PanelView | Refused> =>
    work.answer(panel, { answer: 'scan', scan: { kind: 'pin', value } });
  const collect = (panel: string, compartment: number, pin: string): Promise<PanelView | Refused> =>
    work.answer(panel, { answer: 'collect', compartment, pin });
  const useDoor = async (compartment: number): Promise<void> => {
    await stored.pass(500);
    expect(work.compartment(compartment).door).to.equal('open');
    await work.closeDoor(compartment);
  };
  /** Answers at both panels in the same moment, in this order. */
  const together = async <First, Second>(
    first: Promise<First>,
    second: Promise<Second>,
  ): Promise<[First, Second]> => stored.until(Promise.all([first, second]));

  for (const [first, second] of [
    [LEFT, RIGHT],
    [RIGHT, LEFT],
  ] as const) {
    describe(`of whom the one at the ${first} is quicker`, () => {
      it('both pick the same compartment: the quicker one has it, the other picks again', async () => {
        await start('4.2');
        for (const panel of [LEFT, RIGHT]) await work.answer(panel, { answer: 'deposit' });
        const pick = (panel: string): ReturnType<typeof work.gateway.answer> =>
          work.gateway.answer(panel, { answer: 'compartment', compartment: 3 });
        const [won, lost] = await together(pick(first), pick(second));
        expect(won.ok).to.equal(true);
        expect(lost.ok ? 'ok' : lost.refusal).to.deep.equal({
          code: 'compartment-taken',
          values: { compartment: 3 },
        });
        expect(work.gateway.panel(second)?.prompt).to.deep.include({
          code: 'choose-compartment',
          compartments: [1, 2, 4],
        });
        await work.answer(second, { answer: 'compartment', compartment: 1 });
        await useDoor(3);
        await useDoor(1);
        await setPin(first, '1111');
        await setPin(second, '1111');
        expect(pulses()).to.deep.equal([3, 1]);
        await collect(first, 1, '1111');
        await collect(second, 3, '1111');
        await useDoor(1);
        await useDoor(3);
        expect([1, 2, 3, 4].map((number) => work.status(number))).to.deep.equal(Array(4).fill('free'));
      });

      it('pick different ones: both have what they picked', async () => {
        await start('4.2');
        for (const panel of [LEFT, RIGHT]) await work.answer(panel, { answer: 'deposit' });
        const answers = await together(
          work.gateway.answer(first, { answer: 'compartment', compartment: 2 }),
          work.gateway.answer(second, { answer: 'compartment', compartment: 4 }),
        );
        expect(answers.map(({ ok }) => ok)).to.deep.equal([true, true]);
        await stored.pass(500);
        await work.closeDoor(4);
        await work.closeDoor(2);
        // Each is asked at the panel where they are.
        expect(work.gateway.panel(first)?.prompt.values).to.include({ compartment: 2 });
        expect(work.gateway.panel(second)?.prompt.values).to.include({ compartment: 4 });
        await setPin(second, '4444');
        await setPin(first, '2222');
        expect(shownCode(await collect(first, 4, '2222'))).to.equal('wrong-code');
        await collect(first, 2, '2222');
        await collect(first, 4, '4444');
        await stored.pass(500);
        expect(pulses()).to.have.members([2, 2, 4, 4]);
      });

      it('are given the first free ones, each another', async () => {
        await start('4.3');
        await together(
          work.gateway.answer(first, { answer: 'deposit' }),
          work.gateway.answer(second, { answer: 'deposit' }),
        );
        await stored.pass(500);
        expect(work.gateway.panel(first)?.prompt.values).to.deep.equal({ compartment: 1 });
        expect(work.gateway.panel(second)?.prompt.values).to.deep.equal({ compartment: 2 });
        expect(pulses()).to.deep.equal([1, 2]);
      });

      it('type the same PIN of the same compartment: it opens once, and nobody counts as having guessed', async () => {
        await start('4.3');
        await work.answer(LEFT, { answer: 'deposit' });
        await useDoor(1);
        await setPin(LEFT, '7531');
        const both = await together(
          work.gateway.answer(first, { answer: 'collect', compartment: 1, pin: '7531' }),
          work.gateway.answer(second, { answer: 'collect', compartment: 1, pin: '7531' }),
        );
        expect(both.filter(({ ok }) => ok)).to.have.length(1);
        expect(both.flatMap((each) => (each.ok ? [] : [each.refusal.code]))).to.deep.equal([
          'compartment-in-use',
        ]);
        await useDoor(1);
        expect(pulses()).to.deep.equal([1, 1]);
        expect(work.status(1)).to.equal('free');
      });
    });
  }

  it('have the last one: one is served, the other is told that nothing is free', async () => {
    await start('4.3');
    for (const panel of [LEFT, RIGHT, LEFT]) await work.answer(panel, { answer: 'deposit' });
    const both = await together(
      work.gateway.answer(RIGHT, { answer: 'deposit' }),
      work.gateway.answer(LEFT, { answer: 'deposit' }),
    );
    expect(both.map((each) => (each.ok ? 'ok' : each.refusal.code))).to.deep.equal([
      'ok',
      'no-free-compartment',
    ]);
    await stored.pass(500);
    expect(pulses()).to.deep.equal([1, 2, 3, 4]);
  });

  it('let the next one begin who comes after a guest walked away with the door open', async () => {
    await start('4.3');
    await work.answer(LEFT, { answer: 'deposit' });
    await work.reaches(() => work.compartment(1).door === 'left-open', 25_000);
    await work.answer(LEFT, { answer: 'deposit' });
    await useDoor(2);
    expect(work.gateway.panel(LEFT)?.prompt.values).to.include({ compartment: 2 });
    await setPin(LEFT, '2222');
    await work.reaches(() => work.status(1) === 'blocked', 600_000);
    await work.closeDoor(1);
    expect(work.status(2), 'the other deposit is untouched').to.equal('occupied');
    await collect(RIGHT, 2, '2222');
    await useDoor(2);
    expect(pulses()).to.deep.equal([1, 2, 2]);
  });

  it('who walk away from an open door after their pick-up leave it taken until it is closed, then free', async () => {
    await start('4.3');
    await work.answer(LEFT, { answer: 'deposit' });
    await useDoor(1);
    await setPin(LEFT, '8080');
    await collect(LEFT, 1, '8080');
    await work.reaches(() => work.compartment(1).door === 'left-open', 25_000);
    expect(shownCode(await collect(RIGHT, 1, '8080'))).to.equal('compartment-in-use');
    await work.answer(RIGHT, { answer: 'deposit' });
    await stored.pass(500);
    expect(pulses(), 'the next guest is given another one').to.deep.equal([1, 1, 2]);
    await stored.clock.advance(3_600_000);
    await work.closeDoor(1);
    await work.reaches(() => work.status(1) === 'free', 5_000);
    expect(shownCode(await collect(LEFT, 1, '8080'))).to.equal('wrong-code');
    const alarms = (await work.types()).filter((name) => name === 'door-left-open');
    expect(alarms).to.have.length(2);
  });
});
