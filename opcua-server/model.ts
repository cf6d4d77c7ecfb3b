/** What the objects of the site share: the namespace they stand in, their types and permissions, and who carries out commands. */
import type { AddressSpace, Namespace } from 'node-opcua';
import type { CassetteCommands } from './cassette-commands.ts';
import type { Commands } from './commands.ts';
import { addHistoryConfiguration, type HistoryConfiguration } from './history/configuration.ts';
import { ModelChanges } from './model-changes.ts';
import { describeNamespaces } from './namespaces.ts';
import type { SitePermissions } from './security.ts';
import { Types } from './types.ts';

export interface Model {
  readonly addressSpace: AddressSpace;
  /** The server's own, of index 1: everything that is of this site alone. */
  readonly namespace: Namespace;
  readonly permissions: SitePermissions;
  readonly commands: Commands;
  readonly cassetteCommands: CassetteCommands;
  readonly types: Types;
  readonly history: HistoryConfiguration;
  readonly changes: ModelChanges;
}

/** Prepares an address space that has loaded `NODESETS` for the objects of the site. */
export function addModel(
  addressSpace: AddressSpace,
  permissions: SitePermissions,
  commands: Commands,
  cassetteCommands: CassetteCommands,
): Model {
  const namespace = addressSpace.getOwnNamespace();
  const types = Types.in(addressSpace);
  for (const each of [namespace, types.namespace]) each.setDefaultRolePermissions(permissions.common);
  describeNamespaces({ addressSpace, namespace, types });
  return {
    addressSpace,
    namespace,
    permissions,
    commands,
    cassetteCommands,
    types,
    history: addHistoryConfiguration(namespace, types),
    changes: new ModelChanges(namespace, addressSpace.rootFolder.objects.server),
  };
}
