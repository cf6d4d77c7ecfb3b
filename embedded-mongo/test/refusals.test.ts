/** What the embedded store has not is refused with error 238, never ignored. */
import { expect } from 'chai';
import type { Document } from 'mongodb';
import { type RunningEmbedded, run, startEmbedded } from './support/endpoints.ts';

const collation = { locale: 'en' };

const refused: Record<string, Document> = {
  'collation in find': { find: 'c', collation },
  'collation in count': { count: 'c', collation },
  'collation in distinct': { distinct: 'c', key: 'a', collation },
  'collation in aggregate': { aggregate: 'c', pipeline: [], cursor: {}, collation },
  'collation in findAndModify': { findAndModify: 'c', query: {}, update: { a: 1 }, collation },
  'collation of an index': { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', collation }] },
  'let in find': { find: 'c', let: { a: 1 } },
  'min and max in find': { find: 'c', min: { a: 1 } },
  returnKey: { find: 'c', returnKey: true },
  'a tailable cursor': { find: 'c', tailable: true },
  'a positional projection': { find: 'c', filter: { a: 1 }, projection: { 'a.$': 1 } },
  $where: { find: 'c', filter: { $where: 'true' } },
  $text: { find: 'c', filter: { $text: { $search: 'a' } } },
  $jsonSchema: { find: 'c', filter: { $jsonSchema: { required: ['a'] } } },
  $near: { find: 'c', filter: { a: { $near: [0, 0] } } },
  $bitsAllSet: { find: 'c', filter: { a: { $bitsAllSet: 1 } } },
  'the regular expression option x': { find: 'c', filter: { a: { $regex: 'a', $options: 'x' } } },
  'sorting by text score': { find: 'c', sort: { a: { $meta: 'textScore' } } },
  'a text index': { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'a' }] },
  'a hashed index': { createIndexes: 'c', indexes: [{ key: { a: 'hashed' }, name: 'a' }] },
  'a geo index': { createIndexes: 'c', indexes: [{ key: { a: '2dsphere' }, name: 'a' }] },
  'a wildcard index': { createIndexes: 'c', indexes: [{ key: { '$**': 1 }, name: 'a' }] },
  'a hidden index': { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', hidden: true }] },
  'a capped collection': { create: 'd', capped: true, size: 1000 },
  'a validator': { create: 'd', validator: { a: 1 } },
  'a time series': { create: 'd', timeseries: { timeField: 'at' } },
  'a view': { create: 'd', viewOn: 'c', pipeline: [] },
  'a collation of a collection': { create: 'd', collation },
  'a read concern beyond majority': { find: 'c', readConcern: { level: 'linearizable' } },
  $function: {
    aggregate: 'c',
    pipeline: [{ $set: { a: { $function: { body: 'f', args: [], lang: 'js' } } } }],
    cursor: {},
  },
  $accumulator: { aggregate: 'c', pipeline: [{ $group: { _id: 1, a: { $accumulator: {} } } }], cursor: {} },
  $changeStream: { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} },
  $bucket: { aggregate: 'c', pipeline: [{ $bucket: { groupBy: '$a', boundaries: [0, 1] } }], cursor: {} },
  $out: { aggregate: 'c', pipeline: [{ $out: 'd' }], cursor: {} },
  $merge: { aggregate: 'c', pipeline: [{ $merge: 'd' }], cursor: {} },
  '$lookup with a pipeline': {
    aggregate: 'c',
    pipeline: [{ $lookup: { from: 'd', as: 'e', pipeline: [] } }],
    cursor: {},
  },
  'a time zone in $dateTrunc': {
    aggregate: 'c',
    pipeline: [{ $set: { a: { $dateTrunc: { date: '$$NOW', unit: 'day', timezone: 'Europe/Warsaw' } } } }],
    cursor: {},
  },
  '$type as an expression': { aggregate: 'c', pipeline: [{ $set: { a: { $type: '$b' } } }], cursor: {} },
};

describe('what the embedded store refuses', () => {
  let endpoint: RunningEmbedded;
  before(async () => {
    endpoint = await startEmbedded({ thread: false });
    await endpoint.db.command({ insert: 'c', documents: [{ a: [1] }] });
  });
  after(() => endpoint.stop());

  for (const [name, command] of Object.entries(refused)) {
    it(name, async () => {
      const reply = await run(endpoint.db, command);
      expect(reply).to.include({ ok: 0, code: 238, codeName: 'NotImplemented' });
      expect(reply['errmsg']).to.match(/is not supported by the embedded store$/);
    });
  }

  it('collation in an update, as a write error', async () => {
    const reply = await run(endpoint.db, {
      update: 'c',
      updates: [{ q: {}, u: { $set: { a: 1 } }, collation }],
    });
    expect(reply).to.have.nested.property('writeErrors[0].code', 238);
  });

  it('calculating with a Decimal128 or a Long that JavaScript cannot hold', async () => {
    const { Decimal128, Long } = await import('mongodb');
    for (const a of [Decimal128.fromString('1.1'), Long.MAX_VALUE]) {
      await endpoint.db.command({ delete: 'n', deletes: [{ q: {}, limit: 0 }] });
      await endpoint.db.command({ insert: 'n', documents: [{ a }] });
      const pipeline = [{ $set: { b: { $add: ['$a', 1] } } }];
      expect(await run(endpoint.db, { aggregate: 'n', pipeline, cursor: {} })).to.include({ code: 238 });
    }
  });

  it('transactions, as a standalone server does', async () => {
    const session = endpoint.client.startSession();
    const error = await session
      .withTransaction(() => endpoint.db.collection('c').insertOne({ b: 1 }, { session }))
      .catch((each: unknown) => each);
    await session.endSession();
    expect(error).to.be.an('error');
    expect((error as Error).message).to.match(/Transaction numbers are only allowed|does not support/);
    expect(await endpoint.db.collection('c').countDocuments({ b: 1 })).to.equal(0);
  });
});
