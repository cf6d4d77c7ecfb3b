/** The words of the statement of a staining, and how its times are written. */
import { filled, type Language } from '../../domain/texts/texts.ts';
import en from './words/en.json' with { type: 'json' };
import it from './words/it.json' with { type: 'json' };
import pl from './words/pl.json' with { type: 'json' };

export type Word = keyof typeof en;

export const WORDS: Readonly<Record<Language, Readonly<Record<Word, string>>>> = { en, pl, it };

/** How the days and hours of each language are written: the British way in English, as it is the one with 24 hours. */
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', pl: 'pl-PL', it: 'it-IT' };

/** A word or sentence of the statement with its values. */
export function word(
  language: Language,
  code: Word,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return filled(WORDS[language][code], values);
}

/** Writes times as people of a language at a place do. */
export interface TimeWriter {
  /** `14 March 2026`. */
  readonly date: (at: string) => string;
  /** `12:00:56`. */
  readonly time: (at: string) => string;
  /** `12:00:56.550`: to the millisecond. */
  readonly exact: (at: string) => string;
  /** `12:00`. */
  readonly minute: (at: string) => string;
  /** `14 March 2026, 12:00:56 (UTC+1)`. */
  readonly full: (at: string) => string;
}

/** @param timeZone IANA name; throws RangeError where there is none of it */
export function timeWriter(language: Language, timeZone: string): TimeWriter {
  const format = (options: Intl.DateTimeFormatOptions): ((at: string) => string) => {
    const formatter = new Intl.DateTimeFormat(LOCALES[language], { timeZone, ...options });
    return (at) => formatter.format(new Date(at));
  };
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const date = format({ day: 'numeric', month: 'long', year: 'numeric' });
  const time = format({ ...clock, second: '2-digit' });
  const offset = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' });
  const zone = (at: string): string => {
    const parts = offset.formatToParts(new Date(at));
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    return name.replace('GMT', 'UTC').replace('+00:00', '');
  };
  return {
    date,
    time,
    exact: format({ ...clock, second: '2-digit', fractionalSecondDigits: 3 }),
    minute: format(clock),
    full: (at) => `${date(at)}, ${time(at)} (${zone(at)})`,
  };
}

/** A name as it stands at the beginning of a line. */
export function large(name: string): string {
  const [first = '', ...rest] = name;
  return first.toUpperCase() + rest.join('');
}
