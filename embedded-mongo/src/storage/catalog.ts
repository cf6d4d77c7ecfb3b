import { randomUUID } from 'node:crypto';
import { CommandError, errorCode } from '../errors.ts';
import { decode } from '../values/codec.ts';
import { Collection } from './collection.ts';
import type { Database } from './database.ts';
import { idIndexSpecification, readIndexSpecification } from './index-specification.ts';
import { StoredIndex } from './stored-index.ts';

/** Longest namespace (`database.collection`) in bytes, as the server has it. */
const maximumNamespaceBytes = 255;

/** The collections of the store, by namespace. */
export class Catalog {
  readonly #database: Database;
  readonly #collections = new Map<string, Collection>();

  constructor(database: Database) {
    this.#database = database;
    this.reload();
  }

  /** Reads everything anew from the file, as after a transaction that was undone. */
  reload(): void {
    this.#collections.clear();
    const byId = new Map<number, Collection>();
    for (const row of this.#database.prepare('SELECT id, database, name, uuid FROM collections').all()) {
      const collection = new Collection(
        this.#database,
        row as unknown as { id: number; database: string; name: string; uuid: Uint8Array },
      );
      byId.set(collection.id, collection);
      this.#collections.set(collection.namespace, collection);
    }
    const indexes = this.#database.prepare(
      'SELECT id, collection, specification, multikey FROM indexes ORDER BY id',
    );
    for (const row of indexes.all()) {
      const specification = readIndexSpecification(decode(row['specification'] as Uint8Array));
      byId
        .get(Number(row['collection']))
        ?.adoptIndex(
          new StoredIndex(this.#database, Number(row['id']), specification, row['multikey'] === 1),
        );
    }
  }

  /** All collections, by name. */
  collections(database: string): Collection[] {
    return [...this.#collections.values()]
      .filter((collection) => collection.database === database)
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Every collection of every database. */
  all(): Iterable<Collection> {
    return this.#collections.values();
  }

  databaseNames(): string[] {
    return [...new Set([...this.#collections.values()].map((collection) => collection.database))].sort();
  }

  find(database: string, name: string): Collection | undefined {
    return this.#collections.get(`${database}.${name}`);
  }

  /** The collection, created when it is not there yet. @throws CommandError 73 */
  findOrCreate(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name);
  }

  /** @throws CommandError 73 for a name that is not allowed */
  create(database: string, name: string): Collection {
    checkNamespace(database, name);
    this.#database.begin();
    const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO collections (database, name, uuid) VALUES (?, ?, ?)')
      .run(database, name, uuid);
    const collection = new Collection(this.#database, { id: Number(lastInsertRowid), database, name, uuid });
    collection.createTable();
    collection.createIndex(idIndexSpecification);
    this.#collections.set(collection.namespace, collection);
    return collection;
  }

  drop(collection: Collection): void {
    this.#database.begin();
    collection.dropTables();
    this.#database.prepare('DELETE FROM indexes WHERE collection = ?').run(collection.id);
    this.#database.prepare('DELETE FROM collections WHERE id = ?').run(collection.id);
    this.#collections.delete(collection.namespace);
  }
}

function checkNamespace(database: string, name: string): void {
  const namespace = `${database}.${name}`;
  const allowed =
    /^[^/\\. "$*<>:|?\0]{1,63}$/.test(database) &&
    name !== '' &&
    !name.startsWith('.') &&
    !name.startsWith('system.') &&
    !/[$\0]/.test(name) &&
    Buffer.byteLength(namespace) <= maximumNamespaceBytes;
  if (!allowed)
    throw new CommandError(errorCode.invalidNamespace, `Invalid namespace specified: ${namespace}`);
}
