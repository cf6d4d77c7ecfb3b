/** The object of one compartment. There may be thousands: whatever they have alike is shared. */
import { DataType, type StatusCode, StatusCodes, type UAObject } from 'node-opcua';
import type { CabinetId } from '../domain/site.ts';
import type { CompartmentValue } from './cabinet-value.ts';
import { DOOR_NUMBERS, STATE_NUMBERS } from './enumerations.ts';
import { addInstance, shapeOf } from './instances.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';
import { qualityOf, ShownValue } from './shown-value.ts';

type VariableName = 'State' | 'Door' | 'OccupiedSince' | 'Occupant';

export class CompartmentObject {
  readonly node: UAObject;
  readonly #state: ShownValue;
  readonly #door: ShownValue;
  readonly #occupiedSince: ShownValue;
  readonly #occupant: ShownValue;
  #value: CompartmentValue;

  constructor(model: Model, folder: UAObject, cabinet: CabinetId, value: CompartmentValue, stale: boolean) {
    const { permissions, types, history } = model;
    const type = types.type('CompartmentType');
    const instance = addInstance(model, {
      type,
      shape: shapeOf(type),
      under: { componentOf: folder },
      nodeId: nodeIds.compartment(cabinet, value.number),
      browseName: String(value.number),
      accessOf: ({ path }) => (path === 'Occupant' ? permissions.personal : undefined),
    });
    const variable = (name: VariableName) => instance.variable(name);
    for (const name of ['State', 'Door'] as const) history.describeValues(variable(name));
    this.node = instance.node;
    this.#state = new ShownValue(variable('State'), DataType.Int32);
    this.#door = new ShownValue(variable('Door'), DataType.Int32);
    this.#occupiedSince = new ShownValue(variable('OccupiedSince'), DataType.DateTime);
    this.#occupant = new ShownValue(variable('Occupant'), DataType.String);
    this.#value = value;
    this.show(value, stale);
  }

  /** What is shown. */
  get value(): CompartmentValue {
    return this.#value;
  }

  /**
   * Writes what differs from what is shown, with the time of the event that led to it.
   * @param stale whether it may no longer be so
   */
  show(value: CompartmentValue, stale: boolean): void {
    this.#value = value;
    const { status, door, occupiedSince, holders, at } = value;
    const known = qualityOf(stale);
    this.#state.show(STATE_NUMBERS[status], at, known);
    this.#door.show(DOOR_NUMBERS[door], at, doorQuality(value) ?? known);
    this.#occupiedSince.show(occupiedSince === undefined ? null : new Date(occupiedSince), at, known);
    this.#occupant.show(holders.join(','), at, known);
  }
}

/** Why the word of a door's sensor cannot be relied on; undefined where it can. */
function doorQuality({ status, door }: CompartmentValue): StatusCode | undefined {
  if (status === 'not-answering') return StatusCodes.BadNoCommunication;
  // The board answers, and has not said anything of this door yet.
  return door === 'unknown' ? StatusCodes.UncertainInitialValue : undefined;
}
