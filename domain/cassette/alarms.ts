/** Which events of a cassette call for somebody, and how urgently. */
import type { CassetteEvent, CassetteEventType } from './events.ts';

/** As in OPC UA: 1 (least) to 1000. 801 and more: at once. */
export type Severity = number;

export interface CassetteAlarm {
  readonly severity: Severity;
  /** Nothing at the cassette may show it: somebody is being forced. */
  readonly silent: boolean;
}

const SEVERITIES: Readonly<Partial<Record<CassetteEventType, Severity>>> = {
  stained: 1000,
  'attack-confirmed': 1000,
  'firing-failed': 1000,
  'pre-alarm-begun': 900,
  'grace-deferred': 850,
  'grace-warning': 700,
  'key-refused': 600,
  'key-overridden': 600,
  'command-refused': 400,
  'link-lost': 800,
  'sensor-unsteady': 600,
  'service-overdue': 600,
  'transport-overdue': 700,
  'area-left': 800,
  'configuration-locked': 300,
  'records-lost': 900,
};

const GAS_SEVERITIES = { none: undefined, warning: 800, critical: 950 } as const;

const DURESS: CassetteAlarm = { severity: 1000, silent: true };

/** The alarm that an event is; undefined where it is none. */
export function alarmOf(event: CassetteEvent): CassetteAlarm | undefined {
  if (isDuress(event)) return DURESS;
  const severity = severityOf(event);
  return severity === undefined ? undefined : { severity, silent: false };
}

/** Also where the key was refused, or waits: the call for help must not depend on what stands in its way. */
function isDuress(event: CassetteEvent): boolean {
  if (event.type === 'duress-told') return true;
  return 'duress' in event.data && event.data.duress === true;
}

function severityOf(event: CassetteEvent): Severity | undefined {
  if (event.type === 'cassette-restarted') return event.data.interrupted === undefined ? undefined : 1000;
  if (event.type === 'sensor-changed') return event.data.active ? 500 : undefined;
  if (event.type === 'gas-level-changed') return GAS_SEVERITIES[event.data.level];
  if (event.type === 'part-changed') return badPart(event.data.state);
  if (event.type === 'frames-rejected') return event.data.reason === 'malformed' ? 300 : 800;
  return SEVERITIES[event.type];
}

function badPart(state: string): Severity | undefined {
  if (state === 'fault' || state === 'failed') return 800;
  return state === 'low' ? 400 : undefined;
}
