/**
 * Words of the address space in the languages of clients. The library serves one name of a node, whatever the client
 * prefers: that is the English one, and it is put into the client's language on its way out.
 */
import { LocalizedText } from 'node-opcua';
import type { LocalizedText as Sentence } from '../domain/texts/texts.ts';

/** One object for each sentence: there may be thousands of nodes of the same name. */
const SHOWN = new WeakMap<Sentence, LocalizedText>();
const SENTENCES = new WeakMap<LocalizedText, Sentence>();

/** A sentence as nodes show it, in English: the same object each time, by which `sentenceOf` knows it. Not to be written to. */
export function shown(sentence: Sentence): LocalizedText {
  const known = SHOWN.get(sentence);
  if (known) return known;
  const made = english(sentence.en);
  SHOWN.set(sentence, made);
  SENTENCES.set(made, sentence);
  return made;
}

/** The sentence that is shown; undefined for words that are none of the model's. */
export function sentenceOf(text: LocalizedText): Sentence | undefined {
  return SENTENCES.get(text);
}

/** Words in English that are in no other language, such as names. */
export function english(text: string): LocalizedText {
  return new LocalizedText({ locale: 'en', text });
}

/** The words in the first language of the client that there is a text for, else in English. */
export function inLocaleOf(preferred: readonly string[], sentence: Sentence): LocalizedText {
  const language = languageOf(preferred);
  return new LocalizedText({ locale: language, text: sentence[language] });
}

/** The first language of the client that Sezam speaks, else English. */
export function languageOf(preferred: readonly string[]): 'en' | 'pl' | 'it' {
  for (const locale of preferred) {
    const language = locale.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'pl' || language === 'it') return language;
  }
  return 'en';
}
