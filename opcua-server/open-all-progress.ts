/** How far the opening of every compartment is, as each cabinet shows it: `OpenAllProgress`. */
import {
  DataType,
  getMinOPCUADate,
  type INamespace,
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
  /** Where cabinets show it: the namespace, and the node id that those of the variables begin with. */
  readonly #places = new Map<CabinetId, { readonly namespace: INamespace; readonly id: string }>();
  /** What is told before there are nodes to show it. */
  readonly #told = new Map<CabinetId, AllOpeningValue>();

  /** Shows the progress of a cabinet at its object. */
  attach(object: UAObject, cabinet: CabinetId): void {
    const { addressSpace, nodeId } = object;
    const namespace = addressSpace.getNamespace(nodeId.namespace);
    this.#places.set(cabinet, { namespace, id: `s=${String(nodeId.value)}/${OPEN_ALL_PROGRESS.browse}` });
    this.#show(cabinet, this.#told.get(cabinet));
  }

  /** Shows how far it is now. */
  show(value: AllOpeningValue): void {
    this.#told.set(value.cabinet, value);
    this.#show(value.cabinet, value);
  }

  /** A cabinet may have been taken out of the site meanwhile: its nodes are looked for anew each time. */
  #show(cabinet: CabinetId, value: AllOpeningValue | undefined): void {
    const place = this.#places.get(cabinet);
    if (!place) return;
    const at = new Date(value?.at ?? Date.now());
    for (const [name, shown] of valuesOf(value)) {
      const variable = place.namespace.findNode(`${place.id}/${name}`) as UAVariable | null;
      variable?.setValueFromSource(shown, StatusCodes.Good, at);
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
