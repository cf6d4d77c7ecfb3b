/** What kinds of alarms are about, in the classes of OPC 10000-9, 5.9, and the variables that they come from. */
import type { AlarmKind } from '../../domain/alarms/kinds.ts';
import type { ConditionClass } from './condition-words.ts';

const PROCESS = 'ProcessConditionClassType';
const MAINTENANCE = 'MaintenanceConditionClassType';
const SYSTEM = 'SystemConditionClassType';
const SAFETY = 'SafetyConditionClassType';

export const CLASS_OF: Readonly<Record<AlarmKind, ConditionClass>> = {
  'door-forced': SAFETY,
  'door-left-open': PROCESS,
  'lock-fault': MAINTENANCE,
  'board-lost': SYSTEM,
  'bus-lost': SYSTEM,
  overdue: PROCESS,
  'fault-reported': MAINTENANCE,
  'wrong-item': PROCESS,
  'item-missing': PROCESS,
  duress: SAFETY,
  'too-many-attempts': SAFETY,
  attack: SAFETY,
  stained: SAFETY,
  'firing-failed': SAFETY,
  'firing-interrupted': SAFETY,
  'pre-alarm': SAFETY,
  'gas-warning': SAFETY,
  'gas-critical': SAFETY,
  'sensor-active': SAFETY,
  'sensor-unsteady': MAINTENANCE,
  'grace-running-out': PROCESS,
  'key-refused': SAFETY,
  'key-overridden': SAFETY,
  'command-refused': PROCESS,
  'link-lost': SYSTEM,
  'frames-not-authentic': SAFETY,
  'frames-malformed': SYSTEM,
  'battery-low': MAINTENANCE,
  'battery-fault': MAINTENANCE,
  'ink-low': MAINTENANCE,
  'ink-fault': MAINTENANCE,
  'trigger-fault': MAINTENANCE,
  'stainer-fault': MAINTENANCE,
  'self-test-failed': MAINTENANCE,
  'service-overdue': PROCESS,
  'transport-overdue': PROCESS,
  'area-left': SAFETY,
  'configuration-locked': SYSTEM,
  'records-lost': SYSTEM,
};

/** By kind of alarm, the variable below its source that shows what raised it. */
export const INPUT_OF: Readonly<Partial<Record<AlarmKind, string>>> = {
  'door-forced': 'Door',
  'door-left-open': 'Door',
  'lock-fault': 'State',
  'link-lost': 'Linked',
  stained: 'State',
  attack: 'State',
};
