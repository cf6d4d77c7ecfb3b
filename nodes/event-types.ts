import type { CabinetEventType } from '../domain/cabinet/events.ts';

/** Every type of event of a cabinet, once; the compiler refuses a type that is missing here. */
const LISTED: Readonly<Record<CabinetEventType, true>> = {
  'cabinet-configured': true,
  'access-refused': true,
  'compartment-granted': true,
  'grant-lapsed': true,
  'unlock-failed': true,
  'door-opened': true,
  'door-closed': true,
  'door-forced': true,
  'door-left-open': true,
  'compartment-assigned': true,
  'compartment-released': true,
  'compartment-blocked': true,
  'compartment-unblocked': true,
  'compartment-returned-to-service': true,
  'doors-found': true,
  'board-lost': true,
  'board-found': true,
};

/** The types that an event node can filter by. */
export const EVENT_TYPES = Object.keys(LISTED) as readonly CabinetEventType[];
