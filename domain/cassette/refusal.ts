/** Why a key or a command does nothing. Codes are stable: they stand in the log, in messages and in OPC UA results. */
export const CASSETTE_REFUSAL_CODES = [
  'key-unknown',
  'key-revoked',
  'key-expired',
  'key-not-for-this-cassette',
  'key-wrong-checksum',
  'key-all-zero',
  'key-not-read',
  'key-contact-short',
  'key-too-soon',
  'two-keys',
  'key-has-no-effect-here',
  'not-the-same-key',
  'second-factor-missing',
  'not-loaded',
  'lid-open',
  'self-test-failed',
  'not-in-machine',
  'sensor-active',
  'no-link',
  'stainer-not-ready',
  'ink-not-ok',
  'trigger-not-ok',
  'battery-not-ok',
  'attack-under-way',
  'stained-already',
  'not-stained',
  'not-at-rest',
  'not-in-service',
  'not-in-test',
  'not-armed',
  'test-running',
  'nothing-to-confirm',
  'reason-missing',
  'second-person-missing',
  'second-person-same',
  'cassette-not-configured',
  'configuration-locked',
  'cassette-unknown',
  'cassettes-not-running',
  'not-permitted',
  'person-needed',
  'second-person-not-known',
  'presentation-expired',
  'not-a-key',
] as const;
export type CassetteRefusalCode = (typeof CASSETTE_REFUSAL_CODES)[number];

/** A refusal with the values that its sentence names. */
export interface CassetteRefusal {
  readonly code: CassetteRefusalCode;
  readonly values: Readonly<Record<string, string | number>>;
}

export function cassetteRefusal(
  code: CassetteRefusalCode,
  values: CassetteRefusal['values'] = {},
): CassetteRefusal {
  return { code, values };
}
