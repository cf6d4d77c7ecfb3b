/** The object of one compartment. There may be thousands: whatever they have alike is shared. */
import { DataType, type StatusCode, StatusCodes, type UAObject, type UAVariable } from 'node-opcua';
import type { CabinetId } from '../domain/site.ts';
import type { CompartmentValue } from './cabinet-value.ts';
import { DOOR_NUMBERS, STATE_NUMBERS } from './enumerations.ts';
import { addInstance, type Instance, shapeOf } from './instances.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';

export class CompartmentObject {
  readonly #instance: Instance;
  #shown: CompartmentValue | undefined;

  constructor(model: Model, folder: UAObject, cabinet: CabinetId, value: CompartmentValue) {
    const { permissions, types } = model;
    const type = types.type('CompartmentType');
    this.#instance = addInstance(model, {
      type,
      shape: shapeOf(type),
      under: { componentOf: folder },
      nodeId: nodeIds.compartment(cabinet, value.number),
      browseName: String(value.number),
      accessOf: ({ path }) => (path === 'Occupant' ? permissions.personal : undefined),
    });
    for (const name of ['State', 'Door'] as const) model.history.describeValues(this.#variable(name));
    this.show(value);
  }

  get node(): UAObject {
    return this.#instance.node;
  }

  /** What is shown. */
  get value(): CompartmentValue | undefined {
    return this.#shown;
  }

  /** Writes the values that differ from those shown, with the time of the event that led to them. */
  show(value: CompartmentValue): void {
    const before = this.#shown;
    this.#shown = value;
    const at = new Date(value.at);
    const write = (
      name: 'State' | 'Door' | 'OccupiedSince' | 'Occupant',
      dataType: DataType,
      shown: unknown,
      status: StatusCode = StatusCodes.Good,
    ): void => this.#variable(name).setValueFromSource({ dataType, value: shown }, status, at);
    if (before?.status !== value.status) write('State', DataType.Int32, STATE_NUMBERS[value.status]);
    const quality = doorQuality(value);
    if (!before || before.door !== value.door || doorQuality(before) !== quality) {
      write('Door', DataType.Int32, DOOR_NUMBERS[value.door], quality);
    }
    if (!before || before.occupiedSince !== value.occupiedSince) {
      const { occupiedSince } = value;
      write('OccupiedSince', DataType.DateTime, occupiedSince === undefined ? null : new Date(occupiedSince));
    }
    const occupant = value.holders.join(',');
    if (!before || before.holders.join(',') !== occupant) write('Occupant', DataType.String, occupant);
  }

  #variable(name: string): UAVariable {
    const variable = this.#instance.variables.get(name);
    if (!variable) throw new Error(`A compartment has no ${name}.`);
    return variable;
  }
}

/** How far the word of a door's sensor can be relied on. */
function doorQuality({ status, door }: CompartmentValue): StatusCode {
  if (status === 'not-answering') return StatusCodes.BadNoCommunication;
  // The board answers, and has not said anything of this door yet.
  return door === 'unknown' ? StatusCodes.UncertainInitialValue : StatusCodes.Good;
}
