/** The types of events that the log holds, and the fields that they have beyond BaseEventType. */
import type { UAObjectType } from 'node-opcua';
import type { Types } from '../types.ts';

/** The names of all fields beyond those of BaseEventType. */
export type OwnField = 'Type' | 'Sequence' | 'Actor' | 'User' | 'Data' | 'Compartment';

export interface EventTypes {
  readonly cabinetEvent: UAObjectType;
  readonly cassetteEvent: UAObjectType;
}

/** The types of events in the model. */
export function eventTypesIn(types: Types): EventTypes {
  return { cabinetEvent: types.type('CabinetEventType'), cassetteEvent: types.type('CassetteEventType') };
}
