import type { Actor } from '../../../domain/event.ts';
import { Administration, type SiteEvent } from '../../../gateway/administration.ts';
import { Directory } from '../../../gateway/directory.ts';
import { Logins } from '../../../gateway/logins.ts';
import { Stream } from '../../../gateway/stream.ts';
import { CredentialRepository } from '../../../models/credentials.ts';
import { GroupRepository } from '../../../models/groups.ts';
import { ItemRepository } from '../../../models/items.ts';
import { UserRepository } from '../../../models/users.ts';
import type { StoredLog } from './stored-log.ts';

export const ADMINISTRATOR: Actor = { kind: 'administrator', id: 'user-admin' };

/** The people of a site as one gateway has them. */
export interface People {
  readonly users: UserRepository;
  readonly credentials: CredentialRepository;
  readonly directory: Directory;
  readonly logins: Logins;
  readonly administration: Administration;
  stop(): Promise<void>;
}

/** Composes everything about people over a stored log; gateways of one site have the same key. */
export async function startPeople(stored: StoredLog, key = 'ab'.repeat(32)): Promise<People> {
  const { connection } = stored.fresh;
  const { clock } = stored;
  const users = new UserRepository(connection);
  const credentials = new CredentialRepository(connection);
  const groups = new GroupRepository(connection);
  const items = new ItemRepository(connection);
  await Promise.all([users, credentials, items].map((repository) => repository.prepare()));
  await groups.save({ _id: 'staff', name: 'Staff', site: 'works' });
  const stream = await Stream.open<null, SiteEvent>({
    name: 'site',
    log: stored.log,
    store: stored.store,
    clock,
    shape: { initial: null, evolve: () => null, toSnapshot: () => ({}), fromSnapshot: () => null },
  });
  const directory = new Directory({ users, credentials, key, clock });
  await directory.start();
  const logins = new Logins(users, credentials);
  const administration = new Administration({
    users,
    credentials,
    groups,
    items,
    directory,
    logins,
    stream,
    clock,
  });
  return {
    users,
    credentials,
    directory,
    logins,
    administration,
    stop: async () => {
      directory.stop();
      await stream.close();
    },
  };
}
