/** What clients are told of the two namespaces of Sezam, under Server/Namespaces (OPC 10000-5, 6.3.13). */
import {
  DataType,
  type Namespace,
  RolePermissionType,
  type UAObject,
  type UAObjectType,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import { MODEL } from './design/model.ts';
import { addInstance, shapeOf } from './instances.ts';
import type { Model } from './model.ts';

/** IdType of OPC 10000-3, 8.2.3: strings. */
const STRINGS = 1;
/** Optional properties that are there: what holds for nodes that say nothing else of themselves. */
const DEFAULTS = ['DefaultRolePermissions', 'DefaultAccessRestrictions'];

/** Describes the namespace of the types, which is the same on every Sezam, and that of the site, which is like no other. */
export function describeNamespaces(model: Pick<Model, 'addressSpace' | 'namespace' | 'types'>): void {
  const { namespace, types } = model;
  describe(model, 's=namespace/types', types.namespace, {
    NamespaceVersion: string(MODEL.version),
    NamespacePublicationDate: { dataType: DataType.DateTime, value: MODEL.published },
    StaticNodeIdTypes: array(DataType.Int32, Int32Array.of(STRINGS)),
    StaticStringNodeIdPattern: string('type/%'),
  });
  describe(model, 's=namespace/site', namespace, {
    NamespaceVersion: string(null),
    NamespacePublicationDate: { dataType: DataType.DateTime, value: null },
    StaticNodeIdTypes: array(DataType.Int32, new Int32Array()),
    StaticStringNodeIdPattern: string(null),
  });
}

function describe(
  model: Pick<Model, 'addressSpace' | 'namespace' | 'types'>,
  nodeId: string,
  described: Namespace,
  particular: Readonly<Record<string, VariantOptions>>,
): void {
  const { addressSpace } = model;
  const type = addressSpace.findObjectType('NamespaceMetadataType') as UAObjectType;
  const { variables } = addInstance(model, {
    type,
    shape: shapeOf(type, DEFAULTS),
    under: { componentOf: addressSpace.rootFolder.objects.server.getChildByName('Namespaces') as UAObject },
    nodeId,
    browseName: { name: described.namespaceUri, namespaceIndex: described.index },
    displayName: described.namespaceUri,
  });
  const values: Readonly<Record<string, VariantOptions>> = {
    NamespaceUri: string(described.namespaceUri),
    IsNamespaceSubset: { dataType: DataType.Boolean, value: false },
    StaticNumericNodeIdRange: array(DataType.String, []),
    DefaultRolePermissions: array(
      DataType.ExtensionObject,
      (described.getDefaultRolePermissions() ?? []).map((each) => new RolePermissionType(each)),
    ),
    DefaultAccessRestrictions: { dataType: DataType.UInt16, value: described.getDefaultAccessRestrictions() },
    ...particular,
  };
  for (const [name, value] of Object.entries(values)) variables.get(name)?.setValueFromSource(value);
}

function string(value: string | null): VariantOptions {
  return { dataType: DataType.String, value };
}

function array(dataType: DataType, value: unknown): VariantOptions {
  return { dataType, arrayType: VariantArrayType.Array, value };
}
