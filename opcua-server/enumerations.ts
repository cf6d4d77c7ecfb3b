/** The two enumerations of compartments. Numbers are for ever: a value may be added at the end, never moved. */
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
