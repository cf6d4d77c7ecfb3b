/** A data folder and a database as an earlier version left them: one JSON document for each line of a fixture. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BSON, type Document } from 'mongodb';
import type { Connection } from 'mongoose';

/** A line of a fixture: a document or the indexes of a collection, or a file of the data folder in Latin-1. */
type Line =
  | { readonly collection: string; readonly document: Document }
  | { readonly collection: string; readonly indexes: readonly Document[] }
  | { readonly file: string; readonly text: string };

export class OldData {
  readonly #lines: readonly Line[];

  private constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  static async read(path: string): Promise<OldData> {
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    return new OldData(lines.map((line) => BSON.EJSON.parse(line) as Line));
  }

  /** The documents of a collection, in the order of their ids. */
  documents(collection: string): Document[] {
    return this.#lines.flatMap((line) =>
      'document' in line && line.collection === collection ? [line.document] : [],
    );
  }

  /** Puts everything in its place, where no Sezam was before. */
  async restore({ db }: Connection, dataFolder: string): Promise<void> {
    if (!db) throw new Error('The connection is closed.');
    for (const line of this.#lines) {
      if ('file' in line) {
        const path = join(dataFolder, line.file);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(path, line.text, { encoding: 'latin1', mode: 0o600 });
      } else if ('document' in line) {
        await db.collection(line.collection).insertOne(line.document);
      } else {
        await db.createCollection(line.collection);
        if (line.indexes.length > 0) {
          await db.command({ createIndexes: line.collection, indexes: line.indexes });
        }
      }
    }
  }
}
