/** Why something cannot be done to an alarm. Codes are stable. */
export const ALARM_REFUSAL_CODES = [
  'alarm-unknown',
  'occurrence-unknown',
  'already-acknowledged',
  'already-confirmed',
  'not-acknowledged',
  'already-shelved',
  'not-shelved',
  'shelving-too-long',
  'already-so',
  'comment-missing',
  'not-permitted',
  'alarms-busy',
  'not-stored',
  'alarms-not-running',
] as const;
export type AlarmRefusalCode = (typeof ALARM_REFUSAL_CODES)[number];

export interface AlarmRefusal {
  readonly code: AlarmRefusalCode;
  readonly values: Readonly<Record<string, string | number>>;
}

export function alarmRefusal(code: AlarmRefusalCode, values: AlarmRefusal['values'] = {}): AlarmRefusal {
  return { code, values };
}
