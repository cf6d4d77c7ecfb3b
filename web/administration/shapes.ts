/**
 * The JSON schemas of the administration API: requests are checked against them, `docs/administration.openapi.json` is
 * made from them. Written in what JSON Schema draft-07 and 2020-12 (OpenAPI 3.1) have in common.
 */
import type { AlarmSource } from '../../domain/alarms/alarm.ts';
import { LONGEST_COMMENT } from '../../domain/alarms/decide.ts';
import type { AlarmCommand, AlarmEvent } from '../../domain/alarms/events.ts';
import { ALARM_KINDS } from '../../domain/alarms/kinds.ts';
import { ALARM_REFUSAL_CODES } from '../../domain/alarms/refusal.ts';
import type { Actor } from '../../domain/event.ts';
import { COMPARTMENT, exactly, ID } from '../../gateway/answer-shapes.ts';
import { FAILURE_CODES } from './texts.ts';

/** Alarms on a page: most, and where nothing is said. */
const LARGEST_PAGE = 500;
export const USUAL_PAGE = 100;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const TIME = { type: 'string', description: 'UTC, ISO 8601 with milliseconds.' } as const;
const VALUES = { type: 'object', additionalProperties: { type: ['string', 'number'] } } as const;
const SEVERITY = { type: 'integer', minimum: 1, maximum: 1000 } as const;
const NUMBER = {
  type: 'integer',
  minimum: 1,
  description: 'Number of an occurrence; the one of the moment where it is left out.',
} as const;
const COMMENT = { type: 'string', minLength: 1, maxLength: LONGEST_COMMENT } as const;
/** Longest id of an alarm: kind, source and part. */
const ALARM_ID = {
  type: 'string',
  minLength: 1,
  maxLength: 512,
  description: 'Kind and source, e.g. `door-forced@A/12`.',
} as const;

/** What an alarm is about; the compiler knows where one is missing. */
const SOURCES = Object.keys({
  compartment: true,
  cabinet: true,
  cassette: true,
  gateway: true,
} satisfies Readonly<Record<AlarmSource['source'], true>>);
const CHANGES = Object.keys({
  'alarm-raised': true,
  'alarm-over': true,
  'alarm-acknowledged': true,
  'alarm-confirmed': true,
  'alarm-commented': true,
  'alarm-shelved': true,
  'alarm-unshelved': true,
  'alarm-suppressed': true,
  'alarm-released': true,
  'alarm-taken-out': true,
  'alarm-put-back': true,
  'alarm-silenced': true,
  'alarm-enabled': true,
  'alarm-disabled': true,
} satisfies Readonly<Record<Exclude<AlarmEvent['type'], 'alarms-caught-up'>, true>>);
const ACTORS = Object.keys({
  user: true,
  reader: true,
  guest: true,
  administrator: true,
  gateway: true,
  machine: true,
} satisfies Readonly<Record<Actor['kind'], true>>);

/** The query of `GET /api/alarms`. */
export const ALARM_QUERY = exactly(
  {
    which: { enum: ['retained', 'all'], description: '`all`: those as well that were set apart.' },
    severity: { ...SEVERITY, description: 'The least severity.' },
    source: { enum: SOURCES, description: 'What they are about.' },
    cabinet: { ...ID, description: 'Id of a cabinet; its compartments count as well.' },
    cassette: { ...ID, description: 'Id of a cassette.' },
    limit: { type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: USUAL_PAGE },
    after: { type: 'string', minLength: 1, maxLength: 1_024, description: '`next` of the page before.' },
  },
  ['which', 'severity', 'source', 'cabinet', 'cassette', 'limit', 'after'],
);

const COMMENTED = exactly({ comment: COMMENT }, ['comment']);
const SEEN = exactly({ number: NUMBER, comment: COMMENT }, ['number', 'comment']);

/** The body of each command. */
export const COMMAND_BODIES: Readonly<Record<AlarmCommand['do'], object>> = {
  acknowledge: SEEN,
  confirm: SEEN,
  comment: exactly({ comment: COMMENT }),
  shelve: exactly({ minutes: { type: 'number', exclusiveMinimum: 0 }, comment: COMMENT }, ['comment']),
  'shelve-once': COMMENTED,
  unshelve: COMMENTED,
  silence: COMMENTED,
  suppress: COMMENTED,
  release: COMMENTED,
  'take-out': COMMENTED,
  'put-back': COMMENTED,
  enable: COMMENTED,
  disable: COMMENTED,
};

export const ACTOR = exactly({ kind: { enum: ACTORS }, id: TEXT });

export const OCCURRENCE = exactly(
  {
    number: { type: 'integer', minimum: 1 },
    since: TIME,
    ended: TIME,
    values: VALUES,
    acknowledged: FLAG,
    acknowledgedAt: TIME,
    confirmed: FLAG,
    confirmedAt: TIME,
  },
  ['ended', 'acknowledgedAt', 'confirmedAt'],
);

/** An alarm. */
export const ALARM = exactly(
  {
    id: ALARM_ID,
    kind: { enum: Object.keys(ALARM_KINDS) },
    source: exactly({ source: { enum: SOURCES }, cabinet: ID, compartment: COMPARTMENT, cassette: ID }, [
      'cabinet',
      'compartment',
      'cassette',
    ]),
    part: TEXT,
    text: { type: 'string', description: 'In the language of `Accept-Language`.' },
    severity: SEVERITY,
    silent: { ...FLAG, description: 'Nothing near its source may show it.' },
    retained: { ...FLAG, description: 'It goes on, or somebody has still to see to it.' },
    calls: { ...FLAG, description: 'Retained, and nobody has taken it out.' },
    current: OCCURRENCE,
    earlier: { type: 'array', items: OCCURRENCE },
    shelving: exactly({ shelved: { enum: ['until', 'once'] }, until: TIME }, ['until']),
    outOfService: FLAG,
    suppressed: FLAG,
    silenced: FLAG,
    enabled: FLAG,
    comment: exactly({ text: TEXT, actor: ACTOR, at: TIME }),
    revision: { type: 'integer', minimum: 1, description: 'Counts up with each change of it.' },
    changedAt: TIME,
  },
  ['part', 'shelving', 'comment'],
);

export const ALARM_PAGE = exactly(
  { alarms: { type: 'array', items: ALARM }, total: { type: 'integer' }, next: TEXT },
  ['next'],
);

/** What `changes` begins with: the whole book in parts. */
export const SNAPSHOT = exactly({
  sequence: { type: 'integer', description: 'Number of the last change that is in it.' },
  part: { type: 'integer', minimum: 1 },
  parts: { type: 'integer', minimum: 1 },
  alarms: { type: 'array', items: ALARM },
});

/** One change, with the alarm after it. */
export const CHANGE = exactly(
  {
    sequence: { type: 'integer', description: 'Counts up by one.' },
    change: { enum: CHANGES },
    at: TIME,
    actor: ACTOR,
    number: { type: 'integer' },
    alarm: ALARM,
  },
  ['number'],
);

const THUMBPRINT = {
  type: 'string',
  pattern: '^[0-9A-Fa-f]{40}$',
  description: 'SHA-1 of the certificate, as OPC UA tools show it.',
} as const;

/** A client application of the OPC UA server. */
export const CLIENT = exactly(
  {
    trust: { enum: ['trusted', 'rejected'] },
    thumbprint: THUMBPRINT,
    subject: TEXT,
    applicationUri: TEXT,
    validFrom: TIME,
    validUntil: TIME,
    seen: { ...TIME, description: 'When it was shown last, since the start of the server.' },
  },
  ['applicationUri', 'seen'],
);

/** The OPC UA server's own certificate. */
export const CERTIFICATE = exactly({
  thumbprint: THUMBPRINT,
  subject: TEXT,
  issuer: TEXT,
  applicationUri: TEXT,
  validFrom: TIME,
  validUntil: TIME,
});

/** Why something was not done. */
export const FAILED = exactly({
  code: { enum: [...new Set<string>([...FAILURE_CODES, ...ALARM_REFUSAL_CODES])] },
  values: VALUES,
  text: { type: 'string', description: 'In the language of `Accept-Language`.' },
});
