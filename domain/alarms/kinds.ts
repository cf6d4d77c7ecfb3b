/** The kinds of alarm as data: how urgent, and how one ends. */

/** As in OPC UA Part 9: 1 (least) to 1000 (most urgent). */
export type Severity = number;

export interface KindOfAlarm {
  readonly severity: Severity;
  /**
   * `sign`: a later event says that it is over. `acknowledgement`: it tells of something that happened, and is over when
   * somebody has seen it.
   */
  readonly endsBy: 'sign' | 'acknowledgement';
  /** Nothing near its source may show it: somebody is being forced. */
  readonly silent: boolean;
  /** Somebody has to say that its cause was seen to, and not only that they have seen it. */
  readonly confirmation: boolean;
}

/** What has come so far that its cause has to be seen to. */
const CONFIRMED_FROM: Severity = 900;

const kind = (endsBy: KindOfAlarm['endsBy'], severity: Severity, silent = false): KindOfAlarm => ({
  severity,
  endsBy,
  silent,
  confirmation: severity >= CONFIRMED_FROM,
});
const sign = (severity: Severity): KindOfAlarm => kind('sign', severity);
const seen = (severity: Severity): KindOfAlarm => kind('acknowledgement', severity);

export const ALARM_KINDS = {
  // Lockers
  'door-forced': sign(850),
  'door-left-open': sign(600),
  'lock-fault': sign(500),
  'board-lost': sign(700),
  'bus-lost': sign(700),
  overdue: sign(300),
  'fault-reported': seen(300),
  'wrong-item': seen(500),
  'item-missing': seen(600),
  // Everywhere
  duress: kind('acknowledgement', 1000, true),
  'too-many-attempts': seen(700),
  // Cassettes
  attack: sign(1000),
  stained: sign(1000),
  'firing-failed': seen(1000),
  'firing-interrupted': seen(1000),
  'pre-alarm': sign(900),
  'gas-warning': sign(800),
  'gas-critical': sign(950),
  'sensor-active': sign(500),
  'sensor-unsteady': seen(600),
  'grace-running-out': sign(700),
  'key-refused': seen(600),
  'key-overridden': seen(600),
  'command-refused': seen(400),
  'link-lost': sign(800),
  'frames-not-authentic': seen(900),
  'frames-malformed': seen(300),
  'battery-low': sign(400),
  'battery-fault': sign(800),
  'ink-low': sign(400),
  'ink-fault': sign(800),
  'trigger-fault': sign(800),
  'stainer-fault': sign(800),
  'self-test-failed': sign(700),
  'service-overdue': sign(600),
  'transport-overdue': sign(700),
  'area-left': sign(800),
  'configuration-locked': seen(300),
  'records-lost': seen(900),
} as const satisfies Readonly<Record<string, KindOfAlarm>>;

export type AlarmKind = keyof typeof ALARM_KINDS;
