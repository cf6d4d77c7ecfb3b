import { expect } from 'chai';
import { MOST_CASSETTES } from '../../../config/site-cassette.ts';
import { CassettesAtWork } from './support/cassettes-at-work.ts';

/** Cassettes on one bus. */
const PER_BUS = 8;

describe('as many cassettes as one gateway watches over', function () {
  this.timeout(180_000);
  const ids = Array.from({ length: MOST_CASSETTES }, (_, index) => `C${index + 1}`);
  let work: CassettesAtWork;

  before(async () => {
    work = await CassettesAtWork.start(
      ids.map((id) => ({ id, mode: 'internal' })),
      { perBus: PER_BUS },
    );
  });

  after(() => work.close());

  it('are armed side by side, attacked at once and all stained, each by itself', async () => {
    await work.register('K');
    await Promise.all(ids.map((id) => work.arm(id)));
    expect(ids.map((id) => work.view(id).phase)).to.deep.equal(ids.map(() => 'full'));
    expect(ids.filter((id) => work.simulator(id).firings > 0)).to.deep.equal([]);
    // All but one, so that it is seen that no attack is another's.
    const [spared = '', ...attacked] = ids;
    for (const id of attacked) work.simulator(id).breakIn();
    await Promise.all(attacked.map((id) => work.fired(id)));
    await Promise.all(attacked.map((id) => work.phase(id, 'stained')));
    expect(work.view(spared).phase).to.equal('full');
    expect(work.simulator(spared).firings).to.equal(0);
    await work.shipped();
    for (const [id, events] of await work.storedOf(attacked)) {
      const stained = events.filter(({ type }) => type === 'stained');
      const causes = stained.map(({ data }) => (data as { readonly cause: string }).cause);
      expect(causes, id).to.deep.equal(['break-in']);
    }
    expect(ids.map((id) => work.simulator(id).firings)).to.deep.equal([0, ...attacked.map(() => 1)]);
  });
});
