import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { cabinetSetting } from '../config/cabinet-setting.ts';
import type { SiteFile } from '../config/site.ts';
import { CabinetRepository } from '../models/cabinets.ts';
import { connect } from '../models/connection.ts';
import { EventRepository } from '../models/events.ts';
import { GroupRepository } from '../models/groups.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './ports.ts';
import type { Undo } from './undo.ts';

/** Opens the store: a MongoDB server, or the embedded one where none is named. What was opened is closed by `undo`. */
export async function openStore(
  {
    mongodbUri,
    dataFolder,
    clock = systemClock,
    notice = () => {},
  }: {
    readonly mongodbUri?: string | undefined;
    readonly dataFolder: string;
    readonly clock?: Clock;
    readonly notice?: (message: string) => void;
  },
  undo: Undo,
): Promise<Connection> {
  let uri = mongodbUri;
  if (uri === undefined) {
    const { openEmbeddedStore } = await import('./embedded-store.ts');
    const embedded = await openEmbeddedStore(join(dataFolder, 'store'), clock, notice);
    undo.push(() => embedded.close());
    uri = embedded.uri;
  }
  const connection = await connect(uri);
  undo.push(() => connection.close());
  return connection;
}

/** Prepares the log, and tells the database which cabinets and user groups the site has. */
export async function prepareRepositories(connection: Connection, site: SiteFile): Promise<EventRepository> {
  const events = new EventRepository(connection);
  await events.prepare();
  await saveSite(connection, site);
  return events;
}

/** Tells the database which cabinets and user groups a site has. */
export async function saveSite(connection: Connection, site: SiteFile): Promise<void> {
  const groups = new GroupRepository(connection);
  const cabinets = new CabinetRepository(connection);
  for (const { id, name } of site.userGroups ?? []) await groups.save({ _id: id, name, site: site.site.id });
  for (const cabinet of site.cabinets) {
    const { id, name, kind, schema } = cabinet;
    const compartments = cabinetSetting(cabinet, site).compartments.length;
    await cabinets.save({ _id: id, site: site.site.id, name, kind, schema, compartments });
  }
}

/** The database behind a connection, for whoever is handed it. */
export function databaseOf(connection: Connection): NonNullable<Connection['db']> {
  if (!connection.db) throw new Error('The database connection was closed while starting.');
  return connection.db;
}
