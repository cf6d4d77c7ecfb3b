import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../../../domain/event.ts';
import { SITE_STREAM } from '../../../gateway/administration/site-events.ts';
import { NO_CASSETTES } from '../../../gateway/cassettes/cassette-thread.ts';
import { KeyAdministration } from '../../../gateway/cassettes/key-administration.ts';
import { type People as OpenedPeople, openPeople } from '../../../gateway/people.ts';
import { Stream } from '../../../gateway/stream.ts';
import { CredentialRepository } from '../../../models/credentials.ts';
import { GroupRepository } from '../../../models/groups.ts';
import { UserRepository } from '../../../models/users.ts';
import type { StoredLog } from './stored-log.ts';

export const ADMINISTRATOR: Actor = { kind: 'administrator', id: 'user-admin' };

/** The first key of the installation that the tests play, unless they say otherwise. */
export const FIRST_KEY = 'ab'.repeat(32);

/** Two cabinets: `A` with two compartment groups, two readers and a panel, and `B` with nothing of the kind. */
const SITE = {
  site: { id: 'works', name: 'Works', timeZone: 'Europe/Warsaw', language: 'pl' },
  panels: [{ id: 'panel', name: 'Panel', cabinet: 'A' }],
  readers: [
    { id: 'front', bus: 'wire', driver: 'keypad', cabinet: 'A', panel: 'panel' },
    { id: 'back', bus: 'wire', driver: 'keypad', cabinet: 'A' },
  ],
  cabinets: [
    {
      id: 'A',
      name: 'Cabinet A',
      kind: 'clothes',
      schema: '2.2',
      compartments: [],
      groups: [
        { id: 'top', compartments: '1-2', userGroups: ['staff'] },
        { id: 'bottom', compartments: '3-4', userGroups: [] },
      ],
    },
    { id: 'B', name: 'Cabinet B', kind: 'clothes', schema: '2.2', compartments: [] },
  ],
} as const;

/** The people of a site as one gateway has them. */
export interface People extends OpenedPeople {
  readonly users: UserRepository;
  readonly credentials: CredentialRepository;
  /** What the operator of this computer was told. */
  readonly troubles: readonly string[];
  /** Where the keys lie. */
  readonly dataFolder: string;
  stop(): Promise<void>;
}

/**
 * Composes everything about people over a stored log, as after a start.
 *
 * @param options.keys what the data folder of this gateway holds, from generation 1 on; one of its own where the
 * folder has none yet
 * @param options.folder name of the data folder, for a second gateway
 */
export async function startPeople(
  stored: StoredLog,
  {
    keys = [FIRST_KEY],
    folder = 'data',
  }: { readonly keys?: readonly string[]; readonly folder?: string } = {},
): Promise<People> {
  const { connection } = stored.fresh;
  const dataFolder = join(stored.folder, folder);
  await mkdir(join(dataFolder, 'secrets'), { recursive: true });
  for (const [index, key] of keys.entries()) {
    const name = index === 0 ? 'credential-key' : `credential-key-${index + 1}`;
    await writeFile(join(dataFolder, 'secrets', name), key);
  }
  const groups = new GroupRepository(connection);
  await groups.save({ _id: 'staff', name: 'Staff', site: 'works' });
  await groups.save({ _id: 'guests', name: 'Guests', site: 'works' });
  const stream = await Stream.open({
    name: folder === 'data' ? 'site' : `site/${folder}`,
    log: stored.log,
    store: stored.store,
    clock: stored.clock,
    shape: SITE_STREAM,
  });
  const troubles: string[] = [];
  const people = await openPeople({
    connection,
    dataFolder,
    site: () => SITE,
    stream,
    cassetteKeys: new KeyAdministration(NO_CASSETTES, new Set()),
    clock: stored.clock,
    onTrouble: (message) => void troubles.push(message),
  });
  return {
    ...people,
    users: new UserRepository(connection),
    credentials: new CredentialRepository(connection),
    troubles,
    dataFolder,
    stop: async () => {
      people.directory.stop();
      people.itemRegistry.stop();
      await stream.close();
    },
  };
}
