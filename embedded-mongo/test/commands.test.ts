/** What each command answers. Where `MONGODB_URI` is set, a real server has to answer the same. */
import { expect } from 'chai';
import { type Db, type Document, Long } from 'mongodb';
import { describeEndpoints, run } from './support/endpoints.ts';

interface Step {
  readonly command: Document;
  /** Fields that the reply must have with these values; an error's words are not compared. */
  readonly reply: Document;
}

/** Commands on the collection `c`, which is empty at the start of each case. */
const cases: Record<string, readonly Step[]> = {
  ping: [{ command: { ping: 1 }, reply: { ok: 1 } }],
  hello: [
    {
      command: { hello: 1 },
      reply: {
        isWritablePrimary: true,
        maxWireVersion: 21,
        maxBsonObjectSize: 16777216,
        logicalSessionTimeoutMinutes: 30,
      },
    },
  ],
  isMaster: [{ command: { isMaster: 1 }, reply: { ismaster: true, maxMessageSizeBytes: 48000000 } }],
  'buildInfo names a version of 7.0': [{ command: { buildInfo: 1 }, reply: { versionArray: [7, 0, 15, 0] } }],
  endSessions: [{ command: { endSessions: [] }, reply: { ok: 1 } }],
  insert: [
    { command: { insert: 'c', documents: [{ _id: 1 }, { _id: 2 }] }, reply: { n: 2, ok: 1 } },
    { command: { find: 'c' }, reply: { cursor: { firstBatch: [{ _id: 1 }, { _id: 2 }] } } },
  ],
  'insert puts the _id first': [
    { command: { insert: 'c', documents: [{ a: 1, _id: 1 }] }, reply: { n: 1 } },
    { command: { find: 'c' }, reply: { cursor: { firstBatch: [{ _id: 1, a: 1 }] } } },
  ],
  'an ordered insert stops at a duplicate': [
    {
      command: { insert: 'c', documents: [{ _id: 1 }, { _id: 1 }, { _id: 2 }] },
      reply: { n: 1, writeErrors: [{ index: 1, code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 1 } }] },
    },
    { command: { count: 'c' }, reply: { n: 1 } },
  ],
  'an unordered insert goes on': [
    {
      command: { insert: 'c', ordered: false, documents: [{ _id: 1 }, { _id: 1 }, { _id: 2 }] },
      reply: { n: 2, writeErrors: [{ index: 1, code: 11000 }] },
    },
  ],
  'an _id may not be an array': [
    { command: { insert: 'c', documents: [{ _id: [1] }] }, reply: { n: 0, writeErrors: [{ code: 53 }] } },
  ],
  'update, multi and not': [
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, a: 1 },
          { _id: 2, a: 1 },
        ],
      },
      reply: { n: 2 },
    },
    {
      command: { update: 'c', updates: [{ q: { a: 1 }, u: { $set: { a: 2 } } }] },
      reply: { n: 1, nModified: 1 },
    },
    {
      command: { update: 'c', updates: [{ q: {}, u: { $set: { a: 2 } }, multi: true }] },
      reply: { n: 2, nModified: 1 },
    },
  ],
  'update by replacement keeps the _id': [
    { command: { insert: 'c', documents: [{ _id: 1, a: 1 }] }, reply: { n: 1 } },
    { command: { update: 'c', updates: [{ q: { _id: 1 }, u: { b: 2 } }] }, reply: { n: 1, nModified: 1 } },
    { command: { find: 'c' }, reply: { cursor: { firstBatch: [{ _id: 1, b: 2 }] } } },
  ],
  'update with upsert': [
    {
      command: {
        update: 'c',
        updates: [
          { q: { _id: 7, 'a.b': { $eq: 3 } }, u: { $set: { c: 1 }, $setOnInsert: { d: 2 } }, upsert: true },
        ],
      },
      reply: { n: 1, nModified: 0, upserted: [{ index: 0, _id: 7 }] },
    },
    { command: { find: 'c' }, reply: { cursor: { firstBatch: [{ _id: 7, a: { b: 3 }, c: 1, d: 2 }] } } },
  ],
  'update of array elements': [
    {
      command: {
        insert: 'c',
        documents: [
          {
            _id: 1,
            a: [
              { n: 1, s: 0 },
              { n: 2, s: 0 },
              { n: 3, s: 0 },
            ],
          },
        ],
      },
      reply: { n: 1 },
    },
    {
      command: { update: 'c', updates: [{ q: { 'a.n': 2 }, u: { $set: { 'a.$.s': 5 } } }] },
      reply: { nModified: 1 },
    },
    {
      command: { update: 'c', updates: [{ q: {}, u: { $inc: { 'a.$[].s': 1 } } }] },
      reply: { nModified: 1 },
    },
    {
      command: {
        update: 'c',
        updates: [{ q: {}, u: { $set: { 'a.$[e].s': 9 } }, arrayFilters: [{ 'e.n': { $gte: 3 } }] }],
      },
      reply: { nModified: 1 },
    },
    {
      command: { find: 'c' },
      reply: {
        cursor: {
          firstBatch: [
            {
              a: [
                { n: 1, s: 1 },
                { n: 2, s: 6 },
                { n: 3, s: 9 },
              ],
            },
          ],
        },
      },
    },
  ],
  'update by pipeline': [
    { command: { insert: 'c', documents: [{ _id: 1, a: 2, b: 3 }] }, reply: { n: 1 } },
    {
      command: {
        update: 'c',
        updates: [{ q: {}, u: [{ $set: { c: { $add: ['$a', '$b'] } } }, { $unset: 'b' }] }],
      },
      reply: { nModified: 1 },
    },
    { command: { find: 'c' }, reply: { cursor: { firstBatch: [{ _id: 1, a: 2, c: 5 }] } } },
  ],
  'update adds new fields in the order of their names': [
    { command: { insert: 'c', documents: [{ _id: 1 }] }, reply: { n: 1 } },
    {
      command: { update: 'c', updates: [{ q: {}, u: { $set: { z: 1, b: 1 }, $inc: { a: 1 } } }] },
      reply: { nModified: 1 },
    },
    {
      command: {
        aggregate: 'c',
        pipeline: [
          { $project: { names: { $map: { input: { $objectToArray: '$$ROOT' }, in: '$$this.k' } } } },
        ],
        cursor: {},
      },
      reply: { cursor: { firstBatch: [{ names: ['_id', 'a', 'b', 'z'] }] } },
    },
  ],
  'two operators on one path conflict': [
    {
      command: { update: 'c', updates: [{ q: {}, u: { $set: { a: 1 }, $inc: { 'a.b': 1 } } }] },
      reply: { n: 0, writeErrors: [{ code: 40 }] },
    },
  ],
  'the _id cannot be changed': [
    { command: { insert: 'c', documents: [{ _id: 1 }] }, reply: { n: 1 } },
    {
      command: { update: 'c', updates: [{ q: { _id: 1 }, u: { $set: { _id: 2 } } }] },
      reply: { writeErrors: [{ code: 66 }] },
    },
    {
      command: { update: 'c', updates: [{ q: { _id: 1 }, u: { _id: 2 } }] },
      reply: { writeErrors: [{ code: 66 }] },
    },
    {
      command: { findAndModify: 'c', query: { _id: 1 }, update: { $set: { _id: 2 } } },
      reply: { ok: 0, code: 66 },
    },
  ],
  'unknown modifiers, multi replacements and blocked paths are refused': [
    { command: { insert: 'c', documents: [{ _id: 1, s: 'x' }] }, reply: { n: 1 } },
    {
      command: { update: 'c', updates: [{ q: {}, u: { $frob: { a: 1 } } }] },
      reply: { writeErrors: [{ code: 9 }] },
    },
    {
      command: { update: 'c', updates: [{ q: {}, u: { a: 1 }, multi: true }] },
      reply: { writeErrors: [{ code: 9 }] },
    },
    {
      command: { update: 'c', updates: [{ q: {}, u: { $inc: { s: 1 } } }] },
      reply: { writeErrors: [{ code: 14 }] },
    },
    {
      command: { update: 'c', updates: [{ q: {}, u: { $set: { 's.t': 1 } } }] },
      reply: { writeErrors: [{ code: 28 }] },
    },
    {
      command: { update: 'c', updates: [{ q: {}, u: { $push: { s: 1 } } }] },
      reply: { writeErrors: [{ code: 2 }] },
    },
  ],
  'a multi-update meets no document twice': [
    { command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a' }] }, reply: { ok: 1 } },
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, a: 1 },
          { _id: 2, a: 2 },
        ],
      },
      reply: { n: 2 },
    },
    {
      command: { update: 'c', updates: [{ q: { a: { $gte: 1 } }, u: { $inc: { a: 10 } }, multi: true }] },
      reply: { n: 2, nModified: 2 },
    },
    {
      command: { find: 'c', sort: { a: 1 } },
      reply: {
        cursor: {
          firstBatch: [
            { _id: 1, a: 11 },
            { _id: 2, a: 12 },
          ],
        },
      },
    },
  ],
  delete: [
    { command: { insert: 'c', documents: [{ _id: 1 }, { _id: 2 }, { _id: 3 }] }, reply: { n: 3 } },
    { command: { delete: 'c', deletes: [{ q: {}, limit: 1 }] }, reply: { n: 1 } },
    { command: { delete: 'c', deletes: [{ q: { _id: { $gt: 0 } }, limit: 0 }] }, reply: { n: 2 } },
    { command: { delete: 'c', deletes: [{ q: {} }] }, reply: { ok: 0, code: 40414 } },
  ],
  findAndModify: [
    {
      command: { findAndModify: 'c', query: { _id: 1 }, update: { $set: { a: 1 } } },
      reply: { value: null, lastErrorObject: { n: 0, updatedExisting: false } },
    },
    {
      command: { findAndModify: 'c', query: { _id: 1 }, update: { $set: { a: 1 } }, upsert: true, new: true },
      reply: { value: { _id: 1, a: 1 }, lastErrorObject: { n: 1, updatedExisting: false, upserted: 1 } },
    },
    {
      command: { findAndModify: 'c', query: { _id: 1 }, update: { $inc: { a: 1 } } },
      reply: { value: { _id: 1, a: 1 }, lastErrorObject: { n: 1, updatedExisting: true } },
    },
    {
      command: {
        findAndModify: 'c',
        query: { _id: 1 },
        update: { $inc: { a: 1 } },
        new: true,
        fields: { _id: 0, a: 1 },
      },
      reply: { value: { a: 3 } },
    },
    {
      command: { findAndModify: 'c', query: { _id: 1 }, remove: true },
      reply: { value: { _id: 1, a: 3 }, lastErrorObject: { n: 1 } },
    },
    {
      command: { findAndModify: 'c', query: { _id: 1 }, remove: true },
      reply: { value: null, lastErrorObject: { n: 0 } },
    },
    { command: { findAndModify: 'c', query: { _id: 1 } }, reply: { ok: 0, code: 9 } },
  ],
  'findAndModify takes the first of a sort': [
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, p: 1 },
          { _id: 2, p: 5 },
        ],
      },
      reply: { n: 2 },
    },
    {
      command: {
        findAndModify: 'c',
        query: {},
        sort: { p: -1 },
        update: { $set: { taken: true } },
        new: true,
      },
      reply: { value: { _id: 2 } },
    },
  ],
  'find sorts, skips, limits and projects': [
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, a: 3, b: 1 },
          { _id: 2, a: 1, b: 1 },
          { _id: 3, a: 2, b: 2 },
        ],
      },
      reply: { n: 3 },
    },
    {
      command: { find: 'c', sort: { b: -1, a: 1 }, skip: 1, limit: 1, projection: { a: 1, _id: 0 } },
      reply: { cursor: { firstBatch: [{ a: 1 }] } },
    },
    {
      command: { find: 'c', sort: { $natural: -1 }, projection: { a: 0, b: 0 } },
      reply: { cursor: { firstBatch: [{ _id: 3 }, { _id: 2 }, { _id: 1 }] } },
    },
    { command: { find: 'c', projection: { a: 1, b: 0 } }, reply: { ok: 0, code: 31254 } },
    { command: { find: 'c', filter: { $frob: 1 } }, reply: { ok: 0, code: 2 } },
    { command: { find: 'c', filter: { a: { $frob: 1 } } }, reply: { ok: 0, code: 2 } },
    { command: { find: 'c', hint: 'no such index' }, reply: { ok: 0, code: 2 } },
    { command: { find: 'c', hint: { _id: 1 }, limit: 1 }, reply: { cursor: { firstBatch: [{ _id: 1 }] } } },
  ],
  'find with $expr, $slice and $elemMatch': [
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, a: 1, b: 2, l: [1, 2, 3] },
          { _id: 2, a: 2, b: 1, l: [{ x: 1 }, { x: 2 }] },
        ],
      },
      reply: { n: 2 },
    },
    {
      command: {
        find: 'c',
        filter: { $expr: { $gt: ['$a', '$b'] } },
        projection: { l: { $elemMatch: { x: 2 } } },
      },
      reply: { cursor: { firstBatch: [{ _id: 2, l: [{ x: 2 }] }] } },
    },
    {
      command: { find: 'c', filter: { _id: 1 }, projection: { l: { $slice: -2 } } },
      reply: { cursor: { firstBatch: [{ _id: 1, a: 1, b: 2, l: [2, 3] }] } },
    },
  ],
  count: [
    { command: { count: 'c' }, reply: { n: 0 } },
    { command: { insert: 'c', documents: [{ a: 1 }, { a: 2 }, { a: 2 }] }, reply: { n: 3 } },
    { command: { count: 'c' }, reply: { n: 3 } },
    { command: { count: 'c', query: { a: 2 }, skip: 1 }, reply: { n: 1 } },
  ],
  distinct: [
    { command: { insert: 'c', documents: [{ a: 2 }, { a: [1, 2] }, { a: 'x' }, {}] }, reply: { n: 4 } },
    { command: { distinct: 'c', key: 'a' }, reply: { values: [1, 2, 'x'] } },
    { command: { distinct: 'c', key: 'a', query: { a: 1 } }, reply: { values: [1, 2] } },
  ],
  aggregate: [
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, k: 'a', n: 1, t: [1, 2] },
          { _id: 2, k: 'b', n: 2, t: [] },
          { _id: 3, k: 'a', n: 3 },
        ],
      },
      reply: { n: 3 },
    },
    {
      command: {
        aggregate: 'c',
        pipeline: [
          { $match: { n: { $gt: 0 } } },
          {
            $group: {
              _id: '$k',
              sum: { $sum: '$n' },
              avg: { $avg: '$n' },
              max: { $max: '$n' },
              all: { $push: '$_id' },
            },
          },
          { $sort: { _id: 1 } },
        ],
        cursor: {},
      },
      reply: {
        cursor: {
          firstBatch: [
            { _id: 'a', sum: 4, avg: 2, max: 3, all: [1, 3] },
            { _id: 'b', sum: 2, avg: 2, max: 2, all: [2] },
          ],
        },
      },
    },
    {
      command: {
        aggregate: 'c',
        pipeline: [{ $unwind: '$t' }, { $project: { _id: 0, t: 1, double: { $multiply: ['$t', 2] } } }],
        cursor: {},
      },
      reply: {
        cursor: {
          firstBatch: [
            { t: 1, double: 2 },
            { t: 2, double: 4 },
          ],
        },
      },
    },
    {
      command: {
        aggregate: 'c',
        pipeline: [
          { $sort: { n: -1 } },
          { $limit: 2 },
          { $skip: 1 },
          { $set: { 'o.p': '$k' } },
          { $unset: ['k', 't'] },
        ],
        cursor: {},
      },
      reply: { cursor: { firstBatch: [{ _id: 2, n: 2, o: { p: 'b' } }] } },
    },
    {
      command: { aggregate: 'c', pipeline: [{ $match: { n: { $gt: 9 } } }, { $count: 'n' }], cursor: {} },
      reply: { cursor: { firstBatch: [] } },
    },
    {
      command: {
        aggregate: 'c',
        pipeline: [
          { $lookup: { from: 'c', localField: 'k', foreignField: 'k', as: 'same' } },
          { $project: { n: { $size: '$same' } } },
          { $sort: { _id: 1 } },
        ],
        cursor: {},
      },
      reply: { cursor: { firstBatch: [{ n: 2 }, { n: 1 }, { n: 2 }] } },
    },
    {
      command: {
        aggregate: 'c',
        pipeline: [{ $facet: { n: [{ $count: 'n' }], one: [{ $limit: 1 }, { $replaceWith: { k: '$k' } }] } }],
        cursor: {},
      },
      reply: { cursor: { firstBatch: [{ n: [{ n: 3 }], one: [{ k: 'a' }] }] } },
    },
    {
      command: { aggregate: 'c', pipeline: [{ $sortByCount: '$k' }], cursor: {} },
      reply: {
        cursor: {
          firstBatch: [
            { _id: 'a', count: 2 },
            { _id: 'b', count: 1 },
          ],
        },
      },
    },
    { command: { aggregate: 'c', pipeline: [] }, reply: { ok: 0, code: 9 } },
    { command: { aggregate: 'c', pipeline: [{ $frob: 1 }], cursor: {} }, reply: { ok: 0, code: 40324 } },
  ],
  'createIndexes, listIndexes, dropIndexes': [
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a' }] },
      reply: { numIndexesBefore: 1, numIndexesAfter: 2, createdCollectionAutomatically: true },
    },
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a' }] },
      reply: { numIndexesBefore: 2, numIndexesAfter: 2, note: 'all indexes already exist' },
    },
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'other name' }] },
      reply: { ok: 0, code: 85 },
    },
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', expireAfterSeconds: 9 }] },
      reply: { ok: 0, code: 85 },
    },
    { command: { createIndexes: 'c', indexes: [{ key: { b: 1 }, name: 'a' }] }, reply: { ok: 0, code: 86 } },
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', unique: true }] },
      reply: { ok: 0, code: 86 },
    },
    {
      command: { listIndexes: 'c' },
      reply: {
        cursor: {
          firstBatch: [
            { v: 2, key: { _id: 1 }, name: '_id_' },
            { v: 2, key: { a: 1 }, name: 'a' },
          ],
        },
      },
    },
    { command: { dropIndexes: 'c', index: 'no such index' }, reply: { ok: 0, code: 27 } },
    { command: { dropIndexes: 'c', index: '_id_' }, reply: { ok: 0, code: 72 } },
    { command: { dropIndexes: 'c', index: { a: 1 } }, reply: { nIndexesWas: 2 } },
    { command: { dropIndexes: 'c', index: '*' }, reply: { nIndexesWas: 1 } },
    { command: { dropIndexes: 'none', index: '*' }, reply: { ok: 0, code: 26 } },
    { command: { listIndexes: 'none' }, reply: { ok: 0, code: 26 } },
  ],
  'wrong index specifications': [
    { command: { createIndexes: 'c', indexes: [] }, reply: { ok: 0, code: 2 } },
    { command: { createIndexes: 'c', indexes: [{ key: { a: 1 } }] }, reply: { ok: 0, code: 9 } },
    { command: { createIndexes: 'c', indexes: [{ key: {}, name: 'a' }] }, reply: { ok: 0, code: 67 } },
    { command: { createIndexes: 'c', indexes: [{ key: { a: 0 }, name: 'a' }] }, reply: { ok: 0, code: 67 } },
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 'frob' }, name: 'a' }] },
      reply: { ok: 0, code: 67 },
    },
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1, b: 1 }, name: 'a', expireAfterSeconds: 1 }] },
      reply: { ok: 0, code: 67 },
    },
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', frob: 1 }] },
      reply: { ok: 0, code: 197 },
    },
    {
      command: {
        createIndexes: 'c',
        indexes: [{ key: { a: 1 }, name: 'a', sparse: true, partialFilterExpression: { a: 1 } }],
      },
      reply: { ok: 0, code: 67 },
    },
  ],
  'a unique index refuses inserts, updates and its own creation': [
    {
      command: { createIndexes: 'c', indexes: [{ key: { s: 1, n: 1 }, name: 'sn', unique: true }] },
      reply: { ok: 1 },
    },
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, s: 'x', n: 1 },
          { _id: 2, s: 'x', n: 2 },
        ],
      },
      reply: { n: 2 },
    },
    {
      command: { insert: 'c', documents: [{ _id: 3, s: 'x', n: 2 }] },
      reply: { n: 0, writeErrors: [{ code: 11000, keyPattern: { s: 1, n: 1 }, keyValue: { s: 'x', n: 2 } }] },
    },
    {
      command: { update: 'c', updates: [{ q: { _id: 1 }, u: { $set: { n: 2 } } }] },
      reply: { n: 0, writeErrors: [{ code: 11000 }] },
    },
    {
      command: { findAndModify: 'c', query: { _id: 1 }, update: { $set: { n: 2 } } },
      reply: { ok: 0, code: 11000, keyPattern: { s: 1, n: 1 } },
    },
    {
      command: { createIndexes: 'c', indexes: [{ key: { s: 1 }, name: 's', unique: true }] },
      reply: { ok: 0, code: 11000 },
    },
    { command: { listIndexes: 'c' }, reply: { cursor: { firstBatch: [{ name: '_id_' }, { name: 'sn' }] } } },
    {
      command: { find: 'c', sort: { _id: 1 } },
      reply: {
        cursor: {
          firstBatch: [
            { _id: 1, n: 1 },
            { _id: 2, n: 2 },
          ],
        },
      },
    },
  ],
  'a unique index over an array': [
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', unique: true }] },
      reply: { ok: 1 },
    },
    { command: { insert: 'c', documents: [{ _id: 1, a: [1, 2, 2] }] }, reply: { n: 1 } },
    {
      command: { insert: 'c', documents: [{ _id: 2, a: 2 }] },
      reply: { n: 0, writeErrors: [{ code: 11000 }] },
    },
    { command: { find: 'c', filter: { a: { $gte: 1 } } }, reply: { cursor: { firstBatch: [{ _id: 1 }] } } },
  ],
  'a unique sparse index ignores what is missing': [
    {
      command: { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', unique: true, sparse: true }] },
      reply: { ok: 1 },
    },
    { command: { insert: 'c', documents: [{ _id: 1 }, { _id: 2 }, { _id: 3, a: null }] }, reply: { n: 3 } },
    {
      command: { insert: 'c', documents: [{ _id: 4, a: null }] },
      reply: { n: 0, writeErrors: [{ code: 11000 }] },
    },
    {
      command: { find: 'c', filter: { a: null }, sort: { _id: 1 } },
      reply: { cursor: { firstBatch: [{ _id: 1 }, { _id: 2 }, { _id: 3 }] } },
    },
  ],
  'a unique partial index looks at what its filter says': [
    {
      command: {
        createIndexes: 'c',
        indexes: [{ key: { a: 1 }, name: 'a', unique: true, partialFilterExpression: { active: true } }],
      },
      reply: { ok: 1 },
    },
    {
      command: {
        insert: 'c',
        documents: [
          { _id: 1, a: 1, active: true },
          { _id: 2, a: 1, active: false },
          { _id: 3, a: 1 },
        ],
      },
      reply: { n: 3 },
    },
    {
      command: { insert: 'c', documents: [{ _id: 4, a: 1, active: true }] },
      reply: { n: 0, writeErrors: [{ code: 11000 }] },
    },
    {
      command: { update: 'c', updates: [{ q: { _id: 2 }, u: { $set: { active: true } } }] },
      reply: { n: 0, writeErrors: [{ code: 11000 }] },
    },
    {
      command: { find: 'c', filter: { a: 1 }, sort: { _id: 1 } },
      reply: { cursor: { firstBatch: [{ _id: 1 }, { _id: 2 }, { _id: 3 }] } },
    },
  ],
  'parallel arrays cannot be indexed': [
    { command: { createIndexes: 'c', indexes: [{ key: { a: 1, b: 1 }, name: 'ab' }] }, reply: { ok: 1 } },
    {
      command: { insert: 'c', documents: [{ a: [1], b: [2] }] },
      reply: { n: 0, writeErrors: [{ code: 171 }] },
    },
  ],
  'create, listCollections, drop': [
    { command: { create: 'd' }, reply: { ok: 1 } },
    { command: { create: 'd' }, reply: { ok: 1 } },
    {
      command: { listCollections: 1, filter: { name: 'd' }, nameOnly: true },
      reply: { cursor: { firstBatch: [{ name: 'd', type: 'collection' }] } },
    },
    { command: { drop: 'd' }, reply: { ok: 1, nIndexesWas: 1 } },
    { command: { drop: 'd' }, reply: { ok: 1 } },
    { command: { listCollections: 1, filter: { name: 'd' } }, reply: { cursor: { firstBatch: [] } } },
    { command: { create: '' }, reply: { ok: 0, code: 73 } },
  ],
  'an unknown command': [
    { command: { frobnicate: 1 }, reply: { ok: 0, code: 59, codeName: 'CommandNotFound' } },
  ],
  'an unknown field': [{ command: { insert: 'c', documents: [{}], frob: 1 }, reply: { ok: 0, code: 40415 } }],
  'an unknown cursor': [
    {
      command: { getMore: Long.fromNumber(12345), collection: 'c' },
      reply: { ok: 0, code: 43, codeName: 'CursorNotFound' },
    },
    { command: { killCursors: 'c', cursors: [Long.fromNumber(12345)] }, reply: { cursorsKilled: [], ok: 1 } },
  ],
  'a transaction': [
    { command: { insert: 'c', documents: [{}], lsid: { id: 1 }, txnNumber: Long.ONE }, reply: { ok: 0 } },
  ],
};

/** True when `reply` has everything that `expected` has. */
function expectContains(reply: unknown, expected: unknown, place: string): void {
  if (Array.isArray(expected)) {
    expect(reply, place).to.be.an('array').with.lengthOf(expected.length);
    for (const [at, each] of expected.entries())
      expectContains((reply as unknown[])[at], each, `${place}.${at}`);
  } else if (expected !== null && typeof expected === 'object') {
    for (const [name, value] of Object.entries(expected)) {
      expectContains((reply as Document | undefined)?.[name], value, `${place}.${name}`);
    }
  } else {
    expect(reply, place).to.equal(expected);
  }
}

describeEndpoints('commands', (endpoint) => {
  let db: Db;
  beforeEach(async () => {
    ({ db } = endpoint());
    await db.command({ drop: 'c' });
  });

  for (const [name, steps] of Object.entries(cases)) {
    it(name, async () => {
      for (const [at, { command, reply }] of steps.entries()) {
        expectContains(await run(db, command), reply, `step ${at + 1}`);
      }
    });
  }

  it('dropDatabase and listDatabases', async () => {
    const other = endpoint().client.db(`${db.databaseName}_2`);
    await other.collection('c').insertOne({ a: 1 });
    const names = async () =>
      (await db.admin().listDatabases({ nameOnly: true })).databases.map((each) => each.name);
    expect(await names()).to.include(other.databaseName);
    await other.dropDatabase();
    expect(await names()).not.to.include(other.databaseName);
  });

  it('cursors give every document once, whatever happens in between', async () => {
    const collection = db.collection<{ _id: number }>('c');
    await collection.insertMany(Array.from({ length: 30 }, (_each, at) => ({ _id: at })));
    const first = (await db.command({ find: 'c', sort: { _id: 1 }, batchSize: 10 }, { promoteLongs: false }))[
      'cursor'
    ] as Document;
    expect(first['firstBatch']).to.have.lengthOf(10);
    await collection.deleteMany({ _id: { $in: [3, 12, 29] } });
    const more = await run(db, { getMore: first['id'] as unknown, collection: 'c' });
    const ids = (more['cursor'] as { nextBatch: { _id: number }[] }).nextBatch.map((each) => each._id);
    expect(ids).to.deep.equal([10, 11, ...Array.from({ length: 16 }, (_each, at) => at + 13)]);
    expect((more['cursor'] as Document)['id']).to.equal(0);
  });

  it('killCursors ends a cursor', async () => {
    await db.collection('c').insertMany([{}, {}, {}]);
    const { cursor } = await db.command({ find: 'c', batchSize: 1 }, { promoteLongs: false });
    const { id } = cursor as { id: Long };
    await db.command({ killCursors: 'c', cursors: [id] });
    expectContains(await run(db, { getMore: id, collection: 'c' }), { ok: 0, code: 43 }, 'reply');
  });

  it('a document above 16 MiB is refused', async () => {
    const error = await db
      .collection('c')
      .insertOne({ text: 'x'.repeat(16 * 1024 * 1024) })
      .catch((each: unknown) => each);
    expect(error).to.be.an('error');
    expect(await db.collection('c').countDocuments()).to.equal(0);
  });

  it('keeps the types of numbers through updates', async () => {
    const collection = db.collection('c');
    const stored = { _id: 1 as never, int: 1, double: 1.5, long: Long.fromString('9007199254740993') };
    await collection.insertOne(stored);
    await collection.updateOne({}, { $set: { touched: true } });
    const types = await collection
      .aggregate<{ _id: number }>([
        { $match: { int: { $type: 'int' }, double: { $type: 'double' }, long: { $type: 'long' } } },
      ])
      .toArray();
    expect(types).to.have.lengthOf(1);
    expect(String(types[0]?.['long' as never])).to.equal('9007199254740993');
  });
});
