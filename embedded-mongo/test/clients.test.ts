/** The libraries that the product uses, on the embedded store and, where `MONGODB_URI` is set, on a server. */
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import { expect } from 'chai';
import mongoose, { type Connection, Schema } from 'mongoose';
import { describeEndpoints, type Endpoint } from './support/endpoints.ts';

function addressOf(endpoint: Endpoint): string {
  return `mongodb://${endpoint.client.options.hosts.map((host) => encodeURIComponent(host.socketPath ?? '') || host.toString()).join(',')}`;
}

const userSchema = new Schema(
  {
    name: { type: String, required: true, unique: true },
    visits: { type: Number, default: 0 },
    tags: [String],
    cards: [{ number: String, active: Boolean }],
    seenAt: { type: Date, index: true, expires: 3600 },
  },
  { timestamps: true, optimisticConcurrency: true },
);

interface User {
  name: string;
  visits: number;
  tags: string[];
  cards: { number: string; active: boolean }[];
}

describeEndpoints('mongoose', (endpoint) => {
  let connection: Connection;
  before(async () => {
    connection = await mongoose
      .createConnection(addressOf(endpoint()), { dbName: endpoint().db.databaseName })
      .asPromise();
    await connection.model('User', userSchema).init();
  });
  beforeEach(() => connection.model('User').deleteMany({}));
  after(() => connection.close());

  const users = () => connection.model<User>('User') as mongoose.Model<User>;

  it('creates, finds, changes and removes', async () => {
    const user = await users().create({ name: 'a', tags: ['x'], cards: [{ number: '1', active: false }] });
    user.tags.push('y');
    user.visits = 2;
    await user.save();
    await users().updateOne({ 'cards.number': '1' }, { $set: { 'cards.$.active': true } });
    const found = await users().findOne({ name: 'a' }).lean();
    expect(found).to.deep.include({ name: 'a', visits: 2, tags: ['x', 'y'], __v: 1 });
    expect(found?.cards[0]).to.include({ number: '1', active: true });
    expect(await users().exists({ tags: 'y' })).not.to.equal(null);
    await user.deleteOne();
    expect(await users().countDocuments()).to.equal(0);
  });

  it('reports what is there twice, and writes that come too late', async () => {
    const user = await users().create({ name: 'a' });
    expect(
      await users()
        .create({ name: 'a' })
        .catch((error: unknown) => error),
    )
      .to.include({ code: 11000 })
      .and.deep.include({ keyPattern: { name: 1 } });
    await users().updateOne({ name: 'a' }, { $inc: { __v: 1 } });
    user.visits = 3;
    expect(await user.save().catch((error: unknown) => error)).to.have.property('name', 'VersionError');
  });

  it('upserts, writes in bulk and reads by cursor', async () => {
    const upserted = await users().findOneAndUpdate(
      { name: 'b' },
      { $inc: { visits: 5 }, $addToSet: { tags: 'q' } },
      { upsert: true, returnDocument: 'after' },
    );
    expect(upserted).to.include({ name: 'b', visits: 5 });
    const result = await users().bulkWrite([
      { insertOne: { document: { name: 'c', visits: 0, tags: [], cards: [] } } },
      { updateOne: { filter: { name: 'c' }, update: { $set: { visits: 9 } } } },
      { deleteOne: { filter: { name: 'b' } } },
      { updateOne: { filter: { name: 'd' }, update: { $set: { visits: 1 } }, upsert: true } },
    ]);
    expect(result).to.include({ insertedCount: 1, modifiedCount: 1, deletedCount: 1, upsertedCount: 1 });
    const names: string[] = [];
    for await (const user of users().find().sort({ name: 1 }).cursor({ batchSize: 1 })) names.push(user.name);
    expect(names).to.deep.equal(['c', 'd']);
    expect(await users().distinct('name')).to.deep.equal(['c', 'd']);
    expect(await users().aggregate([{ $group: { _id: null, visits: { $sum: '$visits' } } }])).to.deep.equal([
      { _id: null, visits: 10 },
    ]);
  });
});

describeEndpoints('agenda', (endpoint) => {
  it('runs a job, keeps a repeating one once, and logs', async () => {
    const agenda = new Agenda({
      backend: new MongoBackend({ mongo: endpoint().db }),
      processEvery: 50,
      // agenda keeps a timer of half this time after each job, which would keep the process alive.
      defaultLockLifetime: 200,
      logging: true,
    });
    try {
      const ran = new Promise<unknown>((resolve) => {
        agenda.define('greet', (job, done) => {
          resolve(job.attrs.data);
          done();
        });
      });
      agenda.define('often', (_job, done) => done());
      await agenda.start();
      await agenda.now('greet', { to: 'world' });
      expect(await ran).to.deep.equal({ to: 'world' });
      await agenda.every('1 hour', 'often');
      await agenda.every('2 hours', 'often');
      const { jobs, total } = await agenda.queryJobs({ name: 'often' });
      expect(total).to.equal(1);
      expect(jobs[0]).to.include({ type: 'single', repeatInterval: '2 hours' });
      await agenda.create('unique', { n: 1 }).unique({ 'data.n': 1 }).schedule('in 1 hour').save();
      await agenda.create('unique', { n: 1 }).unique({ 'data.n': 1 }).schedule('in 1 hour').save();
      expect((await agenda.queryJobs({ name: 'unique' })).total).to.equal(1);
      expect(await agenda.cancel({ name: 'unique' })).to.equal(1);
      expect((await agenda.getLogs()).entries).not.to.have.lengthOf(0);
    } finally {
      await agenda.stop();
    }
  });
});
