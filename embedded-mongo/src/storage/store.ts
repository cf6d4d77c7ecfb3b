import type { Cursors } from '../cursors.ts';
import type { Catalog } from './catalog.ts';
import type { Database } from './database.ts';

/** Everything that a command works on. */
export interface Store {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly cursors: Cursors;
}
