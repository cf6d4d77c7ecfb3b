import type { CabinetEvent, CabinetEvents, CabinetEventType } from '../domain/cabinet/events.ts';

/** Every type of event of a cabinet, once; the compiler refuses a type that is missing here. */
const LISTED: Readonly<Record<CabinetEventType, true>> = {
  'cabinet-configured': true,
  'mode-changed': true,
  'access-refused': true,
  'compartment-granted': true,
  'grant-lapsed': true,
  'unlock-failed': true,
  'doors-found': true,
  'door-opened': true,
  'door-closed': true,
  'door-forced': true,
  'door-left-open': true,
  'compartment-assigned': true,
  'compartment-released': true,
  'compartment-blocked': true,
  'compartment-unblocked': true,
  'compartment-returned-to-service': true,
  'code-assigned': true,
  'session-started': true,
  'session-moved': true,
  'session-ended': true,
  'deposit-stored': true,
  'deposit-abandoned': true,
  'deposit-mail': true,
  'compartment-stocked': true,
  'compartment-emptied': true,
  'item-placed': true,
  'item-removed': true,
  'use-settled': true,
  overdue: true,
  'fault-reported': true,
  'board-lost': true,
  'board-found': true,
};

/** The types that an event node can filter by. */
export const EVENT_TYPES = Object.keys(LISTED) as readonly CabinetEventType[];

/** What some types of events mean to a node; of types that are not in it, it knows nothing. */
export type EventTable<Meaning> = {
  readonly [Type in CabinetEventType]?: (data: CabinetEvents[Type]) => Meaning | undefined;
};

/** What an event means by a table. */
export function lookUp<Meaning>(table: EventTable<Meaning>, event: CabinetEvent): Meaning | undefined {
  // The entry of a type takes the data of that type, which the compiler does not follow through the union.
  const meaning = table[event.type] as ((data: CabinetEvent['data']) => Meaning | undefined) | undefined;
  return meaning?.(event.data);
}
