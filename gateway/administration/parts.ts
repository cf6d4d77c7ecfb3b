import type { CabinetId, PinBounds } from '../../domain/site.ts';
import type { CredentialRepository } from '../../models/credentials.ts';
import type { GroupRepository } from '../../models/groups.ts';
import type { ItemRepository } from '../../models/items.ts';
import type { PanelTokenRepository } from '../../models/panel-tokens.ts';
import type { RightRepository } from '../../models/rights.ts';
import type { UserRepository } from '../../models/users.ts';
import type { KeyAdministration } from '../cassettes/key-administration.ts';
import type { Directory } from '../directory.ts';
import type { ItemRegistry } from '../item-registry.ts';
import type { KeyRotation } from '../key-rotation.ts';
import type { Keyring } from '../keyring.ts';
import type { Logins } from '../logins.ts';
import type { PhoneAccesses } from '../phone-access.ts';
import type { Clock } from '../ports.ts';
import type { Stream } from '../stream.ts';
import type { CabinetPlaces } from './places.ts';
import type { SiteEvent, SiteState } from './site-events.ts';

/** Everything that the administration works with. */
export interface AdministrationParts {
  readonly users: UserRepository;
  readonly credentials: CredentialRepository;
  readonly rights: RightRepository;
  readonly groups: GroupRepository;
  readonly items: ItemRepository;
  readonly tokens: PanelTokenRepository;
  readonly itemRegistry: ItemRegistry;
  readonly directory: Directory;
  readonly logins: Logins;
  readonly phoneAccesses: PhoneAccesses;
  readonly ring: Keyring;
  readonly rotation: KeyRotation;
  readonly stream: Stream<SiteState, SiteEvent>;
  readonly cassetteKeys: KeyAdministration;
  readonly clock: Clock;
  /** Bounds of the PINs of users, at the moment. */
  readonly pins: PinBounds;
  /** What the cabinets of this gateway have at the moment that rights can name. */
  readonly places: ReadonlyMap<CabinetId, CabinetPlaces>;
  /** Id of the site. */
  readonly site: string;
  /** IANA name; days in an import are meant in it. */
  readonly timeZone: string;
}
