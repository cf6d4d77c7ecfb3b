/**
 * Opens the store in the folder given as argument and inserts documents from eight clients at once. Prints
 * one line per acknowledged document: its `_id`. Runs until it is killed.
 */
import { writeSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../index.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const store = await startEmbeddedMongo({ folder });
const client = await MongoClient.connect(store.uri);
const collection = client.db('test').collection<{ _id: string; key: string }>('c');
await collection.createIndex({ key: 1 }, { unique: true });

async function insertForever(writer: number): Promise<void> {
  for (let number = 0; ; number++) {
    const id = `${round}.${writer}.${number}`;
    await collection.insertOne({ _id: id, key: `key ${id}` });
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_each, writer) => insertForever(writer)));
