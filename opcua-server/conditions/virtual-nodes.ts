/**
 * What a client finds out about a condition that it takes for a node: its type, its methods, its names. Clients look for the id of
 * a method before they call it; all of them are those of the types.
 */
import {
  AttributeIds,
  type BrowseDescriptionOptions,
  BrowseDirection,
  type BrowsePath,
  BrowsePathResult,
  BrowseResult,
  coerceExpandedNodeId,
  DataType,
  DataValue,
  type ISessionContext,
  LocalizedText,
  makeNodeId,
  NodeClass,
  type NodeId,
  ObjectTypeIds,
  type OPCUAServer,
  QualifiedName,
  type ReadValueIdOptions,
  ReferenceTypeIds,
  resolveNodeId,
  type ServerSession,
  StatusCodes,
  type VariantOptions,
} from 'node-opcua';
import type { AlarmView } from '../../gateway/api.ts';
import { type PrincipalOf, watcherOf } from '../events/watcher.ts';
import type { AlarmSources } from './alarm-sources.ts';
import type { ConditionBook } from './condition-book.ts';
import { conditionPath, shelvingOwner } from './condition-id.ts';
import { CONDITION_METHODS, GET_GROUP_MEMBERSHIPS } from './method-table.ts';

type Accessor = NonNullable<OPCUAServer['engine']['addressSpaceAccessor']>;
type Browsed = Awaited<ReturnType<Accessor['browse']>>;

type References = NonNullable<NonNullable<ConstructorParameters<typeof BrowseResult>[0]>['references']>;

/** What is to be read of a node. */
type NodeAttribute = Pick<ReadValueIdOptions, 'nodeId' | 'attributeId'>;

/** Something of a condition that is shown as a node. */
interface VirtualNode {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly namespace: number;
  readonly type: NodeId;
  readonly methods: readonly { readonly name: string; readonly id: number }[];
}

const OF_CONDITION = [...CONDITION_METHODS.filter(({ ofShelving }) => !ofShelving), GET_GROUP_MEMBERSHIPS];
const OF_SHELVING = CONDITION_METHODS.filter(({ ofShelving }) => ofShelving);
const SHELVING_STATE = 'ShelvingState';

export class VirtualNodes {
  readonly #book: ConditionBook;
  readonly #sources: AlarmSources;
  readonly #principalOf: PrincipalOf;

  constructor(book: ConditionBook, sources: AlarmSources, principalOf: PrincipalOf) {
    this.#book = book;
    this.#sources = sources;
    this.#principalOf = principalOf;
  }

  /** Puts the references of conditions in the place of the library's answer that there is no such node. */
  browsed(context: ISessionContext, nodes: readonly BrowseDescriptionOptions[], results: Browsed): Browsed {
    return results.map((result, index) => {
      const asked = nodes[index];
      const node = asked?.nodeId ? this.#find(context, resolveNodeId(asked.nodeId)) : undefined;
      return node && asked
        ? new BrowseResult({ statusCode: StatusCodes.Good, references: referencesOf(node, asked) })
        : result;
    });
  }

  /** Puts the attributes of conditions in the place of the library's answer that there is no such node. */
  read(context: ISessionContext, asks: readonly NodeAttribute[], results: DataValue[]): DataValue[] {
    return results.map((result, index) => {
      const { nodeId, attributeId = AttributeIds.Value } = asks[index] ?? {};
      const node = nodeId ? this.#find(context, resolveNodeId(nodeId)) : undefined;
      return node ? attributeOf(node, attributeId) : result;
    });
  }

  /**
   * The way from a condition to a method. It is the same whether there is such an alarm or not, so that nobody learns of
   * alarms by asking. Undefined for every other node.
   */
  translated({ startingNode, relativePath }: BrowsePath): BrowsePathResult | undefined {
    const path = conditionPath(startingNode, this.#sources.namespaceIndex);
    if (path === undefined) return undefined;
    const names = (relativePath.elements ?? []).map(({ targetName }) =>
      targetName.namespaceIndex === 0 ? (targetName.name ?? '') : '',
    );
    const onShelving = shelvingOwner(path) !== undefined;
    if (names[0] === SHELVING_STATE && !onShelving) {
      if (names.length === 1)
        return targetOf(`ns=${startingNode.namespace};s=alarm/${path}/${SHELVING_STATE}`);
      names.shift();
    }
    const [name, deeper] = names;
    const method =
      CONDITION_METHODS.find((each) => each.name === name) ??
      (name === GET_GROUP_MEMBERSHIPS.name ? GET_GROUP_MEMBERSHIPS : undefined);
    if (!method || deeper !== undefined) return new BrowsePathResult({ statusCode: StatusCodes.BadNoMatch });
    return targetOf(`i=${method.id}`);
  }

  #find(context: ISessionContext, nodeId: NodeId): VirtualNode | undefined {
    const path = conditionPath(nodeId, this.#sources.namespaceIndex);
    const session = context.session as ServerSession | undefined;
    if (path === undefined || !session) return undefined;
    const watcher = watcherOf(session, this.#principalOf);
    const alarm = this.#book.seenBy(watcher, path);
    if (alarm) return this.#condition(nodeId, alarm);
    const owner = shelvingOwner(path);
    if (owner === undefined || !this.#book.seenBy(watcher, owner)) return undefined;
    const type = makeNodeId(ObjectTypeIds.ShelvedStateMachineType);
    return { nodeId, name: SHELVING_STATE, namespace: 0, type, methods: OF_SHELVING };
  }

  #condition(nodeId: NodeId, { id, source }: AlarmView): VirtualNode {
    const type = this.#sources.typeOf(source).nodeId;
    return { nodeId, name: id, namespace: nodeId.namespace, type, methods: OF_CONDITION };
  }
}

function targetOf(nodeId: string): BrowsePathResult {
  return new BrowsePathResult({
    statusCode: StatusCodes.Good,
    targets: [{ targetId: coerceExpandedNodeId(nodeId), remainingPathIndex: 0xffff_ffff }],
  });
}

const HIERARCHICAL: ReadonlySet<number> = new Set([
  ReferenceTypeIds.References,
  ReferenceTypeIds.HierarchicalReferences,
  ReferenceTypeIds.HasChild,
  ReferenceTypeIds.Aggregates,
  ReferenceTypeIds.HasComponent,
]);
const TYPING: ReadonlySet<number> = new Set([
  ReferenceTypeIds.References,
  ReferenceTypeIds.NonHierarchicalReferences,
  ReferenceTypeIds.HasTypeDefinition,
]);

function referencesOf(
  { type, methods }: VirtualNode,
  { referenceTypeId, browseDirection, nodeClassMask = 0 }: BrowseDescriptionOptions,
): References {
  if (browseDirection === BrowseDirection.Inverse) return [];
  const asked = referenceTypeId ? resolveNodeId(referenceTypeId) : undefined;
  const wants = (references: ReadonlySet<number>, nodeClass: NodeClass): boolean =>
    (!asked || asked.isEmpty() || (asked.namespace === 0 && references.has(Number(asked.value)))) &&
    (nodeClassMask === 0 || (nodeClassMask & nodeClass) !== 0);
  return [
    ...(wants(TYPING, NodeClass.ObjectType)
      ? [
          {
            referenceTypeId: makeNodeId(ReferenceTypeIds.HasTypeDefinition),
            isForward: true,
            nodeId: coerceExpandedNodeId(type.toString()),
            nodeClass: NodeClass.ObjectType,
          },
        ]
      : []),
    ...(wants(HIERARCHICAL, NodeClass.Method)
      ? methods.map(({ name, id }) => ({
          referenceTypeId: makeNodeId(ReferenceTypeIds.HasComponent),
          isForward: true,
          nodeId: coerceExpandedNodeId(`i=${id}`),
          browseName: new QualifiedName({ name }),
          displayName: new LocalizedText({ text: name }),
          nodeClass: NodeClass.Method,
        }))
      : []),
  ];
}

function attributeOf(node: VirtualNode, attribute: AttributeIds): DataValue {
  const value = ATTRIBUTES[attribute]?.(node);
  return new DataValue(
    value ? { statusCode: StatusCodes.Good, value } : { statusCode: StatusCodes.BadAttributeIdInvalid },
  );
}

const ATTRIBUTES: Readonly<Partial<Record<AttributeIds, (node: VirtualNode) => VariantOptions>>> = {
  [AttributeIds.NodeId]: ({ nodeId }) => ({ dataType: DataType.NodeId, value: nodeId }),
  [AttributeIds.NodeClass]: () => ({ dataType: DataType.Int32, value: NodeClass.Object }),
  [AttributeIds.BrowseName]: ({ name, namespace }) => ({
    dataType: DataType.QualifiedName,
    value: new QualifiedName({ name, namespaceIndex: namespace }),
  }),
  [AttributeIds.DisplayName]: ({ name }) => ({
    dataType: DataType.LocalizedText,
    value: new LocalizedText({ text: name }),
  }),
  [AttributeIds.WriteMask]: () => ({ dataType: DataType.UInt32, value: 0 }),
  [AttributeIds.UserWriteMask]: () => ({ dataType: DataType.UInt32, value: 0 }),
  [AttributeIds.EventNotifier]: () => ({ dataType: DataType.Byte, value: 0 }),
};
