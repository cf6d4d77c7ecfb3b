import { expect } from 'chai';
import { SignInLimit } from '../../opcua-server/sign-in-limit.ts';

describe('limit on wrong passwords', () => {
  it('forgives three wrong tries, then locks for a time that doubles up to a quarter of an hour', () => {
    const limit = new SignInLimit();
    let now = 0;
    const locks: number[] = [];
    for (let count = 0; count < 16; count += 1) {
      limit.wrong('admin', now);
      let lock = 0;
      while (!limit.mayTry('admin', now + lock)) lock += 1_000;
      locks.push(lock / 1_000);
      now += lock;
    }
    expect(locks).to.deep.equal([0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it('starts again after a right password, and after an hour without a try', () => {
    const limit = new SignInLimit();
    for (let count = 0; count < 5; count += 1) limit.wrong('admin', 0);
    expect(limit.mayTry('admin', 1)).to.equal(false);
    limit.right('admin');
    expect(limit.mayTry('admin', 1)).to.equal(true);
    for (let count = 0; count < 5; count += 1) limit.wrong('admin', 0);
    limit.wrong('admin', 3_600_000);
    expect(limit.mayTry('admin', 3_600_000)).to.equal(true);
  });

  it('locks each name by itself, and remembers a bounded number', () => {
    const limit = new SignInLimit();
    for (let count = 0; count < 5; count += 1) limit.wrong('admin', 0);
    expect(limit.mayTry('operator', 1)).to.equal(true);
    for (let name = 0; name < 5_000; name += 1) limit.wrong(`name ${name}`, 1);
    expect(limit.size).to.equal(1_000);
    // The flood of names does not set the locked one free.
    expect(limit.mayTry('admin', 1)).to.equal(false);
  });
});
