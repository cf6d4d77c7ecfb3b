import { expect } from 'chai';
import { SharedChanges } from '../../gateway/shared-changes.ts';
import { ManualClock } from '../support/manual-clock.ts';

const BEGIN = Date.parse('2026-03-01T08:00:00Z');

describe('changes that other gateways make', () => {
  let clock: ManualClock;
  let looks: { readonly since: number; readonly age: number }[];
  let fails: boolean;
  let changes: SharedChanges;

  beforeEach(() => {
    clock = new ManualClock(BEGIN);
    looks = [];
    fails = false;
    changes = new SharedChanges(clock, async (since, age) => {
      looks.push({ since: since.getTime(), age });
      if (fails) throw new Error('the database is away');
    });
  });

  afterEach(() => changes.stop());

  it('are looked for every 2 s, from 30 s before the last look on', async () => {
    await changes.start();
    await clock.advance(2_000);
    await clock.advance(2_000);
    expect(looks).to.deep.equal([
      { since: 0, age: BEGIN },
      { since: BEGIN - 30_000, age: 2_000 },
      { since: BEGIN - 28_000, age: 2_000 },
    ]);
  });

  it('are looked for from the same time on after a look that failed', async () => {
    await changes.start();
    fails = true;
    await clock.advance(2_000);
    fails = false;
    await clock.advance(2_000);
    expect(looks.slice(1)).to.deep.equal([
      { since: BEGIN - 30_000, age: 2_000 },
      { since: BEGIN - 30_000, age: 4_000 },
    ]);
  });

  it('are not looked for any more once it has stopped', async () => {
    await changes.start();
    changes.stop();
    await clock.advance(10_000);
    expect(looks).to.have.lengthOf(1);
  });

  it('tell whoever starts that the database is away', async () => {
    fails = true;
    const failed = await changes.start().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).to.be.instanceOf(Error);
  });
});
