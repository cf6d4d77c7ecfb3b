/**
 * Why somebody who identified, or tried to, gets nothing. Codes are stable: they stand in the event log, in
 * messages and in OPC UA results. The words for people are in `texts/`, in English, Polish and Italian.
 */
export const REFUSAL_CODES = [
  'unknown-credential',
  'credential-blocked',
  'user-blocked',
  'too-many-attempts',
  'two-cards',
  'identification-expired',
  'grant-expired',
  'wrong-reader',
  'no-right-to-cabinet',
  'no-compartment-assigned',
  'no-group-given',
  'no-free-compartment',
  'compartment-unknown',
  'compartment-blocked',
  'compartment-out-of-order',
  'compartment-in-use',
  'compartment-not-answering',
  'cabinet-not-answering',
  'compartment-assigned-to-another',
  'compartment-free',
  'compartment-not-blocked',
  'compartment-in-service',
  'not-assignable',
  'already-assigned',
  'reason-required',
  'not-permitted',
  'lock-failed',
  'gateway-busy',
  'opening-all-already',
  'not-handled',
  'gateway-stopping',
  'store-unavailable',
  'cabinet-owned-elsewhere',
  'cabinet-unknown',
  'user-unknown',
  'not-valid-yet',
  'no-longer-valid',
  'outside-hours',
  'no-right-to-compartment',
  'wrong-code',
  'panel-needed',
  'panel-unknown',
  'panel-busy',
  'session-over',
  'answer-unexpected',
  'compartment-taken',
  'close-first',
  'wait-first',
  'second-person-same',
  'second-person-not-permitted',
  'no-item-here',
  'master-needed',
  'collect-with-code',
  'guests-only',
  'identification-needed',
  'pin-length',
  'code-malformed',
  'recipient-unknown',
  'recipient-without-email',
  'mail-refused',
  'mail-not-set-up',
  'compartment-occupied',
  'compartment-empty',
  'mode-unchanged',
  'schema-unknown',
  'cabinet-not-empty',
  'item-unknown',
  'link-over',
  'query-malformed',
  'query-too-slow',
  'query-unanswered',
  'too-many-queries',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A refusal: the code, and the values that its text names. */
export interface Refusal {
  readonly code: RefusalCode;
  /** Values for the placeholders of the text, e.g. `{compartment: 7}`. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** Makes a refusal. */
export function refusal(code: RefusalCode, values: Refusal['values'] = {}): Refusal {
  return { code, values };
}
