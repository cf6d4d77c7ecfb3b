import type { Refusal, RefusalCode } from '../refusals.ts';
import en from './en.json' with { type: 'json' };
import it from './it.json' with { type: 'json' };
import pl from './pl.json' with { type: 'json' };

/** The languages that people are served in. */
export const LANGUAGES = ['en', 'pl', 'it'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The same sentence in every language. */
export type LocalizedText = Readonly<Record<Language, string>>;

/** By language, the sentence for each code, with `{placeholders}` for the refusal's values. */
export const TEXTS: Readonly<Record<Language, Readonly<Record<RefusalCode, string>>>> = { en, pl, it };

/** The sentence for a refusal in every language. A placeholder without a value stays as it is, to be noticed. */
export function textOf({ code, values }: Refusal): LocalizedText {
  const fill = (language: Language): string =>
    TEXTS[language][code].replace(/\{(\w+)\}/g, (placeholder, name: string) =>
      String(values[name] ?? placeholder),
    );
  return { en: fill('en'), pl: fill('pl'), it: fill('it') };
}
