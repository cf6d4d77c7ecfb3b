/**
 * The object of one compartment. There may be thousands, so its nodes are made the lean way: no instantiation of
 * the type node by node, and one copy of every name and text for all of them.
 */
import {
  DataType,
  type LocalizedText,
  type Namespace,
  QualifiedName,
  StatusCodes,
  type UAObject,
  type UAObjectType,
  type UAVariable,
} from 'node-opcua';
import type { CompartmentStatus } from '../domain/cabinet/state.ts';
import type { CabinetId } from '../domain/site.ts';
import { DOOR_NUMBERS, type Enumerations, STATE_NUMBERS } from './enumerations.ts';
import { HISTORIZED } from './history/attributes.ts';
import type { Model } from './model.ts';
import { english, nodeIds } from './names.ts';
import type { CompartmentValue } from './protocol.ts';

type VariableName = 'State' | 'Door' | 'OccupiedSince' | 'Occupant';

interface VariableText {
  readonly displayName: LocalizedText;
  readonly description: string;
}

const TEXTS: Readonly<Record<VariableName, VariableText>> = {
  State: {
    displayName: english('State'),
    description: 'What the compartment is ready for.',
  },
  Door: {
    displayName: english('Door'),
    description: 'What the sensor of the door says; BadNoCommunication while its lock board does not answer.',
  },
  OccupiedSince: {
    displayName: english('Occupied since'),
    description:
      'Since when the compartment has been taken: held by somebody, with a deposit or an item in it; the null time 1601-01-01 ' +
      'while it is not.',
  },
  Occupant: {
    displayName: english('Occupant'),
    description:
      'Id of the user who holds the compartment; several separated by commas; empty while nobody does. ' +
      'Readable after a log-in only.',
  },
};

const VARIABLES = Object.keys(TEXTS) as VariableName[];

/** What the log tells of the past. */
function isHistorized(name: VariableName): boolean {
  return name === 'State' || name === 'Door';
}

function dataTypeOf(name: VariableName, { compartmentState, doorState }: Enumerations) {
  switch (name) {
    case 'State':
      return compartmentState.nodeId;
    case 'Door':
      return doorState.nodeId;
    case 'OccupiedSince':
      return DataType.DateTime;
    case 'Occupant':
      return DataType.String;
  }
}

/** Adds the type of compartments. */
export function addCompartmentType(namespace: Namespace, enumerations: Enumerations): UAObjectType {
  const type = namespace.addObjectType({
    browseName: 'CompartmentType',
    nodeId: nodeIds.type('CompartmentType'),
    displayName: english('Compartment'),
    description: 'A compartment of a locker cabinet: one door with one lock.',
    subtypeOf: 'BaseObjectType',
  });
  for (const name of VARIABLES) {
    namespace.addVariable({
      componentOf: type,
      nodeId: `${nodeIds.type('CompartmentType')}/${name}`,
      browseName: name,
      displayName: TEXTS[name].displayName,
      description: TEXTS[name].description,
      dataType: dataTypeOf(name, enumerations),
      ...(isHistorized(name) ? HISTORIZED : { accessLevel: 'CurrentRead' }),
      minimumSamplingInterval: 0,
      modellingRule: 'Mandatory',
    });
  }
  return type;
}

export class CompartmentObject {
  readonly #node: UAObject;
  readonly #state: UAVariable;
  readonly #door: UAVariable;
  readonly #occupiedSince: UAVariable;
  readonly #occupant: UAVariable;
  #shown: CompartmentValue | undefined;

  constructor(model: Model, folder: UAObject, cabinet: CabinetId, value: CompartmentValue) {
    const { namespace, permissions, enumerations, compartmentType } = model;
    const nodeId = nodeIds.compartment(cabinet, value.number);
    this.#node = namespace.addObject({
      browseName: String(value.number),
      nodeId,
      componentOf: folder,
      typeDefinition: compartmentType.nodeId,
    });
    const add = (name: VariableName): UAVariable =>
      namespace.addVariable({
        componentOf: this.#node,
        nodeId: `${nodeId}/${name}`,
        browseName: sharedName(namespace, name),
        displayName: TEXTS[name].displayName,
        dataType: dataTypeOf(name, enumerations),
        ...(isHistorized(name) ? HISTORIZED : { accessLevel: 'CurrentRead' }),
        minimumSamplingInterval: 0,
        ...(name === 'Occupant' ? permissions.personal : {}),
      });
    this.#state = add('State');
    this.#door = add('Door');
    for (const variable of [this.#state, this.#door]) model.history.describeValues(variable);
    this.#occupiedSince = add('OccupiedSince');
    this.#occupant = add('Occupant');
    this.show(value);
  }

  get status(): CompartmentStatus | undefined {
    return this.#shown?.status;
  }

  /** Whether the compartment is taken (held, with a deposit or an item in it), whatever its state. */
  get taken(): boolean {
    return this.#shown?.occupiedSince !== undefined;
  }

  /** Writes the values that differ from those shown, with the time of the event that led to them. */
  show(value: CompartmentValue): void {
    const before = this.#shown;
    this.#shown = value;
    const at = new Date(value.at);
    if (before?.status !== value.status) {
      this.#state.setValueFromSource(
        { dataType: DataType.Int32, value: STATE_NUMBERS[value.status] },
        StatusCodes.Good,
        at,
      );
    }
    const answering = value.status !== 'not-answering';
    if (before?.door !== value.door || answering !== (before.status !== 'not-answering')) {
      this.#door.setValueFromSource(
        { dataType: DataType.Int32, value: DOOR_NUMBERS[value.door] },
        answering ? StatusCodes.Good : StatusCodes.BadNoCommunication,
        at,
      );
    }
    if (!before || before.occupiedSince !== value.occupiedSince) {
      const { occupiedSince } = value;
      this.#occupiedSince.setValueFromSource(
        { dataType: DataType.DateTime, value: occupiedSince === undefined ? null : new Date(occupiedSince) },
        StatusCodes.Good,
        at,
      );
    }
    const occupant = value.holders.join(',');
    if (!before || before.holders.join(',') !== occupant) {
      this.#occupant.setValueFromSource({ dataType: DataType.String, value: occupant }, StatusCodes.Good, at);
    }
  }

  /** Takes the nodes out of the address space. */
  remove(namespace: Namespace): void {
    namespace.deleteNode(this.#node);
  }
}

const sharedNames = new WeakMap<Namespace, Map<VariableName, QualifiedName>>();

/** One qualified name for all variables of that name. */
function sharedName(namespace: Namespace, name: VariableName): QualifiedName {
  let names = sharedNames.get(namespace);
  if (!names) {
    names = new Map(
      VARIABLES.map((each) => [each, new QualifiedName({ name: each, namespaceIndex: namespace.index })]),
    );
    sharedNames.set(namespace, names);
  }
  return names.get(name) ?? new QualifiedName({ name, namespaceIndex: namespace.index });
}
