/** Arguments that all methods of the site have. */
import { LONGEST_REASON } from '../command-results.ts';
import { type ArgumentDesign, words } from './design.ts';

export const REASON: ArgumentDesign = {
  name: 'Reason',
  type: 'ua:String',
  description: words(
    `Why, in words for the event log; 1 to ${LONGEST_REASON} characters.`,
    `Dlaczego, słowami do dziennika zdarzeń; od 1 do ${LONGEST_REASON} znaków.`,
    `Perché, con parole per il registro degli eventi; da 1 a ${LONGEST_REASON} caratteri.`,
  ),
};

/** What every method of the site answers. */
export const RESULT: readonly ArgumentDesign[] = [
  {
    name: 'Result',
    type: 'ua:String',
    description: words(
      '"ok", or the code of the refusal.',
      '„ok” albo kod odmowy.',
      '«ok», oppure il codice del rifiuto.',
    ),
  },
  {
    name: 'Text',
    type: 'ua:LocalizedText',
    description: words(
      'The result in words, in a language of the session.',
      'Wynik słowami, w języku sesji.',
      'Il risultato in parole, in una lingua della sessione.',
    ),
  },
];
