/**
 * Objects of the site, made after their types. The library can do that too, node by node and with numbered node ids; here
 * ids are the path from the object, and what all objects of a type have alike is one object in memory for all of them.
 */
import {
  type BaseNode,
  type Namespace,
  NodeClass,
  type NodeId,
  type QualifiedName,
  type UAMethod,
  type UAObject,
  type UAObjectType,
  type UAVariable,
} from 'node-opcua';
import type { Model } from './model.ts';
import type { NodeAccess } from './security.ts';
import type { Types } from './types.ts';

type Kind = 'object' | 'add-in' | 'variable' | 'property' | 'method';

/** What a type declares for its objects. */
export interface Declaration {
  /** Browse names from the object on, e.g. `Sensors/Lid/Live`. */
  readonly path: string;
  /** Path of what it stands in; empty for the object itself. */
  readonly parent: string;
  readonly kind: Kind;
  readonly node: UAObject | UAVariable | UAMethod;
}

/** What every object of a type has, each part before what stands in it. */
export type Shape = readonly Declaration[];

/** An object of the site with its parts, by path. */
export class Instance {
  readonly node: UAObject;
  readonly #objects: ReadonlyMap<string, UAObject>;
  readonly variables: ReadonlyMap<string, UAVariable>;
  readonly methods: ReadonlyMap<string, UAMethod>;

  constructor(
    node: UAObject,
    objects: ReadonlyMap<string, UAObject>,
    variables: ReadonlyMap<string, UAVariable>,
    methods: ReadonlyMap<string, UAMethod>,
  ) {
    this.node = node;
    this.#objects = objects;
    this.variables = variables;
    this.methods = methods;
  }

  /** One of its variables. @throws where its type declares none at that path */
  variable(path: string): UAVariable {
    return partAt(this.node, this.variables, path);
  }

  /** One of the objects in it. @throws where its type declares none at that path */
  object(path: string): UAObject {
    return partAt(this.node, this.#objects, path);
  }
}

function partAt<Part>({ browseName }: UAObject, parts: ReadonlyMap<string, Part>, path: string): Part {
  const part = parts.get(path);
  if (part === undefined) throw new Error(`${browseName.name} has no ${path}.`);
  return part;
}

export interface InstanceOptions {
  readonly type: UAObjectType;
  readonly shape: Shape;
  /** Without its namespace, e.g. `s=cabinet/A`. */
  readonly nodeId: string;
  /** In the site's namespace, where it names none. */
  readonly browseName: string | { readonly name: string; readonly namespaceIndex: number };
  /** Left out: the browse name. */
  readonly displayName?: string;
  readonly under: { readonly organizedBy: UAObject } | { readonly componentOf: UAObject };
  /** What the object raises (OPC 10000-3, 8.17). */
  readonly eventNotifier?: number;
  /** Who may do what to it, and to each of its parts; left out: as the namespace says. */
  readonly access?: NodeAccess | undefined;
  readonly accessOf?: (declaration: Declaration) => NodeAccess | undefined;
  /** Node ids of parts that have one of their own, by path; undefined: it is made from the path. */
  readonly nodeIdOf?: (path: string) => string | undefined;
}

const SHAPES = new WeakMap<UAObjectType, Map<string, Shape>>();

/**
 * What objects of a type have: everything that is mandatory, in the type or one above it.
 * @param included paths of what is optional and there all the same
 */
export function shapeOf(type: UAObjectType, included: readonly string[] = []): Shape {
  const known = SHAPES.get(type) ?? new Map<string, Shape>();
  SHAPES.set(type, known);
  const key = included.join();
  const shape = known.get(key) ?? declarationsOf(type, new Set(included));
  known.set(key, shape);
  return shape;
}

function declarationsOf(type: UAObjectType, included: ReadonlySet<string>): Declaration[] {
  const declared = new Map<string, Declaration>();
  const take = (node: BaseNode, parent: string): void => {
    for (const child of node.findReferencesExAsObject('Aggregates')) {
      const kind = kindOf(child);
      if (!kind) continue;
      const name = child.browseName.name ?? '';
      const path = parent === '' ? name : `${parent}/${name}`;
      const { modellingRule } = child as UAObject;
      // What a type says of a name counts more than what the types above it do.
      if (declared.has(path) || !(modellingRule === 'Mandatory' || included.has(path))) continue;
      declared.set(path, { path, parent, kind, node: child as Declaration['node'] });
      take(child, path);
    }
  };
  for (let each: UAObjectType | null = type; each; each = each.subtypeOfObj) take(each, '');
  return [...declared.values()];
}

function kindOf(node: BaseNode): Kind | undefined {
  if (node.nodeClass === NodeClass.Object)
    return node.findReferences('HasAddIn', false).length > 0 ? 'add-in' : 'object';
  if (node.nodeClass === NodeClass.Method) return 'method';
  if (node.nodeClass !== NodeClass.Variable) return undefined;
  return node.findReferences('HasProperty', false).length > 0 ? 'property' : 'variable';
}

/** Adds an object with everything that its type asks for. */
export function addInstance(
  { namespace, types }: Pick<Model, 'namespace' | 'types'>,
  options: InstanceOptions,
): Instance {
  const { type, shape, nodeId, browseName, displayName, eventNotifier, access, accessOf, nodeIdOf } = options;
  const node = namespace.addObject({
    ...options.under,
    nodeId,
    browseName,
    displayName: displayName ?? (typeof browseName === 'string' ? browseName : browseName.name),
    description: types.descriptionOf(type),
    typeDefinition: type.nodeId,
    ...(eventNotifier !== undefined && { eventNotifier }),
    ...access,
  });
  const objects = new Map<string, UAObject>([['', node]]);
  const variables = new Map<string, UAVariable>();
  const methods = new Map<string, UAMethod>();
  for (const declaration of shape) {
    const { path, kind } = declaration;
    const parent =
      objects.get(declaration.parent) ?? variables.get(declaration.parent) ?? methods.get(declaration.parent);
    if (!parent) throw new Error(`${path} stands in ${declaration.parent}, which is not there.`);
    const place = {
      namespace,
      types,
      parent,
      nodeId: nodeIdOf?.(path) ?? `${nodeId}/${path}`,
      access: accessOf?.(declaration) ?? access,
    };
    if (kind === 'object' || kind === 'add-in')
      objects.set(path, addObject(place, declaration.node as UAObject, kind));
    else if (kind === 'method') methods.set(path, addMethod(place, declaration.node as UAMethod));
    else variables.set(path, addVariable(place, declaration.node as UAVariable, kind));
  }
  return new Instance(node, objects, variables, methods);
}

interface Place {
  readonly namespace: Namespace;
  readonly types: Types;
  readonly parent: UAObject | UAVariable | UAMethod;
  readonly nodeId: string;
  readonly access: NodeAccess | undefined;
}

function addObject(
  { namespace, types, parent, nodeId, access }: Place,
  declared: UAObject,
  kind: 'object' | 'add-in',
): UAObject {
  return namespace.addObject({
    ...(kind === 'add-in' ? { addInOf: parent } : { componentOf: parent as UAObject }),
    nodeId,
    ...namesOf(types, declared),
    typeDefinition: definitionOf(declared),
    ...access,
  });
}

function addVariable(
  { namespace, types, parent, nodeId, access }: Place,
  declared: UAVariable,
  kind: 'variable' | 'property',
): UAVariable {
  const { valueRank, arrayDimensions, dataType, historizing } = declared;
  const given = declared.readValue().value;
  const constant = CONSTANTS.has(declared.browseName.name ?? '');
  return namespace.addVariable({
    // Of a property the library knows the type.
    ...(kind === 'property'
      ? { propertyOf: parent }
      : { componentOf: parent, typeDefinition: definitionOf(declared) }),
    nodeId,
    ...namesOf(types, declared),
    dataType,
    ...(valueRank >= 0 && { valueRank, arrayDimensions: arrayDimensions ?? [0] }),
    accessLevel: historizing ? 'CurrentRead | HistoryRead' : 'CurrentRead',
    historizing,
    minimumSamplingInterval: 0,
    ...(constant && { value: given }),
    ...access,
  });
}

/** Properties whose value the type gives for all of its objects. */
const CONSTANTS: ReadonlySet<string> = new Set([
  'EngineeringUnits',
  'EURange',
  'InputArguments',
  'OutputArguments',
]);

function addMethod({ namespace, types, parent, nodeId, access }: Place, declared: UAMethod): UAMethod {
  const { browseName, displayName, description } = namesOf(types, declared);
  const method = namespace.addMethod(parent as UAObject, { nodeId, browseName, description });
  method.setDisplayName(displayName);
  // The library passes over one of the two as an option.
  if (access) method.setRolePermissions(access.rolePermissions);
  if (access) method.setAccessRestrictions(access.accessRestrictions);
  return method;
}

/** The names of what is declared, the very objects. */
function namesOf(
  types: Types,
  declared: BaseNode,
): {
  browseName: QualifiedName;
  displayName: BaseNode['displayName'];
  description: BaseNode['description'];
} {
  const { browseName, displayName } = declared;
  return { browseName, displayName, description: types.descriptionOf(declared) };
}

function definitionOf(declared: UAObject | UAVariable): NodeId {
  const definition = declared.typeDefinition;
  if (!definition) throw new Error(`${declared.nodeId.toString()} has no type.`);
  return definition;
}
