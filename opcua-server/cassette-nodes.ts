/** The types of cassettes, and the nodes that types and cassettes have alike. */
import {
  DataType,
  type Namespace,
  Range,
  type UAObject,
  type UAObjectType,
  type UAVariable,
} from 'node-opcua';
import { CASSETTE_COMMAND_NAMES } from './cassette-command-table.ts';
import { addCassetteCommandNode } from './cassette-commands.ts';
import { CASSETTE_NUMBERS, type CassetteEnumerations } from './cassette-enumerations.ts';
import { type CassetteGroup, GROUPS } from './cassette-groups.ts';
import type { CassetteVariable, Unit } from './cassette-variable.ts';
import { CASSETTE_VARIABLES } from './cassette-variables.ts';
import { HISTORIZED } from './history/attributes.ts';
import { isInHistory } from './history/cassette-timeline.ts';
import { english, nodeIds } from './names.ts';
import type { NodeAccess } from './security.ts';

/** Types of cassettes, and of the parts of a cassette that have one. */
export interface CassetteTypes {
  readonly enumerations: CassetteEnumerations;
  readonly cassetteType: UAObjectType;
  readonly CassetteSensorType: UAObjectType;
  readonly BanknoteNeutralizationType: UAObjectType;
}

type PartTypes = Pick<CassetteTypes, 'CassetteSensorType' | 'BanknoteNeutralizationType'>;

const TYPE = 'CassetteType';

/** Where nodes are added: to a type, as declarations, or to a cassette. */
interface Place {
  readonly namespace: Namespace;
  readonly root: UAObject | UAObjectType;
  readonly rootId: string;
  /** Left out for types, which declare and show nothing. */
  readonly access?: NodeAccess;
}

/** Adds the types of cassettes. */
export function addCassetteTypes(namespace: Namespace, enumerations: CassetteEnumerations): CassetteTypes {
  const partTypes = {
    CassetteSensorType: addPartType(namespace, enumerations, {
      name: 'CassetteSensorType',
      displayName: 'Sensor of a cassette',
      description: 'A sensor that can detect an attack on a cassette.',
      example: 'Sensors/Lid',
    }),
    BanknoteNeutralizationType: addPartType(namespace, enumerations, {
      name: 'BanknoteNeutralizationType',
      displayName: 'Banknote neutralization',
      description: 'A cassette in the words of XFS4IoT BanknoteNeutralization.',
      example: 'BanknoteNeutralization',
    }),
  };
  const rootId = nodeIds.type(TYPE);
  const root = namespace.addObjectType({
    browseName: TYPE,
    nodeId: rootId,
    displayName: english('Cassette'),
    description: 'A cash drawer of a machine (ATM) whose notes are stained when it is attacked.',
    subtypeOf: 'BaseObjectType',
  });
  addCassetteNodes({ namespace, root, rootId }, enumerations, partTypes);
  for (const name of CASSETTE_COMMAND_NAMES) {
    addCassetteCommandNode(namespace, root, rootId, name, { modellingRule: 'Mandatory' });
  }
  return { enumerations, cassetteType: root, ...partTypes };
}

/** Declares in a type of its own what one part of a cassette has. */
function addPartType(
  namespace: Namespace,
  enumerations: CassetteEnumerations,
  about: { name: string; displayName: string; description: string; example: string },
): UAObjectType {
  const rootId = nodeIds.type(about.name);
  const root = namespace.addObjectType({
    browseName: about.name,
    nodeId: rootId,
    displayName: english(about.displayName),
    description: about.description,
    subtypeOf: 'BaseObjectType',
  });
  const inside = `${about.example}/`;
  const below = <Node extends { readonly path: string }>(nodes: readonly Node[]): Node[] =>
    nodes
      .filter(({ path }) => path.startsWith(inside))
      .map((node) => ({ ...node, path: node.path.slice(inside.length) }));
  addNodes({ namespace, root, rootId }, enumerations, below(GROUPS), below(CASSETTE_VARIABLES), undefined);
  return root;
}

/**
 * Adds everything that a cassette has but its methods.
 * @returns its variables by path
 */
export function addCassetteNodes(
  place: Place,
  enumerations: CassetteEnumerations,
  types: PartTypes,
): Map<string, UAVariable> {
  return addNodes(place, enumerations, GROUPS, CASSETTE_VARIABLES, types);
}

function addNodes(
  place: Place,
  enumerations: CassetteEnumerations,
  groups: readonly CassetteGroup[],
  variables: readonly CassetteVariable[],
  types: PartTypes | undefined,
): Map<string, UAVariable> {
  const parents = new Map<string, UAObject>();
  const parentOf = (path: string): UAObject | UAObjectType =>
    parents.get(path.slice(0, Math.max(0, path.lastIndexOf('/')))) ?? place.root;
  for (const group of groups) {
    parents.set(group.path, addGroup(place, parentOf(group.path), group, types));
  }
  const added = new Map<string, UAVariable>();
  for (const variable of variables) {
    added.set(variable.path, addVariable(place, parentOf(variable.path), variable, enumerations));
  }
  return added;
}

function addGroup(
  { namespace, rootId, access }: Place,
  parent: UAObject | UAObjectType,
  { path, name, description, type }: CassetteGroup,
  types: PartTypes | undefined,
): UAObject {
  const own =
    type === 'CassetteSensorType' || type === 'BanknoteNeutralizationType' ? types?.[type] : undefined;
  return namespace.addObject({
    componentOf: parent,
    nodeId: `${rootId}/${path}`,
    browseName: lastOf(path),
    displayName: english(name),
    typeDefinition: own?.nodeId ?? type,
    ...(access ?? { description, modellingRule: 'Mandatory' }),
  });
}

function addVariable(
  { namespace, rootId, access }: Place,
  parent: UAObject | UAObjectType,
  { path, name, description, type, array, unit }: CassetteVariable,
  enumerations: CassetteEnumerations,
): UAVariable {
  const nodeId = `${rootId}/${path}`;
  const kind = access ?? { modellingRule: 'Mandatory' as const };
  const variable = namespace.addVariable({
    componentOf: parent,
    nodeId,
    browseName: lastOf(path),
    displayName: english(name),
    dataType: isEnumeration(type) ? enumerations[type].nodeId : type,
    ...(array && { valueRank: 1, arrayDimensions: [0] }),
    ...(unit && { typeDefinition: 'AnalogUnitRangeType' }),
    ...(isInHistory(path) ? HISTORIZED : { accessLevel: 'CurrentRead' }),
    minimumSamplingInterval: 0,
    ...(access ? {} : { description }),
    ...kind,
  });
  if (unit) addUnit(namespace, variable, nodeId, unit, kind);
  return variable;
}

function addUnit(
  namespace: Namespace,
  variable: UAVariable,
  nodeId: string,
  { information, low, high }: Unit,
  kind: NodeAccess | { readonly modellingRule: 'Mandatory' },
): void {
  const properties = [
    { name: 'EngineeringUnits', dataType: 'EUInformation', value: information },
    { name: 'EURange', dataType: 'Range', value: new Range({ low, high }) },
  ];
  for (const { name, dataType, value } of properties) {
    namespace.addVariable({
      propertyOf: variable,
      nodeId: `${nodeId}/${name}`,
      browseName: { name, namespaceIndex: 0 },
      dataType,
      accessLevel: 'CurrentRead',
      minimumSamplingInterval: 0,
      value: { dataType: DataType.ExtensionObject, value },
      ...kind,
    });
  }
}

export function isEnumeration(type: CassetteVariable['type']): type is keyof typeof CASSETTE_NUMBERS {
  return typeof type === 'string' && Object.hasOwn(CASSETTE_NUMBERS, type);
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
