import { expect } from 'chai';
import { Freshness, SILENT_AFTER, type Stale } from '../../opcua-server/freshness.ts';

describe('freshness of what OPC UA shows', () => {
  let now: number;
  let told: Stale[];
  let freshness: Freshness;

  beforeEach(() => {
    now = 1_000;
    told = [];
    freshness = new Freshness(
      (stale) => told.push(stale),
      () => now,
    );
  });

  it('says nothing while the gateway is heard', () => {
    for (let round = 0; round < 10; round += 1) {
      now += SILENT_AFTER - 1;
      freshness.check();
      freshness.heard();
    }
    expect(told).to.deep.equal([]);
  });

  it('takes everything for stale once the gateway is silent for too long, once', () => {
    now += SILENT_AFTER;
    freshness.check();
    now += SILENT_AFTER;
    freshness.check();
    expect(told).to.deep.equal(['everything']);
  });

  it('takes nothing for stale any more when the gateway is heard again', () => {
    now += SILENT_AFTER;
    freshness.check();
    freshness.heard();
    expect(told).to.deep.equal(['everything', new Set()]);
  });

  it('takes cabinets of another gateway for stale, and goes on with that after a silence', () => {
    freshness.takenOver(['A']);
    now += SILENT_AFTER;
    freshness.check();
    freshness.takenOver(['A', 'B']);
    freshness.heard();
    freshness.takenOver([]);
    expect(told).to.deep.equal([new Set(['A']), 'everything', new Set(['A', 'B']), new Set()]);
  });
});
