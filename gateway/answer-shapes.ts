/**
 * What may be answered at a panel, as JSON schemas: the panel API and the command line check answers against them.
 * Written in what JSON Schema draft-07 and 2020-12 (OpenAPI 3.1) have in common.
 */
import { FAULT_REASONS } from '../domain/cabinet/events.ts';
import { MOST_COMPARTMENTS } from '../domain/site.ts';
import type { PanelAnswer } from './api.ts';
import { SCAN_KINDS } from './credential-kinds.ts';

/** Name of an answer. */
type AnswerName = PanelAnswer['answer'];

/** An id of anything. */
export const ID = { type: 'string', minLength: 1, maxLength: 128 } as const;
/** The number of a compartment. */
export const COMPARTMENT = { type: 'integer', minimum: 1, maximum: MOST_COMPARTMENTS } as const;

/** The schema of an object that has these properties and no others. */
export function exactly(properties: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties,
  };
}

const answer = (name: AnswerName, properties: Readonly<Record<string, object>> = {}) =>
  exactly({ answer: { const: name }, ...properties });

/** The schema of each answer, by its name. */
export const ANSWERS: Readonly<Record<AnswerName, object>> = {
  presentation: answer('presentation', {
    presentation: { ...ID, description: 'A reference to what a reader read.' },
  }),
  scan: answer('scan', {
    scan: exactly({
      kind: { enum: SCAN_KINDS },
      value: { type: 'string', minLength: 1, maxLength: 256 },
    }),
  }),
  login: answer('login', {
    login: { type: 'string', minLength: 1, maxLength: 64 },
    password: { type: 'string', minLength: 1, maxLength: 256 },
  }),
  deposit: answer('deposit'),
  collect: answer('collect', {
    compartment: COMPARTMENT,
    pin: { type: 'string', pattern: '^[0-9]{1,16}$' },
  }),
  compartment: answer('compartment', { compartment: COMPARTMENT }),
  recipient: answer('recipient', { user: ID }),
  cancel: answer('cancel'),
  fault: answer('fault', { compartment: COMPARTMENT, fault: { enum: FAULT_REASONS } }),
};
