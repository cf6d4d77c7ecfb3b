/** The object of one cabinet: its name and schema, how many compartments are free, its methods and compartments. */
import {
  DataType,
  type Namespace,
  StatusCodes,
  type UAObject,
  type UAObjectType,
  type UAVariable,
} from 'node-opcua';
import type { CabinetId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import { CABINET_COMMAND_NAMES } from './cabinet-command-table.ts';
import { addCommandNode } from './commands.ts';
import { CompartmentObject } from './compartment-object.ts';
import { WITH_EVENT_HISTORY } from './history/attributes.ts';
import type { Model } from './model.ts';
import { english, nodeIds } from './names.ts';
import type { CabinetValue, CompartmentValue } from './protocol.ts';

const TYPE = 'CabinetType';

/** Variables of a cabinet, by browse name. */
const VARIABLES = {
  Name: {
    dataType: DataType.String,
    displayName: english('Name'),
    description: 'What people call the cabinet.',
  },
  Schema: {
    dataType: DataType.String,
    displayName: english('Schema'),
    description: 'The schema that decides who gets which compartment, e.g. 2.2.',
  },
  Free: {
    dataType: DataType.UInt32,
    displayName: english('Free compartments'),
    description: 'Compartments whose state is free.',
  },
  Occupied: {
    dataType: DataType.UInt32,
    displayName: english('Occupied compartments'),
    description: 'Compartments that somebody holds, whatever their state.',
  },
  OutOfOrder: {
    dataType: DataType.UInt32,
    displayName: english('Compartments out of order'),
    description: 'Compartments whose state is out-of-order or not-answering.',
  },
} as const;

type VariableName = keyof typeof VARIABLES;
const VARIABLE_NAMES = Object.keys(VARIABLES) as VariableName[];
const COMPARTMENTS = english('Compartments');

/** Adds the type of cabinets. */
export function addCabinetType(namespace: Namespace, compartmentType: UAObjectType): UAObjectType {
  const typeId = nodeIds.type(TYPE);
  const type = namespace.addObjectType({
    browseName: TYPE,
    nodeId: typeId,
    displayName: english('Cabinet'),
    description: 'A locker cabinet with its compartments.',
    subtypeOf: 'BaseObjectType',
  });
  for (const name of VARIABLE_NAMES) {
    namespace.addVariable({
      componentOf: type,
      nodeId: `${typeId}/${name}`,
      browseName: name,
      ...VARIABLES[name],
      accessLevel: 'CurrentRead',
      minimumSamplingInterval: 0,
      modellingRule: 'Mandatory',
    });
  }
  for (const name of CABINET_COMMAND_NAMES) {
    addCommandNode(namespace, type, typeId, name, { modellingRule: 'Mandatory' });
  }
  const compartments = namespace.addObject({
    componentOf: type,
    nodeId: `${typeId}/Compartments`,
    browseName: 'Compartments',
    displayName: COMPARTMENTS,
    typeDefinition: 'FolderType',
    modellingRule: 'Mandatory',
  });
  namespace.addObject({
    componentOf: compartments,
    nodeId: `${typeId}/Compartments/<Compartment>`,
    browseName: '<Compartment>',
    description: 'One object for each compartment, named by its number.',
    typeDefinition: compartmentType.nodeId,
    modellingRule: 'OptionalPlaceholder',
  });
  return type;
}

export class CabinetObject {
  readonly #model: Model;
  readonly #id: CabinetId;
  readonly #node: UAObject;
  readonly #folder: UAObject;
  readonly #variables: Readonly<Record<VariableName, UAVariable>>;
  readonly #compartments = new Map<CompartmentNumber, CompartmentObject>();

  constructor(model: Model, folder: UAObject, value: CabinetValue) {
    const { namespace } = model;
    const nodeId = nodeIds.cabinet(value.id);
    this.#model = model;
    this.#id = value.id;
    this.#node = namespace.addObject({
      organizedBy: folder,
      nodeId,
      browseName: value.id,
      displayName: value.name,
      typeDefinition: model.cabinetType.nodeId,
      ...WITH_EVENT_HISTORY,
    });
    const add = (name: VariableName): UAVariable =>
      namespace.addVariable({
        componentOf: this.#node,
        nodeId: `${nodeId}/${name}`,
        browseName: name,
        ...VARIABLES[name],
        accessLevel: 'CurrentRead',
        minimumSamplingInterval: 0,
      });
    this.#variables = {
      Name: add('Name'),
      Schema: add('Schema'),
      Free: add('Free'),
      Occupied: add('Occupied'),
      OutOfOrder: add('OutOfOrder'),
    };
    model.history.describeEvents(this.#node, nodeId);
    for (const name of CABINET_COMMAND_NAMES) {
      const method = addCommandNode(namespace, this.#node, nodeId, name, model.permissions.command);
      model.commands.bind(method, value.id, name);
    }
    this.#folder = namespace.addObject({
      componentOf: this.#node,
      nodeId: `${nodeId}/Compartments`,
      browseName: 'Compartments',
      displayName: COMPARTMENTS,
      typeDefinition: 'FolderType',
    });
    this.replace(value);
  }

  /** Shows the whole cabinet, which may have got or lost compartments. */
  replace(value: CabinetValue): void {
    const numbers = new Set(value.compartments.map(({ number }) => number));
    for (const [number, compartment] of this.#compartments) {
      if (numbers.has(number)) continue;
      compartment.remove(this.#model.namespace);
      this.#compartments.delete(number);
    }
    const at = value.compartments[0]?.at ?? Date.now();
    this.#set('Name', value.name, at);
    this.#set('Schema', value.schema, at);
    this.show(value.compartments);
  }

  /** Shows changed compartments, and makes those that are new. */
  show(values: readonly CompartmentValue[]): void {
    let at = 0;
    for (const value of values) {
      at = Math.max(at, value.at);
      const compartment = this.#compartments.get(value.number);
      if (compartment) compartment.show(value);
      else {
        this.#compartments.set(
          value.number,
          new CompartmentObject(this.#model, this.#folder, this.#id, value),
        );
      }
    }
    this.#count(at);
  }

  #count(at: Milliseconds): void {
    let free = 0;
    let occupied = 0;
    let outOfOrder = 0;
    for (const { status, taken } of this.#compartments.values()) {
      if (status === 'free') free += 1;
      if (status === 'out-of-order' || status === 'not-answering') outOfOrder += 1;
      if (taken) occupied += 1;
    }
    this.#set('Free', free, at);
    this.#set('Occupied', occupied, at);
    this.#set('OutOfOrder', outOfOrder, at);
  }

  #set(name: VariableName, value: string | number, at: Milliseconds): void {
    const variable = this.#variables[name];
    const { value: shown } = variable.readValue();
    if (shown.dataType !== DataType.Null && shown.value === value) return;
    variable.setValueFromSource(
      { dataType: VARIABLES[name].dataType, value },
      StatusCodes.Good,
      new Date(at),
    );
  }
}
