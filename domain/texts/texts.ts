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

const PLACEHOLDER = /\{(\w+)\}/g;

/** By language, the sentence for each code, with `{placeholders}` for the refusal's values. */
export const TEXTS: Readonly<Record<Language, Readonly<Record<RefusalCode, string>>>> = { en, pl, it };

/** The same for what panels ask and say. */
export const PROMPTS: Readonly<Record<Language, Readonly<Record<PromptCode, string>>>> = {
  en: promptsEn,
  pl: promptsPl,
  it: promptsIt,
};

/** Sentences that a cabinet has in place of the usual ones: by language, then by code of a refusal or prompt. */
export type OwnTexts = Readonly<
  Partial<Record<Language, Readonly<Partial<Record<RefusalCode | PromptCode, string>>>>>
>;

/** The names of the values that a sentence may hold; undefined where no sentence has that code. */
export function placeholdersOf(code: string): readonly string[] | undefined {
  const sentences: Readonly<Record<string, string>> = { ...TEXTS.en, ...PROMPTS.en };
  const sentence = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
  return sentence === undefined ? undefined : placeholdersIn(sentence);
}

/** The names that stand in braces in a sentence, each once. */
export function placeholdersIn(sentence: string): readonly string[] {
  return [...new Set(Array.from(sentence.matchAll(PLACEHOLDER), ([, name = '']) => name))];
}

/** A code of one of the tables, with the values that its sentence names. */
interface Sentence<Code extends string> {
  readonly code: Code;
  readonly values: Readonly<Record<string, string | number>>;
}

/**
 * The sentence for a refusal in every language: the cabinet's own one where it has one. A placeholder without a value
 * stays as it is, to be noticed.
 */
export function textOf(refusal: Refusal, own: OwnTexts = {}): LocalizedText {
  return fill(TEXTS, refusal, own);
}

/** The same for a prompt or notice of a panel. */
export function promptText(prompt: Sentence<PromptCode>, own: OwnTexts = {}): LocalizedText {
  return fill(PROMPTS, prompt, own);
}

function fill<Code extends RefusalCode | PromptCode>(
  table: Readonly<Record<Language, Readonly<Record<Code, string>>>>,
  { code, values }: Sentence<Code>,
  own: OwnTexts,
): LocalizedText {
  const sentence = (language: Language): string =>
    filled(own[language]?.[code] ?? table[language][code], values);
  return { en: sentence('en'), pl: sentence('pl'), it: sentence('it') };
}

/** A sentence with values in its placeholders; one without a value stays as it is, to be noticed. */
export function filled(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(PLACEHOLDER, (placeholder, name: string) => String(values[name] ?? placeholder));
}
