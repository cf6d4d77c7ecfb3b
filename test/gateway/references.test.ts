import { expect } from 'chai';
import { References } from '../../gateway/references.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('references', () => {
  it('lead to their thing once', () => {
    const references = new References<string>(new ManualClock(), 1_000);
    const reference = references.issue('card 1');
    expect(references.take(reference)).to.equal('card 1');
    expect(references.take(reference)).to.equal(undefined);
    expect(references.take('made up')).to.equal(undefined);
  });

  it('are void when their time is over', async () => {
    const clock = new ManualClock();
    const references = new References<string>(clock, 1_000);
    const [early, late] = [references.issue('early'), references.issue('late')];
    await clock.advance(999);
    expect(references.take(early)).to.equal('early');
    await clock.advance(1);
    expect(references.take(late)).to.equal(undefined);
  });

  it('cannot be guessed: 256 bits, no two alike', () => {
    const references = new References<number>(new ManualClock(), 1_000);
    const issued = Array.from({ length: 500 }, (_, index) => references.issue(index));
    expect(new Set(issued).size).to.equal(500);
    for (const reference of issued) expect(Buffer.from(reference, 'base64url')).to.have.length(32);
  });

  it('are bounded: the oldest gives way', () => {
    const references = new References<number>(new ManualClock(), 1_000, 3);
    const [first, second, third, fourth] = [1, 2, 3, 4].map((thing) => references.issue(thing));
    expect(references.take(first ?? '')).to.equal(undefined);
    expect([second, third, fourth].map((reference) => references.take(reference ?? ''))).to.deep.equal([
      2, 3, 4,
    ]);
  });
});
