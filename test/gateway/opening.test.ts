import { expect } from 'chai';
import { Opening, type OpeningConclusion } from '../../gateway/opening.ts';
import { ManualClock } from '../support/manual-clock.ts';

const DOORS = { opensWithin: 3_000, attempts: 3, leftOpenAfter: 60_000, grantValidFor: 10_000 };

describe('an opening', () => {
  let clock: ManualClock;
  /** What the board says to each pulse; it answers where nothing is said. */
  let answers: (() => Promise<void>)[];
  let pulses: number[];
  let pulsed: number;
  let seenOpen: boolean;
  let opening: Opening;
  let conclusion: OpeningConclusion | undefined;

  beforeEach(() => {
    clock = new ManualClock();
    answers = [];
    pulses = [];
    pulsed = 0;
    seenOpen = false;
    conclusion = undefined;
    opening = new Opening({
      doors: DOORS,
      clock,
      pulse: () => {
        pulses.push(clock.now());
        return (answers.shift() ?? (() => Promise.resolve()))();
      },
      pulsed: () => {
        pulsed += 1;
      },
      seenOpen: () => seenOpen,
    });
  });

  const silent = (): Promise<void> => Promise.reject(new Error('no answer'));

  function run(): void {
    const started = clock.now();
    void opening.run().then((end) => {
      conclusion = end;
      pulses = pulses.map((at) => at - started);
    });
  }

  it('ends with the open door', async () => {
    run();
    await clock.advance(500);
    expect({ pulsed, conclusion }).to.deep.equal({ pulsed: 1, conclusion: undefined });
    opening.doorOpened();
    await clock.advance(60_000);
    expect(conclusion).to.deep.equal({ outcome: 'opened' });
    expect(pulses).to.deep.equal([0]);
    expect(clock.pending).to.equal(0);
  });

  it('pulses again after each deadline, and fails after the last', async () => {
    run();
    await clock.advance(60_000);
    expect(conclusion).to.deep.equal({ outcome: 'failed', cause: 'door-did-not-open', attempts: 3 });
    expect(pulses).to.deep.equal([0, 3_000, 6_000]);
    expect(clock.pending).to.equal(0);
  });

  it('pulses again at once where the board is silent, and says that it was', async () => {
    answers = [silent, silent, silent];
    run();
    await clock.advance(0);
    expect(conclusion).to.deep.equal({ outcome: 'failed', cause: 'no-answer', attempts: 3 });
    expect(pulsed).to.equal(0);
  });

  it('counts every try, silent or not', async () => {
    answers = [silent];
    run();
    await clock.advance(2_999);
    expect(conclusion).to.equal(undefined);
    await clock.advance(60_000);
    expect(pulses).to.deep.equal([0, 0, 3_000]);
    expect(conclusion).to.deep.equal({ outcome: 'failed', cause: 'door-did-not-open', attempts: 3 });
  });

  it('sends no second pulse to a door that is seen open, however late its record is', async () => {
    run();
    await clock.advance(100);
    seenOpen = true;
    await clock.advance(9_000);
    expect(conclusion).to.equal(undefined);
    opening.doorOpened();
    await clock.advance(60_000);
    expect(conclusion).to.deep.equal({ outcome: 'opened' });
    expect(pulses).to.have.length(1);
  });

  it('takes the door for its own from the first pulse on, be it answered or not', () => {
    expect(opening.pulseSent).to.equal(false);
    answers = [() => new Promise(() => {})];
    run();
    expect(opening.pulseSent).to.equal(true);
  });

  it('ends at once when it is abandoned, without another pulse or a timer left', async () => {
    const answer = Promise.withResolvers<void>();
    answers = [() => answer.promise];
    run();
    opening.abandon();
    answer.resolve();
    await clock.advance(0);
    expect(conclusion).to.deep.equal({ outcome: 'abandoned' });
    expect(clock.pending).to.equal(0);
    await clock.advance(60_000);
    expect(pulses).to.have.length(1);
  });

  it('sends no pulse after it was abandoned, though the board says that it failed', async () => {
    const answer = Promise.withResolvers<void>();
    answers = [() => answer.promise];
    run();
    opening.abandon();
    answer.reject(new Error('stopped'));
    await clock.advance(60_000);
    expect(pulses).to.have.length(1);
  });
});
