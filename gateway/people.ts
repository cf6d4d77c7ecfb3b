import type { Connection } from 'mongoose';
import { pinBounds } from '../config/cabinet-setting.ts';
import type { SiteFile } from '../config/site.ts';
import { CredentialRepository } from '../models/credentials.ts';
import { GroupRepository } from '../models/groups.ts';
import { ItemRepository } from '../models/items.ts';
import { KeyringRepository } from '../models/keyrings.ts';
import { PanelTokenRepository } from '../models/panel-tokens.ts';
import { PhoneAccessRepository } from '../models/phone-accesses.ts';
import { RightRepository } from '../models/rights.ts';
import { UserRepository } from '../models/users.ts';
import { placesOf } from './administration/places.ts';
import type { SiteEvent, SiteState } from './administration/site-events.ts';
import { Administration } from './administration.ts';
import type { KeyAdministration } from './cassettes/key-administration.ts';
import { Directory } from './directory.ts';
import { ItemRegistry } from './item-registry.ts';
import { KeyRotation, openKeyring } from './key-rotation.ts';
import type { Keyring } from './keyring.ts';
import { Logins } from './logins.ts';
import { PhoneAccesses } from './phone-access.ts';
import type { Clock } from './ports.ts';
import type { Stream } from './stream.ts';

/** What is known of people and items, and what administers it. */
export interface People {
  readonly ring: Keyring;
  readonly directory: Directory;
  readonly logins: Logins;
  readonly administration: Administration;
  readonly itemRegistry: ItemRegistry;
}

/**
 * Opens everything about people: the keys, the directory, logins and the administration. What a crash broke off is
 * finished. Whoever calls stops the directory and the registry of items.
 *
 * @throws SecretError where the keys of the data folder are not those of the database
 */
export async function openPeople(options: {
  readonly connection: Connection;
  readonly dataFolder: string;
  /** What the site file says at the moment. */
  readonly site: () => Pick<SiteFile, 'site' | 'pins' | 'cabinets' | 'readers' | 'panels'>;
  /** The stream of what is administered here. */
  readonly stream: Stream<SiteState, SiteEvent>;
  readonly cassetteKeys: KeyAdministration;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}): Promise<People> {
  const { connection, dataFolder, site, stream, cassetteKeys, clock, onTrouble } = options;
  const users = new UserRepository(connection);
  const credentials = new CredentialRepository(connection);
  const rights = new RightRepository(connection);
  const items = new ItemRepository(connection);
  const accesses = new PhoneAccessRepository(connection);
  const tokens = new PanelTokenRepository(connection);
  for (const repository of [users, credentials, rights, items, accesses, tokens]) await repository.prepare();

  const keys = { dataFolder, credentials, keyrings: new KeyringRepository(connection) };
  const ring = await openKeyring(keys);
  const rotation = new KeyRotation(keys, ring);
  const phoneAccesses = new PhoneAccesses(accesses, ring, clock);
  const logins = new Logins({ users, credentials, ring, clock });
  const directory = new Directory({
    users,
    credentials,
    rights,
    ring,
    rotation,
    phoneAccesses,
    clock,
    onTrouble,
  });
  const itemRegistry = new ItemRegistry({ items, clock });
  const administration = new Administration({
    users,
    credentials,
    rights,
    groups: new GroupRepository(connection),
    items,
    tokens,
    itemRegistry,
    directory,
    logins,
    phoneAccesses,
    ring,
    rotation,
    stream,
    cassetteKeys,
    clock,
    get pins() {
      return pinBounds(site());
    },
    get places() {
      return placesOf(site());
    },
    site: site().site.id,
    timeZone: site().site.timeZone,
  });
  await administration.recover();
  await directory.start();
  await itemRegistry.start();
  return { ring, directory, logins, administration, itemRegistry };
}
