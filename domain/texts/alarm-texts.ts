/** Alarms in words, in every language. */
import type { AlarmSource, AlarmValues } from '../alarms/alarm.ts';
import type { AlarmKind } from '../alarms/kinds.ts';
import type { AlarmRefusal, AlarmRefusalCode } from '../alarms/refusal.ts';
import en from './alarms/en.json' with { type: 'json' };
import it from './alarms/it.json' with { type: 'json' };
import pl from './alarms/pl.json' with { type: 'json' };
import { CASSETTE_TEXTS, type NameKind } from './cassette-texts.ts';
import { filled, type Language, type LocalizedText } from './texts.ts';

/** The words of one language about alarms. */
export interface AlarmTexts {
  readonly places: Readonly<Record<AlarmSource['source'], string>>;
  readonly alarms: Readonly<Record<AlarmKind, string>>;
  readonly refusals: Readonly<Record<AlarmRefusalCode, string>>;
}

export const ALARM_TEXTS: Readonly<Record<Language, AlarmTexts>> = { en, pl, it };

/** The values of alarms that are codes of cassettes, and what they are codes of. */
const CODED: Readonly<Record<string, NameKind>> = { cause: 'cause', sensor: 'sensor', command: 'command' };

/**
 * The sentence of an alarm: what it is about, and what is wrong there. It says so where somebody is being forced: where
 * its kind is silent, the sentence must not be shown near its source.
 */
export function alarmText(alarm: {
  readonly kind: AlarmKind;
  readonly source: AlarmSource;
  readonly values: AlarmValues;
}): LocalizedText {
  const { kind, source, values } = alarm;
  const { source: place, ...named } = source;
  return inEveryLanguage((language) => {
    const { places, alarms } = ALARM_TEXTS[language];
    return `${filled(places[place], named)}: ${filled(alarms[kind], wordsFor(values, language))}`;
  });
}

/** The sentence for a refusal. A placeholder without a value stays as it is, to be noticed. */
export function alarmRefusalText({ code, values }: AlarmRefusal): LocalizedText {
  return inEveryLanguage((language) => filled(ALARM_TEXTS[language].refusals[code], values));
}

/** Values with the names of codes in place of them; a code without a name stays as it is. */
function wordsFor(values: AlarmValues, language: Language): AlarmValues {
  const said = Object.entries(values).map(([name, value]) => {
    const kind = Object.hasOwn(CODED, name) ? CODED[name] : undefined;
    if (kind === undefined) return [name, value] as const;
    const names: Readonly<Record<string, string>> = CASSETTE_TEXTS[language].names[kind];
    return [name, Object.hasOwn(names, value) ? (names[value] ?? value) : value] as const;
  });
  return Object.fromEntries(said);
}

function inEveryLanguage(say: (language: Language) => string): LocalizedText {
  return { en: say('en'), pl: say('pl'), it: say('it') };
}
