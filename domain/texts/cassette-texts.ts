/** What happens to a cassette, in words, in every language. No text here ever holds the ROM of a key. */
import type { CassetteEvent, TimersLeft } from '../cassette/events.ts';
import type { Sensor } from '../cassette/readings.ts';
import type { CassetteRefusal, CassetteRefusalCode } from '../cassette/refusal.ts';
import { isLive } from '../cassette/rules.ts';
import { isRom, labelOf } from '../one-wire.ts';
import type { Milliseconds } from '../site.ts';
import en from './cassettes/en.json' with { type: 'json' };
import it from './cassettes/it.json' with { type: 'json' };
import pl from './cassettes/pl.json' with { type: 'json' };
import { filled, LANGUAGES, type Language, type LocalizedText } from './texts.ts';

/** The sentences that an event may have: its type, and after a slash what sets one apart from the others of that type. */
type EventSentence = keyof typeof en.events;

/** What has names, e.g. `phase` or `sensor`. */
export type NameKind = keyof typeof en.names;
/** The codes of a kind. */
export type NameCode<Kind extends NameKind> = keyof (typeof en.names)[Kind] & string;

/** The words of one language about cassettes. */
export interface CassetteTexts {
  readonly refusals: Readonly<Record<CassetteRefusalCode, string>>;
  readonly events: Readonly<Record<EventSentence, string>>;
  readonly names: { readonly [Kind in NameKind]: Readonly<Record<NameCode<Kind>, string>> };
}

export const CASSETTE_TEXTS: Readonly<Record<Language, CassetteTexts>> = { en, pl, it };

type Values = Readonly<Record<string, string | number>>;

/** The name of a code, lower case, as it stands within a sentence. */
export function nameOf<Kind extends NameKind>(kind: Kind, code: NameCode<Kind>): LocalizedText {
  return inEveryLanguage((language) => named(language, kind, code));
}

/** The sentence for a refusal. A placeholder without a value stays as it is, to be noticed. */
export function cassetteRefusalText(refusal: CassetteRefusal): LocalizedText {
  return inEveryLanguage((language) => refusalIn(language, refusal));
}

/**
 * The sentence for what happened. It says so where a key was used under duress: where an alarm is silent, its sentence
 * must not be shown at the cassette.
 */
export function cassetteEventText(event: CassetteEvent): LocalizedText {
  return inEveryLanguage((language) => {
    const [sentence, values] = sentenceFor(event, wordsIn(language));
    return withoutRoms(begunLarge(filled(CASSETTE_TEXTS[language].events[sentence], values), language));
  });
}

/**
 * A length of time as people say it, the same in every language: `4 min 30 s`, `2 h`. Parts of a second count as a
 * whole one; below one second it is `250 ms`.
 */
export function durationText(lasts: Milliseconds): string {
  if (lasts > 0 && lasts < 1_000) return `${Math.round(lasts)} ms`;
  const seconds = Math.ceil(lasts / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return said.length === 0 ? '0 s' : said.join(' ');
}

/** A measured value of a sensor with its unit, e.g. `23 °C`; blows are told in g, as many people know them. */
export function measureText(sensor: Sensor, value: number, language: Language): string {
  const amount = sensor === 'shock' ? value / 1_000 : value;
  const said = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(amount);
  const unit = named(language, 'unit', sensor);
  return unit.startsWith('°') && unit.length === 1 ? `${said}${unit}` : `${said} ${unit}`;
}

function inEveryLanguage(say: (language: Language) => string): LocalizedText {
  const [english, polish, italian] = LANGUAGES.map(say) as [string, string, string];
  return { en: english, pl: polish, it: italian };
}

/** The words of one language, for the sentences of events. */
interface Words {
  readonly language: Language;
  /** The name of a code; the code itself where it has none, as in events of another version. */
  readonly name: (kind: NameKind, code: string) => string;
  readonly refusal: (refusal: CassetteRefusal) => string;
}

function wordsIn(language: Language): Words {
  return {
    language,
    name: (kind, code) => named(language, kind, code),
    refusal: (refusal) => refusalIn(language, refusal),
  };
}

function named(language: Language, kind: NameKind, code: string): string {
  const names: Readonly<Record<string, string>> = CASSETTE_TEXTS[language].names[kind];
  return Object.hasOwn(names, code) ? (names[code] ?? code) : code;
}

/** The values of refusals that are codes, and what they are codes of. */
const CODED: Readonly<Record<string, NameKind>> = { phase: 'phase', sensor: 'sensor', state: 'part-state' };

function refusalIn(language: Language, { code, values }: CassetteRefusal): string {
  const said = Object.entries(values).map(([name, value]) => {
    const kind = Object.hasOwn(CODED, name) ? CODED[name] : undefined;
    return [name, kind ? named(language, kind, String(value)) : value] as const;
  });
  return filled(CASSETTE_TEXTS[language].refusals[code], Object.fromEntries(said));
}

/** Which sentence an event has, and the values in it. */
function sentenceFor(event: CassetteEvent, words: Words): readonly [EventSentence, Values] {
  const { language, name, refusal } = words;
  const phase = (code: string): string => name('phase', code);
  switch (event.type) {
    case 'cassette-configured':
      return [event.type, { mode: name('mode', event.data.setting.mode) }];
    case 'configuration-locked':
      return [event.type, { phase: phase(event.data.phase) }];
    case 'cassette-restarted': {
      const { interrupted } = event.data;
      const values = { phase: phase(event.data.phase) };
      if (interrupted === undefined) return [event.type, values];
      return ['cassette-restarted/interrupted', { ...values, cause: name('cause', interrupted) }];
    }
    case 'key-used': {
      const values = { ...keyValues(event.data, words), ...changeValues(event.data, words) };
      return [event.data.duress ? 'key-used/duress' : event.type, values];
    }
    case 'key-refused': {
      const { key, reader, duress } = event.data;
      const why = refusal(event.data.refusal);
      if (key === undefined) return ['key-refused/unknown', { reader, refusal: why }];
      const values = { ...keyValues(event.data, words), refusal: why };
      return [duress ? 'key-refused/duress' : event.type, values];
    }
    case 'second-factor-awaited': {
      const values = { ...keyValues(event.data, words), within: durationText(event.data.within) };
      return [event.data.duress ? 'second-factor-awaited/duress' : event.type, values];
    }
    case 'key-overridden':
      return [event.type, { ...changeValues(event.data, words), reason: reasonIn(event.data) }];
    case 'armed-by-insertion':
      return [event.type, changeValues(event.data, words)];
    case 'service-entered': {
      const values = { ...changeValues(event.data, words), reason: reasonIn(event.data) };
      return [event.data.second ? 'service-entered/two-persons' : event.type, values];
    }
    case 'service-finished': {
      const { by, loaded } = event.data;
      const inTime = loaded ? event.type : 'service-finished/not-loaded';
      return [by === 'time' ? 'service-finished/time' : inTime, changeValues(event.data, words)];
    }
    case 'test-begun':
    case 'self-test-asked':
      return [event.type, { reason: reasonIn(event.data) }];
    case 'sensor-proved':
    case 'pre-alarm-ended':
      return [event.type, { sensor: name('sensor', event.data.sensor) }];
    case 'test-ended': {
      const proved = event.data.proved.map((sensor) => name('sensor', sensor)).join(', ');
      const values = { proved: proved === '' ? name('word', 'none') : proved };
      return [event.data.by === 'time' ? 'test-ended/time' : event.type, values];
    }
    case 'sensor-changed':
      return sensorSentence(event.data, words);
    case 'gas-level-changed': {
      const { level, value } = event.data;
      return [event.type, { level: name('gas-level', level), measure: measureText('gas', value, language) }];
    }
    case 'sensor-unsteady': {
      const { sensor, changes } = event.data;
      return [event.type, { sensor: name('sensor', sensor), changes }];
    }
    case 'pre-alarm-begun': {
      const { sensor, lasts } = event.data;
      return [event.type, { sensor: name('sensor', sensor), lasts: durationText(lasts) }];
    }
    case 'attack-confirmed':
      return [event.type, { cause: name('cause', event.data.cause), phase: phase(event.data.phase) }];
    case 'firing-failed': {
      const { step, reason, failures } = event.data;
      return [`firing-failed/${step}`, { reason: name('firing-reason', reason), failures }];
    }
    case 'stained':
      return [event.type, { ...changeValues(event.data, words), cause: name('cause', event.data.cause) }];
    case 'grace-warning':
    case 'grace-extended':
      return [event.type, { left: durationText(event.data.left) }];
    case 'time-checkpoint':
      return [event.type, { timers: timersIn(event.data.timers, words) }];
    case 'part-changed': {
      const { part, state } = event.data;
      if (part === 'machine') return [`part-changed/${state}`, {}];
      return [event.type, { part: name('part', part), state: name('part-state', state) }];
    }
    case 'frames-rejected': {
      const { count, reason } = event.data;
      return [event.type, { count, reason: name('frame-fault', reason) }];
    }
    case 'area-left':
    case 'area-entered':
      return [event.type, { source: event.data.source }];
    case 'service-overdue':
      return [event.type, { refusal: refusal(event.data.refusal) }];
    case 'duress-told':
      return [event.type, { command: name('command', event.data.command) }];
    case 'command-refused': {
      const { command } = event.data;
      return [event.type, { command: name('command', command), refusal: refusal(event.data.refusal) }];
    }
    case 'incident-sealed': {
      const { incident, fromSeq, toSeq } = event.data;
      return [event.type, { incident, fromSeq, toSeq }];
    }
    case 'records-lost':
      return [event.type, { count: event.data.count }];
    case 'grace-deferred':
    case 'transport-overdue':
    case 'link-lost':
    case 'link-restored':
      return [event.type, {}];
  }
}

function sensorSentence(
  { sensor, active, value, liveness }: Extract<CassetteEvent, { readonly type: 'sensor-changed' }>['data'],
  { language, name }: Words,
): readonly [EventSentence, Values] {
  const measure = value === undefined ? '' : ` (${measureText(sensor, value, language)})`;
  const values = { sensor: name('sensor', sensor), measure };
  if (!active) return ['sensor-changed/inactive', values];
  return [isLive(liveness) ? 'sensor-changed/live' : 'sensor-changed/active', values];
}

function keyValues(
  { key, role, reader }: { readonly key?: string; readonly role?: string; readonly reader: string },
  { name }: Words,
): Values {
  const unknown = name('word', 'not-known');
  return { key: key ?? unknown, role: role === undefined ? unknown : name('role', role), reader };
}

function changeValues(
  { from, to }: { readonly from: string; readonly to: string },
  { name }: Words,
): { readonly from: string; readonly to: string } {
  return { from: name('phase', from), to: name('phase', to) };
}

/** A reason without the full stop that the sentence has anyway. */
function reasonIn({ reason }: { readonly reason: string }): string {
  return reason.trim().replace(/\.+$/, '');
}

function timersIn(timers: TimersLeft, { name }: Words): string {
  const said = Object.entries(timers).map(
    ([timer, left]) => `${name('timer', timer)} ${durationText(left ?? 0)}`,
  );
  return said.length === 0 ? name('word', 'none') : said.join(', ');
}

function begunLarge(sentence: string, language: Language): string {
  const [first = '', ...rest] = sentence;
  return first.toLocaleUpperCase(language) + rest.join('');
}

/** Sixteen hex digits that stand alone. */
const SIXTEEN = /(?<![0-9A-Fa-f])[0-9A-Fa-f]{16}(?![0-9A-Fa-f])/g;

/** Takes out the number of a key that somebody typed: into a reason, or as the id of something. */
function withoutRoms(text: string): string {
  return text.replace(SIXTEEN, (digits) => (fitsRom(digits) || fitsRom(labelOf(digits)) ? '…' : digits));
}

function fitsRom(digits: string): boolean {
  return isRom(Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
}
