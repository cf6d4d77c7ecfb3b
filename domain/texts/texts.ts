import type { Refusal, RefusalCode } from '../refusals.ts';
import type { PromptCode } from '../session/prompt.ts';
import en from './en.json' with { type: 'json' };
import it from './it.json' with { type: 'json' };
import pl from './pl.json' with { type: 'json' };
import promptsEn from './prompts/en.json' with { type: 'json' };
import promptsIt from './prompts/it.json' with { type: 'json' };
import promptsPl from './prompts/pl.json' with { type: 'json' };

/** The languages that people are served in. */
export const LANGUAGES = ['en', 'pl', 'it'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The same sentence in every language. */
export type LocalizedText = Readonly<Record<Language, string>>;

/** By language, the sentence for each code, with `{placeholders}` for the refusal's values. */
export const TEXTS: Readonly<Record<Language, Readonly<Record<RefusalCode, string>>>> = { en, pl, it };

/** The same for what panels ask and say. */
export const PROMPTS: Readonly<Record<Language, Readonly<Record<PromptCode, string>>>> = {
  en: promptsEn,
  pl: promptsPl,
  it: promptsIt,
};

/** A code of one of the tables, with the values that its sentence names. */
interface Sentence<Code extends string> {
  readonly code: Code;
  readonly values: Readonly<Record<string, string | number>>;
}

/** The sentence for a refusal in every language. A placeholder without a value stays as it is, to be noticed. */
export function textOf(refusal: Refusal): LocalizedText {
  return fill(TEXTS, refusal);
}

/** The sentence for a prompt or notice of a panel in every language. */
export function promptText(prompt: Sentence<PromptCode>): LocalizedText {
  return fill(PROMPTS, prompt);
}

function fill<Code extends string>(
  table: Readonly<Record<Language, Readonly<Record<Code, string>>>>,
  { code, values }: Sentence<Code>,
): LocalizedText {
  const sentence = (language: Language): string =>
    table[language][code].replace(/\{(\w+)\}/g, (placeholder, name: string) =>
      String(values[name] ?? placeholder),
    );
  return { en: sentence('en'), pl: sentence('pl'), it: sentence('it') };
}
