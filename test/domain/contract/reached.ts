import type { CabinetEventType } from '../../../domain/cabinet/events.ts';
import type { RefusalCode } from '../../../domain/refusals.ts';
import type { Schema } from '../../../domain/schemas/schema.ts';
import type { Purpose } from '../../../domain/session/session.ts';
import { SCHEMAS } from '../support/cabinet.ts';

/** Every type of event; that none is left out is checked by the compiler. */
const EVENTS: Readonly<Record<CabinetEventType, true>> = {
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

/** How each of them may end. */
const ENDS: readonly string[] = [
  ...['deposited', 'collected', 'ended', 'taken', 'returned', 'unsettled'].map(
    (outcome) => `door-closed ${outcome}`,
  ),
  ...[
    'taken',
    'returned',
    'nothing-taken',
    'nothing-returned',
    'wrong-item',
    'item-missing',
    'unchanged',
  ].map((outcome) => `use-settled ${outcome}`),
  'use-settled true',
  ...['door-open', 'no-code', 'no-recipient'].map((cause) => `deposit-abandoned ${cause}`),
  ...['sent', 'deferred', 'refused'].map((outcome) => `deposit-mail ${outcome}`),
  ...['expired', 'restart'].map((cause) => `grant-lapsed ${cause}`),
  ...['no-answer', 'door-did-not-open'].map((cause) => `unlock-failed ${cause}`),
  ...['cancelled', 'timed-out'].map((cause) => `session-ended ${cause}`),
];

/** What a schema opens for. */
function purposesOf({ once, lends, deposits }: Schema): readonly Purpose[] {
  if (once) return ['once'];
  if (lends) return ['take', 'return'];
  return deposits ? ['deposit', 'collect'] : ['own'];
}

/** Why the domain turns people away. The gateway's own reasons, and those of rights, have tests of their own. */
const REFUSALS: readonly RefusalCode[] = [
  'already-assigned',
  'answer-unexpected',
  'cabinet-not-answering',
  'cabinet-not-empty',
  'close-first',
  'collect-with-code',
  'compartment-assigned-to-another',
  'compartment-blocked',
  'compartment-empty',
  'compartment-free',
  'compartment-in-service',
  'compartment-in-use',
  'compartment-not-answering',
  'compartment-not-blocked',
  'compartment-occupied',
  'compartment-out-of-order',
  'compartment-taken',
  'guests-only',
  'identification-needed',
  'lock-failed',
  'mode-unchanged',
  'no-compartment-assigned',
  'no-free-compartment',
  'no-group-given',
  'no-item-here',
  'no-longer-valid',
  'no-right-to-compartment',
  'not-assignable',
  'panel-busy',
  'panel-needed',
  'reason-required',
  'second-person-not-permitted',
  'second-person-same',
  'session-over',
  'wait-first',
  'wrong-code',
];

/** All that the histories of a run have to reach, as `World` counts it. */
export const TO_BE_REACHED: readonly string[] = [
  ...Object.keys(EVENTS),
  ...ENDS,
  ...REFUSALS,
  ...Object.entries(SCHEMAS).flatMap(([number, schema]) =>
    ['service', ...purposesOf(schema)].map((purpose) => `${number} ${purpose}`),
  ),
];
