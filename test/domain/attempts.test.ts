import { expect } from 'chai';
import {
  countAfterRight,
  FREE_TRIES,
  LONGEST_LOCKOUT,
  lockedFor,
  lockedUntil,
} from '../../domain/attempts.ts';

describe('wrong PINs at a reader', () => {
  it('are free at first', () => {
    for (let count = 0; count < FREE_TRIES; count += 1) expect(lockedUntil(count, 1_000)).to.equal(0);
  });

  const waits = [
    [5, 30],
    [6, 60],
    [7, 120],
    [11, 1_920],
    [12, 3_600],
    [1_000_000, 3_600],
  ] as const;
  for (const [count, seconds] of waits) {
    it(`make people wait ${seconds} s after ${count}`, () => {
      expect(lockedUntil(count, 1_000)).to.equal(1_000 + seconds * 1_000);
    });
  }

  it('make people wait for what is left of the time', () => {
    expect(lockedFor(5, 1_000, 1_000)).to.equal(30_000);
    expect(lockedFor(5, 1_000, 21_000)).to.equal(10_000);
    expect(lockedFor(5, 1_000, 31_001)).to.equal(0);
  });

  it('lock nobody out for the length of a jump when the clock was set back', () => {
    const month = 30 * 24 * 3_600_000;
    expect(lockedFor(5, 1_000 + month, 1_000)).to.equal(0);
  });

  for (const [count, left] of [
    [0, 0],
    [1, 0],
    [4, 3],
    [5, 4],
    [12, 4],
  ] as const) {
    it(`are ${left} where a right one follows on ${count}`, () => {
      expect(countAfterRight(count)).to.equal(left);
    });
  }

  it('never make people wait longer than an hour', () => {
    expect(LONGEST_LOCKOUT).to.equal(3_600_000);
  });
});
