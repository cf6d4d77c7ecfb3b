import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { MongoClient, MongoServerError } from 'mongodb';
import { EmbeddedMongoError, startEmbeddedMongo } from '../index.ts';
import { type RunningEmbedded, startEmbedded, temporaryFolder } from './support/endpoints.ts';

const childFile = fileURLToPath(new URL('./support/inserting-child.ts', import.meta.url));

function startChild(folder: string, round: number): ChildProcess {
  return spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', childFile, folder, String(round)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

/** Collects what the child acknowledges, kills it without warning after so many documents, and waits for its end. */
async function acknowledgedUntilKilled(child: ChildProcess, documents: number): Promise<string[]> {
  const acknowledged: string[] = [];
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    acknowledged.push(line);
    if (acknowledged.length === documents) child.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have been refused');
}

describe('durability', () => {
  it('has every acknowledged document after kill -9, and indexes that agree with the documents', async () => {
    const folder = temporaryFolder();
    const acknowledged = new Set<string>();
    for (const [round, documents] of [40, 150, 90].entries()) {
      for (const id of await acknowledgedUntilKilled(startChild(folder.path, round), documents))
        acknowledged.add(id);

      const store = await startEmbeddedMongo({ folder: folder.path });
      const client = await MongoClient.connect(store.uri);
      try {
        const collection = client.db('test').collection<{ _id: string; key: string }>('c');
        const natural = await collection.find({}, { hint: { $natural: 1 } }).toArray();
        const byKey = await collection.find({}, { hint: { key: 1 } }).toArray();
        const stored = new Set(natural.map((each) => each._id));
        expect([...acknowledged].filter((id) => !stored.has(id))).to.deep.equal([]);
        expect(byKey.map((each) => each._id).sort()).to.deep.equal([...stored].sort());
        const some = natural[0] as { _id: string; key: string };
        expect(await rejection(collection.insertOne({ _id: 'new', key: some.key }))).to.have.property(
          'code',
          11000,
        );
      } finally {
        await client.close();
        await store.close();
      }
    }
    expect(acknowledged.size).to.be.at.least(280);
    folder.remove();
  });

  it('gives the error of a failed commit to everybody who waits, and goes on', async () => {
    const endpoint = await startEmbedded({ maximumPages: 60 });
    try {
      const collection = endpoint.db.collection<{ _id: number }>('c');
      await collection.insertOne({ _id: 0 });
      const text = 'x'.repeat(40_000);
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_each, at) =>
          collection.insertOne({ _id: at + 1, text } as { _id: number }),
        ),
      );
      const failed = results.flatMap((result, at) =>
        result.status === 'rejected' ? [{ id: at + 1, error: result.reason as unknown }] : [],
      );
      expect(failed).not.to.have.lengthOf(0);
      for (const { error } of failed) {
        expect(error).to.be.instanceOf(MongoServerError).with.property('code', 14031);
      }
      const stored = (await collection.find({}, { projection: { _id: 1 } }).toArray()).map((each) =>
        Number(each._id),
      );
      const promised = results.flatMap((result, at) => (result.status === 'fulfilled' ? [at + 1] : []));
      expect(stored.toSorted((left, right) => left - right)).to.deep.equal([0, ...promised]);
      await collection.deleteMany({});
      await collection.insertOne({ _id: 100 });
      expect(await collection.countDocuments()).to.equal(1);
    } finally {
      await endpoint.stop();
    }
  });

  it('keeps collections and indexes through a restart', async () => {
    const folder = temporaryFolder();
    for (const expected of [[], ['_id_', 'at', 'partial']]) {
      const store = await startEmbeddedMongo({ folder: folder.path });
      const client = await MongoClient.connect(store.uri);
      try {
        const collection = client.db('test').collection('c');
        if (expected.length > 0) {
          expect((await collection.indexes()).map((index) => index.name)).to.deep.equal(expected);
          expect(await rejection(collection.insertOne({ at: [1, 2], a: 1 }))).to.have.property('code', 11000);
        } else {
          await collection.createIndex({ at: 1 }, { name: 'at' });
          await collection.createIndex(
            { a: 1 },
            { name: 'partial', unique: true, partialFilterExpression: { a: { $gt: 0 } } },
          );
          await collection.insertMany([{ at: [1, 2], a: 1 }, { a: 0 }, { a: 0 }]);
        }
      } finally {
        await client.close();
        await store.close();
      }
    }
    folder.remove();
  });
});

describe('the folder of the store', () => {
  let endpoint: RunningEmbedded;
  before(async () => {
    endpoint = await startEmbedded();
  });
  after(() => endpoint.stop());

  for (const thread of [true, false]) {
    it(`is refused to a second store ${thread ? 'in a thread' : 'in this thread'}`, async () => {
      const error = await rejection(startEmbeddedMongo({ folder: endpoint.folder, thread }));
      expect(error).to.be.instanceOf(EmbeddedMongoError).with.property('code', 'folder-in-use');
      expect((error as Error).message)
        .to.include(endpoint.folder)
        .and.match(/Stop that process/);
      await endpoint.db.command({ ping: 1 });
    });
  }

  it('is refused to a second process', async () => {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '-e',
        `
        const { startEmbeddedMongo } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
        await startEmbeddedMongo({ folder: ${JSON.stringify(endpoint.folder)} }).catch((error) => process.stdout.write(error.code));
      `,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    clearTimeout(limit);
    expect(output).to.equal('folder-in-use');
  });

  it('is open to its owner alone', () => {
    const path = decodeURIComponent(endpoint.store.uri.replace('mongodb://', ''));
    expect(path).to.match(/\.sock$/);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).to.equal(0o700);
    expect(statSync(join(endpoint.folder, 'store.sqlite')).mode & 0o777).to.equal(0o600);
  });

  it('may have a long path: the socket then lies elsewhere', async () => {
    const folder = temporaryFolder();
    const long = join(folder.path, 'a'.repeat(120));
    const store = await startEmbeddedMongo({ folder: long });
    const path = decodeURIComponent(store.uri.replace('mongodb://', ''));
    expect(Buffer.byteLength(path)).to.be.at.most(107);
    expect(statSync(join(path, '..')).mode & 0o777).to.equal(0o700);
    await store.close();
    expect(existsSync(path)).to.equal(false);
    const tooLong = await rejection(startEmbeddedMongo({ folder: long, socketFolder: join(long, 'b') }));
    expect(tooLong).to.have.property('code', 'socket-path-too-long');
    folder.remove();
  });

  it('is refused when it cannot be made or read', async () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    expect(await rejection(startEmbeddedMongo({ folder: file }))).to.have.property('code', 'folder-unusable');
    const broken = join(folder.path, 'broken');
    mkdirSync(broken);
    writeFileSync(
      join(broken, 'store.sqlite'),
      'this is no database, and long enough to be looked at'.repeat(100),
    );
    const error = await rejection(startEmbeddedMongo({ folder: broken }));
    expect(error).to.have.property('code', 'store-unreadable');
    expect((error as Error).message).to.include(broken);
    folder.remove();
  });

  it('can be closed twice', async () => {
    const other = await startEmbedded();
    await other.stop();
    await other.store.close();
  });
});

describe('a connection', () => {
  let endpoint: RunningEmbedded;
  before(async () => {
    endpoint = await startEmbedded({ thread: false });
  });
  after(() => endpoint.stop());

  /** Sends bytes and gives everything that comes back until the other side hangs up. */
  async function converse(bytes: Buffer): Promise<Buffer> {
    const socket = createConnection(decodeURIComponent(endpoint.store.uri.replace('mongodb://', '')));
    socket.write(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  const broken: Record<string, Buffer> = {
    'a length that cannot be': Buffer.from('ffffffff000000000000000000000000', 'hex'),
    'an unknown operation': Buffer.from('100000000100000000000000d2070000', 'hex'),
    'a message without a body': Buffer.from('140000000100000000000000dd07000000000000', 'hex'),
    'unknown flags': Buffer.from('1a0000000100000000000000dd070000080000000005000000' + '00', 'hex'),
    'a document beyond its message': Buffer.from(
      '1a0000000100000000000000dd070000000000000009000000' + '00',
      'hex',
    ),
    'text of another protocol': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  };
  for (const [name, bytes] of Object.entries(broken)) {
    it(`is told and closed after ${name}, and others go on`, async () => {
      const reply = await converse(bytes);
      expect(reply.toString('latin1')).to.include('ProtocolError');
      await endpoint.db.command({ ping: 1 });
    });
  }

  it('may send writes that want no reply', async () => {
    const collection = endpoint.db.collection('unacknowledged', { writeConcern: { w: 0 } });
    await collection.insertOne({ a: 1 });
    await endpoint.db.command({ ping: 1 });
    for (let tries = 0; tries < 50 && (await collection.countDocuments()) === 0; tries++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    expect(await collection.countDocuments()).to.equal(1);
  });
});

describe('expiry', () => {
  it('deletes documents whose time has come, and no others', async () => {
    const endpoint = await startEmbedded({ expiryMilliseconds: 20 });
    try {
      const collection = endpoint.db.collection<{ _id: number; at?: unknown }>('c');
      await collection.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
      const old = new Date(Date.now() - 120_000);
      await collection.insertMany([
        { _id: 1, at: old },
        { _id: 2, at: new Date() },
        { _id: 3 },
        { _id: 4, at: 'no date' },
        { _id: 5, at: [new Date(), old] },
      ]);
      for (let tries = 0; tries < 100 && (await collection.countDocuments()) > 3; tries++) {
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
      const left = (await collection.find().sort({ _id: 1 }).toArray()).map((each) => Number(each._id));
      expect(left).to.deep.equal([2, 3, 4]);
    } finally {
      await endpoint.stop();
    }
  });
});
