/** How far the opening of every compartment is, as each cabinet shows it: `OpenAllProgress`. */
import {
  DataType,
  getMinOPCUADate,
  StatusCodes,
  type UAObject,
  type UAVariable,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import type { CabinetId } from '../domain/site.ts';
import { OPEN_ALL_PROGRESS } from './cabinet-command-table.ts';
import type { AllOpeningValue } from './protocol.ts';

type VariableName =
  | 'Running'
  | 'Compartments'
  | 'Opened'
  | 'Failed'
  | 'FailedCompartments'
  | 'FailureCodes'
  | 'StartTime'
  | 'EndTime';

/** The progress of every cabinet. */
export class OpenAllProgress {
  readonly #shown = new Map<CabinetId, ReadonlyMap<VariableName, UAVariable>>();
  /** What is told before there are nodes to show it. */
  readonly #told = new Map<CabinetId, AllOpeningValue>();

  /** Shows the progress of a cabinet at its object. */
  attach(object: UAObject, cabinet: CabinetId): void {
    const { addressSpace, nodeId } = object;
    const namespace = addressSpace.getNamespace(nodeId.namespace);
    const variables = new Map<VariableName, UAVariable>();
    for (const { browse } of OPEN_ALL_PROGRESS.members) {
      const variable = namespace.findNode(`s=${String(nodeId.value)}/${OPEN_ALL_PROGRESS.browse}/${browse}`);
      if (variable) variables.set(browse as VariableName, variable as UAVariable);
    }
    this.#shown.set(cabinet, variables);
    this.#set(variables, this.#told.get(cabinet));
  }

  /** Shows how far it is now. */
  show(value: AllOpeningValue): void {
    this.#told.set(value.cabinet, value);
    const variables = this.#shown.get(value.cabinet);
    if (variables) this.#set(variables, value);
  }

  #set(variables: ReadonlyMap<VariableName, UAVariable>, value: AllOpeningValue | undefined): void {
    const at = new Date(value?.at ?? Date.now());
    for (const [name, shown] of valuesOf(value)) {
      variables.get(name)?.setValueFromSource(shown, StatusCodes.Good, at);
    }
  }
}

function valuesOf(value: AllOpeningValue | undefined): readonly (readonly [VariableName, VariantOptions])[] {
  const { compartments = 0, opened = 0, failed = [], began, ended } = value ?? {};
  const time = (at: number | undefined): VariantOptions => ({
    dataType: DataType.DateTime,
    value: at === undefined ? getMinOPCUADate() : new Date(at),
  });
  const count = (many: number): VariantOptions => ({ dataType: DataType.UInt16, value: many });
  return [
    ['Compartments', count(compartments)],
    ['Opened', count(opened)],
    ['Failed', count(failed.length)],
    [
      'FailedCompartments',
      {
        dataType: DataType.UInt16,
        arrayType: VariantArrayType.Array,
        value: Uint16Array.from(failed, ({ compartment }) => compartment),
      },
    ],
    [
      'FailureCodes',
      {
        dataType: DataType.String,
        arrayType: VariantArrayType.Array,
        value: failed.map(({ code }) => code),
      },
    ],
    ['StartTime', time(began)],
    ['EndTime', time(ended)],
    // Last, so that whoever waits for the end finds all of it.
    ['Running', { dataType: DataType.Boolean, value: value !== undefined && ended === undefined }],
  ];
}
