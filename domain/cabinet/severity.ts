/** How urgent each event of a cabinet is to whoever reads its log. */
import type { CabinetEvent, CabinetEventType } from './events.ts';

/** As in OPC UA: 1 (least) to 1000 (most urgent). */
const SEVERITIES: Readonly<Record<CabinetEventType, number>> = {
  'cabinet-configured': 100,
  'mode-changed': 400,
  'access-refused': 200,
  'compartment-granted': 100,
  'grant-lapsed': 150,
  'unlock-failed': 500,
  'doors-found': 50,
  'door-opened': 50,
  'door-closed': 50,
  'door-forced': 850,
  'door-left-open': 600,
  'compartment-assigned': 100,
  'compartment-released': 200,
  'compartment-blocked': 300,
  'compartment-unblocked': 200,
  'compartment-returned-to-service': 200,
  'code-assigned': 100,
  'session-started': 50,
  'session-moved': 50,
  'session-ended': 50,
  'deposit-stored': 100,
  'deposit-abandoned': 300,
  'deposit-mail': 100,
  'compartment-stocked': 100,
  'compartment-emptied': 100,
  'item-placed': 100,
  'item-removed': 100,
  'use-settled': 100,
  overdue: 300,
  'fault-reported': 300,
  'board-lost': 700,
  'board-found': 200,
};

/** Somebody is being forced. */
const DURESS = 1000;
/** Somebody guesses. */
const GUESSING = 700;

/** The severity of an event; what was asked for under threat is the most urgent of all, whatever came of it. */
export function severityOf({ type, data }: CabinetEvent): number {
  if ('duress' in data && data.duress === true) return DURESS;
  if (type === 'access-refused' && data.reason === 'too-many-attempts') return GUESSING;
  if (type === 'use-settled' && (data.outcome === 'wrong-item' || data.outcome === 'item-missing')) {
    return SEVERITIES['unlock-failed'];
  }
  return SEVERITIES[type];
}
