/**
 * Random documents, queries, sorts and updates, given to several stores at once: the embedded store with
 * indexes, without them, and a real server where `MONGODB_URI` names one. All must give the same answers.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { BSON, type Document, Double, Int32, Long, ObjectId } from 'mongodb';
import {
  connectServer,
  type Endpoint,
  type RunningEmbedded,
  run,
  startEmbedded,
} from './support/endpoints.ts';

const { EJSON } = BSON;

const scalar = fc.oneof(
  fc.integer({ min: -2, max: 5 }).map((value) => new Int32(value)),
  fc.constantFrom(0.5, 1, 2, Number.NaN, -0.5).map((value) => new Double(value)),
  fc.constantFrom(1n, 2n, 2n ** 60n).map((value) => Long.fromBigInt(value)),
  fc.constantFrom('', 'a', 'ab', 'b', 'é', '\u{1F511}', '\uffff'),
  fc.constantFrom(null, true, false),
  fc.constantFrom(0, 1, 1_700_000_000_000).map((value) => new Date(value)),
  fc.constantFrom('000000000000000000000001', 'ffffffffffffffffffffffff').map((value) => new ObjectId(value)),
);
const { value } = fc.letrec<{ value: unknown; object: Document }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: scalar, weight: 5 },
    { arbitrary: tie('object'), weight: 1 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
  ),
  object: fc.record({ b: tie('value'), c: tie('value') }, { requiredKeys: [] }),
}));
const document = fc.record({ a: value, b: value, c: scalar }, { requiredKeys: [] });
const path = fc.constantFrom('a', 'b', 'c', 'a.b', 'a.0', 'a.b.c', 'a.0.b');

const operators: fc.Arbitrary<Document> = fc.oneof(
  fc
    .record({ name: fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), operand: value })
    .map(({ name, operand }) => ({ [name]: operand })),
  fc.record({ low: scalar, high: scalar }).map(({ low, high }) => ({ $gte: low, $lt: high })),
  fc.array(value, { maxLength: 3 }).map((items) => ({ $in: items })),
  fc.array(value, { maxLength: 2 }).map((items) => ({ $nin: items })),
  fc.boolean().map((flag) => ({ $exists: flag })),
  fc
    .constantFrom('number', 'string', 'array', 'object', 'null', 'int', 'long', 'double', 'date', 'bool')
    .map((name) => ({ $type: name })),
  fc.nat({ max: 3 }).map((size) => ({ $size: new Int32(size) })),
  fc.array(scalar, { minLength: 1, maxLength: 2 }).map((items) => ({ $all: items })),
  fc
    .record({ low: scalar, high: scalar })
    .map(({ low, high }) => ({ $elemMatch: { $gte: low, $lte: high } })),
  fc.record({ operand: value }).map(({ operand }) => ({ $elemMatch: { b: operand } })),
  scalar.map((operand) => ({ $not: { $gt: operand } })),
  fc.constantFrom('^a', 'b$', '.').map((pattern) => ({ $regex: pattern })),
);
const condition = fc
  .record({ path, test: fc.oneof(operators, value) })
  .map(({ path: name, test }): Document => ({ [name]: test }));
const filter: fc.Arbitrary<Document> = fc.oneof(
  condition,
  fc.array(condition, { minLength: 1, maxLength: 3 }).map((clauses) => ({ $and: clauses })),
  fc.array(condition, { minLength: 1, maxLength: 3 }).map((clauses) => ({ $or: clauses })),
  fc.tuple(condition, condition).map(([one, other]) => ({ ...one, ...other })),
);
const direction = fc.constantFrom(1, -1).map((number) => new Int32(number));
const sort = fc.uniqueArray(fc.record({ path: fc.constantFrom('a', 'b', 'c', 'a.b'), direction }), {
  maxLength: 2,
  selector: (field) => field.path,
});

function change(operator: string, operand: fc.Arbitrary<unknown>): fc.Arbitrary<Document> {
  return fc
    .record({ path: fc.constantFrom('a', 'b', 'c', 'd', 'a.b', 'a.1', 'b.c.d'), operand })
    .map((each) => ({ [operator]: { [each.path]: each.operand } }));
}
const number = fc.oneof(
  fc.constantFrom(1, 2_147_483_647).map((each) => new Int32(each)),
  fc.constant(new Double(1.5)),
  fc.constant(Long.fromNumber(3)),
);
const update: fc.Arbitrary<Document> = fc.oneof(
  change('$set', value),
  change('$unset', fc.constant('')),
  change('$inc', number),
  change('$mul', number),
  change('$min', scalar),
  change('$max', scalar),
  change('$push', value),
  change(
    '$push',
    fc.record({
      $each: fc.array(scalar, { maxLength: 3 }),
      $sort: direction,
      $slice: fc.integer({ min: -3, max: 3 }).map((each) => new Int32(each)),
    }),
  ),
  change('$addToSet', value),
  change(
    '$pull',
    fc.oneof(
      value,
      scalar.map((operand) => ({ $gte: operand })),
    ),
  ),
  change('$pullAll', fc.array(value, { maxLength: 2 })),
  change('$pop', direction),
  fc.tuple(change('$set', value), change('$inc', number)).map(([one, other]) => ({ ...one, ...other })),
  fc.constant({ $rename: { b: 'e' } }),
);

/** Stores documents under numbered ids and gives what `answer` makes of the collection, as text. */
async function answerOf(
  endpoint: Endpoint,
  documents: readonly Document[],
  indexes: readonly Document[],
  answer: (name: string) => Promise<unknown>,
): Promise<string> {
  const name = 'random';
  await endpoint.db.collection(name).deleteMany({});
  for (const key of indexes) {
    await endpoint.db.command({ createIndexes: name, indexes: [{ key, name: JSON.stringify(key) }] });
  }
  const errors: unknown[] = [];
  for (const [at, each] of documents.entries()) {
    const reply = await run(endpoint.db, { insert: name, documents: [{ _id: new Int32(at), ...each }] });
    errors.push((reply['writeErrors'] as Document[] | undefined)?.[0]?.['code']);
  }
  return EJSON.stringify({ errors, answer: await answer(name) }, { relaxed: false });
}

/** The answer to a command, reduced to what must agree: error codes, but not their words. */
function essence(reply: Document): unknown {
  if (reply['ok'] !== 1) return { code: reply['code'] };
  const { n, nModified, writeErrors, cursor } = reply as {
    n?: number;
    nModified?: number;
    writeErrors?: Document[];
    cursor?: Document;
  };
  return {
    n,
    nModified,
    documents: cursor?.['firstBatch'],
    errors: writeErrors?.map((error) => error['code'] as number),
  };
}

describe('random commands give the same answers everywhere', function () {
  this.timeout(240_000);
  const runs = Number(process.env['SEZAM_FUZZ_RUNS'] ?? 60);
  let bare: RunningEmbedded;
  let indexed: RunningEmbedded;
  let server: (Endpoint & { stop(): Promise<void> }) | undefined;

  before(async () => {
    bare = await startEmbedded();
    indexed = await startEmbedded();
    const uri = process.env['MONGODB_URI'];
    if (uri !== undefined) server = await connectServer(uri);
  });
  after(async () => {
    await bare.stop();
    await indexed.stop();
    await server?.stop();
  });

  async function agree(
    documents: readonly Document[],
    answer: (endpoint: Endpoint, name: string) => Promise<unknown>,
    indexes: readonly Document[] = [],
  ): Promise<void> {
    const plain = await answerOf(bare, documents, [], (name) => answer(bare, name));
    if (indexes.length > 0) {
      expect(
        await answerOf(indexed, documents, indexes, (name) => answer(indexed, name)),
        'with indexes',
      ).to.equal(plain);
    }
    if (server !== undefined) {
      const real = server;
      expect(plain, 'embedded store and server').to.equal(
        await answerOf(real, documents, [], (name) => answer(real, name)),
      );
    }
  }

  it('finds the same documents in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { maxLength: 6 }),
        filter,
        sort,
        async (documents, query, fields) => {
          const order = Object.fromEntries([
            ...fields.map((field) => [field.path, field.direction] as const),
            ['_id', new Int32(1)],
          ]);
          await agree(documents, async (endpoint, name) => {
            const reply = await endpoint.db
              .command({ find: name, filter: query, sort: order }, { promoteValues: false })
              .catch((error: unknown) => ({ ok: 0, code: (error as { code?: number }).code }));
            return essence({ ...reply, ok: Number((reply as Document)['ok']) });
          });
        },
      ),
      { numRuns: runs },
    );
  });

  it('finds the same documents with indexes', async () => {
    const indexes = [{ a: 1 }, { c: 1, a: -1 }, { 'a.b': 1 }, { b: -1 }];
    const separable = fc.record({ a: value, c: scalar }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(
        fc.array(separable, { maxLength: 6 }),
        filter,
        sort,
        async (documents, query, fields) => {
          const order = Object.fromEntries([
            ...fields.map((field) => [field.path, field.direction] as const),
            ['_id', new Int32(1)],
          ]);
          await agree(
            documents,
            async (endpoint, name) =>
              essence(await run(endpoint.db, { find: name, filter: query, sort: order })),
            indexes,
          );
        },
      ),
      { numRuns: runs },
    );
  });

  it('updates documents to the same values', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 1, maxLength: 4 }),
        condition,
        update,
        async (documents, query, modifier) => {
          await agree(documents, async (endpoint, name) => {
            const reply = await run(endpoint.db, {
              update: name,
              updates: [{ q: query, u: modifier, multi: true }],
            });
            const found = await endpoint.db
              .collection(name)
              .find({}, { promoteValues: false })
              .sort({ _id: 1 })
              .toArray();
            return { reply: essence(reply), found };
          });
        },
      ),
      { numRuns: runs },
    );
  });

  it('keeps every index true to the documents through updates', async () => {
    const indexes = [{ a: 1 }, { c: 1, a: -1 }, { 'a.b': 1 }];
    const separable = fc.record({ a: value, c: scalar }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(
        fc.array(separable, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(condition, update), { minLength: 1, maxLength: 4 }),
        async (documents, updates) => {
          await answerOf(indexed, documents, indexes, async (name) => {
            for (const [query, modifier] of updates) {
              await run(indexed.db, { update: name, updates: [{ q: query, u: modifier, multi: true }] });
            }
            const collection = indexed.db.collection(name);
            const all = async (hint: Document) =>
              EJSON.stringify(
                (await collection.find({}, { hint, promoteValues: false }).toArray()).toSorted(
                  (left, right) => Number(left._id) - Number(right._id),
                ),
              );
            const stored = await all({ $natural: 1 });
            for (const index of indexes) expect(await all(index), JSON.stringify(index)).to.equal(stored);
          });
        },
      ),
      { numRuns: runs },
    );
  });
});
