/** The two enumerations of compartments. Numbers are for ever: a value may be added at the end, never moved. */
import type { Namespace, UADataType } from 'node-opcua';
import type { DoorState } from '../domain/cabinet/door.ts';
import type { CompartmentStatus } from '../domain/cabinet/state.ts';

/** Number of each state of a compartment. */
export const STATE_NUMBERS: Readonly<Record<CompartmentStatus, number>> = {
  free: 0,
  occupied: 1,
  opening: 2,
  blocked: 3,
  'out-of-order': 4,
  'not-answering': 5,
};

/** Number of each state of a door. */
export const DOOR_NUMBERS: Readonly<Record<DoorState, number>> = {
  unknown: 0,
  closed: 1,
  open: 2,
  'left-open': 3,
  forced: 4,
};

export interface Enumerations {
  readonly compartmentState: UADataType;
  readonly doorState: UADataType;
}

/** Adds the enumerations with their EnumStrings. */
export function addEnumerations(namespace: Namespace): Enumerations {
  return {
    compartmentState: namespace.addEnumerationType({
      browseName: 'CompartmentStateEnumeration',
      description:
        'What a compartment is ready for. A fault shows before a block, a block before an opening.',
      enumeration: inOrder(STATE_NUMBERS),
    }),
    doorState: namespace.addEnumerationType({
      browseName: 'DoorStateEnumeration',
      description: 'What the sensor of a door says. LeftOpen and Forced are open doors with an alarm.',
      enumeration: inOrder(DOOR_NUMBERS),
    }),
  };
}

/** The names of an enumeration in the order of their numbers, which start at 0 and have no gap. */
export function inOrder(numbers: Readonly<Record<string, number>>): string[] {
  return Object.entries(numbers)
    .sort(([, a], [, b]) => a - b)
    .map(([name]) => name);
}
