/** How long a search may take. */
import { expect } from 'chai';
import { describeEndpoints, run } from './support/endpoints.ts';

describeEndpoints('a time limit', (endpoint) => {
  before(async () => {
    const documents = Array.from({ length: 100_000 }, (_, number) => ({ text: `${number}`.repeat(8) }));
    await endpoint().db.collection('c').insertMany(documents);
  });

  it('ends a search that looks for longer, and no other one', async () => {
    const { db } = endpoint();
    const search = { find: 'c', filter: { text: /a$/ } };
    expect(await run(db, { ...search, maxTimeMS: 1 })).to.include({
      ok: 0,
      code: 50,
      codeName: 'MaxTimeMSExpired',
    });
    expect(await run(db, { ...search, maxTimeMS: 60_000 })).to.have.deep.nested.property(
      'cursor.firstBatch',
      [],
    );
    expect(await run(db, { find: 'c', limit: 1, maxTimeMS: 1_000 })).to.include({ ok: 1 });
  });

  it('has to be a whole number that is not negative', async () => {
    const { db } = endpoint();
    expect(await run(db, { find: 'c', maxTimeMS: -1 })).to.include({ ok: 0 });
    expect(await run(db, { find: 'c', maxTimeMS: 'soon' })).to.include({ ok: 0 });
  });
});
