/**
 * Words of the address space in the languages of clients. The library serves one name of a node, whatever the client
 * prefers: that is the English one, and it is put into the client's language here on its way out.
 */
import { LocalizedText } from 'node-opcua';
import type { LocalizedText as Sentence } from '../domain/texts/texts.ts';

/** The words of the model by their English text: the same words mean the same everywhere in it. */
const WORDS = new Map<string, Sentence>();
/** One object for each text: there may be thousands of nodes of the same name. */
const ENGLISH = new Map<string, LocalizedText>();

/** Makes words of the model known. */
export function addWords(sentence: Sentence): void {
  WORDS.set(sentence.en, sentence);
}

/** Words in English, the same object each time: not to be written to. */
export function english(text: string): LocalizedText {
  const known = ENGLISH.get(text);
  if (known) return known;
  const made = new LocalizedText({ locale: 'en', text });
  ENGLISH.set(text, made);
  return made;
}

/** The words in the first language of the client that there is a text for, else in English. */
export function inLocaleOf(preferred: readonly string[], sentence: Sentence): LocalizedText {
  const language = languageOf(preferred);
  return new LocalizedText({ locale: language, text: sentence[language] });
}

/** The same for words of the model that are known by their English text; others stay as they are. */
export function translated(preferred: readonly string[], text: LocalizedText): LocalizedText {
  const sentence = WORDS.get(text.text ?? '');
  return sentence ? inLocaleOf(preferred, sentence) : text;
}

/** The first language of the client that Sezam speaks, else English. */
export function languageOf(preferred: readonly string[]): 'en' | 'pl' | 'it' {
  for (const locale of preferred) {
    const language = locale.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'pl' || language === 'it') return language;
  }
  return 'en';
}
