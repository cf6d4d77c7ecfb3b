/** What the objects of the site share: the namespace, its types and permissions, and the clock of values. */
import {
  type AddressSpace,
  DataType,
  type Namespace,
  setNamespaceMetaData,
  type UANamespaceMetadata,
  type UAObjectType,
} from 'node-opcua';
import { addCabinetType } from './cabinet-object.ts';
import type { CassetteCommands } from './cassette-commands.ts';
import { addCassetteEnumerations } from './cassette-enumerations.ts';
import { addCassettesToSiteType } from './cassette-folder.ts';
import { addCassetteTypes, type CassetteTypes } from './cassette-nodes.ts';
import type { Commands } from './commands.ts';
import { addCompartmentType } from './compartment-object.ts';
import { addEnumerations, type Enumerations } from './enumerations.ts';
import { addHistoryConfiguration, type HistoryConfiguration } from './history/configuration.ts';
import { addEventTypes, type EventTypes } from './history/event-types.ts';
import { NAMESPACE_PUBLISHED, NAMESPACE_URI, NAMESPACE_VERSION } from './names.ts';
import type { SitePermissions } from './security.ts';
import { addSiteType } from './site-object.ts';

export interface Model {
  readonly addressSpace: AddressSpace;
  readonly namespace: Namespace;
  readonly permissions: SitePermissions;
  readonly commands: Commands;
  readonly cassetteCommands: CassetteCommands;
  readonly enumerations: Enumerations;
  readonly compartmentType: UAObjectType;
  readonly cabinetType: UAObjectType;
  readonly siteType: UAObjectType;
  readonly cassettes: CassetteTypes;
  readonly events: EventTypes;
  readonly history: HistoryConfiguration;
}

/**
 * Adds the namespace of lockers and cassettes with its types. The order of calls is part of the interface: nodes without a
 * name of their own are numbered in it.
 */
export function addModel(
  addressSpace: AddressSpace,
  permissions: SitePermissions,
  commands: Commands,
  cassetteCommands: CassetteCommands,
): Model {
  const namespace = addressSpace.registerNamespace(NAMESPACE_URI);
  namespace.version = NAMESPACE_VERSION;
  namespace.publicationDate = NAMESPACE_PUBLISHED;
  namespace.setDefaultRolePermissions(permissions.common);
  const enumerations = addEnumerations(namespace);
  const compartmentType = addCompartmentType(namespace, enumerations);
  const cabinetType = addCabinetType(namespace, compartmentType);
  const siteType = addSiteType(namespace, cabinetType);
  const cassettes = addCassetteTypes(namespace, addCassetteEnumerations(namespace));
  addCassettesToSiteType(namespace, siteType, cassettes.cassetteType);
  const events = addEventTypes(namespace);
  const history = addHistoryConfiguration(namespace, events);
  describe(namespace);
  return {
    addressSpace,
    namespace,
    permissions,
    commands,
    cassetteCommands,
    enumerations,
    compartmentType,
    cabinetType,
    siteType,
    cassettes,
    events,
    history,
  };
}

/** Tells clients the version of the namespace, under Server/Namespaces. */
function describe(namespace: Namespace): void {
  setNamespaceMetaData(namespace);
  const metadata = namespace.addressSpace.rootFolder.objects.server
    .getChildByName('Namespaces')
    ?.getChildByName(namespace.namespaceUri) as UANamespaceMetadata | null | undefined;
  metadata?.namespaceVersion.setValueFromSource({ dataType: DataType.String, value: NAMESPACE_VERSION });
  metadata?.namespacePublicationDate.setValueFromSource({
    dataType: DataType.DateTime,
    value: NAMESPACE_PUBLISHED,
  });
}
