/** Which events people are told of, how urgent they are, and in which words. Pure. */
import type { FaultReason } from '../../domain/cabinet/events.ts';
import { LANGUAGES, type Language, type LocalizedText } from '../../domain/texts/texts.ts';
import type { CabinetChange, SiteView } from '../../gateway/api.ts';
import { type EventTable, lookUp } from '../event-types.ts';
import en from './texts/en.json' with { type: 'json' };
import it from './texts/it.json' with { type: 'json' };
import pl from './texts/pl.json' with { type: 'json' };

/** `alarm`: somebody has to come now. `warning`: somebody has to see to it. `information`: it is over, or good to know. */
export type Severity = 'alarm' | 'warning' | 'information';

/** Everything that people are told of. `duress` is silent: no panel shows it. */
export const NOTICES = {
  duress: 'alarm',
  'door-forced': 'alarm',
  'door-found-open': 'alarm',
  'door-left-open': 'warning',
  'out-of-order': 'alarm',
  'unlock-failed': 'warning',
  'board-lost': 'alarm',
  'board-found': 'information',
  'too-many-attempts': 'warning',
  'deposit-abandoned': 'warning',
  'deposit-overdue': 'warning',
  'mail-refused': 'warning',
  'item-overdue': 'warning',
  'item-missing': 'warning',
  'wrong-item': 'warning',
  'fault-reported': 'warning',
  'mode-changed': 'information',
} as const satisfies Readonly<Record<string, Severity>>;
export type NoticeCode = keyof typeof NOTICES;
export const NOTICE_CODES = Object.keys(NOTICES) as readonly NoticeCode[];

/** The words of one language: for how urgent it is, a sentence for each notice, and what people may say is wrong with a compartment. */
interface NoticeTexts {
  readonly severities: Readonly<Record<Severity, string>>;
  readonly notices: Readonly<Record<NoticeCode, string>>;
  readonly faults: Readonly<Record<FaultReason, string>>;
}

/** By language; the compiler refuses a language that lacks a sentence. */
export const NOTICE_TEXTS: Readonly<Record<Language, NoticeTexts>> = { en, pl, it };

/** A message ready for people. It names places, never persons, and holds nothing that opens anything. */
export interface NoticePayload {
  readonly code: NoticeCode;
  readonly severity: Severity;
  /** The sentence in every language. */
  readonly text: LocalizedText;
  /** Id of the cabinet. */
  readonly cabinet: string;
  readonly compartment?: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** Number of the event in the cabinet's stream, where whoever may can look up the rest. */
  readonly seq: number;
}

/** What people are told after an event, or undefined where they are told nothing. */
export function noticePayload(
  { event, cabinet }: CabinetChange,
  site: Pick<SiteView, 'cabinets'>,
): NoticePayload | undefined {
  const underThreat = 'duress' in event.data && event.data.duress === true;
  const code = underThreat ? 'duress' : lookUp(CODE_OF, event);
  if (!code) return undefined;
  const { id } = cabinet.setting;
  const data: { readonly compartment?: number; readonly fault?: FaultReason } = event.data as object;
  const { compartment, fault } = data;
  const name = site.cabinets.find((each) => each.id === id)?.name ?? id;
  return {
    code,
    severity: NOTICES[code],
    text: sentences(code, { ...data, cabinet: name }, fault),
    cabinet: id,
    ...(compartment !== undefined && { compartment }),
    at: Date.parse(event.at),
    seq: event.seq,
  };
}

/** By type of event, what people are told of it. */
const CODE_OF: EventTable<NoticeCode> = {
  'door-forced': ({ whileAway }) => (whileAway ? 'door-found-open' : 'door-forced'),
  'door-left-open': () => 'door-left-open',
  'board-lost': () => 'board-lost',
  'board-found': () => 'board-found',
  'deposit-abandoned': () => 'deposit-abandoned',
  'fault-reported': () => 'fault-reported',
  'mode-changed': () => 'mode-changed',
  'unlock-failed': ({ outOfOrder }) => (outOfOrder ? 'out-of-order' : 'unlock-failed'),
  'access-refused': ({ reason }) => (reason === 'too-many-attempts' ? reason : undefined),
  overdue: ({ deposit }) => (deposit === undefined ? 'item-overdue' : 'deposit-overdue'),
  'deposit-mail': ({ outcome }) => (outcome === 'refused' ? 'mail-refused' : undefined),
  'use-settled': ({ outcome }) =>
    outcome === 'item-missing' || outcome === 'wrong-item' ? outcome : undefined,
};

type Values = Readonly<Record<string, unknown>>;

function sentences(code: NoticeCode, values: Values, fault: FaultReason | undefined): LocalizedText {
  const filled = LANGUAGES.map((language) => {
    const { notices, faults } = NOTICE_TEXTS[language];
    const known: Values = { ...values, ...(fault && { fault: faults[fault] }) };
    const text = notices[code].replace(/\{(\w+)\}/g, (placeholder, name: string) => {
      const value = known[name];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : placeholder;
    });
    return [language, text] as const;
  });
  return Object.fromEntries(filled) as Record<Language, string>;
}
